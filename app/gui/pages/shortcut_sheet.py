"""A sheet of all keys, made from the actions themselves."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

SCREEN_SHARE, MARGIN = 0.9, QSize(2, 2)
Group = tuple[str, Sequence[tuple[str, Sequence[str]]]]


class ShortcutSheet(QDialog):
    """Two columns of groups, or one where it is narrower than both.

    Any key that closes windows closes it.
    """

    def __init__(self, parent: QWidget, groups: Sequence[Group]) -> None:
        """Show `groups`: heading, and text and keys of each."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keys"))
        body = QWidget()
        self._columns = columns = QHBoxLayout(body)
        columns.setContentsMargins(28, 22, 28, 24)
        columns.setSpacing(44)
        half = _middle([len(rows) + 1 for _, rows in groups])
        for part in (groups[:half], groups[half:]):
            column = QVBoxLayout()
            column.setSpacing(18)
            for heading, rows in part:
                column.addWidget(_group(heading, rows))
            column.addStretch(1)
            columns.addLayout(column)
        scroll = QScrollArea(widgetResizable=True)  # where the screen is too small
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(body)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scroll)
        room = parent.screen().availableSize() * SCREEN_SHARE
        # Where it scrolls down, it need not scroll sideways, too.
        around_it = MARGIN + QSize(scroll.verticalScrollBar().sizeHint().width(), 0)
        self._lying_px = (body.sizeHint() + around_it).width()
        self._turn(room.width())
        self.resize((body.sizeHint() + around_it).boundedTo(room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Somebody made it narrower, or the screen did."""
        super().resizeEvent(event)
        self._turn(self.width())

    def _turn(self, width_px: int) -> None:
        lies, directions = width_px >= self._lying_px, QBoxLayout.Direction
        self._columns.setDirection(
            directions.LeftToRight if lies else directions.TopToBottom
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that opened it close it, too."""
        if event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Question):
            self.close()
        else:
            super().keyPressEvent(event)


def _middle(heights: Sequence[int]) -> int:
    """After how many of them the first column ends, so that both are alike."""
    sums = [abs(sum(heights[:n]) - sum(heights[n:])) for n in range(len(heights) + 1)]
    return sums.index(min(sums))


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
