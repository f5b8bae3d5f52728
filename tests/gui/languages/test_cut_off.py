"""In a small window, in each language: whatever state it is in, all of it is seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot

from app.errors import DeviceError, ModelError, SourceError
from app.gui.comparing.keep_dialog import KeepDialog
from app.gui.languages.speaking import LANGUAGES
from app.gui.look.theme import LIGHT, ThemeKeeper
from app.gui.window import MainWindow
from app.types import RecordingInfo
from tests.fakes import FakeDetector, FakeFile
from tests.gui.conftest import Bench
from tests.gui.cut_off import cut_off
from tests.gui.languages.test_languages import spoken as spoken  # a fixture
from tests.gui.pictures.test_pictures import looks as looks  # a fixture
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui

SMALL = (640, 480)
DEVICE = "the NVIDIA driver supports CUDA 12.4, and this ONNX Runtime needs CUDA 13"
REMEDY = "pip install 'onnxruntime-gpu[cuda,cudnn]<1.26'"
State = Callable[[MainWindow, Bench, Until], None]


def cameras(window: MainWindow, bench: Bench, until: Until) -> None:
    bench.cameras = [(0, "Logi C920"), (1, "Integrated Camera")]
    window.watch.look()
    until(lambda: len(window.page.buttons) > 5)


def opening(window: MainWindow, bench: Bench, until: Until) -> None:
    window.situations.show_opening("rtsp://192.168.1.9:8554/entrance/stream1")


def loading(window: MainWindow, bench: Bench, until: Until) -> None:
    window.situations.show_loading("NVIDIA GPU (CUDA)")


def failed(window: MainWindow, bench: Bench, until: Until) -> None:
    error = SourceError("There is no file /videos/holiday.mp4.", "Check the name.")
    window.situations.show_failed(error, is_file=True)


def unexpected(window: MainWindow, bench: Bench, until: Until) -> None:
    window.situations.show_failed(ZeroDivisionError("division by zero"))


def no_model(window: MainWindow, bench: Bench, until: Until) -> None:
    error = ModelError("There is no model file m.onnx.", "Choose another.")
    window.builder.command = replace(window.builder.command, can_run=True)
    window.situations.show_no_model(error, Path("m.onnx"))


def no_device(window: MainWindow, bench: Bench, until: Until) -> None:
    window.situations.show_no_device(DeviceError(f"{DEVICE}.", REMEDY))


def playing(window: MainWindow, bench: Bench, until: Until) -> None:
    bench.detectors["cpu"] = FakeDetector()
    bench.sources["holiday.mp4"] = FakeFile(125, is_stills=True)
    window.open_source("holiday.mp4")
    until(lambda: window.video.has_image)


def recorded(window: MainWindow, bench: Bench, until: Until) -> None:
    playing(window, bench, until)
    path = "/home/somebody/Videos/MobileNet-SSD Live/holiday 2026-11-28 13.45.17.mp4"
    window.messages.tell_recorded(RecordingInfo(path, 250, 3, 10.0))


def comparing(window: MainWindow, bench: Bench, until: Until) -> None:
    playing(window, bench, until)
    window.actions_.compare.trigger()


def comparing_parted(window: MainWindow, bench: Bench, until: Until) -> None:
    comparing(window, bench, until)
    window.comparing.bar.view.setCurrentIndex(1)
    window.comparing.bar.view.activated.emit(1)


def heard(window: MainWindow, bench: Bench, until: Until) -> None:
    playing(window, bench, until)
    window.transport.show_list("2 of 5")
    window.sound_controls.show_tracks((("", "deu"), ("Commentary", "eng")), 0)


def hiding(window: MainWindow, bench: Bench, until: Until) -> None:
    playing(window, bench, until)
    window.changes.change("hiding", covered_class_names=("person", "pottedplant"))
    window.panel.reveal(window.sections.hiding)


def device_refused(window: MainWindow, bench: Bench, until: Until) -> None:
    playing(window, bench, until)
    window.sections.backend.advice.say(DEVICE, REMEDY)
    window.panel.reveal(window.sections.model)


def unfolded_later(window: MainWindow, bench: Bench, until: Until) -> None:
    window.panel.fold(("source", "model"))
    playing(window, bench, until)
    QApplication.processEvents()
    window.panel.fold(("classes", "detection", "counting", "recording", "overlay"))


def plots(window: MainWindow, bench: Bench, until: Until) -> None:
    playing(window, bench, until)
    window.actions_.plots.trigger()


STATES: tuple[State, ...] = (
    *(cameras, opening, loading, failed, unexpected, no_model, no_device),
    *(playing, recorded, comparing, comparing_parted, heard, hiding),
    *(device_refused, unfolded_later, plots),
)


@pytest.mark.parametrize("spoken", list(LANGUAGES), indirect=True)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_is_cut_off_in_any_state(
    spoken: str,
    looks: ThemeKeeper,
    state: State,
    window: MainWindow,
    bench: Bench,
    until: Until,
) -> None:
    window.resize(*SMALL)
    state(window, bench, until)
    for _ in range(6):
        QApplication.processEvents()
    assert window.size().toTuple() == SMALL  # it did not grow, either
    assert not cut_off(window)


@pytest.mark.parametrize("spoken", list(LANGUAGES), indirect=True)
def test_the_bar_to_compare_has_two_rows_at_most(
    spoken: str, looks: ThemeKeeper, window: MainWindow, bench: Bench, until: Until
) -> None:
    window.resize(*SMALL)
    comparing_parted(window, bench, until)
    bar = window.comparing.bar
    parts = (bar.model, bar.device, bar.view, bar.split, bar.test)
    for _ in range(6):
        QApplication.processEvents()
    seen = [part for part in parts if part.isVisible()]
    assert {bar.model, bar.device, bar.view} <= set(seen)
    rows = {part.mapTo(bar, part.rect().center()).y() // 12 for part in seen}
    assert len(rows) == 2
    window.resize(1920, 480)  # all of it, in one
    for _ in range(6):
        QApplication.processEvents()
    assert all(part.isVisible() for part in parts)
    assert bar.height() < 50
    window.resize(*SMALL)  # and back
    for _ in range(6):
        QApplication.processEvents()
    assert not cut_off(window)
    for part in seen:
        row = part.parentWidget()
        assert row is not None
        assert row.rect().contains(part.geometry())


def test_the_handle_of_no_slider_is_cut_off(
    looks: ThemeKeeper, window: MainWindow, bench: Bench, until: Until
) -> None:
    looks.use(LIGHT)
    window.resize(1280, 780)
    comparing_parted(window, bench, until)
    window.sound_controls.show_tracks((("", "deu"), ("Commentary", "eng")), 0)
    for _ in range(6):
        QApplication.processEvents()
    sliders = [one for one in window.findChildren(QSlider) if one.isVisible()]
    assert len(sliders) > 3
    handle_px = 16  # theme.qss: 14 and its frame
    low = [one.accessibleName() for one in sliders if one.height() < handle_px + 2]
    assert not low


@pytest.mark.parametrize("spoken", list(LANGUAGES), indirect=True)
def test_numbers_begin_where_words_do(
    spoken: str, looks: ThemeKeeper, window: MainWindow, bench: Bench, until: Until
) -> None:
    looks.use(LIGHT)
    playing(window, bench, until)
    window.sections.detection.further.button.click()
    dialog = KeepDialog(window, name="1", past_s=3.0, has_future=True)
    dialog.show()
    for _ in range(4):
        QApplication.processEvents()
    name, number = dialog.name, dialog.before
    assert abs(number.height() - name.height()) <= 1
    assert abs(ink_from(number) - ink_from(name)) <= 2
    assert abs(ink_from(window.sections.detection.most) - ink_from(name)) <= 2
    dialog.close()


def ink_from(field: QWidget) -> int:
    """How far from its left edge its first letter begins."""
    if isinstance(field, QLineEdit):
        field.deselect()
        field.setText("1")
    picture = field.grab().toImage()
    rows = range(7, picture.height() - 7)
    return next(
        x
        for x in range(3, picture.width())
        if any(picture.pixelColor(x, y).lightness() < 110 for y in rows)
    )


def test_what_is_cut_off_is_noticed(qtbot: QtBot) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    whole, narrow, outside, below = (QLabel("a word", place) for _ in range(4))
    for number, label in enumerate((whole, narrow, outside, below)):
        label.resize(label.sizeHint())
        label.move(0, 40 * number)
    place.resize(200, 200)
    place.show()
    assert not cut_off(place)
    narrow.resize(narrow.width() - 4, narrow.height())
    outside.move(190, 80)
    below.move(whole.pos() + QPoint(3, 3))
    assert len(cut_off(place)) == 3
