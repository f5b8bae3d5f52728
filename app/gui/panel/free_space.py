"""How much room the disk has left for recordings."""

import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.gui.look.numbers import decimal, whole
from app.pipeline.errands import Errands

LOOK_EVERY_MS = 5000
# A recording grows evenly enough only after so long to say how long it may become.
SURE_AFTER_S = 5.0
# From so many bytes on, whole gigabytes are said.
WHOLE_BYTES = 10_000_000_000


class FreeSpace(QObject):
    """Looks now and then, beside the window: a disk may sleep, or be far away.

    Signals:
        measured: bytes that are free.
    """

    measured = Signal(object)  # an int of Qt's ends at 2 GB

    def __init__(
        self,
        folder: Path,
        errands: Errands,
        *,
        is_wanted: Callable[[], bool],
        parent: QObject,
    ) -> None:
        """Begin at once.

        Args:
            folder: for recordings; need not be there yet.
            errands: whose thread asks the disk.
            is_wanted: whether somebody would see it.
            parent: whose child it is.
        """
        super().__init__(parent)
        self._folder = folder
        self._errands = errands
        self._is_wanted = is_wanted
        self._is_looking = False
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        QTimer.singleShot(0, self, self.look)  # once the window is there

    @Slot()
    def look(self) -> None:
        """Look once; `measured` follows."""
        if not self._is_looking and self._is_wanted():
            self._is_looking = self._errands.run(
                lambda: free_bytes(self._folder),
                then=self._on_measured,
                or_else=lambda _: self._on_measured(-1),
            )

    def _on_measured(self, free: int) -> None:
        self._is_looking = False
        if free >= 0:
            self.measured.emit(free)


def free_bytes(folder: Path) -> int:
    """Of the disk that holds `folder`, or will; raises OSError."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free


def steady(free: int, *, shown: int | None) -> int:
    """What to show: what is shown, while that is no more than a step off.

    Others write on the disk all the time, and a figure between two steps would be
    another each time that it is looked at.
    """
    if shown is not None and abs(free - shown) < _step(min(free, shown)):
        return shown
    return free


def gigabytes(free: int) -> str:
    """With no more digits than stay true for a while."""
    return whole(free / 1e9) if free >= WHOLE_BYTES else decimal(free / 1e9)


def _step(free: int) -> int:
    return 1_000_000_000 if free >= WHOLE_BYTES else 100_000_000


def lasts_s(free: int, *, size: int, recorded_s: float) -> float | None:
    """How long a recording can go on as it does; None while nobody can say.

    Args:
        free: bytes.
        size: bytes of the recording so far.
        recorded_s: how long that is.
    """
    if recorded_s < SURE_AFTER_S or size <= 0:
        return None
    return free / (size / recorded_s)
