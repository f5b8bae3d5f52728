"""Ids are kept, never shared, and follow the clock."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tracking.tracker import Tracker
from app.types import Detections
from benchmarks.scenes import scene
from tests.tracking.walks import BUS, CAR, PERSON, boxes, standing


def ids(found: Detections) -> list[int]:
    assert found.track_ids is not None
    return [int(i) for i in found.track_ids]


def classes(found: Detections) -> list[int]:
    assert found.track_class_ids is not None
    return [int(i) for i in found.track_class_ids]


def test_ids_count_from_one_and_begin_with_the_second_sight() -> None:
    tracker = Tracker()
    found = boxes(standing(50, 100), standing(200, 150))
    assert ids(tracker.update(found, 0.0)) == [0, 0]
    assert sorted(ids(tracker.update(found, 0.1))) == [1, 2]


def test_no_box_is_dropped_and_the_order_stays() -> None:
    found = boxes(standing(50, 100, score=0.05), standing(200, 150), standing(90, 90))
    followed = Tracker().update(found, 0.0)
    assert followed.boxes_xyxy is found.boxes_xyxy
    assert classes(followed) == [PERSON] * 3


def test_weak_boxes_go_on_with_tracks_but_begin_none() -> None:
    tracker = Tracker()
    for index in range(3):
        tracker.update(boxes(standing(50, 100)), index / 10)
    weak = tracker.update(
        boxes(standing(50, 100, score=0.15), standing(200, 150, score=0.4)), 0.3
    )
    again = tracker.update(
        boxes(standing(50, 100, score=0.15), standing(200, 150, score=0.4)), 0.4
    )
    assert ids(weak) == ids(again) == [1, 0]


def test_weak_boxes_alone_keep_a_track_for_three_keeping_times() -> None:
    tracker = Tracker(keep_s=1.0)
    for index in range(3):  # strong for the last time at 0.2 s
        tracker.update(boxes(standing(50, 100)), index / 10)
    weak = boxes(standing(50, 100, score=0.15))
    seen = [ids(tracker.update(weak, index / 10)) for index in range(3, 40)]
    assert seen == [[1]] * 30 + [[0]] * 7  # up to 3.2 s, and no longer


@pytest.mark.parametrize(("gap_s", "is_kept"), [(0.9, True), (1.3, False)])
def test_a_gap_shorter_than_the_keeping_time_keeps_the_id(
    gap_s: float, is_kept: bool
) -> None:
    tracker = Tracker(keep_s=1.0)
    for index in range(10):
        tracker.update(boxes(standing(50 + index, 100)), index / 10)
    tracker.update(boxes(), 1.0)
    back_s = 0.9 + gap_s
    tracker.update(boxes(standing(59 + 10 * gap_s, 100)), back_s)
    after = tracker.update(boxes(standing(60 + 10 * gap_s, 100)), back_s + 0.1)
    assert ids(after) == [1 if is_kept else 2]


def test_one_frame_a_second_and_less_still_makes_tracks() -> None:
    tracker = Tracker(keep_s=1.0)
    for index in range(5):
        found = tracker.update(boxes(standing(50 + 3 * index, 100)), 1.7 * index)
    assert ids(found) == [1]


def test_a_label_that_flickers_costs_no_id_and_the_vote_decides() -> None:
    tracker = Tracker()
    seen = []
    for index in range(12):
        label = CAR if index % 4 == 3 else BUS
        found = boxes((20, 20, 120, 80, 0.8, label))
        seen.append(tracker.update(found, index / 10))
    assert {ids(found)[0] for found in seen[1:]} == {1}
    assert {classes(found)[0] for found in seen[1:]} == {BUS}


def test_legs_that_close_and_open_cost_no_id() -> None:
    """Left and right edges of one walker, as YOLOX-nano saw them in vtest.avi."""
    edges = [
        *((393, 416), (387, 424), (369, 410), (368, 407), (367, 402), (362, 389)),
        *((344, 380), (336, 380), (333, 378), (329, 352), (320, 345), (311, 333)),
    ]
    tracker = Tracker()
    for index, (left, right) in enumerate(edges):
        walker = boxes((left, 160, right, 239, 0.85, PERSON))
        followed = tracker.update(walker, index / 10)
    assert ids(followed) == [1]


def test_who_steps_from_one_cell_of_the_network_to_the_next_is_the_same() -> None:
    """Frames 563 to 573 of vtest.avi: x, feet, width, height and score of his boxes.

    The bundled network has a box in the cell that he leaves and one in the next.
    """
    left = [
        *((392, 232, 30, 75, 0.64), (386, 231, 28, 78, 0.67), (380, 231, 34, 79, 0.67)),
        *((377, 230, 35, 76, 0.67), (375, 228, 37, 71, 0.67), (371, 220, 32, 64, 0.57)),
        *((369, 219, 32, 60, 0.47), (367, 215, 25, 51, 0.42), (368, 212, 29, 45, 0.37)),
    ]
    come_to = [
        *((348, 216, 48, 49, 0.33), (350, 219, 55, 58, 0.45), (356, 220, 47, 67, 0.59)),
        *((357, 221, 44, 69, 0.62), (356, 223, 37, 73, 0.67), (354, 221, 40, 69, 0.67)),
        *((350, 221, 33, 67, 0.66), (338, 220, 32, 66, 0.62)),
    ]
    tracker = Tracker()
    for index in range(11):
        seen = left[index : index + 1] + come_to[max(index - 3, 0) :][: index >= 3]
        rows = [
            (x - wide / 2, feet - high, x + wide / 2, feet, score, PERSON)
            for x, feet, wide, high, score in seen
        ]
        followed = tracker.update(boxes(*rows), index / 10)
    assert ids(followed) == [1]


def test_who_stays_beside_somebody_has_an_id_a_quarter_of_the_keeping_time_later() -> (
    None
):
    """Two boxes 20 wide, 10 apart: 10 of 30 is shared, more than 0.3."""
    tracker = Tracker(keep_s=1.0)
    for index in range(3):
        tracker.update(boxes(standing(50, 100)), index / 10)
    both = boxes(standing(50, 100), standing(60, 100))
    seen = [ids(tracker.update(both, index / 10)) for index in range(3, 8)]
    assert seen == [[1, 0]] * 3 + [[1, 2]] * 2  # first at 0.3 s, known at 0.6


def test_what_comes_nearer_keeps_its_id() -> None:
    """A tenth larger in each frame: four times as large within 1.5 seconds."""
    tracker = Tracker()
    for index in range(16):
        half = 20 * 1.1**index
        car = boxes((400 - half, 300 - half, 400 + half, 300 + half, 0.9, CAR))
        followed = tracker.update(car, index / 10)
    assert ids(followed) == [1]


def test_what_a_track_was_for_long_is_forgotten_in_seconds() -> None:
    """Votes fade by e in two keeping times: after 4 s 2.2 are left of 16.4."""
    tracker, seen = Tracker(), []
    for index in range(150):
        label = BUS if index < 100 else CAR
        found = boxes((20, 20, 120, 80, 0.8, label))
        seen.append(tracker.update(found, index / 10))
    assert classes(seen[105]) == [BUS]  # 12.8 against 3.6
    assert classes(seen[140]) == [CAR]
    assert {ids(found)[0] for found in seen[1:]} == {1}


def test_who_has_the_name_goes_before_who_is_a_little_nearer() -> None:
    """The other name's box overlaps by 92 of 108, its own by 86 of 114."""
    tracker = Tracker()
    for index in range(3):
        tracker.update(boxes((40, 20, 140, 80, 0.8, BUS)), index / 10)
    found = boxes((48, 20, 148, 80, 0.8, CAR), (26, 20, 126, 80, 0.8, BUS))
    assert ids(tracker.update(found, 0.3))[1] == 1


