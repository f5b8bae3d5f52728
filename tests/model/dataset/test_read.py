"""What model.dataset promises, on labels written here."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from model.dataset.health import check_dataset
from model.dataset.photo import usable
from model.dataset.read import read_dataset
from model.errors import DatasetError
from model.network.config import VOC_CLASS_NAMES

ODD_CROWD = {"image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4], "iscrowd": [[]]}
NO_SIZE = {"id": 1, "file_name": "a.jpg", "width": "", "height": 48}


def write_coco(folder: Path, **changes: Any) -> Path:  # noqa: ANN401
    """Two photos, 100 x 50: a couch and a kite; a crowd and a find of a teacher."""
    (folder / "images").mkdir(parents=True)
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(folder / "images" / name), np.zeros((50, 100, 3), np.uint8))

    def label(image: int, category: int, box: list[float], **more: Any) -> Any:  # noqa: ANN401
        return {"image_id": image, "category_id": category, "bbox": box, **more}

    truth = {
        "images": [
            {
                "id": 7,
                "file_name": "a.png",
                "width": 100,
                "height": 50,
                "exhaustive_class_names": ["couch"],
                "teacher_class_names": ["person"],
            },
            {"id": 9, "file_name": "b.png", "width": 100, "height": 50},
        ],
        "annotations": [
            label(7, 2, [10, 5, 20, 30], area=500.0),
            label(7, 3, [0, 0, 9, 9]),
            label(9, 1, [0, 0, 50, 50], iscrowd=1),
            label(9, 1, [5, 5, 10, 10], score=0.3, difficult=1),
        ],
        "categories": [
            {"id": 1, "name": "person"},
            {"id": 2, "name": "couch"},
            {"id": 3, "name": "kite"},
        ],
    } | changes
    (folder / "instances.json").write_text(json.dumps(truth))
    return folder


VOC_XML = """<annotation><filename>000001.jpg</filename>
<size><width>100</width><height>50</height><depth>3</depth></size>
<object><name>{name}</name><difficult>1</difficult>
<bndbox><xmin>1</xmin><ymin>11</ymin><xmax>20</xmax><ymax>50</ymax></bndbox></object>
<object><name>alien</name>
<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object>
</annotation>"""


def write_voc(year: Path, name: str = "sofa") -> Path:
    for folder in ("Annotations", "JPEGImages", "ImageSets/Main"):
        (year / folder).mkdir(parents=True)
    (year / "Annotations" / "000001.xml").write_text(VOC_XML.format(name=name))
    picture = np.zeros((50, 100, 3), np.uint8)
    cv2.imwrite(str(year / "JPEGImages" / "000001.jpg"), picture)
    (year / "ImageSets" / "Main" / "trainval.txt").write_text("000001\n\n")
    return year


def test_coco_labels_keep_what_they_say(tmp_path: Path) -> None:
    dataset = read_dataset([write_coco(tmp_path / "set")])
    assert dataset.class_names == ("person", "sofa", "kite")
    a, b = dataset.photos
    assert a.path.name == "a.png"
    assert a.size_wh == (100, 50)
    assert a.boxes_xyxy.tolist() == [[10, 5, 30, 35], [0, 0, 9, 9]]
    assert a.class_ids.tolist() == [1, 2]
    assert a.areas.tolist() == [500, 81]
    assert a.is_known.tolist() == [True, True, False]  # a teacher's, exhaustive, none
    assert b.is_known.all()
    assert b.is_ignored.tolist() == [True, True]  # a crowd, and an unsure find
    assert b.is_difficult.tolist() == [False, True]


def test_voc_counts_pixels_from_one_and_years_are_joined(tmp_path: Path) -> None:
    write_voc(tmp_path / "VOC2007")
    write_voc(tmp_path / "VOC2012", "person")
    assert read_dataset([tmp_path]).class_names == ("sofa", "alien", "person")
    dataset = read_dataset([tmp_path], VOC_CLASS_NAMES)
    first, second = dataset.photos
    assert first.boxes_xyxy.tolist() == [[0, 10, 20, 50]]
    assert dataset.class_names[first.class_ids[0]] == "sofa"
    assert dataset.class_names[second.class_ids[0]] == "person"
    assert first.is_difficult.tolist() == [True]


def test_a_class_list_chooses_and_speaks_both_vocabularies(tmp_path: Path) -> None:
    coco, voc = write_coco(tmp_path / "coco"), write_voc(tmp_path / "voc")
    dataset = read_dataset([coco, voc], ["couch"])
    assert [photo.class_ids.tolist() for photo in dataset.photos] == [[0], [], [0]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"images": [], "annotations": []}, "no photos"),
        ({"annotations": []}, "No object of person, sofa, kite"),
        ({"annotations": [{"image_id": 7}]}, "lacks 'category_id'"),
        ({"annotations": [ODD_CROWD]}, r"is_ignored must have shape \(1,\)"),
        ({"categories": 3}, "is not a COCO dataset"),
        ({"categories": [{"id": 1, "name": []}]}, "is not a COCO dataset"),
        ({"images": [NO_SIZE], "annotations": []}, "a number for its size"),
    ],
)
def test_what_cannot_be_used_is_said(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(DatasetError, match=said):
        read_dataset([write_coco(tmp_path / "set", **changes)])


def test_missing_voc_lists_and_labels_are_named(tmp_path: Path) -> None:
    year = write_voc(tmp_path / "VOC2007")
    with pytest.raises(DatasetError, match=r"has no list .*test\.txt"):
        read_dataset([year], split="test")
    (year / "Annotations" / "000001.xml").write_text("<annotation>")
    with pytest.raises(DatasetError, match=r"000001\.xml are missing or damaged"):
        read_dataset([year])


def test_a_check_names_every_fault_and_using_mends_boxes(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    text = (folder / "instances.json").read_text()
    text = text.replace("[10, 5, 20, 30]", "[90, 5, 20, 30]").replace(
        "[0, 0, 9, 9]", "[200, 0, 9, 9]"
    )
    (folder / "instances.json").write_text(text)
    (folder / "images" / "b.png").write_text("no picture")
    dataset = read_dataset([folder])
    health = check_dataset(dataset)
    said = "\n".join(health.problems)
    assert "b.png is not a picture" in said
    assert "the sofa at 90, 5, 110, 35 reaches outside" in said
    assert "the kite at 200, 0, 209, 9 is empty or outside" in said
    assert "No person is labelled anywhere" in said  # crowds teach nothing
    assert health.objects_by_class == {"person": 0, "sofa": 1, "kite": 1}
    mended = usable(dataset.photos[0])
    assert mended.boxes_xyxy.tolist() == [[90, 5, 100, 35]]
    assert len(mended.class_ids) == len(mended.scores) == len(mended.areas) == 1
    (folder / "images" / "b.png").unlink()
    assert any("b.png is missing" in p for p in check_dataset(dataset).problems)


def test_a_photo_whose_name_no_file_can_have_is_missing(tmp_path: Path) -> None:
    name = "a" * 5000
    image = {"id": 1, "file_name": name, "width": 64, "height": 48}
    label = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}
    folder = write_coco(
        tmp_path / "set",
        images=[image],
        annotations=[label],
        categories=[{"id": 1, "name": "person"}],
    )
    assert f"{name} is missing." in check_dataset(read_dataset([folder])).problems
