"""The picture, as large as fits, sharp on any screen, with its boxes."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.drawing.viewport import Placement, pan, place, zoom_at
from app.gui.look.numbers import decimal
from app.gui.picture.boxes import (
    WHITE,
    Tabs,
    letter_px_on_screen,
    line_px_on_screen,
    paint_detections,
    rect_of,
)
from app.gui.picture.counting import paint_scene
from app.gui.picture.marks import Marks, PlacedMark, paint_marks, place_marks
from app.gui.picture.words import TITLE, paint_words
from app.pipeline.annotate import drawn
from app.settings import Settings
from app.types import Detections, Frame, Result, ScreenPicture, Viewport

BACKGROUND = QColor(18, 18, 20)
NOTE_BACK = QColor(18, 18, 20, 200)

ZOOM_STEP = 1.25  # of a key, or a notch of the wheel
NOTCH = 120  # what Qt calls one
KEY_SHARE = 0.1  # of the view, for a key that moves the picture
TOWARD = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
MOST_TABS = 16  # each resize makes another
# After so long without another move, a picture that stands still is scaled anew.
REST_MS = 120
# With a notice above it and the bar below, a window fits 640 x 480.
LEAST_PX = 240, 120


class Layer(Protocol):
    """What paints lines and zones in place of those that a result has."""

    def paint(
        self, painter: QPainter, placement: Placement, tabs: Tabs, line_px: int
    ) -> None:
        """Paint them, in screen pixels."""
        ...


class VideoView(QWidget):
    """Shows the newest result letterboxed, or says what to do first.

    The wheel zooms about the cursor, a drag moves the picture.

    Signals:
        viewport_changed: the `Viewport` it wants results made ready for.
        painted: the `Result` that was painted for the first time just now, with
            `show_ms`.
        scaling_wanted: a `Frame` stands still and should be made ready for a
            `Viewport`; `show_screen` takes it.
        full_screen_wanted: a double click.
    """

    viewport_changed = Signal(object)
    painted = Signal(object)
    scaling_wanted = Signal(object, object)
    full_screen_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(*LEAST_PX)
        self.setAccessibleName(self.tr("Video"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so keys reach the window
        self._settings = Settings()
        self._result: Result | None = None
        self._found = Detections.empty()
        self._is_new = False
        self._image: QImage | None = None  # at its final size, for `_image_viewport`
        self._image_viewport: Viewport | None = None
        self._made_tabs: dict[tuple[str, float], Tabs] = {}
        self._marks = Marks()
        self._placed: list[PlacedMark] = []
        self.layer: Layer | None = None
        self._title = ""
        self._hint = ""
        self._viewport = Viewport(self._size_on_screen())
        self._dragged_from: QPointF | None = None
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._ask_for_scaling)

    # --- what is shown -------------------------------------------------------

    def show_result(self, result: Result) -> None:
        """Show its frame and what was found in it."""
        self._result, self._is_new = result, True
        self._image = self._image_viewport = None
        if result.screen is not None:
            self._use(result.screen)
        self._find()
        self.update()

    @Slot(object, object)
    def show_screen(self, frame: Frame, screen: ScreenPicture) -> None:
        """Show `frame` as it was made ready now, if it is still on show."""
        if self._result is not None and self._result.frame is frame:
            self._use(screen)
            self.update()

    def apply(self, settings: Settings) -> None:
        """Draw as these say, what is on show too."""
        self._settings = settings
        self._find()
        self.update()

    def show_marks(self, marks: Marks) -> None:
        """What is true of what plays, beside what is seen of it."""
        if marks != self._marks:
            self._marks = marks
            self.update()

    def is_on_filter(self, at: QPointF) -> bool:
        """Whether the sign is there that says what is filtered."""
        if self._result is None or not self._marks.filtered:
            return False
        here = (at * self.devicePixelRatio()).toPoint()
        signs = (m for m in self._placed if m.text == self._marks.filtered)
        return any(mark.box.contains(here) for mark in signs)

    def show_text(self, title: str, hint: str = "") -> None:
        """Show words in place of a picture."""
        self._result = self._image = self._image_viewport = None
        self._title, self._hint = title, hint
        self.reset_zoom()
        self.update()

    @property
    def has_image(self) -> bool:
        """True once a picture is shown."""
        return self._result is not None

    @property
    def result(self) -> Result | None:
        """What is on show."""
        return self._result

    @property
    def viewport(self) -> Viewport:
        """What is seen of the picture."""
        return self._viewport

    def zoom_in(self) -> None:
        """Closer, about the middle."""
        self._zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Further away, about the middle."""
        self._zoom(1 / ZOOM_STEP)

    def reset_zoom(self) -> None:
        """Show the whole picture."""
        self._look(Viewport(self._viewport.size_wh))

    def pan_by_key(self, event: QKeyEvent) -> bool:
        """Move the zoomed picture, where it is Shift and an arrow; True if it was."""
        toward = TOWARD.get(Qt.Key(event.key()))
        is_shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if toward is None or not is_shifted or self._viewport.zoom <= 1:
            return False
        width, height = self._viewport.size_wh
        self._pan((-toward[0] * KEY_SHARE * width, -toward[1] * KEY_SHARE * height))
        return True

    def sizeHint(self) -> QSize:
        """Half of full HD: big enough to see, small enough for a laptop."""
        return QSize(960, 540)

    def _use(self, screen: ScreenPicture) -> None:
        pixels = screen.image_bgrx
        height, width = pixels.shape[:2]
        self._screen = screen  # whose memory the image borrows
        self._image = QImage(
            pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32
        )
        self._image_viewport = screen.viewport

    def _find(self) -> None:
        if self._result is not None:
            names = self._result.class_names
            self._found = drawn(self._result.detections, names, self._settings)

    # --- what the user does --------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the cursor."""
        notches = event.angleDelta().y() / NOTCH
        self._zoom(ZOOM_STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab the picture."""
        if event.button() == Qt.MouseButton.LeftButton and self._viewport.zoom > 1:
            self._dragged_from = event.position()
            self.show_cursor()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture with the hand."""
        if self._dragged_from is None:
            super().mouseMoveEvent(event)
            return
        ratio = self.devicePixelRatio()
        by = (event.position() - self._dragged_from) * ratio
        self._dragged_from = event.position()
        self._pan((by.x(), by.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the picture."""
        self._dragged_from = None
        self.show_cursor()
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the full screen, or to leave it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.full_screen_wanted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the picture anew."""
        super().resizeEvent(event)
        self._look(replace(self._viewport, size_wh=self._size_on_screen()))

    def event(self, event: QEvent) -> bool:
        """Notice a move to a screen with other pixels."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._look(replace(self._viewport, size_wh=self._size_on_screen()))
        return super().event(event)

    def _zoom(self, factor: float, at: QPointF | None = None) -> None:
        if self._result is None:
            return
        width, height = self._viewport.size_wh
        at_xy = (width / 2, height / 2)
        if at is not None:
            at_xy = (at * self.devicePixelRatio()).toTuple()
        self._look(zoom_at(self._viewport, factor, at_xy, _size_wh(self._result)))

    def _pan(self, by_xy: tuple[float, float]) -> None:
        if self._result is not None:
            self._look(pan(self._viewport, by_xy, _size_wh(self._result)))

    def _look(self, viewport: Viewport) -> None:
        if viewport == self._viewport:
            return
        self._viewport = viewport
        self.show_cursor()
        self._rest.start()
        self.update()
        self.viewport_changed.emit(viewport)

    def show_cursor(self) -> None:
        """A hand, where the picture can be moved."""
        if self._viewport.zoom <= 1:
            self.unsetCursor()
        elif self._dragged_from is None:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _size_on_screen(self) -> tuple[int, int]:
        ratio = self.devicePixelRatio()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    # --- painting ------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the picture that was made ready, and paint the boxes on it."""
        painter = QPainter(self)
        if self._result is None:
            painter.fillRect(event.rect(), BACKGROUND)
            words = {"title": self._title, "hint": self._hint}
            paint_words(painter, self.rect(), **words, font=self.font())
        else:
            self._paint_result(painter, self._result)
        painter.end()
        if self._is_new and self._result is not None:
            self._is_new = False
            show_ms = 1e3 * (time.monotonic() - self._result.finished_at_s)
            times = replace(self._result.times, show_ms=show_ms)
            self.painted.emit(replace(self._result, times=times))

    def _paint_result(self, painter: QPainter, result: Result) -> None:
        ratio = self.devicePixelRatio()
        painter.scale(1 / ratio, 1 / ratio)  # from here on in the screen's own pixels
        picture_wh = _size_wh(result)
        placement = place(self._viewport, picture_wh)
        target = rect_of(placement.target_xyxy)
        painter.setClipRegion(QRegion(QRect(QPoint(), self._screen_size())) - target)
        painter.fillRect(QRect(QPoint(), self._screen_size()), BACKGROUND)
        painter.setClipRect(target)
        self._paint_picture(painter, target, placement)
        font = self.font()
        self._placed = place_marks(self._marks, target, font=font, ratio=ratio)
        if not result.frame.gap:
            self._paint_overlay(painter, result, placement, self._placed)
        if self._viewport.zoom > 1:
            self._paint_zoom(painter, target)
        paint_marks(painter, self._placed, font=font, ratio=ratio)

    def _paint_picture(
        self, painter: QPainter, target: QRect, placement: Placement
    ) -> None:
        image = self._image
        if image is not None and self._image_viewport == self._viewport:
            painter.drawImage(target.topLeft(), image)
            return
        # The view has just moved: quickly for now. The next one will be ready; where
        # none comes, this one is asked for again.
        painter.drawImage(target, self._frame_image(), rect_of(placement.source_xyxy))
        if not self._rest.isActive():
            self._rest.start()

    def _paint_overlay(
        self,
        painter: QPainter,
        result: Result,
        placement: Placement,
        marks: Sequence[PlacedMark],
    ) -> None:
        style, picture_wh = self._settings.style, _size_wh(result)
        sign = self._sign(result)
        tabs = self._tabs(picture_wh, placement, 1.0)
        left, top, _, _ = placement.target_xyxy
        clear = [mark.corners_xyxy for mark in marks]
        if sign:
            width, height = tabs.size_wh(sign)
            clear.insert(0, (left, top, left + width, top + height))
        line_px = line_px_on_screen(picture_wh, placement, style)
        scene = result.scene if self.layer is None else replace(result.scene, marks=())
        paint_scene(painter, scene, placement=placement, tabs=tabs, line_px=line_px)
        paint_detections(
            painter,
            self._found,
            class_names=result.class_names,
            placement=placement,
            tabs=self._tabs(picture_wh, placement, style.label_scale),
            line_px=line_px,
            style=style,
            kept_clear_xyxy=clear,
        )
        if self.layer is not None:
            self.layer.paint(painter, placement, tabs, line_px)
        if sign:
            tabs.paint(painter, sign, left, top, WHITE)

    def _sign(self, result: Result) -> str:
        """What stands in the corner; nothing while the picture stands still."""
        is_shown = self._settings.draw_fps and result.fps and not self._marks.is_held
        return f"FPS: {result.fps:.0f}" if is_shown else ""

    def _tabs(
        self, picture_wh: tuple[int, int], placement: Placement, scale: float
    ) -> Tabs:
        letter_px = letter_px_on_screen(
            picture_wh, placement, scale, self.devicePixelRatio()
        )
        key = (self.font().key(), letter_px)
        if key not in self._made_tabs:
            if len(self._made_tabs) >= MOST_TABS:
                self._made_tabs.clear()
            self._made_tabs[key] = Tabs(self.font(), letter_px)
        return self._made_tabs[key]

    def _ask_for_scaling(self) -> None:
        if self._result is not None and self._image_viewport != self._viewport:
            self.scaling_wanted.emit(self._result.frame, self._viewport)

    def _frame_image(self) -> QImage:
        """The frame; valid until the next call."""
        assert self._result is not None
        image_bgr = self._result.frame.image_bgr
        height, width = image_bgr.shape[:2]
        self._packed = np.ascontiguousarray(image_bgr)  # whose memory Qt borrows
        return QImage(
            self._packed.data, width, height, 3 * width, QImage.Format.Format_BGR888
        )

    def _paint_zoom(self, painter: QPainter, target: QRect) -> None:
        ratio = self.devicePixelRatio()
        font = QFont(self.font())
        font.setPixelSize(round(13 * ratio))
        painter.setFont(font)
        text = self.tr("{0}x   0: whole picture").format(decimal(self._viewport.zoom))
        pad = round(8 * ratio)
        box = painter.fontMetrics().boundingRect(text)
        box.adjust(-pad, -pad // 2, pad, pad // 2)
        box.moveBottomRight(target.bottomRight() - QPoint(pad, pad))
        painter.fillRect(box, NOTE_BACK)
        painter.setPen(TITLE)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _screen_size(self) -> QSize:
        return QSize(*self._viewport.size_wh)


def _size_wh(result: Result) -> tuple[int, int]:
    height, width = result.frame.image_bgr.shape[:2]
    return width, height
