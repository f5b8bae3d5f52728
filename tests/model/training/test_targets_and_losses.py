"""What training.targets and training.losses promise, by hand-worked cases."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.network.anchors import make_anchors_cxcywh
from model.network.boxes import cxcywh_to_xyxy, decode, pairwise_iou
from model.network.config import SsdConfig, caffe_voc, tf_coco
from model.training.augment import Example
from model.training.losses import (
    LossName,
    box_loss,
    class_loss,
    holding,
    pack,
    positives,
)
from model.training.targets import Targets, make_targets, match

CLASSES = ("cat", "dog")
CAFFE = caffe_voc(class_names=CLASSES)
TF = tf_coco(class_names=CLASSES)


def example(*boxes: tuple[float, float, float, float]) -> Example:
    """Objects of class 0, 1, 0, 1 ... in a picture of 300 x 300 pixels."""
    count = len(boxes)
    return Example(
        np.zeros((300, 300, 3), np.uint8),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.arange(count) % 2,
        np.ones(count, np.float32),
        np.zeros(count, bool),
        np.array([[0, 0, 300, 300]], np.float32),
        np.array([[True, True]]),
    )


boxes = st.tuples(
    st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0.02, 1), st.floats(0.02, 1)
).map(lambda b: (b[0], b[1], min(1.0, b[0] + b[2]), min(1.0, b[1] + b[3])))


@settings(max_examples=100, deadline=None)
@given(st.lists(boxes, max_size=8, unique=True))
def test_matching_is_the_papers(found: list[tuple[float, float, float, float]]) -> None:
    anchors = make_anchors_cxcywh(CAFFE)
    objects = np.array(found, np.float32).reshape(-1, 4)
    matched = match(objects, anchors)
    assert set(range(len(objects))) <= set(matched.tolist())  # none is left out
    iou = pairwise_iou(objects, cxcywh_to_xyxy(anchors))
    for anchor in np.flatnonzero(iou.max(axis=0, initial=0) > 0.5):
        assert matched[anchor] >= 0
    # Weak matches are there only so that no object is left out.
    weak = [a for a in np.flatnonzero(matched >= 0) if iou[matched[a], a] <= 0.5]
    assert len(weak) <= len(objects)


def test_two_objects_never_take_one_anchor() -> None:
    """Objects so alike that one anchor is the best of all: each gets one of its own.

    The best pair has it, and the others their next best. Drawn boxes hardly ever
    compete, so here are five in one place.
    """
    anchors = make_anchors_cxcywh(CAFFE)
    centre = cxcywh_to_xyxy(anchors[[1000]])[0]
    shifts = np.linspace(0, 0.004, 5)[:, np.newaxis]
    objects = (centre + shifts * np.array([1, 1, 1, 1])).astype(np.float32)
    iou = pairwise_iou(objects, cxcywh_to_xyxy(anchors))
    assert set(iou.argmax(axis=1)) == {1000}  # they do compete
    matched = match(objects, anchors)
    assert set(matched.tolist()) == {-1, 0, 1, 2, 3, 4}
    assert matched[1000] == 0  # whose overlap is the largest of all

    # As the paper's greedy words say, slowly: the best pair left, again and again.
    taken: dict[int, int] = {}
    pairs = [(-iou[n, a], n, a) for n in range(5) for a in range(len(anchors))]
    for _, n, a in sorted(pairs):
        if n not in taken.values() and a not in taken:
            taken[a] = n
    assert {a: int(matched[a]) for a in taken} == taken


@pytest.mark.parametrize("config", [CAFFE, TF], ids=["caffe", "tensorflow"])
def test_the_codes_of_matched_anchors_decode_to_the_object(config: SsdConfig) -> None:
    box = (30.0, 60.0, 150.0, 210.0)
    anchors = make_anchors_cxcywh(config)
    targets = make_targets(example(box), anchors, config)
    positive = targets.is_matched > 0
    codes = targets.codes[positive]
    if config.box_code_order == "yxhw":
        codes = codes[:, [1, 0, 3, 2]]
    decoded = decode(codes, anchors[positive], variances=config.variances)
    np.testing.assert_allclose(decoded * 300, [box] * len(codes), atol=1e-3)
    assert targets.scores[positive].tolist() == [[1, 0]] * len(codes)
    assert not targets.codes[~positive].any()
    assert not targets.scores[~positive].any()
    assert targets.is_known.all()


def test_what_is_not_labelled_is_not_known_but_for_what_was_matched() -> None:
    found = replace(example((30, 60, 150, 210)), is_known=np.array([[False, True]]))
    targets = make_targets(found, make_anchors_cxcywh(TF), TF)
    np.testing.assert_array_equal(targets.is_known[:, 0], targets.is_matched)
    assert targets.is_known[:, 1].all()


def test_outside_of_the_photo_there_is_nothing_and_that_is_known() -> None:
    left = np.array([[0, 0, 150, 300]], np.float32)
    found = replace(example(), is_known=np.array([[False, False]]), regions_xyxy=left)
    anchors = make_anchors_cxcywh(TF)
    targets = make_targets(found, anchors, TF)
    np.testing.assert_array_equal(targets.is_known[:, 0] > 0, anchors[:, 0] >= 0.5)


def test_anchors_in_a_crowd_are_not_known_for_its_class() -> None:
    found = replace(
        example((0, 0, 300, 150), (30, 160, 90, 220)),
        is_ignored=np.array([True, False]),
    )
    anchors = make_anchors_cxcywh(TF)
    targets = make_targets(found, anchors, TF)
    corners = cxcywh_to_xyxy(anchors)
    inside = np.all((corners[:, :2] > 0) & (corners[:, 2:] < (1, 0.5)), axis=-1)
    assert inside.any()
    assert not targets.is_known[inside, 0].any()
    assert targets.is_known[corners[:, 1] > 0.5].all()
    assert targets.is_known[:, 1].all()
    assert set(targets.scores[targets.is_matched > 0].argmax(axis=-1).tolist()) == {1}


@settings(max_examples=50, deadline=None)
@given(boxes)
def test_what_is_to_be_ignored_teaches_no_anchor_that_would_have_found_it(
    box: tuple[float, float, float, float],
) -> None:
    """However small it is: neither as an object nor as background."""
    anchors = make_anchors_cxcywh(TF)
    x1, y1, x2, y2 = box
    as_object = example((300 * x1, 300 * y1, 300 * x2, 300 * y2))
    would_find = make_targets(as_object, anchors, TF).is_matched > 0
    ignored = replace(as_object, is_ignored=np.array([True]))
    targets = make_targets(ignored, anchors, TF)
    assert would_find.any()
    assert not targets.is_known[would_find, 0].any()
    assert targets.is_known[:, 1].all()  # of other classes it says nothing


def test_a_small_ignored_box_hides_few_anchors() -> None:
    found = replace(example((140, 140, 160, 156)), is_ignored=np.array([True]))
    targets = make_targets(found, make_anchors_cxcywh(TF), TF)
    # The 30 pixel anchors of its own cell and of those around it, by IoU > 0.25.
    assert 1 <= np.count_nonzero(targets.is_known[:, 0] == 0) <= 9


def test_a_teachers_score_is_the_target() -> None:
    found = replace(example((30, 60, 150, 210)), scores=np.array([0.6], np.float32))
    targets = make_targets(found, make_anchors_cxcywh(TF), TF)
    assert targets.scores.max() == np.float32(0.6)


def packed(
    scores: list[list[float]], known: list[list[float]] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One picture's packed targets; codes of 0."""
    array = np.array(scores, np.float32)
    targets = Targets(
        np.zeros((len(array), 4), np.float32),
        (array.max(axis=-1) > 0).astype(np.float32),
        array,
        np.ones_like(array) if known is None else np.array(known, np.float32),
    )
    loc, logits = pack(targets)
    return loc[np.newaxis], logits[np.newaxis]


