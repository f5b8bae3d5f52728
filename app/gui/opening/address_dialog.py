"""Asks for an address: one line, Enter opens it, Escape does not."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.gui.panel.section import muted_label


class AddressDialog(QDialog):
    """Does not hold anything up; deletes itself.

    Signals:
        chosen: the address.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget, *, known: Sequence[str]) -> None:
        """Offer `known` while typing, and what is on the clipboard at once."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Open address"))
        self.setMinimumWidth(460)
        self.line = QLineEdit()
        self.line.setPlaceholderText("rtsp://192.168.1.9/stream")
        self.line.setAccessibleName(self.tr("Address"))
        self._completer = QCompleter(list(known), self.line)
        self.line.setCompleter(self._completer)
        self._list = self._completer.popup()
        assert self._list is not None, "it completes in a list"
        self._list.installEventFilter(self)
        self.line.textChanged.connect(self._check)
        label = QLabel(self.tr("Address of a camera or stream, or a file's path"))
        label.setBuddy(self.line)
        hint = muted_label(
            self.tr(
                "rtsp://, http:// (MJPEG, HLS), rtmp://, srt:// or udp://. User and "
                "password go before the host: rtsp://user:password@host/stream. "
                "They are never saved."
            )
        )
        buttons = QDialogButtonBox()
        self.open_button = buttons.addButton(
            self.tr("Open"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.open_button.setProperty("primary", True)
        buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(10)
        for widget in (label, self.line, hint, buttons):
            layout.addWidget(widget)
        copied = QGuiApplication.clipboard().text().strip()
        if "://" in copied and len(copied.split()) == 1:
            self.line.setText(copied)
            self.line.selectAll()
        self._check()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Enter open what is typed: the list of known ones would eat it."""
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            assert self._list is not None
            chosen = self._list.currentIndex()
            if chosen.isValid():
                self.line.setText(chosen.data())
            self._list.hide()
            self.accept()
            return True
        return super().eventFilter(watched, event)

    def accept(self) -> None:
        """Open it."""
        if text := self.line.text().strip():
            super().accept()
            self.chosen.emit(text)

    def _check(self) -> None:
        self.open_button.setEnabled(bool(self.line.text().strip()))
