"""Where the labels of boxes go, so that few cover one another."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

_Xyxy = tuple[float, float, float, float]


def place_labels(
    boxes_xyxy: NDArray[np.floating[Any]],
    sizes_wh: NDArray[np.floating[Any]],
    bounds_xyxy: tuple[float, float, float, float],
    *,
    kept_clear_xyxy: Sequence[_Xyxy] = (),
) -> NDArray[np.float64]:
    """A place for each label, the first one's first.

    Above the box, on the left; where another label is, inside the box, below it,
    or above on the right; then below or beside what is kept clear. Where all are
    taken, above on the left after all.

    Args:
        boxes_xyxy: (N, 4), best first.
        sizes_wh: (N, 2), of the labels.
        bounds_xyxy: what no label may leave (its left and top edge, if it is too
            large).
        kept_clear_xyxy: where signs are that labels make way for.

    Returns:
        (N, 2), the labels' top left corners.
    """
    left, top, right, bottom = bounds_xyxy
    heights = [y2 - y1 for _, y1, _, y2 in kept_clear_xyxy]
    highest = float(sizes_wh[:, 1].max(initial=1.0))
    taken = _Taken(row_height=max(1.0, highest, *heights))
    for sign in kept_clear_xyxy:
        taken.add(*sign)
    corners: list[tuple[float, float]] = []
    # Plain Python: for a few dozen labels it is faster than small arrays are.
    for (x1, y1, x2, y2), (width, height) in zip(
        boxes_xyxy.tolist(), sizes_wh.tolist(), strict=True
    ):
        wanted = chain(
            ((x1, y1 - height), (x1, y1), (x1, y2), (x2 - width, y1 - height)),
            ((x1, sign[3]) for sign in kept_clear_xyxy),
            ((sign[2], y1 - height) for sign in kept_clear_xyxy),
        )
        places = (  # none is worked out in vain: most labels take the first
            (max(left, min(x, right - width)), max(top, min(y, bottom - height)))
            for x, y in wanted
        )
        first = next(places)
        x, y = next(
            (
                (x, y)
                for x, y in chain((first,), places)
                if taken.leaves(x, y, x + width, y + height)
            ),
            first,
        )
        taken.add(x, y, x + width, y + height)
        corners.append((x, y))
    return np.array(corners, float).reshape(-1, 2)


class _Taken:
    """Rectangles by the rows of the picture they lie in, two each.

    So a place is compared with what is beside it, not with all that is taken.
    """

    def __init__(self, row_height: float) -> None:
        """At least a rectangle's."""
        self._row_height = row_height
        self._rows: defaultdict[int, list[_Xyxy]] = defaultdict(list)

    def add(self, x1: float, y1: float, x2: float, y2: float) -> None:
        row = int(y1 // self._row_height)
        self._rows[row].append((x1, y1, x2, y2))
        self._rows[row + 1].append((x1, y1, x2, y2))

    def leaves(self, x1: float, y1: float, x2: float, y2: float) -> bool:
        """Whether nothing covers any of that rectangle; to touch it is no harm."""
        row = int(y1 // self._row_height)
        for near in (self._rows[row], self._rows[row + 1]):
            for left, top, right, bottom in near:
                if x1 < right and x2 > left and y1 < bottom and y2 > top:
                    return False
        return True
