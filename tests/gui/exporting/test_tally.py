"""What app.gui.exporting.tally promises: sums by hand."""

import pytest

from app.gui.exporting.tally import WINDOW_S, Tally


def test_videos_that_are_not_open_yet_count_as_the_mean_of_the_others() -> None:
    tally = Tally(3)
    tally.tell(0, 50, 100, 0.0)
    tally.tell(1, 0, 300, 0.0)
    assert tally.share == pytest.approx(50 / (100 + 300 + 200))


def test_the_speed_is_of_late_and_the_rest_takes_as_long_as_it_says() -> None:
    tally = Tally(1)
    tally.tell(0, 0, 1000, 0.0)  # while a model was loaded
    tally.tell(0, 10, 1000, 10.0)
    tally.tell(0, 110, 1000, 12.0)
    assert tally.rate_fps == pytest.approx(100 / 2)
    assert tally.left_s == pytest.approx((1000 - 110) / 50)
    tally.tell(0, 130, 1000, 12.0 + WINDOW_S)  # what was fast is long ago
    assert tally.rate_fps == pytest.approx(20 / WINDOW_S)


def test_what_was_done_before_is_no_work_and_no_length() -> None:
    tally = Tally(3)
    tally.end(0, 0, 0.0)  # skipped
    tally.tell(1, 100, 200, 1.0)
    assert tally.share == pytest.approx(100 / (200 + 200))
    tally.end(1, 180, 2.0)  # shorter than its header said
    assert tally.share == pytest.approx(180 / (180 + 180))
    tally.end(2, 0, 3.0)
    assert tally.share == 1.0
    assert tally.ended == 3


def test_where_nobody_knows_how_long_it_is_no_time_is_told() -> None:
    tally = Tally(1)
    tally.tell(0, 0, 0, 0.0)
    tally.tell(0, 10, 0, 1.0)
    assert tally.rate_fps == pytest.approx(10)
    tally = Tally(2)
    assert (tally.share, tally.left_s) == (0.0, None)
    tally.end(0, 0, 1.0)
    assert tally.share == 0.5
