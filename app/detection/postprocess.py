"""From the network's raw boxes and scores to detections in pixels."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.types import Detections

# Candidates that enter NMS, best first: Caffe's `nms_param.top_k`. Bounds the
# work on a picture where everything scores.
TOP_K = 400


def postprocess(
    boxes_xyxy: NDArray[np.float32],
    scores: NDArray[np.float32],
    *,
    size_wh: tuple[int, int],
    score_threshold: float,
    iou_threshold: float,
    max_detections: int,
) -> Detections:
    """Keep the good boxes: threshold, then per-class NMS, then the best few.

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
    # Over one flat row: of 38,000 scores 20 times faster than finding rows and columns.
    flat = scores.ravel()
    above = np.flatnonzero(flat > score_threshold)
    if not len(above):
        return Detections.empty()
    if len(above) > TOP_K:
        above = _best(above, flat[above])
    candidates = flat[above]
    anchor_ids, class_ids = np.divmod(above, scores.shape[1])

    width, height = size_wh
    scale = np.array([width, height, width, height], np.float32)
    pixels_xyxy = np.clip(boxes_xyxy[anchor_ids], 0.0, 1.0) * scale
    pixels_xywh = pixels_xyxy.copy()
    pixels_xywh[:, 2:] -= pixels_xywh[:, :2]
    kept = np.asarray(
        cv2.dnn.NMSBoxesBatched(
            pixels_xywh.tolist(),
            candidates.tolist(),
            class_ids.tolist(),
            score_threshold,
            iou_threshold,
        ),
        dtype=np.int64,
    ).reshape(-1)
    kept = kept[np.argsort(-candidates[kept], kind="stable")][:max_detections]
    return Detections(
        boxes_xyxy=pixels_xyxy[kept],
        scores=candidates[kept],
        class_ids=class_ids[kept].astype(np.int64),
    )


def _best(indices: NDArray[np.int64], scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """The `TOP_K` of `indices` with the best scores, best first.

    Of equal scores the first, so that anchors keep their order on every machine.
    """
    worst = np.partition(scores, -TOP_K)[-TOP_K]
    in_question = np.flatnonzero(scores >= worst)  # a few more, where scores are equal
    order = np.argsort(-scores[in_question], kind="stable")[:TOP_K]
    return indices[in_question[order]]
