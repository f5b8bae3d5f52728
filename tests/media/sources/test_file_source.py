"""What app.media.sources.file_source promises."""

import errno
import gc
import re
import struct
import wave
import weakref
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.errors import SourceError
from app.media.sources.file_source import FileSource
from app.types import Frame, VideoInfo
from benchmarks.machine import open_descriptors
from tests.media.clips import numbered_picture, read_number, write_video

TB = Fraction(1, 12_800)
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


def test_a_file_closed_half_way_is_gone_at_once(tmp_path: Path) -> None:
    """Its decoder holds up to 64 MB of pictures: too many to wait for the collector."""
    source = FileSource(write_video(tmp_path / "clip.mp4", CONSTANT))
    source.open()
    frames = source.frames()
    next(frames)
    gc.disable()
    try:
        reader = weakref.ref(source._reader)
        assert reader() is not None
        source.close()
        frames.close()  # type: ignore[attr-defined] # a generator
        assert reader() is None
    finally:
        gc.enable()


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


def test_pictures_come_out_with_square_pixels(tmp_path: Path) -> None:
    """A widescreen DVD: 720 x 576 pixels that are 64/45 as wide as high: 1024 x 576.

    Source: ITU-R BT.601 and the MPEG-2 sequence header's 16:9.
    """
    for aspect, size_wh in (
        (Fraction(64, 45), (1024, 576)),
        (Fraction(8, 9), (720, 648)),
        (Fraction(1000), (720, 576)),  # nonsense
    ):
        path = write_video(
            tmp_path / f"{aspect.numerator}.mkv",
            CONSTANT[:3],
            size_wh=(720, 576),
            pixel_aspect=aspect,
        )
        info, frames = read(path)
        assert info.size_wh == size_wh
        assert frames[2].image_bgr.shape[1::-1] == size_wh
        assert [read_number(frame.image_bgr) for frame in frames] == [0, 1, 2]


def test_4k_plays(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "clip.mp4",
        CONSTANT[:4],
        size_wh=(3840, 2160),
        options={"preset": "ultrafast"},
    )
    info, frames = read(path)
    assert info.size_wh == (3840, 2160)
    assert [read_number(frame.image_bgr) for frame in frames] == [0, 1, 2, 3]


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".avi"])
def test_a_torn_file_gives_what_is_good_and_then_says_so(
    tmp_path: Path, suffix: str
) -> None:
    times_s = [i / 25 for i in range(150)]
    codec, base = ("mpeg4", Fraction(1, 25)) if suffix == ".avi" else ("libx264", TB)
    whole = write_video(
        tmp_path / f"whole{suffix}", times_s, codec=codec, time_base=base
    )
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    source = FileSource(cut)
    source.open()
    numbers = []
    for frame in source.frames():
        assert source.take_warnings() == []
        numbers.append(read_number(frame.image_bgr))
    assert 30 < len(numbers) < 120
    # The very last may be shown without those that are decoded after it.
    assert numbers[:-1] == list(range(len(numbers) - 1))
    if suffix != ".ts":  # a transport stream has no header to know its length from
        (said,) = source.take_warnings()
        assert said.startswith(f"cut{suffix} is damaged: it breaks off at 0:0")
        assert source.take_warnings() == []
    source.seek(5.9)
    last = list(source.frames())[-1]
    assert read_number(last.image_bgr) == numbers[-1]
    source.close()


def test_a_whole_file_is_not_called_damaged(clip: Path, tmp_path: Path) -> None:
    for path in (clip, write_video(tmp_path / "variable.mkv", VARIABLE)):
        source = FileSource(path)
        source.open()
        assert len(list(source.frames())) > 1
        assert source.take_warnings() == []
        source.close()


def test_a_scratch_costs_only_itself(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "clip.avi",
        CONSTANT,
        codec="mjpeg",
        pix_fmt="yuvj420p",
        time_base=Fraction(1, 25),
    )
    data = bytearray(path.read_bytes())
    starts = [match.start() for match in re.finditer(b"\xff\xd8\xff", data)]
    for number in (20, 21):
        data[starts[number] : starts[number + 1] - 16] = bytes(
            starts[number + 1] - 16 - starts[number]
        )
    path.write_bytes(data)
    source = FileSource(path)
    source.open()
    numbers = [read_number(frame.image_bgr) for frame in source.frames()]
    assert numbers == [n for n in range(60) if n not in (20, 21)]
    assert source.take_warnings() == [
        "clip.avi is damaged: 2 pieces of it cannot be read."
    ]
    source.close()


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


