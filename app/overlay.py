"""Boxes, class names, scores and FPS, drawn on a copy of the picture."""

from collections.abc import Sequence

import cv2
import numpy as np

from app.style import PLAIN, Style, class_color_rgb, label_text
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
    # Lines and text grow with the picture, so that 4K reads like VGA.
    scale = max(0.35, min(canvas.shape[:2]) / 720)
    thickness = max(2, round(3 * scale * style.line_scale))
    corners = detections.boxes_xyxy.round().astype(int).tolist()
    colors = [class_color_bgr(class_id) for class_id in detections.class_ids.tolist()]
    # Weakest first, so that the best lie on top; every label over every frame.
    order = range(len(detections) - 1, -1, -1)
    for index in order:
        if style.fill_opacity:
            _fill(canvas, corners[index], style.fill_opacity, colors[index])
        _draw_frame(canvas, corners[index], thickness, colors[index])
    for index in order if style.label_scale else ():
        name = class_names[detections.class_ids[index]]
        text = label_text(name, float(detections.scores[index]), style)
        label_scale = scale * style.label_scale
        _draw_tab(canvas, text, corners[index][:2], label_scale, colors[index])
    if fps is not None:
        _draw_tab(canvas, f"FPS: {fps:.0f}", (0, 0), scale, _WHITE)
    return canvas


def draw_card(image_bgr: ImageBgr, text: str) -> ImageBgr:
    """The picture, dimmed, with `text` (ASCII) on it: it is not of this moment."""
    canvas = image_bgr // 3
    scale = max(0.35, min(canvas.shape[:2]) / 720)
    _draw_tab(canvas, text, (0, 0), scale, _WHITE)
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


def _draw_tab(
    canvas: ImageBgr,
    text: str,
    corner_xy: Sequence[int],
    scale: float,
    color_bgr: tuple[int, int, int],
) -> None:
    """Black text on a filled tab above `corner_xy`, kept inside the picture."""
    font_scale, thickness = 0.9 * scale, max(1, round(1.5 * scale))
    (text_w, text_h), baseline = cv2.getTextSize(text, _FONT, font_scale, thickness)
    pad = max(2, round(5 * scale))
    width, height = text_w + 2 * pad, text_h + baseline + 2 * pad
    x = max(0, min(corner_xy[0], canvas.shape[1] - width))
    y = max(0, min(corner_xy[1] - height, canvas.shape[0] - height))
    cv2.rectangle(canvas, (x, y), (x + width - 1, y + height - 1), color_bgr, -1)
    origin = (x + pad, y + pad + text_h)
    cv2.putText(canvas, text, origin, _FONT, font_scale, _BLACK, thickness, cv2.LINE_AA)
