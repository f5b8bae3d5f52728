"""Dropping, pasting, typing, recent sources, the sheet of keys."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.gui.opening.address_dialog import AddressDialog
from app.gui.pages.shortcut_sheet import ShortcutSheet
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.settings import Settings
from tests.fakes import WAIT_S, FakeSource
from tests.gui.conftest import Bench, make_window
from tests.gui.drops import drop, files, link, words
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import playing as playing  # fixtures
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui

CTRL = Qt.KeyboardModifier.ControlModifier
CAMERA = "rtsp://me:secret@host/live"


# --- what is dropped or pasted ------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (files("/videos/a.mp4"), "/videos/a.mp4"),
        (files("/photos"), "/photos"),
        (files("/a.jpg", "/b.jpg"), "/a.jpg\n/b.jpg"),
        (link("rtsp://host/live"), "rtsp://host/live"),
        (words("  http://host/video.mjpeg \n"), "http://host/video.mjpeg"),
        (words("/videos/a.mp4"), "/videos/a.mp4"),
        (words("holiday.MP4"), "holiday.MP4"),
        (words("a.mpg\nb.jpg"), "a.mpg\nb.jpg"),
        (words("a.mpg\nof last year"), ""),
        (words("C:\\videos\\a.avi"), "C:\\videos\\a.avi"),
        (words("Dear all, see you tomorrow"), ""),
        (words("see http://host and tell me"), ""),
        (words("/" + 5000 * "x"), ""),
        (QMimeData(), ""),
        (None, ""),  # a clipboard that nothing was ever copied to
    ],
)
def test_what_names_a_source_is_taken_and_nothing_else(
    window: MainWindow, data: QMimeData | None, text: str
) -> None:
    assert window.opener.text_of(data) == text


def test_a_dropped_address_plays(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["rtsp://host/live"] = FakeSource(3, is_live=True)
    assert drop(window, link("rtsp://host/live"))
    until(lambda: bench.sources["rtsp://host/live"].opened_by == "capture")


def test_a_dropped_folder_plays(window: MainWindow, bench: Bench, until: Until) -> None:
    bench.sources["/photos"] = FakeSource(3)
    assert drop(window, files("/photos"))
    until(lambda: bench.sources["/photos"].opened_by == "capture")


def test_a_dropped_model_runs(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    assert drop(window, files("/models/mine.onnx"))
    until(lambda: bench.made[-1] == ("mine.onnx", "cpu"))
    until(lambda: not window._player.is_switching)
    playing.open()


def test_a_dropped_letter_is_not_taken(window: MainWindow) -> None:
    assert not drop(window, words("Dear all"))


def test_what_was_copied_is_pasted(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["http://host/video.mjpeg"] = FakeSource(3, is_live=True)
    QGuiApplication.clipboard().setText("http://host/video.mjpeg")
    QTest.keyClick(window, Qt.Key.Key_V, CTRL)
    until(lambda: bench.sources["http://host/video.mjpeg"].opened_by == "capture")


def test_the_screen_can_be_watched(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["screen"] = FakeSource(3, is_live=True)
    window.actions_.open_screen.trigger()
    until(lambda: bench.sources["screen"].opened_by == "capture")


# --- the address dialog -------------------------------------------------------


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> AddressDialog:
    QGuiApplication.clipboard().setText("")
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_L, CTRL)
    return window.findChildren(AddressDialog)[0]


def test_an_address_is_typed_and_opened_with_enter(
    window: MainWindow, dialog: AddressDialog, bench: Bench, until: Until
) -> None:
    bench.sources["rtsp://host/live"] = FakeSource(3, is_live=True)
    assert not dialog.open_button.isEnabled()
    QTest.keyClicks(dialog.line, " rtsp://host/live ")
    QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    until(lambda: bench.sources["rtsp://host/live"].opened_by == "capture")
    until(lambda: not window.findChildren(AddressDialog))


def test_escape_leaves_everything_as_it_was(
    window: MainWindow, dialog: AddressDialog, until: Until
) -> None:
    QTest.keyClicks(dialog.line, "rtsp://host/live")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    until(lambda: not window.findChildren(AddressDialog))
    assert not window._player.is_running


def test_a_copied_address_is_there_already(window: MainWindow) -> None:
    QGuiApplication.clipboard().setText("rtsp://host/live")
    window.actions_.open_address.trigger()
    (dialog,) = window.findChildren(AddressDialog)
    assert dialog.line.text() == dialog.line.selectedText() == "rtsp://host/live"
    dialog.close()


# --- recent sources -----------------------------------------------------------


def recent(window: MainWindow) -> list[str]:
    window.opener.recent_menu.aboutToShow.emit()
    return [action.text() for action in window.opener.recent_menu.actions()]


def test_what_played_is_offered_again_without_its_password(
    window: MainWindow, bench: Bench, until: Until, tmp_path: Path
) -> None:
    assert recent(window) == ["Nothing yet"]
    bench.sources[CAMERA] = FakeSource(3, is_live=True)
    window.open_source(CAMERA)
    until(lambda: recent(window)[0] == "rtsp://host/live")
    until(lambda: not window._player.is_running)
    bench.sources[CAMERA] = FakeSource(3, is_live=True)
    window.opener.recent_menu.actions()[0].trigger()  # with it
    until(lambda: bench.sources[CAMERA].opened_by == "capture")
    window._player.chores.stop(WAIT_S)
    assert "secret" not in (tmp_path / "recent.json").read_text()


def test_no_password_is_seen_while_it_opens(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    gate = Gate()
    bench.sources[CAMERA] = FakeSource(3, is_live=True, on_open=lambda: gate(1))
    window.open_source(CAMERA)
    until(lambda: window.page.title.text() == "Opening rtsp://host/live")
    shown = [label.text() for label in window.findChildren(QLabel)]
    assert not any("secret" in text for text in shown)
    gate.open()


def test_they_are_there_at_the_next_start(
    window: MainWindow,
    player: Player,
    bench: Bench,
    until: Until,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    bench.sources["clip"] = FakeSource(3)
    window.open_source("clip")
    until(lambda: window.notice.text == "The end.")
    until(lambda: (tmp_path / "recent.json").exists())
    again = make_window(player, bench, tmp_path)
    qtbot.addWidget(again)
    until(lambda: recent(again)[0] == "clip")


def test_they_can_be_forgotten(
    window: MainWindow, bench: Bench, until: Until, tmp_path: Path
) -> None:
    bench.sources["clip"] = FakeSource(3)
    window.open_source("clip")
    until(lambda: recent(window)[0] == "clip")
    window.opener.recent_menu.actions()[-1].trigger()
    assert recent(window) == ["Nothing yet"]
    kept = tmp_path / "recent.json"
    until(lambda: kept.exists() and kept.read_text() == "[]")


# --- keys ---------------------------------------------------------------------


@pytest.mark.parametrize("key", [Qt.Key.Key_F1, Qt.Key.Key_Question])
def test_the_sheet_names_every_key(
    window: MainWindow, until: Until, key: Qt.Key
) -> None:
    QTest.keyClick(window, key)
    (sheet,) = window.findChildren(ShortcutSheet)
    shown = {label.text() for label in sheet.findChildren(QLabel)}
    for action in window.actions():
        for shortcut in action.shortcuts():
            assert shortcut.toString() in shown, action.text()
        if action.shortcuts():
            assert action.text() in shown
    assert {"Left", "Right", "Home", "End"} <= shown
    QTest.keyClick(sheet, key)
    until(lambda: not window.findChildren(ShortcutSheet))


def test_no_key_means_two_things(window: MainWindow) -> None:
    keys = [k.toString() for action in window.actions() for k in action.shortcuts()]
    assert len(keys) == len(set(keys))


def test_the_keys_of_the_issue_are_there(window: MainWindow) -> None:
    keys = {k.toString() for action in window.actions() for k in action.shortcuts()}
    assert {"Space", "F", "R", "S", "L", "Ctrl+O", "Ctrl+Q", "Ctrl+V", "F9"} <= keys


def test_space_presses_the_button_that_tab_has_reached(
    window: MainWindow, playing: Gate, player: Player
) -> None:
    button: QPushButton = window.sections.model.make
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert window.sections.model.advice.isVisible()
    assert not player.is_paused
    playing.open()


def test_a_click_on_a_button_leaves_space_to_the_picture(
    window: MainWindow, playing: Gate, player: Player
) -> None:
    window.scene.setFocus()
    QTest.mouseClick(window.sections.model.make, Qt.MouseButton.LeftButton)
    assert window.focusWidget() is window.scene
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert player.is_paused
    playing.open()


def test_full_screen_hides_all_but_the_picture_and_brings_it_back(
    window: MainWindow, playing: Gate
) -> None:
    parts = (window.toolbar, window.status, window.panel)
    QTest.keyClick(window, Qt.Key.Key_F)
    assert not any(part.isVisible() for part in parts)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert all(part.isVisible() for part in parts)
    playing.open()


# --- settings -----------------------------------------------------------------


def test_settings_are_saved_a_moment_after_they_changed(
    window: MainWindow, until: Until, tmp_path: Path
) -> None:
    window.saver._timer.setInterval(20)
    window.sections.detection.score.setValue(81)
    until(lambda: (tmp_path / "settings.json").exists())
    assert '"score_threshold": 0.81' in (tmp_path / "settings.json").read_text()


def test_what_is_taken_back_is_saved_too(
    window: MainWindow, until: Until, tmp_path: Path
) -> None:
    for value in (81, 50):  # what it was begun with
        window.sections.detection.score.setValue(value)
        window.saver.save()
        # Other errands of the window may come between.
        until(lambda v=value: saved_threshold(tmp_path) == v / 100)  # type: ignore[misc] # bound now


def saved_threshold(folder: Path) -> float:
    path = folder / "settings.json"
    return Settings.load(path).score_threshold if path.exists() else -1.0


def test_a_home_that_cannot_be_written_to_costs_no_more_than_that(
    window: MainWindow, until: Until, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    window.saver._path = tmp_path / "file" / "settings.json"  # no folder
    window.sections.detection.score.setValue(81)
    done: list[object] = []
    window.saver.save()
    window._player.chores.saving.run(lambda: 1, then=done.append, or_else=done.append)
    until(lambda: done == [1])
    assert not window.notice.text


def test_an_untouched_window_leaves_alone_what_another_one_changed(
    window: MainWindow, player: Player, bench: Bench, until: Until, tmp_path: Path
) -> None:
    path = tmp_path / "settings.json"
    Settings(device="cpu", line_scale=2.0).save(path)  # by the other one, just now
    window.saver.save()
    window.sections.detection.score.setValue(81)
    window.saver.save()
    until(lambda: "0.81" in path.read_text())
    assert Settings.load(path) == Settings(
        device="cpu", line_scale=2.0, score_threshold=0.81, threshold_chosen=True
    )
