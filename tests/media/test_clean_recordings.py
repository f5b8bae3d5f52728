"""What app.media.clips.clean_recorder promises: pictures as they came, and lines."""

import random
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from app.errors import RecordingError
from app.export.render import render
from app.media.clips.clean_recorder import CleanRecorder
from app.media.recording.recorder import Mp4Recorder
from app.media.recording.replay import ReplayRing
from app.media.sources.make import make_source
from app.sidecar import read_sidecar
from app.types import Detections, Found
from tests.campaign import FACTOR
from tests.fakes import draw_nothing
from tests.media.numbered import info, make_video, numbered, numbers_in
from tests.media.recording.test_replay import CLASSES, one_box, shown

LIVE = info(is_live=True)


def check_a_recording(folder: Path, seed: int) -> None:
    """Begun and ended at random, beside a ring or alone: each file keeps the law."""
    chance = random.Random(seed)
    fps = chance.choice([5, 10, 25, 30])
    ring = ReplayRing(
        keep_s=chance.choice([0.3, 1.0, 5.0]),
        max_bytes=chance.choice([3000, 20_000, 10**6]),
        key_every_s=chance.choice([0.2, 0.5, 1.0, 2.0]),
    )
    first, last = sorted(chance.sample(range(90), 2))
    is_shared = chance.random() < 0.75
    path = folder / f"{seed}.mp4"
    recorder = CleanRecorder(path, split_s=chance.choice([None, None, 0.5, 2.0]))
    recorder.open(info(fps=Fraction(fps), is_live=True))
    time_s, times = chance.uniform(0, 1000), []
    for number in range(90):
        picture, found = numbered(number), one_box(number, 2, number + 5, 9)
        encoded = ring.add(
            *(picture, time_s, found),
            fps=Fraction(fps),
            is_key=number == first or chance.random() < 0.05,
        )
        if first <= number <= last and is_shared:
            for one in encoded:
                recorder.write_encoded(one)
        elif first <= number <= last:
            recorder.write_clean(picture, time_s, found)
        times.append(time_s)
        if number == chance.randrange(90):
            saved = numbers_in(Path(ring.save(folder / f"{seed} {number}.mp4").path))
            assert saved == list(range(number + 1))[-len(saved) :]
        time_s += chance.choice([0.0, 3.0]) if chance.random() < 0.05 else 1 / fps
    ring.close()
    recorded = recorder.close()
    assert recorded is not None
    assert (recorded.frame_count, recorded.notes) == (last - first + 1, ())
    files = sorted({path, *folder.glob(f"{seed}-*.mp4")})
    files.sort(key=lambda file: (file != path, file.name))
    following = first
    for file in files:
        following += check_a_file(file, following, times, fps)
    assert following == last + 1
    assert not list(folder.glob(".*"))


def check_a_file(file: Path, first: int, times: list[float], fps: int) -> int:
    """How many pictures it has, from that number on."""
    numbers, shown_s, keys, length_s = shown(file)
    assert numbers == list(range(first, first + len(numbers)))
    assert keys[0]
    assert shown_s[0] == 0.0
    assert all(b > a for a, b in pairwise(shown_s))
    expected = [times[number] - times[first] for number in numbers]
    assert shown_s == pytest.approx(expected, abs=1e-3)
    # A picture stays as long as most of them: as any live recording's last one.
    assert -1e-3 <= length_s - expected[-1] <= max(3.0, 1 / fps) + 1e-3
    header, frames = read_sidecar(file.with_suffix(".jsonl"))
    assert (header.source, header.size_wh) == (str(file), (160, 96))
    assert (header.model_name, header.class_names) == ("a.onnx", CLASSES)
    assert [frame.detections.boxes_xyxy[0][0] for frame in frames] == numbers
    assert [frame.timestamp_s for frame in frames] == pytest.approx(shown_s, abs=1e-3)
    return len(numbers)


@pytest.mark.parametrize("seed", range(6))
def test_every_recording_keeps_the_law(tmp_path: Path, seed: int) -> None:
    check_a_recording(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 40 * FACTOR, 20))
def test_each_of_40_recordings_keeps_the_law(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 20):
        check_a_recording(tmp_path, seed)


def test_a_file_is_recorded_clean_with_all_its_pictures(tmp_path: Path) -> None:
    """Not live, pictures wait in the encoder; and the sound comes along."""
    video = make_video(tmp_path / "film.mp4", [number / 25 for number in range(30)])
    recorder = CleanRecorder(tmp_path / "a.mp4")
    recorder.open(info(path=str(video)))
    for number in range(30):
        recorder.write_clean(numbered(number), number / 25, one_box(number, 2, 90, 9))
    recorder.close()
    assert numbers_in(tmp_path / "a.mp4") == list(range(30))
    _, frames = read_sidecar(tmp_path / "a.jsonl")
    assert [frame.detections.boxes_xyxy[0][0] for frame in frames] == list(range(30))


