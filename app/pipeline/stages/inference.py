"""Lets the detector look at each frame."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from app.pipeline.events import (
    DetectorOpened,
    PipelineEvent,
    SourceInterrupted,
    SourceResumed,
    SourceWarned,
)
from app.pipeline.interfaces import (
    AfterDetection,
    Detector,
    FollowsTime,
    Hider,
    Overlaps,
    Settles,
    Watches,
)
from app.pipeline.slot import Slot
from app.pipeline.stages.items import Cue, Detected, Loaded
from app.pipeline.stages.overlap import overlapping
from app.pipeline.stages.tryout import Sample
from app.pipeline.stats import FpsMeter
from app.scene import NO_SCENE, Scene
from app.settings import Settings
from app.sidecar import keep_detections
from app.types import Detections, DetectorInfo, Frame, PendingDetections, StageTimes

# Frames whose times a replacement is compared with.
RECENT = 15


@dataclass(frozen=True, eq=False, slots=True)
class _Begun:
    cue: Cue
    settings: Settings
    info: DetectorInfo
    answer: PendingDetections


@runtime_checkable
class Moves(Protocol):
    """What a detector can besides, if what runs it may change by itself."""

    def take_move(self) -> tuple[DetectorInfo, str] | None:
        """What runs from the last answer on, and why, in a sentence; told once."""
        ...


@runtime_checkable
class Waits(Protocol):
    """What a detector can besides, if it may wait for somebody else's answer."""

    def tell_waits(
        self,
        on_waiting: Callable[[str], None],
        on_back: Callable[[float], None],
        settings: Callable[[], Settings],
    ) -> None:
        """From now on tell why it waits, and after how many seconds it goes on.

        Args:
            on_waiting: told why.
            on_back: told after how long.
            settings: as they are by then; a frame's own are those it began with.
        """
        ...


