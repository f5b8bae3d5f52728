"""Every recorder of ours keeps the laws of app.testing."""

import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from app.media.recording.photo_recorder import PhotoRecorder
from app.media.recording.recorder import Mp4Recorder
from app.testing import check_recorder
from app.types import VideoInfo

PHOTOS = VideoInfo(
    name="photos",
    size_wh=(64, 48),
    fps=Fraction(1, 3),
    frame_count=5,
    duration_s=15.0,
    is_live=False,
    is_stills=True,
    frame_paths=tuple(f"/none/{number}.png" for number in range(5)),
)
CAMERA = VideoInfo("camera", (63, 47), Fraction(25), None, None, is_live=True)


def fresh(folder: Path) -> Callable[[], Path]:
    """A folder of its own each time."""
    numbers = itertools.count()

    def make() -> Path:
        path = folder / str(next(numbers))
        path.mkdir()
        return path

    return make


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_films(tmp_path: Path, suffix: str) -> None:
    folder = fresh(tmp_path)
    check_recorder(
        lambda: Mp4Recorder(folder() / f"a{suffix}"),
        fails=lambda: Mp4Recorder(tmp_path / "nowhere" / f"a{suffix}"),
    )


def test_a_film_of_a_camera(tmp_path: Path) -> None:
    folder = fresh(tmp_path)
    check_recorder(lambda: Mp4Recorder(folder() / "a.mp4"), info=CAMERA)


@pytest.mark.parametrize("kind", ["taken", "folder", "name"])
def test_films_that_cannot_be_written(tmp_path: Path, kind: str) -> None:
    folder, path = fresh(tmp_path), tmp_path / "a.mp4"
    if kind == "taken":
        path.write_bytes(b"precious")
    elif kind == "folder":
        path.mkdir()
    else:
        path = tmp_path / "a.txt"
    check_recorder(
        lambda: Mp4Recorder(folder() / "a.mp4"), fails=lambda: Mp4Recorder(path)
    )
    assert kind != "taken" or path.read_bytes() == b"precious"


def test_photos(tmp_path: Path) -> None:
    folder, taken = fresh(tmp_path), tmp_path / "taken"
    taken.mkdir()
    (taken / "3.png").write_bytes(b"precious")
    check_recorder(
        lambda: PhotoRecorder(folder()),
        info=PHOTOS,
        fails=lambda: PhotoRecorder(taken),
    )
    assert (taken / "3.png").read_bytes() == b"precious"