def value(loss: Any) -> float:  # noqa: ANN401
    return float(np.asarray(loss))


def test_box_loss_by_hand() -> None:
    """Errors of 0.5 and 2: 0.125 and 1.5; only matched anchors; a mean over them."""
    loc, _ = packed([[1, 0], [0, 1], [0, 0]])
    codes = np.array([[[0.5, 0, 0, 0], [0, -2, 0, 0], [9, 9, 9, 9]]], np.float32)
    assert value(box_loss(loc, codes)) == pytest.approx((0.125 + 1.5) / 2)
    assert value(positives(loc, codes)) == 2


def class_value(
    config: SsdConfig,
    name: LossName,
    targets: tuple[Any, Any],
    logits: list[list[float]],
) -> float:
    array = np.array([logits], np.float32)
    return value(class_loss(config, name)(targets[1], array))


def test_softmax_multibox_by_hand() -> None:
    """Indifferent logits cost log 3 each; one positive, all negatives count."""
    targets = packed([[1.0, 0.0]] + [[0.0, 0.0]] * 4)
    found = class_value(CAFFE, "multibox", targets, [[0, 0, 0]] * 5)
    assert found == pytest.approx(5 * math.log(3), rel=1e-5)  # at least ten count


def test_three_negatives_a_positive_and_the_worst_ones() -> None:
    """Four positives ask for twelve of fifty negatives."""
    targets = packed([[1.0, 0.0]] * 4 + [[0.0, 0.0]] * 50)
    sure = [30.0, 0.0, 0.0]  # background: costs nothing
    wrong = [0.0, 30.0, 0.0]  # costs 30
    logits = [[0.0, 30.0, 0.0]] * 4 + [sure] * 20 + [wrong] * 30
    found = class_value(CAFFE, "multibox", targets, logits)
    assert found == pytest.approx(12 * 30 / 4, rel=1e-4)


