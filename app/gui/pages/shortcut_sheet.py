"""A sheet of all keys, made from the actions themselves."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

Group = tuple[str, Sequence[tuple[str, Sequence[str]]]]


class ShortcutSheet(QDialog):
    """Two columns of groups; any key that closes windows closes it."""

    def __init__(self, parent: QWidget, groups: Sequence[Group]) -> None:
        """Show `groups`: heading, and text and keys of each."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keys"))
        columns = QHBoxLayout(self)
        columns.setContentsMargins(28, 22, 28, 24)
        columns.setSpacing(44)
        half = (len(groups) + 1) // 2
        for part in (groups[:half], groups[half:]):
            column = QVBoxLayout()
            column.setSpacing(18)
            for heading, rows in part:
                column.addWidget(_group(heading, rows))
            column.addStretch(1)
            columns.addLayout(column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that opened it close it, too."""
        if event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Question):
            self.close()
        else:
            super().keyPressEvent(event)


def _group(heading: str, rows: Sequence[tuple[str, Sequence[str]]]) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(7)
    grid.setColumnStretch(0, 1)
    title = QLabel(heading)
    title.setProperty("heading", True)
    grid.addWidget(title, 0, 0, 1, 2)
    for number, (text, keys) in enumerate(rows, start=1):
        grid.addWidget(QLabel(text), number, 0)
        caps = QHBoxLayout()
        caps.setSpacing(4)
        caps.addStretch(1)
        for key in keys:
            cap = QLabel(key)
            cap.setProperty("cap", True)
            caps.addWidget(cap)
        grid.addLayout(caps, number, 1)
    return box
