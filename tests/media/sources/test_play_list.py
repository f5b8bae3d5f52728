"""What a text stands for, one after another."""

import shutil
from pathlib import Path

import pytest

from app.media.sources.play_list import play_list


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Names are enough: nothing is opened."""
    for name in ("10.mp4", "2.MKV", "photo.jpg", "notes.txt", ".half.mp4.part"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / ".hidden.mp4").write_bytes(b"")
    return tmp_path


def test_a_folder_is_its_photos_then_its_videos_in_natural_order(folder: Path) -> None:
    two, ten = str(folder / "2.MKV"), str(folder / "10.mp4")
    assert play_list(str(folder)) == [str(folder), two, ten]
    (folder / "photo.jpg").unlink()
    assert play_list(str(folder)) == [two, ten]
    for name in (two, ten):
        Path(name).unlink()
    assert play_list(str(folder)) == [str(folder)]  # to open it says that it is empty
    shutil.rmtree(folder)
    assert play_list(str(folder)) == [str(folder)]


def test_lines_keep_their_order_and_photos_beside_each_other_are_one(
    folder: Path,
) -> None:
    (folder / "photo.jpg").unlink()
    lines = ["/x/b.mp4", "/x/1.jpg", "/x/2.png", str(folder), "/x/3.jpg"]
    assert play_list("\n".join(lines)) == [
        "/x/b.mp4",
        "/x/1.jpg\n/x/2.png",
        str(folder / "2.MKV"),
        str(folder / "10.mp4"),
        "/x/3.jpg",
    ]
    assert play_list("/x/1.jpg\n/x/2.jpg") == ["/x/1.jpg\n/x/2.jpg"]


@pytest.mark.parametrize("text", ["0", "rtsp://host/a", "clip.mp4", "Logi C920", ""])
def test_what_is_one_stays_as_it_was_typed(text: str) -> None:
    assert play_list(text) == [text]


def test_a_pattern_of_videos_is_a_list(folder: Path) -> None:
    pattern = str(folder / "*.mp4")
    assert play_list(pattern) == [str(folder / "10.mp4")]
    assert play_list(str(folder / "*.jpg")) == [str(folder / "*.jpg")]
