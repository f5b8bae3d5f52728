"""The wheel scrolls; it changes a value only where the keyboard is, too."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QScrollBar,
    QWidget,
)

from app.gui.counting.event_list import EventView
from app.gui.seeking.position_slider import PositionSlider

KINDS = (QAbstractSlider, QAbstractSpinBox, QComboBox, QAbstractItemView)
# These are no settings: what they change is where one looks.
LEFT_ALONE = (QScrollBar, PositionSlider, EventView)


class WheelForFocus(QObject):
    """Lets what has not the focus pass the wheel on to what it stands in.

    Whoever scrolls past a slider does not mean it; Tab, or a click into a field, does.
    """

    def keep(self, root: QWidget) -> None:
        """Do so for everything in `root`."""
        for kind in KINDS:
            for widget in root.findChildren(kind):
                if isinstance(widget, LEFT_ALONE):
                    continue
                if isinstance(widget, QAbstractItemView):
                    self._watch(widget.viewport())  # which is under the mouse
                else:
                    self._watch(widget)

    def _watch(self, widget: QWidget) -> None:
        widget.removeEventFilter(self)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the wheel from whom it is not meant for."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget):
            parent = watched.parentWidget()
            owner = parent if isinstance(parent, QAbstractItemView) else watched
            if not owner.hasFocus():
                event.ignore()  # so that Qt offers it to the parent
                return True
        return super().eventFilter(watched, event)
