"""What app.gui.opening.afterwards promises."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.gui.opening import afterwards
from app.gui.opening.afterwards import Afterwards, FirstPaint
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from tests.fakes import FakeSource
from tests.gui.conftest import Bench, make_window
from tests.python import said_by

pytestmark = pytest.mark.gui

# Starts the app without a screen, and says which heavy libraries are loaded when its
# window has been painted, and that the clip is played then.
_START = """
import os, sys, main
import app.gui.app as gui
from app.gui.window import MainWindow

class Window(MainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        heavy = {"cv2", "av", "onnxruntime", "openvino", "PIL"}
        print(sorted(heavy & set(sys.modules)), flush=True)

    def on_painted(self):
        print("a picture", flush=True)
        os._exit(0)

def make(*args, **names):
    window = Window(*args, **names)
    window.video.painted.connect(window.on_painted)
    return window

gui.MainWindow = make
main.main(["assets/bikes.mp4", "--device", "cpu"])
"""


def test_a_window_is_painted_before_anything_heavy_is_loaded() -> None:
    shown = said_by(_START).splitlines()
    assert (shown[0], shown[-1]) == ("[]", "a picture")


def test_devices_are_listed_once_a_picture_is_there(
    player: Player, bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    window.afterwards.wait()
    window.show()
    bench.sources["clip"] = FakeSource(3)
    asked_at: list[bool] = []
    window.afterwards.do(lambda: asked_at.append(window.video.has_image))
    window.open_source("clip")
    assert asked_at == []
    qtbot.waitUntil(lambda: bool(asked_at))
    assert asked_at == [True]
    qtbot.waitUntil(lambda: window.sections.backend.device.count() == 4)


def test_where_nothing_is_opened_they_are_listed_at_once(
    window: MainWindow, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: window.sections.backend.device.count() == 4)
    qtbot.waitUntil(lambda: window.watch.has_looked)


def test_a_picture_that_does_not_come_holds_nothing_up(
    player: Player, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(afterwards, "PATIENCE_MS", 20)
    later = Afterwards(player, window.closing, window)
    done: list[str] = []
    later.do(lambda: done.append("waited"))
    later.wait()
    qtbot.waitUntil(lambda: done == ["waited"])
    later.do(lambda: done.append("at once"))
    assert done == ["waited", "at once"]
    later.begin()
    assert done == ["waited", "at once"]


def test_a_window_that_closes_begins_nothing(
    player: Player, window: MainWindow
) -> None:
    later = Afterwards(player, window.closing, window)
    done: list[str] = []
    later.do(lambda: done.append("begun"))
    window.close_without_asking()
    later.begin()
    assert done == []


def test_nobody_is_told_in_a_window_that_is_gone(player: Player, qtbot: QtBot) -> None:
    own, others = QWidget(), list[str]()
    own.destroyed.connect(player.chores.hush)
    player.chores.deliver(lambda: others.append("before"))
    qtbot.waitUntil(lambda: others == ["before"])
    own.deleteLater()
    player.chores.deliver(lambda: others.append("at once"))
    with qtbot.waitSignal(own.destroyed):
        pass
    player.chores.deliver(lambda: others.append("afterwards"))
    QApplication.processEvents()
    assert "afterwards" not in others


def test_the_first_paint_is_told_once(qtbot: QtBot) -> None:
    widget, told = QWidget(), list[str]()
    qtbot.addWidget(widget)
    FirstPaint(widget, lambda: told.append("painted"))
    widget.show()
    qtbot.waitUntil(lambda: told == ["painted"])
    widget.repaint()
    assert told == ["painted"]


def test_what_is_never_painted_has_its_time(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(afterwards, "PAINTED_MS", 20)
    widget, told = QWidget(), list[str]()
    qtbot.addWidget(widget)
    FirstPaint(widget, lambda: told.append("time is up"))
    qtbot.waitUntil(lambda: told == ["time is up"])
