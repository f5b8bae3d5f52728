"""What a start can do later: until a picture is there, all hands are needed for it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from app.gui.playing.closing import Closing
from app.gui.playing.player import Player

# A device that is slow to start holds up nothing else for longer.
PATIENCE_MS = 2500
# A window that starts minimized is not painted.
PAINTED_MS = 500


class Afterwards(QObject):
    """Begins things once the first picture is on show, or none is to come.

    Beside the window, they would still share its cores, and Python's lock, with what
    loads the detector: to list devices alone took a third of the way to the first box.
    """

    def __init__(self, player: Player, closing: Closing, window: QWidget) -> None:
        """Nothing waits yet; who paints is to connect `begin`.

        Args:
            player: what may bring a picture.
            closing: knows when there is nobody left to be told of anything.
            window: is painted before anything is begun.
        """
        super().__init__(window)
        self._player = player
        self._closing = closing
        self._waiting: list[Callable[[], object]] = []
        self._has_begun = self._is_awaited = False
        player.failed.connect(self.begin)
        player.finished.connect(self.begin)
        self._patience = QTimer(self, interval=PATIENCE_MS, singleShot=True)
        self._patience.timeout.connect(self.begin)
        FirstPaint(window, self._look)

    def do(self, work: Callable[[], object]) -> None:
        """Call `work` then; at once, where that is now."""
        if self._has_begun:
            work()
        else:
            self._waiting.append(work)

    def wait(self) -> None:
        """Something is to be opened soon."""
        self._is_awaited = True
        self._patience.start()

    @Slot()
    def begin(self) -> None:
        """Call what waits; once only."""
        self._has_begun = True
        self._patience.stop()
        waiting, self._waiting = self._waiting, []
        for work in waiting if not self._closing.is_closing else ():
            work()

    @Slot()
    def _look(self) -> None:
        if not self._is_awaited and not self._player.is_running:
            self.begin()
        elif not self._has_begun:
            self._patience.start()


class FirstPaint(QObject):
    """Calls once, when a widget has been painted, or has had its time.

    What loads libraries on another thread keeps Python's lock for up to 50 ms at a
    time: begun before the window is painted, it is three times as long in coming.
    """

    def __init__(self, widget: QWidget, then: Callable[[], object]) -> None:
        """Wait for it; `then` is called on this thread."""
        super().__init__(widget)
        self._widget = widget
        self._then = then
        self._is_told = False
        widget.installEventFilter(self)
        QTimer.singleShot(PAINTED_MS, self, self._tell)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look for it; what is painted inside it is painted with it."""
        if event.type() == QEvent.Type.Paint:
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self, self._tell)
        return super().eventFilter(watched, event)

    @Slot()
    def _tell(self) -> None:
        if not self._is_told:
            self._is_told = True
            self._widget.removeEventFilter(self)
            self._then()
