"""What app.gui.camera_watch promises."""

import pytest
from pytestqt.qtbot import QtBot

from app.gui import camera_watch
from app.gui.camera_watch import CameraWatch

pytestmark = pytest.mark.gui


def test_what_is_plugged_in_and_pulled_out_is_told_once(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_watch, "POLL_MS", 5)
    cameras = [(0, "Integrated Camera")]
    looks = 0

    def look() -> list[tuple[int, str]]:
        nonlocal looks
        looks += 1
        return list(cameras)

    watch = CameraWatch(look)
    told: list[list[tuple[int, str]]] = []
    watch.changed.connect(told.append)
    watch.start()
    assert told == [[(0, "Integrated Camera")]]
    cameras.append((2, "Logi C920"))
    qtbot.waitUntil(lambda: len(told) == 2)
    assert watch.cameras == cameras
    cameras.pop(0)
    qtbot.waitUntil(lambda: len(told) == 3)
    seen = looks
    qtbot.waitUntil(lambda: looks > seen + 3)
    assert told[1:] == [
        [(0, "Integrated Camera"), (2, "Logi C920")],
        [(2, "Logi C920")],
    ]
    watch.stop()


def test_where_there_is_no_camera_nothing_is_told(qtbot: QtBot) -> None:
    watch = CameraWatch(list)
    told: list[object] = []
    watch.changed.connect(told.append)
    watch.start()
    assert told == []
    watch.stop()
