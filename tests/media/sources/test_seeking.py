"""What file_source promises of going elsewhere: exactly there, always."""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.media.sources import file_source
from app.media.sources.file_source import FileSource
from app.media.sources.files.reader import Reader
from app.types import Frame
from tests.media.clips import read_number, write_video

CONSTANT = [i / 25 for i in range(100)]
# As a phone does in the dark: 20 to 118 ms, and once three seconds of nothing.
VARIABLE = [sum((20 + 7 * (k % 15)) / 1e3 for k in range(i)) for i in range(60)]
VARIABLE += [VARIABLE[-1] + 3 + i / 25 for i in range(30)]
LATE = [20 + t for t in CONSTANT]  # the first picture is not at zero
CLOCK = Fraction(1, 25)  # what MPEG-1, -2 and -4 count in

Make = Callable[[Path], Path]


def clip(suffix: str, times_s: list[float] = CONSTANT, **options: object) -> Make:
    return lambda folder: write_video(folder / f"clip{suffix}", times_s, **options)  # type: ignore[arg-type] # as given


def from_a_browser(folder: Path) -> Path:
    """WebM as MediaRecorder leaves it: neither length nor index."""
    path = write_video(folder / "whole.mkv", CONSTANT, options={"g": "20"})
    data = bytearray(path.read_bytes())
    duration = data.index(b"\x44\x89\x88")  # an element of 3 + 8 bytes
    data[duration : duration + 2] = b"\xec\x89"  # is void, 2 + 9 bytes
    tag = data.index(b"DURATION")
    data[tag : tag + 8] = b"NOTATALL"
    path.write_bytes(data[: data.rindex(b"\x1c\x53\xbb\x6b")])  # before the index
    return path


KINDS: dict[str, Make] = {
    "one long group": clip(".mp4"),
    "variable rate": clip(".mp4", VARIABLE, options={"g": "15"}),
    "variable rate, milliseconds": clip(".mkv", VARIABLE, options={"g": "15"}),
    "no B-frames": clip(".mp4", options={"bf": "0", "g": "12"}),
    "many B-frames": clip(".mp4", options={"bf": "8", "g": "30"}),
    "open groups": clip(
        ".mkv", options={"x264-params": "open-gop=1:keyint=20:bframes=4"}
    ),
    "open groups, MP4": clip(
        ".mp4", options={"x264-params": "open-gop=1:keyint=20:bframes=4"}
    ),
    "starts at 20 s": clip(".mkv", LATE, options={"g": "20"}),
    "starts at 20 s, transport stream": clip(".ts", LATE, options={"g": "20"}),
    "transport stream": clip(".ts", options={"g": "20"}),
    "program stream": clip(
        ".mpg", codec="mpeg2video", time_base=CLOCK, options={"bf": "2", "g": "12"}
    ),
    "AVI": clip(".avi", codec="mpeg4", time_base=CLOCK, options={"bf": "2", "g": "12"}),
    "AVI with H.264": clip(".avi", time_base=CLOCK, options={"bf": "2", "g": "12"}),
    "no times at all": clip(".h264", options={"g": "12"}),
    "HEVC": clip(".mp4", codec="libx265", options={"x265-params": "log-level=none"}),
    "VP9": clip(".webm", codec="libvpx-vp9", options={"g": "15", "cpu-used": "8"}),
    "every picture a keyframe": clip(".avi", codec="mjpeg", pix_fmt="yuvj420p"),
    "GIF": clip(
        ".gif",
        [i / 10 for i in range(60)],
        codec="gif",
        pix_fmt="rgb8",
        rate=Fraction(10),
    ),
    "neither length nor index": from_a_browser,
}


@pytest.fixture(scope="module", params=KINDS)
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[FileSource, list[float]]]:
    """A source, and the times that its frames have when read from the start."""
    path = KINDS[request.param](tmp_path_factory.mktemp("clip"))
    source = FileSource(path)
    source.open()
    frames = list(source.frames())
    numbers = [read_number(frame.image_bgr) for frame in frames]
    assert numbers == list(range(len(frames)))
    assert len(frames) >= 60
    yield source, [frame.timestamp_s for frame in frames]
    source.close()


