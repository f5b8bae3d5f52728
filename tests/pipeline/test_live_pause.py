"""What the pipeline promises of a camera whose view is paused."""

import threading
from collections.abc import Callable, Iterator

import pytest

from app.pipeline.events import DetectorOpened, RecordingEnded, RecordingStarted
from app.pipeline.pipeline import Pipeline
from app.settings import Settings
from app.types import Frame
from tests.fakes import (
    WAIT_S,
    FakeDetector,
    FakeRecorder,
    FakeSource,
    draw_nothing,
    number_of,
    numbered_image,
)
from tests.pipeline.test_pipeline import Log


class Camera(FakeSource):
    """Gives a frame for each `give`, 25 to the second of its clock.

    Attributes:
        watched: what it was told of whether anybody looks.
    """

    def __init__(self) -> None:
        super().__init__(0, is_live=True)
        self.watched: list[bool] = []
        self._asked = threading.Semaphore(0)
        self._taken = threading.Semaphore(0)
        self._is_over = False

    def frames(self) -> Iterator[Frame]:
        index = 0
        while True:
            assert self._asked.acquire(timeout=WAIT_S)
            if self._is_over:
                return
            yield Frame(numbered_image(index), index, index / 25, index / 25)
            index += 1
            self._taken.release()  # and handed over, or passed by

    def give(self) -> None:
        self._asked.release()
        assert self._taken.acquire(timeout=WAIT_S)

    def watch(self, is_watched: bool) -> None:
        self.watched.append(is_watched)

    def stop(self) -> None:
        self._is_over = True
        self._asked.release()


class Watching:
    """A pipeline that watches a camera, frame by frame."""

    def __init__(self, recorder: FakeRecorder | None = None) -> None:
        self.camera, self.detector, self.log = Camera(), FakeDetector(), Log()
        self.recorder = recorder or FakeRecorder()
        self.shown: list[int] = []
        self._changed = threading.Condition()
        self.pipeline = Pipeline(
            self.camera,
            self.detector,
            draw=draw_nothing,
            settings=Settings(),
            on_event=self.log,
            on_result=self._take,
        )

    def _take(self) -> None:
        result = self.pipeline.take_result()
        if result is not None:
            self.shown.append(number_of(result.frame.image_bgr))

    def give(self, count: int) -> None:
        """So many frames, each of which is through before the next comes."""
        for _ in range(count):
            before = self.pipeline.stats().frame_count
            self.camera.give()
            self.until(lambda before=before: self._is_through(before))  # type: ignore[misc] # bound now

    def _is_through(self, before: int) -> bool:
        return self.pipeline.stats().frame_count > before

    def until(self, claim: Callable[[], bool]) -> None:
        waiter = threading.Event()
        for _ in range(int(WAIT_S / 0.002)):
            if claim():
                return
            waiter.wait(0.002)
        raise AssertionError("it did not happen")

    def start_recording(self) -> None:
        self.pipeline.start_recording(self.recorder)
        self.log.wait_for(RecordingStarted)

    def __enter__(self) -> "Watching":
        self.pipeline.start()
        self.log.wait_for(DetectorOpened)
        return self

    def __exit__(self, *_: object) -> None:
        assert self.pipeline.stop(WAIT_S) == []


def test_a_recording_of_a_camera_goes_on_while_the_view_is_paused() -> None:
    with Watching() as run:
        run.start_recording()
        run.give(2)
        run.pipeline.pause()
        run.give(3)
        run.pipeline.resume()
        run.give(1)
        run.pipeline.stop_recording()
        run.log.wait_for(RecordingEnded)
    assert [number for number, _ in run.recorder.written] == [0, 1, 2, 3, 4, 5]
    assert run.shown == [0, 1, 5]  # what is held stays on show


def test_a_recording_may_begin_and_end_while_the_view_is_paused() -> None:
    with Watching() as run:
        run.give(1)
        run.pipeline.pause()
        run.camera.give()  # for nobody
        run.start_recording()
        run.give(2)
        run.pipeline.stop_recording()
        run.log.wait_for(RecordingEnded)
        run.camera.give()  # for nobody
    assert [number for number, _ in run.recorder.written] == [2, 3]
    assert run.detector.seen == [0, 2, 3]
    assert run.shown == [0]


