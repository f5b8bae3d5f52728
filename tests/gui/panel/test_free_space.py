"""What the disk has left for recordings."""

import shutil
from pathlib import Path

import pytest

from app.gui.panel.free_space import free_bytes, gigabytes, steady
from app.gui.playing.keeper import RecordingState
from app.gui.window import MainWindow
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui


def test_what_the_disk_has_left_is_said_as_room_and_as_time(
    window: MainWindow, until: Until
) -> None:
    section = window.sections.recording
    until(lambda: section.room.text().endswith("GB free"))  # of this very disk
    window.free_space._timer.stop()
    section.show_free(36_000_000_000)
    assert section.room.text() == "36 GB free"
    assert section.room.property("short") == "false"
    # 10 MB in 10 s: 36 GB are 36,000 s.
    section.show_state(RecordingState("0:10", False, 10_000_000, 0, 10.0))
    assert section.room.text() == "36 GB free: room for 10 h more"
    section.show_state(RecordingState("0:02", False, 10_000_000, 0, 2.0))
    assert section.room.text() == "36 GB free"  # too early to say
    section.show_free(300_000_000)
    section.show_state(RecordingState("0:10", False, 10_000_000, 0, 10.0))
    assert section.room.text() == "0.3 GB free: room for 5 min more"
    assert section.room.property("short") == "true"


@pytest.mark.parametrize(
    ("free", "shown", "then"),
    [
        (9_940_000_000, 10_030_000_000, 10_030_000_000),  # from both sides of 10 GB
        (10_030_000_000, 9_940_000_000, 9_940_000_000),
        (9_800_000_000, 10_030_000_000, 9_800_000_000),
        (36_900_000_000, 36_000_000_000, 36_000_000_000),
        (37_000_000_000, 36_000_000_000, 37_000_000_000),
        (1_260_000_000, 1_200_000_000, 1_200_000_000),
        (1_300_000_000, 1_200_000_000, 1_300_000_000),
        (1_200_000_000, None, 1_200_000_000),
    ],
)
def test_a_figure_stays_until_it_is_a_step_off(
    free: int, shown: int | None, then: int
) -> None:
    assert steady(free, shown=shown) == then


def test_from_ten_gigabytes_on_there_are_no_tenths() -> None:
    assert gigabytes(9_940_000_000) == "9.9"
    assert gigabytes(10_000_000_000) == "10"
    assert gigabytes(52_300_000_000) == "52"


def test_room_is_asked_for_where_the_folder_will_be(tmp_path: Path) -> None:
    there = free_bytes(tmp_path)
    later = free_bytes(tmp_path / "Videos" / "recordings")
    assert later == pytest.approx(there, rel=0.05)
    assert later == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.05)
