"""What app.gui.look.turning promises."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget, QWidgetItem
from pytestqt.qtbot import QtBot

from app.gui.look.turning import SparingRow, TurningRow

pytestmark = pytest.mark.gui


def layout_items() -> int:
    """How many of them PySide knows."""
    return sum(isinstance(each, QWidgetItem) for each in gc.get_objects())


@pytest.fixture
def row(qtbot: QtBot) -> Iterator[TurningRow]:
    row = TurningRow(6)
    for words in ("open the street clip", "build it", "cancel"):
        row.line.addWidget(QLabel(words))
    holder = QWidget()  # or the layout keeps the window as wide as it lies
    row.setParent(holder)
    qtbot.addWidget(holder)
    holder.show()
    yield row
    holder.close()


def test_a_row_stands_up_where_it_is_too_narrow(row: TurningRow) -> None:
    row.resize(row.lying_px, 100)
    assert row.line.direction() == row.line.Direction.LeftToRight
    row.resize(row.lying_px - 1, 100)
    assert row.line.direction() == row.line.Direction.TopToBottom
    row.findChildren(QLabel)[0].hide()
    QApplication.processEvents()
    assert row.line.direction() == row.line.Direction.LeftToRight


def test_pyside_knows_no_layout_item_that_may_go(row: TurningRow, qtbot: QtBot) -> None:
    """It would take for alive what is gone: a crash, once in ten thousand clicks."""
    before = layout_items()
    row.resize(row.lying_px - 1, 100)
    kept, spare = QLabel("kept"), QLabel("spare")
    sparing = SparingRow(6, kept, spare, spare=[spare])
    qtbot.addWidget(sparing)
    sparing.want(spare, is_wanted=True)
    sparing.resize(sparing.lying_px, 20)
    assert layout_items() == before
