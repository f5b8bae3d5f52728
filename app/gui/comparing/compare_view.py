"""Two detectors on one frame: side by side, or parted where the mouse drags it."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.drawing.style import Style
from app.drawing.viewport import Placement, place
from app.gui.comparing.rival import BothFound
from app.gui.picture.boxes import (
    Tabs,
    letter_px_on_screen,
    line_px_on_screen,
    paint_detections,
    rect_of,
)
from app.gui.picture.video_view import BACKGROUND
from app.gui.picture.words import HINT
from app.types import Frame, Viewport

# As `app.comparing.picture` draws them: thin where both agree, filled where only one
# has marked it.
BOTH_STYLE = Style(line_scale=0.6, label_scale=0.0)
ONLY_STYLE = Style(line_scale=1.6, fill_opacity=0.2)
_DIVIDER = QColor(255, 255, 255)
_GRIP_PX = 12.0  # how near the mouse has to be, in points


@dataclass(frozen=True, slots=True)
class _Part:
    """Where one detector's picture goes, in screen pixels.

    Attributes:
        left: of the picture's view.
        clip: what of the view is seen.
    """

    left: int
    clip: QRect


class CompareView(QWidget):
    """Shows the newest frame that both have looked at.

    Signals:
        split_moved: the mouse has moved the divider to this share of the picture.
    """

    split_moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 120)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Two detectors on one picture"))
        self._both: BothFound | None = None
        self._text = ""
        self._signs = ("A", "B")
        self._is_split = False
        self._split_at = 0.5
        self._is_dragged = False

    @property
    def both(self) -> BothFound | None:
        """What is on show."""
        return self._both

    @property
    def split_at(self) -> float:
        """Where the divider stands, as a share of the picture's width."""
        return self._split_at

    def show_both(self, both: BothFound) -> None:
        """Show a frame, and what each found."""
        self._both, self._text = both, ""
        self.update()

    def show_text(self, text: str) -> None:
        """Say why there is none."""
        self._both, self._text = None, text
        self.update()

    def show_signs(self, a: str, b: str) -> None:
        """Who is who."""
        self._signs = a, b
        self.update()

    def show_split(self, is_split: bool) -> None:
        """One picture, parted; or two beside each other."""
        self._is_split = is_split
        self.unsetCursor()
        self.update()

    def part_at(self, share: float) -> None:
        """Move the divider."""
        self._split_at = min(max(share, 0.0), 1.0)
        self.update()

    def sizeHint(self) -> QSize:
        """As the picture without it."""
        return QSize(960, 540)

    # --- what the user does --------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab the divider, from anywhere."""
        if event.button() == Qt.MouseButton.LeftButton and self._is_split:
            self._is_dragged = True
            self._drag(event.position())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it."""
        if self._is_dragged:
            self._drag(event.position())
        elif self._is_split:
            is_near = abs(event.position().x() - self._divider_x()) < _GRIP_PX
            self.setCursor(
                Qt.CursorShape.SplitHCursor if is_near else Qt.CursorShape.ArrowCursor
            )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._is_dragged = False
        super().mouseReleaseEvent(event)

    def _drag(self, at: QPointF) -> None:
        target = self._target()
        if target.width() > 0:
            ratio = self.devicePixelRatio()
            self.part_at((at.x() * ratio - target.left()) / target.width())
            self.split_moved.emit(self._split_at)

    def _divider_x(self) -> float:
        target = self._target()
        x = target.left() + self._split_at * target.width()
        return x / self.devicePixelRatio()

    def _target(self) -> QRect:
        """Where the one picture is, in the screen's own pixels."""
        if self._both is None:
            return QRect()
        placement = place(Viewport(self._pixels()), _size_wh(self._both.frame))
        return rect_of(placement.target_xyxy)

    def _pixels(self) -> tuple[int, int]:
        ratio = self.devicePixelRatio()
        return max(2, round(self.width() * ratio)), max(2, round(self.height() * ratio))

    # --- painting ------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), BACKGROUND)
        if self._both is None:
            painter.setPen(HINT)
            inside = QRectF(self.rect()).adjusted(40, 0, -40, 0)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(inside, flags, self._text)
        else:
            ratio = self.devicePixelRatio()
            painter.scale(1 / ratio, 1 / ratio)  # in the screen's own pixels
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            self._paint(painter, self._both)
        painter.end()

    def _paint(self, painter: QPainter, both: BothFound) -> None:
        width, height = self._pixels()
        size_wh = _size_wh(both.frame)
        view_wh = (width, height) if self._is_split else (width // 2, height)
        placement = place(Viewport(view_wh), size_wh)
        image, _packed = _image_of(both.frame)
        parts = self._parts(rect_of(placement.target_xyxy), (width, height))
        for which, part in enumerate(parts):
            painter.save()
            painter.setClipRect(part.clip)
            painter.translate(part.left, 0)
            target = rect_of(placement.target_xyxy)
            painter.drawImage(target, image)
            self._paint_found(painter, both, which, placement, size_wh)
            painter.restore()
        for which, part in enumerate(parts):  # over both: the divider may be anywhere
            self._paint_sign(painter, which, part, placement, size_wh)
        thick = max(2, round(2 * self.devicePixelRatio()))
        line_x = parts[1].clip.left()
        painter.fillRect(line_x - thick // 2, 0, thick, height, _DIVIDER)
        if self._is_split:
            grip = round(6 * self.devicePixelRatio())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(_DIVIDER)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(QPointF(line_x, height / 2), grip, grip)

    def _parts(self, target: QRect, size_wh: tuple[int, int]) -> tuple[_Part, _Part]:
        width, height = size_wh
        if not self._is_split:
            half = width // 2
            return (
                _Part(0, QRect(0, 0, half, height)),
                _Part(half, QRect(half, 0, width - half, height)),
            )
        line = target.left() + round(self._split_at * target.width())
        return (
            _Part(0, QRect(0, 0, line, height)),
            _Part(0, QRect(line, 0, width - line, height)),
        )

    def _paint_found(
        self,
        painter: QPainter,
        both: BothFound,
        which: int,
        placement: Placement,
        size_wh: tuple[int, int],
    ) -> None:
        found = both.found[which]
        is_only = np.zeros(len(found), bool)
        is_only[(both.pairs.only_a, both.pairs.only_b)[which]] = True
        tabs = self._tabs(size_wh, placement)
        signs = []
        sign = self._sign(which, tabs, placement)
        if sign and not (self._is_split and which):
            left, top, _, _ = placement.target_xyxy
            width, height = tabs.size_wh(sign)
            signs = [(left, top, left + width, top + height)]
        for chosen, style in ((~is_only, BOTH_STYLE), (is_only, ONLY_STYLE)):
            paint_detections(
                painter,
                found.where(chosen),
                class_names=both.class_names[which],
                placement=placement,
                tabs=tabs,
                line_px=line_px_on_screen(size_wh, placement, style),
                style=style,
                kept_clear_xyxy=signs,
            )

    def _paint_sign(
        self,
        painter: QPainter,
        which: int,
        part: _Part,
        placement: Placement,
        size_wh: tuple[int, int],
    ) -> None:
        tabs = self._tabs(size_wh, placement)
        text = self._sign(which, tabs, placement)
        target = rect_of(placement.target_xyxy)
        x = part.left + target.left()
        if self._is_split and which:  # the second one's corner is on the right
            x += target.width() - tabs.size_wh(text)[0]
        tabs.paint(painter, text, x, target.top(), _DIVIDER)

    def _sign(self, which: int, tabs: Tabs, placement: Placement) -> str:
        """Who that is, and no wider than its own part: the two would overlap."""
        room = placement.target_size_wh[0] // (2 if self._is_split else 1)
        return tabs.fitted(self._signs[which], room)

    def _tabs(self, size_wh: tuple[int, int], placement: Placement) -> Tabs:
        ratio = self.devicePixelRatio()
        letter_px = letter_px_on_screen(size_wh, placement, 1.0, ratio)
        return Tabs(self.font(), letter_px)


def _size_wh(frame: Frame) -> tuple[int, int]:
    height, width = frame.image_bgr.shape[:2]
    return width, height


def _image_of(frame: Frame) -> tuple[QImage, object]:
    """The picture, and the memory that it borrows."""
    packed = np.ascontiguousarray(frame.image_bgr)
    width, height = _size_wh(frame)
    image = QImage(packed.data, width, height, 3 * width, QImage.Format.Format_BGR888)
    return image, packed
