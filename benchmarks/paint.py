"""What the window's thread pays for a frame, beside the plain way of doing it.

usage: python -m benchmarks.paint

A view of 1920 x 1080 pixels is repainted: ours, with the frame made ready on another
thread (told as "scaled beside") and boxes drawn by Qt, and a widget that lets
QPainter scale the frame smoothly, without any box. Both take turns, so that a
machine that slows down slows both. Offscreen, so no compositor is measured.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.drawing.screen import scale_for_screen
from app.gui.picture.video_view import VideoView
from app.types import Detections, Frame, ImageBgr, Result, ScreenPicture, Viewport

VIEW_WH = (1920, 1080)
ROUNDS = 60
CASES = (  # the frame's size, boxes, zoom
    ((1280, 720), 10, 1.0),
    ((1920, 1080), 0, 1.0),
    ((1920, 1080), 10, 1.0),
    ((1920, 1080), 100, 1.0),
    ((1920, 1080), 10, 3.0),
    ((3840, 2160), 10, 1.0),
)


class Plain(QWidget):
    """A picture, scaled by QPainter whenever it is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Scale it smoothly."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(self.rect()), self.image)
        painter.end()


def detections(count: int, size_wh: tuple[int, int]) -> Detections:
    """`count` boxes all over the picture."""
    random = np.random.default_rng(0)
    corners = random.random((count, 2)) * size_wh
    boxes_xyxy = np.hstack([corners, corners + 0.2 * np.array(size_wh)])
    return Detections(
        boxes_xyxy.astype(np.float32),
        np.linspace(1, 0.3, count, dtype=np.float32),
        random.integers(0, 20, count),
    )


def timed_ms(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    started_s = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - started_s)


def measure(image_bgr: ImageBgr, count: int, zoom: float) -> list[list[float]]:
    """Times of scaling beside, of our repaint and of the plain one."""
    height, width = image_bgr.shape[:2]
    ours, plain = VideoView(), Plain()
    for widget in (ours, plain):
        widget.resize(*VIEW_WH)
        widget.show()
    QApplication.processEvents()
    viewport = Viewport(VIEW_WH, zoom)
    ours._look(viewport)
    names = tuple(f"class {i}" for i in range(20))
    found = detections(count, (width, height))
    plain.image = QImage(
        image_bgr.data, width, height, 3 * width, QImage.Format.Format_BGR888
    )
    times_ms: list[list[float]] = [[], [], []]
    for _ in range(ROUNDS):
        started_s = time.perf_counter()
        ready = scale_for_screen(image_bgr, viewport)
        times_ms[0].append(1e3 * (time.perf_counter() - started_s))
        ours.show_result(
            Result(
                Frame(image_bgr, 0, 0.0, 0.0),
                found,
                names,
                fps=25.0,
                screen=ScreenPicture(ready, viewport),
            )
        )
        times_ms[1].append(timed_ms(ours.repaint))
        times_ms[2].append(timed_ms(plain.repaint))
    for widget in (ours, plain):
        widget.hide()
    return times_ms


def main() -> int:
    """Print a table of medians and ratios."""
    _application = QApplication([])
    say = sys.stdout.write
    say(
        f"{'frame':<12}{'boxes':>6}{'zoom':>6}{'scaled beside':>15}"
        f"{'ours':>9}{'p95':>8}{'plain':>9}{'ratio':>8}\n"
    )
    for (width, height), count, zoom in CASES:
        random = np.random.default_rng(1)
        image_bgr = random.integers(0, 256, (height, width, 3), np.uint8)
        beside, ours, plain = measure(image_bgr, count, zoom)
        medians = [statistics.median(times) for times in (beside, ours, plain)]
        p95 = statistics.quantiles(ours, n=20)[-1]
        say(
            f"{width} x {height:<5}{count:>6}{zoom:>6.1f}{medians[0]:>12.2f} ms"
            f"{medians[1]:>6.2f} ms{p95:>5.2f} ms{medians[2]:>6.2f} ms"
            f"{medians[2] / medians[1]:>7.1f}x\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
