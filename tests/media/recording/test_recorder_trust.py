"""What a recording promises: its times, its sound, its end on a full disk."""

import errno
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

import av
import pytest

from app.errors import RecordingError
from app.media.recording import encoder as encoder_module
from app.media.recording import recorder as recorder_module
from app.media.recording.part_file import part_of
from app.media.recording.recorder import Mp4Recorder
from app.media.recording.recovery import recover
from app.media.sources.file_source import FileSource
from app.types import RecordingInfo
from tests.media.numbered import info, make_video, numbered, numbers_in

CONSTANT_S = [i / 25 for i in range(60)]
# As a phone does in the dark: 20 to 120 ms; the last picture stays 300 ms.
VARIABLE_S = [sum((20 + 7 * (k % 15)) / 1e3 for k in range(i)) for i in range(60)]


def record_file(source_path: Path, path: Path, *, first: int = 0) -> RecordingInfo:
    """Record every frame from `first` on."""
    source, recorder = FileSource(source_path), Mp4Recorder(path)
    recorder.open(source.open())
    try:
        for frame in source.frames():
            if frame.index >= first:
                recorder.write(frame.image_bgr, frame.timestamp_s)
    finally:
        source.close()
    recorded = recorder.close()
    assert recorded is not None
    return recorded


def times_and_length(path: Path) -> tuple[list[float], float]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [float(frame.time or 0) for frame in container.decode(stream)]
        assert stream.duration is not None
        assert stream.time_base is not None
        return times, float(stream.duration * stream.time_base)


def audio_packets(path: Path) -> list[tuple[bytes, float]]:
    """Content and length of each packet of sound."""
    with av.open(str(path)) as container:
        return [
            (bytes(packet), float((packet.duration or 0) * packet.time_base))
            for packet in container.demux(audio=0)
            if packet.size
        ]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize(("times", "last_s"), [(CONSTANT_S, 0.04), (VARIABLE_S, 0.3)])
def test_a_file_keeps_its_times_its_length_and_its_sound(
    tmp_path: Path, times: list[float], last_s: float, suffix: str
) -> None:
    source = make_video(tmp_path / "in.mp4", times, last_s=last_s)
    out = tmp_path / f"out{suffix}"
    recorded = record_file(source, out)
    assert recorded.duration_s == pytest.approx(times[-1] + last_s, abs=1e-3)
    assert numbers_in(out) == list(range(60))
    assert [c for c, _ in audio_packets(out)] == [c for c, _ in audio_packets(source)]
    if suffix != ".mkv":  # has no length for a stream, and rounds to milliseconds
        shown, length_s = times_and_length(out)
        assert shown == pytest.approx(times, abs=1e-4)
        assert length_s == pytest.approx(times[-1] + last_s, abs=1e-3)


def test_sound_and_picture_stay_together(tmp_path: Path) -> None:
    source = make_video(tmp_path / "in.mp4", CONSTANT_S)
    record_file(source, tmp_path / "out.mp4")

    def first_sound_s(path: Path) -> float:
        with av.open(str(path)) as container:
            frame = next(container.decode(audio=0))
            return float(frame.time or 0)

    assert first_sound_s(tmp_path / "out.mp4") == pytest.approx(
        first_sound_s(source), abs=1e-3
    )


def test_a_recording_begun_midway_has_the_sound_from_there(tmp_path: Path) -> None:
    source = make_video(tmp_path / "in.mp4", CONSTANT_S)
    out = tmp_path / "out.mp4"
    recorded = record_file(source, out, first=25)
    assert recorded.duration_s == pytest.approx(35 / 25, abs=1e-3)
    kept, all_of_it = audio_packets(out), audio_packets(source)
    # 25 frames are one second: 46.9 packets of 1024 samples at 48 kHz.
    assert len(all_of_it) - len(kept) in (47, 48)
    assert [c for c, _ in kept] == [c for c, _ in all_of_it[-len(kept) :]]


def test_sound_that_browsers_do_not_play_is_encoded_anew_with_a_word(
    tmp_path: Path,
) -> None:
    for codec in ("pcm_mulaw", "pcm_s16be"):
        source = make_video(tmp_path / f"{codec}.mov", CONSTANT_S, audio=codec)
        out = tmp_path / f"{codec}.mp4"
        recorded = record_file(source, out)
        assert len(numbers_in(out)) == 60
        with av.open(str(out)) as container:
            (stream,) = container.streams.audio
            assert stream.codec_context.name == "aac"
            samples = sum(frame.samples for frame in container.decode(stream))
        # 60 pictures of 1/25 s, and what AAC adds at both ends.
        assert samples / 48_000 == pytest.approx(2.4, abs=0.05)
        assert recorded.notes == (
            f"Its {codec} sound was encoded anew, as AAC, which is played everywhere.",
        )


