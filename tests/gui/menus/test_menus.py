"""Menus, the palette, and the dialogs that they open."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.gui.action_table import ACTIONS
from app.gui.menus.about import AboutDialog
from app.gui.menus.checkup import CheckupDialog
from app.gui.menus.palette import CommandPalette, rank
from app.gui.pages.advice import Advice
from app.gui.window import MainWindow
from tests.gui.conftest import Bench
from tests.gui.test_window import Until
from tests.gui.test_window import playing as playing  # fixtures
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui

REPORT = {
    "exit_code": 1,
    "model_problem": "",
    "model_remedy": "",
    "auto": "cpu",
    "remarks": [],
    "devices": [
        {
            "device": "cpu",
            "title": "CPU",
            "state": "works",
            "reason": "",
            "remedy": "",
            "model": "m.int8.onnx",
            "precision": "int8",
            "latency_ms": 12.34,
        },
        {
            "device": "cuda",
            "title": "NVIDIA GPU (CUDA)",
            "state": "broken",
            "reason": "cuDNN is missing",
            "remedy": "pip install nvidia-cudnn-cu13",
            "model": "",
            "precision": "",
            "latency_ms": None,
        },
    ],
}


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def actions_below(menu: QMenu) -> set[str]:
    found: set[str] = set()
    for action in menu.actions():
        found.add(action.objectName())
        if isinstance(below := action.menu(), QMenu):
            found |= actions_below(below)
    return found


def test_the_mouse_reaches_everything_that_can_be_done(window: MainWindow) -> None:
    """A key is a short cut, never the only way."""
    seen = {action.objectName() for action in window.toolbar.actions()}
    for button in window.findChildren(QToolButton):
        if isinstance(action := button.defaultAction(), QAction):
            seen.add(action.objectName())
        if isinstance(menu := button.menu(), QMenu):
            seen |= actions_below(menu)
    assert {row.name for row in ACTIONS} - seen == {"paste"}  # a drop is its mouse


@pytest.mark.usefixtures("playing")
def test_the_picture_has_the_same_menu(window: MainWindow, qtbot: QtBot) -> None:
    menu = window.toolbar.more_menu
    window.scene.customContextMenuRequested.emit(QPoint(40, 40))
    qtbot.waitUntil(menu.isVisible)
    assert menu.pos() == window.scene.mapToGlobal(QPoint(40, 40))
    menu.close()


@pytest.mark.usefixtures("playing")
def test_the_palette_does_what_is_typed(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    window.actions_.palette.trigger()
    (palette,) = window.findChildren(CommandPalette)
    QTest.keyClicks(palette.search, "boxes snap")  # words in any order
    assert palette.found.count() == 1
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    until(lambda: bool(bench.snapshots))
    assert bench.titles == [("fake", "")]


def test_the_palette_offers_what_is_possible_and_moves_with_the_arrows(
    window: MainWindow,
) -> None:
    palette = CommandPalette(window, window.actions())
    texts = [palette.found.item(i).text() for i in range(palette.found.count())]
    assert any(text.startswith("Open file") for text in texts)
    assert not any(text.startswith("Snapshot") for text in texts)  # of no picture
    QTest.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.found.currentRow() == 1
    QTest.keyClicks(palette.search, "xyzzy")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)  # of nothing found: nothing
    palette.close()


@pytest.mark.parametrize(
    ("typed", "text", "place"),
    [
        ("", "Snapshot", 0),
        ("snap", "Snapshot without boxes", 0),
        ("boxes SNAP", "Snapshot without boxes", 1),
        ("shot", "Snapshot", 2),
        ("snst", "Snapshot", 3),
        ("shotsnapper", "Snapshot", None),
    ],
)
def test_rank(typed: str, text: str, place: int | None) -> None:
    assert rank(typed, text) == place


def test_about_names_versions_and_can_be_copied(parent: QWidget) -> None:
    about = AboutDialog(parent, "The app", {"Model": "m.onnx"})
    assert "x264" in about.said.text()
    about.copy.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert f"numpy: {version('numpy')}" in lines
    assert "Model: m.onnx" in lines
    about.close()


def checkup(parent: QWidget, code: str) -> CheckupDialog:
    dialog = CheckupDialog(parent, (sys.executable, "-c", code), "m.onnx")
    dialog.open()
    return dialog


def test_the_checkup_shows_each_device_and_its_remedy(
    qtbot: QtBot, parent: QWidget, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps(REPORT))
    dialog = checkup(parent, f"print(open({str(report)!r}).read())")
    qtbot.waitUntil(
        lambda: dialog.verdict.text().startswith("It works, but"), timeout=20_000
    )
    (advice,) = dialog.findChildren(Advice)
    assert advice.text == "cuDNN is missing."
    assert advice.command.text == "pip install nvidia-cudnn-cu13"
    assert json.loads(dialog.copy.text_to_copy) == REPORT
    dialog.close()


def test_a_checkup_that_fails_says_why(qtbot: QtBot, parent: QWidget) -> None:
    dialog = checkup(parent, "import sys; sys.exit('error: no such option')")
    qtbot.waitUntil(lambda: "no such option" in dialog.verdict.text(), timeout=20_000)
    dialog.close()


def test_a_checkup_that_is_closed_leaves_no_process(
    qtbot: QtBot, parent: QWidget
) -> None:
    this = psutil.Process()
    before = set(this.children())
    dialog = checkup(parent, "import time; time.sleep(600)")
    qtbot.waitUntil(lambda: bool(set(this.children()) - before), timeout=20_000)
    (started,) = set(this.children()) - before
    dialog.close()
    assert not started.is_running()


def test_no_button_moves_when_another_changes_its_words(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.resize(1280, 780)
    qtbot.waitUntil(lambda: window.toolbar.width() > 1000)
    snapshot = window.toolbar.widgetForAction(window.actions_.snapshot)
    at = snapshot.x()
    for pause in ("Play", "Resume", "Pause"):
        for record in ("Stop 0:07", "Stop 12:34", "Record"):
            window.actions_.pause.setText(pause)
            window.actions_.record.setIconText(record)
            QTest.qWait(0)
            assert snapshot.x() == at
