"""What changes often, and is no reason to lay out the window anew."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class Apart(QWidget):
    """Holds a widget in the width it is given; whoever holds this hears of heights.

    In Qt a label or a button with another text asks each layout above it for another
    place, up to the window's own, which then sets all of its parts anew.
    """

    def __init__(self, held: QWidget) -> None:
        """Hold `held`, and nothing else."""
        super().__init__()
        self._held = held
        held.setParent(self)
        policy = held.sizePolicy()
        policy.setHorizontalPolicy(policy.Policy.Ignored)
        self.setSizePolicy(policy)
        self._height_px = self._wanted_px()

    def hasHeightForWidth(self) -> bool:
        """As what it holds."""
        return self._held.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        """As what it holds."""
        return self._held.heightForWidth(width)

    def sizeHint(self) -> QSize:
        """As what it holds."""
        return self._held.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self._held.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All of it is for what it holds."""
        super().resizeEvent(event)
        self._held.resize(self.size())
        self._height_px = self._wanted_px()

    def event(self, event: QEvent) -> bool:
        """What it holds is another; most often, it is no higher."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._held.setGeometry(self.rect())
            if self._height_px != (height_px := self._wanted_px()):
                self._height_px = height_px
                self.updateGeometry()
        return super().event(event)

    def _wanted_px(self) -> int:
        if self.hasHeightForWidth():
            return self.heightForWidth(self.width())
        return self.sizeHint().height()