def song_with_a_cover(folder: Path) -> Path:
    """Its cover is a stream of one picture, but no video."""
    path = folder / "song.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=48_000, layout="mono")
        cover = out.add_stream("mjpeg", rate=1)
        assert isinstance(sound, AudioStream)
        assert isinstance(cover, VideoStream)
        cover.width, cover.height, cover.pix_fmt = 160, 90, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        picture = VideoFrame.from_ndarray(numbered_picture(1, (160, 90)), "bgr24")
        out.mux(cover.encode(picture.reformat(format="yuvj420p")))
        out.mux(cover.encode(None))
        samples = np.zeros((1, 1024), np.float32)
        silence = AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        silence.sample_rate = 48_000
        out.mux(sound.encode(silence))
        out.mux(sound.encode(None))
    return path


def empty_file(folder: Path) -> Path:
    path = folder / "empty.mp4"
    path.touch()
    return path


def hollow_file(folder: Path) -> Path:
    """Its index is whole, its pictures are all zeros."""
    path = write_video(folder / "hollow.mp4", CONSTANT[:5])
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    size = struct.unpack_from(">I", data, start - 8)[0] - 8
    data[start : start + size] = bytes(size)
    path.write_bytes(data)
    return path


def strange_file(folder: Path) -> Path:
    """Compressed by nobody knows what: another FourCC, twice (`strh` and `strf`)."""
    path = write_video(
        folder / "strange.avi", CONSTANT[:5], codec="mjpeg", pix_fmt="yuvj420p"
    )
    path.write_bytes(path.read_bytes().replace(b"MJPG", b"?!?!"))
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
        (song_with_a_cover, r"song\.m4a has sound, but no picture"),
        (lambda folder: folder / ("x" * 300), "is not a video that can be played"),
        (text_file, r"text\.mp4 is not a video"),
        (sound_file, r"sound\.wav has sound, but no picture"),
        (empty_file, r"empty\.mp4 is empty"),
        (hollow_file, r"hollow\.mp4 holds no frame"),
        (strange_file, r"strange\.avi is in a format that cannot be decoded"),
        (beheaded_file, r"beheaded\.mp4 is not a video that can be played, or is dam"),
    ],
    ids=[
        "missing",
        "folder",
        "song",
        "long name",
        "text",
        "sound",
        "empty",
        "zeros",
        "unknown codec",
        "killed recording",
    ],
)
def test_what_is_no_video_is_said_in_one_sentence(tmp_path, make, sentence) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    source = FileSource(make(tmp_path))
    with pytest.raises(SourceError, match=sentence) as caught:
        source.open()
    assert caught.value.remedy
    source.close()


def test_a_stream_that_begins_late_does_not_end_the_others(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyAV 18.1 reads past its list of streams then, and may raise at the end."""

    class Stumbling:
        def __init__(self, container: InputContainer) -> None:
            self._container = container
            self._stumbles = True

        def __getattr__(self, name: str) -> object:
            return getattr(self._container, name)

        def demux(self, stream: VideoStream) -> Iterator[object]:
            packets = list(self._container.demux(stream))
            if self._stumbles:
                self._stumbles = False
                yield from packets[:-1]
                raise IndexError("list index out of range")
            yield from packets

    really_open = av.open

    def stumble(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as av.open
        return Stumbling(really_open(*arguments, **options))

    monkeypatch.setattr(av, "open", stumble)
    _, frames = read(clip)
    assert len(frames) == 250


def test_a_title_in_an_old_alphabet_does_no_harm(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mkv", CONSTANT[:5])
    data = path.read_bytes()
    assert b"DURATION" in data
    path.write_bytes(data.replace(b"DURATION", b"DUR\xc4TION"))  # Latin-1
    _, frames = read(path)
    assert len(frames) == 5


def test_a_file_that_may_not_be_read_is_said(
    tmp_path: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(
        *_: object, **__: object
    ) -> None:  # permissions do not stop an administrator
        raise av.error.PermissionError(errno.EACCES, "Permission denied", "clip.mp4")

    monkeypatch.setattr(av, "open", refuse)
    with pytest.raises(SourceError, match=r"bikes\.mp4 may not be read.*permissions"):
        FileSource(clip).open()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts in /proc")
def test_no_descriptor_is_left_open(tmp_path: Path, clip: Path) -> None:
    read(clip)
    before = open_descriptors()
    for _ in range(5):
        read(clip)
        source = FileSource(text_file(tmp_path))
        with pytest.raises(SourceError):
            source.open()
    assert open_descriptors() - before == set()


def test_real_clips_read_to_their_end(shared_data: Path) -> None:
    for path in sorted((shared_data / "videos").glob("*.mp4"))[:1]:
        info, frames = read(path)
        assert info.frame_count == len(frames)
        assert all(f.image_bgr.shape[1::-1] == info.size_wh for f in frames[::50])
