"""What app.pipeline.pipeline promises."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest

from app.drawing.style import Style
from app.errors import ModelError, RecordingError, SourceError
from app.pipeline.events import (
    DetectorFailed,
    DetectorOpened,
    Finished,
    PipelineEvent,
    RecordingEnded,
    RecordingStarted,
    SourceInterrupted,
    SourceOpened,
    SourceResumed,
    StageFailed,
)
from app.pipeline.interfaces import Draw, ScaleForScreen
from app.pipeline.pipeline import Pipeline
from app.pipeline.stages.record import RECORDING_QUEUE
from app.scene import NO_SCENE, Scene
from app.settings import Settings
from app.types import (
    Detections,
    Frame,
    ImageBgr,
    ImageBgrx,
    Result,
    ScreenPicture,
    StageTimes,
    Viewport,
)
from tests.fakes import (
    WAIT_S,
    FakeDetector,
    FakeRecorder,
    FakeSource,
    OverlappingDetector,
    draw_nothing,
    number_of,
)

E = TypeVar("E", bound=PipelineEvent)


def draw_black(image_bgr: ImageBgr, viewport: Viewport) -> ImageBgrx:
    return np.zeros((1, 1, 4), np.uint8)


class Log:
    """The events of one pipeline, and a way to wait for them."""

    def __init__(self) -> None:
        self.events: list[PipelineEvent] = []
        self._changed = threading.Condition()
        self.then: Callable[[PipelineEvent], None] = lambda _: None

    def __call__(self, event: PipelineEvent) -> None:
        self.then(event)
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def wait_for(self, kind: type[E], count: int = 1) -> E:
        with self._changed:
            seen = self._changed.wait_for(lambda: len(self.of(kind)) >= count, WAIT_S)
        assert seen, f"no {kind.__name__} among {self.events}"
        return self.of(kind)[count - 1]


def make(
    source: FakeSource,
    detector: FakeDetector | None = None,
    *,
    draw: Draw = draw_nothing,
    paced: bool = False,
    on_result: Callable[[], None] = lambda: None,
    scale: ScaleForScreen | None = draw_black,
    viewport: Viewport | None = Viewport((30, 20)),  # noqa: B008 - frozen
) -> tuple[Pipeline, Log]:
    log = Log()
    pipeline = Pipeline(
        source,
        detector or FakeDetector(),
        draw=draw,
        settings=Settings(),
        on_event=log,
        on_result=on_result,
        paced=paced,
        scale=scale,
        viewport=viewport,
    )
    return pipeline, log


def record_from_the_first_frame(
    pipeline: Pipeline, log: Log, recorder: FakeRecorder
) -> None:
    def start(event: PipelineEvent) -> None:
        if isinstance(event, SourceOpened):
            pipeline.start_recording(recorder)

    log.then = start


def test_a_file_is_detected_and_recorded_whole_and_in_order() -> None:
    detector, recorder = FakeDetector(), FakeRecorder()
    pipeline, log = make(FakeSource(300), detector)
    record_from_the_first_frame(pipeline, log, recorder)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert detector.seen == list(range(300))
    assert recorder.written == [(i, i / 25) for i in range(300)]
    ended = log.of(RecordingEnded)[0]
    assert ended.error is None
    assert ended.info is not None
    assert (ended.info.frame_count, ended.info.dropped) == (300, 0)
    assert not log.of(StageFailed)
    assert isinstance(log.events[-1], Finished)
    assert pipeline.stats().frame_count == 300
    assert pipeline.stats().dropped == 0


def test_a_slow_detector_sees_the_newest_live_frame() -> None:
    at_last = threading.Event()
    busy = threading.Event()

    def source_waits(index: int) -> None:
        if index == 1:  # frame 0 is with the detector before the rest comes
            assert busy.wait(WAIT_S)

    def detector_waits(number: int) -> None:
        if number == 0:
            busy.set()
            assert at_last.wait(WAIT_S)

    source = FakeSource(50, is_live=True, before=source_waits)
    detector = FakeDetector(before=detector_waits)
    pipeline, _ = make(source, detector)
    source_close = source.close

    def closed() -> None:
        source_close()
        at_last.set()

    source.close = closed  # type: ignore[method-assign] # told when all frames passed
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert detector.seen == [0, 49]
    assert pipeline.stats().dropped == 48


def test_each_handle_is_closed_by_the_thread_that_opened_it() -> None:
    source, recorder = FakeSource(5), FakeRecorder()
    pipeline, log = make(source)
    record_from_the_first_frame(pipeline, log, recorder)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert (source.opened_by, source.closed_by) == ("capture", "capture")
    assert (recorder.opened_by, recorder.closed_by) == ("record", "record")


def boom(*_: object, **__: object) -> None:
    raise SourceError("boom")


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize("stage", ["capture", "detector", "inference", "draw"])
def test_an_error_in_any_stage_ends_all_and_is_reported_once(
    stage: str, is_live: bool
) -> None:
    def third(index: int) -> None:
        if index == 3:
            boom()

    source = FakeSource(
        10**6, is_live=is_live, before=third if stage == "capture" else lambda _: None
    )
    detector = FakeDetector(
        before=boom if stage == "inference" else lambda _: None,
        on_open=boom if stage == "detector" else lambda: None,
    )
    draw: Draw = boom if stage == "draw" else draw_nothing  # type: ignore[assignment] # raises
    pipeline, log = make(source, detector, draw=draw)
    record_from_the_first_frame(pipeline, log, FakeRecorder())  # so draw is needed
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    failures = [(e.stage, str(e.error)) for e in log.of(StageFailed)]
    assert failures == [(stage, "boom")]
    assert isinstance(log.events[-1], Finished)
    assert source.closed_by == "capture"
    assert detector.closed >= 1


def test_a_failure_that_follows_from_another_is_not_reported() -> None:
    """The source is stopped because the detector failed, and fails of that."""
    stopped = threading.Event()

    class Offended(FakeSource):
        def stop(self) -> None:
            stopped.set()

    def wait(index: int) -> None:
        if index == 3:
            assert stopped.wait(WAIT_S)
            raise SourceError("It was interrupted.", "Do not.")

    pipeline, log = make(
        Offended(9, is_live=True, before=wait), FakeDetector(before=boom)
    )
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert [event.stage for event in log.of(StageFailed)] == ["inference"]


def test_a_source_that_does_not_open_is_reported_and_leaves_no_thread() -> None:
    detector = FakeDetector()
    pipeline, log = make(FakeSource(1, on_open=boom), detector)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert [e.stage for e in log.of(StageFailed)] == ["capture"]
    assert detector.opened == detector.closed


@pytest.mark.parametrize("is_live", [True, False])
def test_stop_ends_an_endless_source_and_may_be_called_twice(is_live: bool) -> None:
    detector = FakeDetector()
    got_one = threading.Event()
    pipeline, log = make(
        FakeSource(10**9, is_live=is_live), detector, on_result=got_one.set
    )
    pipeline.start()
    assert got_one.wait(WAIT_S)
    assert pipeline.stop() == []
    assert pipeline.stop() == []
    assert detector.opened == detector.closed == 1
    assert len(log.of(Finished)) == 1


def test_stop_names_the_stage_that_hangs(caplog: pytest.LogCaptureFixture) -> None:
    hanging = threading.Event()
    reached = threading.Event()

    def hang(_: int) -> None:
        reached.set()
        assert hanging.wait(WAIT_S)

    pipeline, _ = make(FakeSource(3, is_live=True, before=hang))
    pipeline.start()
    assert reached.wait(WAIT_S)
    assert pipeline.stop(timeout=0.05) == ["capture"]
    assert "still running" in caplog.text
    hanging.set()
    assert pipeline.join(WAIT_S) == []


def test_a_paused_file_goes_on_where_it_stood() -> None:
    detector = FakeDetector()
    paused = threading.Event()

    def pause_at(index: int) -> None:
        if index == 20:
            pipeline.pause()
            paused.set()

    pipeline, _ = make(FakeSource(40, before=pause_at), detector)
    pipeline.start()
    assert paused.wait(WAIT_S)
    assert pipeline.join(0.05)  # it waits
    assert pipeline.is_paused
    assert 20 not in detector.seen
    pipeline.resume()
    assert pipeline.join(WAIT_S) == []
    assert detector.seen == list(range(40))


def test_a_paused_live_source_is_drained_unseen() -> None:
    detector = FakeDetector()
    pipeline, _ = make(FakeSource(40, is_live=True), detector)
    pipeline.pause()
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert detector.seen == []


def test_a_live_source_knows_whether_anybody_looks() -> None:
    told: list[bool] = []

    class Watched(FakeSource):
        def watch(self, is_watched: bool) -> None:
            told.append(is_watched)

    pipeline, _ = make(Watched(3, is_live=True), FakeDetector())
    pipeline.pause()
    pipeline.resume()
    assert told == [False, True]


def test_an_interruption_is_told_and_recorded_and_nothing_is_found_in_it() -> None:
    shown = threading.Semaphore()

    def wait_for_the_one_before(_: int) -> None:
        assert shown.acquire(timeout=WAIT_S)

    def draw(image_bgr: ImageBgr, detections: Detections, **_: object) -> ImageBgr:
        drawn.append(number_of(image_bgr))
        return image_bgr.copy()

    drawn: list[int] = []
    detector, recorder = FakeDetector(), FakeRecorder()
    source = FakeSource(8, is_live=True, before=wait_for_the_one_before)
    source.gaps = {3: "It was unplugged.", 4: "It was unplugged.", 5: "It is busy."}
    pipeline, log = make(source, detector, draw=draw, on_result=shown.release)
    record_from_the_first_frame(pipeline, log, recorder)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert [x.reason for x in log.of(SourceInterrupted)] == [
        "It was unplugged.",
        "It is busy.",
    ]
    (resumed,) = log.of(SourceResumed)
    assert resumed.after_s == pytest.approx(4 / 25)  # from frame 2 to frame 6
    assert detector.seen == drawn == [0, 1, 2, 6, 7]
    assert recorder.written == [(i, i / 25) for i in range(8)]


@pytest.mark.parametrize("is_open", [False, True])
def test_a_source_that_waits_for_its_device_is_stopped_at_once(is_open: bool) -> None:
    waits, stopped = threading.Event(), threading.Event()

    def wait(_: int = 0) -> None:
        waits.set()
        assert stopped.wait(WAIT_S)
        raise SourceError("It did not answer.")

    class Waiting(FakeSource):
        def stop(self) -> None:
            stopped.set()

    source = (
        Waiting(3, is_live=True, before=lambda i: wait() if i else None)
        if is_open
        else Waiting(3, is_live=True, on_open=wait)
    )
    pipeline, log = make(source)
    pipeline.start()
    assert waits.wait(WAIT_S)
    assert pipeline.stop(WAIT_S) == []
    assert source.closed_by == "capture"
    assert bool(log.of(StageFailed)) == is_open  # that one is the fake's own fault


def test_a_paused_pipeline_stops_at_once() -> None:
    pipeline, _ = make(FakeSource(10**9))
    pipeline.pause()
    pipeline.start()
    assert pipeline.stop(WAIT_S) == []


def test_a_paced_file_is_never_ahead_of_its_own_clock() -> None:
    times_s: list[float] = []

    def take() -> None:
        result = pipeline.take_result()
        assert result is not None
        times_s.append(result.frame.captured_at_s - result.frame.timestamp_s)

    pipeline, _ = make(FakeSource(8), paced=True, on_result=take)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert len(times_s) == 8
    # A frame k/25 s into the file comes at least k/25 s after the first.
    assert min(times_s) >= times_s[0] - 1e-3


def test_the_newest_result_waits_for_the_window() -> None:
    pipeline, _ = make(FakeSource(10))
    assert pipeline.take_result() is None
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    result = pipeline.take_result()
    assert result is not None
    assert number_of(result.frame.image_bgr) == 9
    assert pipeline.take_result() is None


def test_stage_times_add_up_to_the_latency() -> None:
    """Capture age, wait, inference and draw: nothing between them is lost."""

    class Detector(FakeDetector):
        def detect(
            self, image_bgr: ImageBgr, settings: Settings
        ) -> tuple[Detections, StageTimes]:
            threading.Event().wait(0.01)  # told as 6 + 2 ms: the rest is its overhead
            return Detections.empty(), StageTimes(inference_ms=6, postprocess_ms=2)

    def scale(image_bgr: ImageBgr, viewport: Viewport) -> ImageBgrx:
        threading.Event().wait(0.003)
        return np.zeros((1, 1, 4), np.uint8)

    class Source(FakeSource):
        def frames(self) -> Iterator[Frame]:
            for frame in super().frames():
                before_s = time.monotonic()
                threading.Event().wait(0.005)  # from the camera's thread to ours
                yield replace(frame, captured_at_s=before_s)

    pipeline, _ = make(Source(1, is_live=True), Detector(), scale=scale)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    result = pipeline.take_result()
    assert result is not None
    times = result.times
    latency_ms = 1e3 * (result.finished_at_s - result.frame.captured_at_s)
    assert times.latency_ms == pytest.approx(latency_ms, abs=1e-6)
    assert times.capture_ms >= 5
    assert (times.inference_ms, times.postprocess_ms) == (6, 2)
    assert times.wait_ms >= 2  # the detector's 10 ms less what it accounts for
    assert times.draw_ms >= 3
    assert times.show_ms == 0  # nobody has shown it


def test_frames_are_made_ready_for_what_the_window_shows() -> None:
    asked: list[tuple[int, Viewport]] = []
    screens: list[ScreenPicture | None] = []

    def scale(image_bgr: ImageBgr, viewport: Viewport) -> ImageBgrx:
        asked.append((number_of(image_bgr), viewport))
        return np.full((2, 3, 4), number_of(image_bgr), np.uint8)

    def take() -> None:
        result = pipeline.take_result()
        assert result is not None
        screens.append(result.screen)
        pipeline.set_viewport(views[len(screens)])

    views = [Viewport((30, 20)), Viewport((60, 40), 2.0), None, None]
    pipeline, _ = make(FakeSource(3), scale=scale, viewport=views[0], on_result=take)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert asked == [(0, views[0]), (1, views[1])]
    first, second, third = screens
    assert first is not None
    assert second is not None
    assert (first.viewport, second.viewport) == (views[0], views[1])
    assert (first.image_bgrx.max(), second.image_bgrx.max()) == (0, 1)
    assert third is None


def test_without_a_recording_nothing_is_drawn() -> None:
    pipeline, log = make(FakeSource(5), draw=boom)  # type: ignore[arg-type] # raises
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert not log.of(StageFailed)
    assert pipeline.stats().frame_count == 5


def replaced_midway(
    newer: FakeDetector,
) -> tuple[FakeDetector, FakeDetector, Log, Pipeline]:
    """A 40-frame file during which `newer` is asked for and its fate is known."""
    known = threading.Event()
    older = FakeDetector(name="old.onnx")

    def ask(index: int) -> None:
        if index == 10:
            pipeline.replace_detector(newer)
            assert known.wait(WAIT_S)

    pipeline, log = make(FakeSource(40, before=ask), older)

    def tell(event: PipelineEvent) -> None:
        second = isinstance(event, DetectorOpened) and log.of(DetectorOpened)
        if second or isinstance(event, DetectorFailed):
            known.set()

    log.then = tell
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    return older, newer, log, pipeline


def test_a_detector_is_replaced_without_losing_a_frame() -> None:
    older, newer, log, _ = replaced_midway(FakeDetector(name="new.onnx"))
    assert older.seen + newer.seen == list(range(40))
    assert newer.seen
    assert [e.info.model_name for e in log.of(DetectorOpened)] == [
        "old.onnx",
        "new.onnx",
    ]
    assert (older.closed, newer.closed) == (1, 1)


def test_a_replacement_that_fails_leaves_the_old_detector_running() -> None:
    def fail() -> None:
        raise ModelError("no GPU")

    older, newer, log, _ = replaced_midway(FakeDetector(on_open=fail))
    assert older.seen == list(range(40))
    assert [str(e.error) for e in log.of(DetectorFailed)] == ["no GPU"]
    assert not log.of(StageFailed)
    assert (older.closed, newer.closed) == (1, 1)


@pytest.mark.parametrize("fails", [False, True])
def test_a_replacement_that_is_given_up_is_thrown_away_unsaid(fails: bool) -> None:
    is_loading, may_go_on = threading.Event(), threading.Event()

    def load() -> None:
        is_loading.set()
        assert may_go_on.wait(WAIT_S)
        if fails:
            raise ModelError("no GPU")

    older, newer = FakeDetector(name="old.onnx"), FakeDetector(on_open=load)

    def ask(index: int) -> None:
        if index == 10:
            pipeline.replace_detector(newer)
            assert is_loading.wait(WAIT_S)
            pipeline.cancel_replacement()
            may_go_on.set()

    pipeline, log = make(FakeSource(40, before=ask), older)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert older.seen == list(range(40))
    assert (older.closed, newer.closed) == (1, 1)
    assert len(log.of(DetectorOpened)) == 1
    assert not log.of(DetectorFailed)


def test_a_replacement_after_the_end_is_ignored() -> None:
    pipeline, _ = make(FakeSource(1))
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    late = FakeDetector()
    pipeline.replace_detector(late)
    assert late.opened == 0


def test_a_recording_that_fails_does_not_stop_the_show() -> None:
    def fail(number: int) -> None:
        if number == 5:
            raise RecordingError("disk full")

    detector, recorder = FakeDetector(), FakeRecorder(before=fail)
    pipeline, log = make(FakeSource(100), detector)
    record_from_the_first_frame(pipeline, log, recorder)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert detector.seen == list(range(100))
    ended = log.of(RecordingEnded)[0]
    assert str(ended.error) == "disk full"
    assert ended.info is not None
    assert ended.info.frame_count == 5
    assert recorder.closed_by == "record"
    assert not log.of(StageFailed)


def test_a_recorder_that_does_not_open_is_reported() -> None:
    recorder = FakeRecorder(on_open=boom)
    pipeline, log = make(FakeSource(100))
    record_from_the_first_frame(pipeline, log, recorder)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    ended = log.of(RecordingEnded)[0]
    assert str(ended.error) == "boom"
    assert ended.info is None
    assert not log.of(RecordingStarted)


def test_stopping_a_recording_keeps_all_it_was_given() -> None:
    recorder = FakeRecorder()
    pipeline: Pipeline

    def stop_at(index: int) -> None:
        if index == 50:
            pipeline.stop_recording()

    pipeline, log = make(FakeSource(200, before=stop_at))
    record_from_the_first_frame(pipeline, log, recorder)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    numbers = [number for number, _ in recorder.written]
    # Frames 48 and 49 may still be on their way when 50 is about to be read.
    assert len(numbers) >= 40
    assert numbers == list(range(len(numbers)))
    assert len(numbers) <= 50
    assert len(log.of(RecordingEnded)) == 1


def test_a_live_recording_drops_and_counts_rather_than_delay_the_picture() -> None:
    count = 3 * RECORDING_QUEUE
    shown = threading.Semaphore(0)
    encoder = threading.Event()
    is_stuck = threading.Event()

    def one_at_a_time(index: int) -> None:
        if index == 0:
            return
        assert shown.acquire(timeout=WAIT_S)  # nothing is dropped before the encoder
        if index == 1:
            assert is_stuck.wait(WAIT_S)

    def stuck(number: int) -> None:
        is_stuck.set()
        assert encoder.wait(WAIT_S)

    recorder = FakeRecorder(before=stuck)
    detector = FakeDetector()
    source = FakeSource(count, is_live=True, before=one_at_a_time)
    pipeline, log = make(source, detector, on_result=shown.release)
    record_from_the_first_frame(pipeline, log, recorder)
    pipeline.start()
    assert _eventually(lambda: pipeline.stats().frame_count == count)
    encoder.set()
    assert pipeline.join(WAIT_S) == []
    ended = log.of(RecordingEnded)[0]
    assert ended.info is not None
    assert ended.info.frame_count + ended.info.dropped == count
    assert ended.info.frame_count == 1 + RECORDING_QUEUE


def _eventually(claim: Callable[[], bool]) -> bool:
    waiter = threading.Event()
    for _ in itertools.repeat(None, int(WAIT_S / 0.01)):
        if claim():
            return True
        waiter.wait(0.01)
    return False


def test_recording_nothing_is_refused() -> None:
    pipeline, _ = make(FakeSource(3))
    with pytest.raises(RecordingError, match="Nothing is playing"):
        pipeline.start_recording(FakeRecorder())
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    with pytest.raises(RecordingError, match="Nothing is playing"):
        pipeline.start_recording(FakeRecorder())


def test_a_second_recording_is_refused_while_one_runs() -> None:
    refused: list[str] = []

    def start_two(event: PipelineEvent) -> None:
        if isinstance(event, SourceOpened):
            pipeline.start_recording(FakeRecorder())
            with pytest.raises(RecordingError) as caught:
                pipeline.start_recording(FakeRecorder())
            refused.append(caught.value.problem)

    pipeline, log = make(FakeSource(3))
    log.then = start_two
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert refused == ["A recording is already running."]


def test_the_end_of_one_recording_does_not_end_the_next() -> None:
    """The first is still writing when the second begins."""
    is_writing, may_end = threading.Event(), threading.Event()

    def wait(_: int) -> None:
        is_writing.set()
        assert may_end.wait(WAIT_S)

    def change_over(index: int) -> None:
        if index == 10:
            assert is_writing.wait(WAIT_S)
            pipeline.stop_recording()
            pipeline.start_recording(second)
        elif index == 15:
            may_end.set()
            log.wait_for(RecordingEnded)

    first, second = FakeRecorder(before=wait), FakeRecorder()
    pipeline, log = make(FakeSource(40, before=change_over))
    record_from_the_first_frame(pipeline, log, first)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert len(log.of(RecordingEnded)) == 2
    assert [number for number, _ in second.written][-1] == 39


def test_settings_reach_the_detector_and_the_overlay() -> None:
    thresholds: list[float] = []
    drawn: list[tuple[int, bool, Style]] = []

    class Detector(FakeDetector):
        def detect(
            self, image_bgr: ImageBgr, settings: Settings
        ) -> tuple[Detections, StageTimes]:
            thresholds.append(settings.score_threshold)
            return super().detect(image_bgr, settings)

    def draw(
        image_bgr: ImageBgr,
        detections: Detections,
        *,
        class_names: tuple[str, ...],
        fps: float | None,
        style: Style,
        scene: Scene = NO_SCENE,
    ) -> ImageBgr:
        drawn.append((len(detections), fps is not None, style))
        return image_bgr

    pipeline, log = make(FakeSource(1), Detector(), draw=draw)
    record_from_the_first_frame(pipeline, log, FakeRecorder())
    pipeline.update_settings(
        Settings(score_threshold=0.125, draw_fps=False, line_scale=2.0)
    )
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert thresholds == [0.125]
    assert drawn == [(0, False, Style(line_scale=2.0, with_track_ids=False))]


def test_a_hidden_class_is_found_but_not_drawn() -> None:
    found = Detections(
        np.array([[1, 1, 9, 9], [2, 2, 8, 8]], np.float32),
        np.array([0.9, 0.8], np.float32),
        np.array([0, 1], np.int64),
    )
    drawn: list[list[int]] = []
    results: list[Result | None] = []

    class Detector(FakeDetector):
        def detect(
            self, image_bgr: ImageBgr, settings: Settings
        ) -> tuple[Detections, StageTimes]:
            return found, StageTimes()

    def draw(image_bgr: ImageBgr, detections: Detections, **_: object) -> ImageBgr:
        drawn.append(detections.class_ids.tolist())
        return image_bgr

    pipeline, log = make(
        FakeSource(1),
        Detector(),
        draw=draw,
        on_result=lambda: results.append(pipeline.take_result()),
    )
    record_from_the_first_frame(pipeline, log, FakeRecorder())
    pipeline.update_settings(Settings(hidden_class_names=("person", "no such")))
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert drawn == [[1]]
    assert results[0] is not None
    assert len(results[0].detections) == 2


def test_of_a_file_in_no_hurry_several_pictures_are_begun_at_a_time() -> None:
    detector, recorder = OverlappingDetector(depth=3), FakeRecorder()
    pipeline, log = make(FakeSource(40), detector)
    record_from_the_first_frame(pipeline, log, recorder)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert log.of(StageFailed) == []
    assert detector.most_begun == 3
    assert detector.seen == list(range(40))
    assert [number for number, _ in recorder.written] == list(range(40))


@pytest.mark.parametrize(("is_live", "paced"), [(True, False), (False, True)])
def test_where_each_picture_is_wanted_soon_it_is_answered_before_the_next(
    is_live: bool, paced: bool
) -> None:
    detector = OverlappingDetector(depth=3)
    pipeline, _ = make(FakeSource(5, is_live=is_live), detector, paced=paced)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert not detector.was_asked
    assert detector.most_begun <= 1
    assert detector.seen


def test_what_was_begun_is_answered_before_another_detector_takes_over() -> None:
    first, second = (OverlappingDetector(depth=3, name=n) for n in ("one", "two"))

    def replace_at_ten(index: int) -> None:
        if index == 10:
            pipeline.replace_detector(second)
            log.wait_for(DetectorOpened, 2)

    pipeline, log = make(FakeSource(30, before=replace_at_ten), first)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert first.seen + second.seen == list(range(30))
    assert first.begun == second.begun == []
    assert second.most_begun == 3


def test_an_answer_that_fails_ends_the_run_whatever_else_was_begun() -> None:
    detector = OverlappingDetector(depth=3)

    def fail(number: int) -> None:
        if number == 7:
            boom()

    detector.on_answer = fail
    pipeline, log = make(FakeSource(10**6), detector)
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert [e.stage for e in log.of(StageFailed)] == ["inference"]
    assert detector.seen == list(range(7))
    assert detector.closed >= 1
