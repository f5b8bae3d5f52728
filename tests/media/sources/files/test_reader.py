"""What app.media.sources.files.reader promises of times and lengths."""

import gc
import itertools
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.media.sources.file_source import FileSource
from app.types import Frame, VideoInfo
from tests.media.clips import read_number, write_video
from tests.media.spliced import joined

FPS = 25


def read(path: Path) -> tuple[VideoInfo, list[Frame], list[str]]:
    source = FileSource(path)
    try:
        return source.open(), list(source.frames()), source.take_warnings()
    finally:
        source.close()


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".mkv", {}),
        (".mkv", {"live": "1"}),
        (".ts", {}),
        (".mp4", {}),
        (".mp4", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
        (".flv", {}),
        (".webm", {}),
    ],
)
@pytest.mark.parametrize("start_s", [4, 3600])
def test_a_piece_of_something_longer_is_as_long_as_it_is(
    tmp_path: Path, suffix: str, options: dict[str, str], start_s: int
) -> None:
    """A segment of a recording keeps its clock: it begins at 4 s and ends at 6 s."""
    path = write_video(
        tmp_path / f"piece{suffix}",
        [start_s + i / FPS for i in range(50)],
        codec="libvpx" if suffix == ".webm" else "libx264",
        options={} if suffix == ".webm" else {"bf": "0", "g": "25"},
        container_options=options | {"avoid_negative_ts": "disabled"},
        time_base=Fraction(1, 1000),
    )
    info, frames, warnings = read(path)
    assert warnings == []
    assert len(frames) == 50
    assert frames[0].timestamp_s == 0
    assert frames[-1].timestamp_s == pytest.approx(49 / FPS, abs=2e-3)
    assert info.duration_s == pytest.approx(2.0, abs=0.05)
    source = FileSource(path)
    source.open()
    source.seek(1.0)
    assert read_number(next(source.frames()).image_bgr) == 25
    source.close()


def test_a_torn_piece_is_still_said(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "piece.mkv",
        [4 + i / FPS for i in range(150)],
        options={"bf": "0", "g": "25"},
        time_base=Fraction(1, 1000),
    )
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])
    _, frames, warnings = read(path)
    assert len(frames) < 120
    assert len(warnings) == 1


def test_eight_hours_between_two_pictures_are_eight_hours(tmp_path: Path) -> None:
    """A camera that films only what moves."""
    times_s = [*(i / FPS for i in range(5)), *(28_800 + i / FPS for i in range(5))]
    info, frames, warnings = read(
        write_video(
            tmp_path / "gap.mkv",
            times_s,
            options={"bf": "0"},
            time_base=Fraction(1, 1000),
        )
    )
    assert [frame.timestamp_s for frame in frames] == pytest.approx(times_s)
    assert info.duration_s == pytest.approx(28_800.2, abs=0.05)
    assert warnings == []


# "DivX 5.03, packed" as Xvid writes it too; ISO 14496-2, 6.2.2.1: user data.
_PACKED_MARK = b"\0\0\1\xb2DivX503b1393p"


def packed_avi(path: Path, count: int) -> Path:
    """P and B in one piece, then a piece that says "nothing new" (7 bytes).

    Source: the layout of Xvid's files; a VOP that is not coded is ISO 14496-2, 6.2.5.
    """
    plain = write_video(
        path.with_name("plain.avi"),
        [i / FPS for i in range(count)],
        codec="mpeg4",
        rate=Fraction(FPS),
        time_base=Fraction(1, FPS),
        options={"bf": "1", "g": "12", "flags": "+mv4", "b_strategy": "0"},
    )
    with av.open(str(plain)) as source, av.open(str(path), "w") as out:
        stream = source.streams.video[0]
        copy = out.add_stream_from_template(stream)
        assert isinstance(copy, VideoStream)
        pieces = [bytes(p) for p in source.demux(stream) if p.size]
        packed: list[bytes] = []
        for before, piece in itertools.pairwise([b"", *pieces]):
            if _coding_type(piece) == _B:
                packed[-1] = before + piece
                packed.append(_NOTHING_NEW)
            else:
                packed.append(piece)
        assert any(piece == _NOTHING_NEW for piece in packed)
        start = packed[0].index(b"\0\0\1\xb6")
        packed[0] = packed[0][:start] + _PACKED_MARK + packed[0][start:]
        for number, piece in enumerate(packed):
            packet = Packet(piece)
            packet.stream, packet.time_base = copy, Fraction(1, FPS)
            packet.pts = packet.dts = number
            packet.is_keyframe = _coding_type(piece) == 0
            out.mux(packet)
    return path


