"""Boxes, class names, scores and FPS, drawn on a copy of the picture."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from app.drawing.labels import place_labels
from app.drawing.lettering import Lettering
from app.drawing.limited_cache import LimitedCache
from app.drawing.reading_order import left_to_right
from app.drawing.style import (
    PAD_PX,
    PLAIN,
    Style,
    class_color_rgb,
    label_text,
    line_width,
    picture_scale,
    shown_name,
)
from app.scene import NO_SCENE, Scene
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
    scene: Scene = NO_SCENE,
    lettering: Lettering | None = None,
) -> ImageBgr:
    """A new picture with the detections on it.

    Args:
        image_bgr: (H, W, 3) uint8; stays as it is.
        detections: in pixels of `image_bgr`.
        class_names: indexed by class id.
        fps: drawn into the top left corner as "FPS: n"; None leaves it out.
        style: how thick, how large, with scores or without, filled or not.
        scene: lines, zones and trails, below the boxes.
        lettering: None: English, in OpenCV's own font.

    Returns:
        (H, W, 3) uint8.
    """
    letters = lettering or _PLAIN_LETTERING
    canvas = image_bgr.copy()
    height, width = canvas.shape[:2]
    scale = picture_scale((width, height))
    thickness = line_width(scale, style)
    draw_scene(canvas, scene, thickness)
    corners = detections.boxes_xyxy.round().astype(int).tolist()
    colors = [class_color_bgr(class_id) for class_id in detections.class_ids.tolist()]
    # Weakest first, so that the best lie on top; every label over every frame.
    order = range(len(detections) - 1, -1, -1)
    for index in order:
        if style.fill_opacity:
            _fill(canvas, corners[index], style.fill_opacity, colors[index])
        _draw_frame(canvas, corners[index], thickness, colors[index])
    sign = None if fps is None else letters.tab(f"FPS: {fps:.0f}", scale, _WHITE)
    if style.label_scale:
        tabs = [
            letters.tab(
                label_text(
                    letters.class_word(class_names[class_id]), score, style, track
                ),
                scale * style.label_scale,
                color_bgr,
            )
            for class_id, score, color_bgr, track in zip(
                detections.class_ids.tolist(),
                detections.scores.tolist(),
                colors,
                track_numbers(detections, scene),
                strict=True,
            )
        ]
        sizes_wh = np.array([tab.shape[1::-1] for tab in tabs]).reshape(-1, 2)
        places = place_labels(
            np.array(corners),
            sizes_wh,
            (0, 0, width, height),
            kept_clear_xyxy=[] if sign is None else [(0, 0, *sign.shape[1::-1])],
        )
        places_px = places.astype(int).tolist()
        for index in order:
            _paste(canvas, tabs[index], *places_px[index])
    for mark in scene.marks:
        x, y = mark.points_xy.mean(axis=0).round().astype(int).tolist()
        tab = letters.tab(letters.mark_words(mark.text), 0.8 * scale, _WHITE)
        # Further left, where it would not fit.
        _paste(canvas, tab, min(x, width - tab.shape[1]), y)
    if sign is not None:
        _paste(canvas, sign, 0, 0)
    return canvas


def track_numbers(detections: Detections, scene: Scene) -> list[int]:
    """The ids to write on the boxes; 0 where there is none, or nobody asked."""
    ids = detections.track_ids
    if ids is None or not (scene.marks or scene.trails):
        return [0] * len(detections)
    return [int(track) for track in ids]


def draw_scene(canvas: ImageBgr, scene: Scene, thickness: int) -> None:
    """Trails, lines with the arrow of in, and zones, into `canvas`."""
    for trail in scene.trails:
        points = trail.points_xy.round().astype(np.int32)
        color_bgr = class_color_bgr(trail.class_id)
        cv2.polylines(canvas, [points], False, color_bgr, thickness, cv2.LINE_AA)
    for mark in scene.marks:
        points = mark.points_xy.round().astype(np.int32)
        cv2.polylines(canvas, [points], mark.is_closed, _WHITE, thickness, cv2.LINE_AA)
        if mark.in_xy is not None:
            middle = mark.points_xy.mean(axis=0)
            tip = middle + 10 * thickness * np.array(mark.in_xy)
            cv2.arrowedLine(
                canvas,
                _whole(middle),
                _whole(tip),
                _WHITE,
                thickness,
                cv2.LINE_AA,
                tipLength=0.4,
            )


def _whole(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _ascii(text: str) -> str:
    """As OpenCV's font can write it."""
    return text.encode("ascii", "replace").decode()