def test_one_thing_with_two_names_is_one_track() -> None:
    tracker = Tracker()
    for index in range(4):
        strong, weak = (BUS, CAR) if index % 2 else (CAR, BUS)
        found = tracker.update(
            boxes((20, 20, 120, 80, 0.8, strong), (21, 20, 120, 81, 0.7, weak)),
            index / 10,
        )
    assert ids(found) == [1, 0]


def test_two_of_one_class_that_touch_are_two_tracks() -> None:
    tracker = Tracker()
    for index in range(4):
        found = tracker.update(
            boxes((20, 20, 60, 120, 0.8, 0), (45, 20, 85, 120, 0.7, 0)), index / 10
        )
    assert sorted(ids(found)) == [1, 2]


def test_after_a_restart_and_when_time_falls_ids_go_on() -> None:
    tracker = Tracker()
    for time_s in (5.0, 5.1):
        tracker.update(boxes(standing(50, 100)), time_s)
    assert ids(tracker.update(boxes(standing(50, 100)), 1.0)) == [0]
    assert ids(tracker.update(boxes(standing(50, 100)), 1.1)) == [2]
    tracker.restart()
    assert ids(tracker.update(boxes(standing(50, 100)), 1.2)) == [0]
    assert ids(tracker.update(boxes(standing(50, 100)), 1.3)) == [3]


