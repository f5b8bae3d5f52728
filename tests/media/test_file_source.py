"""What app.media.file_source promises."""

import os
import struct
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from app.errors import SourceError
from app.media.file_source import FileSource
from app.types import Frame, VideoInfo
from tests.media.clips import read_number, write_video

CONSTANT = [i / 25 for i in range(60)]
VARIABLE = [0.0, 0.04, 0.5, 0.52, 1.0, 3.0, 3.01, 3.5]


def read(path: Path) -> tuple[VideoInfo, list[Frame]]:
    source = FileSource(path)
    try:
        return source.open(), list(source.frames())
    finally:
        source.close()


@pytest.mark.parametrize("times_s", [CONSTANT, VARIABLE], ids=["constant", "variable"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_every_frame_comes_once_in_order_and_in_time(
    tmp_path: Path, times_s: list[float], suffix: str
) -> None:
    # x264's default B-frames: decoding order is not showing order.
    path = write_video(tmp_path / f"clip{suffix}", times_s)
    info, frames = read(path)
    assert [read_number(frame.image_bgr) for frame in frames] == list(
        range(len(times_s))
    )
    assert [frame.index for frame in frames] == list(range(len(times_s)))
    got_s = [frame.timestamp_s for frame in frames]
    assert got_s == pytest.approx(times_s, abs=1.1e-3)  # Matroska counts milliseconds
    assert info.size_wh == (160, 90)
    assert not info.is_live


def test_the_bundled_clip_is_what_its_notice_says(clip: Path) -> None:
    info, frames = read(clip)
    assert (info.name, info.size_wh) == ("bikes.mp4", (640, 272))
    assert (info.fps, info.frame_count, info.duration_s) == (Fraction(25), 250, 10.0)
    assert len(frames) == 250
    assert frames[-1].timestamp_s == pytest.approx(249 / 25)


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "size_wh"),
    [
        ("libx264", "yuv444p", (161, 91)),
        ("libx264", "yuv420p10le", (160, 90)),
        ("mjpeg", "yuvj420p", (160, 90)),
        ("ffv1", "yuv420p", (321, 181)),
    ],
    ids=["odd size", "10 bit", "full range", "odd and lossless"],
)
def test_other_formats_read_alike(
    tmp_path: Path, codec: str, pix_fmt: str, size_wh: tuple[int, int]
) -> None:
    path = write_video(
        tmp_path / "clip.mkv",
        CONSTANT[:9],
        size_wh=size_wh,
        codec=codec,
        pix_fmt=pix_fmt,
    )
    info, frames = read(path)
    assert info.size_wh == size_wh
    assert [read_number(frame.image_bgr) for frame in frames] == list(range(9))
    blue, green, red = frames[0].image_bgr[-10, 80].astype(int)
    assert abs(red - 200) < 8
    assert max(blue, green) < 8


def test_a_gif_plays(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "clip.gif",
        [i / 10 for i in range(6)],
        codec="gif",
        pix_fmt="rgb8",
        rate=Fraction(10),
    )
    _, frames = read(path)
    assert [read_number(frame.image_bgr) for frame in frames] == list(range(6))


def test_a_clip_filmed_upright_stands_upright(tmp_path: Path) -> None:
    """A phone held upright writes sideways pictures and a matrix in the track header.

    Source: ISO 14496-12, 8.3.2: 40 bytes into `tkhd`, nine 32-bit numbers.
    """
    data = bytearray(write_video(tmp_path / "flat.mp4", CONSTANT[:5]).read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    one = 0x10000
    assert struct.unpack_from(">9i", data, matrix)[:5] == (one, 0, 0, 0, one)
    # (x, y) -> (-y, x): a quarter turn clockwise.
    struct.pack_into(">5i", data, matrix, 0, one, 0, -one, 0)
    upright = tmp_path / "upright.mp4"
    upright.write_bytes(data)
    info, frames = read(upright)
    assert info.size_wh == (90, 160)
    picture = frames[0].image_bgr
    assert picture.shape == (160, 90, 3)
    # What was below, the red half, is now on the left.
    assert picture[80, 10, 2] > 150
    assert picture[80, 80, 2] < 100
    assert read_number(np.rot90(frames[3].image_bgr)) == 3


def test_a_broken_tail_costs_only_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = write_video(tmp_path / "whole.mkv", CONSTANT)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    _, frames = read(cut)
    numbers = [read_number(frame.image_bgr) for frame in frames]
    assert 10 < len(numbers) < 60
    assert numbers == list(range(len(numbers)))


def text_file(folder: Path) -> Path:
    path = folder / "text.mp4"
    path.write_text("this is not a video\n" * 100)
    return path


def sound_file(folder: Path) -> Path:
    path = folder / "sound.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    return path


def empty_file(folder: Path) -> Path:
    path = folder / "empty.mp4"
    path.touch()
    return path


def beheaded_file(folder: Path) -> Path:
    """A recording that was killed: MP4 keeps its index at the end."""
    whole = write_video(folder / "whole.mp4", CONSTANT)
    path = folder / "beheaded.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: folder / "none.mp4", "There is no file"),
        (lambda folder: folder, "is a folder, not a video"),
        (lambda folder: folder / ("x" * 300), "is not a video that can be played"),
        (text_file, r"text\.mp4 is not a video"),
        (sound_file, r"sound\.wav has sound, but no picture"),
        (empty_file, r"empty\.mp4 is empty"),
        (beheaded_file, r"beheaded\.mp4 is not a video that can be played, or is dam"),
    ],
    ids=[
        "missing",
        "folder",
        "long name",
        "text",
        "sound",
        "empty",
        "killed recording",
    ],
)
def test_what_is_no_video_is_said_in_one_sentence(tmp_path, make, sentence) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    source = FileSource(make(tmp_path))
    with pytest.raises(SourceError, match=sentence) as caught:
        source.open()
    assert caught.value.remedy
    source.close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts in /proc")
def test_no_descriptor_is_left_open(tmp_path: Path, clip: Path) -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - just a count

    read(clip)
    before = count()
    for _ in range(5):
        read(clip)
        source = FileSource(text_file(tmp_path))
        with pytest.raises(SourceError):
            source.open()
    assert count() == before


def test_real_clips_read_to_their_end(shared_data: Path) -> None:
    for path in sorted((shared_data / "videos").glob("*.mp4"))[:1]:
        info, frames = read(path)
        assert info.frame_count == len(frames)
        assert all(f.image_bgr.shape[1::-1] == info.size_wh for f in frames[::50])
