"""What the pipeline promises of replays: a real ring, a camera frame by frame."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.errors import RecordingError
from app.media.clips.clean_recorder import CleanRecorder
from app.media.clips.kept import Kept
from app.media.recording.replay import ReplayRing
from app.pipeline.clip_rule import ClipRule, ClipWish, EventReport, Trigger
from app.pipeline.events import (
    DetectorOpened,
    EventBegan,
    RecordingEnded,
    ReplayFailed,
    ReplaySaved,
)
from app.pipeline.interfaces import Watches
from app.pipeline.pipeline import Pipeline
from app.pipeline.stages.keeping import Replay
from app.pipeline.stages.replay import file_name
from app.scene import Happening, Scene
from app.settings import Settings
from app.sidecar import read_sidecar
from app.types import Detections, Found, Frame, ImageBgr, StageTimes
from tests.fakes import WAIT_S, FakeDetector, FakeFile, draw_nothing
from tests.media.numbered import number_in, numbered, numbers_in
from tests.pipeline.test_live_pause import Camera
from tests.pipeline.test_pipeline import Log


class NumberedCamera(Camera):
    """The same, with pictures that an encoder keeps apart."""

    def frames(self) -> Iterator[Frame]:
        for frame in super().frames():
            yield Frame(
                numbered(frame.index),
                frame.index,
                frame.timestamp_s,
                frame.captured_at_s,
            )


class CountingRing(ReplayRing):
    """Lets a test wait until so many pictures are in."""

    def __init__(self) -> None:
        super().__init__(keep_s=5.0)
        self._count = 0
        self._changed = threading.Condition()

    def add(self, *args: object, **options: object) -> list[Kept]:
        kept = super().add(*args, **options)  # type: ignore[arg-type] # handed on
        with self._changed:
            self._count += 1
            self._changed.notify_all()
        return kept

    def wait(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._count >= count, WAIT_S)


class Seeing(FakeDetector):
    """Finds a person in the pictures of these numbers."""

    def __init__(self, numbers: range) -> None:
        super().__init__()
        self._numbers = numbers

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        if number_in(image_bgr) not in self._numbers:
            return Detections.empty(), StageTimes()
        found = Detections(
            np.array([[1, 2, 30, 40]], np.float32),
            np.array([0.9], np.float32),
            np.array([0], np.int64),
        )
        return found, StageTimes()


class Rig:
    """A camera that is watched, with a replay."""

    def __init__(
        self,
        ring: Replay,
        *,
        detector: FakeDetector | None = None,
        clips: ClipWish | None = None,
        watcher: Watches | None = None,
    ) -> None:
        self.log, self.camera, self.ring = Log(), NumberedCamera(), ring
        self.pipeline = Pipeline(
            self.camera,
            detector or FakeDetector(),
            draw=draw_nothing,
            settings=Settings(score_threshold=0.25),
            on_event=self.log,
            replay=ring,
            clips=clips,
            after_detection=watcher,
        )
        self.pipeline.start()

    def stop(self) -> None:
        assert self.pipeline.stop(WAIT_S) == []


def test_what_was_seen_before_is_saved_and_the_view_goes_on(tmp_path: Path) -> None:
    ring = CountingRing()
    rig = Rig(ring)
    for count in range(1, 31):
        rig.camera.give()
        ring.wait(count)
    held = rig.pipeline.stats().replay
    assert held is not None
    assert held.seconds == pytest.approx(30 / 25)
    rig.pipeline.save_replay(tmp_path / "a.mp4")
    saved = rig.log.wait_for(ReplaySaved)
    assert saved.info.path == str(tmp_path / "a.mp4")
    assert numbers_in(tmp_path / "a.mp4") == list(range(30))
    header, frames = read_sidecar(tmp_path / "a.jsonl")
    assert len(frames) == 30
    assert header.settings["score_threshold"] == 0.25
    rig.camera.give()
    ring.wait(31)
    rig.stop()
    with pytest.raises(RecordingError, match="Nothing is kept"):
        rig.pipeline.save_replay(tmp_path / "b.mp4")


def test_a_paused_view_is_no_gap_in_the_past(tmp_path: Path) -> None:
    ring = CountingRing()
    rig = Rig(ring)
    for count in range(1, 21):
        if count == 10:
            rig.pipeline.pause()
        rig.camera.give()
        ring.wait(count)
    rig.pipeline.save_replay(tmp_path / "a.mp4")
    rig.log.wait_for(ReplaySaved)
    assert numbers_in(tmp_path / "a.mp4") == list(range(20))
    assert rig.camera.watched == []  # it never heard that nobody looks
    rig.stop()


def test_a_save_that_fails_is_told_and_can_be_tried_again(tmp_path: Path) -> None:
    ring = CountingRing()
    rig = Rig(ring)
    rig.camera.give()
    ring.wait(1)
    (tmp_path / "file").touch()
    rig.pipeline.save_replay(tmp_path / "file" / "a.mp4")
    failed = rig.log.wait_for(ReplayFailed)
    assert isinstance(failed.error, RecordingError)
    rig.pipeline.save_replay(tmp_path / "a.mp4")
    rig.log.wait_for(ReplaySaved)
    rig.stop()


def test_an_encoder_that_fails_does_not_end_the_show() -> None:
    class Broken(ReplayRing):
        def add(self, *args: object, **options: object) -> list[Kept]:
            raise RecordingError("No encoder.", "Reinstall it.")

    rig = Rig(Broken())
    rig.camera.give()
    assert str(rig.log.wait_for(ReplayFailed).error) == "No encoder. Reinstall it."
    seen = rig.pipeline.stats().frame_count
    for _ in range(1000):  # live, some are passed by
        rig.camera.give()
        if rig.pipeline.stats().frame_count > seen + 2:
            break
    assert rig.pipeline.stats().frame_count > seen + 2
    rig.stop()


RULE = ClipRule((Trigger("seen", ("person",), for_s=0.4),), pre_s=1.0, post_s=1.0)


def test_an_event_becomes_a_clip_with_what_was_before_and_after(tmp_path: Path) -> None:
    ring, tidied = CountingRing(), threading.Event()
    rig = Rig(
        ring,
        detector=Seeing(range(75, 100)),
        clips=ClipWish(RULE, tmp_path, tidied.set),
    )
    for count in range(1, 151):
        rig.camera.give()
        ring.wait(count)
    clip = Path(rig.log.wait_for(ReplaySaved).info.path)
    assert tidied.wait(WAIT_S)
    assert clip.name.startswith("person 20")
    numbers = numbers_in(clip)
    # Seen from 75 on, known at 85, a second before is 50; a second after 99 is 125.
    assert numbers == list(range(50, 126))
    header, frames = read_sidecar(clip.with_suffix(".jsonl"))
    assert header.settings["event"] == "person"
    assert [n for n, f in zip(numbers, frames, strict=True) if len(f.detections)] == (
        list(range(75, 100))
    )
    rig.stop()
    assert len(rig.log.of(ReplaySaved)) == 1


class Scripted:
    """Says of the frames of these numbers that somebody crossed a line there."""

    def __init__(self, *crossed: int) -> None:
        self._crossed: tuple[int, ...] = crossed

    def lowered(self, settings: Settings) -> Settings:
        return settings

    def watch(
        self,
        frame: Frame,
        found: Detections,
        settings: Settings,
        class_names: tuple[str, ...],
    ) -> tuple[Detections, Scene]:
        is_now = frame.index in self._crossed
        happened = (Happening("cross", "L1", "person", "in"),) if is_now else ()
        return found, Scene(happened=happened)

    def restart(self) -> None: ...


CROSSING = ClipRule((Trigger("cross", rule="L1"),), pre_s=1.0, post_s=1.0)


def test_a_line_that_is_crossed_is_told_at_once_and_once_its_clip_is_there(
    tmp_path: Path,
) -> None:
    ring, told = CountingRing(), list[EventReport]()
    rig = Rig(
        ring,
        clips=ClipWish(CROSSING, tmp_path, tell=told.append),
        watcher=Scripted(50, 60),
    )
    for count in range(1, 121):
        rig.camera.give()
        ring.wait(count)
    clip = Path(rig.log.wait_for(ReplaySaved).info.path)
    rig.stop()
    assert clip.name.startswith("person crosses L1 20")
    # A second before 50; a second after 60, which belongs to it.
    assert numbers_in(clip) == list(range(25, 87))
    begins, over = told
    assert (begins.is_over, begins.clip, over.is_over, over.clip) == (
        *(False, str(clip)),
        *(True, str(clip)),
    )
    assert begins.image_bgr is not None
    assert number_in(begins.image_bgr) == 50
    (began,) = rig.log.of(EventBegan)
    assert began.occasion.title == "person crosses L1"


def test_an_event_without_a_folder_is_told_and_writes_nothing(tmp_path: Path) -> None:
    ring, told = CountingRing(), list[EventReport]()
    wish = ClipWish(CROSSING, None, tell=told.append)
    rig = Rig(ring, clips=wish, watcher=Scripted(10))
    for count in range(1, 61):
        rig.camera.give()
        ring.wait(count)
    rig.stop()
    assert [(one.is_over, one.clip) for one in told] == [(False, ""), (True, "")]
    assert rig.log.of(ReplaySaved) == []


def test_a_crossing_in_a_picture_that_is_passed_over_is_not_missed() -> None:
    """The encoder hangs; of the pictures that wait, the oldest go."""
    free, told = threading.Event(), threading.Event()

    class Slow(CountingRing):
        def add(self, *args: object, **options: object) -> list[Kept]:
            assert free.wait(WAIT_S)
            return super().add(*args, **options)

    ring = Slow()
    wish = ClipWish(CROSSING, None, tell=lambda _: told.set())
    seen: list[Frame] = []

    class Third(Scripted):  # of those that are looked at: live, some are not
        def watch(self, frame: Frame, *rest: Any) -> tuple[Detections, Scene]:  # noqa: ANN401 - handed on
            seen.append(frame)
            self._crossed = (frame.index,) if len(seen) == 3 else ()
            return super().watch(frame, *rest)

    rig = Rig(ring, clips=wish, watcher=Third())
    for _ in range(1000):
        rig.camera.give()
        if rig.pipeline.stats().frame_count > 20:
            break
    assert rig.pipeline.stats().frame_count > 20
    assert not told.is_set()
    free.set()
    assert told.wait(WAIT_S)
    rig.stop()


def test_the_end_ends_a_clip_too(tmp_path: Path) -> None:
    ring = CountingRing()
    rig = Rig(ring, detector=Seeing(range(1000)), clips=ClipWish(RULE, tmp_path))
    for count in range(1, 31):
        rig.camera.give()
        ring.wait(count)
    rig.stop()
    clip = Path(rig.log.wait_for(ReplaySaved).info.path)
    assert numbers_in(clip) == list(range(30))


def test_clips_that_cannot_be_written_are_told_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ring = CountingRing()
    rig = Rig(ring, detector=Seeing(range(20)), clips=ClipWish(RULE, tmp_path / "file"))
    for count in range(1, 31):
        rig.camera.give()
        ring.wait(count)
    assert "cannot be written" in str(rig.log.wait_for(ReplayFailed).error)
    rig.pipeline.save_replay(tmp_path / "a.mp4")
    rig.log.wait_for(ReplaySaved)
    rig.stop()


@pytest.mark.parametrize(
    ("name", "expected"), [("a/b:c", "a_b_c"), ("..", "event"), ("Ä 1", "Ä 1")]
)
def test_a_title_becomes_a_name_of_a_file(name: str, expected: str) -> None:
    assert file_name(name) == expected


def test_a_file_is_its_own_replay(tmp_path: Path) -> None:
    pipeline = Pipeline(
        FakeFile(3),
        FakeDetector(),
        draw=draw_nothing,
        settings=Settings(),
        on_event=lambda _: None,
        replay=ReplayRing(),
    )
    with pytest.raises(RecordingError, match="Nothing is kept"):
        pipeline.save_replay(tmp_path / "a.mp4")
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert pipeline.stats().replay is None


class Recording(CleanRecorder):
    """Counts what it has to encode by itself."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.encoded_here = 0

    def write_clean(
        self, image_bgr: ImageBgr, timestamp_s: float, found: Found
    ) -> None:
        self.encoded_here += 1
        super().write_clean(image_bgr, timestamp_s, found)


