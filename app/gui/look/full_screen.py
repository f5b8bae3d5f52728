"""Full screen: the picture alone, and everything back afterwards."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMainWindow, QWidget


class FullScreen(QObject):
    """Hides what stands around the picture.

    Signals:
        changed: it is full screen now, or no longer.
    """

    changed = Signal()

    def __init__(self, window: QMainWindow, around: Sequence[QWidget]) -> None:
        """Nothing changes yet; `around` is what will be hidden."""
        super().__init__(window)
        self._window = window
        self._around = list(around)
        self._hidden: list[QWidget] = []
        self._was_maximised = False

    def hide_also(self, part: QWidget) -> None:
        """That stands around the picture, too."""
        self._around.append(part)

    @Slot()
    def toggle(self) -> None:
        """In, or out."""
        if self._window.isFullScreen():
            self.leave()
            return
        self._hidden = [part for part in self._around if not part.isHidden()]
        for part in self._hidden:
            part.hide()
        self._was_maximised = self._window.isMaximized()
        self._window.showFullScreen()
        self.changed.emit()

    @Slot()
    def leave(self) -> None:
        """Out; what was hidden before stays so."""
        if self._window.isFullScreen():
            for part in self._hidden:
                part.show()
            if self._was_maximised:
                self._window.showMaximized()
            else:
                self._window.showNormal()
            self.changed.emit()