def jumping(source: Path, path: Path, *, before_jump: int) -> Mp4Recorder:
    """Frames 0 to `before_jump`, then as many from number 40 on; not closed."""
    recorder = Mp4Recorder(path)
    recorder.open(info(path=str(source)))
    for number in range(before_jump):
        recorder.write(numbered(number), number / 25)
    recorder.jump()
    for number in range(before_jump):
        recorder.write(numbered(40 + number), (before_jump + number) / 25)
    recorder.jump()
    return recorder


# x264 looks 10 pictures ahead: a header is written only then.
@pytest.mark.parametrize(
    ("before_jump", "is_killed"), [(1, False), (30, False), (30, True)]
)
def test_after_a_jump_there_is_no_sound_rather_than_the_wrong_one(
    tmp_path: Path, before_jump: int, is_killed: bool
) -> None:
    source = make_video(tmp_path / "in.mp4", CONSTANT_S)
    recorder = jumping(source, tmp_path / "out.mp4", before_jump=before_jump)
    if is_killed:  # what is on the disk at this moment, elsewhere
        part = tmp_path / ".killed.mp4.part"
        part.write_bytes(part_of(tmp_path / "out.mp4").read_bytes())
        path = recover(part)
        recorder.close()
    else:
        recorder.close()
        path = tmp_path / "out.mp4"
    assert path is not None
    with av.open(str(path)) as container:
        assert not container.streams.audio
    numbers = numbers_in(path)
    expected = [*range(before_jump), *range(40, 40 + before_jump)]
    assert numbers == expected[: len(numbers)]
    assert len(numbers) >= (30 if is_killed else 2 * before_jump)
    times, _ = times_and_length(path)
    assert times == pytest.approx([i / 25 for i in range(len(times))], abs=1e-3)


def test_without_a_jump_the_sound_stays(tmp_path: Path) -> None:
    source = make_video(tmp_path / "in.mp4", CONSTANT_S)
    record_file(source, tmp_path / "out.mp4")
    assert audio_packets(tmp_path / "out.mp4")


def test_after_a_jump_further_files_of_a_split_recording_have_no_sound_either(
    tmp_path: Path,
) -> None:
    source = make_video(tmp_path / "in.mp4", CONSTANT_S)
    recorder = Mp4Recorder(tmp_path / "out.mp4", split_s=1.0)
    recorder.open(info(path=str(source)))
    for number in range(50):
        if number == 10:
            recorder.jump()
        recorder.write(numbered(number), number / 25)
    recorder.close()
    for name in ("out.mp4", "out-002.mp4"):
        with av.open(str(tmp_path / name)) as container:
            assert not container.streams.audio


@pytest.mark.parametrize("interval_s", [0.04, 0.0831])
def test_a_live_recording_lasts_as_long_as_it_took(
    tmp_path: Path, interval_s: float
) -> None:
    """Whatever rate the camera claims (30), its clock counts."""
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    recorder.open(info(fps=Fraction(30), is_live=True))
    for number in range(48):
        recorder.write(numbered(number), 100.0 + number * interval_s)
    recorded = recorder.close()
    assert recorded is not None
    times, length_s = times_and_length(tmp_path / "out.mp4")
    assert recorded.duration_s == pytest.approx(48 * interval_s, abs=1e-3)
    assert length_s == pytest.approx(48 * interval_s, abs=1e-3)
    assert times[-1] == pytest.approx(47 * interval_s, abs=1e-3)


def test_a_long_recording_is_split_and_loses_nothing(tmp_path: Path) -> None:
    recorder = Mp4Recorder(tmp_path / "out.mp4", split_s=1.0)
    recorder.open(info(is_live=True))
    for number in range(60):
        recorder.write(numbered(number), number / 25)
    recorded = recorder.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["out-002.mp4", "out-003.mp4", "out.mp4"]
    parts = [numbers_in(tmp_path / n) for n in ("out.mp4", *names[:2])]
    assert [len(part) for part in parts] == [25, 25, 10]
    assert list(chain(*parts)) == list(range(60))
    assert recorded is not None
    assert recorded.frame_count == 60
    assert recorded.duration_s == pytest.approx(2.4, abs=1e-3)


def test_it_is_split_by_size_too(tmp_path: Path) -> None:
    recorder = Mp4Recorder(tmp_path / "out.mp4", split_bytes=4000)
    recorder.open(info(is_live=True))
    for number in range(100):
        recorder.write(numbered(number * 613 % 65_536), number / 25)
    recorder.close()
    assert len(list(tmp_path.iterdir())) > 1


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    recorder = Mp4Recorder(path)
    recorder.open(info())
    recorder.write(numbered(1), 0.0)
    path.write_text("mine")
    recorder.close()
    assert path.read_text() == "mine"
    assert numbers_in(tmp_path / "out (2).mp4") == [1]


