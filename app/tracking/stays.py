"""Who enters a zone, who leaves it, and how long each was inside.

A track is inside as soon as its anchor is, and outside only where that is further from
the border than a band: one that trembles on the border enters once.
"""

from dataclasses import dataclass

import numpy as np

from app.tracking.paths import (
    Floats,
    Ints,
    Passage,
    Stretch,
    anchors_xy,
    first_of_each,
    last_of_each,
    last_true,
)
from app.tracking.rules import Zone


@dataclass(eq=False, slots=True)
class _Carried:
    """What is known of each track from earlier stretches, as columns.

    Attributes:
        ids: of the tracks.
        seen_s: when last.
        side: 1 inside, -1 outside, 0 not known yet.
        since_s: inside since when.
        t: when it was surely on that side last.
        x: where.
        y: likewise.
        frame: index of that frame.
        class_ids: what it was by the vote when it was seen last.
    """

    ids: Ints
    seen_s: Floats
    side: Ints
    since_s: Floats
    t: Floats
    x: Floats
    y: Floats
    frame: Ints
    class_ids: Ints


def _nothing() -> _Carried:
    whole, real = np.zeros(0, np.int64), np.zeros(0)
    return _Carried(whole, real, whole, real, real, real, real, whole, whole)


class StayCounter:
    """Finds who comes into one zone and goes, stretch after stretch."""

    def __init__(self, zone: Zone, size_wh: tuple[int, int]) -> None:
        self._anchor = zone.anchor
        self._polygon = np.array(zone.polygon) * np.array(size_wh, np.float64)
        self._carried = _nothing()

    def inside(self) -> tuple[Ints, Ints, Floats]:
        """Who is inside now: ids, class ids, and since when."""
        was = self._carried
        now = was.side > 0
        return was.ids[now], was.class_ids[now], was.since_s[now]

    def add(self, stretch: Stretch) -> list[Passage]:
        """Who came and went in these frames, which follow the ones before."""
        was, seen = self._carried, stretch.seen
        anchors = anchors_xy(seen.boxes_xyxy, self._anchor)
        outside_px = distance_outside(anchors, self._polygon)
        side = np.where(outside_px <= 0, 1, 0)
        side[outside_px > stretch.bands_px] = -1
        side[~seen.is_good] = 0

        ids = np.concatenate([was.ids, seen.track_ids])
        order = np.argsort(ids, kind="stable")
        ids = ids[order]

        def column(first: Floats | Ints, second: Floats | Ints) -> Floats:
            return np.concatenate([first, second]).astype(np.float64)[order]

        def whole(first: Ints, second: Ints) -> Ints:
            return np.concatenate([first, second])[order]

        side = whole(was.side, side)
        t = column(was.t, stretch.seen_s)
        seen_s = column(was.seen_s, stretch.seen_s)
        x, y = column(was.x, anchors[:, 0]), column(was.y, anchors[:, 1])
        frame = whole(was.frame, stretch.indices[seen.places])
        class_ids = whole(was.class_ids, seen.class_ids)
        place = whole(np.full(len(was.ids), -1), seen.places)
        is_good = np.concatenate([was.side != 0, seen.is_good])[order]

        is_first = np.ones(len(ids), bool)
        is_first[1:] = ids[1:] != ids[:-1]
        is_first[1:] |= stretch.is_over(seen_s[:-1], place[1:])
        life = np.cumsum(is_first)
        appears = first_of_each(is_good, life)
        side[appears & (side == 0)] = -1  # only who is inside was inside
        sure = np.flatnonzero(side)
        starts = np.ones(len(sure), bool)  # of a stay on one side
        starts[1:] = life[sure[1:]] != life[sure[:-1]]
        starts[1:] |= side[sure[1:]] != side[sure[:-1]]
        start = sure[last_true(starts)] if len(sure) else sure
        since_s = np.zeros(len(ids))
        since_s[sure] = t[start]
        carried = np.flatnonzero(place < 0)
        is_old = np.isin(start, carried)
        since_s[sure[is_old]] = column(was.since_s, stretch.seen_s)[start[is_old]]

        last_sure = last_true(side != 0)
        # The last row of each track, or of each of its lives.
        ends = np.flatnonzero(last_of_each(life))
        is_lost = np.ones(len(ends), bool)
        is_final = last_of_each(ids[ends])
        is_lost[is_final] = (
            stretch.times_s[-1] - seen_s[ends[is_final]] > stretch.keep_s
        )

        passages: list[Passage] = []

        def tell(kind: str, at: int, *, decided: int, row: int) -> None:
            has_gone = kind in ("leave", "lost_inside")
            passages.append(
                Passage(
                    place=decided,
                    kind=kind,
                    direction="",
                    time_s=float(t[at]),
                    frame=int(frame[at]),
                    track=int(ids[at]),
                    class_id=int(class_ids[row]),
                    anchor_xy=(float(x[at]), float(y[at])),
                    dwell_s=float(t[at] - since_s[at]) if has_gone else None,
                )
            )

        for number in np.flatnonzero(starts).tolist():
            at = int(sure[number])
            if place[at] < 0:
                continue
            if side[at] > 0:
                kind = "appear_inside" if appears[at] else "enter"
                tell(kind, at, decided=int(place[at]), row=at)
            elif number and life[before := int(sure[number - 1])] == life[at]:
                tell("leave", before, decided=int(place[at]), row=at)
        for end in ends[is_lost].tolist():
            at = int(last_sure[end])
            if at >= 0 and life[at] == life[end] and side[at] > 0:
                decided = stretch.lost_at(float(seen_s[end]))
                tell("lost_inside", at, decided=decided, row=end)

        ends = ends[~is_lost]
        last = last_sure[ends]  # of another life, where there was no good box yet
        has_side = (last >= 0) & (life[last] == life[ends])
        self._carried = _Carried(
            ids=ids[ends],
            seen_s=seen_s[ends],
            side=np.where(has_side, side[last], 0),
            since_s=since_s[last],
            t=t[last],
            x=x[last],
            y=y[last],
            frame=frame[last],
            class_ids=class_ids[ends],
        )
        return passages


def distance_outside(points: Floats, polygon: Floats) -> Floats:
    """(N,) how far from the polygon each point is, in pixels; inside, 0 or below.

    Args:
        points: (N, 2).
        polygon: (E, 2) corners; where it crosses itself, what is enclosed twice is
            outside.
    """
    if not len(points):
        return np.zeros(0)
    begin, along = polygon, np.roll(polygon, -1, axis=0) - polygon
    off = points[:, None] - begin[None]  # (N, E, 2)
    length2 = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip((off * along).sum(axis=2) / length2, 0, 1)
    nearest = off - share[..., None] * along
    distance = np.sqrt((nearest**2).sum(axis=2).min(axis=1))
    # Even-odd: how many edges a ray to the right meets.
    end_y = off[..., 1] - along[:, 1]
    meets = (off[..., 1] >= 0) != (end_y >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        at_x = along[:, 0] * (off[..., 1] / along[:, 1])
    inside = (meets & (off[..., 0] < at_x)).sum(axis=1) % 2 == 1
    return np.asarray(np.where(inside, -distance, distance), np.float64)
