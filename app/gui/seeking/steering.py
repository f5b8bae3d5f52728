"""Pause, steps and jumps in what plays: by button, slider or key."""

import math

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent

from app.gui.bars.messages import Messages
from app.gui.playing.player import Player
from app.gui.seeking.transport_bar import TransportBar


class Steering(QObject):
    """Carries what the transport bar and the keys say to the player.

    Signals:
        changed: it is paused now, or goes on.
        asked: the bar should be there, wherever it hides.
    """

    changed = Signal()
    asked = Signal()

    def __init__(
        self, player: Player, transport: TransportBar, messages: Messages
    ) -> None:
        """Follow `transport`; whoever goes on has read that it was the end."""
        super().__init__(transport)
        self._player = player
        self._messages = messages
        self._transport = transport
        self._was_playing = False  # when the slider was grabbed
        transport.sought.connect(self._seek)
        transport.grabbed.connect(self._hold)
        transport.released.connect(self._let_go)
        transport.stepped.connect(self.step)
        transport.refused.connect(messages.tell_refused)
        transport.speed_chosen.connect(player.set_speed)

    @Slot()
    def toggle_pause(self) -> None:
        """Hold what plays, or go on."""
        self._messages.forget_end()
        (self._player.resume if self._player.is_paused else self._player.pause)()
        self.changed.emit()

    def take_key(self, event: QKeyEvent) -> bool:
        """Whether it was one of ours: Left, Right, Home or End, in a file."""
        if not self._player.can_seek:
            return False
        keys = Qt.Key
        if event.key() in (keys.Key_Left, keys.Key_Right):
            self.step(-1 if event.key() == keys.Key_Left else 1)
        elif event.key() in (keys.Key_Home, keys.Key_End):
            self._seek(0.0 if event.key() == keys.Key_Home else math.inf, True)
        else:
            return False
        return True

    def skip(self, seconds: int) -> None:
        """Go so far from where it stands, or back; it plays on if it did."""
        if self._player.can_seek:
            self._transport.skip(seconds)

    def ask_for_time(self) -> None:
        """Let somebody type where to go."""
        if self._player.can_seek:
            self.asked.emit()
            if not self._transport.isHidden():
                self._transport.place.begin()

    def show_moment(self, timestamp_s: float) -> None:
        """Hold a file there, to be looked at."""
        if self._player.can_seek:
            self._player.pause()
            self._seek(timestamp_s, True)
            self.changed.emit()

    @Slot(float, bool)
    def _seek(self, timestamp_s: float, is_exact: bool) -> None:
        self._messages.forget_end()
        self._player.seek(timestamp_s, is_exact=is_exact)

    @Slot(int)
    def step(self, count: int) -> None:
        """Pause, and go so many frames on, or back."""
        if self._player.can_seek:
            self._messages.forget_end()
            self._player.step(count)
            self.changed.emit()

    @Slot()
    def _hold(self) -> None:
        self._was_playing = not self._player.is_paused
        self._player.pause()

    @Slot()
    def _let_go(self) -> None:
        if self._was_playing:
            self._player.resume()
