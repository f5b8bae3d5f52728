"""Switching detectors again and again, while frames go by."""

import gc
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from app.detection.onnx_detector import OnnxDetector
from app.errors import ModelError
from app.pipeline.events import DetectorFailed, DetectorOpened, PipelineEvent
from app.pipeline.interfaces import Detector
from app.pipeline.pipeline import Pipeline
from app.settings import Settings
from app.types import Frame
from benchmarks.machine import held
from tests.detection.conftest import MakeModel, make_model
from tests.fakes import (
    FakeDetector,
    FakeSource,
    draw_nothing,
    number_of,
    numbered_image,
)

__all__ = ["make_model"]  # a fixture of another room
LONG_S = 120.0


class Endless(FakeSource):
    """Frames until `is_over` is set; live ones come when the last has been shown."""

    def __init__(self, *, is_live: bool) -> None:
        super().__init__(0, is_live=is_live)
        self.is_over = threading.Event()
        self.shown = threading.Semaphore()
        self.given = 0

    def frames(self) -> Iterator[Frame]:
        while not self.is_over.is_set():
            if self.is_live:
                assert self.shown.acquire(timeout=LONG_S)
            index, self.given = self.given, self.given + 1
            yield Frame(numbered_image(index % 2**16), index, index / 25, index / 25)


class Switching:
    """Replaces the detector, as soon as one took over, `count` times."""

    def __init__(
        self,
        make_detector: Callable[[int], Detector],
        *,
        count: int,
        is_live: bool = False,
    ) -> None:
        self.source = Endless(is_live=is_live)
        self.shown: list[int] = []
        self.opened: list[DetectorOpened] = []
        self.failures: list[Exception] = []
        self._make_detector = make_detector
        self._count = count
        self._switches = 0
        self.pipeline = Pipeline(
            self.source,
            make_detector(0),
            draw=draw_nothing,
            settings=Settings(),
            on_event=self._on_event,
            on_result=self._on_result,
        )

    def run(self) -> None:
        self.pipeline.start()
        assert self.source.is_over.wait(LONG_S)
        assert self.pipeline.join(LONG_S) == []  # having shown what was captured

    def _on_event(self, event: PipelineEvent) -> None:
        if isinstance(event, DetectorFailed):
            self.failures.append(event.error)
        elif isinstance(event, DetectorOpened):
            self.opened.append(event)
        else:
            return
        if self._switches == self._count:
            self.source.is_over.set()
        else:
            self._switches += 1
            self.pipeline.replace_detector(self._make_detector(self._switches))

    def _on_result(self) -> None:
        result = self.pipeline.take_result()  # on the thread that has just put it
        assert result is not None
        self.shown.append(number_of(result.frame.image_bgr))
        self.source.shown.release()

    def assert_no_frame_was_lost_or_shown_twice(self) -> None:
        given = [index % 2**16 for index in range(self.source.given)]
        assert self.shown == given
        assert self.pipeline.stats().dropped == 0


@pytest.mark.slow
@pytest.mark.parametrize("is_live", [False, True])
def test_ten_thousand_switches_lose_no_frame_and_leave_nothing_open(
    is_live: bool,
) -> None:
    threads = set(threading.enumerate())
    made: list[FakeDetector] = []

    def fail() -> None:
        raise ModelError("no GPU")

    def make(number: int) -> FakeDetector:
        # Now and then one cannot be had; then the one before goes on.
        is_bad = number % 10 == 7
        detector = FakeDetector(on_open=fail if is_bad else lambda: None)
        made.append(detector)
        return detector

    run = Switching(make, count=10_000, is_live=is_live)
    run.run()
    run.assert_no_frame_was_lost_or_shown_twice()
    assert (len(run.opened), len(run.failures)) == (9001, 1000)
    seen = [number for detector in made for number in detector.seen]
    assert seen == run.shown  # each frame by one of them, in their order
    assert all(detector.closed == 1 for detector in made)
    assert set(threading.enumerate()) - threads == set()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc")
def test_two_hundred_switches_among_real_sessions_leak_nothing(
    make_model: MakeModel,
) -> None:
    """ONNX Runtime and OpenVINO, two copies of one model, by turns."""
    pytest.importorskip("openvino", reason="requirements-openvino.txt")
    plain, int8 = make_model(), make_model("tiny.int8.onnx", variant="int8")
    choices = [(plain, "cpu"), (int8, "cpu"), (plain, "openvino"), (int8, "openvino")]

    def make(number: int) -> OnnxDetector:
        path, device = choices[number % len(choices)]
        return OnnxDetector(path, device=device)

    Switching(make, count=20).run()  # what they load once, they keep
    gc.collect()
    before = held()
    run = Switching(make, count=200)
    run.run()
    gc.collect()
    run.assert_no_frame_was_lost_or_shown_twice()
    assert not run.failures
    providers = [event.info.provider for event in run.opened]
    assert providers.count("CPUExecutionProvider") == 101
    assert providers.count("OpenVINO CPU") == 100
    after = held()
    assert after[1:] == before[1:]
    assert after[0] - before[0] < 20  # a tenth of a megabyte for each would show
