"""Box formats, overlap, and the coding of boxes relative to anchors."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.floating[Any]]  # (..., 4)

VARIANCES = (0.1, 0.1, 0.2, 0.2)


def xyxy_to_cxcywh(boxes_xyxy: Boxes) -> Boxes:
    """(..., 4) corners x1, y1, x2, y2 to centre x, centre y, width, height."""
    low, high = boxes_xyxy[..., :2], boxes_xyxy[..., 2:]
    return np.concatenate([(low + high) / 2, high - low], axis=-1)


def cxcywh_to_xyxy(boxes_cxcywh: Boxes) -> Boxes:
    """(..., 4) centre x, centre y, width, height to corners x1, y1, x2, y2."""
    centre, half = boxes_cxcywh[..., :2], boxes_cxcywh[..., 2:] / 2
    return np.concatenate([centre - half, centre + half], axis=-1)


def pairwise_iou(a_xyxy: Boxes, b_xyxy: Boxes) -> Boxes:
    """Intersection over union of every box in `a` with every box in `b`.

    Args:
        a_xyxy: (N, 4) corners, in any one unit.
        b_xyxy: (M, 4) corners, in the same unit.

    Returns:
        (N, M) in [0, 1]; 0 where both boxes have no area.
    """
    low = np.maximum(a_xyxy[:, None, :2], b_xyxy[None, :, :2])  # (N, M, 2)
    high = np.minimum(a_xyxy[:, None, 2:], b_xyxy[None, :, 2:])
    intersection = np.prod(np.clip(high - low, 0, None), axis=-1)
    area_a = np.prod(a_xyxy[:, 2:] - a_xyxy[:, :2], axis=-1)
    area_b = np.prod(b_xyxy[:, 2:] - b_xyxy[:, :2], axis=-1)
    union = area_a[:, None] + area_b[None, :] - intersection
    iou: Boxes = np.zeros_like(intersection)
    np.divide(intersection, union, out=iou, where=union > 0)
    return iou


def encode(
    boxes_xyxy: Boxes,
    anchors_cxcywh: Boxes,
    *,
    variances: tuple[float, float, float, float] = VARIANCES,
) -> Boxes:
    """The codes that `decode` turns back into the boxes.

    Law: `decode(encode(b, d), d) == b` for boxes with an area.

    Args:
        boxes_xyxy: (N, 4) corners, in fractions of the image.
        anchors_cxcywh: (N, 4) the anchor of each box.
        variances: divide the codes of centre x, centre y, width, height.

    Returns:
        (N, 4) codes of centre x, centre y, width, height.

    Source: SSD paper (arXiv 1512.02325), equation 2; the variances are Caffe's
    `EncodeBBox` with CENTER_SIZE (bbox_util.cpp of the SSD branch).
    """
    boxes = xyxy_to_cxcywh(boxes_xyxy)
    centre = (boxes[..., :2] - anchors_cxcywh[..., :2]) / anchors_cxcywh[..., 2:]
    size = np.log(boxes[..., 2:] / anchors_cxcywh[..., 2:])
    return np.concatenate([centre, size], axis=-1) / np.asarray(variances, boxes.dtype)


def decode(
    codes: Boxes,
    anchors_cxcywh: Boxes,
    *,
    variances: tuple[float, float, float, float] = VARIANCES,
) -> Boxes:
    """Boxes from their codes relative to the anchors; not clipped.

    Args:
        codes: (..., N, 4) codes of centre x, centre y, width, height.
        anchors_cxcywh: (N, 4) the anchor of each code.
        variances: multiply the codes of centre x, centre y, width, height.

    Returns:
        (..., N, 4) corners x1, y1, x2, y2, in fractions of the image.

    Source: SSD paper (arXiv 1512.02325), equation 2, solved for the box.
    """
    scaled = codes * np.asarray(variances, codes.dtype)
    centre = scaled[..., :2] * anchors_cxcywh[..., 2:] + anchors_cxcywh[..., :2]
    size = np.exp(scaled[..., 2:]) * anchors_cxcywh[..., 2:]
    return cxcywh_to_xyxy(np.concatenate([centre, size], axis=-1))
