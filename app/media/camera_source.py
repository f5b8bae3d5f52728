"""A camera, through OpenCV."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

# Without it Media Foundation takes many seconds to open a camera (opencv#17687);
# read by OpenCV when it is imported.
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")

import cv2

from app.errors import SourceError
from app.types import Frame, VideoInfo

SYSFS = Path("/sys/class/video4linux")
# Where cameras cannot be listed cheaply, these numbers are offered.
GUESSED_CAMERAS = 3
# A camera that fails so many reads in a row is gone, not hiccuping.
MAX_FAILED_READS = 10

_CHECK = "Check that it is plugged in, allowed, and not used by another program."


class CameraSource:
    """Frames of camera `number`, as fast as it gives them."""

    is_live = True

    def __init__(
        self,
        number: int,
        *,
        size_wh: tuple[int, int] = (1280, 720),
        fps: int = 30,
        open_capture: Callable[[int, int], Any] = cv2.VideoCapture,
    ) -> None:
        """Remember what to ask for; the camera is free to grant less.

        Args:
            number: 0 is the first camera.
            size_wh: wanted width and height.
            fps: wanted frames a second.
            open_capture: makes the capture from a number and a backend.
        """
        self._number = number
        self._size_wh = size_wh
        self._fps = fps
        self._open_capture = open_capture
        self._capture: Any = None

    def open(self) -> VideoInfo:
        """Open the camera and negotiate; the info says what was granted.

        Raises:
            SourceError: no such camera, busy, or not allowed.
        """
        backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
        with _quiet_opencv():
            self._capture = capture = self._open_capture(self._number, backend)
            if not capture.isOpened():
                self.close()
                raise SourceError(
                    f"Camera {self._number} cannot be opened.",
                    f"{_CHECK} Or open a video file.",
                )
            # MJPG first: uncompressed, USB 2 has no room for 720p at 30 fps, and a
            # format set later would undo the size (opencv#9540).
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size_wh[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size_wh[1])
            capture.set(cv2.CAP_PROP_FPS, self._fps)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            granted_fps = capture.get(cv2.CAP_PROP_FPS)
            return VideoInfo(
                name=f"Camera {self._number}",
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

    def frames(self) -> Iterator[Frame]:
        """Frames until the camera fails.

        Raises:
            SourceError: it gives no more frames.
        """
        index = failed = 0
        started_s: float | None = None
        while True:
            ok, image_bgr = self._capture.read()
            now_s = time.monotonic()
            if not ok or image_bgr is None:
                failed += 1
                if failed >= MAX_FAILED_READS:
                    raise SourceError(
                        f"Camera {self._number} gives no more pictures.", _CHECK
                    )
                continue
            failed = 0
            started_s = now_s if started_s is None else started_s
            yield Frame(image_bgr, index, now_s - started_s, now_s)
            index += 1

    def close(self) -> None:
        """Let go of the camera."""
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()


def list_cameras(
    *, platform: str = sys.platform, sysfs: Path = SYSFS
) -> list[tuple[int, str]]:
    """(number, name) of each camera, without opening any.

    Linux tells; elsewhere a few numbers are offered, since asking would mean
    opening each (seconds on Windows).
    """
    if platform != "linux":
        return [(n, f"Camera {n}") for n in range(GUESSED_CAMERAS)]
    cameras = []
    for node in sysfs.glob("video*"):
        number = node.name.removeprefix("video")
        try:
            # A camera has several nodes (pictures, metadata); index 0 is pictures.
            is_first = (node / "index").read_text().strip() == "0"
            name = (node / "name").read_text().strip()
        except OSError:
            continue  # unplugged just now
        if number.isdigit() and is_first:
            cameras.append((int(number), name or f"Camera {number}"))
    return sorted(cameras)


@contextmanager
def _quiet_opencv() -> Iterator[None]:
    """OpenCV's own lines on a missing camera say less than our sentence."""
    before = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(before)
