"""Boxes, class names, scores and FPS, drawn on a copy of the picture."""

from collections.abc import Sequence

import cv2
import numpy as np

from app.labels import place_labels
from app.style import (
    PAD_PX,
    PLAIN,
    Style,
    class_color_rgb,
    label_text,
    line_width,
    picture_scale,
)
from app.types import Detections, ImageBgr

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)


def class_color_bgr(class_id: int) -> tuple[int, int, int]:
    """`class_color_rgb` in OpenCV's order."""
    red, green, blue = class_color_rgb(class_id)
    return blue, green, red


def draw(
    image_bgr: ImageBgr,
    detections: Detections,
    *,
    class_names: tuple[str, ...],
    fps: float | None,
    style: Style = PLAIN,
) -> ImageBgr:
    """A new picture with the detections on it.

    Args:
        image_bgr: (H, W, 3) uint8; stays as it is.
        detections: in pixels of `image_bgr`.
        class_names: indexed by class id.
        fps: drawn into the top left corner as "FPS: n"; None leaves it out.
        style: how thick, how large, with scores or without, filled or not.

    Returns:
        (H, W, 3) uint8.
    """
    canvas = image_bgr.copy()
    height, width = canvas.shape[:2]
    scale = picture_scale((width, height))
    thickness = line_width(scale, style)
    corners = detections.boxes_xyxy.round().astype(int).tolist()
    colors = [class_color_bgr(class_id) for class_id in detections.class_ids.tolist()]
    # Weakest first, so that the best lie on top; every label over every frame.
    order = range(len(detections) - 1, -1, -1)
    for index in order:
        if style.fill_opacity:
            _fill(canvas, corners[index], style.fill_opacity, colors[index])
        _draw_frame(canvas, corners[index], thickness, colors[index])
    if style.label_scale:
        tabs = [
            _Tab(
                label_text(class_names[class_id], score, style),
                scale * style.label_scale,
            )
            for class_id, score in zip(
                detections.class_ids.tolist(), detections.scores.tolist(), strict=True
            )
        ]
        sizes_wh = np.array([tab.size_wh for tab in tabs]).reshape(-1, 2)
        places = place_labels(np.array(corners), sizes_wh, (0, 0, width, height))
        for index in order:
            x, y = places[index].astype(int).tolist()
            tabs[index].draw(canvas, (x, y), colors[index])
    if fps is not None:
        _Tab(f"FPS: {fps:.0f}", scale).draw(canvas, (0, 0), _WHITE)
    return canvas


def draw_card(image_bgr: ImageBgr, text: str) -> ImageBgr:
    """The picture, dimmed, with `text` (ASCII) on it: it is not of this moment."""
    canvas = image_bgr // 3
    height, width = canvas.shape[:2]
    _Tab(text, picture_scale((width, height))).draw(canvas, (0, 0), _WHITE)
    return canvas


def _fill(
    canvas: ImageBgr,
    box_xyxy: Sequence[int],
    opacity: float,
    color_bgr: tuple[int, int, int],
) -> None:
    x1, y1, x2, y2 = box_xyxy
    inside = canvas[y1:y2, x1:x2]
    if inside.size:  # in place: a view of the canvas
        paint = np.full_like(inside, color_bgr)
        cv2.addWeighted(inside, 1 - opacity, paint, opacity, 0, dst=inside)


def _draw_frame(
    canvas: ImageBgr,
    box_xyxy: Sequence[int],
    thickness: int,
    color_bgr: tuple[int, int, int],
) -> None:
    """Four bars along the inside of the box; x2 and y2 are exclusive.

    `cv2.rectangle` draws lines of another width than it is told, centred on the
    edge, and differently from version to version.
    """
    x1, y1, x2, y2 = box_xyxy
    inner_x1, inner_y1 = min(x1 + thickness, x2), min(y1 + thickness, y2)
    inner_x2, inner_y2 = max(x2 - thickness, x1), max(y2 - thickness, y1)
    canvas[y1:inner_y1, x1:x2] = color_bgr
    canvas[inner_y2:y2, x1:x2] = color_bgr
    canvas[y1:y2, x1:inner_x1] = color_bgr
    canvas[y1:y2, inner_x2:x2] = color_bgr


class _Tab:
    """Black text on a filled tab.

    Attributes:
        size_wh: in pixels.
    """

    def __init__(self, text: str, scale: float) -> None:
        self._text = text
        self._font_scale, self._thickness = 0.9 * scale, max(1, round(1.5 * scale))
        (text_w, self._text_h), baseline = cv2.getTextSize(
            text, _FONT, self._font_scale, self._thickness
        )
        self._pad = max(2, round(PAD_PX * scale))
        self.size_wh = (
            text_w + 2 * self._pad,
            self._text_h + baseline + 2 * self._pad,
        )

    def draw(
        self,
        canvas: ImageBgr,
        corner_xy: tuple[int, int],
        color_bgr: tuple[int, int, int],
    ) -> None:
        (x, y), (width, height) = corner_xy, self.size_wh
        cv2.rectangle(canvas, (x, y), (x + width - 1, y + height - 1), color_bgr, -1)
        cv2.putText(
            canvas,
            self._text,
            (x + self._pad, y + self._pad + self._text_h),
            _FONT,
            self._font_scale,
            _BLACK,
            self._thickness,
            cv2.LINE_AA,
        )
