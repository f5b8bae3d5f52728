"""What app.pipeline.stages.inference promises; no thread but the test's."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from app.errors import ModelError
from app.pipeline.events import (
    DetectorOpened,
    PipelineEvent,
    SourceInterrupted,
    SourceResumed,
    SourceWarned,
)
from app.pipeline.interfaces import AfterDetection
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.inference import RECENT, InferenceStage
from app.pipeline.stages.items import Cue, Detected, Loaded
from app.settings import Settings
from app.types import Detections, DetectorInfo, Frame, StageTimes
from tests.fakes import FakeDetector, OverlappingDetector, number_of, numbered_image

INFO = DetectorInfo("fake.onnx", ("person", "car"), (300, 300), "CPU")


def cue(number: int, *, run: int = 0, seek_count: int = 0, gap: str = "") -> Cue:
    frame = Frame(numbered_image(number), number, number / 25, 0.0, gap)
    return Cue(frame, seek_count, run)


def one_found(score: float) -> Detections:
    return Detections(
        np.array([[1, 2, 5, 4]], np.float32),
        np.array([score], np.float32),
        np.array([1], np.int64),
    )


class Rig:
    """An inference stage, and what comes out of it."""

    def __init__(
        self,
        *,
        is_in_no_hurry: bool = False,
        first_fresh: int = 0,
        after_detection: AfterDetection | None = None,
    ) -> None:
        self.events: list[PipelineEvent] = []
        self.captured = Slot[Cue](drop_oldest=False, capacity=100)
        self.ready = Slot[Loaded](drop_oldest=False, capacity=9)
        self.detected = Slot[Detected](drop_oldest=False, capacity=100)
        self.stage = InferenceStage(
            captured=self.captured,
            ready=self.ready,
            detected=self.detected,
            is_stale=lambda seek_count: seek_count < first_fresh,
            settings=Settings,
            is_in_no_hurry=is_in_no_hurry,
            after_detection=after_detection,
            on_event=self.events.append,
        )

    def run(self, *cues: Cue) -> list[Detected]:
        for one in cues:
            self.captured.put(one)
        self.captured.close()
        self.stage.run()
        self.detected.close()
        return list(self.detected)

    def load(self, detector: FakeDetector, info: DetectorInfo = INFO) -> None:
        self.ready.put(Loaded(detector, info))


def numbers(items: list[Detected]) -> list[int | None]:
    return [it.cue.frame.index if it.cue.frame else None for it in items]


def test_each_frame_is_looked_at_in_order_and_the_detector_closed() -> None:
    rig, detector = Rig(), FakeDetector()
    rig.load(detector)
    items = rig.run(cue(0), cue(1), cue(2))
    assert numbers(items) == detector.seen == [0, 1, 2]
    assert items[0].class_names == ("person", "car")
    assert detector.closed == 1


def test_what_is_stale_does_not_cost_the_detectors_time() -> None:
    rig, detector = Rig(first_fresh=2), FakeDetector()
    rig.load(detector)
    items = rig.run(*(cue(i, seek_count=i) for i in range(4)))
    assert numbers(items) == detector.seen == [2, 3]


def test_a_gap_and_an_end_travel_along_unseen() -> None:
    rig, detector = Rig(), FakeDetector()
    rig.load(detector)
    items = rig.run(cue(0), cue(1, gap="Unplugged."), Cue(None))
    assert numbers(items) == [0, 1, None]
    assert detector.seen == [0]
    assert rig.stage.sample is not None
    assert number_of(rig.stage.sample.image_bgr) == 0


def test_a_newer_detector_takes_over_between_two_frames() -> None:
    class Asking(FakeDetector):
        def close(self) -> None:
            super().close()
            closed_after.append(len(older.seen))

    closed_after: list[int] = []
    older, newer = Asking(), FakeDetector()
    rig = Rig()
    rig.load(older)
    rig.load(newer, DetectorInfo("new.onnx", ("cat",), (300, 300), "CUDA"))
    items = rig.run(cue(0), cue(1))
    assert (older.seen, newer.seen) == ([], [0, 1])
    assert items[0].class_names == ("cat",)
    assert (older.closed, newer.closed) == (1, 1)


def test_a_detector_that_moves_by_itself_is_told_of_and_named_from_then_on() -> None:
    class Moving(FakeDetector):
        def take_move(self) -> tuple[DetectorInfo, str] | None:
            return moves.pop() if self.seen == [0, 1] and moves else None

    elsewhere = DetectorInfo("fake.onnx", ("cat",), (300, 300), "CPU")
    moves = [(elsewhere, "It moved.")]
    rig, detector = Rig(), Moving()
    rig.load(detector)
    items = rig.run(cue(0), cue(1), cue(2))
    assert rig.events == [
        DetectorOpened(elsewhere, detector=detector),
        SourceWarned("It moved."),
    ]
    assert items[2].class_names == ("cat",)


def test_a_detector_that_waits_for_somebody_says_so() -> None:
    class Waiting(FakeDetector):
        def tell_waits(
            self,
            on_waiting: Callable[[str], None],
            on_back: Callable[[float], None],
            settings: Callable[[], Settings],
        ) -> None:
            assert settings() == Settings()
            on_waiting("Nobody answers.")
            on_back(2.0)

    rig = Rig()
    rig.load(Waiting())
    rig.run(cue(0))
    assert rig.events == [SourceInterrupted("Nobody answers."), SourceResumed(2.0)]


def test_a_move_is_told_before_the_answer_that_may_be_waited_for() -> None:
    class Moving(OverlappingDetector):
        def take_move(self) -> tuple[DetectorInfo, str] | None:
            return moves.pop() if self.begun and moves else None

    moves = [(INFO, "It moved.")]
    rig, detector = Rig(), Moving(1)
    rig.load(detector)
    told: list[int] = []
    detector.on_answer = lambda _: told.append(len(rig.events))
    rig.run(cue(0))
    assert told == [2]


class Settling(FakeDetector):
    """Keeps where it settled, and after how many frames."""

    def __init__(self) -> None:
        super().__init__()
        self.settled: list[tuple[threading.Thread, int]] = []

    def settle(self) -> None:
        self.settled.append((threading.current_thread(), len(self.seen)))


def test_each_detector_settles_once_on_the_thread_that_uses_it() -> None:
    rig, first, second = Rig(), Settling(), Settling()
    rig.load(first)
    rig.load(second)
    rig.run(cue(0), cue(1))
    here = threading.current_thread()
    assert first.settled == second.settled == [(here, 0)]
    assert second.seen == [0, 1]


def test_a_new_detectors_times_are_its_own() -> None:
    """The older one took 1 ms for each of 3 frames; the newer has seen one."""

    class Late(FakeDetector):
        def __init__(self) -> None:
            super().__init__()
            self._before = self._load_another

        def _load_another(self, number: int) -> None:
            if number == 2:
                rig.load(newer)

    rig, newer = Rig(), FakeDetector()
    rig.load(Late())
    rig.run(cue(0), cue(1), cue(2), cue(3))
    assert newer.seen == [3]
    assert rig.stage.sample is not None
    assert rig.stage.sample.recent_ms == (1.0,)


def test_only_the_last_times_are_kept() -> None:
    rig = Rig()
    rig.load(FakeDetector())
    rig.run(*(cue(i) for i in range(RECENT + 5)))
    assert rig.stage.sample is not None
    assert rig.stage.sample.recent_ms == (1.0,) * RECENT


def test_a_detector_that_came_too_late_is_closed() -> None:
    rig, first, late = Rig(), FakeDetector(), FakeDetector()
    rig.load(first)

    def load_another(_: int) -> None:
        rig.load(late)

    first._before = load_another
    rig.run(cue(0))
    assert late.seen == []
    assert (first.closed, late.closed) == (1, 1)


def test_one_that_fails_is_closed_and_so_is_what_waits() -> None:
    def fail(_: int) -> None:
        rig.load(waiting)
        raise ModelError("The card is full.", "Close something.")

    rig, failing, waiting = Rig(), FakeDetector(before=fail), FakeDetector()
    rig.load(failing)
    with pytest.raises(ModelError, match="full"):
        rig.run(cue(0))
    assert (failing.closed, waiting.closed) == (1, 1)


def test_without_a_detector_it_ends() -> None:
    rig = Rig()
    rig.ready.close()
    with pytest.raises(SlotClosedError):
        rig.run(cue(0))


@pytest.mark.parametrize(("is_in_no_hurry", "most"), [(True, 3), (False, 1)])
def test_several_are_begun_where_no_picture_is_in_a_hurry(
    is_in_no_hurry: bool, most: int
) -> None:
    rig, detector = Rig(is_in_no_hurry=is_in_no_hurry), OverlappingDetector(depth=3)
    detector.favour_throughput()
    rig.load(detector)
    assert numbers(rig.run(*(cue(i) for i in range(7)))) == list(range(7))
    assert detector.most_begun == most


def test_what_is_begun_is_answered_before_the_detector_is_closed() -> None:
    rig, newer = Rig(is_in_no_hurry=True), FakeDetector()
    older = OverlappingDetector(depth=3)
    older.favour_throughput()
    closed_at_answer: list[int] = []

    def on_answer(number: int) -> None:
        closed_at_answer.append(older.closed)
        if number == 0:  # 1 and 2 are begun, and the change comes with 3
            rig.load(newer)

    older.on_answer = on_answer
    rig.load(older)
    assert numbers(rig.run(*(cue(i) for i in range(5)))) == [0, 1, 2, 3, 4]
    assert closed_at_answer == [0, 0, 0]
    assert (older.seen, newer.seen) == ([0, 1, 2], [3, 4])


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 1)])
def test_a_new_detector_has_its_own_depth(before: int, after: int) -> None:
    rig, newer = Rig(is_in_no_hurry=True), OverlappingDetector(depth=after)
    older = OverlappingDetector(depth=before)
    for detector in (older, newer):
        detector.favour_throughput()
    older.on_answer = lambda number: rig.load(newer) if number == 0 else None
    rig.load(older)
    rig.run(*(cue(i) for i in range(12)))
    assert (older.most_begun, newer.most_begun) == (before, after)


def test_one_that_knows_its_video_by_heart_is_told_where_it_is() -> None:
    class ByHeart(FakeDetector):
        def follow(self, timestamp_s: float) -> None:
            followed.append(timestamp_s)

    followed: list[float] = []
    rig = Rig()
    rig.load(ByHeart())
    rig.run(cue(0), cue(50, run=1), cue(50, gap="Unplugged."), cue(7, run=2))
    assert followed == [0.0, 2.0, 7 / 25]


def test_a_sample_is_what_was_found_with_the_settings_of_then() -> None:
    asked = iter([Settings(score_threshold=0.25), Settings(score_threshold=0.75)])
    rig = Rig()
    rig.stage._settings = lambda: next(asked)
    rig.load(FakeDetector())
    rig.run(cue(0))
    assert rig.stage.sample is not None
    assert rig.stage.sample.settings.score_threshold == 0.25


@pytest.mark.parametrize("age_ms", [0.0, 40.0])
def test_waiting_is_what_nobody_accounts_for_and_never_negative(age_ms: float) -> None:
    """A detector may count its milliseconds on another clock, and more than passed."""

    class Boasting(FakeDetector):
        def detect(self, *_: object) -> tuple[Detections, StageTimes]:
            return Detections.empty(), StageTimes(inference_ms=10.0)

    rig, now_s = Rig(), time.monotonic()
    rig.load(Boasting())
    frame = Frame(numbered_image(0), 0, 0.0, now_s - age_ms / 1e3)
    (item,) = rig.run(Cue(frame, handed_at_s=now_s))
    assert item.times.capture_ms == pytest.approx(age_ms, abs=1e-3)
    assert item.times.wait_ms >= 0


class Counting:
    """Numbers what it is asked, in the score; says when it begins anew."""

    def __init__(self) -> None:
        self.asked: list[str | int] = []

    def __call__(self, frame: Frame, detections: Detections) -> Detections:
        self.asked.append(frame.index)
        return one_found(len(self.asked) / 100)

    def restart(self) -> None:
        self.asked.append("restart")


def test_what_comes_after_detection_is_asked_frame_by_frame() -> None:
    after = Counting()
    rig = Rig(after_detection=after)
    rig.load(FakeDetector())
    items = rig.run(cue(0), cue(1), cue(2, gap="Unplugged."), Cue(None))
    assert after.asked == ["restart", 0, 1]
    scores = [it.detections.scores.tolist() for it in items]
    assert scores == [[pytest.approx(0.02)], [pytest.approx(0.03)], [], []]
    assert rig.stage.sample is not None
    assert len(rig.stage.sample.detections) == 0  # of the detector, not of `after`


def test_what_comes_after_detection_begins_anew_after_a_jump() -> None:
    after = Counting()
    rig = Rig(after_detection=after)
    rig.load(FakeDetector())
    rig.run(cue(0), cue(1), cue(7, run=1), cue(8, run=1))
    assert after.asked == ["restart", 0, 1, "restart", 7, 8]


def test_what_comes_after_detection_begins_anew_with_another_detector() -> None:
    after = Counting()
    rig = Rig(after_detection=after)
    older, newer = FakeDetector(), FakeDetector()
    older._before = lambda _: rig.load(newer)
    rig.load(older)
    rig.run(cue(0), cue(1))
    assert after.asked == ["restart", 0, "restart", 1]
