"""Average precision as the VOC challenges measured it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.network.boxes import pairwise_iou

LEAST_IOU = 0.5


@dataclass(frozen=True, eq=False, slots=True)
class Truth:
    """One class on one photo.

    Attributes:
        boxes_xyxy: (N, 4) in pixels.
        is_difficult: (N,) bool: neither finding nor missing these counts.
    """

    boxes_xyxy: NDArray[np.floating[Any]]
    is_difficult: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Find:
    """One detection of the class."""

    photo: int
    score: float
    box_xyxy: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class VocAp:
    """Average precision in [0, 1].

    Attributes:
        eleven_point: mean precision at recall 0, 0.1 ... 1; of VOC2007.
        all_point: the area under the curve; from VOC2010 on.
    """

    eleven_point: float
    all_point: float


def average_precision(
    found: Sequence[Find], truth: Mapping[int, Truth]
) -> VocAp | None:
    """How well one class was found; None where no object counts.

    Best score first, a find is right if the object it overlaps most, by IoU >= 0.5,
    has not been found before.

    Source: VOCdevkit, VOCevaldet.m.
    """
    count = sum(int((~t.is_difficult).sum()) for t in truth.values())
    if not count:
        return None
    taken = {photo: np.zeros(len(t.boxes_xyxy), bool) for photo, t in truth.items()}
    is_right: list[bool] = []
    for find in sorted(found, key=lambda f: -f.score):
        of_photo = truth.get(find.photo)
        if of_photo is None or not len(of_photo.boxes_xyxy):
            is_right.append(False)
            continue
        iou = pairwise_iou(np.array([find.box_xyxy]), of_photo.boxes_xyxy)[0]
        best = int(iou.argmax())
        if iou[best] < LEAST_IOU:
            is_right.append(False)
        elif not of_photo.is_difficult[best]:
            is_right.append(not taken[find.photo][best])
            taken[find.photo][best] = True
    right = np.cumsum(is_right, dtype=float)
    recall = right / count
    precision = right / np.arange(1, len(right) + 1)
    # From the right, the best precision that is to be had at this recall or more.
    best_precision = np.maximum.accumulate(precision[::-1])[::-1]
    # A hair below, for 0.3 and the like are not exact.
    at = np.searchsorted(recall, np.arange(11) / 10 - 1e-9)
    padded = np.append(best_precision, 0.0)
    steps = np.diff(recall, prepend=0.0)
    return VocAp(float(padded[at].mean()), float((steps * best_precision).sum()))
