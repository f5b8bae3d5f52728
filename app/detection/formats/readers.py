"""What the answers of each kind of model mean: arrays in, arrays out.

Each reader takes what the network answered for one picture and gives the candidates
above a score, in pixels of the network's input. None of them runs NMS.
"""

import numpy as np
from numpy.typing import NDArray

from app.detection.formats.layout import Candidates

# Candidates that enter NMS, best first, of all classes together (Caffe's
# `nms_param.top_k` is a class's). Bounds the work on a picture where everything scores.
TOP_K = 400

Floats = NDArray[np.float32]


def best_of_all(
    boxes_xyxy: Floats, scores: Floats, score_threshold: float
) -> Candidates:
    """The `TOP_K` best of every box and class above the threshold.

    Args:
        boxes_xyxy: (A, 4) float32, one box an anchor.
        scores: (A, C) float32.
        score_threshold: scores must be above it.
    """
    # Over one flat row: of 38,000 scores 20 times faster than finding rows and columns.
    flat = scores.ravel()
    above = np.flatnonzero(flat > score_threshold)
    if len(above) > TOP_K:
        above = _best(above, flat[above])
    anchor_ids, class_ids = np.divmod(above, scores.shape[1])
    return Candidates(boxes_xyxy[anchor_ids], flat[above], class_ids.astype(np.int64))


def _best(indices: NDArray[np.int64], scores: Floats) -> NDArray[np.int64]:
    """The `TOP_K` of `indices` with the best scores, best first.

    Of equal scores the first, so that anchors keep their order on every machine.
    """
    worst = np.partition(scores, -TOP_K)[-TOP_K]
    in_question = np.flatnonzero(scores >= worst)  # a few more, where scores are equal
    order = np.argsort(-scores[in_question], kind="stable")[:TOP_K]
    return indices[in_question[order]]


def read_shares(
    boxes: Floats, scores: Floats, size_wh: tuple[int, int], score_threshold: float
) -> Candidates:
    """Ours: boxes (1, A, 4) x1 y1 x2 y2 in [0, 1], scores (1, A, C)."""
    found = best_of_all(boxes[0], scores[0], score_threshold)
    pixels = np.clip(found.boxes_xyxy, 0.0, 1.0) * np.array(size_wh * 2, np.float32)
    return Candidates(pixels, found.scores, found.class_ids)


def grid_of(size_wh: tuple[int, int], stride: int) -> Floats:
    """The corner (x, y), in cells, of each cell of one stride, row by row; (N, 2)."""
    columns, rows = size_wh[0] // stride, size_wh[1] // stride
    y, x = np.mgrid[:rows, :columns]
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


def read_yolox(
    rows: Floats,
    size_wh: tuple[int, int],
    score_threshold: float,
    *,
    strides: tuple[int, ...] = (8, 16, 32),
) -> Candidates:
    """(1, N, 5 + C): centre in cells from the cell's corner, log of the size in cells.

    Source: Megvii-BaseDetection/YOLOX, yolox/utils/demo_utils.py, `demo_postprocess`
    (Apache-2.0).
    """
    grids = [grid_of(size_wh, stride) for stride in strides]
    cells = np.concatenate(grids)
    step = np.repeat(np.array(strides, np.float32), [len(g) for g in grids])[:, None]
    decoded = rows[0].copy()
    decoded[:, :2] = (decoded[:, :2] + cells) * step
    # A wild value must not overflow; nothing is larger than the picture anyhow.
    decoded[:, 2:4] = np.exp(np.minimum(decoded[:, 2:4], 20.0)) * step
    return read_yolov5(decoded[np.newaxis], score_threshold)


def read_yolov5(rows: Floats, score_threshold: float) -> Candidates:
    """(1, N, 5 + C): centre, size in pixels, objectness, class scores."""
    answer = rows[0]
    scores = answer[:, 4:5] * answer[:, 5:]
    return best_of_all(_corners(answer[:, :4]), scores, score_threshold)


def read_yolov8(rows: Floats, score_threshold: float) -> Candidates:
    """(1, 4 + C, N): centre, size in pixels; class scores, no objectness."""
    answer = rows[0].T
    scores = np.ascontiguousarray(answer[:, 4:])
    return best_of_all(_corners(answer[:, :4]), scores, score_threshold)


def read_rows_of_six(rows: Floats, score_threshold: float) -> Candidates:
    """(1, N, 6): x1 y1 x2 y2 in pixels, score, class; one box an object already."""
    answer = rows[0]
    return _above(answer[:, :4], answer[:, 4], answer[:, 5], score_threshold)


def read_lists(
    boxes: Floats, scores: Floats, class_ids: NDArray[np.generic], least: float
) -> Candidates:
    """Boxes x1 y1 x2 y2 in pixels, scores and classes, in lists of one length."""
    return _above(
        boxes.reshape(-1, 4), scores.reshape(-1), class_ids.reshape(-1), least
    )


def read_tensorflow(
    boxes: Floats,
    scores: Floats,
    class_ids: NDArray[np.generic],
    size_wh: tuple[int, int],
    score_threshold: float,
) -> Candidates:
    """TensorFlow's Object Detection API: y1 x1 y2 x2 in [0, 1]; classes from 1."""
    turned = boxes.reshape(-1, 4)[:, [1, 0, 3, 2]] * np.array(size_wh * 2, np.float32)
    return read_lists(turned, scores, class_ids, score_threshold)


def _corners(cxcywh: Floats) -> Floats:
    half = cxcywh[:, 2:4] / 2
    return np.concatenate([cxcywh[:, :2] - half, cxcywh[:, :2] + half], axis=1)


def _above(
    boxes_xyxy: Floats,
    scores: Floats,
    class_ids: NDArray[np.generic],
    score_threshold: float,
) -> Candidates:
    kept = np.flatnonzero(scores > score_threshold)
    kept = kept[np.argsort(-scores[kept], kind="stable")][:TOP_K]
    return Candidates(
        boxes_xyxy[kept].astype(np.float32),
        scores[kept].astype(np.float32),
        class_ids[kept].astype(np.int64),
    )