def give(rig: Rig, ring: CountingRing, counts: range) -> None:
    for count in counts:
        rig.camera.give()
        ring.wait(count)


def lines_beside(path: Path) -> int:
    return len(read_sidecar(path.with_suffix(".jsonl"))[1])


def test_a_clean_recording_is_of_what_the_replay_has_encoded(tmp_path: Path) -> None:
    """From the picture after it began to the last before its end; none twice."""
    ring = CountingRing()
    rig, recording = Rig(ring), Recording(tmp_path / "a.mp4")
    give(rig, ring, range(1, 11))
    rig.pipeline.start_recording(recording)
    give(rig, ring, range(11, 31))
    rig.pipeline.save_replay(tmp_path / "b.mp4")
    rig.log.wait_for(ReplaySaved)
    rig.pipeline.stop_recording()
    ended = rig.log.wait_for(RecordingEnded)
    give(rig, ring, range(31, 36))
    rig.stop()
    assert (ended.error, recording.encoded_here) == (None, 0)
    assert ended.info is not None
    assert (ended.info.frame_count, ended.info.dropped) == (20, 0)
    assert ended.info.duration_s == pytest.approx(20 / 25)
    assert numbers_in(tmp_path / "a.mp4") == list(range(10, 30))
    assert lines_beside(tmp_path / "a.mp4") == 20
    assert numbers_in(tmp_path / "b.mp4") == list(range(30))


