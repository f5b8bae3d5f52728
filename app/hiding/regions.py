"""Where to cover: what was seen, widened, held before and after, gaps filled in.

A detector misses whom it saw a moment ago, and one frame is enough to know somebody.
So a sight counts for the time around it, too: for half a second live, where only the
past is known, and to both sides in a file.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# On each side, as a share of the box's width and height.
MARGIN = 0.2
# And by what it moves in so many seconds, either way.
MOTION_S = 0.1
# Whoever was seen is covered for so long before and after.
HOLD_S = 0.5
# Meanwhile nobody knows where exactly: another share of the box's size per second.
GROWTH = 0.5
# Over so many seconds to either side speed is measured: one box alone is too rough.
SPEED_S = 0.25
# A box that ends within this share of its size from the picture's edge goes on there.
EDGE = 0.1


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """N boxes of what is to be hidden.

    Attributes:
        times_s: (N,) of their frames, never falling.
        boxes_xyxy: (N, 4) pixels.
        track_ids: (N,) from 1; 0: of no track, which is a track of its own.
    """

    times_s: Floats
    boxes_xyxy: Floats
    track_ids: Ints

    def where(self, chosen: NDArray[np.bool_]) -> "Seen":
        """Those of a mask."""
        return Seen(
            self.times_s[chosen], self.boxes_xyxy[chosen], self.track_ids[chosen]
        )


@dataclass(frozen=True, eq=False, slots=True)
class Regions:
    """N boxes to cover, by frame.

    Attributes:
        places: (N,) number of the frame, never falling.
        boxes_xyxy: (N, 4) pixels, not yet cut to the picture.
    """

    places: Ints
    boxes_xyxy: Floats

    def of(self, place: int) -> Floats:
        """(M, 4) of one frame."""
        first, end = np.searchsorted(self.places, (place, place + 1))
        return self.boxes_xyxy[first:end]


def widened(
    boxes_xyxy: Floats, speeds_xyxy: Floats, ahead_s: Floats, unseen_s: Floats
) -> Floats:
    """(N, 4): from where each was seen to where it may be, and a margin around that.

    Args:
        boxes_xyxy: (N, 4) where it was seen.
        speeds_xyxy: (N, 4) of the edges, pixels a second.
        ahead_s: (N,) so much later, or earlier where negative, it is to be covered.
        unseen_s: (N,) how far the nearest sight is.
    """
    there = boxes_xyxy + speeds_xyxy * ahead_s[:, None]
    low = np.minimum(boxes_xyxy, there)[:, :2]
    high = np.maximum(boxes_xyxy, there)[:, 2:]
    size_wh = np.abs(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2])
    speed_wh = np.maximum(*np.abs(speeds_xyxy.reshape(-1, 2, 2)).transpose(1, 0, 2))
    margin = (MARGIN + GROWTH * unseen_s[:, None]) * size_wh + MOTION_S * speed_wh
    return np.hstack([low - margin, high + margin])


def regions_now(seen: Seen, now_s: float, *, since_s: float) -> Floats:
    """(M, 4): what to cover in a frame, of which only the past is known.

    Args:
        seen: of the frames up to this one.
        now_s: time of the frame.
        since_s: whoever was seen then or later is covered.
    """
    if not len(seen.times_s):
        return np.zeros((0, 4))
    # Who has no track, is one of his own.
    count = len(seen.track_ids)
    ids = np.where(seen.track_ids > 0, seen.track_ids, -1 - np.arange(count))
    _, first = np.unique(ids, return_index=True)
    _, from_end = np.unique(ids[::-1], return_index=True)
    last = count - 1 - from_end
    elapsed_s = seen.times_s[last] - seen.times_s[first]
    moved = seen.boxes_xyxy[last] - seen.boxes_xyxy[first]
    speeds = moved / np.where(elapsed_s > 0, elapsed_s, np.inf)[:, None]
    unseen_s = now_s - seen.times_s[last]
    held = seen.times_s[last] >= since_s
    return widened(
        seen.boxes_xyxy[last][held], speeds[held], unseen_s[held], unseen_s[held]
    )


def regions_of(seen: Seen, times_s: Floats) -> Regions:
    """What to cover in each frame of a file, past and future known.

    A track is covered from `HOLD_S` before its first sight to `HOLD_S` after its last,
    and in between wherever it was not seen.

    Args:
        seen: in all of the file.
        times_s: (F,) of all frames, never falling.
    """
    places, boxes = [np.zeros(0, np.int64)], [np.zeros((0, 4))]
    order = np.argsort(seen.track_ids, kind="stable")
    ids = seen.track_ids[order]
    starts = np.flatnonzero((ids <= 0) | (np.diff(ids, prepend=-1) != 0))
    for rows in np.split(order, starts[1:]) if len(order) else ():
        of_track = seen.times_s[rows], seen.boxes_xyxy[rows]
        first, end = np.searchsorted(
            times_s,
            (of_track[0][0] - HOLD_S, np.nextafter(of_track[0][-1] + HOLD_S, np.inf)),
        )
        places.append(np.arange(first, end))
        boxes.append(_of_track(*of_track, times_s[first:end]))
    all_places, all_boxes = np.concatenate(places), np.concatenate(boxes)
    by_place = np.argsort(all_places, kind="stable")
    return Regions(all_places[by_place], all_boxes[by_place])


def together(some: Regions, others: Regions) -> Regions:
    """What either covers."""
    places = np.concatenate([some.places, others.places])
    by_place = np.argsort(places, kind="stable")
    boxes = np.concatenate([some.boxes_xyxy, others.boxes_xyxy])
    return Regions(places[by_place], boxes[by_place])


def in_pixels(boxes_xyxy: Floats, size_wh: tuple[int, int]) -> Ints:
    """(M, 4) whole pixels of the picture that the boxes touch; none that is empty.

    What nearly reaches the edge reaches it: the rest of somebody who walks out of the
    picture is a strip that no detector boxes.
    """
    size = np.array(size_wh, np.float64)
    reach = EDGE * (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2])
    low, high = boxes_xyxy[:, :2], boxes_xyxy[:, 2:]
    low = np.where(low < reach, 0, np.floor(low))
    high = np.where(high > size - reach, size, np.ceil(high))
    low, high = np.clip(low, 0, size), np.clip(high, 0, size)
    inside = (low < high).all(axis=1)
    return np.hstack([low, high])[inside].astype(np.int64)


def _of_track(seen_s: Floats, boxes_xyxy: Floats, times_s: Floats) -> Floats:
    """(F, 4) where to cover one track at `times_s`."""

    def box_at(at_s: Floats) -> Floats:  # before the first and after the last: as there
        return np.stack([np.interp(at_s, seen_s, edge) for edge in boxes_xyxy.T], 1)

    first_s, last_s = seen_s[0], seen_s[-1]
    known_s = np.clip(times_s, first_s, last_s)
    before_s = np.maximum(known_s - SPEED_S, first_s)
    after_s = np.minimum(known_s + SPEED_S, last_s)
    span_s = np.where(after_s > before_s, after_s - before_s, np.inf)
    speeds = (box_at(after_s) - box_at(before_s)) / span_s[:, None]
    later = np.searchsorted(seen_s, times_s)
    unseen_s = np.minimum(
        np.abs(times_s - seen_s[np.maximum(later - 1, 0)]),
        np.abs(times_s - seen_s[np.minimum(later, len(seen_s) - 1)]),
    )
    return widened(box_at(times_s), speeds, times_s - known_s, unseen_s)
