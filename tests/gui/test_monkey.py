"""A monkey at the window: thousands of random actions, on real sources."""

import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.cli.watching.window import event_parts
from app.drawing.overlay import draw
from app.drawing.screen import scale_for_screen
from app.gui.look.theme import DARK, LIGHT, ThemeKeeper
from app.gui.parts import Places
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.media.recording.snapshot import save_picture
from app.media.sources.make import make_source
from app.pipeline.interfaces import Factories
from app.settings import Settings
from app.types import CameraMode, Detections, DetectorInfo, ImageBgr, StageTimes
from tests.campaign import FACTOR
from tests.fakes import FakeRecorder
from tests.gui.conftest import NO_BUILD, _devices
from tests.gui.drops import drop_event
from tests.gui.look.test_theme import keeper as keeper  # a fixture

pytestmark = [pytest.mark.gui, pytest.mark.slow]

W = TypeVar("W", bound=QWidget)

ACTIONS = 2500 * FACTOR
SEED = 8
# A window that answers later hangs; on a machine full of other work 11 s were seen.
HANG_S = 20.0
NAMES = ("person", "car", "dog", "cat")
KEYS = (
    *(Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home),
    *(Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Tab),
    *(Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_PageUp, Qt.Key.Key_F9),
    *(Qt.Key.Key_F, Qt.Key.Key_S, Qt.Key.Key_L, Qt.Key.Key_P, Qt.Key.Key_0),
    *(Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_F1, Qt.Key.Key_R),
)


