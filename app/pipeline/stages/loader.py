"""Loads detectors beside the one that runs."""

import threading
from collections.abc import Callable
from contextlib import suppress

from app.pipeline.events import (
    DetectorFailed,
    DetectorOpened,
    PipelineEvent,
    Tryout,
)
from app.pipeline.interfaces import Detector, FollowsTime
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.items import Loaded
from app.pipeline.stages.overlap import overlapping
from app.pipeline.stages.tryout import Sample, try_out


class LoaderStage:
    """Opens the detectors that are asked for, tries them, and hands them over."""

    def __init__(
        self,
        first: Detector,
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
            first: what runs from the beginning.
            requested: those to open after it; of several waiting, the newest.
            ready: where the open ones go; a newer one replaces one that waits.
            favours_throughput: no picture is in a hurry.
            sample: what the running one saw last, to try its successor on.
            on_event: told whether it went well.
            on_replaced: one takes over from another.
        """
        self._first = first
        self._requested = requested
        self._ready = ready
        self._favours_throughput = favours_throughput
        self._sample = sample
        self._on_event = on_event
        self._on_replaced = on_replaced
        self._lock = threading.Lock()  # guards what follows
        self._wanted: Detector | None = None  # until it is handed over

    def request(self, detector: Detector) -> None:
        """Load this one next; from any thread."""
        with self._lock:
            self._wanted = detector
        with suppress(SlotClosedError):  # the run is over: nothing to replace
            self._requested.put(detector)

    def cancel(self) -> bool:
        """Forget the one that was asked for last; from any thread.

        Returns:
            False where that is too late: it is handed over, and an event says so.
        """
        with self._lock:
            is_in_time, self._wanted = self._wanted is not None, None
            return is_in_time

    def run(self) -> None:
        """Load until `requested` is closed.

        Raises:
            ModelError: the first one cannot be opened; later ones may fail.
            SlotClosedError: nobody takes them any more.
        """
        loaded, tryout = self._load(self._first)
        self._hand_over(loaded)
        self._on_event(DetectorOpened(loaded.info, tryout, self._first))
        for detector in self._requested:
            if detector is self._wanted:  # else it was given up meanwhile
                self._replace_by(detector)

    def _replace_by(self, detector: Detector) -> None:
        try:
            loaded, tryout = self._load(detector)
        except Exception as error:  # noqa: BLE001 - told by DetectorFailed
            if self._settle(detector):
                self._on_event(DetectorFailed(error, detector))
            return
        if not self._settle(detector):
            detector.close()
            return
        self._hand_over(loaded)
        self._on_event(DetectorOpened(loaded.info, tryout, detector))
        self._on_replaced()

    def _load(self, detector: Detector) -> tuple[Loaded, Tryout | None]:
        """Open it and try it on what the running one saw; closed where that fails."""
        try:
            if self._favours_throughput:
                overlapping(detector).favour_throughput()
            info = detector.open()
            sample = self._sample()
            # One that knows its video by heart would lose its place.
            if sample is None or isinstance(detector, FollowsTime):
                return Loaded(detector, info), None
            return Loaded(detector, info), try_out(detector, info, sample)
        except BaseException:
            detector.close()
            raise

    def _settle(self, detector: Detector) -> bool:
        """Whether it is still wanted; from now on it is too late to give it up."""
        with self._lock:
            is_wanted = detector is self._wanted
            if is_wanted:
                self._wanted = None
            return is_wanted

    def _hand_over(self, loaded: Loaded) -> None:
        try:
            unused = self._ready.swap(loaded)
        except SlotClosedError:
            loaded.detector.close()
            raise
        if unused is not None:  # no frame has come since
            unused.detector.close()
