"""Lines and zones together: who counts, what happened, how many."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.tracking.crossings import CrossingCounter
from app.tracking.events import Counts, Event, Tally
from app.tracking.paths import (
    Floats,
    Ints,
    Passage,
    Sightings,
    Stretch,
    anchors_xy,
    by_track,
    sightings_of,
)
from app.tracking.rules import Rules, Zone
from app.tracking.stays import StayCounter, distance_outside
from app.tracking.tracker import KEEP_S
from app.types import Detections


class Counter:
    """Counts tracks at the lines and in the zones of `rules`.

    A frame at a time or all at once, it comes to the same events in the same order:
    by the frame that decided them, then by rule, then by track.
    """

    def __init__(
        self,
        rules: Rules,
        *,
        size_wh: tuple[int, int],
        class_names: Sequence[str],
        keep_s: float = KEEP_S,
        knows_all: bool = True,
    ) -> None:
        """Count from nothing.

        Args:
            rules: lines and zones.
            size_wh: of the frames in pixels.
            class_names: indexed by class id.
            keep_s: the tracker's: who was not seen for longer is lost.
            knows_all: a rule may name only classes that there are; otherwise what is
                not known is never seen.

        Raises:
            RulesError: a rule counts what the model does not know.
        """
        if knows_all:
            rules.check_classes(class_names)
        self._class_names = class_names
        self._keep_s = keep_s
        self._look = Look(rules, size_wh=size_wh, class_names=class_names)
        zones = rules.counted_zones
        self._crossings = [CrossingCounter(line, size_wh) for line in rules.lines]
        self._stays = [StayCounter(zone, size_wh) for zone in zones]
        self._rules = rules.counting()
        self._tally = Tally(rules)

    def update(
        self,
        frame_index: int,
        timestamp_s: float,
        found: Detections,
        *,
        score_threshold: float = 0.5,
    ) -> list[Event]:
        """What happened in one more frame; its detections have tracks.

        Boxes up to the threshold, the tracker's, tell that a track is still there,
        but not where.
        """
        return self.add(
            np.array([frame_index], np.int64),
            np.array([timestamp_s], np.float64),
            sightings_of(found, score_threshold),
        )

    def add(self, indices: Ints, times_s: Floats, seen: Sightings) -> list[Event]:
        """What happened in these frames, which follow the ones before.

        Args:
            indices: (F,) of the frames.
            times_s: (F,) never falling.
            seen: who was in them; `places` count from 0 among these frames.
        """
        if not len(indices):
            return []
        seen = seen.where(self._look.at(seen.boxes_xyxy, seen.class_ids))
        stretch = Stretch(indices, times_s, by_track(seen), self._keep_s)
        found: list[tuple[tuple[int, int, int, float], Event]] = []
        passages = [counter.add(stretch) for counter in self._crossings]
        passages += [counter.add(stretch) for counter in self._stays]
        for number, (rule, own) in enumerate(zip(self._rules, passages, strict=True)):
            for one in own:
                event = self._event(one, rule.name)
                if not rule.classes or event.class_name in rule.classes:
                    found.append(((one.place, number, one.track, one.time_s), event))
        found.sort(key=lambda pair: pair[0])
        events = [event for _, event in found]
        self._tally.add(events)
        return events

    def counts(self) -> Counts:
        """All that was counted so far; who is inside now is inside at the end."""
        zones = self._rules[len(self._crossings) :]
        inside: dict[str, dict[str, int]] = {zone.name: {} for zone in zones}
        for zone_name, class_name, _ in self.inside():
            now = inside[zone_name]
            now[class_name] = now.get(class_name, 0) + 1
        return self._tally.counts(inside)

    def inside(self) -> list[tuple[str, str, float]]:
        """Who is in a zone now: the zone's name, the class name, and since when."""
        zones = self._rules[len(self._crossings) :]
        found = []
        for zone, stays in zip(zones, self._stays, strict=True):
            _, class_ids, since_s = stays.inside()
            for class_id, since in zip(
                class_ids.tolist(), since_s.tolist(), strict=True
            ):
                name = self._class_names[class_id]
                if not zone.classes or name in zone.classes:
                    found.append((zone.name, name, since))
        return found

    def _event(self, one: Passage, rule: str) -> Event:
        return Event(
            time_s=one.time_s,
            frame=one.frame,
            kind=one.kind,
            rule=rule,
            direction=one.direction,
            track=one.track,
            class_name=self._class_names[one.class_id],
            anchor_xy=one.anchor_xy,
            dwell_s=one.dwell_s,
        )


class Look:
    """Where to look at all: the zones to look in only, and those to ignore."""

    def __init__(
        self, rules: Rules, *, size_wh: tuple[int, int], class_names: Sequence[str]
    ) -> None:
        size = np.array(size_wh, np.float64)
        self._zones = [
            (
                zone,
                np.array(zone.polygon) * size,
                [i for i, name in enumerate(class_names) if name in zone.classes],
            )
            for zone in rules.zones
            if zone.use != "count"
        ]

    def at(
        self,
        boxes_xyxy: NDArray[np.float64] | NDArray[np.float32],
        class_ids: NDArray[np.int64],
    ) -> NDArray[np.bool_]:
        """(N,) whether boxes (N, 4) of these classes are looked at."""
        count = len(boxes_xyxy)
        is_seen, is_in_only = np.ones(count, bool), np.zeros(count, bool)
        is_limited = np.zeros(count, bool)
        for zone, polygon, of_classes in self._zones:
            is_meant = (
                np.isin(class_ids, of_classes) if zone.classes else np.ones(count, bool)
            )
            inside = self._inside(zone, polygon, boxes_xyxy)
            if zone.use == "ignore":
                is_seen &= ~(is_meant & inside)
            else:
                is_limited |= is_meant
                is_in_only |= is_meant & inside
        return is_seen & (~is_limited | is_in_only)

    def seen(self, found: Detections) -> Detections:
        """Those of `found` that are looked at."""
        if not self._zones or not len(found):
            return found
        class_ids = found.track_class_ids
        return found.where(
            self.at(
                found.boxes_xyxy, found.class_ids if class_ids is None else class_ids
            )
        )

    @staticmethod
    def _inside(
        zone: Zone,
        polygon: Floats,
        boxes_xyxy: NDArray[np.float64] | NDArray[np.float32],
    ) -> NDArray[np.bool_]:
        anchors = anchors_xy(boxes_xyxy.astype(np.float64), zone.anchor)
        return distance_outside(anchors, polygon) <= 0
