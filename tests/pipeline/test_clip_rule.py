"""What app.pipeline.clip_rule promises, on a clock of the test's."""

import random
from itertools import pairwise

import pytest

from app.pipeline.clip_rule import ClipDecider, ClipRule, Decision

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


RULE = ClipRule(("dog",), at_least_s=1.0, post_s=5.0, longest_s=60.0)


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
    rule = ClipRule(at_least_s=0.0, post_s=1.0, cool_down_s=30.0)
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


@pytest.mark.parametrize("field", ["at_least_s", "pre_s", "post_s", "cool_down_s"])
def test_a_rule_checks_itself(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field} must be 0 or more, got -1"):
        ClipRule(**{field: -1})  # type: ignore[arg-type] # as the field is
    with pytest.raises(ValueError, match="longest_s must be above 0"):
        ClipRule(longest_s=0)
