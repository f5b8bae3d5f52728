"""Two detectors in one picture: side by side, or each in its half."""

from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from app.comparing.pairs import Indices, Pairs
from app.drawing.overlay import draw, draw_sign
from app.drawing.style import Style
from app.types import Detections, ImageBgr

View = Literal["side", "split"]
VIEWS: tuple[View, ...] = ("side", "split")
# Thin without words where both agree; filled and named where only one has marked it.
BOTH_STYLE = Style(line_scale=0.6, label_scale=0.0)
ONLY_STYLE = Style(line_scale=1.6, fill_opacity=0.2)
# Of a picture for one detector: two of 4K side by side play nowhere.
MOST_WIDE = 1920
_WHITE = (255, 255, 255)


def compared_picture(
    image_bgr: ImageBgr,
    found: tuple[Detections, Detections],
    pairs: Pairs,
    *,
    class_names: tuple[tuple[str, ...], tuple[str, ...]],
    signs: tuple[str, str],
    view: View,
    split_at: float = 0.5,
) -> ImageBgr:
    """What both found, thin; what only one did, filled and named.

    Args:
        image_bgr: (H, W, 3) uint8; stays as it is.
        found: of each, in its pixels.
        pairs: made of them.
        class_names: of each.
        signs: who it is and how long it took, for a corner of each.
        view: two pictures beside each other, or one, parted.
        split_at: where, as a share of the width: left of it is the first one's.

    Returns:
        (H, W, 3) uint8, or (H, 2 W, 3); scaled down where it would be too wide.
    """
    height, width = image_bgr.shape[:2]
    scale = min(1.0, MOST_WIDE / width)
    if scale < 1.0:
        size_wh = MOST_WIDE, max(1, round(height * scale))
        image_bgr = np.asarray(
            cv2.resize(image_bgr, size_wh, interpolation=cv2.INTER_AREA), np.uint8
        )
    only = pairs.only_a, pairs.only_b
    drawn = [
        _drawn(image_bgr, _scaled(found[i], scale), only[i], class_names[i])
        for i in (0, 1)
    ]
    height, width = image_bgr.shape[:2]
    if view == "side":
        canvas = np.concatenate(drawn, axis=1)
        second_x = width
        line = width
    else:
        line = round(width * split_at)
        canvas = np.concatenate([drawn[0][:, :line], drawn[1][:, line:]], axis=1)
        second_x = line
    draw_sign(canvas, signs[0], 0, 0)
    draw_sign(canvas, signs[1], second_x, 0)
    half = max(1, height // 360)
    canvas[:, max(0, line - half) : line + half] = _WHITE
    return canvas


def _drawn(
    image_bgr: ImageBgr,
    found: Detections,
    only: Indices,
    class_names: tuple[str, ...],
) -> ImageBgr:
    is_only = np.zeros(len(found), bool)
    is_only[only] = True
    canvas = draw(
        image_bgr,
        found.where(~is_only),
        class_names=class_names,
        fps=None,
        style=BOTH_STYLE,
    )
    return draw(
        canvas,
        found.where(is_only),
        class_names=class_names,
        fps=None,
        style=ONLY_STYLE,
    )


def _scaled(found: Detections, scale: float) -> Detections:
    if scale == 1.0:
        return found
    return replace(found, boxes_xyxy=found.boxes_xyxy * np.float32(scale))
