"""Which class is taken for which."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.network.boxes import pairwise_iou

LEAST_IOU = 0.5
LEAST_SCORE = 0.4


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """One photo: what is there, and what was found.

    Attributes:
        boxes_xyxy: (N, 4) of the objects, in pixels.
        class_ids: (N,) of the objects.
        is_ignored: (N,) bool: what is found there does not count.
        found_xyxy: (M, 4), best score first.
        found_ids: (M,).
    """

    boxes_xyxy: NDArray[np.floating[Any]]
    class_ids: NDArray[np.int64]
    is_ignored: NDArray[np.bool_]
    found_xyxy: NDArray[np.floating[Any]]
    found_ids: NDArray[np.int64]


def confusion_matrix(photos: Iterable[Compared], class_count: int) -> NDArray[np.int64]:
    """Counts by true class (rows) and found class (columns).

    The last row is "nothing there", the last column "not found". Best score
    first, each find is paired with the object left that it overlaps most, by
    IoU >= 0.5 and whatever their classes.
    """
    matrix = np.zeros((class_count + 1, class_count + 1), np.int64)
    for photo in photos:
        iou = pairwise_iou(photo.found_xyxy, photo.boxes_xyxy)
        is_left = np.ones(len(photo.boxes_xyxy), bool)
        for overlaps, found_id in zip(iou, photo.found_ids, strict=True):
            overlaps = np.where(is_left, overlaps, 0.0)
            if not overlaps.size or overlaps.max() < LEAST_IOU:
                matrix[class_count, found_id] += 1
                continue
            best = int(overlaps.argmax())
            if not photo.is_ignored[best]:  # a crowd may be found many times
                is_left[best] = False
                matrix[photo.class_ids[best], found_id] += 1
        for class_id in photo.class_ids[is_left & ~photo.is_ignored]:
            matrix[class_id, class_count] += 1
    return matrix
