"""What app.comparing promises of two detectors in one frame."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.comparing.agreement import Agreement, FrameRow, by_class, over_time, summed
from app.comparing.pairs import class_key, pair_up, shared_classes
from app.types import Detections
from model.dataset.names import VOC_NAMES
from model.dataset.names import class_key as key_in_model

COCO = ("person", "couch", "dog")
VOC = ("sofa", "person", "bus")


def found(*boxes: tuple[float, float, float, float, int]) -> Detections:
    rows = np.array(boxes, np.float32).reshape(-1, 5)
    scores = np.linspace(0.9, 0.6, len(rows), dtype=np.float32)
    return Detections(rows[:, :4], scores, rows[:, 4].astype(np.int64))


# Few places, so that many touch, overlap alike and are the same.
coordinates = st.tuples(
    *[st.integers(0, 6)] * 2, *[st.integers(1, 6)] * 2, st.integers(0, 2)
)
detections = st.lists(coordinates, max_size=8).map(
    lambda boxes: found(*((x, y, x + w, y + h, c) for x, y, w, h, c in boxes))
)


@settings(max_examples=40, deadline=None)
@given(detections, detections)
def test_pairs_are_the_same_the_other_way_round(a: Detections, b: Detections) -> None:
    there = pair_up(a, b, shared_classes(COCO, VOC))
    back = pair_up(b, a, shared_classes(VOC, COCO))
    assert {tuple(p) for p in there.both.tolist()} == {
        (i, k) for k, i in back.both.tolist()
    }
    assert there.only_a.tolist() == back.only_b.tolist()
    assert there.only_b.tolist() == back.only_a.tolist()


@settings(max_examples=30, deadline=None)
@given(detections)
def test_a_detector_agrees_with_itself(a: Detections) -> None:
    shared = shared_classes(COCO, COCO)
    pairs = pair_up(a, a, shared)
    assert len(pairs.both) == len(a)
    total = sum(by_class(pairs, a, a, shared).values(), Agreement())
    assert total == Agreement(both=len(a))
    assert total.share == (1.0 if len(a) else None)


def test_a_pair_is_of_one_class_and_in_one_place() -> None:
    # 10 x 8 beside itself moved by 3: 7 / 13 = 0.54; by 4: 6 / 14 = 0.43.
    a = found((0, 0, 10, 8, 0), (50, 0, 60, 8, 0), (90, 0, 99, 8, 1), (0, 70, 9, 79, 2))
    b = found((3, 0, 13, 8, 1), (54, 0, 64, 8, 1), (90, 0, 99, 8, 0), (90, 0, 99, 8, 2))
    shared = shared_classes(COCO, VOC)
    pairs = pair_up(a, b, shared)
    assert pairs.both.tolist() == [[2, 2], [0, 0]]  # couch and sofa; person
    assert pairs.iou.tolist() == pytest.approx([1.0, 7 / 13])
    # A's dog and B's bus are of classes that the other does not know.
    assert (pairs.only_a.tolist(), pairs.only_b.tolist()) == ([1], [1])
    assert by_class(pairs, a, b, shared) == {
        "person": Agreement(both=1, only_a=1, only_b=1),
        "couch": Agreement(both=1),
    }


def test_each_box_has_one_partner_the_one_that_overlaps_most() -> None:
    a = found((0, 0, 10, 10, 0))
    b = found((2, 0, 12, 10, 0), (1, 0, 11, 10, 0))
    pairs = pair_up(a, b, shared_classes(COCO, COCO))
    assert (pairs.both.tolist(), pairs.only_b.tolist()) == ([[0, 1]], [0])


def test_class_names_are_one_as_in_training() -> None:
    for name in (*VOC_NAMES, *VOC_NAMES.values(), "Person", " DOG "):
        assert class_key(name) == key_in_model(name)


def test_over_time_and_in_all() -> None:
    def row(second: float, *counts: int) -> FrameRow:
        return FrameRow(0, second, {"dog": Agreement(*counts)}, 1.0, 2.0)

    rows = [row(5.0, 1, 0, 0), row(5.5, 0, 1, 0), row(6.0, 0, 0, 3), row(8.25, 1, 1, 1)]
    spans = over_time(rows)
    assert [(s.from_s, s.to_s, s.frames) for s in spans] == [
        (5, 6, 2),
        (6, 7, 1),
        (8, 9, 1),
    ]
    # Twice one pair of 2 * 1 + 1 boxes.
    assert spans[0].agreement.share == pytest.approx(2 / 3)
    assert summed(rows) == {"dog": Agreement(2, 2, 4)}
    assert len(over_time([row(i / 3, 1, 0, 0) for i in range(600)])) <= 20
    assert over_time([]) == []
