"""What app.gui.playing.chores promises of the end of its threads."""

import threading

import pytest
from pytestqt.qtbot import QtBot

from app.gui.playing.chores import Chores

pytestmark = pytest.mark.gui


def ran(chores: Chores, qtbot: QtBot) -> None:
    """All that may take long at the end have done something, and wait for more."""
    told: list[object] = []
    for errands in (chores.mending, chores.telling):
        assert errands.run(lambda: None, then=told.append, or_else=told.append)
    qtbot.waitUntil(lambda: told == [None, None])


def test_who_has_nothing_to_do_is_not_taken_for_stuck(qtbot: QtBot) -> None:
    """The app ended its process by force then, each time, before `run_window` did."""
    chores = Chores()
    ran(chores, qtbot)
    assert chores.stop(3.0) == []


def test_who_mends_for_minutes_is_not_waited_for(qtbot: QtBot) -> None:
    chores = Chores()
    ran(chores, qtbot)
    goes_on = threading.Event()
    chores.mending.run(goes_on.wait, or_else=print)
    try:
        assert chores.stop(3.0) == ["errands"]
    finally:
        goes_on.set()
        assert chores.mending.stop(5.0) == []
