"""What model.evaluation.evaluate promises, on photos and boxes made up here."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.dataset.read import read_dataset
from model.errors import DatasetError
from model.evaluation.evaluate import Report, best_threshold, evaluate

NAMES = ("person", "airplane", "kite")  # COCO's words; VOC says aeroplane
Found = list[tuple[tuple[float, float, float, float], float, int]]


def write_dataset(
    folder: Path,
    labels: list[list[tuple[str, tuple[float, float, float, float]]]],
    exhaustive: dict[int, list[str]] | None = None,
) -> Path:
    """Photo k is k + 1 gray, and carries `labels[k]`: class name and x, y, w, h."""
    (folder / "images").mkdir(parents=True)
    ids = {"person": 1, "aeroplane": 2}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, objects in enumerate(labels):
        name = f"{number}.png"
        gray = np.full((100, 200, 3), number + 1, np.uint8)
        cv2.imwrite(str(folder / "images" / name), gray)
        image = {"id": number, "file_name": name, "width": 200, "height": 100}
        if exhaustive and number in exhaustive:
            image["exhaustive_class_names"] = exhaustive[number]
        images.append(image)
        for class_name, (x, y, w, h) in objects:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": ids[class_name],
                    "bbox": [x, y, w, h],
                    "area": w * h,
                }
            )
    truth = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": i, "name": n} for n, i in ids.items()],
    }
    (folder / "instances.json").write_text(json.dumps(truth))
    return folder


def run(folder: Path, found: list[Found], **options: Any) -> Report:  # noqa: ANN401
    def detect(
        image: NDArray[np.uint8],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        mine = found[int(image[0, 0, 0]) - 1]
        return (
            np.array([box for box, _, _ in mine], float).reshape(-1, 4),
            np.array([score for _, score, _ in mine], float),
            np.array([class_id for _, _, class_id in mine], np.int64),
        )

    return evaluate(detect, NAMES, read_dataset([folder]), **options)


PERSON = (10.0, 10.0, 40.0, 60.0)  # x, y, w, h
HIT = (10.0, 10.0, 50.0, 70.0)  # the same as corners


def test_finding_all_is_one_and_finding_nothing_is_zero(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set", [[("person", PERSON)], []])
    assert run(folder, [[(HIT, 0.9, 0)], []]).ap == pytest.approx(1.0)
    assert run(folder, [[], []]).ap == 0.0
    assert run(folder, [[], []]).objects_by_class == {"person": 1, "aeroplane": 0}


def test_ap_by_hand(tmp_path: Path) -> None:
    """Best guess wrong, second right: precision 1/2 at every recall up to 1."""
    folder = write_dataset(tmp_path / "set", [[("person", PERSON)]])
    wrong = ((100.0, 10.0, 150.0, 60.0), 0.9, 0)
    report = run(folder, [[wrong, (HIT, 0.8, 0)]])
    assert report.ap50 == pytest.approx(0.5)
    assert report.ap50_by_class == {"person": pytest.approx(0.5), "aeroplane": None}


def test_a_box_of_iou_0_72_counts_at_half_of_the_thresholds(tmp_path: Path) -> None:
    """60 high, 43.2 found: IoU .72 passes .50 .55 .60 .65 .70 of ten."""
    folder = write_dataset(tmp_path / "set", [[("person", PERSON)]])
    report = run(folder, [[((10.0, 10.0, 50.0, 53.2), 0.9, 0)]])
    assert report.ap == pytest.approx(0.5)
    assert report.ap50 == pytest.approx(1.0)
    # 40 x 60 = 2400 pixels: between 32 x 32 and 96 x 96
    assert report.ap_by_size == {
        "small": None,
        "medium": pytest.approx(0.5),
        "large": None,
    }


def test_cocos_words_find_vocs_objects_and_others_are_left_out(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set", [[("aeroplane", PERSON)]])
    report = run(folder, [[(HIT, 0.9, 1), (HIT, 0.95, 2)]])  # airplane; a kite
    assert report.ap == pytest.approx(1.0)


def test_a_class_that_was_not_labelled_counts_neither_way(tmp_path: Path) -> None:
    labels = [[("person", PERSON), ("aeroplane", PERSON)], [("aeroplane", PERSON)]]
    folder = write_dataset(tmp_path / "set", labels, {0: ["person"]})
    # On photo 0 the wrong aeroplane costs nothing, the missed one neither.
    elsewhere = (100.0, 10.0, 150.0, 60.0)
    found: list[Found] = [[(HIT, 0.9, 0), (elsewhere, 0.99, 1)], [(HIT, 0.9, 1)]]
    report = run(folder, found)
    assert report.ap == pytest.approx(1.0)
    assert report.objects_by_class == {"person": 1, "aeroplane": 1}


def test_labels_of_a_bigger_copy_are_scaled_to_the_photo(tmp_path: Path) -> None:
    """Half as large, the photo's finds were compared with boxes of the whole."""
    folder = write_dataset(tmp_path / "set", [[("person", PERSON)]])
    small = np.full((50, 100, 3), 1, np.uint8)
    cv2.imwrite(str(folder / "images" / "0.png"), small)
    report = run(folder, [[((5.0, 5.0, 25.0, 35.0), 0.9, 0)]])
    assert report.ap == pytest.approx(1.0)
    assert report.ap_by_size["medium"] == pytest.approx(1.0)  # as it is labelled


