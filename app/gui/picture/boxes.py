"""Boxes and labels, painted by Qt over a picture of any size, always crisp."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
)

from app.drawing.labels import place_labels
from app.drawing.limited_cache import LimitedCache
from app.drawing.style import (
    LETTER_PX,
    PAD_PX,
    Style,
    class_color_rgb,
    label_text,
    line_width,
    picture_scale,
)
from app.drawing.viewport import Placement
from app.gui.look.class_words import class_word
from app.types import Detections

BLACK, WHITE = QColor(0, 0, 0), QColor(255, 255, 255)
# Capitals lower than this, in points of the screen, cannot be read.
LEAST_LETTER = 8.0
# Texts whose width is remembered: scores to a hundredth, of a few classes.
MOST_WIDTHS = 2000
# To lay out and paint a text takes 20 us, to copy its tab 1. One limit for all sizes
# and windows; images, as pixmaps may not outlive the application.
_kept_tabs = LimitedCache[QImage](8 * 10**6)


@lru_cache(maxsize=256)
def class_color(class_id: int, alpha: float = 1.0) -> QColor:
    """`class_color_rgb` for Qt."""
    color = QColor(*class_color_rgb(class_id))
    color.setAlphaF(alpha)
    return color


class Tabs:
    """Black text on filled tabs, all of one size; keep it from paint to paint."""

    def __init__(self, font: QFont, letter_px: float) -> None:
        """Capitals are `letter_px` high."""
        self._font = QFont(font)
        self._font.setWeight(QFont.Weight.DemiBold)
        self._font.setPixelSize(100)
        capital = QFontMetricsF(self._font).capHeight() or 70.0
        self._font.setPixelSize(max(1, round(100 * letter_px / capital)))
        self._metrics = QFontMetricsF(self._font)
        self._pad = max(2, round(letter_px * PAD_PX / LETTER_PX))
        self._capital = self._metrics.capHeight()
        self._height = round(self._capital + self._metrics.descent() + 2 * self._pad)
        self._widths: dict[str, int] = {}
        self._key = self._font.key(), letter_px

    def size_wh(self, text: str) -> tuple[int, int]:
        """Of the tab with that text, in pixels."""
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) >= MOST_WIDTHS:
                self._widths.clear()
            width = round(self._metrics.horizontalAdvance(text) + 2 * self._pad)
            self._widths[text] = width
        return width, self._height

    def fitted(self, text: str, width: int) -> str:
        """The text, with dots in its middle where its tab would be wider than that."""
        room = width - 2 * self._pad
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)

    def paint(
        self, painter: QPainter, text: str, x: float, y: float, color: QColor
    ) -> None:
        """Put the tab's top left corner at (x, y)."""
        key = self._key, text, color.rgba()
        tab = _kept_tabs.find(key)
        if tab is None:
            tab = self.image(text, color)
            _kept_tabs.keep(key, tab, tab.sizeInBytes())
        painter.drawImage(round(x), round(y), tab)

    def image(self, text: str, color: QColor) -> QImage:
        """The tab alone, four bytes a pixel; on any thread."""
        tab = QImage(*self.size_wh(text), QImage.Format.Format_RGB32)
        tab.fill(color)
        painter = QPainter(tab)
        painter.setFont(self._font)
        painter.setPen(BLACK)
        baseline = round(self._pad + self._capital)
        painter.drawText(QPoint(self._pad, baseline), text)
        painter.end()
        return tab


def paint_detections(
    painter: QPainter,
    detections: Detections,
    *,
    class_names: tuple[str, ...],
    placement: Placement,
    tabs: Tabs,
    line_px: int,
    style: Style,
    kept_clear_xyxy: Sequence[tuple[float, float, float, float]] = (),
) -> None:
    """Paint in screen pixels; what `app.drawing.overlay.draw` does to a picture.

    Boxes grow with the zoom; lines and letters do not.

    Args:
        painter: in screen pixels; clipped to the picture.
        detections: in pixels of the picture, best first.
        class_names: indexed by class id.
        placement: where the picture is.
        tabs: the labels.
        line_px: thickness of the frames.
        style: the rest of the look.
        kept_clear_xyxy: where signs are, in screen pixels; labels make way for them.
    """
    corners = detections.boxes_xyxy * placement.scale
    corners += np.array(placement.origin_xy * 2)
    left, top, right, bottom = placement.target_xyxy
    seen = np.flatnonzero(
        (corners[:, 0] < right)
        & (corners[:, 1] < bottom)
        & (corners[:, 2] > left)
        & (corners[:, 3] > top)
    )
    corners = corners[seen].round()
    ids = detections.class_ids[seen].tolist()
    # Weakest first, so that the best lie on top; every label over every frame.
    order = range(len(seen) - 1, -1, -1)
    for i in order:
        rect = rect_of(corners[i].tolist())
        if style.fill_opacity:
            painter.fillRect(rect, class_color(ids[i], style.fill_opacity))
        _paint_frame(painter, rect, line_px, class_color(ids[i]))
    if not style.label_scale:
        return
    scores = detections.scores[seen].tolist()
    tracks = [0] * len(ids)
    if detections.track_ids is not None:
        tracks = detections.track_ids[seen].tolist()
    texts = [
        label_text(class_word(class_names[class_id]), score, style, track)
        for class_id, score, track in zip(ids, scores, tracks, strict=True)
    ]
    sizes_wh = np.array([tabs.size_wh(text) for text in texts]).reshape(-1, 2)
    places = place_labels(
        corners,
        sizes_wh,
        placement.target_xyxy,
        kept_clear_xyxy=kept_clear_xyxy,
    ).tolist()
    for i in order:
        x, y = places[i]
        tabs.paint(painter, texts[i], x, y, class_color(ids[i]))


def line_px_on_screen(
    picture_wh: tuple[int, int], placement: Placement, style: Style
) -> int:
    """Thickness of frames on the screen: the recording's, scaled as the picture is."""
    return line_width(picture_scale(picture_wh) * placement.fitted_scale, style)


def letter_px_on_screen(
    picture_wh: tuple[int, int], placement: Placement, scale: float, ratio: float
) -> float:
    """Height of capitals, likewise, but never too small to be read.

    Args:
        picture_wh: the picture's size.
        placement: where it is.
        scale: of these letters.
        ratio: screen pixels per point.
    """
    letter = LETTER_PX * picture_scale(picture_wh) * placement.fitted_scale
    return max(letter, LEAST_LETTER * ratio) * scale


def rect_of(corners_xyxy: Iterable[float]) -> QRect:
    """Qt's rectangle of corners in whole pixels, x2 and y2 exclusive."""
    x1, y1, x2, y2 = (int(value) for value in corners_xyxy)
    return QRect(x1, y1, x2 - x1, y2 - y1)


def _paint_frame(painter: QPainter, rect: QRect, width: int, color: QColor) -> None:
    """Four bars along the inside of the box."""
    x, y, w, h = rect.x(), rect.y(), rect.width(), rect.height()
    across, down = min(width, w), min(width, h)
    painter.fillRect(x, y, w, down, color)
    painter.fillRect(x, y + h - down, w, down, color)
    painter.fillRect(x, y, across, h, color)
    painter.fillRect(x + w - across, y, across, h, color)