def test_a_clean_recording_goes_on_when_nothing_is_kept_any_more(
    tmp_path: Path,
) -> None:
    ring = CountingRing()
    rig, recording = Rig(ring), Recording(tmp_path / "a.mp4")
    give(rig, ring, range(1, 6))
    rig.pipeline.start_recording(recording)
    give(rig, ring, range(6, 11))
    rig.pipeline.end_replay()
    assert rig.pipeline.stats().replay is None
    give(rig, ring, range(11, 16))
    assert ring.held.size == 0
    other = CountingRing()
    rig.pipeline.keep_replay(other)
    give(rig, other, range(1, 6))
    rig.pipeline.stop_recording()
    assert rig.log.wait_for(RecordingEnded).error is None
    rig.stop()
    assert numbers_in(tmp_path / "a.mp4") == list(range(5, 20))


def test_what_waits_for_the_replay_when_a_recording_ends_is_recorded(
    tmp_path: Path,
) -> None:
    free = threading.Event()

    class Hanging(CountingRing):
        def add(self, *args: object, **options: object) -> list[Kept]:
            assert free.wait(WAIT_S)
            return super().add(*args, **options)

    ring = Hanging()
    rig, recording = Rig(ring), Recording(tmp_path / "a.mp4")
    rig.camera.give()
    rig.log.wait_for(DetectorOpened)
    rig.pipeline.start_recording(recording)
    while rig.pipeline.stats().frame_count < 6:
        rig.camera.give()
    rig.pipeline.stop_recording()
    assert rig.log.of(RecordingEnded) == []
    free.set()
    ended = rig.log.wait_for(RecordingEnded)
    rig.stop()
    assert ended.info is not None
    assert (ended.info.dropped, ended.info.frame_count >= 4) == (0, True)
    assert len(numbers_in(tmp_path / "a.mp4")) == ended.info.frame_count