def draw_card(
    image_bgr: ImageBgr, since: str, *, lettering: Lettering | None = None
) -> ImageBgr:
    """The picture, dimmed, which says that there is no newer one `since` that time."""
    letters = lettering or _PLAIN_LETTERING
    canvas = image_bgr // 3
    height, width = canvas.shape[:2]
    text, scale = letters.since_words(since), picture_scale((width, height))
    _paste(canvas, letters.tab(text, scale, _WHITE), 0, 0)
    return canvas


def draw_sign(canvas: ImageBgr, text: str, x: int, y: int) -> None:
    """Put `text` on a white tab into `canvas`, its top left corner at (x, y).

    Or further left, where it would not fit.
    """
    height, width = canvas.shape[:2]
    tab = _tab(_ascii(text), picture_scale((width, height)), _WHITE)
    _paste(canvas, tab, min(x, width - tab.shape[1]), y)


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
    for left, top, right, bottom in (
        (x1, y1, x2, inner_y1),
        (x1, inner_y2, x2, y2),
        (x1, y1, inner_x1, y2),
        (inner_x2, y1, x2, y2),
    ):
        if left < right and top < bottom:  # OpenCV would turn it round
            corners = (left, top), (right - 1, bottom - 1)
            cv2.rectangle(canvas, *corners, color_bgr, cv2.FILLED)


def _paste(canvas: ImageBgr, tab: ImageBgr, x: int, y: int) -> None:
    """Put `tab` at (x, y); what lies outside the canvas is cut off."""
    x, y = max(0, x), max(0, y)
    inside = canvas[y : y + tab.shape[0], x : x + tab.shape[1]]
    inside[:] = tab[: inside.shape[0], : inside.shape[1]]


# Text is most of what drawing costs, and the same labels come again and again: of 500
# boxes, each its own, all are kept at 720p, and at 4K those of 300.
_KEPT_BYTES = 32 * 10**6
_kept_tabs = LimitedCache[ImageBgr](_KEPT_BYTES)


def _tab(text: str, scale: float, color_bgr: tuple[int, int, int]) -> ImageBgr:
    """Black text on a filled tab; nobody draws on it."""
    key = text, scale, color_bgr
    tab = _kept_tabs.find(key)
    if tab is None:
        tab = _painted_tab(text, scale, color_bgr)
        _kept_tabs.keep(key, tab, tab.nbytes)
    return tab


def _painted_tab(text: str, scale: float, color_bgr: tuple[int, int, int]) -> ImageBgr:
    text = left_to_right(text)
    font_scale, thickness = 0.9 * scale, max(1, round(1.5 * scale))
    (text_w, text_h), baseline = cv2.getTextSize(text, _FONT, font_scale, thickness)
    pad = max(2, round(PAD_PX * scale))
    width, height = text_w + 2 * pad, text_h + baseline + 2 * pad
    tab = np.full((height, width, 3), color_bgr, np.uint8)
    origin = (pad, pad + text_h)
    cv2.putText(tab, text, origin, _FONT, font_scale, _BLACK, thickness, cv2.LINE_AA)
    return tab


_PLAIN_LETTERING = Lettering(_tab, shown_name, _ascii, "No picture since {}".format)
