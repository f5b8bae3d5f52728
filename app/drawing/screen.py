"""Pictures as a screen wants them: the part that is seen, at its final size."""

import cv2
import numpy as np
from cv2.typing import MatLike

from app.drawing.viewport import place
from app.types import ImageBgr, ImageBgrx, Viewport


def scale_for_screen(image_bgr: ImageBgr, viewport: Viewport) -> ImageBgrx:
    """The part of the picture that `viewport` shows, for `Placement.target_xyxy`.

    OpenCV scales without Python's lock and faster than Qt on the window's thread
    (`benchmarks/paint.py`), so that there only a copy is left to be made.

    Args:
        image_bgr: (H, W, 3) uint8; stays as it is.
        viewport: what is seen of it.

    Returns:
        (h, w, 4) uint8, where w, h is `Placement.target_size_wh`.
    """
    height, width = image_bgr.shape[:2]
    placement = place(viewport, (width, height))
    x1, y1, x2, y2 = placement.source_xyxy
    part: MatLike = image_bgr[y1:y2, x1:x2]
    width, height = placement.target_size_wh
    # Bilinear alone skips pixels and flickers below half the size; whole halves by
    # area are fast (4K: 3 ms; by area to any size: 39 ms).
    while part.shape[1] >= 2 * width and part.shape[0] >= 2 * height:
        half_w, half_h = part.shape[1] // 2, part.shape[0] // 2
        even = part[: 2 * half_h, : 2 * half_w]
        part = cv2.resize(even, (half_w, half_h), interpolation=cv2.INTER_AREA)
    if part.shape[:2] != (height, width):
        part = cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2BGRA), np.uint8)
