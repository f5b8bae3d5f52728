"""What app.gui.opening.afterwards promises."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
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

# Starts the app without a screen, and says what is loaded when its window has been
# painted, where anything was collected until the clip is played, and where after.
_START = """
import gc, os, sys, threading, main
from PySide6.QtCore import QTimer
import app.gui.app as gui
from app.gui.window import MainWindow

collected = set()
gc.callbacks.append(lambda *_: collected.add(threading.current_thread().name))

class Window(MainWindow):
    has_told = False

    def paintEvent(self, event):
        super().paintEvent(event)
        if not self.has_told:
            self.has_told = True
            print(*sys.modules, flush=True)
            collected.clear()  # what Python did before main() was called

    def on_painted(self):
        self.video.painted.disconnect(self.on_painted)
        print("until a picture", *collected, flush=True)
        QTimer.singleShot(3000, self, self.on_played)

    def on_played(self):
        print("then", *collected, flush=True)
        os._exit(0)

def make(*args, **names):
    window = Window(*args, **names)
    window.video.painted.connect(window.on_painted)
    return window

gui.MainWindow = make
main.main(["assets/bikes.mp4", "--device", "cpu"])
"""
# What the window does not need before it is painted: libraries, and of ours what is
# done beside it, or when somebody asks for it. Ours were 253 with all of them.
_LATE = (
    *("cv2", "av", "onnxruntime", "openvino", "PIL", "orjson", "urllib.request"),
    *("hashlib", "importlib.resources", "html", "difflib", "subprocess"),
    *("app.alerts.alerts", "app.comparing", "app.export", "app.hiding", "app.sidecar"),
    *("app.pipeline.pipeline", "app.pipeline.stages.inference"),
    *("app.tracking.watcher", "app.tracking.tracker", "app.tracking.counter"),
    *("app.gui.exporting.exporting", "app.gui.exporting.dialog"),
    *("app.gui.comparing.comparing", "app.gui.comparing.compare_bar"),
    *("app.gui.comparing.compare_view", "app.gui.comparing.keep_dialog"),
    *("app.gui.counting.desk", "app.gui.counting.tool", "app.gui.counting.editor"),
    *("app.gui.menus.about", "app.gui.menus.checkup", "app.gui.menus.palette"),
    *("app.gui.opening.address_dialog", "app.gui.pages.shortcut_sheet"),
    *("app.cli.export", "app.cli.serve", "app.cli.doctor", "app.cli.headless"),
)
# Of ours, a package counted as one, too. Whoever adds one asks whether it can be late.
_MOST_OF_OURS = 175


@pytest.fixture(scope="module")
def start() -> list[str]:
    """What a start says, line by line."""
    return said_by(_START).splitlines()


def test_a_window_is_painted_before_what_it_does_not_need_is_loaded(
    start: list[str],
) -> None:
    loaded = start[0].split()
    early = [name for name in _LATE if name in loaded]
    assert early == []
    ours = [name for name in loaded if name.startswith("app.")]
    assert 100 < len(ours) <= _MOST_OF_OURS, sorted(ours)


def test_what_has_to_be_late_is_there_at_all() -> None:
    ours = [name for name in _LATE if name.startswith("app.")]
    assert [name for name in ours if find_spec(name) is None] == []


def test_nothing_is_collected_until_a_picture_is_there_then_by_the_window_alone(
    start: list[str],
) -> None:
    assert start[1:] == ["until a picture", "then MainThread"]


def test_what_opens_at_the_start_is_named_at_once(
    player: Player, bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window(player, bench, tmp_path, soon="/videos/street.mp4")
    qtbot.addWidget(window)
    assert window.page.title.text() == "Opening street.mp4"


def test_what_a_start_says_stays_when_its_source_opens(
    player: Player, bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window(player, bench, tmp_path, soon="clip")
    qtbot.addWidget(window)
    bench.sources |= {"clip": FakeSource(3), "other": FakeSource(3)}
    window.notice.tell("info", "As before, this is hidden.")
    with qtbot.waitSignal(player.opened):
        window.open_source("clip")
    assert window.notice.text == "As before, this is hidden."
    with qtbot.waitSignal(player.opened):
        window.open_source("other")
    assert window.notice.text != "As before, this is hidden."


def test_lines_can_be_drawn_in_whatever_plays_first(
    player: Player, bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window(player, bench, tmp_path, soon="clip")
    qtbot.addWidget(window)
    assert "counting" not in vars(window)
    bench.sources["clip"] = FakeSource(3)
    window.open_source("clip")
    qtbot.waitUntil(lambda: window.video.has_image)
    assert "counting" in vars(window)
    window.sections.counting.line.click()
    assert window.counting.tool.kind == "line"


def test_before_anything_plays_lines_can_be_drawn_once_it_is_painted(
    player: Player, bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: "counting" in vars(window))


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


def test_a_window_that_is_gone_makes_nothing_more(
    player: Player,
    bench: Bench,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(afterwards, "PAINTED_MS", 20)
    window = make_window(player, bench, tmp_path)
    made: list[str] = []
    window.afterwards.do(lambda: made.append("late"))
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()
    player.watching.emit(None)
    player.finished.emit()
    later = QTimer(interval=3 * afterwards.PAINTED_MS, singleShot=True)
    with qtbot.waitSignal(later.timeout):
        later.start()
    assert made == []
    assert "counting" not in vars(window)


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
