"""Who crossed, which way; who was inside, how long."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import RulesError
from app.tracking.counter import Counter, Look
from app.tracking.events import counts_csv
from app.tracking.paths import Sightings
from app.tracking.rules import Line, Rules, Zone
from tests.tracking.walks import (
    CLASS_NAMES,
    PERSON,
    SIZE_WH,
    boxes,
    brief,
    known,
    walk,
)

# In a picture of 400 x 200, from (200, 40) down to (200, 160): who goes to the left
# of the picture goes to the right of who stands at its top and looks down: in.
LINE = Rules(lines=(Line("L1", (0.5, 0.2), (0.5, 0.8)),))
SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))  # 100-300, 50-150
ZONE = Rules(zones=(Zone("Z1", SQUARE),))


def going(
    *xs: float, y: float = 100.0, track: int = 1
) -> list[list[tuple[int, float, float]]]:
    return [[(track, x, y)] for x in xs]


def test_in_is_from_the_left_to_the_right_of_who_looks_along_the_line() -> None:
    events, counter = walk(LINE, going(240, 220, 205, 190, 170))
    (event,) = events
    assert (event.kind, event.rule, event.direction) == ("cross", "L1", "in")
    assert (event.track, event.class_name, event.frame) == (1, "person", 3)
    # A third of the way from 205 to 190, of a tenth of a second.
    assert event.time_s == pytest.approx(0.2 + 0.1 / 3)
    assert event.anchor_xy == pytest.approx((200, 100))
    assert counter.counts() == {"L1": {"person": {"in": 1, "out": 0}}}


def test_back_again_counts_the_other_way() -> None:
    events, _ = walk(LINE, going(240, 160, 240, 160))
    assert [event.direction for event in events] == ["in", "out", "in"]


@pytest.mark.parametrize("y", [30.0, 170.0])
def test_who_passes_beyond_the_ends_does_not_count(y: float) -> None:
    assert walk(LINE, going(240, 160, y=y))[0] == []


def test_round_the_end_and_back_through_the_line_counts_what_cut_it() -> None:
    around = [[(1, x, y)] for x, y in ((240, 100), (240, 180), (160, 180), (160, 100))]
    events, _ = walk(LINE, [*around, [(1, 240, 100)]])
    assert brief(events) == [("cross", "out", 1)]


def test_who_trembles_on_the_line_counts_nothing() -> None:
    # The band is 4 pixels, a tenth of 40: within it nobody changes sides.
    assert walk(LINE, going(240, 202, 198, 203, 197, 202, 198, 240))[0] == []


def test_what_is_large_trembles_farther() -> None:
    """A bus of 200 pixels is on neither side within 20 of the line at 200."""
    counter = Counter(LINE, size_wh=SIZE_WH, class_names=CLASS_NAMES)
    events = []
    for index, x in enumerate([110, 150, 185, 215, 188, 212, 185, 215, 250, 290]):
        box = boxes((x - 100, 60, x + 100, 100, 0.9, PERSON))
        seen = box.followed(np.array([1]), box.class_ids)
        events += counter.update(index, index / 10, seen)
    assert brief(events) == [("cross", "out", 1)]


def test_who_is_too_fast_to_be_seen_on_the_line_counts() -> None:
    events, _ = walk(LINE, going(390, 10))
    assert brief(events) == [("cross", "in", 1)]


def test_who_first_appears_on_a_side_has_not_crossed() -> None:
    assert walk(LINE, going(160, 120))[0] == []
    assert walk(LINE, going(199, 150))[0] == []
    assert brief(walk(LINE, going(202, 150))[0]) == [("cross", "in", 1)]


def test_the_unconfirmed_never_count() -> None:
    assert walk(LINE, going(240, 160, track=0))[0] == []


def test_each_has_a_count_of_its_own_however_close() -> None:
    path = [[(1, x, 100.0), (2, x + 1, 101.0)] for x in (240, 220, 190, 160)]
    events, counter = walk(LINE, path)
    assert sorted(event.track for event in events) == [1, 2]
    assert counter.counts()["L1"]["person"]["in"] == 2


def test_weak_boxes_keep_a_track_but_change_no_side() -> None:
    counter = Counter(LINE, size_wh=SIZE_WH, class_names=CLASS_NAMES)
    events = []
    for index, (x, score) in enumerate(
        [(240, 0.9), (160, 0.3), (240, 0.9), (150, 0.9)]
    ):
        found = known((1, x, 100))
        found.scores[:] = score
        events += counter.update(index, index / 10, found)
    assert [(event.direction, event.frame) for event in events] == [("in", 3)]


def test_only_the_classes_of_a_rule_count() -> None:
    rules = Rules(
        lines=(
            Line("all", (0.5, 0.2), (0.5, 0.8)),
            Line("buses", (0.5, 0.2), (0.5, 0.8), classes=("bus",)),
        )
    )
    events, counter = walk(rules, going(240, 160))
    assert [event.rule for event in events] == ["all"]
    assert counter.counts()["buses"] == {"bus": {"in": 0, "out": 0}}


def test_the_centre_can_be_what_crosses() -> None:
    # Feet at 170 pass below the line's end, the middle of the box at 150 does not.
    rules = Rules(lines=(Line("L1", (0.5, 0.2), (0.5, 0.8), anchor="center"),))
    assert len(walk(rules, going(240, 160, y=170))[0]) == 1


def test_into_a_zone_and_out_of_it() -> None:
    events, counter = walk(ZONE, going(60, 90, 110, 200, 290, 310, 350))
    assert [(e.kind, e.frame) for e in events] == [("enter", 2), ("leave", 4)]
    assert events[0].anchor_xy == pytest.approx((110, 100))
    assert events[1].dwell_s == pytest.approx(0.2)
    assert counter.counts() == {
        "Z1": {"person": {"entered": 1, "distinct": 1, "inside_at_end": 0}}
    }


def test_who_trembles_on_the_border_enters_once() -> None:
    events, _ = walk(ZONE, going(60, 101, 98, 102, 97, 101, 60))
    assert [e.kind for e in events] == ["enter", "leave"]


def test_who_appears_inside_did_not_enter_and_who_is_lost_did_not_leave() -> None:
    path = [*going(200, 210), *[[] for _ in range(15)], *going(220, 230, track=2)]
    events, counter = walk(ZONE, path)
    assert brief(events) == [
        ("appear_inside", "Z1", 1),
        ("lost_inside", "Z1", 1),
        ("appear_inside", "Z1", 2),
    ]
    assert events[1].time_s == pytest.approx(0.1)
    assert events[1].frame == 1
    assert counter.counts()["Z1"]["person"] == {
        "entered": 0,
        "distinct": 2,
        "inside_at_end": 1,
    }


def test_a_gap_within_the_keeping_time_is_no_loss() -> None:
    path = [*going(60, 110), *[[] for _ in range(8)], *going(250, 350)]
    events, _ = walk(ZONE, path)
    assert [e.kind for e in events] == ["enter", "leave"]


def test_look_only_here_and_not_there() -> None:
    everywhere = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    found = known((1, 200, 100), (2, 50, 100))
    for zones, seen in (
        ((Zone("only", SQUARE, use="only"),), [1]),
        ((Zone("ignore", SQUARE, use="ignore"),), [2]),
        ((Zone("only", everywhere, "only"), Zone("no", SQUARE, "ignore")), [2]),
        ((Zone("buses", SQUARE, use="ignore", classes=("bus",)),), [1, 2]),
    ):
        look = Look(Rules(zones=zones), size_wh=SIZE_WH, class_names=CLASS_NAMES)
        ids = look.seen(found).track_ids
        assert ids is not None
        assert ids.tolist() == seen
    rules = Rules(LINE.lines, (Zone("ignore", SQUARE, use="ignore"),))
    events, counter = walk(rules, going(240, 160))
    assert events == []
    assert list(counter.counts()) == ["L1"]


def test_what_the_model_does_not_know_cannot_be_counted() -> None:
    rules = Rules(lines=(Line("L1", (0, 0), (1, 1), classes=("persn",)),))
    with pytest.raises(RulesError, match=r"L1 counts 'persn'.*person, bus, car"):
        Counter(rules, size_wh=SIZE_WH, class_names=CLASS_NAMES)


def test_counts_by_minute() -> None:
    rows = [*going(240, 160), *[[(1, 160.0, 100.0)]] * 450, *going(240)]  # at 45 s
    events, _ = walk(LINE, [*rows, *[[(1, 240.0, 100.0)]] * 400, *going(160)])
    assert counts_csv(events, LINE).splitlines()[1:] == [
        "0,L1,person,1,1,0,0,0,0",
        "1,L1,person,1,0,0,0,0,0",
    ]


# --- laws --------------------------------------------------------------------

PLACES = st.tuples(st.integers(1, 4), st.integers(0, 400), st.integers(0, 200))
PATHS = st.lists(
    st.lists(PLACES, max_size=4, unique_by=lambda place: place[0]), max_size=40
)
RULES = Rules(
    lines=(
        Line("L1", (0.5, 0.2), (0.5, 0.8)),
        Line("L2", (0.1, 0.15), (0.9, 0.7), anchor="center"),
    ),
    zones=(Zone("Z1", ((0.2, 0.2), (0.8, 0.3), (0.6, 0.9))), Zone("Z2", SQUARE)),
)


@settings(deadline=None, max_examples=120)
@given(PATHS, st.integers(1, 40))
def test_all_at_once_comes_to_the_same_as_a_frame_at_a_time(
    path: list[list[tuple[int, float, float]]], cut: int
) -> None:
    live, live_counter = walk(RULES, path, step_s=0.3)
    counter = Counter(RULES, size_wh=SIZE_WH, class_names=CLASS_NAMES)
    later = []
    for part in (range(min(cut, len(path))), range(cut, len(path))):
        rows = [(place, row) for place, i in enumerate(part) for row in path[i]]
        feet = np.array([(x, y) for _, (_, x, y) in rows], float).reshape(-1, 2)
        seen = Sightings(
            np.array([place for place, _ in rows], np.int64),
            np.array([track for _, (track, _, _) in rows], np.int64),
            np.zeros(len(rows), np.int64),
            np.hstack([feet - np.array([10, 40]), feet + np.array([10, 0])]),
            np.ones(len(rows), bool),
        )
        times_s = np.array([0.3 * i for i in part], float)
        later += counter.add(np.array(part, np.int64), times_s, seen)
    assert later == live
    assert counter.counts() == live_counter.counts()


@settings(deadline=None, max_examples=100)
@given(PATHS)
def test_a_mirrored_path_counts_the_same_with_in_and_out_exchanged(
    path: list[list[tuple[int, float, float]]],
) -> None:
    mirrored = [[(t, SIZE_WH[0] - x, y) for t, x, y in feet] for feet in path]
    events, _ = walk(LINE, path)
    other, _ = walk(LINE, mirrored)
    swap = {"in": "out", "out": "in"}
    assert [(e.frame, e.track, e.direction) for e in events] == [
        (e.frame, e.track, swap[e.direction]) for e in other
    ]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 400), min_size=2, max_size=30))
def test_in_less_out_is_where_one_ended_up(xs: list[int]) -> None:
    events, _ = walk(LINE, going(*xs))
    ways = [event.direction for event in events]
    assert all(a != b for a, b in pairwise(ways))
    assert all(math.isclose(event.anchor_xy[0], 200) for event in events)
    if abs(xs[0] - 200) > 4 and abs(xs[-1] - 200) > 4:
        net = (xs[-1] < 200) - (xs[0] < 200)
        assert ways.count("in") - ways.count("out") == net
