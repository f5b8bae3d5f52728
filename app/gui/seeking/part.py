"""In and out: a part of a file, to be looked at alone, or exported."""

from PySide6.QtCore import QObject, Signal, Slot

from app.gui.playing.player import Player
from app.gui.seeking.transport_bar import TransportBar
from app.types import Result


class PartMarks(QObject):
    """Keeps `player.part_s`, and plays it alone if that is asked for.

    Signals:
        changed: the part is another one, or none.
        told: a sentence on it.
    """

    changed = Signal()
    told = Signal(str)

    def __init__(self, player: Player, transport: TransportBar) -> None:
        """All of the file."""
        super().__init__(transport)
        self._player = player
        self._transport = transport
        self._begin: int | None = None  # values of the slider
        self._end: int | None = None  # the last one that is in
        self._plays_alone = self._is_at_its_end = False
        player.starting.connect(self.clear)
        player.finished.connect(self.clear)

    @Slot()
    def set_in(self) -> None:
        """It begins with the frame on show."""
        self._begin = self._transport.position.value()
        if self._end is not None and self._end < self._begin:
            self._end = None
        self._apply()

    @Slot()
    def set_out(self) -> None:
        """It ends with the frame on show."""
        self._end = self._transport.position.value()
        if self._begin is not None and self._begin > self._end:
            self._begin = None
        self._apply()

    @Slot()
    def clear(self) -> None:
        """All of the file again."""
        if self._begin is not None or self._end is not None:
            self._begin = self._end = None
            self._apply()

    def play_alone(self, is_on: bool) -> None:
        """At its end it stops, or begins again where the file loops."""
        self._plays_alone = is_on

    def look(self, result: Result) -> None:
        """The frame on show; elsewhere than in the part, it is sent back."""
        part_s, player = self._player.part_s, self._player
        if part_s is None or not self._plays_alone or player.is_paused:
            return
        at_s, (from_s, to_s) = result.frame.timestamp_s, part_s
        if from_s <= at_s < to_s:
            self._is_at_its_end = False
        elif at_s < from_s or player.loops or self._is_at_its_end:
            self._is_at_its_end = False
            player.seek(self._transport.moment_s(self._begin or 0))
        else:
            self._is_at_its_end = True
            player.pause()
            player.seek(self._transport.moment_s(self._last))

    @property
    def _last(self) -> int:
        end = self._transport.position.maximum()
        return end if self._end is None else self._end

    def _apply(self) -> None:
        transport, is_none = self._transport, self._begin is None and self._end is None
        begin = self._begin or 0
        self._player.part_s = None if is_none else transport.part_s(begin, self._last)
        transport.position.show_part(None if is_none else (begin, self._last))
        self._is_at_its_end = False
        self.changed.emit()
        if is_none:
            self.told.emit(self.tr("All of it again"))
            return
        self.told.emit(
            self.tr("Part: {0} to {1}").format(
                transport.moment_text(begin), transport.moment_text(self._last)
            )
        )
