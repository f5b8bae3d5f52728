"""What the network should have answered, anchor by anchor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.network.boxes import cxcywh_to_xyxy, encode, pairwise_iou
from model.network.config import SsdConfig
from model.training.augment import Example

# SSD paper, section 2.2: an anchor is matched to any object it overlaps by more.
MATCH_IOU = 0.5
# An anchor is ignored where so much of it lies in a box to be ignored,
IGNORED_SHARE = 0.5
# or where the two overlap by more: a small box covers no anchor's half, and is seen
# by one all the same.
IGNORED_IOU = 0.25


@dataclass(frozen=True, eq=False, slots=True)
class Targets:
    """One row for each of A anchors.

    Attributes:
        codes: (A, 4) float32 box codes, in the order of the config; zero but for
            matched anchors.
        is_matched: (A,) float32, 1 for anchors matched to an object.
        scores: (A, C) float32: 1, or a teacher's score, in the matched object's
            class; else 0.
        is_known: (A, C) float32: 0 where nobody can say whether `scores` is right.
    """

    codes: NDArray[np.float32]
    is_matched: NDArray[np.float32]
    scores: NDArray[np.float32]
    is_known: NDArray[np.float32]


def match(
    boxes_xyxy: NDArray[np.float32], anchors_cxcywh: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Which object each anchor is to find.

    Each object gets the anchor that overlaps it most, the best pair first; then
    every other anchor gets the object it overlaps most, if by IoU > 0.5.

    Args:
        boxes_xyxy: (N, 4) in fractions of the image.
        anchors_cxcywh: (A, 4) likewise.

    Returns:
        (A,) row of `boxes_xyxy`, or -1.

    Source: SSD paper (arXiv 1512.02325), section 2.2, "Matching strategy".
    """
    matched = np.full(len(anchors_cxcywh), -1, np.int64)
    if not len(boxes_xyxy):
        return matched
    iou = pairwise_iou(boxes_xyxy, cxcywh_to_xyxy(anchors_cxcywh))  # (N, A)
    best = iou.argmax(axis=0)
    matched = np.where(iou.max(axis=0) > MATCH_IOU, best, -1)
    left = iou.copy()
    for _ in range(len(boxes_xyxy)):
        row, anchor = np.unravel_index(left.argmax(), left.shape)
        if left[row, anchor] <= 0:
            break  # overlaps no anchor: a box without area
        matched[anchor] = row
        left[row], left[:, anchor] = -1, -1
    return matched


def make_targets(
    example: Example, anchors_cxcywh: NDArray[np.float32], config: SsdConfig
) -> Targets:
    """Targets of a picture that has the size of the network's input.

    Args:
        example: the picture.
        anchors_cxcywh: (A, 4) from `make_anchors_cxcywh(config)`.
        config: the network.
    """
    size = np.array([*example.size_wh, *example.size_wh], np.float32)
    boxes = example.boxes_xyxy / size
    is_object = ~example.is_ignored
    objects, class_ids = boxes[is_object], example.class_ids[is_object]
    matched = match(objects, anchors_cxcywh)
    positive = matched >= 0
    rows = matched[positive]
    codes = np.zeros((len(anchors_cxcywh), 4), np.float32)
    if len(rows):
        found = encode(
            objects[rows], anchors_cxcywh[positive], variances=config.variances
        )
        is_yx = config.box_code_order == "yxhw"
        codes[positive] = found[:, [1, 0, 3, 2]] if is_yx else found
    scores = np.zeros((len(anchors_cxcywh), len(config.class_names)), np.float32)
    scores[positive, class_ids[rows]] = example.scores[is_object][rows]

    is_known = _known(example, anchors_cxcywh * np.tile(size[:2], 2))
    hidden = _ignoring(boxes[example.is_ignored], cxcywh_to_xyxy(anchors_cxcywh))
    for is_hidden, class_id in zip(
        hidden, example.class_ids[example.is_ignored], strict=True
    ):
        is_known[is_hidden, class_id] = False
    # What an anchor was matched to is known, whatever lies around it.
    is_known[positive, class_ids[rows]] = True
    return Targets(
        codes, positive.astype(np.float32), scores, is_known.astype(np.float32)
    )


def _known(
    example: Example, anchors_cxcywh_px: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """(A, C): whether the region around each anchor's centre is labelled."""
    centres = anchors_cxcywh_px[:, :2]
    known = np.ones((len(centres), example.is_known.shape[-1]), bool)
    for region, is_known in zip(example.regions_xyxy, example.is_known, strict=True):
        inside = np.all((centres >= region[:2]) & (centres < region[2:]), axis=-1)
        known[inside] = is_known
    return known


def _ignoring(
    ignored_xyxy: NDArray[np.float32], anchors_xyxy: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """(N, A): whether a box to be ignored hides what an anchor sees.

    It hides the anchors that lie in it, those that overlap it well, and always the
    one that would have had to find it.
    """
    share = _share_inside(anchors_xyxy, ignored_xyxy).T
    iou = pairwise_iou(ignored_xyxy, anchors_xyxy)
    best = iou.max(axis=-1, keepdims=True)
    return np.asarray(
        (share > IGNORED_SHARE) | (iou > IGNORED_IOU) | ((iou == best) & (best > 0))
    )


def _share_inside(
    anchors_xyxy: NDArray[np.float32], boxes_xyxy: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(A, N): how much of each anchor lies in each box."""
    low = np.maximum(anchors_xyxy[:, None, :2], boxes_xyxy[None, :, :2])
    high = np.minimum(anchors_xyxy[:, None, 2:], boxes_xyxy[None, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=-1)
    area = np.prod(anchors_xyxy[:, 2:] - anchors_xyxy[:, :2], axis=-1)
    return np.asarray(common / area[:, None], np.float32)
