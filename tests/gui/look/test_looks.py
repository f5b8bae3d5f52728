"""How windows look with the style sheet: rows, headings and buttons that match."""

import pytest
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMenu,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.gui.look.icons import icon
from app.gui.look.theme import LIGHT, ThemeKeeper
from app.gui.pages.shortcut_sheet import ShortcutSheet
from tests.gui.pictures.test_pictures import looks as looks  # a fixture

pytestmark = pytest.mark.gui


@pytest.fixture
def place(looks: ThemeKeeper, qtbot: QtBot) -> QWidget:
    """A light window with nothing in it."""
    looks.use(LIGHT)
    place = QWidget()
    qtbot.addWidget(place)
    place.resize(600, 400)
    place.show()
    return place


def settle() -> None:
    for _ in range(4):
        QApplication.processEvents()


def test_rows_of_a_menu_are_alike_with_an_icon_and_without(place: QWidget) -> None:
    menu = QMenu(place)
    drawn = menu.addAction(icon("stop", place.palette()), "Stop")
    plain = menu.addAction("Play")
    menu.show()
    heights = {menu.actionGeometry(row).height() for row in (drawn, plain)}
    assert len(heights) == 1


def test_a_heading_begins_where_the_lines_below_it_do(place: QWidget) -> None:
    layout = QVBoxLayout(place)
    heading, line = QLabel("HHH"), QLabel("HHH")
    heading.setProperty("heading", True)
    for label in (heading, line):
        layout.addWidget(label)
    settle()
    assert abs(ink_from(heading.grab()) - ink_from(line.grab())) <= 1


def ink_from(pixmap: QPixmap) -> int:
    picture = pixmap.toImage()
    return next(
        x
        for x in range(picture.width())
        if any(
            picture.pixelColor(x, y).lightness() < 110 for y in range(picture.height())
        )
    )


def test_rows_of_a_table_have_air(place: QWidget) -> None:
    table = QTreeWidget(place)
    row = QTreeWidgetItem(["street.mp4"])
    table.addTopLevelItem(row)
    table.show()
    settle()
    letters = table.fontMetrics().height()
    assert table.visualItemRect(row).height() >= letters + 6


def test_the_sheet_of_keys_has_one_column_where_two_do_not_fit(place: QWidget) -> None:
    rows = [(f"what one can do, {n}", ("Ctrl+Shift+X", "Y")) for n in range(4)]
    sheet = ShortcutSheet(place, [("One", rows), ("Other", rows)])
    sheet.show()
    settle()
    wide = sheet.width()
    for width in (wide - 60, wide):
        sheet.resize(width, 300)
        settle()
        caps = [label for label in sheet.findChildren(QLabel) if label.text() == "Y"]
        edges = [cap.mapTo(sheet, cap.rect().topRight()).x() for cap in caps]
        assert max(edges) < width
        assert (len(set(edges)) == 1) == (width < wide)
    sheet.close()
