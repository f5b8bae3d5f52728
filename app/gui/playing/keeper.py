"""Recordings and snapshots: where they go, and how a running one does."""

import glob
import re
import time
from dataclasses import dataclass
from pathlib import Path, PurePath

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.errors import RecordingError
from app.gui.look.class_words import class_words
from app.gui.playing.clock import clock
from app.gui.playing.player import Player
from app.pipeline.annotate import annotate
from app.pipeline.interfaces import Factories
from app.types import ImageBgr, Result, VideoInfo

MEASURE_EVERY_MS = 1000
# Of a source's name in a file's; a file system takes 255 bytes in all.
MOST_LETTERS = 50


@dataclass(frozen=True, slots=True)
class RecordingState:
    """How the running recording does.

    Attributes:
        elapsed: how long the file is, as "1:05".
        is_held: nothing is written just now: what plays is paused, or at its end.
        size_bytes: of its files so far.
        dropped: frames that it lacks.
        seconds: as `elapsed`.
    """

    elapsed: str
    is_held: bool
    size_bytes: int
    dropped: int
    seconds: float = 0.0


class Keeper(QObject):
    """Keeps what is seen: videos and pictures, all in one folder.

    Signals:
        started: a recording was asked for, and begins.
        saved: the path of a picture.
        failed: the exception.
    """

    started = Signal()
    saved = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        player: Player,
        factories: Factories,
        *,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        """Nothing is written yet.

        Args:
            player: what it records.
            factories: what draws and saves pictures.
            folder: for everything; made when needed.
            parent: whose child it is.
        """
        super().__init__(parent)
        self._player = player
        self._folder = folder
        self._factories = factories
        self._recorded_s = 0.0
        self._path: Path | None = None
        self._size_bytes = 0
        self._is_preparing = False
        self._measure = QTimer(self, interval=MEASURE_EVERY_MS)
        self._measure.timeout.connect(self._ask_size)
        player.recording_started.connect(self._measure.start)
        player.recording_ended.connect(self._measure.stop)

    @property
    def state(self) -> RecordingState | None:
        """Of the running recording; None where none runs."""
        if not self._player.is_recording:
            return None
        stats = self._player.stats()
        if stats is not None and stats.recorded_s is not None:
            self._recorded_s = stats.recorded_s  # else it is being finished
        return RecordingState(
            clock(self._recorded_s),
            self._player.is_paused and self._player.can_seek,
            self._size_bytes,
            stats.recording_dropped if stats is not None else 0,
            self._recorded_s,
        )

    @Slot()
    def toggle_recording(self) -> None:
        """Begin a recording under a new name, or end the one that runs."""
        if self._player.is_recording:
            self._player.stop_recording()
            return
        if self._is_preparing:
            return
        title = title_of(self._player.info)
        self._is_preparing = self._player.chores.saving.run(
            lambda: new_recording(self._folder, title),
            then=self._start,
            or_else=self._on_no_folder,
        )
        if not self._is_preparing:
            self.failed.emit(
                RecordingError(
                    self.tr("The disk does not answer, so nothing is recorded."),
                    self.tr("Try again in a moment."),
                )
            )

    def take_snapshot(self, result: Result | None, *, with_boxes: bool = True) -> None:
        """Write the picture of `result`, if any; `saved` or `failed` follows."""
        if result is None:
            return
        settings, factories = self._player.settings, self._factories
        names = set(settings.covered_class_names)
        if clean := names.difference(result.frame.covered_class_names):
            self.failed.emit(
                RecordingError(
                    self.tr(
                        "This picture, from before {0} was hidden, was not saved."
                    ).format(class_words(sorted(clean))),
                    self.tr("Take the next one."),
                )
            )
            return
        folder = self._folder
        title = title_of(self._player.info, result.frame.index) or "snapshot"

        def save() -> Path:
            image_bgr: ImageBgr = result.frame.image_bgr
            if with_boxes:
                image_bgr = annotate(result, factories.draw, settings)
            kind = "boxes" if with_boxes else ""
            return factories.save_picture(image_bgr, folder, title=title, kind=kind)

        if not self._player.chores.pictures.run(
            save, then=self.saved.emit, or_else=self.failed.emit
        ):
            self.failed.emit(
                RecordingError(
                    self.tr("Others are still being saved, so this one was not taken."),
                    self.tr("Try again in a moment."),
                )
            )

    @property
    def folder(self) -> Path:
        """Where everything is kept."""
        return self._folder

    def _start(self, path: Path) -> None:
        self._is_preparing = False
        self._path, self._size_bytes, self._recorded_s = path, 0, 0.0
        self._player.start_recording(path)
        self.started.emit()

    def _on_no_folder(self, error: Exception) -> None:
        self._is_preparing = False
        reason = error.strerror if isinstance(error, OSError) else str(error)
        text = self.tr("The folder for recordings cannot be made: {0}.")
        remedy = self.tr("Look at its permissions, and at the room on the disk.")
        self.failed.emit(RecordingError(text.format(reason), remedy))

    @Slot()
    def _ask_size(self) -> None:
        path = self._path
        if path is not None:
            self._player.chores.looking.run(
                lambda: size_of(path), then=self._on_size, or_else=lambda _: None
            )

    def _on_size(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes


def title_of(info: VideoInfo | None, frame_index: int | None = None) -> str:
    """What plays, or that photo of it, as a part of a file's name; maybe nothing."""
    if info is None:
        return ""
    name = info.name
    if info.is_stills and frame_index is not None and info.frame_paths:
        name = info.frame_paths[frame_index]
    if not info.is_live:
        name = PurePath(name).stem
    # What Windows forbids, what would hide the file, and more than one cares to read.
    return re.sub(r'[<>:"/\\|?*\s\0-\x1f]+', " ", name).strip(" .")[:MOST_LETTERS]


def new_recording(folder: Path, title: str = "") -> Path:
    """A free name in `folder`, which is there afterwards; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{title} {time.strftime('%Y-%m-%d %H.%M.%S')}".strip()
    path, number = folder / f"{stem}.mp4", 2
    while path.exists():  # two in one second
        path, number = folder / f"{stem} ({number}).mp4", number + 1
    return path


def size_of(path: Path) -> int:
    """Bytes of a recording's files: those it was split into, and the unfinished."""
    stem = glob.escape(path.stem)
    files = [*path.parent.glob(f"{stem}*"), *path.parent.glob(f".{stem}*")]
    return sum(file.stat().st_size for file in files if file.is_file())
