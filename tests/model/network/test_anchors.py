"""What model.network.anchors promises."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.network.anchors import make_anchors_cxcywh
from model.network.boxes import cxcywh_to_xyxy
from model.network.config import caffe_voc, tf_coco
from model.weights.tflite import read_constants

# Rows of the article's file, x1 y1 x2 y2, clipped.
ARTICLE_ROWS = (
    (0, 0, 0.12631579, 0.12631579),
    (0, 0, 0.16773715, 0.09702647),
    (0, 0, 0.09702647, 0.16773715),
    (0, 0, 0.17894737, 0.12631579),
)


@pytest.mark.parametrize("config", [caffe_voc(), tf_coco()], ids=["caffe", "tf"])
def test_there_are_1917_of_either_family(config) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    assert make_anchors_cxcywh(config).shape == (1917, 4)
    assert config.anchor_count == 1917


def test_the_first_by_hand() -> None:
    """Grid 19, size 60 / 300 = .2: centre .5 / 19, then ratios 2 and 1 / 2."""
    first = make_anchors_cxcywh(caffe_voc())[:4]
    half = 0.5 / 19
    assert first[0].tolist() == pytest.approx([half, half, 0.2, 0.2])
    assert first[1, 2:].tolist() == pytest.approx([0.2 * 2**0.5, 0.2 / 2**0.5])
    assert first[2, 2:].tolist() == pytest.approx([0.2 / 2**0.5, 0.2 * 2**0.5])
    # The next cell is one column to the right, not one row down.
    assert first[3].tolist() == pytest.approx([3 * half, half, 0.2, 0.2])


def test_clipped_they_start_as_the_articles() -> None:
    clipped = make_anchors_cxcywh(replace(caffe_voc(), clip_anchors=True))
    assert np.allclose(cxcywh_to_xyxy(clipped[:4]), ARTICLE_ROWS, atol=1e-6)


def test_all_agree_with_the_articles_file(shared_data: Path) -> None:
    theirs = np.load(shared_data / "article" / "prior_boxes_ssd300MobileNet.npy")
    ours = make_anchors_cxcywh(replace(caffe_voc(), clip_anchors=True))
    assert np.abs(cxcywh_to_xyxy(ours) - theirs[:, :4]).max() < 1e-6
    assert (theirs[:, 4:] == np.array(caffe_voc().variances, np.float32)).all()


def test_all_agree_with_the_tflite_files_own(tflite_path: Path) -> None:
    """The file keeps centre y, centre x, height, width in steps of .00645."""
    theirs = read_constants(tflite_path)["anchors"]
    ours = make_anchors_cxcywh(tf_coco())[:, [1, 0, 3, 2]]
    assert theirs.shape == (1917, 4)
    assert np.abs(ours - theirs).max() <= 0.00645306 / 2 + 1e-6
