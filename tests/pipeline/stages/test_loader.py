"""What app.pipeline.stages.loader promises; no thread but the test's."""

import pytest

from app.errors import ModelError
from app.pipeline.events import DetectorFailed, DetectorOpened, PipelineEvent
from app.pipeline.interfaces import Detector
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.items import Loaded
from app.pipeline.stages.loader import LoaderStage
from app.pipeline.stages.tryout import Sample
from app.settings import Settings
from app.types import Detections, DetectorInfo, StageTimes
from tests.fakes import FakeDetector, OverlappingDetector, numbered_image


class Rig:
    """A loader stage, and what comes out of it."""

    def __init__(
        self, first: Detector | None = None, *, favours_throughput: bool = False
    ) -> None:
        self.first = first or FakeDetector()
        self.requested = Slot[Detector](drop_oldest=True)
        self.ready = Slot[Loaded](drop_oldest=False)
        self.events: list[PipelineEvent] = []
        self.replaced = 0
        self.sample: Sample | None = None
        self.stage = LoaderStage(
            self.first,
            requested=self.requested,
            ready=self.ready,
            favours_throughput=favours_throughput,
            sample=lambda: self.sample,
            on_event=self.events.append,
            on_replaced=self._on_replaced,
        )

    def _on_replaced(self) -> None:
        self.replaced += 1

    def run(self, replacement: Detector | None = None) -> Detector:
        """Which of them is handed over in the end."""
        if replacement is not None:
            self.stage.request(replacement)
        self.requested.close()
        self.stage.run()
        self.ready.close()
        (loaded,) = self.ready
        return loaded.detector


def fail() -> None:
    raise ModelError("There is no GPU.", "Use the CPU.")


def test_the_first_is_opened_told_of_and_handed_over() -> None:
    detector = FakeDetector()
    rig = Rig(detector)
    assert rig.run() is detector
    (opened,) = rig.events
    assert isinstance(opened, DetectorOpened)
    assert opened.tryout is None
    assert rig.replaced == 0
    assert (detector.opened, detector.closed) == (1, 0)


def test_the_first_that_fails_is_closed_and_its_error_raised() -> None:
    detector = FakeDetector(on_open=fail)
    rig = Rig(detector)
    with pytest.raises(ModelError, match="no GPU"):
        rig.run()
    assert detector.closed == 1
    assert rig.events == []


def test_a_replacement_that_fails_is_closed_and_told() -> None:
    rig, second = Rig(), FakeDetector(on_open=fail)
    assert rig.run(second) is rig.first
    assert second.closed == 1
    assert isinstance(rig.events[-1], DetectorFailed)
    assert rig.replaced == 0


def test_a_replacement_is_tried_on_what_the_running_one_saw() -> None:
    rig, second = Rig(), FakeDetector(name="new.onnx")
    info = DetectorInfo("fake.onnx", ("person", "car"), (300, 300), "CPU")
    rig.sample = Sample(
        numbered_image(7), Settings(), Detections.empty(), info, (5.0, 3.0, 4.0)
    )
    rig.run(second)
    opened = rig.events[-1]
    assert isinstance(opened, DetectorOpened)
    assert opened.tryout is not None
    assert (opened.tryout.before_ms, opened.tryout.after_ms) == (4.0, 1.0)
    assert rig.replaced == 1


def test_one_that_knows_its_video_by_heart_is_not_tried_out() -> None:
    """It would lose its place: each picture it is asked about counts."""

    class ByHeart(FakeDetector):
        def follow(self, timestamp_s: float) -> None:
            raise AssertionError("nothing plays yet")

        def detect(self, *_: object) -> tuple[Detections, StageTimes]:
            raise AssertionError("it is not its turn")

    rig, second = Rig(), ByHeart()
    info = DetectorInfo("fake.onnx", ("person", "car"), (300, 300), "CPU")
    rig.sample = Sample(numbered_image(7), Settings(), Detections.empty(), info, (1.0,))
    assert rig.run(second) is second
    opened = rig.events[-1]
    assert isinstance(opened, DetectorOpened)
    assert opened.tryout is None


def test_one_that_waits_is_closed_when_a_newer_one_takes_its_place() -> None:
    """No frame came in between, so it never ran."""
    first, second = FakeDetector(), FakeDetector()
    rig = Rig(first)
    assert rig.run(second) is second
    assert (first.closed, second.closed) == (1, 0)
    assert rig.replaced == 1


@pytest.mark.parametrize("fails", [False, True])
def test_one_given_up_while_it_loads_is_closed_without_a_word(fails: bool) -> None:
    def give_up() -> None:
        assert rig.stage.cancel()
        if fails:
            fail()

    second = FakeDetector(on_open=give_up)
    rig = Rig()
    assert rig.run(second) is rig.first
    assert second.closed == 1
    assert len(rig.events) == 1
    assert rig.replaced == 0


def test_one_given_up_before_it_loads_is_not_opened() -> None:
    rig, second = Rig(FakeDetector(on_open=lambda: give_up())), FakeDetector()

    def give_up() -> None:
        assert rig.stage.cancel()

    assert rig.run(second) is rig.first
    assert second.opened == 0
    assert len(rig.events) == 1


@pytest.mark.parametrize("fails", [False, True])
def test_it_is_too_late_to_give_up_what_was_told(fails: bool) -> None:
    rig, second = Rig(), FakeDetector(on_open=fail if fails else lambda: None)
    rig.run(second)
    assert len(rig.events) == 2
    assert not rig.stage.cancel()


def test_one_that_nobody_takes_any_more_is_closed() -> None:
    detector = FakeDetector()
    rig = Rig(detector)
    rig.ready.close()
    with pytest.raises(SlotClosedError):
        rig.run()
    assert detector.closed == 1
    assert rig.events == []


@pytest.mark.parametrize("favours", [False, True])
def test_throughput_is_asked_for_where_no_picture_is_in_a_hurry(favours: bool) -> None:
    first, second = OverlappingDetector(depth=3), OverlappingDetector(depth=2)
    Rig(first, favours_throughput=favours).run(second)
    assert first.was_asked == second.was_asked == favours


def test_a_request_after_the_end_is_ignored() -> None:
    rig, late = Rig(), FakeDetector()
    rig.run()
    rig.stage.request(late)
    assert late.opened == 0
