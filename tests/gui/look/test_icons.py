"""What app.gui.look.icons promises."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette
from pytestqt.qtbot import QtBot

from app.gui.look.icons import RED, icon

pytestmark = pytest.mark.gui


def middle(made: QIcon, mode: QIcon.Mode, side: int) -> QColor:
    image = made.pixmap(QSize(side, side), 1.0, mode).toImage()
    assert (image.width(), image.height()) == (side, side)
    return image.pixelColor(side // 2, side // 2)


@pytest.mark.parametrize("side", [24, 48, 72])
def test_it_has_the_colour_of_the_text_and_of_what_is_disabled(
    qtbot: QtBot, side: int
) -> None:
    palette = QPalette()
    group, role = QPalette.ColorGroup, QPalette.ColorRole.ButtonText
    for text, grey in (("#102030", "#808182"), ("#f0e0d0", "#505152")):
        palette.setColor(group.Active, role, QColor(text))
        palette.setColor(group.Disabled, role, QColor(grey))
        made = icon("record", palette)  # a disc
        assert middle(made, QIcon.Mode.Normal, side) == QColor(text)
        assert middle(made, QIcon.Mode.Disabled, side) == QColor(grey)
        red = icon("record", palette, color=RED)
        assert middle(red, QIcon.Mode.Normal, side) == RED
        assert middle(red, QIcon.Mode.Disabled, side) == QColor(grey)


def test_the_same_one_is_drawn_once(qtbot: QtBot) -> None:
    palette = QPalette()
    first, again = (icon("play", palette) for _ in range(2))
    assert first.cacheKey() == again.cacheKey()
    assert first.cacheKey() != icon("pause", palette).cacheKey()
