"""Who crosses a line, and which way.

A track is on one side only where it is further from the line than a band; nearer, it
keeps its side. It has crossed when that side changes *and* its path since then has cut
the line itself, between the two ends. Weak boxes are not asked. So a box that trembles
on the line counts nothing, who passes beyond the ends neither, and who is too fast to
be seen on the line is counted all the same.
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
from app.tracking.rules import Line


@dataclass(eq=False, slots=True)
class _Carried:
    """What is known of each track from earlier stretches, as columns.

    Attributes:
        ids: of the tracks.
        seen_s: when last.
        side: -1 left, 1 right, 0 not known yet.
        net: cuts since that side was seen, to the right less to the left.
        c: the last one beside the line: its distance, pixels, right is positive; 0:
            there was none.
        x: its place.
        y: likewise.
        t: its time.
        cut_s: of the last cut: when.
        cut_x: where.
        cut_y: likewise.
        cut_frame: the first frame after it.
    """

    ids: Ints
    seen_s: Floats
    side: Ints
    net: Ints
    c: Floats
    x: Floats
    y: Floats
    t: Floats
    cut_s: Floats
    cut_x: Floats
    cut_y: Floats
    cut_frame: Ints


def _nothing() -> _Carried:
    whole, real = np.zeros(0, np.int64), np.zeros(0)
    return _Carried(
        *(whole, real, whole, whole),
        *(real, real, real, real),
        *(real, real, real, whole),
    )


class CrossingCounter:
    """Finds the crossings of one line, stretch after stretch."""

    def __init__(self, line: Line, size_wh: tuple[int, int]) -> None:
        self._anchor = line.anchor
        size = np.array(size_wh, np.float64)
        self._from = np.array(line.from_xy) * size
        self._along = np.array(line.to_xy) * size - self._from
        self._length = float(np.hypot(*self._along))
        self._carried = _nothing()

    def add(self, stretch: Stretch) -> list[Passage]:
        """The crossings of these frames, which follow the ones before."""
        was, seen = self._carried, stretch.seen
        anchors = anchors_xy(seen.boxes_xyxy, self._anchor)
        off = anchors - self._from
        # (x2 - x1) (y - y1) - (y2 - y1) (x - x1), as a distance.
        distance = self._along[0] * off[:, 1] - self._along[1] * off[:, 0]
        distance = np.where(seen.is_good, distance / self._length, 0.0)
        beyond = np.abs(distance) > stretch.bands_px
        side = np.where(beyond, np.sign(distance), 0).astype(np.int64)

        # Each track: its last side, its last place, then what is new.
        old, new = len(was.ids), len(seen.track_ids)
        ids = np.concatenate([was.ids, was.ids, seen.track_ids])
        order = np.argsort(ids, kind="stable")

        def column(first: object, second: object, third: object) -> Floats:
            parts = (
                np.broadcast_to(np.asarray(part, np.float64), count)
                for part, count in ((first, old), (second, old), (third, new))
            )
            return np.concatenate(list(parts))[order]

        ids = ids[order]
        side = column(was.side, 0, side).astype(np.int64)
        c = column(0, was.c, distance)
        x, y = column(0, was.x, anchors[:, 0]), column(0, was.y, anchors[:, 1])
        t = column(0, was.t, stretch.seen_s)
        seen_s = column(was.seen_s, was.seen_s, stretch.seen_s)
        place = column(-1, -1, seen.places).astype(np.int64)
        class_ids = column(0, 0, seen.class_ids).astype(np.int64)
        frame = column(0, 0, stretch.indices[seen.places]).astype(np.int64)
        net = column(0, was.net, 0)
        cut_s = column(0, was.cut_s, 0)
        cut_x, cut_y = column(0, was.cut_x, 0), column(0, was.cut_y, 0)
        cut_frame = column(0, was.cut_frame, 0).astype(np.int64)

        is_first = np.ones(len(ids), bool)
        is_first[1:] = ids[1:] != ids[:-1]
        is_first[1:] |= stretch.is_over(seen_s[:-1], place[1:])
        life = np.cumsum(is_first)
        # Who appears, appears on a side, be it near the line.
        appears = first_of_each(c != 0, life) & (place >= 0)
        side[appears] = np.sign(c[appears])

        beside = np.flatnonzero(c)
        before, after = beside[:-1], beside[1:]
        other = (life[before] == life[after]) & (c[before] * c[after] < 0)
        before, after = before[other], after[other]
        share = c[before] / (c[before] - c[after])
        at_x = x[before] + share * (x[after] - x[before])
        at_y = y[before] + share * (y[after] - y[before])
        along = (at_x - self._from[0]) * self._along[0]
        along += (at_y - self._from[1]) * self._along[1]
        along /= self._length**2
        on_line = (along >= 0) & (along <= 1)
        before, after, share = before[on_line], after[on_line], share[on_line]
        net[after] += np.sign(c[after])
        cut_s[after] = t[before] + share * (t[after] - t[before])
        cut_x[after], cut_y[after] = at_x[on_line], at_y[on_line]
        cut_frame[after] = frame[after]

        total = np.cumsum(net)
        last_cut = last_true(net != 0)
        sure = np.flatnonzero(side)
        before, after = sure[:-1], sure[1:]
        crossed = (life[before] == life[after]) & (side[before] != side[after])
        crossed &= (total[after] - total[before]) * side[after] > 0
        crossings = [
            Passage(
                kind="cross",
                direction="in" if side[at] > 0 else "out",
                place=int(place[at]),
                time_s=float(cut_s[cut]),
                frame=int(cut_frame[cut]),
                track=int(ids[at]),
                class_id=int(class_ids[at]),
                anchor_xy=(float(cut_x[cut]), float(cut_y[cut])),
            )
            for at, cut in zip(
                after[crossed].tolist(), last_cut[after[crossed]].tolist(), strict=True
            )
        ]

        # What the next stretch has to know of those who are still there.
        ends = np.flatnonzero(last_of_each(ids))
        ends = ends[stretch.times_s[-1] - seen_s[ends] <= stretch.keep_s]
        firsts = last_true(is_first)[ends]
        last_sure, last_beside = last_true(side != 0)[ends], last_true(c != 0)[ends]
        has_side, has_place = last_sure >= firsts, last_beside >= firsts
        cut = last_cut[ends]  # of nothing, where `net` is 0
        self._carried = _Carried(
            ids=ids[ends],
            seen_s=seen_s[ends],
            side=np.where(has_side, side[last_sure], 0),
            net=np.where(has_side, total[ends] - total[last_sure], 0).astype(np.int64),
            c=np.where(has_place, c[last_beside], 0.0),
            x=x[last_beside],
            y=y[last_beside],
            t=t[last_beside],
            cut_s=cut_s[cut],
            cut_x=cut_x[cut],
            cut_y=cut_y[cut],
            cut_frame=cut_frame[cut],
        )
        return crossings
