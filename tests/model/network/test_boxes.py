"""What model.network.boxes promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from model.network.boxes import (
    cxcywh_to_xyxy,
    decode,
    encode,
    pairwise_iou,
    xyxy_to_cxcywh,
)

corners = hnp.arrays(
    np.float64, (7, 2, 2), elements=st.floats(0, 1, allow_nan=False)
).map(lambda points: np.sort(points, axis=1).reshape(7, 4))
with_area = corners.map(lambda boxes: boxes + np.array([0, 0, 0.01, 0.02]))


def test_a_box_by_hand() -> None:
    """Corners (.1, .2) and (.5, .4): centre (.3, .3), .4 wide, .2 high."""
    xyxy, cxcywh = np.array([0.1, 0.2, 0.5, 0.4]), np.array([0.3, 0.3, 0.4, 0.2])
    assert xyxy_to_cxcywh(xyxy).tolist() == pytest.approx(cxcywh.tolist())
    assert cxcywh_to_xyxy(cxcywh).tolist() == pytest.approx(xyxy.tolist())


@given(corners)
def test_formats_round_trip(boxes: NDArray[np.float64]) -> None:
    assert np.allclose(cxcywh_to_xyxy(xyxy_to_cxcywh(boxes)), boxes, atol=1e-12)


def test_decoding_by_hand() -> None:
    """Anchor centred at (.5, .4), .2 wide, .1 high; codes 1, 2, 0, ln 2 / .2.

    cx = 1 * .1 * .2 + .5 = .52; cy = 2 * .1 * .1 + .4 = .42; w = .2; h = .1 * 2.
    (The article scaled cy by the anchor's width and would get .44.)
    """
    box = decode(
        np.array([[1, 2, 0, np.log(2) / 0.2]]), np.array([[0.5, 0.4, 0.2, 0.1]])
    )
    assert box[0].tolist() == pytest.approx([0.42, 0.32, 0.62, 0.52])


@given(with_area, with_area)
def test_decode_undoes_encode(
    boxes: NDArray[np.float64], anchors: NDArray[np.float64]
) -> None:
    priors = xyxy_to_cxcywh(anchors)
    assert np.allclose(decode(encode(boxes, priors), priors), boxes, atol=1e-9)


def test_a_box_that_is_its_anchor_has_code_zero() -> None:
    anchor = np.array([[0.5, 0.4, 0.2, 0.1]])
    assert np.allclose(encode(cxcywh_to_xyxy(anchor), anchor), 0, atol=1e-12)


def test_overlap_by_hand() -> None:
    """2 x 2 boxes one apart share 1 x 2 = 2 of 4 + 4 - 2 = 6."""
    a = np.array([[0.0, 0, 2, 2]])
    b = np.array([[1.0, 0, 3, 2], [2, 0, 4, 2], [0, 0, 2, 2], [1, 1, 1, 1]])
    assert pairwise_iou(a, b)[0].tolist() == pytest.approx([1 / 3, 0, 1, 0])
    a, b = np.array([[0, 0, 4, 2]], np.float32), np.array([[2, 0, 6, 2]], np.float32)
    assert pairwise_iou(a, b) == pytest.approx(4 / 12)
    assert pairwise_iou(a, b + 10) == 0


def test_no_boxes_overlap_nothing() -> None:
    assert pairwise_iou(np.zeros((0, 4)), np.zeros((3, 4))).shape == (0, 3)
    assert pairwise_iou(np.zeros((1, 4)), np.zeros((1, 4))).tolist() == [[0]]


def scalar_iou(a: list[float], b: list[float]) -> float:
    wide = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    high = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return wide * high / (both - wide * high) if both > wide * high else 0.0


@given(corners, corners)
def test_overlap_is_the_slow_loops_and_symmetric(
    a: NDArray[np.float64], b: NDArray[np.float64]
) -> None:
    iou = pairwise_iou(a, b)
    slow = [[scalar_iou(x, y) for y in b.tolist()] for x in a.tolist()]
    assert np.allclose(iou, slow, atol=1e-9)
    assert np.array_equal(iou, pairwise_iou(b, a).T)
