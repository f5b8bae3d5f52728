"""Which photos of a folder are looked at, where some are enough."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from model.cli.options import read_photos
from model.errors import BuildError


def write_photos(folder: Path, count: int) -> Path:
    """Photo i is as gray as 10 i; their names count up, their suffixes take turns."""
    folder.mkdir(parents=True)
    for number in range(count):
        suffix = (".jpg", ".JPG", ".png", ".jpeg")[number % 4]
        picture = np.full((20, 30, 3), 10 * number, np.uint8)
        cv2.imwrite(str(folder / f"{number:03}{suffix}"), picture)
    return folder


def numbers(photos: list[np.ndarray]) -> list[int]:
    return [round(photo.mean() / 10) for photo in photos]


@pytest.mark.parametrize("inner", ["", "images"])
def test_some_of_many_are_from_all_over_the_folder(tmp_path: Path, inner: str) -> None:
    write_photos(tmp_path / "photos" / inner, 24)
    some = numbers(read_photos(tmp_path / "photos", most=6))
    assert len(set(some)) == 6
    assert max(some) >= 12  # the first six by name are of one day, or one class
    assert some == numbers(read_photos(tmp_path / "photos", most=6))


def test_all_are_read_whatever_their_suffix_but_no_broken_one(tmp_path: Path) -> None:
    folder = write_photos(tmp_path / "photos", 8)
    (folder / "broken.jpg").write_bytes(b"no picture")
    photos = read_photos(folder)
    assert sorted(numbers(photos)) == list(range(8))
    assert {photo.shape for photo in photos} == {(300, 300, 3)}
    with pytest.raises(BuildError, match="There is no photo in"):
        read_photos(tmp_path)
