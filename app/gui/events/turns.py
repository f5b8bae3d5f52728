"""The list of events and the panel: both where there is room, else one of them."""

from functools import partial

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow

SEPARATOR_PX = 5  # theme.qss


class Turns(QObject):
    """Lets the one that was asked for first give way where the window is too narrow.

    It comes back when the window is wide enough again; and the usual one, when the
    other is closed.
    """

    def __init__(
        self, window: QMainWindow, usual: QDockWidget, other: QDockWidget
    ) -> None:
        """Of two docks, one on each side of the window."""
        super().__init__(window)
        self._window = window
        self._usual = usual
        self._docks = docks = [usual, other]  # the one asked for last comes last
        self._away: QDockWidget | None = None
        self._both_px = self._least_px = 0
        self._is_new = True
        for dock in docks:
            dock.visibilityChanged.connect(partial(self._on_visibility, dock))
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window has another width, or what is in it needs another."""
        if watched is self._window:
            if event.type() == QEvent.Type.Resize:
                self._settle()
            elif event.type() == QEvent.Type.LayoutRequest:
                self._let_shrink()
        return False

    def _on_visibility(self, dock: QDockWidget, is_seen: bool) -> None:
        if not is_seen:  # a window that is going away tells of this, too
            QTimer.singleShot(0, self, self._settle)
            return
        self._docks.sort(key=lambda one: one is dock)
        if self._away is dock:
            self._away = None
        self._settle()

    def _settle(self) -> None:
        window = self._window
        if not window.isVisible() or window.isFullScreen():
            return
        if self._is_new:
            self._is_new = False
            self._recall()
        if not any(dock.isHidden() for dock in self._docks):
            self._both_px = window.minimumSizeHint().width()
            if window.width() < self._both_px:
                self._away = self._docks[0]
                self._away.hide()
        elif self._away is not None and (
            window.width() >= self._both_px or self._is_usual_missed()
        ):
            back, self._away = self._away, None
            order = list(self._docks)
            back.show()
            self._docks = order  # nobody asked for it just now
        self._let_shrink()

    def _recall(self) -> None:
        """A window that closed while the usual one was away opens so again."""
        usual, other = self._usual, next(d for d in self._docks if d is not self._usual)
        if usual.isHidden() and not other.isHidden():
            more_px = usual.minimumSizeHint().width() + SEPARATOR_PX
            self._both_px = self._window.minimumSizeHint().width() + more_px
            if self._window.width() < self._both_px:
                self._away = usual

    def _is_usual_missed(self) -> bool:
        is_away = self._away is self._usual
        return is_away and all(dock.isHidden() for dock in self._docks)

    def _let_shrink(self) -> None:
        """As narrow as it is with one of them: the other gives way on the way there.

        Said before both are there: Qt would make the window wider for the second.
        """
        window = self._window
        least_px = window.minimumSizeHint().width()
        if not any(dock.isHidden() for dock in self._docks):
            narrower = min(dock.minimumSizeHint().width() for dock in self._docks)
            least_px -= narrower + SEPARATOR_PX
        if self._least_px != least_px:  # the layout's own would grow with both
            self._least_px = least_px
            window.setMinimumWidth(least_px)