def test_labels_of_a_turned_photo_are_refused(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set", [[("person", PERSON)]])
    cv2.imwrite(str(folder / "images" / "0.png"), np.full((200, 100, 3), 1, np.uint8))
    with pytest.raises(DatasetError, match="is shown turned, as its EXIF data say"):
        run(folder, [[(HIT, 0.9, 0)]])


def test_classes_that_the_detector_was_not_taught_are_told_and_do_not_count(
    tmp_path: Path,
) -> None:
    folder = write_dataset(
        tmp_path / "set", [[("person", PERSON), ("aeroplane", PERSON)]]
    )

    def detect(_: NDArray[np.uint8]) -> Any:  # noqa: ANN401
        return np.array([HIT]), np.array([0.9]), np.array([1])

    report = evaluate(detect, ("kite", "Person"), read_dataset([folder]))
    assert report.ap == pytest.approx(1.0)
    assert report.voc_map == pytest.approx(1.0)
    assert report.unknown_class_names == ("aeroplane",)
    assert report.ap50_by_class == {"person": pytest.approx(1.0), "aeroplane": None}
    with pytest.raises(DatasetError, match="knows no class of"):
        evaluate(detect, ("kite",), read_dataset([folder]))


@pytest.mark.parametrize("key", ["iscrowd", "difficult"])
def test_what_is_ignored_counts_in_no_measure(tmp_path: Path, key: str) -> None:
    """Neither missing nor finding it: in COCO's measure, VOC's and the table."""
    other = (100.0, 10.0, 50.0, 60.0)
    folder = write_dataset(tmp_path / "set", [[("person", PERSON), ("person", other)]])
    truth = json.loads((folder / "instances.json").read_text())
    truth["annotations"][1][key] = 1
    (folder / "instances.json").write_text(json.dumps(truth))
    both: Found = [((100.0, 10.0, 150.0, 70.0), 0.95, 0), (HIT, 0.9, 0)]
    for found in ([(HIT, 0.9, 0)], both):
        report = run(folder, [found])
        assert report.ap == pytest.approx(1.0)
        assert report.voc07_map == pytest.approx(1.0)
        assert report.voc_map == pytest.approx(1.0)
        assert report.confusion == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_a_limit_looks_at_the_first_photos_only(tmp_path: Path) -> None:
    folder = write_dataset(
        tmp_path / "set", [[("person", PERSON)], [("person", PERSON)]]
    )
    report = run(folder, [[(HIT, 0.9, 0)], []], limit=1)
    assert report.ap == pytest.approx(1.0)
    assert report.image_count == 1


@pytest.mark.parametrize("text", [None, "", "[]", '{"images": []}'])
def test_what_is_no_dataset_is_said(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "instances.json").write_text(text)
    with pytest.raises(DatasetError, match="is not a COCO dataset"):
        run(tmp_path, [])


def test_a_photo_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set", [[("person", PERSON)]])
    (folder / "images" / "0.png").write_text("no picture")
    with pytest.raises(DatasetError, match=r"0\.png cannot be read"):
        run(folder, [[]])


def test_precision_and_recall_from_a_score_on(tmp_path: Path) -> None:
    """Two of three finds are right; a find in a place to ignore is neither."""
    one, other, crowd = (10, 10, 40, 40), (100, 10, 40, 60), (160, 60, 30, 30)
    folder = write_dataset(
        tmp_path / "set", [[("person", one), ("aeroplane", other), ("person", crowd)]]
    )
    truth = json.loads((folder / "instances.json").read_text())
    truth["annotations"][2]["iscrowd"] = 1
    (folder / "instances.json").write_text(json.dumps(truth))
    found: Found = [
        ((10, 10, 50, 50), 0.8, 0),
        ((160, 60, 190, 90), 0.75, 0),
        ((60, 60, 90, 90), 0.62, 1),
        ((100, 10, 140, 70), 0.32, 1),
    ]
    report = run(folder, [found])
    rows = {round(t, 2): [p, r] for t, p, r in report.by_threshold}
    assert max(rows) == 0.75
    assert rows[0.7] == pytest.approx([1, 0.5])
    assert rows[0.5] == pytest.approx([0.5, 0.5])
    assert rows[0.3] == pytest.approx([2 / 3, 1])
    # F1: 2/3 from 0.65 to 0.75, and 0.8 up to 0.3.
    assert best_threshold(report.by_threshold) == pytest.approx(0.3)
