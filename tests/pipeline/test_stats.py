"""What app.pipeline.stats promises."""

import pytest

from app.pipeline.stats import FpsMeter


def test_two_ticks_one_second_apart_are_one_fps() -> None:
    meter = FpsMeter()
    assert meter.tick(10.0) == 0.0
    assert meter.tick(11.0) == pytest.approx(1.0)


def test_a_steady_25_fps_reads_25() -> None:
    meter = FpsMeter()
    for i in range(200):
        meter.tick(i / 25)
    assert meter.fps == pytest.approx(25.0)


def test_a_rate_below_the_window_is_seen() -> None:
    meter = FpsMeter(window_s=1.0)
    meter.tick(0.0)
    assert meter.tick(4.0) == pytest.approx(0.25)


def test_old_ticks_are_forgotten() -> None:
    meter = FpsMeter(window_s=1.0)
    for i in range(100):
        meter.tick(i / 100)  # 100 fps for a second
    for i in range(21):
        meter.tick(1.0 + i / 10)  # then 10 fps for two
    assert meter.fps == pytest.approx(10.0)


def test_ticks_at_one_instant_give_no_rate() -> None:
    meter = FpsMeter()
    meter.tick(5.0)
    assert meter.tick(5.0) == 0.0


def test_the_rate_falls_once_ticks_stay_away() -> None:
    meter = FpsMeter(window_s=1.0)
    assert meter.rate_at(3.0) == 0.0
    for i in range(51):
        meter.tick(i / 25)  # the last one at 2 s
    assert meter.rate_at(2.9) == pytest.approx(25.0)
    assert meter.rate_at(7.0) == pytest.approx(0.2)  # none for five seconds
