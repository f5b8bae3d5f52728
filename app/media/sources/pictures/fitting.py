"""A picture of one size made to fit another."""

import cv2
import numpy as np

from app.types import ImageBgr


def fitted(image_bgr: ImageBgr, size_wh: tuple[int, int]) -> ImageBgr:
    """(H, W, 3) of that size: the whole picture, its shape kept, on black."""
    (width, height), (rows, columns) = size_wh, image_bgr.shape[:2]
    if (columns, rows) == size_wh:
        return image_bgr
    scale = min(width / columns, height / rows)
    inner_wh = max(1, round(columns * scale)), max(1, round(rows * scale))
    left, top = (width - inner_wh[0]) // 2, (height - inner_wh[1]) // 2
    boxed = np.zeros((height, width, 3), np.uint8)
    boxed[top : top + inner_wh[1], left : left + inner_wh[0]] = cv2.resize(
        image_bgr, inner_wh, interpolation=cv2.INTER_AREA
    )
    return boxed
