"""What app.detection.postprocess promises."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.detection.postprocess import postprocess
from app.types import Detections

SIZE_WH = (200, 100)


def run(
    boxes: object,
    scores: object,
    *,
    score_threshold: float = 0.5,
    iou_threshold: float = 0.45,
    max_detections: int = 100,
) -> Detections:
    return postprocess(
        np.asarray(boxes, np.float32).reshape(-1, 4),
        np.asarray(scores, np.float32),
        size_wh=SIZE_WH,
        score_threshold=score_threshold,
        iou_threshold=iou_threshold,
        max_detections=max_detections,
    )


def test_a_box_is_stretched_to_the_picture() -> None:
    """On 200 x 100 pixels: .1 * 200, .2 * 100, .6 * 200, .9 * 100."""
    found = run([[0.1, 0.2, 0.6, 0.9]], [[0.1, 0.8]])
    assert found.boxes_xyxy.tolist() == [pytest.approx([20, 20, 120, 90])]
    assert found.scores.tolist() == [pytest.approx(0.8)]
    assert found.class_ids.tolist() == [1]


def test_nothing_above_the_threshold_is_empty() -> None:
    assert len(run([[0, 0, 1, 1]], [[0.5, 0.4]])) == 0
    assert len(run(np.zeros((0, 4)), np.zeros((0, 3)))) == 0


def test_boxes_are_clipped_to_the_picture() -> None:
    found = run([[-0.5, -0.5, 1.5, 2.0]], [[0.9]])
    assert found.boxes_xyxy.tolist() == [[0, 0, 200, 100]]


def test_of_two_alike_the_better_stays_and_another_class_is_left_alone() -> None:
    """IoU of the first two: 90 x 100 over 100 x 100 + 100 x 100 - 90 x 100 = .82."""
    boxes = [[0, 0, 0.5, 1], [0.05, 0, 0.55, 1], [0.05, 0, 0.55, 1]]
    scores = [[0.7, 0], [0.9, 0], [0, 0.8]]
    found = run(boxes, scores)
    assert found.class_ids.tolist() == [0, 1]
    assert found.scores.tolist() == pytest.approx([0.9, 0.8])


def test_touching_boxes_both_stay() -> None:
    assert len(run([[0, 0, 0.5, 1], [0.5, 0, 1, 1]], [[0.9], [0.9]])) == 2


def test_at_most_max_detections_and_the_best_of_them() -> None:
    boxes = [[i / 20, 0, (i + 1) / 20, 1] for i in range(20)]
    scores = [[0.5 + (7 * i % 20) / 50] for i in range(20)]
    found = run(boxes, scores, max_detections=3)
    assert found.scores.tolist() == pytest.approx([0.88, 0.86, 0.84])


def test_a_picture_where_everything_scores_stays_bounded() -> None:
    rng = np.random.default_rng(0)
    corners = np.sort(rng.random((1917, 2, 2)), axis=1).reshape(-1, 4)
    found = run(corners, np.ones((1917, 80)), max_detections=100)
    assert len(found) <= 100


def test_of_equal_scores_beyond_the_bound_the_first_anchors_stay() -> None:
    """500 boxes side by side, the first of a class at 0.8 and the rest at 0.9.

    Of 499 at 0.9, 400 go into NMS: those of anchors 1 to 400.
    """
    boxes = [[i / 500, 0, (i + 1) / 500, 1] for i in range(500)]
    scores = [[0.8]] + [[0.9]] * 499
    found = run(boxes, scores, max_detections=500)
    assert found.scores.tolist() == pytest.approx([0.9] * 400)
    left = np.round(found.boxes_xyxy[:, 0] / 200 * 500).astype(int)
    assert left.tolist() == list(range(1, 401))


@given(seed=st.integers(0, 2**32 - 1))
def test_one_class_at_a_time_it_is_opencvs_nms(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = np.sort(rng.random((60, 2, 2)), axis=1).reshape(-1, 4)
    # Scores in steps of 1/997, all different: no ties to be broken differently.
    scores = rng.permutation(180).reshape(60, 3).astype(np.float32) / 997 + 0.4
    found = run(corners, scores)
    for class_id in range(3):
        kept = by_opencv(corners, scores[:, class_id])
        mine = found.scores[found.class_ids == class_id]
        assert mine.tolist() == pytest.approx(scores[kept, class_id].tolist())


def by_opencv(corners: NDArray[np.floating], scores: NDArray[np.floating]) -> list[int]:
    scaled = corners.astype(np.float32) * np.array([200, 100, 200, 100], np.float32)
    xywh = np.concatenate([scaled[:, :2], scaled[:, 2:] - scaled[:, :2]], axis=1)
    return [int(i) for i in cv2.dnn.NMSBoxes(xywh.tolist(), scores.tolist(), 0.5, 0.45)]


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_anchors_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corners = np.sort(rng.random((40, 2, 2)), axis=1).reshape(-1, 4)
    scores = rng.permutation(80).reshape(40, 2).astype(np.float32) / 100
    order = rng.permutation(40)
    one, other = run(corners, scores), run(corners[order], scores[order])
    assert one.boxes_xyxy.tolist() == other.boxes_xyxy.tolist()
    assert one.class_ids.tolist() == other.class_ids.tolist()
