"""What app.pipeline.clip_rule promises, on a clock of the test's."""

import random
from itertools import pairwise

import pytest

from app.pipeline.clip_rule import ClipDecider, ClipRule, Decision, Occasion, Trigger
from app.scene import Happening

FPS = 10


def clips_of(
    rule: ClipRule,
    seen: list[tuple[float, float]],
    *,
    until_s: float,
    name: str = "dog",
) -> list[tuple[float, float]]:
    """When clips begin and end, of something seen in these spans of time."""
    decider, clips, began_s = ClipDecider(rule), [], None
    for tick in range(round(until_s * FPS)):
        time_s = tick / FPS
        is_seen = any(begin <= time_s < end for begin, end in seen)
        decision = decider.update(time_s, [name] if is_seen else [])
        if decision is Decision.BEGIN:
            assert began_s is None
            began_s = time_s
        elif decision is Decision.END:
            assert began_s is not None
            clips.append((began_s, time_s))
            began_s = None
    return clips


DOG = Trigger(class_names=("dog",), for_s=1.0)
RULE = ClipRule((DOG,), post_s=5.0, longest_s=60.0)


def test_a_clip_begins_when_it_was_seen_long_enough() -> None:
    ((begin_s, end_s),) = clips_of(RULE, [(10, 14)], until_s=60)
    assert begin_s == 11.0
    assert end_s == pytest.approx(13.9 + 5.1)  # the first frame past the post-roll


def test_what_is_seen_too_shortly_or_is_something_else_begins_none() -> None:
    assert clips_of(RULE, [(10, 10.9), (20, 20.5)], until_s=60) == []
    assert clips_of(RULE, [(10, 30)], until_s=60, name="cat") == []
    assert len(clips_of(ClipRule(), [(10, 30)], until_s=60, name="cat")) == 1


def test_a_blink_is_no_interruption_and_a_pause_within_the_post_roll_no_end() -> None:
    assert clips_of(RULE, [(10, 10.5), (11, 11.5)], until_s=60)[0][0] == 11.0
    (clip,) = clips_of(RULE, [(10, 14), (18, 20)], until_s=60)
    assert clip[1] == pytest.approx(19.9 + 5.1)


def test_what_lasts_becomes_several() -> None:
    clips = clips_of(RULE, [(0, 200)], until_s=220)
    assert [round(end - begin) for begin, end in clips[:3]] == [60, 60, 60]


def test_none_begins_in_the_cool_down() -> None:
    rule = ClipRule((Trigger(),), post_s=1.0, cool_down_s=30.0)
    clips = clips_of(rule, [(t, t + 1) for t in range(0, 100, 10)], until_s=120)
    for earlier, later in pairwise(clips):
        assert later[0] - earlier[1] >= 30
    assert len(clips) > 2


def test_a_week_with_a_thousand_events() -> None:
    chance = random.Random(1)
    week_s = 7 * 86_400.0
    starts = sorted(chance.uniform(0, week_s - 100) for _ in range(1000))
    spans = [(s, s + chance.uniform(1.5, 20)) for s in starts]
    decider, on, clips = ClipDecider(RULE), None, 0
    # Only the moments near events, at two a second; between them nothing changes.
    times = sorted(
        {
            round(2 * begin + half) / 2
            for begin, end in spans
            for half in range(round(2 * (end - begin + 8)))
        }
    )
    at = 0
    for time_s in times:
        while spans[at][1] < time_s and at < len(spans) - 1:
            at += 1
        near = spans[max(0, at - 3) : at + 3]
        is_seen = any(begin <= time_s < end for begin, end in near)
        decision = decider.update(time_s, ["dog"] if is_seen else [])
        assert decision is not Decision.BEGIN or on is None
        assert decision is not Decision.END or on is not None
        if decision is Decision.BEGIN:
            on, clips = time_s, clips + 1
        elif decision is Decision.END:
            on = None
    assert 850 < clips <= 1000  # some events share one


# Of a zone and a line, a second each: (second, kind, direction, inside for).
Seen = tuple[float, str, str, float]


def occasions_of(
    rule: ClipRule, happened: list[Seen], *, until_s: float, name: str = "person"
) -> list[tuple[float, float, Occasion]]:
    """When clips begin and end, and why."""
    decider, clips, begun = ClipDecider(rule), [], None
    for tick in range(round(until_s * FPS)):
        time_s = tick / FPS
        now = [
            Happening(kind, "L1" if kind == "cross" else "Z1", name, way, inside_s)
            for at_s, kind, way, inside_s in happened
            if at_s == time_s
        ]
        decision = decider.update(time_s, [], now)
        if decision is Decision.BEGIN:
            begun = time_s
        elif decision is Decision.END:
            assert begun is not None
            clips.append((begun, time_s, decider.occasion))
    return clips