class InferenceStage:
    """Takes each frame to the detector, and changes over to a new one in between.

    Attributes:
        sample: what the detector found last; None until it has.
        meter: of the frames it finishes.
    """

    def __init__(
        self,
        *,
        captured: Slot[Cue],
        ready: Slot[Loaded],
        detected: Slot[Detected],
        is_stale: Callable[[int], bool],
        settings: Callable[[], Settings],
        is_in_no_hurry: bool,
        after_detection: AfterDetection | Watches | None = None,
        is_stills: Callable[[], bool] = lambda: False,
        hider: Hider | None = None,
        on_event: Callable[[PipelineEvent], None] = lambda _: None,
    ) -> None:
        """Wire it.

        Args:
            captured: the frames.
            ready: the detectors, opened; used and closed by `run`.
            detected: where the frames go.
            is_stale: whether what was captured after so many seeks is of no use.
            settings: asked once per frame.
            is_in_no_hurry: several frames may be in the detector at a time.
            after_detection: makes more of what was found, frame after frame.
            is_stills: photos follow nothing, so nobody watches them; asked once per
                frame.
            hider: covers what the settings want hidden; without one, they are black.
            on_event: told where the detector moves by itself.
        """
        self._on_event = on_event
        self._captured = captured
        self._ready = ready
        self._detected = detected
        self._is_stale = is_stale
        self._settings = settings
        self._is_in_no_hurry = is_in_no_hurry
        # What somebody can besides is asked once: to look for a protocol in an object
        # takes 10 us, and it was done eight times a frame.
        self._watches: Watches | None = None
        self._refines: AfterDetection | None = None
        if isinstance(after_detection, Watches):
            self._watches = after_detection
        else:
            self._refines = after_detection
        self._follows: FollowsTime | None = None
        self._moves: Moves | None = None
        self._is_stills = is_stills
        self._hider = hider
        self._hidden_run: int | None = None
        self._refined_run: int | None = None
        self._recent_ms = deque[float](maxlen=RECENT)
        self._begun = deque[_Begun]()
        self.sample: Sample | None = None
        self.meter = FpsMeter()

    def run(self) -> None:
        """Detect until `captured` is closed.

        Raises:
            ModelError: the detector failed.
            SlotClosedError: no detector comes, or nobody takes the detections.
        """
        loaded = self._ready.get()
        looks = overlapping(loaded.detector)
        try:
            self._take_on(loaded.detector)
            for cue in self._captured:
                if (newer := self._ready.take()) is not None:
                    self._answer(leave=0)
                    loaded.detector.close()
                    loaded, looks = newer, overlapping(newer.detector)
                    self._take_on(loaded.detector)
                    self._recent_ms.clear()
                    self._refined_run = self._hidden_run = None
                if self._is_stale(cue.seek_count):
                    continue
                self._begun.append(self._begin(cue, loaded, looks))
                loaded = self._moved(loaded)  # before it may wait for an answer
                # An answer waits for the next picture: only where all are at hand.
                self._answer(leave=looks.depth - 1 if self._is_in_no_hurry else 0)
                loaded = self._moved(loaded)
            self._answer(leave=0)
        finally:
            loaded.detector.close()
            self._ready.close()
            for unused in self._ready:
                unused.detector.close()

    def _begin(self, cue: Cue, loaded: Loaded, looks: Overlaps) -> _Begun:
        settings, info, frame = self._settings(), loaded.info, cue.frame
        if frame is None or frame.gap:  # travels with the frames before it
            return _Begun(
                cue, settings, info, lambda: (Detections.empty(), StageTimes())
            )
        if self._follows is not None:
            self._follows.follow(frame.timestamp_s)
        asked = self._watching.lowered(settings) if self._watching else settings
        if settings.covered_class_names and self._hider is not None:
            asked = self._hider.looking(asked)
        if self._is_in_no_hurry or cue.is_again or self._is_stills():
            asked = replace(asked, detail_budget_ms=0.0)  # nobody waits: all of it
        return _Begun(cue, settings, info, looks.begin(frame.image_bgr, asked))

    def _take_on(self, detector: Detector) -> None:
        """Before its first picture, on this thread."""
        self._follows = detector if isinstance(detector, FollowsTime) else None
        self._moves = detector if isinstance(detector, Moves) else None
        if isinstance(detector, Settles):
            detector.settle()
        if isinstance(detector, Waits):
            detector.tell_waits(
                lambda reason: self._on_event(SourceInterrupted(reason)),
                lambda after_s: self._on_event(SourceResumed(after_s)),
                self._settings,
            )

    def _moved(self, loaded: Loaded) -> Loaded:
        """With what runs now, where that has changed by itself; it is told."""
        if self._moves is None or (move := self._moves.take_move()) is None:
            return loaded
        info, text = move
        self._recent_ms.clear()
        self._on_event(DetectorOpened(info, detector=loaded.detector))
        self._on_event(SourceWarned(text))
        return replace(loaded, info=info)

    @property
    def _watching(self) -> Watches | None:
        return None if self._is_stills() else self._watches

    def _answer(self, *, leave: int) -> None:
        while len(self._begun) > leave:
            self._finish(self._begun.popleft())

    def _finish(self, begun: _Begun) -> None:
        cue, info = begun.cue, begun.info
        detections, times = begun.answer()
        scene = NO_SCENE
        if (frame := cue.frame) is not None and not frame.gap:
            self.meter.tick(time.monotonic())
            self._recent_ms.append(times.latency_ms)
            self.sample = Sample(
                frame.image_bgr,
                begun.settings,
                detections.where(detections.scores > begun.settings.score_threshold),
                info,
                tuple(self._recent_ms),
            )
        if begun.settings.covered_class_names:
            cue, detections, times = self._hide(begun, detections, times)
        found = keep_detections(
            detections, score_threshold=begun.settings.score_threshold
        )
        if frame is not None and not frame.gap:
            # By its identity `frame` is known again; nobody there gives it away.
            detections, scene, times = self._refine(begun, frame, detections, times)
        finished_s = time.monotonic()
        times = _account(cue, times, finished_s)
        self._detected.put(
            Detected(
                *(cue, detections, info.class_names, times, finished_s, scene, found)
            )
        )

    def _hide(
        self, begun: _Begun, detections: Detections, times: StageTimes
    ) -> tuple[Cue, Detections, StageTimes]:
        """From here on nobody has the clean picture, nor finds that are not shown."""
        cue, settings, hider = begun.cue, begun.settings, self._hider
        if (clean := cue.frame) is None:
            return cue, detections, times
        begun_s = time.monotonic()
        if hider is None:
            frame = replace(clean, image_bgr=np.zeros_like(clean.image_bgr))
        else:
            if cue.run != self._hidden_run:
                hider.restart()
                self._hidden_run = cue.run
            frame = hider.hide(
                clean,
                detections,
                class_names=begun.info.class_names,
                settings=settings,
                is_again=cue.is_again,
            )
        frame = replace(frame, covered_class_names=settings.covered_class_names)
        cue = replace(cue, frame=frame)
        wanted = detections.where(np.arange(len(detections)) < settings.max_detections)
        if self._watching is None:
            wanted = keep_detections(wanted, score_threshold=settings.score_threshold)
        spent_ms = 1e3 * (time.monotonic() - begun_s)
        times = replace(times, postprocess_ms=times.postprocess_ms + spent_ms)
        return cue, wanted, times

    def _refine(
        self, begun: _Begun, frame: Frame, detections: Detections, times: StageTimes
    ) -> tuple[Detections, Scene, StageTimes]:
        """What comes between detection and draw."""
        watches, refines, scene = self._watching, self._refines, NO_SCENE
        after = refines if watches is None else watches
        if after is None:
            return detections, scene, times
        begun_s = time.monotonic()
        if begun.cue.run != self._refined_run:
            after.restart()
            self._refined_run = begun.cue.run
        if watches is not None:
            detections, scene = watches.watch(
                frame, detections, begun.settings, begun.info.class_names
            )
        elif refines is not None:
            detections = refines(frame, detections)
        spent_ms = 1e3 * (time.monotonic() - begun_s)
        postprocess_ms = times.postprocess_ms + spent_ms
        return detections, scene, replace(times, postprocess_ms=postprocess_ms)


def _account(cue: Cue, times: StageTimes, finished_s: float) -> StageTimes:
    """With the times before detection; what nobody accounts for was waiting."""
    if cue.frame is None:
        return times
    captured_s = cue.frame.captured_at_s
    times = replace(times, capture_ms=1e3 * (cue.handed_at_s - captured_s))
    wait_ms = 1e3 * (finished_s - captured_s) - times.latency_ms
    return replace(times, wait_ms=max(0.0, wait_ms))