def test_it_is_drawn_later(tmp_path: Path) -> None:
    recorder = CleanRecorder(tmp_path / "a.mp4")
    recorder.open(LIVE)
    for number in range(10):
        recorder.write_clean(numbered(number), number / 25, one_box(1, 2, 30, 40))
    recorder.close()
    made = render(
        *(tmp_path / "a.jsonl", tmp_path / "boxes.mp4"),
        make_source=make_source,
        make_recorder=Mp4Recorder,
        draw=draw_nothing,
    )
    assert made is not None
    assert made.frame_count == 10


def test_it_says_of_the_score_what_holds_to_its_end(tmp_path: Path) -> None:
    recorder = CleanRecorder(tmp_path / "a.mp4")
    recorder.open(LIVE)
    for number, threshold in enumerate((0.3, 0.7, 0.5)):
        nothing = Found(Detections.empty(), CLASSES, threshold)
        recorder.write_clean(numbered(number), number / 25, nothing)
    recorder.close()
    header, _ = read_sidecar(tmp_path / "a.jsonl")
    assert header.settings["score_threshold"] == 0.7


def test_what_another_model_finds_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    recorder = CleanRecorder(tmp_path / "a.mp4")
    recorder.open(LIVE)
    recorder.write_clean(numbered(0), 0.0, one_box(1, 2, 30, 40))
    other = Found(one_box(1, 2, 30, 40).detections, ("cat", "dog"), 0.5)
    recorder.write_clean(numbered(1), 0.04, other)
    recorded = recorder.close()
    assert recorded is not None
    assert recorded.notes == ("What another model found is not in its sidecar.",)
    _, frames = read_sidecar(tmp_path / "a.jsonl")
    assert [len(frame.detections) for frame in frames] == [1, 0]


def test_a_sidecar_that_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    sidecar = tmp_path / "a.jsonl"
    sidecar.write_text("mine")
    with pytest.raises(RecordingError, match=r"a\.jsonl.* is there already"):
        CleanRecorder(tmp_path / "a.mp4").open(LIVE)
    assert sidecar.read_text() == "mine"
    assert sorted(tmp_path.iterdir()) == [sidecar]
    recorder = CleanRecorder(tmp_path / "a.mp4", overwrite=True)
    recorder.open(LIVE)
    recorder.write_clean(numbered(0), 0.0, one_box(1, 2, 30, 40))
    recorder.close()
    assert len(read_sidecar(sidecar)[1]) == 1


def test_one_that_got_no_picture_leaves_nothing(tmp_path: Path) -> None:
    ring = ReplayRing()
    recorder = CleanRecorder(tmp_path / "a.mp4")
    recorder.open(LIVE)
    ring.add(numbered(0), 0.0, one_box(1, 2, 30, 40))
    for one in ring.add(numbered(1), 0.04, one_box(1, 2, 30, 40)):
        recorder.write_encoded(one)  # no key picture: nothing can begin with it
    ring.close()
    assert recorder.close() is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_each_file_of_what_a_ring_encodes_begins_at_zero_with_a_key_picture(
    tmp_path: Path, suffix: str
) -> None:
    ring = ReplayRing(key_every_s=0.4)
    recorder = CleanRecorder(tmp_path / f"a{suffix}", split_s=0.5)
    recorder.open(LIVE)
    for number in range(60):
        for one in ring.add(
            *(numbered(number), 7 + number / 25, one_box(1, 2, 30, 40)),
            fps=Fraction(25),
            is_key=number == 20,
        ):
            if number >= 20:
                recorder.write_encoded(one)
    ring.close()
    recorder.close()
    # A key picture each 10; half a second is 12.5, so a file each 20.
    files = [tmp_path / f"a{suffix}", tmp_path / f"a-002{suffix}"]
    assert sorted(tmp_path.glob(f"*{suffix}")) == sorted(files)
    for file, first in zip(files, (20, 40), strict=True):
        assert numbers_in(file) == list(range(first, first + 20))
        with av.open(str(file)) as container:
            packet = next(container.demux(video=0))
        assert (packet.pts, packet.is_keyframe) == (0, True)
        assert len(read_sidecar(file.with_suffix(".jsonl"))[1]) == 20
