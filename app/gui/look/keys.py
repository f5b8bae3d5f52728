"""Who gets a key that is a shortcut of the window, too."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QWidget


class SpaceForFocus(QObject):
    """Space pauses, but presses the button or opens the list that Tab has reached.

    A click gives none of them the focus, so Space pauses for whoever uses a mouse.
    """

    def keep(self, root: QWidget) -> None:
        """Do so for everything in `root`."""
        for kind in (QAbstractButton, QComboBox, QAbstractItemView):
            for widget in root.findChildren(kind):
                widget.removeEventFilter(self)
                widget.installEventFilter(self)
                if widget.focusPolicy() & Qt.FocusPolicy.ClickFocus and not isinstance(
                    widget, QAbstractItemView
                ):
                    widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim Space before the shortcut does."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
            and event.modifiers() == Qt.KeyboardModifier.NoModifier
        ):
            event.accept()
            return True
        return super().eventFilter(watched, event)