def test_trackers_share_nothing() -> None:
    one, other = Tracker(), Tracker()
    for index in range(3):
        found = boxes(standing(50, 100), standing(150, 100))
        first = one.update(found, index / 10)
        second = other.update(boxes(standing(80, 100)), index / 10)
    assert sorted(ids(first)) == [1, 2]
    assert ids(second) == [1]


@pytest.mark.parametrize("kind", ["even 10", "jitter"])
def test_the_order_of_the_boxes_changes_nothing(kind: str) -> None:
    random = np.random.default_rng(5)
    one, other = Tracker(), Tracker()
    for frame in scene(kind, seed=1)[:80]:
        order = random.permutation(len(frame.found))
        mixed = Detections(
            frame.found.boxes_xyxy[order],
            frame.found.scores[order],
            frame.found.class_ids[order],
        )
        plain = one.update(frame.found, frame.timestamp_s)
        other_way = other.update(mixed, frame.timestamp_s)
        assert [ids(plain)[i] for i in order] == ids(other_way)
        assert [classes(plain)[i] for i in order] == classes(other_way)


@settings(deadline=None, max_examples=10)
@given(
    times=st.sampled_from([0.25, 0.5, 2.0, 8.0]),
    seed=st.integers(0, 5),
    kind=st.sampled_from(["even 10", "jitter", "stalls"]),
)
def test_a_slower_clock_with_a_longer_memory_gives_the_same_ids(
    times: float, seed: int, kind: str
) -> None:
    one, other = Tracker(keep_s=1.0), Tracker(keep_s=times)
    for frame in scene(kind, seed)[:60]:
        plain = one.update(frame.found, frame.timestamp_s)
        slower = other.update(frame.found, frame.timestamp_s * times)
        assert ids(plain) == ids(slower)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.floats(0, 300, width=32),
                st.floats(0, 300, width=32),
                st.floats(0, 200, width=32),
                st.floats(0, 200, width=32),
                st.floats(0, 1, width=32),
                st.integers(0, 2),
            ),
            max_size=5,
        ),
        max_size=12,
    ),
    st.lists(st.floats(0, 3), min_size=12, max_size=12),
)
def test_any_boxes_at_any_time_have_each_id_once_a_frame(
    frames: list[list[tuple[float, float, float, float, float, int]]],
    steps_s: list[float],
) -> None:
    tracker, time_s, seen = Tracker(), 0.0, set[int]()
    for index, rows in enumerate(frames):
        time_s += steps_s[index]
        found = boxes(*((x, y, x + w, y + h, s, c) for x, y, w, h, s, c in rows))
        own = [track for track in ids(tracker.update(found, time_s)) if track]
        assert len(own) == len(set(own))
        seen.update(own)
    assert seen == set(range(1, len(seen) + 1))


def test_a_keeping_time_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"keep_s must be above 0, got 0"):
        Tracker(keep_s=0)
