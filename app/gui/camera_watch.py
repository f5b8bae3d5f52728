"""Tells when a camera was plugged in or pulled out."""

import logging
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

log = logging.getLogger(__name__)

# Linux lists cameras from /sys, in under a millisecond; others ask their drivers.
POLL_MS = 1000 if sys.platform == "linux" else 5000


class CameraWatch(QObject):
    """Looks for them again and again, from `start` on.

    Qt's own QMediaDevices would know without looking, but does not load where
    PulseAudio is missing, and brings all of Qt's multimedia along.

    Attributes:
        changed: carries [(number, title)], as `list_cameras` says.
    """

    changed = Signal(list)

    def __init__(
        self,
        list_cameras: Callable[[], list[tuple[int, str]]],
        parent: QObject | None = None,
    ) -> None:
        """Remember `list_cameras`; it is first called by `start`."""
        super().__init__(parent)
        self._list_cameras = list_cameras
        self._cameras: list[tuple[int, str]] = []
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def cameras(self) -> list[tuple[int, str]]:
        """What there was at the last look."""
        return self._cameras

    def start(self) -> None:
        """Look now, and then every `POLL_MS`; `changed` follows if there are any."""
        self._look()
        self._timer.start()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _look(self) -> None:
        cameras = self._list_cameras()
        if cameras != self._cameras:
            log.debug("cameras: %s", cameras)
            self._cameras = cameras
            self.changed.emit(cameras)
