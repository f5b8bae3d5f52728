"""A row that stands up where it is too narrow: one below another, nothing cut off."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

# Words in many lines want so much, before they are a column of single ones.
READABLE_PX = 200


class TurningRow(QWidget):
    """Widgets side by side where they fit; else each has the whole width."""

    def __init__(self, spacing: int) -> None:
        """Empty; `spacing` pixels are between two. `line` takes them."""
        super().__init__()
        self.line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.setSpacing(spacing)

    @property
    def lying_px(self) -> int:
        """So wide it is while it lies."""
        wanted = [_wanted_px(widget) for widget in self._shown()]
        return sum(wanted) + self.line.spacing() * max(0, len(wanted) - 1)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the widest of them."""
        widths = [widget.minimumSizeHint().width() for widget in self._shown()]
        return QSize(max(widths, default=0), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is room for more side by side, or for less."""
        super().resizeEvent(event)
        self._turn()

    def event(self, event: QEvent) -> bool:
        """What is in it has changed."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._turn()
        return super().event(event)

    def _turn(self) -> None:
        """Lie, or stand up."""
        directions = QBoxLayout.Direction
        lies = self.lying_px <= self.width()
        wanted = directions.LeftToRight if lies else directions.TopToBottom
        if self.line.direction() != wanted:
            self.line.setDirection(wanted)
            # Whoever holds this may have given out its height for the other way.
            self.updateGeometry()

    def _shown(self) -> list[QWidget]:
        items = (self.line.itemAt(i) for i in range(self.line.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if widget and not widget.isHidden()]


def _wanted_px(widget: QWidget) -> int:
    if isinstance(widget, TurningRow):
        return widget.lying_px
    least = widget.minimumSizeHint().width()
    if isinstance(widget, QLabel) and widget.wordWrap():
        return max(least, min(widget.sizeHint().width(), READABLE_PX))
    return least
