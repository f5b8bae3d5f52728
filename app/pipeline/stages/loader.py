"""Loads detectors beside the one that runs."""

from collections.abc import Callable
from contextlib import suppress

from app.pipeline.events import DetectorFailed, DetectorOpened, PipelineEvent
from app.pipeline.interfaces import Detector, FollowsTime
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.comparison import Sample, try_out
from app.pipeline.stages.items import Loaded
from app.pipeline.stages.overlap import overlapping
from app.types import Comparison, DetectorInfo


class LoaderStage:
    """Opens the detectors that are asked for, tries them, and hands them over."""

    def __init__(
        self,
        *,
        requested: Slot[Detector],
        ready: Slot[Loaded],
        favours_throughput: bool,
        sample: Callable[[], Sample | None],
        on_event: Callable[[PipelineEvent], None],
        on_replaced: Callable[[], None],
    ) -> None:
        """Wire it.

        Args:
            requested: those to open; of several waiting, the newest.
            ready: where the open ones go.
            favours_throughput: no picture is in a hurry.
            sample: what the running one saw last, to try its successor on.
            on_event: told whether it went well.
            on_replaced: one takes over from another.
        """
        self._requested = requested
        self._ready = ready
        self._favours_throughput = favours_throughput
        self._sample = sample
        self._on_event = on_event
        self._on_replaced = on_replaced
        self._wanted: Detector | None = None

    def request(self, detector: Detector) -> None:
        """Load this one next; from any thread."""
        self._wanted = detector
        with suppress(SlotClosedError):  # the run is over: nothing to replace
            self._requested.put(detector)

    def cancel(self) -> None:
        """Forget the one that was asked for last; from any thread."""
        self._wanted = None

    def run(self) -> None:
        """Load until `requested` is closed.

        Raises:
            ModelError: the first one cannot be opened; later ones may fail.
            SlotClosedError: nobody takes them any more.
        """
        is_first = True
        for detector in self._requested:
            try:
                if self._favours_throughput:
                    overlapping(detector).favour_throughput()
                info = detector.open()
                comparison = self._try_out(detector, info)
            except Exception as error:  # a replacement may fail, the first may not
                detector.close()
                if is_first:
                    raise
                if detector is self._wanted:
                    self._on_event(DetectorFailed(error))
                continue
            if not is_first and detector is not self._wanted:
                detector.close()
                continue
            try:
                self._ready.put(Loaded(detector, info))
            except SlotClosedError:
                detector.close()
                raise
            self._on_event(DetectorOpened(info, comparison))
            if not is_first:
                self._on_replaced()
            is_first = False

    def _try_out(self, detector: Detector, info: DetectorInfo) -> Comparison | None:
        sample = self._sample()
        # One that knows its video by heart would lose its place.
        if sample is None or isinstance(detector, FollowsTime):
            return None
        return try_out(detector, info, sample)
