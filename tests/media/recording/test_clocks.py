"""Files whose clock starts anew: as long as FFmpeg plays them, with their sound."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from app.media.recording.recorder import Mp4Recorder
from app.media.sources.file_source import FileSource
from app.types import RecordingInfo
from tests.media.numbered import info, make_video, number_in, numbered, numbers_in
from tests.media.spliced import joined, later, rewritten

TWO_S = [i / 25 for i in range(50)]


def record_file(source_path: Path, path: Path) -> RecordingInfo:
    source, recorder = FileSource(source_path), Mp4Recorder(path)
    recorder.open(source.open())
    for frame in source.frames():
        recorder.write(frame.image_bgr, frame.timestamp_s)
    source.close()
    recorded = recorder.close()
    assert recorded is not None
    return recorded


def sound_of(path: Path, index: int = 0) -> list[tuple[float, bytes]]:
    """Each packet of sound, and when it is decoded."""
    with av.open(str(path)) as container:
        return [
            (float(packet.dts * packet.time_base), bytes(packet))
            for packet in container.demux(container.streams.audio[index])
            if packet.dts is not None
        ]


def times_of(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(frame.time or 0) for frame in container.decode(video=0)]


def spliced(folder: Path, kind: str) -> Path:
    """Two seconds, and the same two seconds again: four, whatever their clock says."""
    first = make_video(folder / "a.ts", TWO_S)
    second = folder / "b.ts"
    if kind == "ahead":
        rewritten(first, second, later(36_000))
    else:
        second.write_bytes(first.read_bytes())
    if kind == "vob":
        pieces = [
            make_video(folder / f"{n}.mpg", TWO_S, codec="mpeg2video", audio="mp2")
            for n in (1, 2)
        ]
        return joined(folder / "in.vob", *pieces)
    if kind == "hls":
        path = folder / "in.m3u8"
        path.write_text(
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\na.ts\n"
            "#EXT-X-DISCONTINUITY\n#EXTINF:2.0,\nb.ts\n#EXT-X-ENDLIST\n"
        )
        return path
    return joined(folder / "in.ts", first, second)


@pytest.mark.parametrize("kind", ["back", "ahead", "hls", "vob"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_what_plays_in_four_seconds_is_recorded_in_four(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    source, out = spliced(tmp_path, kind), tmp_path / f"out{suffix}"
    recorded = record_file(source, out)
    assert recorded.duration_s == pytest.approx(4.0, abs=0.05)
    assert recorded.frame_count == 100
    assert numbers_in(out) == [*range(50), *range(50)]
    steps = [later_s - earlier_s for earlier_s, later_s in pairwise(times_of(out))]
    assert min(steps) > 0.03
    assert max(steps) < 0.09
    sound = sound_of(out)
    # 4 s at 48 kHz, in packets of 1024 samples; MP2, which Matroska takes, of 1152.
    samples = 1152 if kind == "vob" and suffix == ".mkv" else 1024
    assert len(sound) == pytest.approx(4 * 48_000 / samples, abs=6)
    gaps = [b - a for (a, _), (b, _) in pairwise(sound)]
    assert min(gaps) >= 0
    assert max(gaps) < 0.08
    if kind != "vob":  # not a packet of the second half is lost
        once = [data[7:] for _, data in sound_of(tmp_path / "a.ts")]  # without ADTS
        assert [data for _, data in sound] == [*once, *once]


def test_sound_and_picture_of_the_second_half_stay_together(tmp_path: Path) -> None:
    source, out = spliced(tmp_path, "ahead"), tmp_path / "out.mp4"
    record_file(source, out)
    offsets_s = []
    for path in (tmp_path / "a.ts", out):
        sound, pictures = sound_of(path), times_of(path)
        half = len(pictures) % 50 or 50  # of the recording the second one's first
        offsets_s.append(sound[-20][0] - pictures[-half])
    assert offsets_s[1] == pytest.approx(offsets_s[0], abs=0.03)


@pytest.mark.parametrize("kind", ["back", "ahead", "hls", "vob"])
def test_its_length_is_what_it_takes(tmp_path: Path, kind: str) -> None:
    source = FileSource(spliced(tmp_path, kind))
    opened = source.open()
    source.close()
    assert opened.duration_s == pytest.approx(4.0, abs=0.1)
    assert opened.frame_count == pytest.approx(100, abs=2)


def test_a_seek_in_such_a_file_goes_where_it_is_shown(tmp_path: Path) -> None:
    source = FileSource(spliced(tmp_path, "back"))
    source.open()
    assert len(list(source.frames())) == 100
    source.seek(3.0)
    frame = next(source.frames())
    assert number_in(frame.image_bgr) == 25
    assert frame.timestamp_s == pytest.approx(3.0)
    source.seek(1.0)
    frame = next(source.frames())
    assert number_in(frame.image_bgr) == 25
    assert frame.timestamp_s == pytest.approx(1.0)
    source.close()


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("gap_s", [3 * 3600.0, 8 * 3600.0, 20 * 3600.0])
def test_a_gap_of_hours_is_a_gap(tmp_path: Path, suffix: str, gap_s: float) -> None:
    """As of a camera that wakes on motion; MP4 counts an interval in 31 bits."""
    times = [*(i / 25 for i in range(25)), *(gap_s + i / 25 for i in range(25))]
    source = tmp_path / "in.mkv"
    with av.open(str(source), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, time_s in enumerate(times):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="bgr24")
            frame.pts, frame.time_base = round(time_s * 1000), Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    recorded = record_file(source, tmp_path / f"out{suffix}")
    assert recorded.duration_s == pytest.approx(gap_s + 1.0, abs=0.01)
    assert recorded.frame_count == 50  # whatever is repeated in the gap
    shown = times_of(tmp_path / f"out{suffix}")
    assert shown[-25:] == pytest.approx(times[25:], abs=2e-3)


def test_live_pictures_hours_apart_keep_their_times(tmp_path: Path) -> None:
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    recorder.open(info(is_live=True))
    for number, time_s in enumerate([0.0, 1.0, 30_000.0, 30_001.0]):
        recorder.write(numbered(number), time_s)
    recorder.close()
    assert times_of(tmp_path / "out.mp4")[-2:] == [30_000.0, 30_001.0]
    assert numbers_in(tmp_path / "out.mp4")[-2:] == [2, 3]
