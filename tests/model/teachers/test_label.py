"""What model.teachers.label promises, with made-up teachers."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from model.dataset.read import read_dataset
from model.errors import DatasetError
from model.network.config import VOC_CLASS_NAMES
from model.teachers.detectors import Teacher, open_teacher
from model.teachers.label import label
from tests.model.teachers.files import make_yolox


@pytest.fixture
def teacher(tmp_path: Path) -> Teacher:
    # Row 9: cell (1, 1) of stride 8; row 64: cell (0, 0) of stride 16.
    path = make_yolox(tmp_path / "x.onnx", (9, "couch", 0.9), (64, "person", 0.3))
    return open_teacher(path)


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
    teacher: Teacher, tmp_path: Path
) -> None:
    write_photo(tmp_path / "set", exhaustive_class_names=["person"])
    out = tmp_path / "labelled.json"
    assert label([teacher], tmp_path / "set", out, (), least_score=0.1) == 1
    (photo,) = read_dataset([out]).photos
    assert photo.class_ids.tolist() == [0, 1]
    assert photo.scores.tolist() == [1.0, np.float32(0.9)]
    assert photo.is_known.all()
    assert photo.path.is_file()


def test_partial_labels_can_be_replaced(teacher: Teacher, tmp_path: Path) -> None:
    write_photo(tmp_path / "set", exhaustive_class_names=["person"])
    out = tmp_path / "labelled.json"
    found = label(
        [teacher], tmp_path / "set", out, (), least_score=0.1, replace_partial=True
    )
    assert found == 2
    (photo,) = read_dataset([out]).photos
    assert photo.is_ignored.tolist() == [False, True]  # the person is unsure


def test_complete_labels_are_left_alone(teacher: Teacher, tmp_path: Path) -> None:
    write_photo(tmp_path / "set")
    out = tmp_path / "labelled.json"
    assert label([teacher], tmp_path / "set", out, (), least_score=0.1) == 0


def test_beside_peoples_boxes_is_labelled_what_overlaps_none(
    teacher: Teacher, tmp_path: Path
) -> None:
    """The teacher's sofa covers 8 to 16, its person lies at 0 to 16: IoU 0.32."""
    write_photo(tmp_path / "set")
    out = tmp_path / "labelled.json"

    def added() -> list[int]:
        label([teacher], tmp_path / "set", out, (), least_score=0.1, beside_people=True)
        labels = json.loads(out.read_text())["annotations"]
        return [a["category_id"] for a in labels if "score" in a]

    assert sorted(added()) == [1, 2]
    labels = json.loads((tmp_path / "set" / "instances.json").read_text())
    (sofa,) = (a for a in json.loads(out.read_text())["annotations"] if a["id"] == 6)
    labels["annotations"][0]["bbox"] = sofa["bbox"]  # a person there, people say
    (tmp_path / "set" / "instances.json").write_text(json.dumps(labels))
    assert 2 not in added()
    labels["annotations"][0]["iscrowd"] = 1  # a place to ignore says nothing
    (tmp_path / "set" / "instances.json").write_text(json.dumps(labels))
    assert 2 in added()


def test_pictures_without_labels_are_labelled(teacher: Teacher, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "b.png"), np.zeros((64, 64, 3), np.uint8))
    out = tmp_path / "out.json"
    assert label([teacher], tmp_path, out, VOC_CLASS_NAMES, least_score=0.1) == 2
    dataset = read_dataset([out])
    assert dataset.class_names == VOC_CLASS_NAMES
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DatasetError, match="no pictures"):
        label([teacher], empty, out, VOC_CLASS_NAMES, least_score=0.1)


def test_what_teachers_agree_on_is_surer_than_what_one_finds(tmp_path: Path) -> None:
    """A couch of 0.9 and 0.7 is one of 0.8; a person of 0.6 whom one sees, of 0.3."""
    both = [
        open_teacher(make_yolox(tmp_path / "a.onnx", (9, "couch", 0.9))),
        open_teacher(
            make_yolox(tmp_path / "b.onnx", (9, "couch", 0.7), (64, "person", 0.6))
        ),
    ]
    write_photo(tmp_path / "set", exhaustive_class_names=[])
    out = tmp_path / "labelled.json"
    assert label(both, tmp_path / "set", out, (), least_score=0.1) == 2
    truth = json.loads(out.read_text())
    told = {a["category_id"]: a["score"] for a in truth["annotations"] if "score" in a}
    assert told == {2: pytest.approx(0.8), 1: pytest.approx(0.3)}


def test_finds_follow_labels_made_on_a_bigger_copy(
    teacher: Teacher, tmp_path: Path
) -> None:
    """Labels for 128 x 128, the photo is 64 x 64: the couch of 16 pixels is 32."""
    write_photo(
        tmp_path / "set", exhaustive_class_names=["person"], width=128, height=128
    )
    out = tmp_path / "labelled.json"
    label([teacher], tmp_path / "set", out, (), least_score=0.5)
    (photo,) = read_dataset([out]).photos
    assert photo.size_wh == (128, 128)
    assert photo.boxes_xyxy.tolist() == [[1, 1, 10, 10], [0, 0, 32, 32]]
