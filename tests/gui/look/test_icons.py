"""What app.gui.look.icons promises."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.gui.look.icons import RED, icon, plain_icon
from app.gui.look.theme import DARK, LIGHT, Theme, ThemeKeeper, contrast
from tests.gui.pictures.test_pictures import looks as looks  # a fixture

pytestmark = pytest.mark.gui


def middle(made: QIcon, mode: QIcon.Mode, side: int) -> QColor:
    image = made.pixmap(QSize(side, side), 1.0, mode).toImage()
    assert (image.width(), image.height()) == (side, side)
    return image.pixelColor(side // 2, side // 2)


@pytest.mark.parametrize("side", [24, 48, 72])
def test_it_has_the_colour_of_the_text_of_what_is_disabled_and_of_what_is_selected(
    qtbot: QtBot, side: int
) -> None:
    palette = QPalette()
    group, role = QPalette.ColorGroup, QPalette.ColorRole.ButtonText
    palette.setColor(group.Active, QPalette.ColorRole.HighlightedText, "#fefdfc")
    for text, grey in (("#102030", "#808182"), ("#f0e0d0", "#505152")):
        palette.setColor(group.Active, role, QColor(text))
        palette.setColor(group.Disabled, role, QColor(grey))
        made = icon("record", palette)  # a disc
        assert middle(made, QIcon.Mode.Normal, side) == QColor(text)
        assert middle(made, QIcon.Mode.Disabled, side) == QColor(grey)
        assert middle(made, QIcon.Mode.Selected, side) == QColor("#fefdfc")
        red = icon("record", palette, color=RED)
        assert middle(red, QIcon.Mode.Selected, side) == QColor("#fefdfc")
        assert middle(red, QIcon.Mode.Normal, side) == RED
        assert middle(red, QIcon.Mode.Disabled, side) == QColor(grey)


def test_the_same_one_is_drawn_once(qtbot: QtBot) -> None:
    palette = QPalette()
    first, again = (icon("play", palette) for _ in range(2))
    assert first.cacheKey() == again.cacheKey()
    assert first.cacheKey() != icon("pause", palette).cacheKey()


def test_a_picture_stays_as_it_is_where_its_row_is_selected(qtbot: QtBot) -> None:
    pixmap = QPixmap(24, 24)
    pixmap.fill("#c05010")
    assert middle(plain_icon(pixmap), QIcon.Mode.Selected, 24) == QColor("#c05010")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_icons_are_seen_in_the_row_of_a_menu_that_the_mouse_is_on(
    looks: ThemeKeeper, qtbot: QtBot, theme: Theme
) -> None:
    looks.use(theme)
    menu = QMenu()
    qtbot.addWidget(menu)
    row = menu.addAction(icon("stop", QApplication.palette()), "Stop")
    menu.show()
    menu.setActiveAction(row)
    QApplication.processEvents()
    place, picture = menu.actionGeometry(row), menu.grab().toImage()
    shades = [
        picture.pixelColor(x, place.center().y()).name()
        for x in range(place.left() + 4, place.left() + 34)
    ]
    assert max(contrast(shades[0], shade) for shade in shades) >= 4.5
