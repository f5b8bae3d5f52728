"""Tells when a camera was plugged in or pulled out."""

import logging
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.pipeline.errands import Errands

log = logging.getLogger(__name__)

# Linux lists cameras from /sys, in under a millisecond; others ask their drivers.
POLL_MS = 1000 if sys.platform == "linux" else 5000
# Something plays already; who opens a list of cameras has it looked at anew.
RESTING_MS = 5000


class CameraWatch(QObject):
    """Looks for them again and again, from `start` on.

    Qt's own QMediaDevices would know without looking, but does not load where
    PulseAudio is missing, and brings all of Qt's multimedia along.

    Signals:
        changed: [(number, title)], as `list_cameras` says; also the first list.
    """

    changed = Signal(list)

    def __init__(
        self,
        list_cameras: Callable[[], list[tuple[int, str]]],
        errands: Errands,
        parent: QObject | None = None,
    ) -> None:
        """Nothing is listed before `start`.

        Args:
            list_cameras: called on the errands' thread.
            errands: whose thread that is; it delivers to this one.
            parent: whose child it is.
        """
        super().__init__(parent)
        self._list_cameras = list_cameras
        self._errands = errands
        self._is_looking = False
        self.has_looked = False
        self.cameras: list[tuple[int, str]] = []
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now, and then every `POLL_MS`."""
        self.look()
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    @Slot()
    def rest(self) -> None:
        """Look less often: nobody waits for a camera."""
        self._timer.setInterval(RESTING_MS)

    @Slot()
    def wake(self) -> None:
        """Look as often as before."""
        self._timer.setInterval(POLL_MS)

    @Slot()
    def look(self) -> None:
        """Look once; `changed` follows where something did."""
        if not self._is_looking:
            self._is_looking = self._errands.run(
                self._list_cameras, then=self._on_list, or_else=self._on_failed
            )

    def _on_list(self, cameras: list[tuple[int, str]]) -> None:
        self._is_looking = False
        if cameras != self.cameras or not self.has_looked:
            log.debug("cameras: %s", cameras)
            self.cameras, self.has_looked = cameras, True
            self.changed.emit(cameras)

    def _on_failed(self, error: Exception) -> None:
        log.debug("the cameras could not be listed", exc_info=error)
        self._on_list([])
