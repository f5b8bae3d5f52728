"""Which boxes of two detectors are of one thing: the same class, in the same place."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.tracking.matching import best_pairs, overlaps
from app.types import Detections

SAME_PLACE_IOU = 0.5
# VOC's words for what COCO calls otherwise.
_VOC_WORDS = {
    "airplane": "aeroplane",
    "couch": "sofa",
    "dining table": "diningtable",
    "motorcycle": "motorbike",
    "potted plant": "pottedplant",
    "tv": "tvmonitor",
}

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class SharedClasses:
    """The classes that two detectors were both taught.

    Attributes:
        names: as the first one calls them.
        of_a: (C,) index into `names` for each class id of the first; -1: not shared.
        of_b: the second one's.
    """

    names: tuple[str, ...]
    of_a: Indices
    of_b: Indices


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Two detectors in one frame.

    What is of a class that the other was never taught is in none of these: it says
    nothing that the other does not find it.

    Attributes:
        both: (P, 2) index into the first one's detections, and into the second's.
        only_a: (N,) of the first one's without a partner.
        only_b: (M,) likewise.
        iou: (P,) of each pair, in [0, 1].
    """

    both: Indices
    only_a: Indices
    only_b: Indices
    iou: NDArray[np.float64]


def class_key(name: str) -> str:
    """The same for any two spellings of one class, such as COCO's and VOC's."""
    plain = name.strip().casefold()
    return _VOC_WORDS.get(plain, plain)


def shared_classes(a_names: Sequence[str], b_names: Sequence[str]) -> SharedClasses:
    """What `pair_up` needs to know of the class names of two detectors."""
    b_keys = {class_key(name) for name in b_names}
    number: dict[str, int] = {}
    names: list[str] = []
    for name in a_names:
        key = class_key(name)
        if key in b_keys and key not in number:
            number[key] = len(names)
            names.append(name)
    of_a, of_b = (
        np.array([number.get(class_key(name), -1) for name in own], np.int64)
        for own in (a_names, b_names)
    )
    return SharedClasses(tuple(names), of_a, of_b)


def pair_up(a: Detections, b: Detections, shared: SharedClasses) -> Pairs:
    """Pair the boxes of one frame, those that overlap most first, each once.

    `pair_up(b, a)` finds the same pairs the other way round, and all of `a` go with
    themselves.

    Args:
        a: of the first detector.
        b: of the second.
        shared: made of their class names.
    """
    a_ids, b_ids = shared.of_a[a.class_ids], shared.of_b[b.class_ids]
    iou = overlaps(a.boxes_xyxy.astype(np.float64), b.boxes_xyxy.astype(np.float64))
    iou[(a_ids[:, None] != b_ids[None]) | (a_ids[:, None] < 0)] = 0.0
    both = np.array(best_pairs(iou, SAME_PLACE_IOU), np.int64).reshape(-1, 2)
    return Pairs(
        both,
        np.setdiff1d(np.flatnonzero(a_ids >= 0), both[:, 0]),
        np.setdiff1d(np.flatnonzero(b_ids >= 0), both[:, 1]),
        iou[both[:, 0], both[:, 1]],
    )
