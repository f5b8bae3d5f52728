"""A replacement is tried on the frame on show before it takes over."""

import statistics
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import ModelError
from app.pipeline.events import Difference, Tryout
from app.pipeline.interfaces import Detector
from app.settings import Settings
from app.types import Detections, DetectorInfo, ImageBgr

RUNS = 5  # the median of so many is the time that is told

# By how much two right answers may differ in score. The most beside fp32, with the
# bundled weights on 137 photos: fp16 0.005, bf16 0.026, int8 0.146 (docs/adr/0007).
TOLERANCE = {"fp32": 0.01, "fp16": 0.02, "bf16": 0.05, "int8": 0.15}
_UNKNOWN = 0.05
_SAME_PLACE_IOU = 0.5


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """A frame, and what the running detector found in it.

    Attributes:
        image_bgr: (H, W, 3) uint8.
        settings: in force then.
        detections: found then.
        info: of the detector.
        recent_ms: how long its last frames took.
    """

    image_bgr: ImageBgr
    settings: Settings
    detections: Detections
    info: DetectorInfo
    recent_ms: tuple[float, ...]


def try_out(detector: Detector, info: DetectorInfo, sample: Sample) -> Tryout:
    """Let `detector`, opened as `info`, answer for `sample`.

    Raises:
        ModelError: it is the same model and sees less than half of the same.
    """
    times_ms = []
    for _ in range(RUNS):
        found, times = detector.detect(sample.image_bgr, sample.settings)
        times_ms.append(times.latency_ms)
    before_ms = statistics.median(sample.recent_ms)
    after_ms = statistics.median(times_ms)
    if not info.is_same_model_as(sample.info):
        return Tryout(before_ms, after_ms)
    agreement, differences = agreement_of(
        sample.detections,
        found,
        score_threshold=sample.settings.score_threshold,
        tolerance=max(
            TOLERANCE.get(i.precision, _UNKNOWN) for i in (info, sample.info)
        ),
        class_names=info.class_names,
    )
    if agreement is not None and agreement < 0.5:
        raise ModelError(
            f"On {info.device}, {info.model_name} sees something else: "
            f"{round(100 * agreement)} % of the boxes agree.",
            "It was not switched; choose another device or model.",
        )
    return Tryout(before_ms, after_ms, agreement, differences)


def agreement_of(
    before: Detections,
    after: Detections,
    *,
    score_threshold: float,
    tolerance: float,
    class_names: tuple[str, ...],
) -> tuple[float | None, tuple[Difference, ...]]:
    """How far two answers for one frame agree.

    Only detections far enough above the threshold must be in both: the others may
    have fallen just short of it.

    Returns:
        Share of those that both have, None where there are none; and what differs.
    """
    sure = score_threshold + tolerance
    of_before, of_after = _partners(before, after), _partners(after, before)
    lost = np.flatnonzero((before.scores >= sure) & (of_before < 0))
    new = np.flatnonzero((after.scores >= sure) & (of_after < 0))
    count = int((before.scores >= sure).sum() + (after.scores >= sure).sum())
    names = [class_names[i] for i in before.class_ids]
    differences = [Difference(names[i], float(before.scores[i]), None) for i in lost]
    differences += [
        Difference(class_names[after.class_ids[i]], None, float(after.scores[i]))
        for i in new
    ]
    differences += [
        Difference(names[i], float(before.scores[i]), float(after.scores[k]))
        for i, k in enumerate(of_before)
        if k >= 0 and abs(after.scores[k] - before.scores[i]) > tolerance
    ]
    share = 1 - (len(lost) + len(new)) / count if count else None
    return share, tuple(differences)


def _partners(some: Detections, others: Detections) -> NDArray[np.int64]:
    """For each of `some` the best of `others` in its place; -1 where there is none."""
    if not len(some) or not len(others):
        return np.full(len(some), -1)
    corners = some.boxes_xyxy[:, np.newaxis], others.boxes_xyxy[np.newaxis]
    low = np.maximum(corners[0][..., :2], corners[1][..., :2])
    high = np.minimum(corners[0][..., 2:], corners[1][..., 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=-1)  # (N, M)
    areas = [np.prod(c[..., 2:] - c[..., :2], axis=-1) for c in corners]
    iou = shared / np.maximum(areas[0] + areas[1] - shared, 1e-9)
    iou[some.class_ids[:, np.newaxis] != others.class_ids[np.newaxis]] = 0.0
    best = np.argmax(iou, axis=1)
    found = iou[np.arange(len(some)), best] >= _SAME_PLACE_IOU
    return np.where(found, best, -1)
