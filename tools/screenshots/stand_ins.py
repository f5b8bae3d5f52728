"""What plays the devices that the machine lacks."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

from app.pipeline.interfaces import VideoSource
from app.types import DetectorInfo, Frame, VideoInfo


class SlowDetector:
    """A stand-in for a GPU: it takes its time to start, and is faster then."""

    def __init__(self, real: object, info: dict[str, object], wait_s: float) -> None:
        self._real = real
        self._info = info
        self._wait_s = wait_s

    def open(self) -> DetectorInfo:
        """As the real one, later."""
        time.sleep(self._wait_s)
        return replace(self._real.open(), **self._info)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


class Street:
    """The clip, as a camera above that street would show it."""

    is_live = True

    def __init__(self, clip: VideoSource) -> None:
        self._clip = clip
        self._over = threading.Event()

    def open(self) -> VideoInfo:
        """As the clip, without an end."""
        info = self._clip.open()
        return replace(
            info, name="Street", is_live=True, frame_count=None, duration_s=None
        )

    def frames(self) -> Iterator[Frame]:
        """At their own speed."""
        began_s = time.monotonic()
        for frame in self._clip.frames():
            due_s = began_s + frame.timestamp_s
            if self._over.wait(max(0.0, due_s - time.monotonic())):
                return
            yield replace(frame, captured_at_s=time.monotonic())

    def stop(self) -> None:
        """Switched off."""
        self._over.set()

    def close(self) -> None:
        """The clip, too."""
        self._clip.close()
