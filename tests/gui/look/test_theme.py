"""Colours that can be read, and that follow the system."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.drawing.style import class_color_rgb
from app.gui.look.theme import DARK, LIGHT, Theme, ThemeKeeper, contrast, current
from app.gui.panel.section import HEADING_PX, Section
from app.gui.picture.video_view import BACKGROUND
from app.gui.picture.words import HINT, TITLE
from app.gui.window import MainWindow

pytestmark = pytest.mark.gui

# WCAG 2.1, 1.4.3, level AA.
READABLE = 4.5
THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


@pytest.fixture
def keeper(qapp: QApplication) -> Iterator[ThemeKeeper]:
    before = qapp.palette(), qapp.style().objectName()
    keeper = ThemeKeeper(qapp)
    yield keeper
    keeper.deleteLater()
    qapp.setStyleSheet("")
    qapp.setStyle(before[1])
    qapp.setPalette(before[0])


def test_a_window_made_first_is_dressed_afterwards(
    qapp: QApplication, keeper: ThemeKeeper, qtbot: QtBot
) -> None:
    keeper.deleteLater()
    qapp.setStyleSheet("")
    late = ThemeKeeper(qapp, is_late=True)
    assert (qapp.styleSheet(), qapp.palette()) == ("", current().palette())
    section = Section()
    qtbot.addWidget(section)
    section.set_title("Model")
    section.fold(True)
    section.summarize("a_model_with_a_name_that_is_long.onnx on whatever there is")
    late.dress()
    assert "QPushButton" in qapp.styleSheet()
    # The sheet's letters are bolder: as many fit as there are now.
    heading = section.heading
    heading.ensurePolished()
    assert heading.fontMetrics().horizontalAdvance(heading.text()) <= HEADING_PX
    late.deleteLater()


def test_contrast_is_as_the_standard_has_it() -> None:
    # WCAG's own extremes; and #767676, the lightest grey that passes on white.
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#ffffff", "#ffffff") == pytest.approx(1.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") < READABLE


def test_a_theme_that_changes_reaches_every_word(
    keeper: ThemeKeeper, qtbot: QtBot
) -> None:
    """The sheet gives a label the palette of its moment: the new one, not the last."""
    box = QWidget()
    label = QLabel("Score from", box)
    qtbot.addWidget(box)
    box.show()
    for theme in (DARK, LIGHT, DARK):
        keeper.use(theme)
        QApplication.processEvents()
        ink = label.palette().color(QPalette.ColorRole.WindowText).name()
        assert ink == theme.window.text


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read(theme: Theme) -> None:
    for name, ink in theme.inks().items():
        assert contrast(ink.text, ink.paper) >= READABLE, name


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_a_button_under_the_mouse(theme: Theme) -> None:
    for text in (theme.window.text, theme.base.text):
        assert contrast(text, theme.hover) >= READABLE
        assert contrast(text, theme.border) >= READABLE  # pressed


def test_what_is_written_over_the_picture_can_be_read() -> None:
    for color in (TITLE, HINT):
        assert contrast(color.name(), BACKGROUND.name()) >= READABLE


def test_labels_on_boxes_can_be_read() -> None:
    for class_id in range(100):
        color = "#{:02x}{:02x}{:02x}".format(*class_color_rgb(class_id))
        assert contrast("#000000", color) >= READABLE


@pytest.mark.parametrize("theme", THEMES)
def test_the_sheet_knows_every_colour_it_names(
    keeper: ThemeKeeper, qapp: QApplication, theme: Theme
) -> None:
    keeper.use(theme)
    assert "@" not in qapp.styleSheet()
    assert current() == theme


def test_the_system_going_dark_is_followed_icons_and_all(
    keeper: ThemeKeeper, window: MainWindow, qapp: QApplication, qtbot: QtBot
) -> None:
    hints = qapp.styleHints()
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    qtbot.waitUntil(lambda: _tone(window) < 100)  # dark icons on light
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    qtbot.waitUntil(lambda: _tone(window) > 150)
    assert current() == DARK


def _tone(window: MainWindow) -> int:
    """How light the icon of a button is, where it is opaque."""
    image = window.actions_.open_file.icon().pixmap(48, 48).toImage()
    colors = (image.pixelColor(x, y) for x in range(image.width()) for y in range(48))
    tones = [color.lightness() for color in colors if color.alpha() == 255]
    return sum(tones) // len(tones)
