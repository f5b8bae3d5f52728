"""Recordings and snapshots: where they go, and how long one has run."""

import time
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.errors import RecordingError
from app.gui.player import Player
from app.types import Result


class Keeper(QObject):
    """Keeps what is seen: videos and pictures, all in one folder.

    Signals:
        saved: the path of a picture.
        failed: the exception.
    """

    saved = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        player: Player,
        *,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        """Nothing is written yet.

        Args:
            player: what it records.
            folder: for everything; made when needed.
            parent: whose child it is.
        """
        super().__init__(parent)
        self._player = player
        self._folder = folder
        self._since_s = 0.0
        player.snapshot_saved.connect(self.saved)
        player.snapshot_failed.connect(self.failed)

    def toggle_recording(self) -> None:
        """Begin a recording under a new name, or end the one that runs."""
        if self._player.is_recording:
            self._player.stop_recording()
            return
        try:
            path = self.new_recording()
        except OSError as error:
            self.failed.emit(
                RecordingError(
                    self.tr("The folder for recordings cannot be made: {0}.").format(
                        error.strerror
                    )
                )
            )
            return
        self._since_s = time.monotonic()
        self._player.start_recording(path)

    def take_snapshot(self, result: Result, *, with_boxes: bool) -> None:
        """Write the picture of `result`; `saved` or `failed` follows."""
        self._player.save_snapshot(result, self._folder, with_boxes=with_boxes)

    def new_recording(self) -> Path:
        """A free name in the folder, which is there afterwards."""
        self._folder.mkdir(parents=True, exist_ok=True)
        stem = time.strftime("%Y-%m-%d %H.%M.%S")
        path, number = self._folder / f"{stem}.mp4", 2
        while path.exists():  # two in one second
            path, number = self._folder / f"{stem} ({number}).mp4", number + 1
        return path

    @property
    def elapsed_s(self) -> float | None:
        """How long the recording has run; None where none does."""
        if not self._player.is_recording:
            return None
        return time.monotonic() - self._since_s
