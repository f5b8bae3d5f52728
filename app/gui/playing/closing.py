"""Closing: the one question that is ever asked, and a recording that is finished."""

from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from app.gui.languages.line_ends import with_whole_endings
from app.gui.panel.section import set_look
from app.gui.playing.keeper import Keeper
from app.gui.playing.player import Player

# How long a closing window waits for its recording to be finished.
FINISH_MS = 10_000


class Work(Protocol):
    """What else would be cut off: an export."""

    ended: SignalInstance

    @property
    def is_running(self) -> bool:
        """Something would be."""
        ...

    @property
    def told(self) -> tuple[str, str]:
        """What, and what to do of it."""
        ...

    def end(self) -> None:
        """Stop it; `ended` follows."""
        ...


class CloseQuestion(QMessageBox):
    """Does not hold anything up; Escape goes on.

    Signals:
        confirmed: finish the recording, stop what else runs, and close.
    """

    confirmed = Signal()

    def __init__(
        self, parent: QWidget, *, elapsed: str, others: tuple[str, str] | None = None
    ) -> None:
        """Ask about a recording of so long, if any, and about other work."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(self.tr("Close"))
        role = QMessageBox.ButtonRole
        asked = (
            [
                (
                    self.tr("A recording is running, {0} so far.").format(elapsed),
                    self.tr("Finish it and close the window?"),
                )
            ]
            if elapsed
            else []
        )
        asked += [others] if others else []
        self.setText("\n".join(what for what, _ in asked))
        then = "\n".join(then for _, then in asked)
        self.setInformativeText(with_whole_endings(then))
        finish, go_on = self.tr("Finish and close"), self.tr("Go on recording")
        if not elapsed:
            finish, go_on = self.tr("Stop and close"), self.tr("Go on exporting")
        self.finish = self.addButton(finish, role.AcceptRole)
        self.go_on = self.addButton(go_on, role.RejectRole)
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
        self._work: list[Work] = []
        self.is_closing = self.is_closed = False
        player.recording_ended.connect(self._on_recording_ended)
        player.finished.connect(self._on_finished)

    def wait_for(self, work: Work) -> None:
        """Ask about this, too."""
        self._work.append(work)
        work.ended.connect(self._on_recording_ended)

    @property
    def _running(self) -> list[Work]:
        return [work for work in self._work if work.is_running]

    @property
    def _is_idle(self) -> bool:
        return not self._player.is_recording and not self._running

    def may_close(self) -> bool:
        """Whether nothing would be cut off; else the user is asked, once.

        Whoever may close says so afterwards, with `say_closed`.
        """
        if not self._is_idle and not self.is_closing:
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
        if self._is_idle or self.is_closing:
            self.is_closing = True
            self._window.close()
            return
        self.is_closing = True
        self._window.hide()
        for work in self._running:
            work.end()
        self._player.close()
        QTimer.singleShot(FINISH_MS, self._window, self._window.close)

    def _ask(self) -> None:
        if self._question is not None:
            return
        state = self._keeper.state
        elapsed = state.elapsed if state is not None else ""
        told = [work.told for work in self._running]
        self._question = CloseQuestion(
            self._window, elapsed=elapsed, others=told[0] if told else None
        )
        self._question.confirmed.connect(self.close_without_asking)
        self._question.finished.connect(self._on_answered)
        self._question.open()

    @Slot()
    def _on_answered(self) -> None:
        self._question = None

    @Slot()
    def _on_recording_ended(self) -> None:
        if not self._is_idle:
            return
        if self._question is not None:  # nothing is left to ask about
            self._question.finish.click()
        elif self.is_closing:
            self._window.close()

    @Slot()
    def _on_finished(self) -> None:
        if self.is_closing and self._is_idle:
            self._window.close()
