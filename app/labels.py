"""Where the labels of boxes go, so that few cover one another."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def place_labels(
    boxes_xyxy: NDArray[np.floating[Any]],
    sizes_wh: NDArray[np.floating[Any]],
    bounds_xyxy: tuple[float, float, float, float],
) -> NDArray[np.float64]:
    """A place for each label, the first one's first.

    Above the box, on the left; where another label is, inside the box, below it,
    or above on the right; where all are taken, above on the left after all.

    Args:
        boxes_xyxy: (N, 4), best first.
        sizes_wh: (N, 2), of the labels.
        bounds_xyxy: what no label may leave (its left and top edge, if it is too
            large).

    Returns:
        (N, 2), the labels' top left corners.
    """
    left, top, right, bottom = bounds_xyxy
    taken: list[tuple[float, float, float, float]] = []
    # Plain Python: for a few dozen labels it is faster than small arrays are.
    for (x1, y1, x2, y2), (width, height) in zip(
        boxes_xyxy.tolist(), sizes_wh.tolist(), strict=True
    ):
        wanted = ((x1, y1 - height), (x1, y1), (x1, y2), (x2 - width, y1 - height))
        places = [
            (
                max(left, min(x, right - width)),
                max(top, min(y, bottom - height)),
            )
            for x, y in wanted
        ]
        x, y = next(
            (place for place in places if _is_free(*place, width, height, taken)),
            places[0],
        )
        taken.append((x, y, x + width, y + height))
    return np.array(taken, float).reshape(-1, 4)[:, :2]


def _is_free(
    x: float,
    y: float,
    width: float,
    height: float,
    taken: list[tuple[float, float, float, float]],
) -> bool:
    right, bottom = x + width, y + height
    for x1, y1, x2, y2 in taken:
        if x < x2 and right > x1 and y < y2 and bottom > y1:
            return False
    return True
