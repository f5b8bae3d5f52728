"""From candidates to detections: NMS, and the best few."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.detection.formats.layout import Candidates
from app.detection.formats.readers import read_shares
from app.types import Detections


def postprocess(
    boxes_xyxy: NDArray[np.float32],
    scores: NDArray[np.float32],
    *,
    size_wh: tuple[int, int],
    score_threshold: float,
    iou_threshold: float,
    max_detections: int,
) -> Detections:
    """Keep the good boxes of our own network: threshold, per-class NMS, the best few.

    Args:
        boxes_xyxy: (A, 4) float32 in [0, 1], one box an anchor.
        scores: (A, C) float32 in [0, 1], foreground classes only.
        size_wh: width and height in pixels of the picture the boxes are for.
        score_threshold: scores must be above it.
        iou_threshold: of two boxes of one class with a larger IoU, the better stays.
        max_detections: at most so many, over all classes.

    Returns:
        Best score first; boxes in pixels, clipped to the picture.
    """
    found = read_shares(
        boxes_xyxy[np.newaxis], scores[np.newaxis], size_wh, score_threshold
    )
    return suppress(found, iou_threshold=iou_threshold, max_detections=max_detections)


def suppress(
    found: Candidates, *, iou_threshold: float, max_detections: int
) -> Detections:
    """Of boxes of one class that overlap more, the best; of all, the best few."""
    if not len(found.scores):
        return Detections.empty()
    xywh = found.boxes_xyxy.copy()
    xywh[:, 2:] -= xywh[:, :2]
    kept = np.asarray(
        cv2.dnn.NMSBoxesBatched(
            xywh.tolist(),
            found.scores.tolist(),
            found.class_ids.tolist(),
            # All are above the threshold already.
            -1.0,
            iou_threshold,
        ),
        dtype=np.int64,
    ).reshape(-1)
    return best(found, kept, max_detections=max_detections)


def best(
    found: Candidates, kept: NDArray[np.int64], *, max_detections: int
) -> Detections:
    """The best few of those that are kept, best first."""
    order = np.argsort(-found.scores[kept], kind="stable")[:max_detections]
    kept = kept[order]
    return Detections(
        boxes_xyxy=found.boxes_xyxy[kept],
        scores=found.scores[kept],
        class_ids=found.class_ids[kept],
    )
