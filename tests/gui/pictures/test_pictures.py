"""Every state's picture, so that no layout rots unseen.

References are half as large as the window and of few colours. They are compared as an
eye does it: by the mean of small fields, so that the edge of a letter is no matter and
a button that moved or vanished is. Made anew with: pytest tests/gui/pictures --renew
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import qVersion
from PySide6.QtGui import QCursor, QFont, QFontInfo, QImage
from PySide6.QtWidgets import QApplication, QToolButton

from app.errors import DeviceError, ModelError, SourceError
from app.gui.look.theme import DARK, LIGHT, Theme, ThemeKeeper
from app.gui.window import MainWindow
from tests.fakes import FakeFile
from tests.gui.conftest import Bench
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui

FOLDER = Path(__file__).parent / "references"
FONT, QT = "DejaVu Sans", "6.11"  # that they were made with
SIZE = (900, 640)
FIELD = 10  # pixels of a reference
MOST = 14.0  # of 255, that the mean of a field may differ by: a letter's edge is 5
State = Callable[[MainWindow, Bench, Until], None]


def settle() -> None:
    """Let everything find its place: layouts are made when they are looked at."""
    for _ in range(4):
        QApplication.processEvents()


def welcome(window: MainWindow, bench: Bench, until: Until) -> None:
    until(lambda: window.page.title.text() == "No camera found")


def cameras(window: MainWindow, bench: Bench, until: Until) -> None:
    bench.cameras = [(0, "Logi C920"), (1, "Integrated Camera")]
    until(lambda: window.page.title.text() == "What do you want to watch?")


def failed(window: MainWindow, bench: Bench, until: Until) -> None:
    error = SourceError("holiday.mp4 is damaged.", "Choose another.")
    window.situations.show_failed(error, is_file=True)


def no_model(window: MainWindow, bench: Bench, until: Until) -> None:
    error = ModelError("There is no model file m.onnx.", "Choose another.")
    window.situations.show_no_model(error, Path("m.onnx"))


def no_device(window: MainWindow, bench: Bench, until: Until) -> None:
    window.situations.show_no_device(
        DeviceError("NVIDIA GPU (CUDA) cannot be had: no driver.", "pip install it")
    )


def paused(window: MainWindow, bench: Bench, until: Until) -> None:
    bench.sources["holiday.mp4"] = FakeFile(125, is_stills=True)
    window.open_source("holiday.mp4")
    until(lambda: window.video.has_image and window.toolbar.badge.text() == "CPU")
    until(lambda: window.actions_.pause.text() == "Play")


def notice(window: MainWindow, bench: Bench, until: Until) -> None:
    paused(window, bench, until)
    window.messages.tell_snapshot(Path("/videos/holiday 1.png"))


def recording(window: MainWindow, bench: Bench, until: Until) -> None:
    paused(window, bench, until)
    window.actions_.record.trigger()
    until(lambda: window.status.recording.text() == "❚❚ 0:00")
    settle()
    window.panel.reveal(window.sections.recording)


def no_class(window: MainWindow, bench: Bench, until: Until) -> None:
    paused(window, bench, until)
    search = window.sections.classes.search
    search.setText("zebra")
    cross = search.findChild(QToolButton)
    assert cross is not None
    until(lambda: cross.property("opacity") == 1.0)  # it fades in
    settle()
    window.panel.reveal(window.sections.classes)


def filtered(window: MainWindow, bench: Bench, until: Until) -> None:
    paused(window, bench, until)
    window.changes.change("classes", hidden_class_names=("car",))


def hiding(window: MainWindow, bench: Bench, until: Until) -> None:
    paused(window, bench, until)
    window.changes.change("hiding", covered_class_names=("person",))
    until(lambda: window.video.result.frame.covered_class_names == ("person",))  # type: ignore[union-attr] # there is one
    settle()
    window.panel.reveal(window.sections.hiding)


def narrow(window: MainWindow, bench: Bench, until: Until) -> None:
    paused(window, bench, until)
    window.panel.hide()
    window.resize(420, 360)


STATES: tuple[State, ...] = (
    *(welcome, cameras, failed, no_model, no_device),  # what waits moves
    *(paused, notice, recording, no_class, filtered, hiding, narrow),
)


@pytest.fixture
def looks(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThemeKeeper]:
    """The app's own look, with letters that are known; all as before afterwards."""
    monkeypatch.setattr("app.gui.panel.free_space.free_bytes", lambda _: 52_300_000_000)
    font = QFont(FONT, 10)
    if QFontInfo(font).family() != FONT:
        pytest.skip(f"letters look otherwise here: {FONT} is not installed")
    if not qVersion().startswith(QT):
        pytest.skip(f"letters look otherwise here: Qt {qVersion()}, not {QT}")
    # Nothing is hovered over, wherever an earlier test left the mouse.
    QCursor.setPos(qapp.primaryScreen().geometry().bottomRight())
    before = qapp.palette(), qapp.style().objectName(), qapp.font()
    qapp.setFont(font)
    keeper = ThemeKeeper(qapp)
    yield keeper
    keeper.deleteLater()
    qapp.setStyleSheet("")
    qapp.setStyle(before[1])
    qapp.setPalette(before[0])
    qapp.setFont(before[2])


def picture_of(window: MainWindow) -> NDArray[np.uint8]:
    """What is on show, at half its size, (H, W, 3) blue, green, red."""
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    width, height = image.width(), image.height()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(height, -1, 4)
    half = cv2.resize(
        pixels[:, :width, :3], (width // 2, height // 2), interpolation=cv2.INTER_AREA
    )
    return half.astype(np.uint8)


def fields(image_bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = (side // FIELD for side in image_bgr.shape[:2])
    size = (max(1, width), max(1, height))
    small = cv2.resize(image_bgr, size, interpolation=cv2.INTER_AREA)
    return small.astype(np.float32)


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Of the two fields that differ most."""
    if one.shape != other.shape:
        return 255.0
    return float(np.abs(fields(one) - fields(other)).mean(axis=2).max())


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_it_looks_as_it_did(
    state: State,
    theme: Theme,
    looks: ThemeKeeper,
    window: MainWindow,
    bench: Bench,
    until: Until,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    looks.use(theme)
    window.resize(*SIZE)
    window.watch._timer.setInterval(50)
    until(lambda: window.sections.recording.room.text() == "52 GB free")
    state(window, bench, until)
    window.setFocus()
    window.dials.refresh()
    settle()
    seen = picture_of(window)
    path = FOLDER / f"{state.__name__}-{'dark' if theme.is_dark else 'light'}.png"
    if request.config.getoption("--renew"):
        FOLDER.mkdir(exist_ok=True)
        few = (seen // 8 * 8 + 4).astype(np.uint8)  # a third of the bytes
        cv2.imwrite(str(path), few, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    known = cv2.imread(str(path))
    assert known is not None, f"no reference {path.name}"
    worst = difference(seen, known.astype(np.uint8))
    cv2.imwrite(str(tmp_path / path.name), seen)  # to be looked at
    assert worst < MOST, f"see {tmp_path / path.name} beside {path}"


def test_a_button_that_is_missing_is_seen() -> None:
    page = np.full((320, 450, 3), 240, np.uint8)
    button = page.copy()
    button[200:216, 100:160] = (183, 104, 24)
    assert difference(page, button) > MOST
    assert difference(page, page // 8 * 8 + 4) < MOST