def test_a_camera_is_told_that_somebody_looks_as_long_as_it_is_recorded() -> None:
    with Watching() as run:
        run.pipeline.pause()
        assert run.camera.watched == [False]
        run.start_recording()
        assert run.camera.watched == [False, True]
        run.pipeline.stop_recording()
        assert run.camera.watched == [False, True, False]
        run.log.wait_for(RecordingEnded)
        run.pipeline.resume()
    assert run.camera.watched == [False, True, False, True]


def test_a_recording_that_fails_while_paused_lets_the_camera_rest_again() -> None:
    def fail(_: int) -> None:
        raise OSError("disk full")

    with Watching(FakeRecorder(before=fail)) as run:
        run.pipeline.pause()
        run.start_recording()
        run.camera.give()
        run.log.wait_for(RecordingEnded)
        assert run.camera.watched == [False, True, False]


def test_the_recordings_clock_is_the_length_of_what_is_written() -> None:
    """Three frames at 25 fps last 0.12 s, whatever the wall clock says."""
    is_written = threading.Semaphore(0)

    class Telling(FakeRecorder):
        def write(self, *args: object) -> None:
            super().write(*args)  # type: ignore[arg-type] # as it was called
            is_written.release()

    with Watching(Telling()) as run:
        assert run.pipeline.stats().recorded_s is None
        run.give(5)
        run.start_recording()
        assert run.pipeline.stats().recorded_s == 0
        run.give(3)
        for _ in range(3):
            assert is_written.acquire(timeout=WAIT_S)
        run.until(lambda: run.pipeline.stats().recorded_s == pytest.approx(0.12))
        run.pipeline.pause()
        run.give(1)
        run.until(lambda: run.pipeline.stats().recorded_s == pytest.approx(0.16))
        run.pipeline.stop_recording()
        assert run.pipeline.stats().recorded_s is None


def test_what_is_paused_goes_through_again_when_the_settings_change() -> None:
    """It is on show, so that it is covered, say; the recording has nothing of it."""
    with Watching() as run:
        run.give(2)
        run.pipeline.pause()
        run.camera.give()  # for nobody
        run.pipeline.update_settings(Settings(score_threshold=0.9))
        run.give(1)  # with the next frame the camera's thread gets to hear of it
        run.start_recording()
        run.pipeline.update_settings(Settings(score_threshold=0.8))
        run.give(2)
        run.pipeline.resume()
        run.give(1)
        run.pipeline.stop_recording()
        run.log.wait_for(RecordingEnded)
    assert run.shown == [0, 1, 1, 1, 6]
    # It came in place of frames 3 and 5; never of two that follow one another.
    assert [number for number, _ in run.recorder.written] == [4, 6]


class Held(Watching):
    """Its view is paused, and a first replacement waits for the next frame."""

    def __enter__(self) -> "Held":
        super().__enter__()
        self.give(1)
        self.pipeline.pause()
        self.second, self.third = FakeDetector(), FakeDetector()
        self.pipeline.replace_detector(self.second)
        self.log.wait_for(DetectorOpened, 2)
        return self


def test_a_second_switch_of_a_paused_camera_is_told_and_carried_out() -> None:
    with Held() as run:
        run.pipeline.replace_detector(run.third)
        run.log.wait_for(DetectorOpened, 3)
        assert run.second.closed == 1
        run.pipeline.resume()
        run.give(1)
        assert (run.second.seen, run.third.seen) == ([], [1])
    assert (run.detector.closed, run.second.closed, run.third.closed) == (1, 1, 1)


def test_a_switch_that_is_cancelled_in_time_does_not_happen() -> None:
    """In time: nobody was told yet that it runs."""
    is_loading, may_go_on = threading.Event(), threading.Event()

    def load() -> None:
        is_loading.set()
        assert may_go_on.wait(WAIT_S)

    with Held() as run:
        run.third = FakeDetector(on_open=load)
        run.pipeline.replace_detector(run.third)
        assert is_loading.wait(WAIT_S)
        assert run.pipeline.cancel_replacement()
        may_go_on.set()
        run.until(lambda: run.third.closed == 1)
        run.pipeline.resume()
        run.give(1)
        assert (run.second.seen, run.third.seen) == ([1], [])
        assert len(run.log.of(DetectorOpened)) == 2


def test_a_switch_that_was_told_cannot_be_cancelled_any_more() -> None:
    with Held() as run:
        assert not run.pipeline.cancel_replacement()
        run.pipeline.resume()
        run.give(1)
        assert run.second.seen == [1]
