"""The table of actions, and what the window makes of it."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.gui.action_row import GROUPS
from app.gui.action_table import ACTIONS, TOOLBAR
from app.gui.actions import Actions
from app.gui.look.icons import icon
from app.gui.playing.ending import Ending
from app.gui.playing.player import Player
from app.gui.seeking.rows import IN_FILE_ROWS, LIST_ACTIONS
from app.gui.state import WindowState
from app.gui.window import MainWindow
from tests.fakes import FakeSource
from tests.gui.conftest import Bench
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import playing as playing  # fixtures
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui

NOTHING = WindowState()
PLAYS = WindowState(is_running=True, is_open=True, has_picture=True)
LIST = set(LIST_ACTIONS)
IN_A_FILE = {row.name for row in IN_FILE_ROWS} - {"part_alone"} - LIST
SHIFTED = {"back_5", "on_5"}  # closer, the keys move the picture


@pytest.fixture
def actions(qtbot: QtBot) -> Actions:
    widget = QWidget()
    qtbot.addWidget(widget)
    return Actions(widget)


def test_every_row_has_its_own_name_a_known_group_and_an_icon_that_is_drawn(
    actions: Actions, qtbot: QtBot
) -> None:
    names = [row.name for row in ACTIONS]
    assert len(set(names)) == len(names)
    assert {row.group for row in ACTIONS} == set(GROUPS)
    assert set(TOOLBAR) <= set(names)
    for row in ACTIONS:
        for state in (NOTHING, PLAYS, replace(PLAYS, is_paused=True)):
            face = row.face if row.face_now is None else row.face_now(state)
            if face.icon:
                assert not icon(face.icon, QWidget().palette()).isNull()


def test_a_name_that_is_in_no_row_is_no_action(actions: Actions) -> None:
    with pytest.raises(AttributeError):
        _ = actions.fly


@pytest.mark.parametrize(
    ("state", "impossible"),
    [
        (
            NOTHING,
            {
                *("close_source", "pause", "record", "save_replay", "snapshot"),
                *("plain_snapshot", "keep_test"),
                *("undo", "redo"),
            },
        ),
        (PLAYS, {"undo", "redo"}),
        (
            replace(PLAYS, is_open=False),
            {"undo", "redo", "record", "save_replay", "keep_test"},
        ),
        (replace(PLAYS, can_undo=True, is_switching=True), {"redo", "open_model"}),
        (replace(PLAYS, can_redo=True), {"undo"}),
    ],
)
def test_only_what_is_possible_can_be_chosen(
    actions: Actions, state: WindowState, impossible: set[str]
) -> None:
    def disabled() -> set[str]:
        return {r.name for r in ACTIONS if not getattr(actions, r.name).isEnabled()}

    actions.show_state(state)
    assert disabled() == impossible | IN_A_FILE | LIST
    actions.show_state(replace(state, has_list=True, is_file=True))
    assert disabled() == impossible
    actions.show_state(replace(state, is_file=True, is_zoomed=True))
    assert disabled() == impossible | SHIFTED | LIST


@pytest.mark.parametrize(
    ("state", "pause", "record"),
    [
        (PLAYS, "Pause", "Record"),
        (replace(PLAYS, is_paused=True), "Resume", "Record"),
        (replace(PLAYS, is_paused=True, is_file=True), "Play", "Record"),
        (replace(PLAYS, is_recording=True), "Pause", "Stop recording"),
    ],
)
def test_a_button_says_what_it_would_do_now(
    actions: Actions, state: WindowState, pause: str, record: str
) -> None:
    actions.show_state(state)
    assert (actions.pause.text(), actions.record.text()) == (pause, record)


def test_a_source_that_cannot_be_opened_does_not_hide_the_end_of_what_plays(
    window: MainWindow, playing: Gate, player: Player, until: Until
) -> None:
    window.open_source("nothing")
    until(lambda: "There is no nothing." in window.notice.text)
    window.notice.dismiss()
    playing.open()
    until(lambda: window.notice.text == "The end.")
    assert player.ending is Ending.PLAYED


def test_how_it_ended_is_known(
    window: MainWindow, bench: Bench, player: Player, until: Until
) -> None:
    def bug(_: int) -> None:
        raise ZeroDivisionError("oh no")

    def ending() -> Ending | None:
        return player.ending

    assert ending() is None
    bench.sources["clip"] = FakeSource(3, before=bug)
    window.open_source("clip")
    until(lambda: player.ending is Ending.FAILED and not player.is_running)
    gate = Gate()
    bench.sources["clip"] = FakeSource(3, is_live=True, before=gate)
    window.open_source("clip")
    until(lambda: player.info is not None)
    assert ending() is None
    window.close_source()
    assert ending() is Ending.CLOSED
    gate.open()
    until(lambda: not player.is_running)
    assert ending() is Ending.CLOSED