def on_show(times_s: list[float], at_s: float) -> int:
    """Which frame a person sees at `at_s`: the last that has begun."""
    return max(0, sum(t <= at_s for t in times_s) - 1)


def look(source: FileSource) -> Frame:
    return next(source.frames())


places = st.lists(
    st.floats(-0.5, 1.2) | st.sampled_from([-math.inf, 0, 1, math.inf]),
    min_size=1,
    max_size=5,
)


@settings(max_examples=12, deadline=None)
@given(shares=places)
def test_a_seek_shows_the_frame_of_that_time_and_goes_on_from_it(
    opened: tuple[FileSource, list[float]], shares: list[float]
) -> None:
    source, times_s = opened
    for share in shares:
        at_s = share * times_s[-1]
        source.seek(at_s)
        expected = on_show(times_s, at_s)
        shown = list(zip(range(3), source.frames(), strict=False))
        assert [read_number(frame.image_bgr) for _, frame in shown] == [
            expected + i for i in range(min(3, len(times_s) - expected))
        ]
        assert shown[0][1].timestamp_s == times_s[expected]


def test_every_frame_is_found_by_its_own_time_and_by_the_moment_before(
    opened: tuple[FileSource, list[float]],
) -> None:
    source, times_s = opened
    for number in [*range(0, len(times_s), 7), len(times_s) - 1]:
        source.seek(times_s[number])
        assert read_number(look(source).image_bgr) == number
        source.seek(math.nextafter(times_s[number], -math.inf))
        assert read_number(look(source).image_bgr) == max(0, number - 1)


def test_step_by_step_back_from_the_end_every_frame_comes_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_source, "RECENT_BYTES", 10 * 160 * 90 * 2)
    source = FileSource(clip(".mp4")(tmp_path))
    source.open()
    source.seek(math.inf)
    frame, numbers = look(source), []
    while True:
        numbers.append(read_number(frame.image_bgr))
        if frame.timestamp_s == 0:
            break
        source.seek(math.nextafter(frame.timestamp_s, -math.inf))
        frame = look(source)
    source.close()
    assert numbers == list(range(99, -1, -1))


def test_few_pictures_are_kept_for_stepping_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_source, "RECENT_BYTES", 200_000)
    source = FileSource(clip(".mp4")(tmp_path))
    source.open()
    for _ in source.frames():
        held = sum(p.buffer_size for r in source._recent for p in r.decoded.planes)
        assert held <= 200_000
    source.close()


def test_a_hurried_seek_shows_a_picture_on_the_way(tmp_path: Path) -> None:
    source = FileSource(clip(".mp4", options={"g": "40"})(tmp_path))
    source.open()
    source.seek(3.0, is_enough=lambda: True)
    assert read_number(look(source).image_bgr) == 40  # the keyframe before 75
    asked = iter([False] * 10)
    source.seek(1.4, is_enough=lambda: next(asked, True))
    assert read_number(look(source).image_bgr) == 10
    source.seek(3.0)
    assert read_number(look(source).image_bgr) == 75
    source.close()


def test_going_on_a_little_decodes_no_picture_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dragging the slider onwards must not begin at the keyframe each time."""
    source = FileSource(clip(".mp4")(tmp_path))
    source.open()
    monkeypatch.setattr(Reader, "begin_before", None)
    for number in (10, 30, 60, 99):
        source.seek(number / 25)
        assert read_number(look(source).image_bgr) == number
    source.close()


def test_indexes_count_from_the_place_that_was_sought(tmp_path: Path) -> None:
    source = FileSource(clip(".mp4", options={"g": "20"})(tmp_path))
    source.open()
    source.seek(2.0)
    indexes = [frame.index for frame in source.frames()]
    source.close()
    assert indexes == list(range(50, 100))
    assert all(b - a == 1 for a, b in pairwise(indexes))


@pytest.mark.parametrize("make", [from_a_browser, KINDS["no times at all"]])
def test_a_file_that_does_not_tell_its_length_is_asked(
    tmp_path: Path, make: Make
) -> None:
    source = FileSource(make(tmp_path))
    info = source.open()
    source.close()
    assert info.frame_count == 100
    assert info.duration_s == pytest.approx(4.0, abs=0.01)
