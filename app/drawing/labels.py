"""Where the labels of boxes go, so that few cover one another."""

from collections.abc import Sequence
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
    widths = [x2 - x1 for x1, _, x2, _ in kept_clear_xyxy]
    heights = [y2 - y1 for _, y1, _, y2 in kept_clear_xyxy]
    widest, highest = sizes_wh.max(axis=0, initial=1.0).tolist()
    taken = _Taken(max(widest, *widths, 1.0), max(highest, *heights, 1.0))
    for sign in kept_clear_xyxy:
        taken.add(*sign)
    corners: list[tuple[float, float]] = []
    # Plain Python: for a few dozen labels it is faster than small arrays are.
    for (x1, y1, x2, y2), (width, height) in zip(
        boxes_xyxy.tolist(), sizes_wh.tolist(), strict=True
    ):
        most_x, most_y, above = right - width, bottom - height, y1 - height
        x = first_x = max(left, min(x1, most_x))
        y = first_y = max(top, min(above, most_y))
        if not taken.leaves(x, y, x + width, y + height):
            # None is worked out in vain: most labels take the first.
            for wanted_x, wanted_y in (
                *((x1, y1), (x1, y2), (x2 - width, above)),
                *((x1, sign[3]) for sign in kept_clear_xyxy),
                *((sign[2], above) for sign in kept_clear_xyxy),
            ):
                x = max(left, min(wanted_x, most_x))
                y = max(top, min(wanted_y, most_y))
                if taken.leaves(x, y, x + width, y + height):
                    break
            else:
                x, y = first_x, first_y
        taken.add(x, y, x + width, y + height)
        corners.append((x, y))
    return np.array(corners, float).reshape(-1, 2)


# Of a row of cells; no picture is so many labels wide.
_ROW = 1 << 20


class _Taken:
    """Rectangles by the cells of the picture they lie in, up to four each.

    So a place is compared with what is beside it, not with all that is taken.
    """

    def __init__(self, cell_width: float, cell_height: float) -> None:
        """At least a rectangle's."""
        self._width, self._height = cell_width, cell_height
        self._cells: dict[int, list[_Xyxy]] = {}

    def add(self, x1: float, y1: float, x2: float, y2: float) -> None:
        cell = int(y1 // self._height) * _ROW + int(x1 // self._width)
        rectangle = x1, y1, x2, y2
        for near in (cell, cell + 1, cell + _ROW, cell + _ROW + 1):
            self._cells.setdefault(near, []).append(rectangle)

    def leaves(self, x1: float, y1: float, x2: float, y2: float) -> bool:
        """Whether nothing covers any of that rectangle; to touch it is no harm."""
        find = self._cells.get
        cell = int(y1 // self._height) * _ROW + int(x1 // self._width)
        for near in (cell, cell + 1, cell + _ROW, cell + _ROW + 1):
            for left, top, right, bottom in find(near, ()):
                if x1 < right and x2 > left and y1 < bottom and y2 > top:
                    return False
        return True
