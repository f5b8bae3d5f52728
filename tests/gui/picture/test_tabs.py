"""What `Tabs` of app.gui.picture.boxes promises."""

import pytest
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.gui.picture.boxes import WHITE, Tabs

pytestmark = pytest.mark.gui

RED = QColor(250, 120, 110)


def painted(tabs: Tabs, *tabs_at: tuple[str, int, int, QColor]) -> QImage:
    canvas = QImage(300, 120, QImage.Format.Format_RGB32)
    canvas.fill(QColor(1, 2, 3))
    painter = QPainter(canvas)
    for text, x, y, color in tabs_at:
        tabs.paint(painter, text, x, y, color)
    painter.end()
    return canvas


def test_a_tab_that_is_painted_again_is_the_same_anywhere(qtbot: QtBot) -> None:
    tabs = Tabs(QFont(), 12)
    width, height = tabs.size_wh("person 0.87")
    first = painted(tabs, ("person 0.87", 7, 5, RED))
    assert first.pixelColor(6, 5) == QColor(1, 2, 3)
    assert first.pixelColor(7, 5) == first.pixelColor(6 + width, 4 + height) == RED
    assert first.pixelColor(7 + width, 5) == QColor(1, 2, 3)
    tab = first.copy(7, 5, width, height)
    again = painted(tabs, ("person 0.87", 90, 60, RED))
    assert again.copy(90, 60, width, height) == tab


def test_other_text_and_another_colour_are_other_tabs(qtbot: QtBot) -> None:
    tabs = Tabs(QFont(), 12)
    red = painted(tabs, ("car 0.90", 0, 0, RED))
    white = painted(tabs, ("car 0.90", 0, 0, WHITE))
    other = painted(tabs, ("car 0.91", 0, 0, RED))
    assert white.pixelColor(0, 0) == WHITE
    assert red != other
    assert red == painted(Tabs(QFont(), 12), ("car 0.90", 0, 0, RED))
