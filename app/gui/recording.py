"""Recordings and snapshots: where they go, and how long one has run."""

import time
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.errors import RecordingError, UserError
from app.gui.player import Player
from app.types import Result


class SaveSnapshot(Protocol):
    """Writes a result's picture into a folder."""

    def __call__(self, result: Result, folder: Path, *, with_boxes: bool) -> Path:
        """The file; raises UserError where it cannot be written."""
        ...


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
        save_snapshot: SaveSnapshot,
        parent: QObject | None = None,
    ) -> None:
        """Nothing is written yet.

        Args:
            player: what it records.
            folder: for everything; made when needed.
            save_snapshot: writes a result's picture into a folder.
            parent: whose child it is.
        """
        super().__init__(parent)
        self._player = player
        self._folder = folder
        self._save_snapshot = save_snapshot
        self._since_s = 0.0

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
        """Write the picture of `result`."""
        try:
            path = self._save_snapshot(result, self._folder, with_boxes=with_boxes)
        except UserError as error:
            self.failed.emit(error)
        else:
            self.saved.emit(path)

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
