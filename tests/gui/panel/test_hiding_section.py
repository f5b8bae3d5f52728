"""What a person can hide, and how closely to look, in the side panel."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView

from app.gui.look.theme import LIGHT, ThemeKeeper
from app.gui.window import MainWindow
from app.settings import AUTO_BUDGET_MS, AUTO_DETAIL, Settings
from app.types import Detections, Frame, Result
from tests.fakes import FakeFile
from tests.gui.conftest import Bench
from tests.gui.panel.test_panel import Finder
from tests.gui.pictures.test_pictures import looks as looks  # a fixture
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui


@pytest.fixture
def finding(window: MainWindow, bench: Bench, until: Until) -> MainWindow:
    """A file held at its end, in which something was found."""
    bench.detectors["cpu"] = Finder()
    bench.sources["clip"] = FakeFile(3)
    window.open_source("clip")
    until(lambda: window.video.has_image and window._player.is_paused)
    return window


def is_black(window: MainWindow) -> bool:
    assert window.video.result is not None
    return not window.video.result.frame.image_bgr.any()


def mark(rows: QListView, row: int) -> None:
    rows.setCurrentIndex(rows.model().index(row, 0))
    QTest.keyClick(rows, Qt.Key.Key_Space)


def test_a_mark_hides_at_once_even_what_stands_still_and_can_be_undone(
    finding: MainWindow, until: Until
) -> None:
    """Without a hider, as here, what is hidden is black."""
    section = finding.sections.hiding
    finding.panel.reveal(section)
    names = section.model.names
    assert names == finding.sections.classes.model.names
    assert not is_black(finding)
    mark(section.list, 0)
    until(lambda: is_black(finding))
    assert finding.status.covered.isVisible()
    assert finding.status.covered.text() == f"Hidden: {names[0]}"
    assert section.state.text() == f"Hidden everywhere: {names[0]}."
    finding.actions_.undo.trigger()
    until(lambda: not is_black(finding))
    assert not finding.status.covered.isVisible()
    assert section.state.text() == "Nobody is hidden."


def test_what_the_model_does_not_know_can_be_let_go_of(finding: MainWindow) -> None:
    section = finding.sections.hiding
    finding.panel.reveal(section)
    finding.changes.change("hiding", covered_class_names=("giraffe",))
    assert "does not know giraffe" in section.state.text()
    assert section.model.names[0] == "giraffe"
    mark(section.list, 0)
    assert finding._player.settings.covered_class_names == ()


def test_a_picture_from_before_the_hiding_is_not_saved(finding: MainWindow) -> None:
    said: list[str] = []
    finding.keeper.failed.connect(lambda error: said.append(str(error)))
    finding.changes.change("hiding", covered_class_names=("person",))
    clean = np.full((4, 4, 3), 9, np.uint8)
    before = Result(Frame(clean, 0, 0.0, 0.0), Detections.empty(), ("person",))
    finding.keeper.take_snapshot(before)
    assert len(said) == 1
    assert "before person was hidden" in said[0]


def test_looks_are_chosen_and_followed(finding: MainWindow) -> None:
    box, player = finding.sections.detection.detail, finding._player
    finding.panel.reveal(finding.sections.detection)
    assert (box.currentIndex(), player.settings.detail) == (0, 1)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_End)
    assert box.currentText() == "Auto"
    chosen = player.settings.detail, player.settings.detail_budget_ms
    assert chosen == (AUTO_DETAIL, AUTO_BUDGET_MS)
    finding.actions_.undo.trigger()
    assert box.currentText() == "Whole picture"
    finding.sections.show_settings(Settings(detail=3, detail_budget_ms=50.0))
    assert box.currentText() == "Auto, 50 ms"
    box.activated.emit(1)
    assert (player.settings.detail, player.settings.detail_budget_ms) == (2, 0.0)


def test_the_sign_that_classes_are_hidden_has_air_around_its_words(
    looks: ThemeKeeper, window: MainWindow
) -> None:
    looks.use(LIGHT)
    sign = window.sections.hiding.state
    assert sign.contentsRect() == sign.rect()
    window.changes.change("hiding", covered_class_names=("person",))
    assert sign.contentsRect() == sign.rect().adjusted(8, 1, -8, -1)  # theme.qss