def test_a_nearly_full_disk_ends_the_recording_and_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "SYNC_EVERY_S", 0.0)
    free = iter([500, 500] + [400] * 30 + [50])
    recorder = Mp4Recorder(
        tmp_path / "out.mp4", min_free_bytes=100, free_bytes=lambda _: next(free)
    )
    recorder.open(info(is_live=True))
    written = 0
    with pytest.raises(RecordingError, match="disk is nearly full"):  # noqa: PT012
        for number in range(60):
            recorder.write(numbered(number), number / 25)
            written += 1
    assert recorder.close() is not None
    assert numbers_in(tmp_path / "out.mp4") == list(range(written))
    assert written > 20


def test_no_recording_begins_on_a_nearly_full_disk(tmp_path: Path) -> None:
    recorder = Mp4Recorder(tmp_path / "out.mp4", free_bytes=lambda _: 10)
    with pytest.raises(RecordingError, match="disk is nearly full") as caught:
        recorder.open(info())
    assert caught.value.remedy == "Make room."  # nothing was recorded, nothing is kept
    assert recorder.close() is None
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB, where we may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        )
    except OSError:
        pytest.skip("there is no mount here")
    if mounted.returncode:
        pytest.skip("mounting needs root")
    try:
        yield folder
    finally:
        # Lazily: a test that failed may still hold the file open.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("min_free", [0, 65_536])
def test_a_full_disk_costs_nothing_that_was_written(
    small_disk: Path, min_free: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "SYNC_EVERY_S", 0.0)
    path = small_disk / "out.mp4"
    recorder = Mp4Recorder(path, min_free_bytes=min_free, quality=0)
    recorder.open(info(is_live=True))
    written = 0
    with pytest.raises(RecordingError):  # noqa: PT012
        for number in range(20_000):
            recorder.write(numbered(number * 613 % 65_536), number / 25)
            written += 1
    on_disk = numbers_in(part_of(path))
    recorder.close()
    assert [p.name for p in small_disk.iterdir()] == ["out.mp4"]
    kept = numbers_in(path)
    assert kept == [n * 613 % 65_536 for n in range(len(kept))]
    assert len(kept) >= len(on_disk) > 100
    if min_free:  # stopped in time: every picture is there
        assert len(kept) == written


def test_nvenc_is_used_where_it_opens_and_else_x264_with_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Mp4Recorder(tmp_path / "out.mp4", encoder="nvenc")
    recorder.open(info())
    for number in range(5):
        recorder.write(numbered(number), number / 25)
    recorder.close()
    assert numbers_in(tmp_path / "out.mp4") == list(range(5))
    if not encoder_module._opens("h264_nvenc", ()):
        assert "h264_nvenc does not work here" in caplog.text


def test_without_x264_a_free_codec_takes_over_with_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = encoder_module._opens
    monkeypatch.setattr(
        encoder_module,
        "_opens",
        lambda name, options: name != "libx264" and really(name, options),
    )
    recorder = Mp4Recorder(tmp_path / "out.mp4")
    recorder.open(info(is_live=True))
    for number in range(30):
        recorder.write(numbered(number), number / 25)
    recorder.close()
    assert "libx264 does not work here: libvpx-vp9" in caplog.text
    assert numbers_in(tmp_path / "out.mp4") == list(range(30))


def test_quality_is_a_choice(tmp_path: Path) -> None:
    sizes = []
    for quality in (10, 28, 45):
        path = tmp_path / f"{quality}.mp4"
        recorder = Mp4Recorder(path, quality=quality)
        recorder.open(info())
        for number in range(30):
            recorder.write(numbered(number * 613 % 65_536), number / 25)
        recorder.close()
        sizes.append(path.stat().st_size)
    assert all(more > less for more, less in pairwise(sizes))


def test_the_part_stays_until_its_file_has_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the last step costs is a name: a disk that fails there is told."""
    path = tmp_path / "out.mp4"
    recorder = Mp4Recorder(path)
    recorder.open(info())
    for number in range(25):
        recorder.write(numbered(number), number / 25)

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "the disk fails")

    with monkeypatch.context() as failing:
        failing.setattr("app.media.recording.finishing.give_name", refuse)
        with pytest.raises(RecordingError, match="What there is of it is in"):
            recorder.close()
    assert not path.exists()
    assert recover(part_of(path)) == path
    assert numbers_in(path) == list(range(25))
