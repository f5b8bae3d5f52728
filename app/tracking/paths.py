"""The ways of tracks through a stretch of frames, as arrays to reckon with.

One frame or an hour: the same code counts both, so that counting again from a file
comes to what was counted live.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.types import Detections

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Nearer to a line, nobody has changed sides: of the box's longer side, and in pixels.
BAND_SHARE, BAND_LEAST_PX = 0.1, 4.0


@dataclass(frozen=True, eq=False, slots=True)
class Sightings:
    """N boxes of confirmed tracks, in the order of their frames.

    Attributes:
        places: (N,) number of the frame in its stretch, from 0.
        track_ids: (N,).
        class_ids: (N,) of the tracks.
        boxes_xyxy: (N, 4) pixels.
        is_good: (N,) whether the box had a good score. Weak ones tell that a track is
            still there, but not where: they may hold a neighbour, too.
    """

    places: Ints
    track_ids: Ints
    class_ids: Ints
    boxes_xyxy: Floats
    is_good: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Sightings":
        """Those of a mask, or of indices."""
        return Sightings(
            self.places[chosen],
            self.track_ids[chosen],
            self.class_ids[chosen],
            self.boxes_xyxy[chosen],
            self.is_good[chosen],
        )


def sightings_of(found: Detections, score_threshold: float) -> Sightings:
    """What one frame has of confirmed tracks."""
    if found.track_ids is None or found.track_class_ids is None:
        raise ValueError("detections must have tracks to be counted")
    confirmed = np.flatnonzero(found.track_ids > 0)
    return Sightings(
        np.zeros(len(confirmed), np.int64),
        found.track_ids[confirmed],
        found.track_class_ids[confirmed],
        found.boxes_xyxy[confirmed].astype(np.float64),
        found.scores[confirmed] > score_threshold,
    )


@dataclass(frozen=True, slots=True)
class Passage:
    """What a track did at one rule; see `app.tracking.events.Event` for the rest.

    Attributes:
        place: number of the frame that decided it, in its stretch, from 0.
        kind: as of an event.
        direction: likewise.
        time_s: likewise.
        frame: likewise.
        track: likewise.
        class_id: of the track.
        anchor_xy: as of an event.
        dwell_s: likewise.
    """

    place: int
    kind: str
    direction: str
    time_s: float
    frame: int
    track: int
    class_id: int
    anchor_xy: tuple[float, float]
    dwell_s: float | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Stretch:
    """Frames that follow one another, and who was seen in them, track by track.

    Attributes:
        indices: (F,) of the frames.
        times_s: (F,) of the frames, never falling.
        seen: sorted by track, then by time.
        keep_s: who was not seen for longer is lost.
    """

    indices: Ints
    times_s: Floats
    seen: Sightings
    keep_s: float

    @property
    def seen_s(self) -> Floats:
        """(N,) when each of `seen` was."""
        return self.times_s[self.seen.places]

    @property
    def bands_px(self) -> Floats:
        """(N,) how near to a border each of `seen` is on neither side of it."""
        corners = self.seen.boxes_xyxy
        longer = (corners[:, 2:] - corners[:, :2]).max(axis=1, initial=0)
        return np.asarray(np.maximum(BAND_LEAST_PX, BAND_SHARE * longer), np.float64)

    def is_over(self, before_s: Floats, places: Ints) -> NDArray[np.bool_]:
        """Whether tracks seen at `before_s` were lost before frames `places`."""
        earlier = self.times_s[np.maximum(places - 1, 0)]
        return (places > 0) & (earlier - before_s > self.keep_s)

    def lost_at(self, seen_s: float) -> int:
        """Which frame was the first to miss who was last seen at `seen_s`."""
        place = int(np.searchsorted(self.times_s, seen_s + self.keep_s))
        # Live, one frame at a time, it is the difference that is compared.
        while place > 0 and self.times_s[place - 1] - seen_s > self.keep_s:
            place -= 1
        while self.times_s[place] - seen_s <= self.keep_s:
            place += 1
        return place


def by_track(sightings: Sightings) -> Sightings:
    """Sorted by track, then by time."""
    return sightings.where(np.argsort(sightings.track_ids, kind="stable"))


def last_of_each(lives: Ints) -> NDArray[np.bool_]:
    """(N,) which rows are the last of their life; rows of one stand together."""
    is_last = np.ones(len(lives), bool)
    is_last[:-1] = lives[1:] != lives[:-1]
    return is_last


def first_of_each(chosen: NDArray[np.bool_], lives: Ints) -> NDArray[np.bool_]:
    """(N,) which of the rows that are `chosen` is the first of its life."""
    rows = np.flatnonzero(chosen)
    is_first = np.ones(len(rows), bool)
    is_first[1:] = lives[rows[1:]] != lives[rows[:-1]]
    firsts = np.zeros(len(chosen), bool)
    firsts[rows[is_first]] = True
    return firsts


def anchors_xy(boxes_xyxy: Floats, anchor: str) -> Floats:
    """(N, 4) boxes -> (N, 2): the middle of the bottom edge, or the centre."""
    x = (boxes_xyxy[:, 0] + boxes_xyxy[:, 2]) / 2
    top, bottom = boxes_xyxy[:, 1], boxes_xyxy[:, 3]
    return np.stack([x, bottom if anchor == "bottom" else (top + bottom) / 2], axis=1)


def last_true(flags: NDArray[np.bool_]) -> NDArray[np.intp]:
    """(N,) for each place the last one up to it where `flags` is true, or -1."""
    places = np.where(flags, np.arange(len(flags)), -1)
    return np.maximum.accumulate(places) if len(places) else places
