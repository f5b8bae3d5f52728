"""What comparing in the window promises."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.errors import ModelError
from app.gui.comparing.compare_view import CompareView
from app.gui.comparing.rival import both_found
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.settings import Settings
from app.types import Detections, Frame, ImageBgr, Result, StageTimes
from tests.comparing.test_pairs import found
from tests.fakes import FakeDetector
from tests.gui.conftest import Bench
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import playing as playing  # fixtures
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui

BOX, OTHER = (10, 10, 60, 60, 0), (100, 10, 150, 60, 0)


def result(detections: Detections, raw: Detections | None = None) -> Result:
    image = np.zeros((100, 200, 3), np.uint8)
    return Result(
        Frame(image, 0, 0.0, 0.0),
        detections,
        ("dog",),
        times=StageTimes(capture_ms=50, preprocess_ms=1, inference_ms=2),
        found=raw,
    )


def test_what_the_detector_itself_found_is_compared_and_its_own_time() -> None:
    steady, raw = found(BOX), found(BOX, OTHER)
    times = StageTimes(inference_ms=7)
    both = both_found(result(steady, raw), found(OTHER), times, ("Dog",))
    assert (both.agreement.both, both.agreement.only_a) == (1, 1)
    assert list(both.ms) == [3, 7]
    assert both_found(result(steady), found(BOX), times, ("dog",)).agreement.share == 1


def pixel(view: CompareView, x: float, y: float) -> tuple[int, int, int]:
    """At shares of the view; how bright its colours are."""
    image = view.grab().toImage()
    color = image.pixelColor(round(x * image.width()), round(y * image.height()))
    return color.red(), color.green(), color.blue()


@pytest.fixture
def view(qtbot: QtBot) -> CompareView:
    """A has both boxes; B has the first. 200 x 100 fills the view."""
    view = CompareView()
    qtbot.addWidget(view)
    view.resize(800, 400)
    view.show()
    view.show_both(
        both_found(result(found(BOX, OTHER)), found(BOX), StageTimes(), ("dog",))
    )
    return view


def test_what_only_one_has_marked_is_filled_on_its_side(view: CompareView) -> None:
    # Side by side, a picture is 400 x 200 in the middle of its half, y from 100.
    # OTHER's middle is at 125, 35 of 200 x 100: 250, 170 of the view.
    assert sum(pixel(view, 250 / 800, 170 / 400)) > 60
    assert sum(pixel(view, 650 / 800, 170 / 400)) == 0
    # What both have is not filled: BOX's middle is 35, 35.
    assert sum(pixel(view, 70 / 800, 170 / 400)) == 0
    assert sum(pixel(view, 470 / 800, 170 / 400)) == 0


def test_the_divider_follows_the_mouse(view: CompareView, qtbot: QtBot) -> None:
    view.show_split(True)
    # One picture of 800 x 400: OTHER's middle is at 500, 140, right of the line.
    assert sum(pixel(view, 500 / 800, 140 / 400)) == 0  # B's side
    with qtbot.waitSignal(view.split_moved):
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(600, 200))
    QTest.mouseMove(view, QPoint(700, 200))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(700, 200))
    assert view.split_at == pytest.approx(0.875)
    assert sum(pixel(view, 500 / 800, 140 / 400)) > 60  # A's side now
    view.part_at(7.0)
    assert view.split_at == 1.0


class Finds(FakeDetector):
    """Always a person, in one place."""

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        return found((1, 1, 4, 3, 0)), StageTimes(inference_ms=7.0)


def test_another_detector_looks_at_what_plays_until_it_is_sent_away(
    window: MainWindow, playing: Gate, player: Player, bench: Bench, until: Until
) -> None:
    bench.detectors["auto"] = rival = Finds()
    window.actions_.compare.trigger()
    # The same model, elsewhere: what plays runs on the CPU.
    assert bench.made[-1] == ("m.onnx", "auto")
    until(lambda: window.comparing.view.both is not None)
    assert window.scene.currentWidget() is window.comparing.view
    assert not window.comparing.bar.isHidden()
    assert window.comparing.status.text() == (
        "agree 0 %   only A 0, only B 1   A 1 ms, B 7 ms"
    )
    window.actions_.compare.trigger()
    assert window.scene.currentWidget() is window.video
    until(lambda: rival.closed == 1)
    assert window.comparing.bar.isHidden()
    playing.open()


def test_one_that_cannot_be_loaded_says_why_and_another_is_tried(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    def fail() -> None:
        raise ModelError("The file is damaged.", "Choose another.")

    bench.detectors["auto"] = FakeDetector(on_open=fail)
    window.actions_.compare.trigger()
    until(lambda: "Nothing is compared" in window.comparing.status.text())
    bench.detectors["cuda"] = FakeDetector()
    until(lambda: window.comparing.bar.device.findData("cuda") >= 0)
    assert window.comparing.bar.device.findData("openvino") < 0  # not to be had
    bar = window.comparing.bar
    bar.device.setCurrentIndex(bar.device.findData("cuda"))
    bar.device.activated.emit(bar.device.currentIndex())
    until(lambda: window.comparing.view.both is not None)
    window.comparing.bar.closed.emit()
    assert not window.actions_.compare.isChecked()
    playing.open()


def test_a_model_in_the_list_is_a_choice(window: MainWindow, qtbot: QtBot) -> None:
    bar = window.comparing.bar
    bar.show_choice(Path("a.onnx"), "cpu")
    bar.show_choice(Path("b.onnx"), "cpu")
    assert bar.choice == (Path("b.onnx"), "cpu")
    with qtbot.waitSignal(bar.chosen) as chosen:
        bar.model.setCurrentIndex(1)
        bar.model.activated.emit(1)
    assert chosen.args == [Path("a.onnx"), "cpu"]


def test_the_mouse_near_the_divider_shows_that_it_can_be_dragged(
    view: CompareView,
) -> None:
    def over(x: int) -> Qt.CursorShape:
        at = QPointF(x, 200)
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            at,
            QPointF(view.mapToGlobal(at)),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(view, event)
        return view.cursor().shape()

    assert over(400) == Qt.CursorShape.ArrowCursor  # two pictures have no divider
    view.show_split(True)
    view.part_at(0.25)
    assert over(202) == Qt.CursorShape.SplitHCursor
    assert over(400) == Qt.CursorShape.ArrowCursor
    view.show_split(False)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(600, 200))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(600, 200))
    assert view.split_at == 0.25  # nothing to drag
    view.show_text("Nothing is compared.")
    view.show_split(True)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(600, 200))
    assert view.split_at == 0.25  # no picture to part
    assert over(600) == Qt.CursorShape.ArrowCursor


def test_the_slider_and_the_divider_are_one(window: MainWindow) -> None:
    comparing = window.comparing
    bar, view = comparing.bar, comparing.view
    assert bar.split.isHidden()
    bar.view.activated.emit(1)
    assert not bar.split.isHidden()
    bar.split.setValue(bar.split.maximum() // 4)
    assert view.split_at == pytest.approx(0.25, abs=0.01)
    view.split_moved.emit(0.75)
    assert bar.split.value() == round(0.75 * bar.split.maximum())
    bar.view.activated.emit(0)
    assert bar.split.isHidden()


def test_another_model_is_asked_for_and_may_be_none(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = window.comparing.bar
    bar.show_choice(Path("/m/a.onnx"), "cpu")
    asked: list[str] = []
    answers = iter(["", "/n/b.onnx"])

    def ask(*said: object) -> tuple[str, str]:
        asked.append(str(said[2]))
        return next(answers), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", ask)
    with qtbot.assertNotEmitted(bar.chosen):
        bar.model.setCurrentIndex(1)
        bar.model.activated.emit(1)
    assert asked == [str(Path("/m"))]
    assert bar.choice == (Path("/m/a.onnx"), "cpu")  # not "Another model…"
    with qtbot.waitSignal(bar.chosen) as chosen:
        bar.model.setCurrentIndex(1)
        bar.model.activated.emit(1)
    assert chosen.args == [Path("/n/b.onnx"), "cpu"]
    assert bar.model.itemText(0) == "b.onnx"
    assert bar.model.currentIndex() == 0
