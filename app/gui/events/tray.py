"""Notifications of the desktop, where it has a tray, and its beep."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

SHOWN_MS = 8000


class Tray(QObject):
    """An icon in the tray while somebody wants notifications; asked on any thread."""

    _notified = Signal(str, str)
    _beeped = Signal()

    def __init__(self, icon: QIcon, parent: QObject | None = None) -> None:
        """Show `icon` there."""
        super().__init__(parent)
        self._icon = QSystemTrayIcon(icon, self)
        self._is_there = QSystemTrayIcon.isSystemTrayAvailable()
        if self._is_there:
            self._icon.show()
        self._notified.connect(self._show)
        self._beeped.connect(QApplication.beep)

    def notify(self, title: str, text: str) -> bool:
        """Show it soon; false where there is no tray."""
        if self._is_there:
            self._notified.emit(title, text)
        return self._is_there

    def beep(self) -> bool:
        """The system's own noise, soon."""
        self._beeped.emit()
        return True

    @Slot(str, str)
    def _show(self, title: str, text: str) -> None:
        self._icon.showMessage(title, text, self._icon.icon(), SHOWN_MS)
