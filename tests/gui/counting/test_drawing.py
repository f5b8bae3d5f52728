"""Lines and zones by the mouse and its keys, on a street that stands still."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.gui.counting.tool import ACCENT
from app.gui.window import MainWindow
from tests.gui.counting.test_counting import LEFT, at
from tests.gui.counting.test_counting import factories as factories  # fixtures
from tests.gui.counting.test_counting import player as player
from tests.gui.counting.test_counting import street as street
from tests.gui.counting.test_counting import window as window
from tests.gui.test_window import until as until

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("street")]

SHIFT = Qt.KeyboardModifier.ShiftModifier
CORNERS = ((0.2, 0.3), (0.6, 0.3), (0.6, 0.7))


def click(window: MainWindow, *places: tuple[float, float]) -> None:
    for place in places:
        QTest.mouseClick(window.video, LEFT, pos=at(window, *place))


def double_click(window: MainWindow, place: tuple[float, float]) -> None:
    """What a window system sends: the second press comes as the double click."""
    click(window, place)
    QTest.mouseDClick(window.video, LEFT, pos=at(window, *place))
    QTest.mouseRelease(window.video, LEFT, pos=at(window, *place))


def is_drawn(window: MainWindow, x: float, y: float) -> bool:
    """Whether something selected is painted within two points of that place."""
    image, spot = window.video.grab().toImage(), at(window, x, y)
    ratio = window.video.devicePixelRatio()
    return any(
        near(image.pixelColor((spot + QPoint(dx, dy)) * ratio), ACCENT)
        for dx in range(-2, 3)
        for dy in range(-2, 3)
    )


def near(one: QColor, other: QColor) -> bool:
    gaps = (
        one.red() - other.red(),
        one.green() - other.green(),
        one.blue() - other.blue(),
    )
    return max(map(abs, gaps)) < 40


def drawn(window: MainWindow) -> list[tuple[tuple[float, float], ...]]:
    return [zone.polygon for zone in window.counting.editor.rules.zones]


def test_what_is_drawn_is_seen_and_a_corner_is_taken_back(window: MainWindow) -> None:
    QTest.mouseClick(window.sections.counting.zone, LEFT)
    click(window, *CORNERS[:2])
    assert is_drawn(window, 0.4, 0.3)
    QTest.keyClick(window.video, Qt.Key.Key_Return)  # two corners are no zone
    assert not drawn(window)
    assert window.sections.counting.zone.isChecked()
    click(window, (0.9, 0.9))
    QTest.mouseMove(window.video, at(window, 0.8, 0.3))
    QTest.keyClick(window.video, Qt.Key.Key_Backspace)
    assert is_drawn(window, 0.7, 0.3)  # from the second one to the mouse
    click(window, CORNERS[2])
    QTest.keyClick(window.video, Qt.Key.Key_Enter)
    (polygon,) = drawn(window)
    assert np.array(polygon) == pytest.approx(np.array(CORNERS), abs=0.01)
    assert is_drawn(window, 0.4, 0.5)  # selected, with the side that closes it


def test_a_click_on_the_first_corner_or_two_at_the_last_close_a_zone(
    window: MainWindow,
) -> None:
    section = window.sections.counting
    QTest.mouseClick(section.zone, LEFT)
    click(window, *CORNERS, (0.203, 0.304))
    (polygon,) = drawn(window)
    assert len(polygon) == 3
    assert not section.zone.isChecked()
    QTest.mouseClick(section.zone, LEFT)
    click(window, (0.7, 0.1), (0.9, 0.1))
    double_click(window, (0.9, 0.5))
    assert len(drawn(window)) == 2
    assert len(drawn(window)[1]) == 3
    assert not window.isFullScreen()


def test_two_clicks_at_one_place_are_no_line(window: MainWindow) -> None:
    section, editor = window.sections.counting, window.counting.editor
    QTest.mouseClick(section.line, LEFT)
    double_click(window, (0.3, 0.4))
    assert not editor.rules
    assert section.line.isChecked()
    click(window, (0.7, 0.6))
    (line,) = editor.rules.lines
    assert line.from_xy == pytest.approx((0.3, 0.4), abs=0.01)
    assert line.to_xy == pytest.approx((0.7, 0.6), abs=0.01)
    assert not section.line.isChecked()


def test_shift_draws_and_moves_level_and_upright(window: MainWindow) -> None:
    section, editor = window.sections.counting, window.counting.editor
    QTest.mouseClick(section.line, LEFT)
    QTest.mousePress(window.video, LEFT, pos=at(window, 0.2, 0.5))
    QTest.mouseRelease(window.video, LEFT, SHIFT, at(window, 0.8, 0.56))
    (line,) = editor.rules.lines
    assert line.to_xy[0] == pytest.approx(0.8, abs=0.01)
    assert line.to_xy[1] == line.from_xy[1]
    # Its second end, to nearly above the first.
    QTest.mousePress(window.video, LEFT, pos=at(window, 0.8, 0.5))
    move(window, at(window, 0.25, 0.1), SHIFT)
    QTest.mouseRelease(window.video, LEFT, SHIFT, at(window, 0.25, 0.1))
    (line,) = editor.rules.lines
    assert line.to_xy[0] == line.from_xy[0]
    assert line.to_xy[1] == pytest.approx(0.1, abs=0.01)


def move(window: MainWindow, spot: QPoint, modifiers: Qt.KeyboardModifier) -> None:
    """As `QTest.mouseMove`, which knows of no keys."""
    video = window.video
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(spot),
        QPointF(video.mapToGlobal(spot)),
        Qt.MouseButton.NoButton,
        LEFT,
        modifiers,
    )
    QApplication.sendEvent(video, event)


def test_what_is_moved_is_seen_and_escape_leaves_it_where_it_was(
    window: MainWindow,
) -> None:
    editor = window.counting.editor
    editor.add_zone(CORNERS)
    before = editor.rules
    QTest.mousePress(window.video, LEFT, pos=at(window, 0.4, 0.3))
    move(window, at(window, 0.5, 0.4), Qt.KeyboardModifier.NoModifier)
    assert is_drawn(window, 0.5, 0.4)
    assert not is_drawn(window, 0.4, 0.3)
    QTest.keyClick(window.video, Qt.Key.Key_Escape)
    assert is_drawn(window, 0.4, 0.3)
    QTest.mouseRelease(window.video, LEFT, pos=at(window, 0.5, 0.4))
    assert editor.rules == before
    assert editor.selection == "Z1"
    QTest.keyClick(window.video, Qt.Key.Key_Escape)
    assert editor.selection == ""
    assert not is_drawn(window, 0.4, 0.3)


def test_a_row_selects_and_an_empty_name_is_none(window: MainWindow) -> None:
    section, editor = window.sections.counting, window.counting.editor
    editor.add_line((0.5, 0.2), (0.5, 0.8))
    editor.add_zone(CORNERS)
    window.panel.show()
    window.panel.scroller.ensureWidgetVisible(section.rules)
    row = section.rules.visualItemRect(section.rules.item(0)).center()
    QTest.mouseClick(section.rules.viewport(), LEFT, pos=row)
    assert editor.selection == "L1"
    assert is_drawn(window, 0.5, 0.5)
    section.name.clear()
    QTest.keyClick(section.name, Qt.Key.Key_Return)
    assert section.name.text() == "L1"
    assert [rule.name for rule in editor.rules.all()] == ["L1", "Z1"]
    section.anchor.setCurrentIndex(1)
    section.anchor.activated.emit(1)
    assert editor.rules.lines[0].anchor == "center"
    assert editor.rules.zones[0].anchor == "bottom"
