"""Pictures get in as each kind wants them, and boxes find back."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detection.formats.class_names import COCO, COCO_BY_ID, VOC, names_in
from app.detection.formats.layout import Candidates, Fit, Layout, Outputs, shrunk
from model.network.config import (
    COCO_CLASS_IDS_AND_NAMES,
    COCO_CLASS_NAMES,
    VOC_CLASS_NAMES,
)


def none(_outputs: Outputs, _least: float) -> Candidates:
    raise AssertionError


# As the networks of most makers take pictures: planes, red first, 0 to 1, stretched.
PLAIN = Layout("", (), (8, 6), none)


# 4 wide, 2 high; blue, green and red differ, and so do left and right.
PICTURE = np.array([[[10, 20, 30]] * 2 + [[40, 50, 60]] * 2] * 2, np.uint8)


def test_stretched_pixels_stay_as_they_are() -> None:
    taken = replace(PLAIN, is_planes=False, dtype="uint8", is_rgb=False).prepare(
        PICTURE
    )
    assert taken.shape == (1, 6, 8, 3)
    assert taken.dtype == np.uint8
    assert taken[0, 3, 0].tolist() == [10, 20, 30]
    assert taken[0, 3, 7].tolist() == [40, 50, 60]


def test_the_noise_of_a_large_picture_is_averaged_away() -> None:
    """Linear alone reads 4 of each 49 pixels here, the half of them hardly."""
    rng = np.random.default_rng(0)
    noisy = np.clip(128 + rng.normal(0, 25, (1080, 1920, 3)), 0, 255).astype(np.uint8)
    plain = cv2.resize(noisy, (300, 300), interpolation=cv2.INTER_LINEAR)
    taken = shrunk(noisy, (300, 300))
    assert taken.std() < 0.6 * plain.std()  # of the mean of four: a half
    assert taken.mean() == pytest.approx(plain.mean(), abs=0.2)
    # A smaller one is taken as the networks were trained.
    small = noisy[:720, :1280]
    plain = cv2.resize(small, (300, 300), interpolation=cv2.INTER_LINEAR)
    assert (shrunk(small, (300, 300)) == plain).all()


def test_an_edge_of_a_large_picture_stays_where_it_is() -> None:
    image = np.zeros((900, 1200, 3), np.uint8)
    image[:, 600:] = 200
    taken = shrunk(image, (300, 300))
    assert taken[150, 149].max() == 0
    assert taken[150, 150].min() == 200


def test_planes_are_red_first_and_scaled() -> None:
    taken = PLAIN.prepare(PICTURE)
    assert taken.shape == (1, 3, 6, 8)
    assert taken.dtype == np.float32
    assert taken[0, :, 2, 0].tolist() == pytest.approx([30 / 255, 20 / 255, 10 / 255])
    assert taken.flags.c_contiguous


def test_in_the_corner_the_rest_is_grey() -> None:
    """Twice as large, 8 x 4: two rows are left below."""
    taken = replace(PLAIN, fit="corner", is_rgb=False, scale=1.0).prepare(PICTURE)
    assert taken[0, :, 3, 0].tolist() == [10, 20, 30]
    assert (taken[0, :, 4:] == 114).all()


def test_centred_the_rest_is_grey_on_both_sides() -> None:
    taken = replace(PLAIN, fit="centre", scale=1.0).prepare(PICTURE)
    assert (taken[0, :, [0, 5]] == 114).all()
    assert taken[0, :, 1, 7].tolist() == [60, 50, 40]


def test_without_a_batch_there_is_none() -> None:
    assert replace(PLAIN, has_batch=False).prepare(PICTURE).shape == (3, 6, 8)


@given(
    size_wh=st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    fit=st.sampled_from(["stretch", "corner", "centre"]),
)
def test_the_whole_picture_comes_back(size_wh: tuple[int, int], fit: Fit) -> None:
    """Where the picture lies in the input is the whole picture, to a pixel of each."""
    place = Layout("", (), (320, 256), none, fit=fit).place(size_wh)
    left, top = place.offset_xy
    inside_w, inside_h = place.inside_wh
    assert left + inside_w <= 320
    assert top + inside_h <= 256
    box = np.array([[left, top, left + inside_w, top + inside_h]], np.float32)
    tolerance = max(1 / scale for scale in place.scale_xy)
    assert place.back(box)[0] == pytest.approx([0, 0, *size_wh], abs=tolerance + 1e-2)


def test_class_names_are_those_of_the_model_room() -> None:
    assert (COCO, VOC) == (COCO_CLASS_NAMES, VOC_CLASS_NAMES)
    assert tuple(COCO_BY_ID.items()) == COCO_CLASS_IDS_AND_NAMES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{0: 'cat', 1: 'dog'}", ("cat", "dog")),
        ('["cat", "dog"]', ("cat", "dog")),
        ('{"0": "cat", "2": "dog"}', ("cat", "class 1", "dog")),
        ("__import__('os').system('true')", ()),
        ("{", ()),
        ("", ()),
        ("7", ()),
    ],
)
def test_names_are_read_as_data(text: str, expected: tuple[str, ...]) -> None:
    assert names_in({"names": text}) == expected