def staying(from_s: int, to_s: int) -> list[Seen]:
    """In the zone in every frame, from the first second up to the last."""
    ticks = range(from_s * FPS, to_s * FPS)
    return [(tick / FPS, "inside", "", tick / FPS - from_s) for tick in ticks]


def test_a_line_that_is_crossed_begins_a_clip_of_that_direction_only() -> None:
    rule = ClipRule((Trigger("cross", ("person",), "L1", "in"),), post_s=5.0)
    crossed: list[Seen] = [(10.0, "cross", "out", 0), (20.0, "cross", "in", 0)]
    ((begin_s, end_s, why),) = occasions_of(rule, crossed, until_s=60)
    assert [begin_s, end_s] == pytest.approx([20.0, 25.1])
    assert (why.title, why.direction) == ("person crosses L1", "in")
    assert occasions_of(rule, crossed, until_s=60, name="dog") == []


def test_crossings_that_overlap_become_one_clip() -> None:
    rule = ClipRule((Trigger("cross", rule="L1"),), post_s=5.0)
    crossed: list[Seen] = [(t, "cross", "in", 0) for t in (10.0, 14.0, 18.0, 40.0)]
    clips = occasions_of(rule, crossed, until_s=60)
    assert [(a, round(b, 1)) for a, b, _ in clips] == [(10.0, 23.1), (40.0, 45.1)]


@pytest.mark.parametrize("kind", ["enter", "appear_inside"])
def test_a_zone_that_is_entered_begins_one_that_lasts_as_the_stay_does(
    kind: str,
) -> None:
    rule = ClipRule((Trigger("enter", rule="Z1"),), post_s=2.0)
    happened = [(10.0, kind, "", 0.0), *staying(10, 30)]
    ((begin_s, end_s, why),) = occasions_of(rule, happened, until_s=60)
    assert [begin_s, end_s] == pytest.approx([10.0, 29.9 + 2.1])
    assert why.title == "person enters Z1"
    assert occasions_of(rule, staying(10, 30), until_s=60) == []  # was there before


def test_who_stays_long_enough_begins_one() -> None:
    rule = ClipRule((Trigger("dwell", rule="Z1", for_s=8.0),), post_s=1.0)
    ((begin_s, end_s, why),) = occasions_of(
        rule, [*staying(2, 9), *staying(20, 40)], until_s=60
    )
    assert [begin_s, end_s] == pytest.approx([28.0, 39.9 + 1.1])
    assert (why.title, why.trigger.lead_s) == ("person stays in Z1", 8.0)
    assert rule.reach_s == 5.0 + 8.0


def test_a_clip_that_is_too_long_goes_on_in_another_of_the_same_event() -> None:
    rule = ClipRule((Trigger("enter", rule="Z1"),), post_s=2.0, longest_s=10.0)
    clips = occasions_of(rule, [(5.0, "enter", "", 0.0), *staying(5, 30)], until_s=60)
    assert [(a, why.goes_on, why.number) for a, _, why in clips] == [
        (5.0, False, 1),
        (pytest.approx(15.1), True, 2),
        (pytest.approx(25.2), True, 3),
    ]


def test_a_zone_that_nobody_asked_for_begins_none() -> None:
    rule = ClipRule((Trigger("enter", rule="Z2"), Trigger("cross", rule="L2")))
    happened: list[Seen] = [(1.0, "enter", "", 0), (2.0, "cross", "in", 0)]
    assert occasions_of(rule, happened, until_s=20) == []


@pytest.mark.parametrize("field", ["pre_s", "post_s", "cool_down_s"])
def test_a_rule_checks_itself(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field} must be 0 or more, got -1"):
        ClipRule(**{field: -1})  # type: ignore[arg-type] # as the field is
    with pytest.raises(ValueError, match="longest_s must be above 0"):
        ClipRule(longest_s=0)
    with pytest.raises(ValueError, match="for_s must be 0 or more, got -1"):
        Trigger(for_s=-1)
    with pytest.raises(ValueError, match="rule of 'cross' must not be ''"):
        Trigger("cross")
