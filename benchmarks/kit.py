"""Timing things in turns, so that a machine that slows down slows all of them.

A *turn* runs one thing for a moment and answers one `Sample`. In a round each thing
gets a turn; every other round goes backwards, so that nobody always comes first.
What is compared is compared within rounds.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEAST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """One turn.

    Attributes:
        wall_ms: of one call, the median of the turn's calls.
        core_ms: processor time of one call over all threads, the turn's mean.
    """

    wall_ms: float
    core_ms: float


Turn = Callable[[], Sample]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rounds of one thing come to.

    Attributes:
        median_ms: of the rounds.
        low_ms: the quarter of the rounds that were fastest ended here.
        high_ms: the quarter that were slowest began here.
        core_ms: processor time a call, median of the rounds.
        rounds: how many there were.
    """

    median_ms: float
    low_ms: float
    high_ms: float
    core_ms: float
    rounds: int

    def __str__(self) -> str:
        """The median and the middle half of the rounds, for a table."""
        low, median, high = (
            digits(value) for value in (self.low_ms, self.median_ms, self.high_ms)
        )
        return f"{median} ({low}-{high})"


def digits(value: float) -> str:
    """Three digits that count: 0.0123, 1.23, 12.3, 123, 12345."""
    if value == 0:
        return "0"
    places = 2
    magnitude = abs(value)
    while magnitude >= 10 and places:
        magnitude, places = magnitude / 10, places - 1
    while magnitude < 1 and places < 4:
        magnitude, places = magnitude * 10, places + 1
    return f"{value:.{places}f}"


def turn_of(call: Callable[[], object], *, least_s: float = 0.05) -> Turn:
    """A turn that calls `call` for at least `least_s` seconds, and at least once."""

    def turn() -> Sample:
        walls_ms: list[float] = []
        began_core_s = time.process_time()
        began_s = before_s = time.perf_counter()
        while True:
            call()
            now_s = time.perf_counter()
            walls_ms.append(1e3 * (now_s - before_s))
            before_s = now_s
            if now_s - began_s >= least_s:
                break
        core_ms = 1e3 * (time.process_time() - began_core_s) / len(walls_ms)
        return Sample(statistics.median(walls_ms), core_ms)

    return turn


def take_turns(
    turns: Mapping[str, Turn],
    *,
    budget_s: float,
    least_rounds: int = LEAST_ROUNDS,
    now: Callable[[], float] = time.monotonic,
) -> dict[str, list[Sample]]:
    """Rounds of turns for about `budget_s` seconds; after one that does not count.

    Returns:
        By name, a sample a round; all have the same number of rounds.
    """
    names = list(turns)
    for name in names:
        turns[name]()
    samples: dict[str, list[Sample]] = {name: [] for name in names}
    began_s = now()
    rounds = 0
    while rounds < least_rounds or now() - began_s < budget_s:
        for name in names if rounds % 2 == 0 else reversed(names):
            samples[name].append(turns[name]())
        rounds += 1
    return samples


def figures(samples: Sequence[Sample]) -> Figures:
    """Median and middle half of the rounds."""
    walls_ms = sorted(sample.wall_ms for sample in samples)
    if len(walls_ms) > 1:
        low_ms, median_ms, high_ms = statistics.quantiles(walls_ms, method="inclusive")
    else:
        low_ms = median_ms = high_ms = walls_ms[0]
    core_ms = statistics.median(sample.core_ms for sample in samples)
    return Figures(median_ms, low_ms, high_ms, core_ms, len(walls_ms))


def times_as_fast(ours: Sequence[Sample], theirs: Sequence[Sample]) -> float:
    """How many times as fast ours is: the median of the rounds' own ratios."""
    return statistics.median(
        their.wall_ms / our.wall_ms for our, their in zip(ours, theirs, strict=True)
    )


def as_data(samples: Mapping[str, Sequence[Sample]]) -> dict[str, Any]:
    """For the JSON: figures and every round, by name."""
    return {
        name: {
            "median_ms": figures(own).median_ms,
            "core_ms": figures(own).core_ms,
            "rounds_ms": [round(sample.wall_ms, 4) for sample in own],
        }
        for name, own in samples.items()
    }
