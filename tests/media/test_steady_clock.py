"""What app.media.steady_clock promises of packets, one by one."""

from fractions import Fraction

import pytest
from av.packet import Packet

from app.media.steady_clock import SteadyClock

BASE = Fraction(1, 1000)


def times_s(
    dts: list[int], *, stays: int, leaps_ahead: bool = True, offset: int = 0
) -> list[float]:
    """When packets of those times, each for `stays` ticks, are decoded."""
    clock = SteadyClock(leaps_ahead=leaps_ahead, interval_s=0.04)
    found = []
    for ticks in dts:
        packet = Packet(b"picture")
        packet.time_base = BASE
        packet.dts, packet.pts = ticks, ticks + offset
        packet.duration = stays
        clock.steady(packet)
        assert packet.dts is not None
        assert packet.pts is not None
        assert packet.pts - packet.dts == offset  # both move together
        found.append(float(packet.dts * BASE))
    return found


@pytest.mark.parametrize(
    ("stays", "begins_again_s"),
    [(0, 0.2), (100, 0.26)],  # 0.16, and what is usual or what it says itself
)
def test_a_clock_that_starts_anew_goes_on_behind_the_last_picture(
    stays: int, begins_again_s: float
) -> None:
    found = times_s([0, 40, 80, 120, 160, 0, 40], stays=stays, offset=20)
    expected = [0, 0.04, 0.08, 0.12, 0.16, begins_again_s, begins_again_s + 0.04]
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("leaps_ahead", "expected"), [(True, [0, 0.04, 0.08]), (False, [0, 0.04, 36_000])]
)
def test_a_leap_of_hours_is_one_where_clocks_leap_and_else_a_gap(
    expected: list[float], *, leaps_ahead: bool
) -> None:
    found = times_s([0, 40, 36_000_000], stays=40, leaps_ahead=leaps_ahead)
    assert found == pytest.approx(expected)


def test_what_grows_comes_out_as_it_was() -> None:
    dts = [0, 40, 40, 9000, 18_000, 17_950]  # a slip of less than a tenth, too
    assert times_s(dts, stays=40) == pytest.approx([ticks / 1000 for ticks in dts])
