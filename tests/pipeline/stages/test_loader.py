"""What app.pipeline.stages.loader promises; no thread but the test's."""

import pytest

from app.errors import ModelError
from app.pipeline.events import DetectorFailed, DetectorOpened, PipelineEvent
from app.pipeline.interfaces import Detector
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.comparison import Sample
from app.pipeline.stages.items import Loaded
from app.pipeline.stages.loader import LoaderStage
from app.settings import Settings
from app.types import Detections, DetectorInfo
from tests.fakes import FakeDetector, OverlappingDetector, numbered_image


class Rig:
    """A loader stage, and what comes out of it."""

    def __init__(self, *, favours_throughput: bool = False) -> None:
        self.requested = Slot[Detector](drop_oldest=False, capacity=9)
        self.ready = Slot[Loaded](drop_oldest=False, capacity=9)
        self.events: list[PipelineEvent] = []
        self.replaced = 0
        self.sample: Sample | None = None
        self.stage = LoaderStage(
            requested=self.requested,
            ready=self.ready,
            favours_throughput=favours_throughput,
            sample=lambda: self.sample,
            on_event=self.events.append,
            on_replaced=self._on_replaced,
        )

    def _on_replaced(self) -> None:
        self.replaced += 1

    def run(self, *detectors: Detector, is_cancelled: bool = False) -> list[Detector]:
        """Those that are handed over of `detectors`."""
        for detector in detectors:
            self.stage.request(detector)
        if is_cancelled:
            self.stage.cancel()
        self.requested.close()
        self.stage.run()
        self.ready.close()
        return [loaded.detector for loaded in self.ready]


def fail() -> None:
    raise ModelError("There is no GPU.", "Use the CPU.")


def test_the_first_is_opened_told_of_and_handed_over() -> None:
    rig, detector = Rig(), FakeDetector()
    assert rig.run(detector) == [detector]
    (opened,) = rig.events
    assert isinstance(opened, DetectorOpened)
    assert opened.comparison is None
    assert rig.replaced == 0
    assert (detector.opened, detector.closed) == (1, 0)


def test_the_first_that_fails_is_closed_and_its_error_raised() -> None:
    rig, detector = Rig(), FakeDetector(on_open=fail)
    with pytest.raises(ModelError, match="no GPU"):
        rig.run(detector)
    assert detector.closed == 1
    assert rig.events == []


def test_a_replacement_that_fails_is_closed_and_told() -> None:
    rig, first, second = Rig(), FakeDetector(), FakeDetector(on_open=fail)
    assert rig.run(first, second) == [first]
    assert second.closed == 1
    assert isinstance(rig.events[-1], DetectorFailed)


def test_a_replacement_is_tried_on_what_the_running_one_saw() -> None:
    rig, first, second = Rig(), FakeDetector(), FakeDetector(name="new.onnx")
    info = DetectorInfo("fake.onnx", ("person", "car"), (300, 300), "CPU")
    rig.sample = Sample(
        numbered_image(7), Settings(), Detections.empty(), info, (5.0, 3.0, 4.0)
    )
    rig.run(first, second)
    opened = rig.events[-1]
    assert isinstance(opened, DetectorOpened)
    assert opened.comparison is not None
    assert (opened.comparison.before_ms, opened.comparison.after_ms) == (4.0, 1.0)
    assert rig.replaced == 1


@pytest.mark.parametrize("fails", [False, True])
def test_one_that_is_given_up_is_closed_without_a_word(fails: bool) -> None:
    rig, first = Rig(), FakeDetector()
    second = FakeDetector(on_open=fail if fails else lambda: None)
    assert rig.run(first, second, is_cancelled=True) == [first]
    assert second.closed == 1
    assert len(rig.events) == 1
    assert rig.replaced == 0


def test_one_that_nobody_takes_any_more_is_closed() -> None:
    rig, detector = Rig(), FakeDetector()
    rig.ready.close()
    with pytest.raises(SlotClosedError):
        rig.run(detector)
    assert detector.closed == 1
    assert rig.events == []


@pytest.mark.parametrize("favours", [False, True])
def test_throughput_is_asked_for_where_no_picture_is_in_a_hurry(favours: bool) -> None:
    detector = OverlappingDetector(depth=3)
    Rig(favours_throughput=favours).run(detector)
    assert detector.was_asked == favours


def test_a_request_after_the_end_is_ignored() -> None:
    rig, late = Rig(), FakeDetector()
    rig.requested.close()
    rig.stage.request(late)
    assert late.opened == 0