def test_an_unlabelled_class_shares_with_background() -> None:
    """Where cats are not labelled, seeing one costs nothing; a dog does."""
    targets = packed([[0, 0], [0, 0]], known=[[0, 1], [0, 1]])
    cat, dog = [0.0, 30.0, 0.0], [0.0, 0.0, 30.0]
    assert class_value(CAFFE, "multibox", targets, [cat, cat]) == pytest.approx(
        0, abs=1e-5
    )
    assert class_value(CAFFE, "multibox", targets, [dog, dog]) > 20
    cat, dog = [30.0, -30.0], [-30.0, 30.0]
    for name in ("multibox", "focal"):
        assert class_value(TF, name, targets, [cat, cat]) == pytest.approx(0, abs=1e-5)
        assert class_value(TF, name, targets, [dog, dog]) > 5


def test_focal_loss_by_hand() -> None:
    """Logit 0 is p = 0.5: 0.25 of log 2, weighted .75 for the object, .25 else."""
    targets = packed([[1, 0], [0, 0]])
    expected = 0.25 * math.log(2) * (0.75 + 3 * 0.25)
    found = class_value(TF, "focal", targets, [[0, 0], [0, 0]])
    assert found == pytest.approx(expected, rel=1e-5)


def test_a_teachers_score_is_best_answered_by_itself() -> None:
    targets = packed([[0.7, 0.0]])
    best = math.log(0.7 / 0.3)
    for name in ("multibox", "focal"):
        at, above, below = (
            class_value(TF, name, targets, [[best + step, -20.0]])
            for step in (0.0, 0.5, -0.5)
        )
        assert at < above
        assert at < below


@pytest.mark.parametrize("config", [CAFFE, TF], ids=["softmax", "sigmoid"])
def test_the_starts_answers_hold_back_by_their_weight(config: SsdConfig) -> None:
    """Cross-entropies with the start's answers, summed over anchors, by positives."""
    _, targets = packed([[1, 0], [0, 0]])
    width = config.logit_count
    start = np.array([[[0.5, -1, 2][:width], [-2, 1, 0.3][:width]]], np.float32)
    logits = np.array([[[1, 0.2, -1][:width], [0.1, 0.4, -3][:width]]], np.float32)
    plain = class_loss(config, "multibox")
    held = holding(config, plain, 0.5)
    both = np.concatenate([targets, start], axis=-1)
    total = 0.0
    for row, row_start in zip(logits[0].tolist(), start[0].tolist(), strict=True):
        if config.score_function == "softmax":
            p = np.exp(row) / np.exp(row).sum()
            q = np.exp(row_start) / np.exp(row_start).sum()
            total -= float((q * np.log(p)).sum())
        else:
            for x, y in zip(row, row_start, strict=True):
                p, q = 1 / (1 + math.exp(-x)), 1 / (1 + math.exp(-y))
                total -= q * math.log(p) + (1 - q) * math.log(1 - p)
    expected = value(plain(targets, logits)) + 0.5 * total
    assert value(held(both, logits)) == pytest.approx(expected, rel=1e-5)


def test_focal_loss_is_for_sigmoids() -> None:
    with pytest.raises(ValueError, match="sigmoid"):
        class_loss(CAFFE, "focal")