_B = 2
# Coding type P, no whole seconds, marker, tick 0 of 25 (5 bits), marker, not coded.
_NOTHING_NEW = b"\0\0\1\xb6" + bytes([0b01_0_1_0000, 0b0_1_0_01111, 0x7F])


def _coding_type(piece: bytes) -> int:
    """0, 1, 2 for I, P, B: the first two bits of a picture (ISO 14496-2, 6.2.5)."""
    return piece[piece.index(b"\0\0\1\xb6") + 4] >> 6


def test_packed_b_frames_come_at_even_intervals(tmp_path: Path) -> None:
    path = packed_avi(tmp_path / "packed.avi", 48)
    _, frames, warnings = read(path)
    assert warnings == []
    numbers = [read_number(frame.image_bgr) for frame in frames]
    assert numbers == sorted(set(numbers))
    assert len(numbers) >= 46
    intervals = [b.timestamp_s - a.timestamp_s for a, b in itertools.pairwise(frames)]
    assert intervals == pytest.approx([1 / FPS] * len(intervals))
    source = FileSource(path)
    source.open()
    source.seek(1.0)
    assert next(source.frames()).timestamp_s == pytest.approx(1.0)
    source.close()


def test_a_drop_in_an_avi_that_is_not_packed_stays_a_gap(tmp_path: Path) -> None:
    times_s = [i / FPS for i in range(20) if i not in (7, 8, 9)]
    path = write_video(
        tmp_path / "dropped.avi",
        times_s,
        codec="mpeg4",
        rate=Fraction(FPS),
        time_base=Fraction(1, FPS),
    )
    _, frames, _ = read(path)
    assert max(
        b.timestamp_s - a.timestamp_s for a, b in itertools.pairwise(frames)
    ) == pytest.approx(4 / FPS)


def spliced(folder: Path) -> Path:
    """Two files one behind the other, each with a clock of its own."""
    parts = [
        write_video(
            folder / f"{number}.ts",
            [i / FPS for i in range(25)],
            options={"bf": "0", "g": "25"},
        )
        for number in range(2)
    ]
    path = folder / "spliced.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def test_time_never_falls_in_a_spliced_file(tmp_path: Path) -> None:
    _, frames, _ = read(spliced(tmp_path))
    times_s = [frame.timestamp_s for frame in frames]
    assert len(frames) == 50
    assert times_s == sorted(times_s)
    assert times_s[0] == 0


def test_time_that_falls_back_a_little_stands_still(tmp_path: Path) -> None:
    """Less than a leap, as of a broadcast that was cut between two keyframes."""
    parts = [
        write_video(
            tmp_path / f"{start_s}.ts",
            [start_s + i / FPS for i in range(25)],
            options={"bf": "0", "g": "25"},
        )
        for start_s in (0.0, 24 / FPS - 0.06)
    ]
    _, frames, _ = read(joined(tmp_path / "joined.ts", *parts))
    times_s = [frame.timestamp_s for frame in frames]
    assert len(times_s) == 50
    assert times_s == sorted(times_s)
    assert times_s[25] == times_s[24]


def test_shared_segments_are_as_long_as_they_are(shared_data: Path) -> None:
    cases = shared_data / "cases"
    info, frames, warnings = read(cases / "segment_third.mkv")
    assert info.duration_s == pytest.approx(2.0)
    assert (len(frames), warnings) == (50, [])
    _, frames, _ = read(cases / "xvid_packed.avi")
    assert [frame.timestamp_s for frame in frames] == pytest.approx(
        [i / FPS for i in range(48)]
    )


def test_pictures_go_with_whoever_held_them(tmp_path: Path) -> None:
    """Not when Python looks for circles: that may take many files of 60 MB each."""

    def held() -> int:
        return sum(type(each) is VideoFrame for each in gc.get_objects())

    path = write_video(tmp_path / "in.mp4", [i / FPS for i in range(20)])
    before = held()
    gc.disable()
    try:
        assert len(read(path)[1]) == 20
        assert held() == before
    finally:
        gc.enable()


def test_a_file_of_one_picture_stays_as_long_as_one(tmp_path: Path) -> None:
    """It was asked for its rate when it was closed, which crashed."""
    path = write_video(tmp_path / "one.ts", [0.0])
    info, frames, _ = read(path)
    assert len(frames) == 1
    assert (info.frame_count, info.duration_s) == (1, 1 / FPS)
