"""The proof: who can still be found in a video in which somebody was hidden."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.hiding.follow import HIDE_FROM
from app.hiding.look import LookedAt, Onlooker
from app.hiding.regions import Floats, Ints
from app.types import Detections, Frame, ImageBgr

# Whoever scores more than this in the result is still found; two of them, since a
# weak one may be nobody.
THRESHOLDS = (0.3, 0.5)
MOST_PICTURES = 5
# Of somebody whom the judge sees in the original, so much is to be covered.
COVERED_SHARE = 0.9
SAME_IOU = 0.5


@dataclass(frozen=True, eq=False, slots=True, order=False)
class Leak:
    """A frame of the result in which somebody is found.

    Attributes:
        score: of the best one.
        index: of the frame.
        time_s: likewise.
        onlooker: the name of the model that found it.
        box_xyxy: where, in pixels.
        image_bgr: the picture.
    """

    score: float
    index: int
    time_s: float
    onlooker: str
    box_xyxy: tuple[float, ...]
    image_bgr: ImageBgr


@dataclass(eq=False, slots=True)
class WorstFrames:
    """Keeps the frames with the best scores, for `looked_at`."""

    onlookers: Sequence[Onlooker]
    _worst: list[tuple[float, int, Leak]] = field(default_factory=list)

    def __call__(self, frame: Frame, found: list[Detections]) -> None:
        """Look whether this one is worse."""
        best: Leak | None = None
        for onlooker, one in zip(self.onlookers, found, strict=True):
            meant = one.where(np.isin(one.class_ids, onlooker.class_ids))
            if len(meant) and meant.scores[0] > (best.score if best else THRESHOLDS[0]):
                best = Leak(
                    float(meant.scores[0]),
                    frame.index,
                    frame.timestamp_s,
                    onlooker.name,
                    tuple(meant.boxes_xyxy[0].tolist()),
                    frame.image_bgr,
                )
        if best is None:
            return
        heapq.heappush(self._worst, (best.score, -best.index, best))
        if len(self._worst) > MOST_PICTURES:
            heapq.heappop(self._worst)

    def leaks(self) -> list[Leak]:
        """The worst ones, the worst first."""
        return [leak for _, _, leak in sorted(self._worst, key=lambda w: -w[0])]


def best_scores(found: Sequence[Detections], class_ids: Sequence[int]) -> Floats:
    """(F,) the best score of these classes in each frame; 0 where there is none."""
    best = [
        one.scores[np.isin(one.class_ids, class_ids)].max(initial=0.0) for one in found
    ]
    return np.array(best, np.float64)


def found_again(
    before: LookedAt, after: LookedAt, onlookers: Sequence[Onlooker]
) -> list[dict[str, Any]]:
    """For each onlooker, in how many frames it found somebody before and after."""
    rows: list[dict[str, Any]] = []
    for number, onlooker in enumerate(onlookers):
        row: dict[str, Any] = {"model": onlooker.name}
        ids = onlooker.class_ids
        for name, looked in (("original", before), ("result", after)):
            scores = best_scores(looked.found[number], ids)
            row[f"{name}_frames"] = {
                f"{threshold:g}": int((scores > threshold).sum())
                for threshold in THRESHOLDS
            }
        rows.append(row)
    return rows


def measured_recall(
    judged: Sequence[Detections],
    judge: Onlooker,
    found: Sequence[Detections],
    hider: Onlooker,
    covered: Sequence[Ints],
) -> dict[str, Any]:
    """How many of those whom the judge sees in the original were found, and covered.

    Args:
        judged: what the judge found in each frame of the original.
        judge: who it is.
        found: what the detector found there.
        hider: who that is.
        covered: (M, 4) pixels covered in each frame.
    """
    seen = detected = hidden = 0
    threshold = THRESHOLDS[-1]
    for theirs, ours, boxes in zip(judged, found, covered, strict=True):
        is_sure = np.isin(theirs.class_ids, judge.class_ids) & (
            theirs.scores > threshold
        )
        is_ours = np.isin(ours.class_ids, hider.class_ids) & (ours.scores > HIDE_FROM)
        others = ours.boxes_xyxy[is_ours]
        for box in theirs.boxes_xyxy[is_sure]:
            seen += 1
            detected += bool((_iou(box, others) >= SAME_IOU).any())
            hidden += covered_share(box, boxes) >= COVERED_SHARE
    return {
        "judge": judge.name,
        "threshold": threshold,
        "seen_by_judge": seen,
        "found_by_detector": detected,
        "covered": hidden,
        "recall": detected / seen if seen else None,
        "covered_share": hidden / seen if seen else None,
    }


def covered_share(box_xyxy: NDArray[np.float32], covered: Ints) -> float:
    """How much of a box is covered by all of them together."""
    x1, y1, x2, y2 = (int(v) for v in box_xyxy.round())
    if x2 <= x1 or y2 <= y1:
        return 1.0
    mask = np.zeros((y2 - y1, x2 - x1), np.bool_)
    corner = np.array([x1, y1, x1, y1])
    for left, top, right, bottom in np.maximum(covered - corner, 0).tolist():
        mask[top:bottom, left:right] = True
    return float(mask.mean())


def sentence(
    rows: Sequence[dict[str, Any]],
    recall: dict[str, Any] | None,
    class_names: Sequence[str],
    frames: int,
) -> str:
    """What was proved, and what was not, in plain words."""
    who = " or ".join(class_names)
    told = []
    for row in rows:
        before, after = row["original_frames"], row["result_frames"]
        told.append(
            f"{row['model']} still finds a {who} in {after['0.3']} of {frames} frames "
            f"at 0.3 and in {after['0.5']} at 0.5 (in the original: "
            f"{before['0.3']} and {before['0.5']})."
        )
    hider = rows[0]["model"]
    if recall is None:
        told.append(
            f"How many {hider} missed in the original was not measured: "
            "a second detector does, with --judge."
        )
    elif not recall["seen_by_judge"]:
        told.append(
            f"{recall['judge']} saw none in the original, so how many {hider} missed "
            "is not known."
        )
    else:
        told.append(
            f"Of {recall['seen_by_judge']} that {recall['judge']} sees in the "
            f"original, {hider} found {recall['recall']:.1%} by itself, and "
            f"{recall['covered_share']:.1%} are covered: nine tenths of each, or more."
        )
    told.append("Whom no detector sees, no proof can count.")
    return " ".join(told)


def _iou(
    box_xyxy: NDArray[np.float32],
    others: NDArray[np.float32],
) -> Floats:
    low = np.maximum(box_xyxy[:2], others[:, :2])
    high = np.minimum(box_xyxy[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    area = (box_xyxy[2:] - box_xyxy[:2]).prod()
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    return np.asarray(shared / np.maximum(area + areas - shared, 1e-9), np.float64)