def test_a_recording_whose_encoder_fails_says_so_and_keeps_what_it_has(
    tmp_path: Path,
) -> None:
    class Failing(CountingRing):
        def add(self, *args: object, **options: object) -> list[Kept]:
            if self._count == 10:
                raise RecordingError("No encoder.", "Reinstall it.")
            return super().add(*args, **options)

    ring = Failing()
    rig, recording = Rig(ring), Recording(tmp_path / "a.mp4")
    give(rig, ring, range(1, 6))
    rig.pipeline.start_recording(recording)
    give(rig, ring, range(6, 11))
    rig.camera.give()
    ended = rig.log.wait_for(RecordingEnded)
    rig.stop()
    assert str(ended.error) == "No encoder. Reinstall it."
    assert numbers_in(tmp_path / "a.mp4") == list(range(5, 10))


def test_a_recording_that_fails_leaves_the_replay_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("taken")
    ring = CountingRing()
    rig = Rig(ring)
    give(rig, ring, range(1, 6))
    rig.pipeline.start_recording(Recording(tmp_path / "a.mp4"))
    assert isinstance(rig.log.wait_for(RecordingEnded).error, RecordingError)
    give(rig, ring, range(6, 11))
    rig.pipeline.start_recording(Recording(tmp_path / "b.mp4"))
    give(rig, ring, range(11, 16))
    rig.stop()
    assert rig.log.of(RecordingEnded)[-1].error is None
    assert numbers_in(tmp_path / "b.mp4") == list(range(10, 15))


def test_without_a_replay_a_clean_recording_encodes_by_itself(tmp_path: Path) -> None:
    ring = CountingRing()
    rig, recording = Rig(ring), Recording(tmp_path / "a.mp4")
    give(rig, ring, range(1, 3))
    rig.pipeline.end_replay()
    rig.pipeline.start_recording(recording)
    for _ in range(5):
        before = rig.pipeline.stats().frame_count
        rig.camera.give()
        while rig.pipeline.stats().frame_count == before:
            threading.Event().wait(0.002)
    rig.stop()
    assert recording.encoded_here == 5
    assert numbers_in(tmp_path / "a.mp4") == list(range(2, 7))
    assert lines_beside(tmp_path / "a.mp4") == 5
