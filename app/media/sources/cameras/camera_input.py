"""A camera, through OpenCV."""

import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.errors import SourceError
from app.media.sources.cameras.camera_modes import best_mode, list_modes
from app.media.sources.cameras.listing import BACKENDS, Camera, Remembered, list_cameras
from app.types import CameraMode, ImageBgr, VideoInfo

log = logging.getLogger(__name__)

# A camera that fails so many reads in a row is gone, not hiccuping.
MAX_FAILED_READS = 10
# A driver that fails at once must not keep a core busy.
_HICCUP_S = 0.01


def modes_of(camera: Camera) -> list[CameraMode]:
    """What it offers; [] where nobody can tell without opening it."""
    return list_modes(_node(camera)) if sys.platform == "linux" else []


class CameraInput:
    """Camera `number`, or wherever the camera that once had it is now."""

    def __init__(
        self,
        camera: Remembered,
        wish: CameraMode,
        *,
        open_capture: Callable[[int, int], Any] = cv2.VideoCapture,
        look: Callable[[], list[Camera]] = list_cameras,
        look_for_modes: Callable[[Camera], list[CameraMode]] = modes_of,
    ) -> None:
        """Remember what to ask for.

        Args:
            camera: which one.
            wish: what to ask of it; it is free to grant less.
            open_capture: makes the capture from a number and a backend.
            look: which cameras there are just now.
            look_for_modes: what a camera offers.
        """
        self._camera = camera
        self._wish = wish
        self._open_capture = open_capture
        self._look = look
        self._look_for_modes = look_for_modes
        self._name = camera.camera.name
        self._capture: Any = None
        self._failed = 0

    def open(self) -> VideoInfo:
        """Open the camera and negotiate; the info says what was granted.

        Raises:
            SourceError: not plugged in, busy, or not allowed.
        """
        found = self._camera.find(self._look())
        if found is None:
            raise SourceError(
                f"{self._name} is not plugged in.",
                "Plug it in, or open another camera or a video file.",
            )
        backend = BACKENDS.get(sys.platform, cv2.CAP_ANY)
        if not log.isEnabledFor(logging.DEBUG):  # it says less than our sentences
            cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        modes = self._look_for_modes(found)
        self._capture = capture = self._open_capture(found.number, backend)
        if not capture.isOpened():
            self.close()
            raise _refused(found)
        # Where nobody can tell: uncompressed, USB 2 has no room for 720p at 30 fps.
        mode = best_mode(modes, self._wish) or replace(
            self._wish, pixel_format=self._wish.pixel_format or "MJPG"
        )
        # The format first: set later, it would undo the size (opencv#9540).
        fourcc = cv2.VideoWriter.fourcc(*mode.pixel_format)
        capture.set(cv2.CAP_PROP_FOURCC, fourcc)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, mode.size_wh[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, mode.size_wh[1])
        capture.set(cv2.CAP_PROP_FPS, mode.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return _granted(found.name, capture, modes)

    def read(self) -> ImageBgr | None:
        """The next picture; None for a hiccup.

        Raises:
            SourceError: it gives no more.
        """
        ok, image_bgr = self._capture.read()
        return np.asarray(image_bgr) if self._has_passed(ok) else None

    def skip(self) -> bool:
        """Let a picture pass without decoding it."""
        return self._has_passed(self._capture.grab())

    def _has_passed(self, ok: bool) -> bool:
        if ok:
            self._failed = 0
            return True
        self._failed += 1
        if self._failed >= MAX_FAILED_READS:
            if self._camera.find(self._look()) is None:
                raise SourceError(f"{self._name} was unplugged.", "Plug it in again.")
            raise SourceError(
                f"{self._name} gives no more pictures.",
                "Unplug it and plug it in again.",
            )
        time.sleep(_HICCUP_S)
        return False

    def close(self) -> None:
        """Let go of the camera."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


def _refused(camera: Camera) -> SourceError:
    node = _node(camera)
    if sys.platform == "linux" and not node.exists():
        return SourceError(
            f"{camera.name} is not plugged in.",
            "Plug it in, or open another camera or a video file.",
        )
    if sys.platform == "linux" and not os.access(node, os.R_OK):
        return SourceError(
            f"You are not allowed to use {camera.name}.",
            "Run: sudo usermod -aG video $USER, then log out and in again.",
        )
    return SourceError(
        f"{camera.name} cannot be opened: another program seems to be using it.",
        "Close that one, and check that the system lets this app use cameras. "
        "Or open a video file.",
    )


def _granted(name: str, capture: Any, modes: list[CameraMode]) -> VideoInfo:  # noqa: ANN401 - OpenCV's, or a test's
    fps = capture.get(cv2.CAP_PROP_FPS)
    letters = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
    pixel_format = letters.to_bytes(4, "little").decode("latin-1")
    return VideoInfo(
        name=name,
        size_wh=(
            int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        ),
        fps=Fraction(fps).limit_denominator(1001) if fps > 0 else None,
        frame_count=None,
        duration_s=None,
        is_live=True,
        pixel_format=pixel_format if pixel_format.isalnum() else "",
        modes=tuple(modes),
    )


def _node(camera: Camera) -> Path:
    return Path(f"/dev/video{camera.number}")
