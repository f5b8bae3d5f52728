"""What benchmarks.kit promises."""

import itertools

import pytest

from benchmarks.kit import Sample, digits, figures, take_turns, times_as_fast, turn_of


def samples(*walls_ms: float) -> list[Sample]:
    return [Sample(wall_ms, 2 * wall_ms) for wall_ms in walls_ms]


def test_every_other_round_goes_backwards_after_one_that_does_not_count() -> None:
    order: list[str] = []

    def turn(name: str) -> Sample:
        order.append(name)
        return Sample(1.0, 1.0)

    names = ("a", "b", "c")
    taken = take_turns(
        {name: lambda name=name: turn(name) for name in names},  # type: ignore[misc] # mypy: lambdas with defaults
        budget_s=0.0,
        least_rounds=3,
    )
    assert "".join(order) == "abc" + "abc" + "cba" + "abc"
    assert {name: len(own) for name, own in taken.items()} == dict.fromkeys(names, 3)


def test_rounds_go_on_until_the_budget_is_spent() -> None:
    clock = itertools.count()  # a second a look
    taken = take_turns(
        {"a": lambda: Sample(1.0, 1.0)},
        budget_s=10.0,
        least_rounds=1,
        now=lambda: float(next(clock)),
    )
    # It began at 0 and looks after rounds 1, 2 ...: at 1, 2 ... 10.
    assert len(taken["a"]) == 10


def test_a_machine_that_slows_down_slows_both_and_the_ratio_stays() -> None:
    ours, theirs = samples(1, 2, 4, 8, 16), samples(3, 6, 12, 24, 48)
    assert times_as_fast(ours, theirs) == 3


def test_one_disturbed_round_does_not_move_the_ratio() -> None:
    assert times_as_fast(samples(1, 1, 1), samples(2, 2, 900)) == 2


def test_figures_are_median_and_middle_half() -> None:
    found = figures(samples(5, 1, 2, 4, 3))
    assert (found.low_ms, found.median_ms, found.high_ms) == (2, 3, 4)
    assert (found.core_ms, found.rounds) == (6, 5)
    assert str(found) == "3.00 (2.00-4.00)"


def test_a_turn_times_every_call_and_at_least_one() -> None:
    calls: list[int] = []
    sample = turn_of(lambda: calls.append(1), least_s=0.0)()
    assert calls == [1]
    assert sample.wall_ms >= 0
    turn_of(lambda: calls.append(1), least_s=0.01)()
    assert len(calls) > 10


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.01234, "0.0123"),
        (0.1234, "0.123"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (123.4, "123"),
        (12345.6, "12346"),
        (-1.234, "-1.23"),
    ],
)
def test_three_digits_count(value: float, text: str) -> None:
    assert digits(value) == text
