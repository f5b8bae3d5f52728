"""Saves the settings a moment after they changed, beside the window."""

import logging
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from app.gui.playing.player import Player

log = logging.getLogger(__name__)

# A slider that is dragged is saved once, not fifty times.
DELAY_MS = 1000


class SettingsSaver(QObject):
    """So that a crash costs the last second of them at most."""

    def __init__(self, player: Player, path: Path, parent: QObject) -> None:
        """Save to `path` whatever the player is told from now on."""
        super().__init__(parent)
        self._player = player
        self._path = path
        self._saved = player.settings  # on the disk, or given for this run alone
        self._timer = QTimer(self, interval=DELAY_MS, singleShot=True)
        self._timer.timeout.connect(self.save)
        player.settings_changed.connect(self._timer.start)

    @Slot()
    def save(self) -> None:
        """Write what changed, now, beside the window."""
        self._timer.stop()
        settings, path = self._player.settings, self._path

        def write() -> None:
            settings.save(path, since=self._saved)
            self._saved = settings  # this thread alone uses it

        if not self._player.chores.saving.run(write, or_else=_log):
            self._timer.start()  # too much waits already: later, then


def _log(error: Exception) -> None:
    # A read-only home costs the settings, never the evening.
    log.debug("the settings were not saved: %s", error)
