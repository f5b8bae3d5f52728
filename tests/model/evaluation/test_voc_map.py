"""What evaluation.voc_map and .confusion promise, by hand and beside pycocotools."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from model.evaluation.confusion import Compared, confusion_matrix
from model.evaluation.voc_map import Find, Truth, average_precision

Box = tuple[float, float, float, float]


def truth(*boxes: Box, difficult: tuple[int, ...] = ()) -> Truth:
    flags = np.zeros(len(boxes), bool)
    flags[list(difficult)] = True
    return Truth(np.array(boxes, float).reshape(-1, 4), flags)


A, B, ELSEWHERE = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 40.0, 10.0), (90.0, 90, 99, 99)


def test_half_found_with_a_false_alarm_between() -> None:
    """Right, wrong, right: precision 1 up to recall 1/2, then 2/3.

    Eleven points: six at 1 (0 to 0.5) and five at 2/3; area: 1/2 + 1/3.
    """
    found = [Find(1, 0.9, A), Find(1, 0.8, ELSEWHERE), Find(1, 0.7, B)]
    ap = average_precision(found, {1: truth(A, B)})
    assert ap is not None
    assert ap.eleven_point == pytest.approx((6 + 5 * 2 / 3) / 11)
    assert ap.all_point == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_what_was_never_found_counts_as_precision_zero() -> None:
    ap = average_precision([Find(1, 0.9, A)], {1: truth(A, B)})
    assert ap is not None
    assert ap.eleven_point == pytest.approx(6 / 11)
    assert ap.all_point == pytest.approx(0.5)


def test_a_second_find_of_the_same_object_is_wrong() -> None:
    found = [Find(1, 0.9, A), Find(1, 0.8, A), Find(1, 0.7, B)]
    ap = average_precision(found, {1: truth(A, B)})
    assert ap is not None
    assert ap.all_point == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_difficult_objects_count_neither_way() -> None:
    found = [Find(1, 0.95, B), Find(1, 0.9, A)]
    ap = average_precision(found, {1: truth(A, B, difficult=(1,))})
    assert ap is not None
    assert ap.all_point == 1.0
    missed = average_precision([Find(1, 0.9, A)], {1: truth(A, B, difficult=(1,))})
    assert missed is not None
    assert missed.all_point == 1.0
    assert average_precision([], {1: truth(B, difficult=(0,))}) is None
    assert average_precision([Find(1, 0.9, A)], {}) is None


def test_a_find_on_another_photo_is_wrong() -> None:
    ap = average_precision([Find(2, 0.9, A)], {1: truth(A), 2: truth()})
    assert ap is not None
    assert ap.all_point == 0.0


def test_an_iou_of_one_half_is_enough_and_less_is_not() -> None:
    for right, width in ((1.0, 20.0), (0.0, 20.5)):
        ap = average_precision([Find(1, 0.9, (0, 0, width, 10))], {1: truth(A)})
        assert ap is not None
        assert ap.all_point == right


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.booleans()), max_size=30), st.data())
def test_the_area_is_pycocotools_ap50(
    guesses: list[tuple[int, bool]], data: st.DataObject
) -> None:
    """Objects far apart, so that both pair finds and objects alike."""
    objects = {k: (30.0 * k, 0.0, 30.0 * k + 20, 20.0) for k in range(8)}
    scores = data.draw(st.permutations(range(len(guesses))))
    finds = []
    for score, (k, is_hit) in zip(scores, guesses, strict=True):
        x1, _, x2, _ = objects[k]
        box = (x1, 0.0, x2, 20.0) if is_hit else (x1, 50.0, x2, 70.0)
        finds.append(Find(1, (score + 1) / 40, box))
    ours = average_precision(finds, {1: truth(*objects.values())})
    assert ours is not None

    def xywh(box: Box) -> list[float]:
        return [box[0], box[1], box[2] - box[0], box[3] - box[1]]

    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "info": {},
            "images": [{"id": 1}],
            "categories": [{"id": 1}],
            "annotations": [
                {
                    "id": k + 1,
                    "image_id": 1,
                    "category_id": 1,
                    "bbox": xywh(box),
                    "area": 400,
                    "iscrowd": 0,
                }
                for k, box in objects.items()
            ],
        }
        coco.createIndex()
        if not finds:
            assert ours.all_point == 0
            return
        results = coco.loadRes(
            [
                {
                    "image_id": 1,
                    "category_id": 1,
                    "bbox": xywh(f.box_xyxy),
                    "score": f.score,
                }
                for f in finds
            ]
        )
        scored = COCOeval(coco, results, "bbox")
        scored.evaluate()
        scored.accumulate()
    theirs = scored.eval["precision"][0, :, 0, 0, -1].mean()
    # Theirs is a mean of 101 points of the curve that ours is the area of.
    assert ours.all_point == pytest.approx(theirs, abs=0.011)


def test_confusion_by_hand() -> None:
    """A dog taken for a cat, a cat found, a cat missed, a dog seen in nothing."""
    photo = Compared(
        np.array([A, B, (50, 0, 60, 10)], float),
        np.array([1, 0, 0]),
        np.zeros(3, bool),
        np.array([A, B, ELSEWHERE], float),
        np.array([0, 0, 1]),
    )
    assert confusion_matrix([photo], 2).tolist() == [
        [1, 0, 1],  # cats: found, taken for dogs, missed
        [1, 0, 0],  # dogs
        [0, 1, 0],  # nothing there
    ]


def test_a_crowd_may_be_found_any_number_of_times() -> None:
    photo = Compared(
        np.array([A], float),
        np.array([0]),
        np.array([True]),
        np.array([A, A], float),
        np.array([0, 0]),
    )
    assert not confusion_matrix([photo], 1).any()
