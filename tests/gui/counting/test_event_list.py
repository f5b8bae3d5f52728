"""The list of what was counted, by mouse alone."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QListView

from app.gui.window import MainWindow
from app.tracking.events import Event

pytestmark = pytest.mark.gui


def test_the_wheel_reaches_the_first_event_though_a_click_gives_no_focus(
    window: MainWindow,
) -> None:
    """The list never has the keys by mouse; it shows four of forty."""
    events = tuple(
        Event(float(i), 10 * i, "cross", "L1", "in", i + 1, "person", (9.0, 9.0))
        for i in range(40)
    )
    window.panel.show()
    listed = window.sections.counting.events
    listed.show_events(events)
    window.panel.scroller.ensureWidgetVisible(listed)
    QApplication.processEvents()
    view = listed.view
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0  # the newest is in sight
    wheel_up(view)
    begun = bar.value()
    assert begun < bar.maximum()
    listed.show_events((*events, replace(events[0], track=41, time_s=40.0)))
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
