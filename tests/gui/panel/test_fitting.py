"""What people use is seen without scrolling, as the window first opens."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.gui.languages.speaking import LANGUAGES
from app.gui.look.theme import ThemeKeeper
from app.gui.look.window_memory import FIRST_SIZE
from app.gui.playing.keeper import RecordingState
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.thresholds import Thresholds
from tests.fakes import FakeFile
from tests.gui.conftest import Bench, make_window
from tests.gui.languages.test_languages import spoken as spoken  # a fixture
from tests.gui.pictures.test_pictures import looks as looks  # a fixture
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui

USED = ("classes", "detection", "counting", "recording", "overlay")


@pytest.mark.parametrize("spoken", list(LANGUAGES), indirect=True)
def test_what_people_use_fits_the_window_as_it_first_opens(
    spoken: str,
    looks: ThemeKeeper,
    player: Player,
    bench: Bench,
    qtbot: QtBot,
    tmp_path: Path,
    until: Until,
) -> None:
    bench.sources["holiday.mp4"] = FakeFile(125, is_stills=True)  # none follows
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    window.show()
    assert window.size().toTuple() == FIRST_SIZE
    window.open_source("holiday.mp4")
    until(lambda: window.video.has_image)
    until(lambda: "52" in window.sections.recording.room.text())
    sections = window.sections
    sections.classes.show_classes(tuple(f"class {number}" for number in range(20)))
    sections.detection.show_thresholds(Thresholds(0.5, 100, ((0.5, 0.7, 0.6),)))
    for _ in range(4):
        QApplication.processEvents()
    bar = window.panel.scroller.verticalScrollBar()
    assert bar.maximum() == 0
    named = sections.by_name()
    assert not [name for name in USED if named[name].is_folded]
    row_px = sections.classes.list.sizeHintForRow(0)
    # Nearly four; with tall letters of Japanese a few pixels of the fourth are below.
    assert sections.classes.list.viewport().height() > 3.8 * row_px
    for is_held in (False, True):  # while it is recorded, too
        state = RecordingState("12:34", is_held, 8_200_000, 0, 754.0)
        sections.recording.show_state(state)
        for _ in range(4):
            QApplication.processEvents()
        assert bar.maximum() == 0


def test_rows_of_classes_have_air_before_anything_is_empty(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["holiday.mp4"] = FakeFile(125, is_stills=True)
    window.panel.fold(("hiding", "source", "model"))
    window.open_source("holiday.mp4")
    until(lambda: window.video.has_image)
    classes = window.sections.classes
    classes.show_classes(tuple(f"class {number}" for number in range(20)))
    heights = []
    for height in (780, 1440):
        window.resize(1280, height)
        for _ in range(6):
            QApplication.processEvents()
        heights.append(classes.list.sizeHintForRow(0))
        is_whole = classes.list.viewport().height() >= 20 * heights[-1]
        assert is_whole == (height > 1000)
    assert heights[0] < heights[1]
    # What is left even then is below all of it, and no hole within.
    assert classes.height() - classes.list.geometry().bottom() < 60
    detection = window.sections.detection
    assert detection.y() - classes.geometry().bottom() < 10
