"""A camera, through OpenCV."""

import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import cv2
import numpy as np

from app.errors import SourceError
from app.media.sources.cameras.camera_modes import COMPRESSED, best_mode, list_modes
from app.media.sources.cameras.listing import (
    BACKENDS,
    Camera,
    Remembered,
    list_cameras,
    node_of,
)
from app.media.sources.live_input import BusyError, GoneError
from app.types import CameraMode, ImageBgr, VideoInfo

log = logging.getLogger(__name__)

# One that the driver fills while the other is decoded: with one alone it would have
# nowhere to put the picture after, and half of them would be lost.
_BUFFERS = 2
# A camera that fails so many reads in a row is gone, not hiccuping.
MAX_FAILED_READS = 10
# A driver that fails at once must not keep a core busy.
_HICCUP_S = 0.01


def modes_of(camera: Camera) -> list[CameraMode]:
    """What it offers; [] where nobody can tell without opening it."""
    return list_modes(node_of(camera.number)) if sys.platform == "linux" else []


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
        size_first: bool = False,
    ) -> None:
        """Remember what to ask for.

        Args:
            camera: which one.
            wish: what to ask of it; it is free to grant less.
            open_capture: makes the capture from a number and a backend.
            look: which cameras there are just now.
            look_for_modes: what a camera offers.
            size_first: the wish's size was typed, its rate was not.
        """
        self._camera = camera
        self._wish = wish
        self._open_capture = open_capture
        self._look = look
        self._look_for_modes = look_for_modes
        self._name = camera.camera.name
        self._capture: Any = None
        self._failed = 0
        self._size_first = size_first
        self._has_given = False
        self._is_jpeg = False  # as the camera sends it, for us to decode

    def open(self) -> VideoInfo:
        """Open the camera and negotiate; the info says what was granted.

        Raises:
            SourceError: not plugged in, busy, or not allowed.
        """
        found = self._camera.find(self._look())
        if found is None:
            raise GoneError(
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
        mode = best_mode(modes, self._wish, size_first=self._size_first) or replace(
            self._wish, pixel_format=self._wish.pixel_format or "MJPG"
        )
        # The format first: set later, it would undo the size (opencv#9540).
        fourcc = cv2.VideoWriter.fourcc(*mode.pixel_format)
        capture.set(cv2.CAP_PROP_FOURCC, fourcc)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, mode.size_wh[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, mode.size_wh[1])
        capture.set(cv2.CAP_PROP_FPS, mode.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, _BUFFERS)
        info = _granted(found.name, capture, modes)
        # OpenCV gives the picture before again, or black, where it cannot decode one.
        self._is_jpeg = (
            sys.platform == "linux"
            and info.pixel_format in COMPRESSED
            and bool(capture.set(cv2.CAP_PROP_CONVERT_RGB, 0))
        )
        return info

    def read(self) -> ImageBgr | None:
        """The next picture; None for a hiccup.

        Raises:
            SourceError: it gives no more.
        """
        ok, image = self._capture.read()
        if ok and self._is_jpeg:
            image = _decoded(image)
            ok = image is not None
        if not self._has_passed(ok):
            return None
        self._has_given = True
        return np.asarray(image)

    @property
    def captured_at_s(self) -> float | None:
        """When the driver got the picture read last; None where it does not say.

        Source: OpenCV's cap_v4l.cpp: the buffer's own time, of CLOCK_MONOTONIC.
        """
        if sys.platform != "linux":
            return None
        taken_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return taken_s if taken_s > 0 else None

    def skip(self) -> bool:
        """Let a picture pass without decoding it."""
        has_passed = self._has_passed(self._capture.grab())
        self._has_given |= has_passed
        return has_passed

    def _has_passed(self, ok: bool) -> bool:
        if ok:
            self._failed = 0
            return True
        self._failed += 1
        if self._failed >= MAX_FAILED_READS:
            if self._camera.find(self._look()) is None:
                raise GoneError(f"{self._name} was unplugged.", "Plug it in again.")
            if not self._has_given:
                raise SourceError(
                    f"{self._name} sends no picture: the USB bus may be full (another "
                    "port, a smaller size or MJPG helps).",
                    "Try another port, or ask for less: NAME@640x480/15/MJPG.",
                )
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
    node = node_of(camera.number)
    if sys.platform == "linux" and not node.exists():
        return GoneError(
            f"{camera.name} is not plugged in.",
            "Plug it in, or open another camera or a video file.",
        )
    if sys.platform == "linux" and not os.access(node, os.R_OK):
        return SourceError(
            f"You are not allowed to use {camera.name}.",
            "Run: sudo usermod -aG video $USER, then log out and in again.",
        )
    return BusyError(
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


def _decoded(image: object) -> ImageBgr | None:
    """From the JPEG in a driver's buffer; None where that is torn."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or not image.size:
        return None
    if image.ndim == 3 and image.shape[2] == 3:  # decoded all the same
        return image
    picture = cv2.imdecode(image.reshape(-1), cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(picture, np.uint8)
