"""How to cover: so that nothing of what is under it can be had back.

There is no blur here: from a blurred picture much of the sharp one can be reckoned.
What is left of a covered place is nothing, or a few numbers.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from app.hiding.regions import Ints
from app.types import ImageBgr

# So many blocks across the longer side, whatever the size of the box; but no block is
# smaller than this, since somebody far away is but a few pixels himself.
MOST_BLOCKS, SMALLEST_BLOCK_PX = 8, 8
# Dark, but not the black of a letterbox.
SOLID_BGR = (40, 40, 40)
OUTLINE_BGR = (255, 255, 255)
OUTLINE_PX = 2
# So far around a box its surroundings are looked at for a colour.
RING_PX = 4


def cover(image_bgr: ImageBgr, boxes_xyxy: Ints, mode: str) -> ImageBgr:
    """A new picture in which the boxes are covered.

    Law: a change inside a block that keeps its mean changes nothing; in the modes
    "solid" and "outline" no change inside a box changes anything.

    Args:
        image_bgr: (H, W, 3) uint8; stays as it is.
        boxes_xyxy: (M, 4) whole pixels inside the picture, x2 and y2 exclusive.
        mode: "solid": one colour. "pixel": at most `MOST_BLOCKS` blocks across, each
            its mean, rounded to 4 bits. "outline": the colour of what is around, with
            a frame.

    Returns:
        (H, W, 3) uint8.
    """
    if mode not in ("solid", "pixel", "outline"):
        raise ValueError(f"mode must be solid, pixel or outline, got {mode!r}")
    canvas = image_bgr.copy()
    sizes = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).prod(axis=1)
    # The largest first: of what lies in it, only its blocks are left to the others.
    boxes = boxes_xyxy[np.argsort(-sizes, kind="stable")].tolist()
    for box in boxes:
        if mode == "pixel":
            _pixelate(canvas, box)
        else:
            _fill(canvas, box, SOLID_BGR)
    if mode == "outline":
        # All are covered by now, so no ring has anything of a neighbour.
        colors = [_color_around(canvas, box) for box in boxes]
        for box, color_bgr in zip(boxes, colors, strict=True):
            _fill(canvas, box, color_bgr)
        for box in boxes:
            _frame(canvas, box)
    return canvas


def cover_whole(image_bgr: ImageBgr, mode: str) -> ImageBgr:
    """A new picture of which nothing is to be seen: for one that nobody looked at."""
    height, width = image_bgr.shape[:2]
    whole = np.array([[0, 0, width, height]], np.int64)
    return cover(image_bgr, whole, mode)


def block_side(size_wh: tuple[int, int]) -> int:
    """Pixels of a block's side in a box of that size."""
    return max(SMALLEST_BLOCK_PX, -(-max(size_wh) // MOST_BLOCKS))


def _fill(canvas: ImageBgr, box_xyxy: Sequence[int], color_bgr: Sequence[int]) -> None:
    x1, y1, x2, y2 = box_xyxy
    row = np.empty((x2 - x1, 3), np.uint8)
    row[:] = color_bgr
    canvas[y1:y2, x1:x2] = row  # row by row copied: half of what cv2.rectangle takes


def _pixelate(canvas: ImageBgr, box_xyxy: Sequence[int]) -> None:
    x1, y1, x2, y2 = box_xyxy
    inside = canvas[y1:y2, x1:x2]
    height, width = y2 - y1, x2 - x1
    side = block_side((width, height))
    tops, lefts = range(0, height, side), range(0, width, side)
    bands = [inside[top : top + side] for top in tops]
    # Sums of whole pixels: resizing the box would mix neighbours at the blocks' edges.
    of_columns = [
        cv2.reduce(band, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S) for band in bands
    ]
    sums = np.add.reduceat(np.concatenate(of_columns), lefts, axis=1, dtype=np.int64)
    widths = [min(side, width - left) for left in lefts]
    areas = np.multiply.outer([len(band) for band in bands], widths)[:, :, None]
    # Half an area more and cut: rounded to the nearest.
    means = (2 * sums + areas) // (2 * areas)  # (rows, columns, 3)
    colors = ((means >> 4) * 17).astype(np.uint8).repeat(widths, axis=1)
    for band, row in zip(bands, colors, strict=True):
        band[:] = row


def _color_around(canvas: ImageBgr, box_xyxy: Sequence[int]) -> tuple[int, ...]:
    height, width = canvas.shape[:2]
    x1, y1, x2, y2 = box_xyxy
    left, top = max(x1 - RING_PX, 0), max(y1 - RING_PX, 0)
    right, bottom = min(x2 + RING_PX, width), min(y2 + RING_PX, height)
    strips = (
        canvas[top:y1, left:right],
        canvas[y2:bottom, left:right],
        canvas[y1:y2, left:x1],
        canvas[y1:y2, x2:right],
    )
    pixels = sum(strip.shape[0] * strip.shape[1] for strip in strips)
    if not pixels:
        return SOLID_BGR
    sums = np.sum([cv2.sumElems(s)[:3] for s in strips if s.size], axis=0)
    return tuple(int(total / pixels + 0.5) for total in sums)


def _frame(canvas: ImageBgr, box_xyxy: Sequence[int]) -> None:
    x1, y1, x2, y2 = box_xyxy
    thick = OUTLINE_PX
    for left, top, right, bottom in (
        (x1, y1, x2, min(y1 + thick, y2)),
        (x1, max(y2 - thick, y1), x2, y2),
        (x1, y1, min(x1 + thick, x2), y2),
        (max(x2 - thick, x1), y1, x2, y2),
    ):
        _fill(canvas, (left, top, right, bottom), OUTLINE_BGR)
