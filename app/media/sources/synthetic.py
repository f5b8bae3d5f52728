"""A camera that is none: a moving pattern, each picture with its number in it."""

import time
from collections.abc import Callable
from fractions import Fraction

import cv2
import numpy as np

from app.types import ImageBgr, VideoInfo

# The number is spelled in black and white squares along the lower edge.
BITS = 24
# Lower pictures have no room for digits, which take longer to draw than the rest.
_READABLE_HEIGHT = 120


def draw_number(image_bgr: ImageBgr, number: int) -> None:
    """Draw `number` (< 2**24) into the picture: large enough for any encoder."""
    height, width = image_bgr.shape[:2]
    cells = [(number >> bit) & 1 for bit in range(BITS)]
    row = np.repeat(np.array(cells, np.uint8) * 255, _side(width))
    image_bgr[height - _side(width) :, : len(row)] = row[np.newaxis, :, np.newaxis]


def read_number(image_bgr: ImageBgr) -> int:
    """The number that `draw_number` drew."""
    height, width = image_bgr.shape[:2]
    side, margin = _side(width), _side(width) // 4
    row = image_bgr[height - side :, : BITS * side].mean(axis=(0, 2))
    cells = row.reshape(BITS, side)[:, margin : side - margin].mean(axis=1)
    return sum(1 << bit for bit, value in enumerate(cells) if value > 127)


class SyntheticInput:
    """A `LiveInput` that never fails: colours, a disc that goes round, a number."""

    def __init__(
        self,
        *,
        size_wh: tuple[int, int] = (1280, 720),
        fps: int = 30,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Remember; `now` and `sleep` are the clock it goes by."""
        self._size_wh = size_wh
        self._fps = fps
        self._now = now
        self._sleep = sleep
        self._number = 0
        self._due_s: float | None = None
        self._ground = _ground(size_wh)

    def open(self) -> VideoInfo:
        """Always there."""
        return VideoInfo(
            name="Test pattern",
            size_wh=self._size_wh,
            fps=Fraction(self._fps),
            frame_count=None,
            duration_s=None,
            is_live=True,
        )

    def read(self) -> ImageBgr:
        """The next picture, at its time; late, it leaves out some, as cameras do."""
        return self.picture(self._wait())

    def skip(self) -> bool:
        """Let a picture pass without drawing it."""
        self._wait()
        return True

    def _wait(self) -> int:
        """The number of the next picture, at its time."""
        now_s = self._now()
        if self._due_s is None:
            self._due_s = now_s
        late = int((now_s - self._due_s) * self._fps)
        if late > 0:
            self._number += late
            self._due_s += late / self._fps
        self._sleep(max(0.0, self._due_s - now_s))
        self._number += 1
        self._due_s += 1 / self._fps
        return self._number - 1

    def picture(self, number: int) -> ImageBgr:
        """(H, W, 3) uint8: what frame `number` looks like."""
        width, height = self._size_wh
        image_bgr = self._ground.copy()
        angle = 2 * np.pi * number / (4 * self._fps)
        radius = min(width, height) // 3
        centre = (
            round(width / 2 + radius * float(np.sin(angle))),
            round(height / 2 - radius * float(np.cos(angle))),
        )
        cv2.circle(image_bgr, centre, radius // 5, (255, 255, 255), -1, cv2.LINE_AA)
        if height >= _READABLE_HEIGHT:
            _write(image_bgr, str(number))
        draw_number(image_bgr, number)
        return image_bgr

    def close(self) -> None:
        """Nothing to let go of."""


def _write(image_bgr: ImageBgr, text: str) -> None:
    height, width = image_bgr.shape[:2]
    font, scale = cv2.FONT_HERSHEY_DUPLEX, height / 240
    (text_w, _), _ = cv2.getTextSize(text, font, scale, 2)
    place = (width - text_w) // 2, height // 2 + round(10 * scale)
    thickness = max(1, round(scale))
    cv2.putText(
        image_bgr, text, place, font, scale, (255, 255, 255), thickness, cv2.LINE_AA
    )


def _side(width: int) -> int:
    return width // BITS


def _ground(size_wh: tuple[int, int]) -> ImageBgr:
    """Soft colours, all dark enough for white on them."""
    width, height = size_wh
    hue = np.linspace(0, 179, width, dtype=np.uint8)
    value = np.linspace(150, 70, height).astype(np.uint8)
    hsv = np.empty((height, width, 3), np.uint8)
    hsv[..., 0], hsv[..., 1], hsv[..., 2] = hue, 140, value[:, np.newaxis]
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR), np.uint8)
