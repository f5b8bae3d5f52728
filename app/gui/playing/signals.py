"""Signals of the system: what a shell, or a logout, says to the window."""

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

ENDINGS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)  # Windows has no hang-up
)


class EndSignals(QObject):
    """Hears that the process should end, from Ctrl+C to a logout.

    Python hears of a signal only when it runs, which a window that waits for events
    does not: the signal's number is sent through a socket, and that is an event.

    Signals:
        heard: once for each.
    """

    heard = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Listen from now on; what comes before the event loop is not lost."""
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in ENDINGS:
            signal.signal(number, lambda *_: None)  # the socket tells
        self._notifier = QSocketNotifier(
            self._read.fileno(), QSocketNotifier.Type.Read, self
        )
        self._notifier.activated.connect(self._on_readable)

    @Slot()
    def _on_readable(self) -> None:
        for number in self._read.recv(64):
            if number in ENDINGS:
                self.heard.emit()
