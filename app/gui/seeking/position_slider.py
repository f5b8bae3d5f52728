"""Where a file stands, as a slider that shows what is where."""

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider

# So that there is a way to go, and the whole of its knob.
LEAST_WIDTH, LEAST_HEIGHT = 70, 30
STRIP_PX, PART_PX = 5, 8


class PositionSlider(QSlider):
    """Jumps to where it is clicked, and leaves the keys of frames to the window.

    Signals:
        hovered: the mouse is over this value (int), at that x (int), and holds nothing.
        unhovered: it no longer is.
    """

    hovered = Signal(int, int)
    unhovered = Signal()

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setMinimumSize(LEAST_WIDTH, LEAST_HEIGHT)
        self.setMouseTracking(True)
        self._strip: QImage | None = None
        self._part: tuple[int, int] | None = None

    def show_strip(self, strip: QImage | None) -> None:
        """What is where, from its first place to its last; None: nothing is known."""
        if strip is not None or self._strip is not None:
            self._strip = strip
            self.update()

    def show_part(self, part: tuple[int, int] | None) -> None:
        """Mark from this value to that one; None: nothing."""
        self._part = part
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The strip below the groove, and the part over it."""
        super().paintEvent(event)
        if self._strip is None and self._part is None:
            return
        painter = QPainter(self)
        left, width = self._way()
        strip = QRect(round(left), self.height() - STRIP_PX, width, STRIP_PX)
        if self._strip is not None:
            painter.drawImage(strip, self._strip)
        if self._part is not None:
            begin, end = map(self.x_of, self._part)
            middle = self.height() // 2
            color = self.palette().color(QPalette.ColorRole.Highlight)
            top, bottom = middle - PART_PX, middle + PART_PX
            for x, inward in ((begin, 4), (end, -4)):  # brackets: [ and ]
                painter.fillRect(QRect(x - 1, top, 2, bottom - top), color)
                for y in (top, bottom - 2):
                    painter.fillRect(QRect(x, y, inward, 2).normalized(), color)
            color.setAlpha(70)
            painter.fillRect(QRect(begin, middle - 3, end - begin + 1, 6), color)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the handle under the mouse: a click is a drag that goes nowhere."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.unhovered.emit()
            self.setSliderDown(True)
            self.setSliderPosition(self.value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or look what is there."""
        x = event.position().x()
        if self.isSliderDown():
            self.setSliderPosition(self.value_at(x))
        else:
            self.hovered.emit(self.value_at(x), round(x))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse is elsewhere."""
        super().leaveEvent(event)
        self.unhovered.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left, Right, Home and End mean the same wherever the focus is."""
        keys = Qt.Key
        if event.key() in (keys.Key_Left, keys.Key_Right, keys.Key_Home, keys.Key_End):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def value_at(self, x: float) -> int:
        """The value whose place is there, in pixels."""
        left, width = self._way()
        return QStyle.sliderValueFromPosition(
            self.minimum(), self.maximum(), round(x - left), width
        )

    def x_of(self, value: int) -> int:
        """Where its place is, in pixels."""
        left, width = self._way()
        return round(left) + QStyle.sliderPositionFromValue(
            self.minimum(), self.maximum(), value, width
        )

    def _way(self) -> tuple[float, int]:
        """Where the middle of the knob may be: from there, and so far."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style, kind = self.style(), QStyle.ComplexControl.CC_Slider
        groove, handle = (
            style.subControlRect(kind, option, part, self)
            for part in (
                QStyle.SubControl.SC_SliderGroove,
                QStyle.SubControl.SC_SliderHandle,
            )
        )
        return groove.x() + handle.width() / 2, groove.width() - handle.width()
