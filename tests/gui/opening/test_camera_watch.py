"""What app.gui.opening.camera_watch promises."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from app.gui.opening import camera_watch
from app.gui.opening.camera_watch import CameraWatch
from app.pipeline.errands import Errands
from tests.fakes import WAIT_S

pytestmark = pytest.mark.gui


class Desk(QObject):
    """Errands that come back to this thread, and what was told."""

    _ended = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._ended.connect(lambda tell: tell())
        self.errands = Errands(self._ended.emit)
        self.told: list[list[tuple[int, str]]] = []


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    assert desk.errands.stop(WAIT_S) == []


def test_what_is_plugged_in_and_pulled_out_is_told_once(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_watch, "POLL_MS", 5)
    cameras = [(0, "Integrated Camera")]
    looked_on: set[str] = set()
    looks = 0

    def look() -> list[tuple[int, str]]:
        nonlocal looks
        looks += 1
        looked_on.add(threading.current_thread().name)
        return list(cameras)

    watch = CameraWatch(look, desk.errands)
    watch.changed.connect(desk.told.append)
    watch.start()
    qtbot.waitUntil(lambda: desk.told == [[(0, "Integrated Camera")]])
    cameras.append((2, "Logi C920"))
    qtbot.waitUntil(lambda: len(desk.told) == 2)
    assert watch.cameras == cameras
    cameras.pop(0)
    qtbot.waitUntil(lambda: len(desk.told) == 3)
    seen = looks
    qtbot.waitUntil(lambda: looks > seen + 3)
    assert desk.told[1:] == [
        [(0, "Integrated Camera"), (2, "Logi C920")],
        [(2, "Logi C920")],
    ]
    assert looked_on == {"errands"}
    watch.stop()


def test_that_there_is_no_camera_is_told_too(desk: Desk, qtbot: QtBot) -> None:
    watch = CameraWatch(list, desk.errands)
    watch.changed.connect(desk.told.append)
    assert not watch.has_looked
    watch.look()
    qtbot.waitUntil(lambda: watch.has_looked)
    assert desk.told == [[]]


def test_a_list_that_fails_is_no_camera(desk: Desk, qtbot: QtBot) -> None:
    def fail() -> list[tuple[int, str]]:
        raise OSError("no driver")

    watch = CameraWatch(fail, desk.errands)
    watch.look()
    qtbot.waitUntil(lambda: watch.has_looked)
    assert watch.cameras == []
