"""What the command line makes of odd files: recorded as players show them.

Each input is made here; what it stands for is told where its part is tested.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

import main
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.media.clips import write_video
from tests.media.corners import ONE, cornered, cornered_video, corners, with_matrix
from tests.media.heif import HEIC, write_grid
from tests.media.sources.files.test_pipe_source import written
from tests.media.sources.files.test_reader import packed_avi
from tests.media.sources.pictures.test_cropping import matroska, mp4
from tests.media.sources.pictures.test_stream_choice import FILMS, write_streams
from tests.media.sources.pictures.test_tone_mapping import PQ, hdr_clip


@dataclass(frozen=True)
class Recorded:
    """What a recording holds."""

    size_wh: tuple[int, int]
    times_s: list[float]
    corners: str
    middle_rgb: list[int]


def recorded(path: Path) -> Recorded:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    image_bgr = np.asarray(frames[0].to_ndarray(format="bgr24"), np.uint8)
    height, width = image_bgr.shape[:2]
    middle = image_bgr[height // 2, width // 2, ::-1].tolist()
    times_s = [frame.time for frame in frames]
    # Near the middle: the sign with the rate stands at the top left.
    return Recorded((width, height), times_s, corners(image_bgr, at=0.45), middle)


def turned(folder: Path) -> Path:
    flat = cornered_video(folder / "flat.mp4", 5)
    return with_matrix(flat, (0, ONE, ONE, 0), folder / "turned.mp4")


def squeezed(folder: Path) -> Path:
    return write_video(
        folder / "squeezed.mkv",
        [i / 25 for i in range(5)],
        size_wh=(160, 96),
        pixel_aspect=Fraction(3, 2),
        draw=lambda _, size_wh: cornered(size_wh),
    )


def unknown_matrix(folder: Path) -> Path:
    return cornered_video(folder / "odd.mp4", 5, matrix=8)


def late_clock(folder: Path) -> Path:
    return cornered_video(folder / "piece.mkv", 5, start_s=4)


def colon(folder: Path) -> Path:
    return cornered_video(folder / "2024-01-01T12:30:05.mp4", 5)


CORNERED: dict[str, tuple[Callable[[Path], Path], tuple[int, int], str]] = {
    "transposed": (turned, (96, 160), "RBGW"),
    "square pixels": (squeezed, (240, 96), "RGBW"),
    "cropped mkv": (matroska, (112, 64), "RGBW"),
    "cropped mp4": (mp4, (112, 64), "RGBW"),
    "unknown matrix": (unknown_matrix, (160, 96), "RGBW"),
    "late clock": (late_clock, (160, 96), "RGBW"),
    "colon": (colon, (160, 96), "RGBW"),
}


@pytest.fixture
def record(
    make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Recorded]:
    """Runs main.py in `tmp_path`, on a source there."""
    model = make_model()

    def run(source: str) -> Recorded:
        monkeypatch.chdir(tmp_path)
        arguments = ["--source", source, "--model", str(model), "--headless"]
        arguments += ["--score-threshold", "1"]  # nothing is drawn
        assert main.main([*arguments, "--record", "out.mp4", "--overwrite"]) == 0
        return recorded(tmp_path / "out.mp4")

    return run


@pytest.mark.parametrize("name", CORNERED)
def test_a_video_is_recorded_as_it_is_to_be_seen(
    record: Callable[[str], Recorded], tmp_path: Path, name: str
) -> None:
    make, size_wh, expected = CORNERED[name]
    out = record(make(tmp_path).name)
    assert out.size_wh == size_wh
    assert out.corners == expected
    assert out.times_s == pytest.approx([i / 25 for i in range(len(out.times_s))])
    assert len(out.times_s) in (3, 5)


def test_a_phones_photo_is_recorded_whole(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    write_grid(tmp_path / "photo.heic", cornered((300, 200)), HEIC, 128)
    out = record("photo.heic")
    assert (out.size_wh, out.corners) == ((300, 200), "RGBW")


def test_hdr_is_recorded_as_sdr(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    hdr_clip(tmp_path / "hdr.mkv", PQ, np.full((6, 3), 0.58))
    assert record("hdr.mkv").middle_rgb == pytest.approx([255] * 3, abs=6)


@pytest.mark.parametrize("name", ["a cover before", "a preview before the default"])
def test_the_film_is_recorded(
    record: Callable[[str], Recorded], tmp_path: Path, name: str
) -> None:
    streams, suffix = FILMS[name]
    write_streams(tmp_path / f"clip{suffix}", streams)
    out = record(f"clip{suffix}")
    assert (out.size_wh, len(out.times_s)) == ((320, 240), 25)


def test_packed_b_frames_are_recorded_at_even_intervals(
    record: Callable[[str], Recorded], tmp_path: Path
) -> None:
    packed_avi(tmp_path / "packed.avi", 24)
    out = record("packed.avi")
    assert len(out.times_s) >= 23
    assert out.times_s == pytest.approx([i / 25 for i in range(len(out.times_s))])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes")
def test_a_pipe_is_recorded(record: Callable[[str], Recorded], tmp_path: Path) -> None:
    video = write_video(tmp_path / "clip.ts", [i / 25 for i in range(30)])
    os.mkfifo(tmp_path / "film")
    with written(tmp_path / "film", video):
        out = record("film")
    assert out.times_s == pytest.approx([i / 25 for i in range(30)])
