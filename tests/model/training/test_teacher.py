"""What model.training.teacher promises, with a made-up YOLOX and with the real one."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest

from model.errors import DatasetError, WeightsError
from model.network.config import COCO_CLASS_NAMES, VOC_CLASS_NAMES
from model.training.dataset import read_dataset
from model.training.teacher import YoloxTeacher, label

SIDE = 64  # cells: 8 x 8, 4 x 4, 2 x 2


def make_yolox(path: Path, *found: tuple[int, str, float], outputs: int = 85) -> Path:
    """Answers the same whatever it sees: (row, class name, score) each."""
    rows = np.zeros((1, 84, outputs), np.float32)
    for row, name, score in found:
        rows[0, row, 2:4] = np.log(2.0)  # two cells wide and high
        rows[0, row, 4] = 1.0
        rows[0, row, 5 + COCO_CLASS_NAMES.index(name)] = score
    nodes = [
        onnx.helper.make_node(
            "Constant", [], ["rows"], value=onnx.numpy_helper.from_array(rows)
        ),
        onnx.helper.make_node("ReduceMax", ["images"], ["most"], keepdims=0),
        onnx.helper.make_node("Sub", ["most", "most"], ["zero"]),
        onnx.helper.make_node("Add", ["rows", "zero"], ["output"]),
    ]

    def value(name: str, shape: list[int]) -> Any:  # noqa: ANN401
        return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)

    graph = onnx.helper.make_graph(
        nodes,
        "yolox",
        [value("images", [1, 3, SIDE, SIDE])],
        [value("output", [1, 84, outputs])],
    )
    opset = [onnx.helper.make_opsetid("", 13)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


@pytest.fixture
def teacher(tmp_path: Path) -> YoloxTeacher:
    # Row 9: cell (1, 1) of stride 8; row 64: cell (0, 0) of stride 16.
    path = make_yolox(tmp_path / "x.onnx", (9, "couch", 0.9), (64, "person", 0.3))
    return YoloxTeacher(path)


def test_cells_become_boxes_in_pixels_of_the_picture(teacher: YoloxTeacher) -> None:
    picture = np.zeros((64, 128, 3), np.uint8)  # shown at half its size
    boxes, scores, class_ids = teacher.find(picture, least_score=0.1)
    assert [COCO_CLASS_NAMES[k] for k in class_ids] == ["couch", "person"]
    np.testing.assert_allclose(scores, [0.9, 0.3], rtol=1e-6)
    np.testing.assert_allclose(boxes, [[0, 0, 32, 32], [0, 0, 32, 32]], atol=1e-4)
    assert len(teacher.find(picture, least_score=0.5)[0]) == 1


def write_photo(folder: Path, **image: Any) -> None:  # noqa: ANN401
    (folder / "images").mkdir(parents=True)
    cv2.imwrite(str(folder / "images" / "a.png"), np.zeros((64, 64, 3), np.uint8))
    truth = {
        "images": [{"id": 1, "file_name": "a.png", **image}],
        "annotations": [
            {"id": 5, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9]}
        ],
        "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "sofa"}],
    }
    (folder / "instances.json").write_text(json.dumps(truth))


def test_only_what_people_left_open_is_labelled(
    teacher: YoloxTeacher, tmp_path: Path
) -> None:
    write_photo(tmp_path / "set", exhaustive_class_names=["person"])
    out = tmp_path / "labelled.json"
    assert label(teacher, tmp_path / "set", out, (), least_score=0.1) == 1
    (photo,) = read_dataset([out]).photos
    assert photo.class_ids.tolist() == [0, 1]
    assert photo.scores.tolist() == [1.0, np.float32(0.9)]
    assert photo.is_known.all()
    assert photo.path.is_file()


def test_partial_labels_can_be_replaced(teacher: YoloxTeacher, tmp_path: Path) -> None:
    write_photo(tmp_path / "set", exhaustive_class_names=["person"])
    out = tmp_path / "labelled.json"
    found = label(
        teacher, tmp_path / "set", out, (), least_score=0.1, replace_partial=True
    )
    assert found == 2
    (photo,) = read_dataset([out]).photos
    assert photo.is_ignored.tolist() == [False, True]  # the person is unsure


def test_complete_labels_are_left_alone(teacher: YoloxTeacher, tmp_path: Path) -> None:
    write_photo(tmp_path / "set")
    out = tmp_path / "labelled.json"
    assert label(teacher, tmp_path / "set", out, (), least_score=0.1) == 0


def test_pictures_without_labels_are_labelled(
    teacher: YoloxTeacher, tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "b.png"), np.zeros((64, 64, 3), np.uint8))
    out = tmp_path / "out.json"
    assert label(teacher, tmp_path, out, VOC_CLASS_NAMES, least_score=0.1) == 2
    dataset = read_dataset([out])
    assert dataset.class_names == VOC_CLASS_NAMES
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DatasetError, match="no pictures"):
        label(teacher, empty, out, VOC_CLASS_NAMES, least_score=0.1)


def test_what_is_no_yolox_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be loaded"):
        YoloxTeacher(tmp_path / "none.onnx")
    with pytest.raises(WeightsError, match="not a YOLOX for COCO"):
        YoloxTeacher(make_yolox(tmp_path / "few.onnx", outputs=25 + 60 - 1))


def test_the_real_one_finds_the_dog(shared_data: Path) -> None:
    teacher = YoloxTeacher(shared_data / "weights" / "yolox_nano.onnx")
    seen: set[str] = set()
    for path in sorted((shared_data / "voc2007_test_samples").glob("*.jpg")):
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        _, _, class_ids = teacher.find(image, least_score=0.5)
        seen |= {COCO_CLASS_NAMES[k] for k in class_ids}
    assert {"person", "dog", "bus", "horse", "cat"} <= seen
