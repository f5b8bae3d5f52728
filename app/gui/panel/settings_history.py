"""Changes of the settings, which can be undone."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.gui.playing.player import Player

# Steps of one slider closer together than this are one change.
MERGE_S = 1.0
KEPT = 200
_COMMAND_ID = 1


class _Change(QUndoCommand):
    """Some fields of the settings, before and after; the others are left alone."""

    def __init__(
        self,
        text: str,
        apply: Callable[[dict[str, Any]], None],
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        super().__init__(text)
        self._apply = apply
        self.before = before
        self.after = after
        self.at_s = time.monotonic()

    def id(self) -> int:
        return _COMMAND_ID

    def undo(self) -> None:
        self._apply(self.before)

    def redo(self) -> None:
        self._apply(self.after)

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Swallow the next step of the same slider."""
        if not isinstance(other, _Change) or other.before.keys() != self.before.keys():
            return False
        if other.at_s - self.at_s > MERGE_S:
            return False
        self.after, self.at_s = other.after, other.at_s
        self.setObsolete(self.after == self.before)
        return True


class SettingsHistory(QObject):
    """Changes the player's settings, and changes them back.

    The device and the model are not among them: to change those takes time and
    may fail, so undoing would too.

    Signals:
        changed: the settings are others now, and so is what can be undone.
        told: what was undone, or done again, in words.
    """

    changed = Signal()
    told = Signal(str)

    def __init__(self, player: Player, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(KEPT)

    def change(self, text: str, **fields: Any) -> None:  # noqa: ANN401 - a field's own
        """Set fields of `Settings` from the next frame on.

        Args:
            text: what is changed, for "Undo ...".
            **fields: their new values.
        """
        settings = self._player.settings
        before = {name: getattr(settings, name) for name in fields}
        if before != fields:
            self.stack.push(_Change(text, self._apply, before, fields))
            self.changed.emit()

    def do(self, command: QUndoCommand) -> None:
        """Do what is no setting, but can be undone in its turn."""
        self.stack.push(command)
        self.changed.emit()

    def undo(self) -> None:
        """Take the last change back."""
        text = self.stack.undoText()
        self.stack.undo()
        self.changed.emit()
        self.told.emit(self.tr("Undone: {0}").format(text))

    def redo(self) -> None:
        """Do it after all."""
        text = self.stack.redoText()
        self.stack.redo()
        self.changed.emit()
        self.told.emit(self.tr("Done again: {0}").format(text))

    def _apply(self, fields: dict[str, Any]) -> None:
        self._player.update_settings(replace(self._player.settings, **fields))
