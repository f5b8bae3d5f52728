"""What a window costs that nobody touches: nothing is painted or laid out in vain."""

import itertools
from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.gui.apart import Apart
from app.gui.dials import RESTING_MS, STATUS_EVERY_MS
from app.gui.events import events
from app.gui.opening import camera_watch
from app.gui.panel.section import muted_label
from app.gui.window import MainWindow
from tests.fakes import FakeFile, FakeSource
from tests.gui.conftest import Bench
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui

# Others write on the disk: there and back, on both sides of 10 GB.
FREE = (9_960_000_000, 10_040_000_000)


class Looks(QObject):
    """Counts what is painted and laid out in the whole app, by class and kind."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.seen: Counter[tuple[str, str]] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's
        if event.type() in (QEvent.Type.Paint, QEvent.Type.LayoutRequest):
            self.seen[type(watched).__name__, event.type().name] += 1
        return False


@pytest.fixture
def looks(qapp: QApplication) -> Iterator[Looks]:
    looks = Looks(qapp)
    qapp.installEventFilter(looks)
    yield looks
    qapp.removeEventFilter(looks)


@pytest.fixture
def paused(
    window: MainWindow, bench: Bench, until: Until, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    """Paused on a file, on a disk on which others write."""
    free = itertools.cycle(FREE)
    monkeypatch.setattr("app.gui.panel.free_space.free_bytes", lambda _: next(free))
    bench.sources["clip"] = FakeFile(100)
    window.open_source("clip")
    until(lambda: window.video.has_image)
    window.actions_.pause.trigger()
    until(lambda: window._player.is_paused)
    return window


def test_a_paused_window_is_neither_painted_nor_laid_out(
    paused: MainWindow, looks: Looks, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    paused.free_space.measured.connect(asked.append)
    qtbot.wait(600)  # the picture at rest is made ready, the mouse's traces fade
    for timer in (paused.free_space._timer, paused.dials._timer, paused.events._timer):
        timer.setInterval(20)  # as often as in a minute
        monkeypatch.setattr(timer, "setInterval", lambda _: None)
    looks.seen.clear()
    asked.clear()
    qtbot.wait(2000)
    assert set(asked) == set(FREE)
    assert len(asked) > 20
    assert not looks.seen


def test_timers_that_only_look_rest_while_nothing_can_change(
    paused: MainWindow, until: Until
) -> None:
    until(lambda: paused.dials._timer.interval() == RESTING_MS)
    assert paused.events._timer.interval() == events.RESTING_MS
    assert paused.watch._timer.interval() == camera_watch.RESTING_MS
    paused.actions_.record.trigger()
    until(lambda: paused.dials._timer.interval() == STATUS_EVERY_MS)
    paused.actions_.record.trigger()
    until(lambda: paused.dials._timer.interval() == RESTING_MS)
    paused.actions_.pause.trigger()
    until(lambda: paused.dials._timer.interval() == STATUS_EVERY_MS)
    paused.close_source()
    until(lambda: paused.watch._timer.interval() == camera_watch.POLL_MS)


def test_what_a_camera_keeps_is_said_often(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    window.events.refresh()
    assert window.events._timer.interval() == events.RESTING_MS
    bench.sources["0"] = FakeSource(1000, is_live=True)
    window.open_source("0")
    until(lambda: window.events._timer.interval() == events.REFRESH_MS)


def test_another_time_below_a_file_does_not_lay_out_the_window(
    paused: MainWindow, looks: Looks, qtbot: QtBot
) -> None:
    qtbot.wait(600)
    looks.seen.clear()
    for second in range(5):
        paused.transport.place.setText(f"0:0{second}.000 #{second}")
        qtbot.wait(20)
    assert looks.seen["QToolButton", "Paint"] >= 5  # it is seen
    assert {kind for kind in looks.seen if kind[1] == "LayoutRequest"} == {
        ("Apart", "LayoutRequest")
    }


def test_what_takes_more_lines_gets_them(qtbot: QtBot) -> None:
    window, center = QMainWindow(), QWidget()
    label, below = muted_label("short"), QWidget()
    layout = QVBoxLayout(center)
    layout.addWidget(Apart(label))
    layout.addWidget(below, 1)
    window.setCentralWidget(center)
    qtbot.addWidget(window)
    window.resize(120, 400)
    window.show()
    before_px = label.height()
    label.setText("so much that it takes several lines in a narrow window")
    qtbot.waitUntil(lambda: label.height() > before_px)
    assert label.height() >= label.heightForWidth(label.width())
    label.setText("short")
    qtbot.waitUntil(lambda: label.height() == before_px)
