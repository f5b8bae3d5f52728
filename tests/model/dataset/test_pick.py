"""What model.dataset.pick promises."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from model.cli import main
from model.dataset.pick import pick_count, pick_per_class
from model.dataset.read import read_dataset
from model.errors import DatasetError


def labels(kinds_by_photo: list[list[int]]) -> dict[str, Any]:
    """COCO labels: photo n has objects of the kinds listed."""
    return {
        "images": [
            {"id": n, "file_name": f"{n}.png", "width": 8, "height": 6}
            for n in range(len(kinds_by_photo))
        ],
        "annotations": [
            {"image_id": n, "category_id": kind, "bbox": [0, 0, 4, 4]}
            for n, kinds in enumerate(kinds_by_photo)
            for kind in kinds
        ],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "boat"}],
    }


def test_a_part_and_the_rest_are_all_and_the_same_each_time(tmp_path: Path) -> None:
    truth = labels([[1], [2], [1, 2], [1]])
    (tmp_path / "images").mkdir()
    for image in truth["images"]:
        picture = np.zeros((6, 8, 3), np.uint8)
        cv2.imwrite(str(tmp_path / "images" / image["file_name"]), picture)
    (tmp_path / "instances.json").write_text(json.dumps(truth))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    parts = [elsewhere / "held.json", elsewhere / "train.json"]
    options = ["--count", "1", "--seed", "3"]
    command = ["dataset", "pick", str(tmp_path), *options]
    assert main([*command, "--out", str(parts[0]), "--rest", str(parts[1])]) == 0
    held, rest = (read_dataset([part]).photos for part in parts)
    assert (len(held), len(rest)) == (1, 3)
    paths = {photo.path for photo in (*held, *rest)}
    assert len(paths) == 4
    assert all(path.is_file() for path in paths)
    assert pick_count(truth, 1, seed=3) == [int(held[0].path.stem)]
    # A file is picked from as well as a folder.
    again = tmp_path / "again.json"
    assert main([*command[:2], str(parts[1]), *options, "--out", str(again)]) == 0


def test_rare_classes_are_all_taken_and_common_ones_up_to_a_number() -> None:
    truth = labels([[1]] * 20 + [[2], [1, 2], [2]])
    truth["annotations"].append(
        {"image_id": 0, "category_id": 2, "bbox": [0, 0, 1, 1], "iscrowd": 1}
    )
    picked = pick_per_class(truth, 5, seed=0)
    assert {20, 21, 22} <= {*picked}
    # Photo 21 is taken for its boat, perhaps when there are cats enough.
    assert len([n for n in picked if n < 20]) in (4, 5)
    assert pick_per_class(truth, 5, seed=1) != picked


def test_of_a_class_that_stands_alone_as_many_are_taken_as_were_named() -> None:
    assert len(pick_per_class(labels([[1]] * 9), 2, seed=0)) == 2


def test_more_than_there_are_cannot_be_picked() -> None:
    with pytest.raises(DatasetError, match="3 of 2 photos"):
        pick_count(labels([[1], [2]]), 3, seed=0)
