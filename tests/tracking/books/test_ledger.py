"""What was counted is not forgotten by a jump, nor counted twice."""

from dataclasses import replace

from app.tracking.books.ledger import Ledger
from app.tracking.events import Event
from app.tracking.rules import Line, Rules
from app.tracking.watcher import Stint

L1 = Line("L1", (0.5, 0.2), (0.5, 0.8))
L2 = Line("L2", (0.2, 0.2), (0.2, 0.8))
RULES = Rules(lines=(L1,))


def crossing(time_s: float, *, track: int = 1, rule: str = "L1") -> Event:
    return Event(time_s, int(10 * time_s), "cross", rule, "in", track, "person", (9, 9))


def stint(
    number: int, since_s: float, until_s: float, *times_s: float, rules: Rules = RULES
) -> Stint:
    events = tuple(crossing(time_s, track=number) for time_s in times_s)
    ins = {"L1": {"person": {"in": len(events), "out": 0}}}
    return Stint(number, rules, events, ins, since_s, until_s)


def times_s(ledger: Ledger, rules: Rules = RULES) -> list[float]:
    return [event.time_s for event in ledger.events(rules)]


def test_what_is_watched_again_is_counted_once() -> None:
    ledger = Ledger()
    ledger.look(stint(1, 0, 20, 3, 8, 15))
    ledger.look(stint(2, 7, 7))
    assert times_s(ledger) == [3, 8, 15]  # a look back costs nothing
    ledger.look(stint(2, 7, 13, 12))  # which was missed before; 8 is too early to tell
    assert times_s(ledger) == [3, 8, 12, 15]
    ledger.look(stint(2, 7, 15.5, 12))  # who crossed at 15 is known a second later
    assert times_s(ledger) == [3, 8, 12, 15]
    ledger.look(stint(2, 7, 18, 12))  # 15 was none
    assert times_s(ledger) == [3, 8, 12]
    assert ledger.counts(RULES) == {"L1": {"person": {"in": 3, "out": 0}}}


def test_what_a_first_look_did_not_see_is_not_seen_by_one_that_just_began() -> None:
    ledger = Ledger()
    ledger.look(stint(1, 0, 20, 3, 15))
    ledger.look(stint(2, 7, 8, 7.5))
    assert times_s(ledger) == [3, 15]


def test_an_hour_that_is_skipped_is_no_loss() -> None:
    ledger = Ledger()
    ledger.look(stint(1, 0, 20, 3))
    ledger.look(stint(2, 3600, 3610, 3600.5, 3605))
    assert times_s(ledger) == [3, 3600.5, 3605]


def test_another_line_costs_the_first_one_nothing() -> None:
    ledger = Ledger()
    ledger.look(stint(1, 0, 20, 3, 8))
    both = Rules(lines=(L1, L2))
    assert times_s(ledger, both) == [3, 8]
    ledger.look(stint(2, 20, 30, 25, rules=both))
    assert times_s(ledger, both) == [3, 8, 25]
    assert ledger.counts(both)["L1"]["person"]["in"] == 3


def test_a_line_that_is_moved_begins_anew_and_one_with_a_new_name_does_not() -> None:
    ledger = Ledger()
    ledger.look(stint(1, 0, 20, 3, 8))
    moved = Rules(lines=(replace(L1, to_xy=(0.6, 0.8)),))
    assert times_s(ledger, moved) == []
    named = Rules(lines=(replace(L1, name="door"),))
    assert [event.rule for event in ledger.events(named)] == ["door", "door"]
    assert ledger.counts(named) == {"door": {"person": {"in": 2, "out": 0}}}
