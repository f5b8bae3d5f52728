"""Weighted box fusion, against the paper's words written as slow loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.teachers.detectors import Finds
from model.teachers.fusion import FUSION_IOU, fuse

Row = tuple[tuple[float, float, float, float], float, int]


def finds(*rows: Row) -> Finds:
    return (
        np.array([box for box, _, _ in rows], float).reshape(-1, 4),
        np.array([score for _, score, _ in rows], float),
        np.array([class_id for _, _, class_id in rows], np.int64),
    )


def iou_of(a: list[float], b: list[float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (both - width * height)


def without_duplicates(rows: list[Row]) -> list[Row]:
    """NMS, the slow way."""
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: -row[1]):
        if all(
            row[2] != other[2] or iou_of(list(row[0]), list(other[0])) <= FUSION_IOU
            for other in kept
        ):
            kept.append(row)
    return kept


def slow_fuse(answers: list[list[Row]]) -> list[tuple[list[float], float, int]]:
    """ArXiv 1910.13302, section 3, steps 1 to 6, after each detector's own NMS."""
    everything = [row for rows in answers for row in without_duplicates(rows)]
    order = sorted(range(len(everything)), key=lambda k: -everything[k][1])
    clusters: list[list[Row]] = []
    fused: list[list[float]] = []
    for k in order:
        box, _, class_id = everything[k]
        best, best_iou = -1, FUSION_IOU
        for number, cluster in enumerate(clusters):
            overlap = iou_of(list(box), fused[number])
            if cluster[0][2] == class_id and overlap > best_iou:
                best, best_iou = number, overlap
        if best < 0:
            clusters.append([everything[k]])
            fused.append(list(box))
            continue
        clusters[best].append(everything[k])
        total = sum(score for _, score, _ in clusters[best])
        fused[best] = [
            sum(b[side] * score for b, score, _ in clusters[best]) / total
            for side in range(4)
        ]
    result = []
    for cluster, corners in zip(clusters, fused, strict=True):
        mean = sum(score for _, score, _ in cluster) / len(cluster)
        share = min(len(cluster), len(answers)) / len(answers)
        result.append((corners, mean * share, cluster[0][2]))
    return sorted(result, key=lambda row: -row[1])


def test_by_hand() -> None:
    """Two of 0.9 and 0.3 for one dog: x2 is (0.9 * 10 + 0.3 * 12) / 1.2 = 10.5."""
    a = finds(((0, 0, 10, 10), 0.9, 1), ((50, 50, 60, 60), 0.8, 1))
    b = finds(((0, 0, 12, 10), 0.3, 1), ((0, 0, 10, 10), 0.7, 2))
    boxes, scores, class_ids = fuse([a, b])
    np.testing.assert_allclose(scores, [0.6, 0.4, 0.35])
    assert class_ids.tolist() == [1, 1, 2]
    expected = [[0, 0, 10.5, 10], [50, 50, 60, 60], [0, 0, 10, 10]]
    np.testing.assert_allclose(boxes, np.array(expected, float))


def test_a_detectors_own_duplicate_is_nobodys_agreement() -> None:
    a = finds(((0, 0, 10, 10), 0.8, 1), ((0, 0, 10, 11), 0.1, 1))
    boxes, scores, class_ids = fuse([a, finds()])
    assert boxes.tolist() == [[0, 0, 10, 10]]
    assert scores.tolist() == [0.4]
    assert class_ids.tolist() == [1]


def test_nothing_found_is_nothing() -> None:
    boxes, scores, class_ids = fuse([finds(), finds()])
    assert boxes.shape == (0, 4)
    assert scores.shape == class_ids.shape == (0,)


# Few places and sizes, so that many overlap; scores that differ.
box_strategy = st.tuples(
    st.integers(0, 3), st.integers(0, 3), st.integers(3, 5), st.integers(3, 5)
).map(lambda b: (float(b[0]), float(b[1]), float(b[0] + b[2]), float(b[1] + b[3])))
row_strategy = st.tuples(
    box_strategy, st.integers(1, 10**6).map(lambda k: k / 10**6), st.integers(0, 1)
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(row_strategy, max_size=6), min_size=1, max_size=3).filter(
        lambda answers: (
            len({r[1] for rows in answers for r in rows})
            == sum(len(rows) for rows in answers)
        )
    )
)
def test_it_is_the_papers(answers: list[list[Row]]) -> None:
    boxes, scores, class_ids = fuse([finds(*rows) for rows in answers])
    wanted = slow_fuse(answers)
    assert scores.tolist() == pytest.approx([score for _, score, _ in wanted])
    key = np.lexsort((*boxes.T.round(6), class_ids, scores.round(9)))
    rows = [(*box, class_id) for box, _, class_id in wanted]
    told = np.array(rows, float).reshape(-1, 5)
    other = np.array([score for _, score, _ in wanted], float)
    key2 = np.lexsort((*told[:, :4].T.round(6), told[:, 4], other.round(9)))
    np.testing.assert_allclose(boxes[key], told[key2, :4], atol=1e-6)
    assert class_ids[key].tolist() == told[key2, 4].tolist()
