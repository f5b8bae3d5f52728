"""The list of what was counted, by mouse alone."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QPixmap, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView
from pytestqt.qtbot import QtBot

from app.gui.counting import event_list
from app.gui.counting.event_list import EventList
from app.gui.window import MainWindow
from app.tracking.books.audit import Audit
from app.tracking.events import Event

pytestmark = pytest.mark.gui


def test_the_wheel_reaches_the_first_event_though_a_click_gives_no_focus(
    window: MainWindow,
) -> None:
    """The list never has the keys by mouse; it shows four of forty."""
    rows = events(40)
    window.panel.show()
    listed = window.sections.counting.events
    listed.show_events(rows)
    window.panel.scroller.ensureWidgetVisible(listed)
    QApplication.processEvents()
    view = listed.view
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0  # the newest is in sight
    wheel_up(view)
    begun = bar.value()
    assert begun < bar.maximum()
    listed.show_events((*rows, replace(rows[0], track=41, time_s=40.0)))
    assert bar.value() == begun  # who looks at another is left there
    for _ in range(60):
        wheel_up(view)
    assert bar.value() == 0
    assert not view.hasFocus()


def wheel_up(view: QListView) -> None:
    at = QPointF(view.viewport().rect().center())
    notch = QWheelEvent(
        *(at, QPointF(view.viewport().mapToGlobal(at)), QPoint(), QPoint(0, 120)),
        *(Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier),
        *(Qt.ScrollPhase.NoScrollPhase, False),
    )
    QApplication.sendEvent(view.viewport(), notch)


def events(count: int) -> tuple[Event, ...]:
    return tuple(
        Event(float(i), 10 * i, "cross", "L1", "in", i + 1, "person", (9.0, 9.0))
        for i in range(count)
    )


def text(listed: EventList, row: int) -> str:
    return str(listed.model.data(listed.model.index(row)))


@pytest.fixture
def listed(qtbot: QtBot) -> EventList:
    listed = EventList()
    qtbot.addWidget(listed)
    listed.show()
    return listed


def test_each_kind_of_event_has_its_words(listed: EventList) -> None:
    (one,) = events(1)
    kinds = {
        "enter": "entered",
        "leave": "left",
        "appear_inside": "appeared inside",
        "lost_inside": "last seen inside",
    }
    zone = replace(one, rule="Z1", direction="", time_s=61.0)
    rows = tuple(replace(zone, kind=kind) for kind in kinds)
    listed.show_events((one, replace(one, direction="out"), *rows))
    assert text(listed, 0) == "0:00   L1 in\nperson, track 1"
    assert text(listed, 1) == "0:00   L1 out\nperson, track 1"
    for row, words in enumerate(kinds.values(), start=2):
        assert text(listed, row) == f"1:01   Z1 {words}\nperson, track 1"
    assert listed.model.data(QModelIndex()) is None


def test_a_verdict_is_read_and_the_next_one_is_shown(listed: EventList) -> None:
    rows = events(2)
    audit = Audit()
    chosen: list[Event] = []

    def judge(event: Event, is_right: bool) -> None:
        nonlocal audit
        audit = audit.with_verdict(event, is_right)
        listed.show_audit(audit)

    listed.judged.connect(judge)
    listed.chosen.connect(chosen.append)
    assert listed.summary.text() == "Nothing was counted yet."
    listed.show_events(rows)
    assert listed.summary.text() == "2 events; click one to look at it."
    assert not listed.right.isEnabled()
    first = listed.view.visualRect(listed.model.index(0)).center()
    QTest.mouseClick(listed.view.viewport(), Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseClick(listed.right, Qt.MouseButton.LeftButton)
    assert chosen == [rows[0], rows[1]]
    QTest.mouseClick(listed.wrong, Qt.MouseButton.LeftButton)
    assert chosen == [rows[0], rows[1]]  # that was the last one
    assert text(listed, 0).endswith("\nright")
    assert text(listed, 1).endswith("\nWRONG")
    assert listed.summary.text() == "2 events, of 2 looked at 1 right."


def test_who_looks_at_an_event_keeps_it_where_others_go(listed: EventList) -> None:
    """As where a line is moved, and all of it is counted again."""
    rows = events(6)
    listed.show_events(rows)
    listed.view.setCurrentIndex(listed.model.index(4))
    listed.show_events(rows[2:5])
    assert listed.view.currentIndex().row() == 2
    assert listed.right.isEnabled()
    listed.show_events(rows[:2])
    assert not listed.view.currentIndex().isValid()
    assert not listed.right.isEnabled()


def test_the_oldest_pictures_make_room_and_are_asked_for_again(
    listed: EventList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_list, "MOST_PICTURES", 2)
    rows = events(3)
    listed.show_events(rows)
    for row in rows:
        listed.model.show_picture(row, QPixmap(4, 4))
    assert [listed.model.has_picture(row) for row in rows] == [False, True, True]
    wanted: list[Event] = []
    listed.model.picture_wanted.connect(wanted.append)
    for number in range(3):
        listed.model.data(listed.model.index(number), Qt.ItemDataRole.DecorationRole)
    assert wanted == [rows[0]]
