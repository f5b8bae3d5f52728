"""A camera, through OpenCV."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

# Without it Media Foundation takes many seconds to open a camera (opencv#17687);
# read by OpenCV when it is imported.
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")

import cv2
import numpy as np

from app.errors import SourceError
from app.media.cameras import Camera, Remembered, list_cameras
from app.types import ImageBgr, VideoInfo

# A camera that fails so many reads in a row is gone, not hiccuping.
MAX_FAILED_READS = 10
# A driver that fails at once must not keep a core busy.
_HICCUP_S = 0.01


@dataclass(frozen=True, slots=True)
class CameraWish:
    """What to ask of a camera; it is free to grant less.

    Attributes:
        size_wh: width and height in pixels.
        fps: frames a second.
    """

    size_wh: tuple[int, int] = (1280, 720)
    fps: int = 30


class CameraInput:
    """Camera `number`, or wherever the camera that once had it is now."""

    def __init__(
        self,
        camera: Remembered,
        wish: CameraWish,
        *,
        open_capture: Callable[[int, int], Any] = cv2.VideoCapture,
        look: Callable[[], list[Camera]] = list_cameras,
    ) -> None:
        """Remember what to ask for.

        Args:
            camera: which one.
            wish: its size and rate.
            open_capture: makes the capture from a number and a backend.
            look: which cameras there are just now.
        """
        self._camera = camera
        self._wish = wish
        self._open_capture = open_capture
        self._look = look
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
        backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
        with _quiet_opencv():
            self._capture = capture = self._open_capture(found.number, backend)
            if not capture.isOpened():
                self.close()
                raise _refused(found)
            # MJPG first: uncompressed, USB 2 has no room for 720p at 30 fps, and a
            # format set later would undo the size (opencv#9540).
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._wish.size_wh[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._wish.size_wh[1])
            capture.set(cv2.CAP_PROP_FPS, self._wish.fps)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            granted_fps = capture.get(cv2.CAP_PROP_FPS)
            return VideoInfo(
                name=found.name,
                size_wh=(
                    int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
                    int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
                ),
                fps=Fraction(granted_fps).limit_denominator(1001)
                if granted_fps > 0
                else None,
                frame_count=None,
                duration_s=None,
                is_live=True,
            )

    def read(self) -> ImageBgr | None:
        """The next picture; None for a hiccup.

        Raises:
            SourceError: it gives no more.
        """
        ok, image_bgr = self._capture.read()
        if ok and image_bgr is not None:
            self._failed = 0
            return np.asarray(image_bgr)
        self._failed += 1
        if self._failed >= MAX_FAILED_READS:
            if self._camera.find(self._look()) is None:
                raise SourceError(f"{self._name} was unplugged.", "Plug it in again.")
            raise SourceError(
                f"{self._name} gives no more pictures.",
                "Unplug it and plug it in again.",
            )
        time.sleep(_HICCUP_S)
        return None

    def close(self) -> None:
        """Let go of the camera."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


def _refused(camera: Camera) -> SourceError:
    node = Path(f"/dev/video{camera.number}")
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


@contextmanager
def _quiet_opencv() -> Iterator[None]:
    """OpenCV's own lines on a missing camera say less than our sentence."""
    before = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(before)
