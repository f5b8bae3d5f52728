"""Closing: the one question that is ever asked, and a recording that is finished."""

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from app.gui.panel.section import set_look
from app.gui.playing.keeper import Keeper
from app.gui.playing.player import Player

# How long a closing window waits for its recording to be finished.
FINISH_MS = 10_000


class CloseQuestion(QMessageBox):
    """Does not hold anything up; Escape goes on recording.

    Signals:
        confirmed: finish the recording and close.
    """

    confirmed = Signal()

    def __init__(self, parent: QWidget, *, elapsed: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(self.tr("Close"))
        self.setText(self.tr("A recording is running, {0} so far.").format(elapsed))
        self.setInformativeText(self.tr("Finish it and close the window?"))
        role = QMessageBox.ButtonRole
        self.finish = self.addButton(self.tr("Finish and close"), role.AcceptRole)
        self.go_on = self.addButton(self.tr("Go on recording"), role.RejectRole)
        set_look(self.finish, "primary", "true")
        self.setDefaultButton(self.finish)
        self.setEscapeButton(self.go_on)
        self.finish.clicked.connect(self.confirmed)


class Closing(QObject):
    """Knows whether the window may close, and closes it when it may.

    Attributes:
        is_closing: nothing is asked any more.
        is_closed: that was done; `closed` was told.

    Signals:
        closed: the app is over. Qt cannot tell: to it, a window that was hidden
            while its recording was finished is none that could be the last.
    """

    closed = Signal()

    def __init__(self, window: QWidget, player: Player, keeper: Keeper) -> None:
        """Watch over `window`, and over what `player` records."""
        super().__init__(window)
        self._window = window
        self._player = player
        self._keeper = keeper
        self._question: CloseQuestion | None = None
        self.is_closing = self.is_closed = False
        player.recording_ended.connect(self._on_recording_ended)
        player.finished.connect(self._on_finished)

    def may_close(self) -> bool:
        """Whether nothing would be cut off; else the user is asked, once.

        Whoever may close says so afterwards, with `say_closed`.
        """
        if self._player.is_recording and not self.is_closing:
            self._ask()
            return False
        self.is_closing = True
        return True

    def say_closed(self) -> None:
        """Nothing is left to do in the window."""
        if not self.is_closed:
            self.is_closed = True
            self.closed.emit()

    @Slot()
    def close_without_asking(self) -> None:
        """Finish a running recording unseen, then close: for a signal, say.

        Who says so twice does not wait for that; what is written is not lost.
        """
        if not self._player.is_recording or self.is_closing:
            self.is_closing = True
            self._window.close()
            return
        self.is_closing = True
        self._window.hide()
        self._player.close()
        QTimer.singleShot(FINISH_MS, self._window, self._window.close)

    def _ask(self) -> None:
        if self._question is not None:
            return
        state = self._keeper.state
        elapsed = state.elapsed if state is not None else ""
        self._question = CloseQuestion(self._window, elapsed=elapsed)
        self._question.confirmed.connect(self.close_without_asking)
        self._question.finished.connect(self._on_answered)
        self._question.open()

    @Slot()
    def _on_answered(self) -> None:
        self._question = None

    @Slot()
    def _on_recording_ended(self) -> None:
        if self._question is not None:  # nothing is left to ask about
            self._question.finish.click()
        elif self.is_closing:
            self._window.close()

    @Slot()
    def _on_finished(self) -> None:
        if self.is_closing:
            self._window.close()
