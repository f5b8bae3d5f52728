"""Tracks, counts and a steady picture of a running source, frame after frame."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from app.scene import Happening, Scene, Trail
from app.settings import Settings
from app.tracking.counter import Counter, Look
from app.tracking.events import Counts, Event
from app.tracking.marks import marks_of
from app.tracking.paths import anchors_xy
from app.tracking.rules import Rules
from app.tracking.tracker import LOWEST_SCORE, Tracker
from app.types import Detections, Frame


@dataclass(frozen=True, slots=True)
class Stint:
    """What was counted without a jump.

    Attributes:
        number: of the stint in its run, from 1; 0: nothing was looked at yet.
        rules: what was counted.
        events: in order.
        counts: what they come to.
        since_s: the time of the first frame, on the source's clock.
        until_s: of the last one.
    """

    number: int = 0
    rules: Rules = Rules()  # noqa: RUF009 - frozen
    events: tuple[Event, ...] = ()
    counts: Counts = field(default_factory=dict)
    since_s: float = 0.0
    until_s: float = 0.0


class Watcher:
    """Comes between detection and drawing: follows what is found, and counts it.

    Used by one thread, but for `rules`, `counts`, `events` and `stint`. After a jump,
    tracks and counts begin anew.
    """

    def __init__(
        self,
        rules: Rules = Rules(),  # noqa: B008 - frozen
        *,
        score_threshold: float | None = None,
        is_steady: bool | None = None,
        knows_all: bool = True,
        on_events: Callable[[Sequence[Event]], None] = lambda _: None,
    ) -> None:
        """Begin with nothing.

        Args:
            rules: lines and zones.
            score_threshold: what begins tracks; None: as the settings say.
            is_steady: whether to show what the tracks say; None: as the settings say.
            knows_all: a rule may name only what the model knows; otherwise what is
                not known is never seen, and that is all.
            on_events: told what happened, on the thread that detects.
        """
        self._tracker = Tracker()
        self._threshold = score_threshold
        self._is_steady = is_steady
        self._knows_all = knows_all
        self._on_events = on_events
        self._lock = threading.Lock()  # guards what follows
        self._rules = rules
        self._counter: Counter | None = None
        self._events: list[Event] = []
        self._counts: Counts = {}
        self._stint, self._since_s, self._until_s = 0, 0.0, 0.0
        # Of the thread that detects:
        self._look: Look | None = None
        self._counted: Rules | None = None
        self._last: tuple[Frame, Detections] | None = None
        self._is_first = True
        self._trails: dict[int, deque[tuple[float, float, float]]] = {}
        self._strong: dict[int, tuple[float, float]] = {}  # when, and the score

    @property
    def rules(self) -> Rules:
        """What is counted; new ones count from then on."""
        return self._rules

    @rules.setter
    def rules(self, rules: Rules) -> None:
        with self._lock:
            self._rules = rules

    @property
    def events(self) -> tuple[Event, ...]:
        """All since the start, or the last jump."""
        with self._lock:
            return tuple(self._events)

    @property
    def counts(self) -> Counts:
        """Likewise."""
        with self._lock:
            return self._counts

    @property
    def stint(self) -> Stint:
        """Likewise, all at once."""
        with self._lock:
            return Stint(
                self._stint,
                self._counted or self._rules,
                tuple(self._events),
                self._counts,
                self._since_s,
                self._until_s,
            )

    def restart(self) -> None:
        """What comes follows nothing that was before."""
        self._tracker.restart()
        self._counted = self._last = None
        self._trails, self._strong = {}, {}

    def lowered(self, settings: Settings) -> Settings:
        """What to ask of the detector: weak finds, too."""
        lowest = min(settings.score_threshold, LOWEST_SCORE)
        return replace(settings, score_threshold=lowest)

    def watch(
        self,
        frame: Frame,
        found: Detections,
        settings: Settings,
        class_names: tuple[str, ...],
    ) -> tuple[Detections, Scene]:
        """What is shown of `found`, and what is drawn besides."""
        threshold = settings.score_threshold
        if self._threshold is not None:
            threshold = self._threshold
        happened: tuple[Happening, ...] = ()
        if self._last is not None and self._last[0] is frame:  # shown once more
            followed = self._last[1]
        else:
            followed = found
            self._is_first = self._last is None
            if found.track_ids is None:
                followed = self._tracker.update(
                    found, frame.timestamp_s, score_threshold=threshold
                )
            happened = self._count(frame, followed, threshold, class_names)
            self._follow(frame, followed, threshold, settings.trail_s)
            self._last = frame, followed
        assert self._look is not None
        shown = self._look.seen(followed)
        steady = settings.steady if self._is_steady is None else self._is_steady
        if steady:
            shown = self._steady(shown, threshold)
        elif self._threshold is None:
            shown = shown.where(shown.scores > threshold)
        height, width = frame.image_bgr.shape[:2]
        marks = tuple(marks_of(self._counted or Rules(), self._counts, (width, height)))
        trails = tuple(self._drawn_trails(followed)) if settings.trail_s else ()
        return shown, Scene(marks, trails, happened)

    def _count(
        self,
        frame: Frame,
        followed: Detections,
        threshold: float,
        class_names: tuple[str, ...],
    ) -> tuple[Happening, ...]:
        height, width = frame.image_bgr.shape[:2]
        with self._lock:
            rules = self._rules
            if rules is not self._counted or self._counter is None:
                size_wh = (width, height)
                self._counter = Counter(
                    rules,
                    size_wh=size_wh,
                    class_names=class_names,
                    knows_all=self._knows_all,
                )
                self._look = Look(rules, size_wh=size_wh, class_names=class_names)
                self._counted, self._events = rules, []
                self._stint, self._since_s = self._stint + 1, frame.timestamp_s
            events = self._counter.update(
                frame.index, frame.timestamp_s, followed, score_threshold=threshold
            )
            self._events += events
            self._counts = self._counter.counts()
            inside = self._counter.inside()
            self._until_s = frame.timestamp_s
        if events:
            self._on_events(events)
        passed = [Happening(e.kind, e.rule, e.class_name, e.direction) for e in events]
        stays = [
            Happening("inside", zone, name, inside_s=frame.timestamp_s - since_s)
            for zone, name, since_s in inside
        ]
        return (*passed, *stays)

    def _follow(
        self, frame: Frame, followed: Detections, threshold: float, trail_s: float
    ) -> None:
        now_s, ids = frame.timestamp_s, followed.track_ids
        assert ids is not None
        anchors = anchors_xy(followed.boxes_xyxy.astype(np.float64), "bottom")
        for track, score, (x, y) in zip(
            ids.tolist(), followed.scores.tolist(), anchors.tolist(), strict=True
        ):
            if track and score > threshold:
                self._strong[track] = now_s, score
                self._trails.setdefault(track, deque()).append((now_s, x, y))
        for track, points in list(self._trails.items()):
            while points and now_s - points[0][0] > trail_s:
                points.popleft()
            if not points:
                del self._trails[track]
        keep_s = self._tracker.keep_s
        self._strong = {
            track: (seen_s, score)
            for track, (seen_s, score) in self._strong.items()
            if now_s - seen_s <= keep_s
        }

    def _steady(self, found: Detections, threshold: float) -> Detections:
        """Of each confirmed track its box, by its vote; nothing else.

        The first frame after a jump is one to look at, too, and nothing is confirmed
        in it yet: all good boxes are shown.

        Once a track had a good score, weak boxes show it for the keeping time, too:
        what wavers about the threshold stays on show, and with its last good score,
        for "car 0.12" below a slider that says 0.5 would be taken for a fault.
        """
        ids, class_ids = found.track_ids, found.track_class_ids
        assert ids is not None
        assert class_ids is not None
        if self._is_first:
            return found.where(found.scores > threshold)
        last = [self._strong.get(track) for track in ids.tolist()]
        good = np.array([own[1] if own else 0.0 for own in last], np.float32)
        is_strong = np.array([own is not None for own in last], bool)
        stays = np.flatnonzero(is_strong & (ids > 0))
        stays = stays[np.argsort(-good[stays], kind="stable")]
        return replace(found, class_ids=class_ids, scores=good).where(stays)

    def _drawn_trails(self, followed: Detections) -> list[Trail]:
        ids, class_ids = followed.track_ids, followed.track_class_ids
        assert ids is not None
        assert class_ids is not None
        trails = []
        for track, class_id in zip(ids.tolist(), class_ids.tolist(), strict=True):
            points = self._trails.get(track, ())
            if len(points) > 1:
                places = np.array([point[1:] for point in points], np.float64)
                trails.append(Trail(places, class_id))
        return trails
