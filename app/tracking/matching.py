"""Which box goes with which track."""

import numpy as np
from numpy.typing import NDArray

from app.tracking.motion import Floats

_LEAST_AREA = 1e-9


def overlaps(a_xyxy: Floats, b_xyxy: Floats) -> Floats:
    """(N, 4) and (M, 4) corners -> (N, M) intersection over union, in [0, 1]."""
    x1, y1, x2, y2 = a_xyxy.T[:, :, None]
    left, top, right, bottom = b_xyxy.T
    # Edge by edge, in place: 500 x 500 took 34 ms as pairs, and take 2.4.
    both = np.minimum(x2, right)
    both -= np.maximum(x1, left)
    np.maximum(both, 0, out=both)
    down = np.minimum(y2, bottom)
    down -= np.maximum(y1, top)
    both *= np.maximum(down, 0, out=down)
    area_a = (a_xyxy[:, 2] - a_xyxy[:, 0]) * (a_xyxy[:, 3] - a_xyxy[:, 1])
    area_b = (b_xyxy[:, 2] - b_xyxy[:, 0]) * (b_xyxy[:, 3] - b_xyxy[:, 1])
    either = np.maximum(area_a[:, None] + area_b[None] - both, _LEAST_AREA)
    return np.asarray(both / either, np.float64)


def best_pairs(likeness: Floats, least: float) -> list[tuple[int, int]]:
    """Rows and columns that go together, the most alike first, each once.

    Args:
        likeness: (N, M).
        least: pairs below it do not go together.
    """
    rows, columns = np.nonzero(likeness >= least)
    return best_of(rows, columns, likeness[rows, columns])


def best_of(
    rows: NDArray[np.intp], columns: NDArray[np.intp], likeness: Floats
) -> list[tuple[int, int]]:
    """The same, of some pairs alone.

    Args:
        rows: (P,) of the pairs that may go together, ascending.
        columns: (P,) likewise, ascending in each row.
        likeness: (P,) how much they do.

    Taking the best pair first gave the same tracks as the best sum over all pairs
    did (a Hungarian solver, which would bring 113 MB of SciPy).
    """
    order = np.argsort(-likeness, kind="stable")
    pairs: list[tuple[int, int]] = []
    rows_taken, columns_taken = set[int](), set[int]()
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in rows_taken and column not in columns_taken:
            rows_taken.add(row)
            columns_taken.add(column)
            pairs.append((row, column))
    return pairs


def doubles(
    boxes_xyxy: Floats, class_ids: NDArray[np.int64], most: float
) -> NDArray[np.intp]:
    """For each box the better one of another class that it is on top of, or -1.

    A bus that is also a car: two names for one thing. Best score first; a box that
    is itself a double has none.

    Args:
        boxes_xyxy: (N, 4), best first.
        class_ids: (N,).
        most: boxes that overlap more are one thing.

    Returns:
        (N,) integers.
    """
    of = np.full(len(boxes_xyxy), -1)
    if not len(class_ids) or (class_ids == class_ids[0]).all():
        return of
    same = overlaps(boxes_xyxy, boxes_xyxy) > most
    same &= class_ids[:, None] != class_ids[None]
    for better, worse in np.argwhere(np.triu(same, 1)).tolist():
        if of[better] < 0 and of[worse] < 0:
            of[worse] = better
    return of
