"""The screen as a camera, through mss (X11, Windows, macOS)."""

import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

import cv2
import numpy as np

from app.errors import SourceError
from app.types import ImageBgr, VideoInfo

_NOT_HERE = "Open a camera or a video file instead."


class ScreenInput:
    """Pictures of one monitor, or of all side by side."""

    def __init__(
        self, number: int, *, fps: float, environment: Mapping[str, str] = os.environ
    ) -> None:
        """Remember what to look at.

        Args:
            number: 1 for the first monitor; 0 for all together.
            fps: pictures a second, at most: each takes some 20 ms of 1080p.
            environment: tells which kind of desktop this is.
        """
        self._number = number
        self._fps = fps
        self._environment = environment
        self._grabber: Any = None
        self._monitor: Any = None
        self._due_s = 0.0

    def open(self) -> VideoInfo:
        """Find the monitor.

        Raises:
            SourceError: there is none of that number, or it may not be seen.
        """
        if sys.platform == "linux" and self._environment.get("WAYLAND_DISPLAY"):
            raise SourceError(
                "A Wayland desktop does not let programs see the screen.",
                "Log in with an X11 (Xorg) session.",
            )
        import mss  # not at the top: a rare wish, and it needs the system's libraries

        try:
            self._grabber = mss.MSS()
            monitors = self._grabber.monitors
        except (mss.ScreenShotError, OSError) as error:
            raise SourceError("There is no screen here.", _NOT_HERE) from error
        if self._number >= len(monitors):
            raise SourceError(
                f"There is no monitor {self._number}.",
                f"Use screen:1 to screen:{len(monitors) - 1}, or screen:0 for all.",
            )
        self._monitor = monitor = monitors[self._number]
        return VideoInfo(
            name="Screen",
            size_wh=(monitor["width"], monitor["height"]),
            fps=Fraction(self._fps).limit_denominator(1001),
            frame_count=None,
            duration_s=None,
            is_live=True,
        )

    def read(self) -> ImageBgr:
        """What is on it, when the next picture is due.

        Raises:
            SourceError: the screen is gone.
        """
        import mss

        self.skip()
        try:
            shot = self._grabber.grab(self._monitor)
        except (mss.ScreenShotError, OSError, AssertionError) as error:  # mss 10.2
            raise SourceError("The screen can no longer be seen.", _NOT_HERE) from error
        return np.asarray(cv2.cvtColor(np.asarray(shot), cv2.COLOR_BGRA2BGR), np.uint8)

    def skip(self) -> bool:
        """Wait until the next picture is due."""
        now_s = time.monotonic()
        time.sleep(max(0.0, self._due_s - now_s))
        self._due_s = max(now_s, self._due_s) + 1 / self._fps
        return True

    def close(self) -> None:
        """Look no more."""
        grabber, self._grabber = self._grabber, None
        if grabber is not None:
            with suppress(Exception):  # the screen is gone
                grabber.close()
