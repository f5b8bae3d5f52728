"""A row that stands up where it is too narrow: one below another, nothing cut off."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QWidget

from app.gui.seeking.making_room import MakingRoom, laid_out

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
        return [widget for widget in laid_out(self.line) if not widget.isHidden()]


class SparingRow(QWidget):
    """Widgets side by side; some are left out where there is no room for them.

    Attributes:
        room: which of them can be done without.
    """

    def __init__(
        self,
        spacing: int,
        *widgets: QWidget,
        spare: Sequence[QWidget],
        stretched: QWidget | None = None,
    ) -> None:
        """Show `widgets`, and of those the `spare` ones if they fit, dearest first."""
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing)
        for widget in widgets:
            layout.addWidget(widget, 1 if widget is stretched else 0)
        self.room = MakingRoom(layout, spare)

    @property
    def lying_px(self) -> int:
        """So wide it is with all that is wanted."""
        return self.room.wanted_px

    def want(self, widget: QWidget, *, is_wanted: bool) -> None:
        """Show it where there is room; or not at all."""
        self.room.want(widget, is_wanted=is_wanted)
        self.room.share(self.width())
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as all that is wanted, seen or not."""
        return super().sizeHint().expandedTo(QSize(self.room.wanted_px, 0))

    def minimumSizeHint(self) -> QSize:
        """As wide as what is always there."""
        return QSize(self.room.least_px, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is room for more, or for less.

        A little later: what is hidden amid a layout's work leaves others misplaced.
        """
        super().resizeEvent(event)
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))

    def event(self, event: QEvent) -> bool:
        """What is in it has changed."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.room.share(self.width())
        return super().event(event)


def _wanted_px(widget: QWidget) -> int:
    if isinstance(widget, TurningRow | SparingRow):
        return widget.lying_px
    least = widget.minimumSizeHint().width()
    if isinstance(widget, QLabel) and widget.wordWrap():
        return max(least, min(widget.sizeHint().width(), READABLE_PX))
    return least
