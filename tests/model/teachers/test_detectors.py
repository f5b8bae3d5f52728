"""What each kind of teacher takes and answers, made up here and real."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from model.errors import WeightsError
from model.network.boxes import pairwise_iou
from model.network.config import COCO_CLASS_NAMES
from model.teachers.detectors import DeimTeacher, YoloxTeacher, open_teacher
from tests.model.teachers.files import make_deim, make_yolox


def test_cells_of_yolox_become_boxes_in_pixels_of_the_picture(tmp_path: Path) -> None:
    # Row 9: cell (1, 1) of stride 8; row 64: cell (0, 0) of stride 16.
    teacher = open_teacher(
        make_yolox(tmp_path / "x.onnx", (9, "couch", 0.9), (64, "person", 0.3))
    )
    assert isinstance(teacher, YoloxTeacher)
    picture = np.zeros((64, 128, 3), np.uint8)  # shown at half its size
    boxes, scores, class_ids = teacher.find(picture, least_score=0.1)
    assert [COCO_CLASS_NAMES[k] for k in class_ids] == ["couch", "person"]
    np.testing.assert_allclose(scores, [0.9, 0.3], rtol=1e-6)
    np.testing.assert_allclose(boxes, [[0, 0, 32, 32], [0, 0, 32, 32]], atol=1e-4)
    assert len(teacher.find(picture, least_score=0.5)[0]) == 1


def test_deim_is_told_the_size_and_cut_at_the_edges(tmp_path: Path) -> None:
    path = make_deim(
        tmp_path / "d.onnx",
        ((0.25, 0.5, 0.5, 1.25), "dog", 0.9),
        ((0.0, 0.0, 1.0, 1.0), "cat", 0.2),
    )
    teacher = open_teacher(path)
    assert isinstance(teacher, DeimTeacher)
    picture = np.full((40, 80, 3), 255, np.uint8)
    boxes, scores, class_ids = teacher.find(picture, least_score=0.5)
    assert boxes.tolist() == [[20, 20, 40, 40]]
    np.testing.assert_allclose(scores, [0.9], rtol=1e-6)
    assert [COCO_CLASS_NAMES[k] for k in class_ids] == ["dog"]
    assert len(teacher.find(picture, least_score=0.95)[0]) == 0


def test_what_is_no_teacher_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="There is no teacher"):
        open_teacher(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(WeightsError, match="cannot be loaded"):
        open_teacher(tmp_path / "text.onnx")
    with pytest.raises(WeightsError, match="not a teacher that is known here"):
        open_teacher(make_yolox(tmp_path / "few.onnx", outputs=84))
    found = ((0.0, 0.0, 1.0, 1.0), "cat", 0.2)
    with pytest.raises(WeightsError, match="not a DEIMv2 of a fixed size"):
        open_teacher(make_deim(tmp_path / "any.onnx", found, side="S"))
    pytest.importorskip("ncnn")
    (tmp_path / "alone.param").write_text("7767517\n1 1\nInput data 0 1 data\n")
    with pytest.raises(WeightsError, match="cannot be loaded"):
        open_teacher(tmp_path / "alone.param")


@pytest.mark.parametrize(
    "file", ["yolox_nano.onnx", "deimv2_femto_coco.onnx", "nanodet-plus-m_416.param"]
)
def test_the_real_ones_find_what_is_there(shared_data: Path, file: str) -> None:
    """And where: VOC's own box of the dog of 000001.jpg is 48, 240 to 195, 371."""
    if file.endswith(".param"):
        pytest.importorskip("ncnn")
    teacher = open_teacher(shared_data / "weights" / file, threads=1)
    seen: set[str] = set()
    for path in sorted((shared_data / "voc2007_test_samples").glob("*.jpg")):
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        boxes, scores, class_ids = teacher.find(image, least_score=0.1)
        names = [COCO_CLASS_NAMES[k] for k in class_ids]
        seen |= {n for n, score in zip(names, scores, strict=True) if score > 0.5}
        if path.name == "000001.jpg":
            dog = np.array([[47.0, 239.0, 195.0, 371.0]])
            assert pairwise_iou(dog, boxes[[names.index("dog")]]).item() > 0.8
    assert {"person", "dog", "bus", "horse", "cat"} <= seen
