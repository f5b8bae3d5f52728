"""The mouse on the picture: it draws lines and zones, and moves them."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF

from app.drawing.viewport import Placement, place
from app.gui.counting.editor import RulesEditor
from app.gui.counting.section import LINE, ZONE
from app.gui.counting.shapes import (
    NEAR,
    Canvas,
    Grip,
    grip_at,
    moved,
    points_of,
    replaced,
    snapped,
    upright,
    with_corner,
)
from app.gui.picture.boxes import BLACK, WHITE, Tabs
from app.gui.picture.counting import paint_scene
from app.gui.picture.video_view import VideoView
from app.scene import Scene
from app.tracking.events import Counts
from app.tracking.marks import marks_of
from app.tracking.rules import Line, Point, Rules, Zone

ACCENT = QColor(255, 214, 10)
HANDLE = 5.0  # points
LEFT = Qt.MouseButton.LeftButton
# Of these it takes what would otherwise end the full screen, say.
KEYS = (
    *(Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace),
    *(Qt.Key.Key_Return, Qt.Key.Key_Enter),
)


class DrawingTool(QObject):
    """Takes the mouse of a picture where it has a use for it.

    Signals:
        drawing: what is being drawn, "line" or "zone"; empty: nothing any more.
    """

    drawing = Signal(str)

    def __init__(self, video: VideoView, editor: RulesEditor) -> None:
        """Draw what `editor` has on `video`."""
        super().__init__(video)
        self._video = video
        self._editor = editor
        self.kind = ""
        self.counts: Counts = {}
        self._points: list[Point] = []  # drawn so far
        self._hover: Point | None = None
        self._pressed_at: Point | None = None
        self._grip: Grip | None = None
        self._held: Line | Zone | None = None  # as it was when the mouse took it
        self._moved: Line | Zone | None = None  # as it is under the mouse
        video.setMouseTracking(True)
        video.installEventFilter(self)
        video.layer = self
        editor.changed.connect(video.update)
        editor.selected.connect(video.update)

    @property
    def rules(self) -> Rules:
        """With what the mouse moves just now where the mouse has it."""
        if self._moved is None:
            return self._editor.rules
        return replaced(self._editor.rules, self._moved.name, self._moved)

    def begin(self, kind: str) -> None:
        """Draw a "line" or a "zone" next; empty: stop that."""
        self.kind = kind
        self._points, self._pressed_at = [], None
        self._let_go()
        if kind:
            self._editor.select("")
            self._video.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_cursor(None)
        self._video.update()
        self.drawing.emit(kind)

    # --- events of the picture -----------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what belongs to a line or a zone; the rest is the picture's."""
        kind = event.type()
        if kind == QEvent.Type.Leave:
            self._hover = None
            self._video.update()
        if not self._video.has_image:
            return super().eventFilter(watched, event)
        if isinstance(event, QKeyEvent):
            if kind == QEvent.Type.ShortcutOverride and self._wants(event):
                event.accept()
                return True
            if kind == QEvent.Type.KeyPress and self._wants(event):
                self._take_key(Qt.Key(event.key()))
                return True
        elif isinstance(event, QMouseEvent):
            if kind == QEvent.Type.MouseButtonPress and event.button() == LEFT:
                return self._press(event)
            if kind == QEvent.Type.MouseMove:
                return self._move(event)
            if kind == QEvent.Type.MouseButtonRelease and event.button() == LEFT:
                return self._release(event)
            if kind == QEvent.Type.MouseButtonDblClick and event.button() == LEFT:
                return self._double_click(event)
        return super().eventFilter(watched, event)

    def _wants(self, event: QKeyEvent) -> bool:
        if Qt.Key(event.key()) not in KEYS:
            return False
        if event.key() == Qt.Key.Key_Escape:
            return bool(self.kind or self._grip or self._editor.selection)
        if event.key() == Qt.Key.Key_Delete:
            return bool(self._editor.selection) and not self.kind
        return self.kind == ZONE

    def _take_key(self, key: Qt.Key) -> None:
        if key == Qt.Key.Key_Escape:
            if self.kind:
                self.begin("")
            elif self._grip is not None:
                self._let_go()
            else:
                self._editor.select("")
        elif key == Qt.Key.Key_Delete:
            self._editor.remove()
        elif key == Qt.Key.Key_Backspace:
            self._points = self._points[:-1]
        else:
            self._close_zone()
        self._video.update()

    def _press(self, event: QMouseEvent) -> bool:
        canvas = self._canvas()
        at = canvas.to_share(event.position().toTuple())
        if self.kind:
            self._put(self._drawn_at(event, canvas), canvas)
            self._pressed_at = at
            return True
        self._grip = grip_at(
            self._editor.rules, at, canvas, selected=self._editor.selection
        )
        if self._grip is None:
            self._editor.select("")
            return False
        self._pressed_at = at
        self._editor.select(self._grip.name)
        self._held = self._editor.rule
        self._video.setFocus(Qt.FocusReason.MouseFocusReason)
        self._show_cursor(self._grip)
        return True

    def _move(self, event: QMouseEvent) -> bool:
        canvas = self._canvas()
        at = canvas.to_share(event.position().toTuple())
        if self.kind:
            self._hover = self._drawn_at(event, canvas)
            self._video.update()
            return True
        if self._grip is None or self._held is None or self._pressed_at is None:
            if not event.buttons():
                self._show_cursor(
                    grip_at(
                        self._editor.rules,
                        at,
                        canvas,
                        selected=self._editor.selection,
                    )
                )
            return False
        if self._grip.corner is None:
            by = (at[0] - self._pressed_at[0], at[1] - self._pressed_at[1])
            self._moved = moved(self._held, by)
        else:
            corner = self._grip.corner
            own = points_of(self._held)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                at = upright(at, own[corner - 1], canvas)
            at = snapped(at, self._others(own[:corner] + own[corner + 1 :]), canvas)
            self._moved = with_corner(self._held, corner, at)
        self._video.update()
        return True

    def _release(self, event: QMouseEvent) -> bool:
        if self.kind == LINE and len(self._points) == 1:
            canvas = self._canvas()
            at = self._drawn_at(event, canvas)
            if canvas.apart(at, self._points[0]) > NEAR:  # dragged, not clicked twice
                self._put(at, canvas)
            return True
        if self.kind:
            return True
        if self._grip is None:
            return False
        held, rule = self._held, self._moved
        self._let_go()
        if held is not None and rule is not None and rule != held:
            self._editor.replace(held.name, rule)
        return True

    def _double_click(self, event: QMouseEvent) -> bool:
        if self.kind == ZONE:
            self._close_zone()
            return True
        if self.kind:
            return self._press(event)
        at = self._canvas().to_share(event.position().toTuple())
        return grip_at(self._editor.rules, at, self._canvas()) is not None

    # --- what is drawn -------------------------------------------------------

    def _put(self, at: Point, canvas: Canvas) -> None:
        if self.kind == ZONE:
            is_closed = len(self._points) > 2 and at == self._points[0]
            if is_closed:
                self._close_zone()
            elif not self._points or canvas.apart(at, self._points[-1]) > 2:
                self._points.append(at)
        elif not self._points:
            self._points = [at]
        elif canvas.apart(at, self._points[0]) > NEAR:
            start = self._points[0]
            self.begin("")
            self._editor.add_line(start, at)
        self._hover = at
        self._video.update()

    def _close_zone(self) -> None:
        points = tuple(self._points)
        try:
            self._editor.add_zone(points)
        except ValueError:  # too few corners yet
            return
        name = self._editor.selection
        self.begin("")
        self._editor.select(name)

    def _drawn_at(self, event: QMouseEvent, canvas: Canvas) -> Point:
        at = canvas.to_share(event.position().toTuple())
        if self._points and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            at = upright(at, self._points[-1], canvas)
        own = self._points[:1] if self.kind == ZONE else []
        return snapped(at, self._others(own), canvas)

    def _others(self, own: "list[Point] | tuple[Point, ...]") -> list[Point]:
        held = self._held.name if self._held is not None else ""
        return [
            *own,
            *(
                point
                for rule in self._editor.rules.all()
                if rule.name != held
                for point in points_of(rule)
            ),
        ]

    def _let_go(self) -> None:
        self._grip = self._held = self._moved = None

    def _canvas(self) -> Canvas:
        result = self._video.result
        assert result is not None
        height, width = result.frame.image_bgr.shape[:2]
        size_wh = (width, height)
        return Canvas(
            place(self._video.viewport, size_wh),
            size_wh,
            self._video.devicePixelRatio(),
        )

    def _show_cursor(self, grip: Grip | None) -> None:
        shape = Qt.CursorShape
        if self.kind:
            self._video.setCursor(shape.CrossCursor)
        elif grip is None:
            self._video.show_cursor()
        elif grip.corner is None:
            self._video.setCursor(shape.SizeAllCursor)
        else:
            self._video.setCursor(shape.PointingHandCursor)

    # --- painting ------------------------------------------------------------

    def paint(
        self, painter: QPainter, placement: Placement, tabs: Tabs, line_px: int
    ) -> None:
        """Lines and zones with what was counted, handles, and what is being drawn."""
        canvas = self._canvas()
        marks = tuple(marks_of(self.rules, self.counts, canvas.size_wh))
        paint_scene(
            painter, Scene(marks), placement=placement, tabs=tabs, line_px=line_px
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ACCENT, line_px))
        for rule in self.rules.all():
            if rule.name == self._editor.selection:
                places = [self._on_screen(own, canvas) for own in points_of(rule)]
                self._paint_shape(painter, places, is_closed=isinstance(rule, Zone))
                self._paint_handles(painter, places, canvas.ratio)
        if self.kind:
            points = [*self._points, *([self._hover] if self._hover else [])]
            places = [self._on_screen(own, canvas) for own in points]
            painter.drawPolyline(QPolygonF(places))
            self._paint_handles(painter, places, canvas.ratio)
        painter.restore()

    @staticmethod
    def _paint_shape(
        painter: QPainter, places: list[QPointF], *, is_closed: bool
    ) -> None:
        if is_closed:
            painter.drawPolygon(QPolygonF(places))
        else:
            painter.drawPolyline(QPolygonF(places))

    @staticmethod
    def _paint_handles(painter: QPainter, places: list[QPointF], ratio: float) -> None:
        radius = HANDLE * ratio
        painter.save()
        painter.setPen(QPen(BLACK, ratio))
        painter.setBrush(WHITE)
        for place_ in places:
            corner = QPointF(place_.x() - radius, place_.y() - radius)
            painter.drawEllipse(QRectF(corner.x(), corner.y(), 2 * radius, 2 * radius))
        painter.restore()

    @staticmethod
    def _on_screen(point: Point, canvas: Canvas) -> QPointF:
        x, y = canvas.to_widget(point)
        return QPointF(x * canvas.ratio, y * canvas.ratio)