class Finder:
    """Finds something else in every picture, on whichever device."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._rng = np.random.default_rng(SEED)

    def open(self) -> DetectorInfo:
        provider = f"{self._device.upper()}ExecutionProvider"
        return DetectorInfo("monkey.onnx", NAMES, (300, 300), provider)

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        height, width = image_bgr.shape[:2]
        count = int(self._rng.integers(0, 6))
        corners = self._rng.random((count, 2)).astype(np.float32) * (width, height) / 2
        boxes = np.concatenate([corners, corners + 20], 1).astype(np.float32)
        scores = np.sort(self._rng.random(count))[::-1].astype(np.float32)
        return (
            Detections(boxes, scores, self._rng.integers(0, len(NAMES), count)),
            StageTimes(inference_ms=1.0),
        )

    def close(self) -> None:
        """Nothing to let go of."""


class Monkey:
    """Does whatever can be done, at random but the same each time."""

    def __init__(
        self, window: MainWindow, keeper: ThemeKeeper, sources: list[str]
    ) -> None:
        self._window = window
        self._keeper = keeper
        self._sources = sources
        self._rng = random.Random(SEED)
        self.done: dict[str, int] = {}
        self.slowest_s = 0.0
        self._closing_popups = QTimer(interval=15)
        self._closing_popups.timeout.connect(self._close_popup)
        self._closing_popups.start()
        self._habits: list[tuple[Callable[[], None], int]] = [
            (self._trigger, 20),
            (self._click, 25),
            (self._press, 20),
            (self._slide, 12),
            (self._choose, 8),
            (self._type, 4),
            (self._touch_picture, 12),
            (self._resize, 3),
            (self._drop, 2),
            (self._open, 3),
            (self._close, 1),
        ]

    def act(self) -> None:
        """Do one thing, and let the app answer."""
        started_s = time.monotonic()
        act = self._rng.choices(*zip(*self._habits, strict=True))[0]
        act()
        QApplication.processEvents()
        self.done[act.__name__] = self.done.get(act.__name__, 0) + 1
        self.slowest_s = max(self.slowest_s, time.monotonic() - started_s)

    def stop(self) -> None:
        """Leave the window alone."""
        self._closing_popups.stop()

    def _trigger(self) -> None:
        actions: list[QAction] = [a for a in self._window.actions() if a.isEnabled()]
        action = self._rng.choice(actions)
        if action is not self._window.actions_.quit:
            action.trigger()

    def _click(self) -> None:
        if button := self._any(QAbstractButton):
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _press(self) -> None:
        target = QApplication.focusWidget() or self._window
        QTest.keyClick(target, self._rng.choice(KEYS))

    def _slide(self) -> None:
        if slider := self._any(QAbstractSlider):
            slider.setValue(self._rng.randint(slider.minimum(), slider.maximum()))

    def _choose(self) -> None:
        box = self._any(QComboBox)
        if box and box.count():
            row = self._rng.randrange(box.count())
            box.setCurrentIndex(row)
            box.activated.emit(row)

    def _type(self) -> None:
        if self._rng.random() < 0.5 and (number := self._any(QSpinBox)):
            number.setValue(self._rng.randint(1, 300))
        elif line := self._any(QLineEdit):
            QTest.keyClicks(line, self._rng.choice(["a", "son", "x", " "]))

    def _touch_picture(self) -> None:
        video = self._window.video
        if not video.isVisible():
            return
        start, end = self._point(video), self._point(video)
        left = Qt.MouseButton.LeftButton
        if self._rng.random() < 0.5:
            turned = QPoint(0, self._rng.choice([-240, -120, 120, 240]))
            event = QWheelEvent(
                QPointF(start),
                QPointF(video.mapToGlobal(start)),
                QPoint(),
                turned,
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(video, event)
        elif self._rng.random() < 0.2:
            QTest.mouseDClick(video, left, pos=start)
        else:
            QTest.mousePress(video, left, pos=start)
            QTest.mouseMove(video, end)
            QTest.mouseRelease(video, left, pos=end)

    def _resize(self) -> None:
        if self._rng.random() < 0.1:
            self._keeper.use(self._rng.choice([LIGHT, DARK]))
        elif not self._window.isFullScreen():
            width, height = self._rng.randint(500, 1400), self._rng.randint(300, 900)
            self._window.resize(width, height)

    def _drop(self) -> None:
        data = QMimeData()
        if self._rng.random() < 0.5:
            data.setText(self._rng.choice(["rtsp://127.0.0.1:9/x", "Dear all", ""]))
        else:
            data.setUrls([QUrl.fromLocalFile(self._rng.choice(self._sources))])
        self._window.dropEvent(drop_event(data))

    def _open(self) -> None:
        self._window.open_source(self._rng.choice(self._sources))

    def _close(self) -> None:
        """Only where a question stops it: a closed window ends the game."""
        if self._window._player.is_recording:
            self._window.close()

    def _close_popup(self) -> None:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            if self._rng.random() < 0.3:
                QTest.keyClick(popup, Qt.Key.Key_Down)
                QTest.keyClick(popup, Qt.Key.Key_Return)
            popup.close()

    def _any(self, kind: type[W]) -> W | None:
        """One that can be used; of a dialog, while there is one."""
        dialogs = [d for d in self._window.findChildren(QDialog) if d.isVisible()]
        root: QWidget = dialogs[-1] if dialogs else self._window
        found = [
            widget
            for widget in root.findChildren(kind)
            if widget.isVisible() and widget.isEnabled()
        ]
        return self._rng.choice(found) if found else None

    def _point(self, widget: QWidget) -> QPoint:
        return QPoint(
            self._rng.randrange(widget.width()), self._rng.randrange(widget.height())
        )


@pytest.fixture
def monkey(
    qtbot: QtBot,
    keeper: ThemeKeeper,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Monkey:
    """A monkey before a window with real sources and pictures in it."""
    photo = tmp_path / "photo.png"
    photo.write_bytes(_png())
    sources = ["test", str(clip), str(photo), "test:unplugged", "test:frozen", "none"]
    for name, answer in (
        ("getOpenFileName", (str(tmp_path / "other.onnx"), "")),
        ("getOpenFileNames", ([str(clip)], "")),
        ("getExistingDirectory", str(tmp_path)),
    ):
        monkeypatch.setattr(
            f"app.gui.opening.opener.QFileDialog.{name}", lambda *_, a=answer, **__: a
        )
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda *_: True)
    small = CameraMode((320, 180), 30)
    factories = Factories(
        make_source=lambda text: make_source(text, small),
        list_cameras=lambda: [(0, "test")],
        make_detector=lambda _, device: Finder(device),
        make_recorder=lambda path, **_: FakeRecorder(),
        draw=draw,
        save_picture=save_picture,
        list_devices=_devices,
        scale=scale_for_screen,
    )
    player = Player(factories, settings=Settings(), model_path=Path("m.onnx"))
    window = MainWindow(
        player,
        factories=factories,
        places=Places(
            clip=clip,
            settings=tmp_path / "settings.json",
            recordings=tmp_path / "recordings",
            build=NO_BUILD,
            command_line=(sys.executable, "-c", ""),  # says nothing
        ),
        events=event_parts(factories),
    )
    qtbot.addWidget(window)
    window.show()
    return Monkey(window, keeper, sources)


def _png() -> bytes:
    import cv2

    _, data = cv2.imencode(".png", np.full((40, 60, 3), 99, np.uint8))
    return data.tobytes()


def _new_threads(before: set[threading.Thread]) -> list[str]:
    return [t.name for t in threading.enumerate() if t not in before]


def test_a_monkey_breaks_nothing(monkey: Monkey, qtbot: QtBot) -> None:
    """Exceptions in slots and Qt's warnings fail the test by themselves."""
    before = set(threading.enumerate())
    for _ in range(ACTIONS):
        monkey.act()
    monkey.stop()
    window = monkey._window
    window.close_without_asking()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5000)
    assert window._player.shut_down(HANG_S) == []
    assert sum(monkey.done.values()) == ACTIONS
    assert min(monkey.done.values()) > ACTIONS // 200  # it tried everything
    assert monkey.slowest_s < HANG_S
    qtbot.waitUntil(lambda: not _new_threads(before), timeout=10_000)
