"""Lines, zones, counts and trails, painted over the picture by Qt."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.drawing.viewport import Placement
from app.gui.picture.boxes import WHITE, Tabs, class_color
from app.gui.picture.lettering import mark_words
from app.scene import Scene

# The arrow of in, in widths of the line.
ARROW = 10


def paint_scene(
    painter: QPainter, scene: Scene, *, placement: Placement, tabs: Tabs, line_px: int
) -> None:
    """Paint in screen pixels; what `app.drawing.overlay.draw` does to a picture.

    Args:
        painter: in screen pixels; clipped to the picture.
        scene: in pixels of the picture.
        placement: where the picture is.
        tabs: what stands beside lines and zones.
        line_px: thickness of lines.
    """
    if not (scene.marks or scene.trails):
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for trail in scene.trails:
        painter.setPen(QPen(class_color(trail.class_id), line_px))
        painter.drawPolyline(_on_screen(trail.points_xy, placement))
    painter.setPen(QPen(WHITE, line_px))
    for mark in scene.marks:
        points = _on_screen(mark.points_xy, placement)
        if mark.is_closed:
            painter.drawPolygon(points)
        else:
            painter.drawPolyline(points)
        if mark.in_xy is not None:
            middle = mark.points_xy.mean(axis=0) * placement.scale
            middle += np.array(placement.origin_xy)
            _paint_arrow(painter, middle, np.array(mark.in_xy), ARROW * line_px)
    painter.restore()
    taken: list[QRectF] = []
    for mark in scene.marks:
        text = mark_words(mark.text)
        x, y = mark.points_xy.mean(axis=0) * placement.scale
        left, top = placement.origin_xy
        box = QRectF(QPointF(x + left, y + top), QSizeF(*tabs.size_wh(text)))
        box = _where_read(box, taken, placement.target_xyxy)
        taken.append(box)
        tabs.paint(painter, text, box.x(), box.y(), QColor(WHITE))


def _where_read(
    box: QRectF, taken: Sequence[QRectF], target_xyxy: tuple[int, int, int, int]
) -> QRectF:
    """`box` with all of its words in the picture, below those that are there."""
    left, _, right, _ = target_xyxy
    if left <= box.left() < right:  # else what it tells of is not in sight
        box.moveLeft(max(left, min(box.left(), right - box.width())))
    for other in sorted(taken, key=QRectF.top):
        if box.intersects(other):
            box.moveTop(other.bottom())
    return box


def _on_screen(points_xy: NDArray[np.float64], placement: Placement) -> QPolygonF:
    placed = points_xy * placement.scale + np.array(placement.origin_xy)
    return QPolygonF([QPointF(x, y) for x, y in placed.tolist()])


def _paint_arrow(
    painter: QPainter,
    start: NDArray[np.float64],
    way: NDArray[np.float64],
    length: float,
) -> None:
    tip, across = start + length * way, np.array([-way[1], way[0]])
    barbs = [tip - 0.4 * length * (way + side * across) for side in (1, -1)]
    for end in (start, *barbs):
        painter.drawLine(QPointF(*end.tolist()), QPointF(*tip.tolist()))
