"""What a screen reader is told: AT-SPI, NSAccessibility and UIA ask Qt for this."""

import sys

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.gui.panel.section import Further
from app.gui.window import MainWindow
from tests.fakes import FakeFile
from tests.gui.conftest import Bench

KINDS = (QComboBox, QAbstractSpinBox, QAbstractSlider, QAbstractButton, QLineEdit)


def spoken(widget: QWidget) -> str:
    """As Linux has it: a list is called by its label, or by nothing."""
    interface = QAccessible.queryAccessibleInterface(widget)
    if not isinstance(widget, QComboBox) or sys.platform != "linux":
        return interface.text(QAccessible.Text.Name).strip()
    labels = [
        other.text(QAccessible.Text.Name)
        for other, relation in interface.relations()
        if relation == QAccessible.RelationFlag.Label
    ]
    return "".join(labels).strip()


def test_whatever_can_be_reached_has_a_name(
    window: MainWindow, bench: Bench, qtbot: QtBot
) -> None:
    bench.sources["clip"] = FakeFile(3)
    window.open_source("clip")
    qtbot.waitUntil(lambda: window.transport.isVisible())
    for more in window.findChildren(Further):
        more.button.setChecked(True)
    window.exporting.show()
    for kind in KINDS:
        reached = [
            widget
            for widget in window.findChildren(kind)
            if widget.focusPolicy()
            and widget.isVisibleTo(window)
            # What is inside another one is read with it.
            and not isinstance(widget.parentWidget(), KINDS)
        ]
        assert reached
        assert [widget.toolTip() for widget in reached if not spoken(widget)] == []
