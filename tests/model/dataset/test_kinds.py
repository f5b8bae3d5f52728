"""Labels as tools write them: each kind was taken wrongly once, without a word."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from model.dataset.health import check_dataset, refuse_faults
from model.dataset.names import class_key, read_class_names
from model.dataset.photo import Dataset
from model.dataset.read import read_dataset
from model.errors import BuildError, DatasetError

BOX = (40, 20, 60, 50)  # x, y, width, height
CORNERS = [[40, 20, 100, 70]]
PICTURE = np.random.default_rng(0).integers(0, 256, (100, 200, 3), np.uint8)


def write_coco(
    folder: Path,
    *,
    name: str = "a.png",
    class_name: str = "person",
    image: dict[str, Any] | None = None,
    label: dict[str, Any] | None = None,
    encoding: str = "utf-8",
) -> Path:
    """One photo of 200 x 100 with one object; None in a dict leaves a key out."""
    (folder / "images").mkdir(parents=True)
    cv2.imwrite(str(folder / "images" / "a.png"), PICTURE)

    def changed(start: dict[str, Any], changes: dict[str, Any] | None) -> Any:  # noqa: ANN401
        return {k: v for k, v in (start | (changes or {})).items() if v is not None}

    photo = {"id": 1, "file_name": name, "width": 200, "height": 100}
    box = {"image_id": 1, "category_id": 4, "bbox": BOX}
    truth = {
        "images": [changed(photo, image)],
        "annotations": [changed(box, label)],
        "categories": [{"id": 4, "name": class_name}],
    }
    (folder / "instances.json").write_text(json.dumps(truth), encoding=encoding)
    return folder


def write_voc(
    folder: Path,
    *,
    name: str = "shot",
    class_name: str = "person",
    filename: str | None = None,
    suffix: str = ".jpg",
    line: str | None = None,
    size: str = "<size><width>200</width><height>100</height></size>",
    corners: tuple[float, float, float, float] = (41, 21, 100, 70),
    difficult: str = "<difficult>0</difficult>",
    mark: str = "",
) -> Path:
    """The same photo and object; VOC counts pixels from 1."""
    for part in ("Annotations", "JPEGImages", "ImageSets/Main"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    x1, y1, x2, y2 = corners
    (folder / "Annotations" / f"{name}.xml").write_text(
        f"{mark}<annotation><filename>{filename or name + suffix}</filename>{size}"
        f"<object><name>{class_name}</name>{difficult}<bndbox><xmin>{x1}</xmin>"
        f"<ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox></object>"
        "</annotation>",
        encoding="utf-8",
    )
    cv2.imwrite(str(folder / "JPEGImages" / f"{name}{suffix}"), PICTURE)
    listed = folder / "ImageSets" / "Main" / "trainval.txt"
    listed.write_text(f"{mark}{name if line is None else line}\n", encoding="utf-8")
    return folder


def is_sound(dataset: Dataset) -> bool:
    (photo,) = dataset.photos
    np.testing.assert_allclose(photo.boxes_xyxy, CORNERS)
    assert photo.class_ids.tolist() == [0]
    assert photo.is_known.tolist() == [True]
    assert photo.size_wh == (200, 100)
    assert photo.path.is_file()
    return check_dataset(dataset).problems == ()


def test_classes_of_ones_own_are_known_in_voc_form_as_in_cocos(tmp_path: Path) -> None:
    """Not known, they taught nothing: a loss of 3e-12, and finds on plain grey."""
    voc = read_dataset([write_voc(tmp_path / "voc", class_name="hardhat")])
    coco = read_dataset([write_coco(tmp_path / "coco", class_name="hardhat")])
    assert voc.class_names == coco.class_names == ("hardhat",)
    assert is_sound(voc)
    assert is_sound(coco)


def test_classes_of_ones_own_stand_in_one_order_in_both_forms(tmp_path: Path) -> None:
    folder = tmp_path / "voc"
    for name, class_name in (("a", "vest"), ("b", "person"), ("c", "hardhat")):
        write_voc(folder, name=name, class_name=class_name)
    (folder / "ImageSets" / "Main" / "trainval.txt").write_text("a\nb\nc\n")
    names = read_dataset([folder]).class_names
    assert names == ("person", "hardhat", "vest")  # VOC's, then by the alphabet


def test_what_no_label_of_a_folder_names_was_not_looked_for(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "voc", class_name="hardhat")
    (photo,) = read_dataset([folder], ["hardhat", "person"]).photos
    assert photo.is_known.tolist() == [True, False]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_labels(
    tmp_path: Path, encoding: str
) -> None:
    assert is_sound(read_dataset([write_coco(tmp_path / "coco", encoding=encoding)]))


def test_a_byte_order_mark_is_no_part_of_a_list(tmp_path: Path) -> None:
    assert is_sound(read_dataset([write_voc(tmp_path / "voc", mark="\ufeff")]))


@pytest.mark.parametrize(
    "name",
    [
        "images/a.png",
        "images\\a.png",
        "./a.png",
        "C:\\work\\photos\\a.png",
        "/home/somebody/photos/a.png",
        "http://somewhere/upload/a.png",
    ],
)
def test_a_picture_is_found_by_the_end_of_its_name(tmp_path: Path, name: str) -> None:
    assert is_sound(read_dataset([write_coco(tmp_path / "set", name=name)]))


def test_the_longest_end_of_a_name_wins(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set", name="photos/day 2/a.png")
    (folder / "images" / "day 2").mkdir()
    (folder / "images" / "a.png").rename(folder / "images" / "day 2" / "a.png")
    cv2.imwrite(str(folder / "images" / "a.png"), PICTURE[:50, :50])
    assert is_sound(read_dataset([folder]))


def test_a_picture_out_of_the_folder_is_not_taken(tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    cv2.imwrite(str(outside), PICTURE)
    folder = write_coco(tmp_path / "deep" / "set", name="x/../../../outside.png")
    (photo,) = read_dataset([folder]).photos
    assert not photo.path.is_file() or photo.path.resolve() == outside


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("shot 1", "shot 1"),
        ("shot  1 a", "shot  1 a"),
        ("000001", "000001 -1"),
        ("000001", "000001  1"),
        ("shot", "shot.jpg"),
        ("ümläut", "ümläut"),
    ],
)
def test_names_with_blanks_and_lists_with_signs(
    tmp_path: Path, name: str, line: str
) -> None:
    assert is_sound(read_dataset([write_voc(tmp_path, name=name, line=line)]))


@pytest.mark.parametrize("filename", ["shot", "old name.jpg", "C:\\x\\shot.jpg", " "])
@pytest.mark.parametrize("suffix", [".jpg", ".JPG", ".png", ".jpeg"])
def test_a_picture_is_found_by_the_name_of_its_labels(
    tmp_path: Path, filename: str, suffix: str
) -> None:
    folder = write_voc(tmp_path, filename=filename, suffix=suffix)
    assert is_sound(read_dataset([folder]))


def test_of_two_pictures_of_a_name_the_labels_choose(tmp_path: Path) -> None:
    folder = write_voc(tmp_path, filename="shot.png", suffix=".png")
    cv2.imwrite(str(folder / "JPEGImages" / "shot.jpg"), PICTURE[:50, :50])
    assert is_sound(read_dataset([folder]))


@pytest.mark.parametrize(
    "size", ["", "<size><width>0</width><height>0</height></size>"]
)
def test_a_size_that_labels_do_not_say_is_the_pictures(
    tmp_path: Path, size: str
) -> None:
    assert is_sound(read_dataset([write_voc(tmp_path / "voc", size=size)]))
    without = write_coco(tmp_path / "coco", image={"width": None, "height": None})
    assert is_sound(read_dataset([without]))


def test_fractions_and_labels_without_difficult(tmp_path: Path) -> None:
    folder = write_voc(
        tmp_path, corners=(41.25, 21.5, 100.25, 70.5), difficult="", class_name=" dog "
    )
    dataset = read_dataset([folder])
    assert dataset.class_names == ("dog",)
    (photo,) = dataset.photos
    assert photo.boxes_xyxy.tolist() == [[40.25, 20.5, 100.25, 70.5]]
    assert photo.is_difficult.tolist() == [False]
    assert check_dataset(dataset).problems == ()


def test_a_folder_without_lists_is_read_whole_and_that_is_said(tmp_path: Path) -> None:
    folder = write_voc(tmp_path)
    (folder / "ImageSets" / "Main" / "trainval.txt").unlink()
    (folder / "ImageSets" / "Main").rmdir()
    (folder / "ImageSets").rmdir()
    dataset = read_dataset([folder])
    assert is_sound(dataset)
    assert "has no lists: all of it is read" in dataset.notes[0]


@pytest.mark.parametrize("written", ["Person", "PERSON", " person"])
def test_capitals_do_not_make_another_class_and_are_told(
    tmp_path: Path, written: str
) -> None:
    dataset = read_dataset([write_coco(tmp_path / "set", class_name=written)])
    assert dataset.class_names == ("person",)
    assert is_sound(dataset)
    said = [f'The labels say "{written}"; it is taken for "person".']
    assert list(dataset.notes) == (said if written.strip() != "person" else [])


def test_capitals_of_ones_own_names_stay_as_they_are_written(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set", class_name="HardHat")
    assert read_dataset([folder]).class_names == ("HardHat",)
    listed = read_dataset([folder], ["hardhat"])
    assert listed.class_names == ("hardhat",)
    assert listed.notes == ('The labels say "HardHat"; it is taken for "hardhat".',)
    assert class_key("Couch") == class_key("sofa")


def test_one_class_in_two_spellings_is_refused_in_a_list(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    with pytest.raises(DatasetError, match="person, Person are one"):
        read_dataset([folder], ["person", "Person"])


def test_the_classes_that_there_are_are_named_where_none_fits(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set", class_name="hardhat")
    with pytest.raises(DatasetError, match="Its labels name hardhat"):
        read_dataset([folder], ["person"])


def test_a_label_without_a_box_has_its_outlines(tmp_path: Path) -> None:
    outline = [[40, 20, 100, 20, 100, 70], [60, 30, 70, 40, 50, 50]]
    label = {"bbox": None, "segmentation": outline}
    dataset = read_dataset([write_coco(tmp_path / "set", label=label)])
    assert is_sound(dataset)
    assert dataset.notes[0].startswith("1 labels in ")
    with pytest.raises(DatasetError, match="lacks 'bbox'"):
        read_dataset([write_coco(tmp_path / "none", label={"bbox": None})])


def test_a_box_of_negative_width_is_a_fault(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set", label={"bbox": [100, 70, -60, -50]})
    dataset = read_dataset([folder])
    (problem,) = check_dataset(dataset).problems
    assert problem == "a.png: the person at 100, 70, 40, 20 is empty or outside."
    with pytest.raises(DatasetError, match=r"has a fault: a\.png: the person at 100"):
        refuse_faults(dataset)


def test_a_photo_that_is_labelled_twice_is_a_fault(tmp_path: Path) -> None:
    """Two folders' photos of one name, copied into one."""
    folder = write_coco(tmp_path / "set")
    truth = json.loads((folder / "instances.json").read_text())
    truth["images"].append(truth["images"][0] | {"id": 2, "file_name": "two/a.png"})
    (folder / "instances.json").write_text(json.dumps(truth))
    problems = check_dataset(read_dataset([folder])).problems
    assert problems == ("a.png is labelled twice.",)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_labels_of_the_photo_as_it_is_stored_are_a_fault(
    tmp_path: Path, orientation: int
) -> None:
    folder = write_coco(tmp_path / "set", name="a.jpg")
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(PICTURE)
    stored.save(folder / "images" / "a.jpg", exif=exif)
    (problem,) = check_dataset(read_dataset([folder])).problems
    assert problem == (
        "a.jpg is 100 x 200, its labels are for 200 x 100: it is shown turned, as its "
        "EXIF data say, and was labelled as it is stored."
    )


def test_labels_made_on_a_bigger_copy_are_no_fault(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set", image={"width": 401, "height": 200})
    assert check_dataset(read_dataset([folder])).problems == ()


@pytest.mark.parametrize("head", ["background", "BACKGROUND", "__background__"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_background_at_the_head_of_a_list_is_left_out(
    tmp_path: Path, head: str, encoding: str, end: str
) -> None:
    path = tmp_path / "names.txt"
    text = end.join([head, "helmet", " vest ", "", "glove"])
    path.write_bytes(text.encode(encoding))
    assert read_class_names(path) == ("helmet", "vest", "glove")


def test_what_is_no_list_of_names_is_said(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    for data in (b"", b"a\na\n", b"\xff\x00\x80"):
        path.write_bytes(data)
        with pytest.raises(BuildError):
            read_class_names(path)
