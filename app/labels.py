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
    places_xyxy = np.zeros((len(boxes_xyxy), 4))
    least = np.array(bounds_xyxy[:2], float)
    for i, ((x1, y1, x2, y2), (width, height)) in enumerate(
        zip(boxes_xyxy.tolist(), sizes_wh.tolist(), strict=True)
    ):
        wanted = np.array(
            [(x1, y1 - height), (x1, y1), (x1, y2), (x2 - width, y1 - height)]
        )
        most = np.array([bounds_xyxy[2] - width, bounds_xyxy[3] - height])
        corners = np.maximum(np.minimum(wanted, most), least)  # (4, 2)
        ends = corners + np.array([width, height])
        taken = places_xyxy[:i]
        covers = (corners[:, None] < taken[:, 2:]) & (ends[:, None] > taken[:, :2])
        is_taken = covers.all(axis=2).any(axis=1)  # (4,)
        chosen = int(is_taken.argmin())  # the first that is free, or the first
        places_xyxy[i] = (*corners[chosen], *ends[chosen])
    return places_xyxy[:, :2]
