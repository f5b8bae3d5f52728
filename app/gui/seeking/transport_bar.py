"""The bar under a file: where it stands, how to go elsewhere, how fast it plays."""

import math
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QWidget,
)

from app.gui.look.icons import icon
from app.gui.look.spoken import call
from app.gui.playing.clock import clock
from app.pipeline.transport import SPEEDS
from app.types import Frame, VideoInfo

# A hand that rests so long while dragging wants to see that very frame.
REST_MS = 150
# Page up and down; up and down go a fifth as far.
PAGE_MS = 5000
# Of the slider: so that there is a way to go, and the whole of its knob.
LEAST_WIDTH, KNOB_HEIGHT = 90, 22


class PositionSlider(QSlider):
    """Jumps to where it is clicked, and leaves the keys of frames to the window."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setMinimumSize(LEAST_WIDTH, KNOB_HEIGHT)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the handle under the mouse: a click is a drag that goes nowhere."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setSliderPosition(self._value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if self.isSliderDown():
            self.setSliderPosition(self._value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left, Right, Home and End mean the same wherever the focus is."""
        keys = Qt.Key
        if event.key() in (keys.Key_Left, keys.Key_Right, keys.Key_Home, keys.Key_End):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _value_at(self, x: float) -> int:
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
        left = groove.x() + handle.width() / 2
        return QStyle.sliderValueFromPosition(
            self.minimum(),
            self.maximum(),
            round(x - left),
            groove.width() - handle.width(),
        )


class TransportBar(QWidget):
    """Steers a file; `show_source` hides it where there is nothing to steer.

    Signals:
        sought: go to this time in seconds (float), exactly (bool) or nearly,
            while the hand still looks for the place.
        grabbed: the slider is held from now on.
        released: it no longer is.
        stepped: go so many frames on (int), or back.
        speed_chosen: play so many times as fast (float).
    """

    sought = Signal(float, bool)
    grabbed = Signal()
    released = Signal()
    stepped = Signal(int)
    speed_chosen = Signal(float)

    def __init__(self, play: QAction, loop: QAction) -> None:
        """Build it, hidden.

        Args:
            play: the window's own action, which is a button here too.
            loop: likewise; checkable.
        """
        super().__init__()
        self._is_stills = False
        self._count = 0
        self._duration_s = self._interval_s = 0.0
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Position and speed"))
        self.previous = self._button(lambda: self.stepped.emit(-1))
        self.next = self._button(lambda: self.stepped.emit(1))
        self.position = PositionSlider()
        self.position.actionTriggered.connect(self._on_moved)
        self.position.sliderPressed.connect(self.grabbed)
        self.position.sliderReleased.connect(self._on_released)
        self.place = QLabel()
        self.place.setAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        self.speed = QComboBox()
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        self.speed.setToolTip(self.tr("How fast it plays"))
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}x", speed)
        self.speed.activated.connect(
            lambda index: self.speed_chosen.emit(self.speed.itemData(index))
        )
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(lambda: self._seek(is_exact=True))

        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        self._play, self._loop = _button_of(play), _button_of(loop)
        for button in (self.previous, self._play, self.next):
            layout.addWidget(button)
        layout.addWidget(self.position, 1)
        layout.addWidget(self.place)
        layout.addWidget(self.speed)
        layout.addWidget(self._loop)
        call(self.speed, self.tr("Speed"))
        self.hide()

    @property
    def stops(self) -> list[QWidget]:
        """Where Tab halts, from the left."""
        return [
            *(self.previous, self._play, self.next),
            *(self.position, self.speed, self._loop),
        ]

    def show_source(self, info: VideoInfo | None, *, can_seek: bool) -> None:
        """Fit what is open; a live source has no place to go to, nor has one photo."""
        if info is None or not can_seek or info.frame_count == 1:
            self.hide()
            return
        self._is_stills = info.is_stills
        self._count = info.frame_count or 0
        self._duration_s = info.duration_s or 0.0
        self._interval_s = float(1 / info.fps) if info.fps else 0.0
        last = self._count - 1 if self._is_stills else round(1000 * self._duration_s)
        self.position.setRange(0, max(0, last))
        self.position.setEnabled(last > 0)
        self.position.setPageStep(10 if self._is_stills else PAGE_MS)
        self.position.setSingleStep(1 if self._is_stills else PAGE_MS // 5)
        self.position.setAccessibleName(
            self.tr("Photo") if self._is_stills else self.tr("Position")
        )
        for button, text, key in (
            (
                self.previous,
                self.tr("Previous photo")
                if self._is_stills
                else self.tr("Previous frame"),
                self.tr("Left"),
            ),
            (
                self.next,
                self.tr("Next photo") if self._is_stills else self.tr("Next frame"),
                self.tr("Right"),
            ),
        ):
            button.setAccessibleName(text)
            button.setToolTip(f"{text} ({key})")
        self.speed.setHidden(self._is_stills)
        self._show_place(0)
        self.place.setFixedWidth(  # never jumps
            self.fontMetrics().horizontalAdvance(self._place_text(last)) + 8
        )
        self.show()

    def show_frame(self, frame: Frame) -> None:
        """Stand where `frame` is, unless a hand holds the slider."""
        if not self.position.isSliderDown():
            self._show_place(
                frame.index if self._is_stills else round(1000 * frame.timestamp_s)
            )

    def show_speed(self, speed: float) -> None:
        """Show what is in force."""
        self.speed.setCurrentIndex(self.speed.findData(speed))

    def tint(self, palette: QPalette) -> None:
        """Draw the icons for `palette`."""
        self.previous.setIcon(icon("previous", palette))
        self.next.setIcon(icon("next", palette))

    def _show_place(self, value: int) -> None:
        self.position.setValue(value)
        self.place.setText(self._place_text(value))

    def _place_text(self, value: int) -> str:
        if self._is_stills:
            return self.tr("{0} of {1}").format(value + 1, self._count)
        # The last frame begins before the end, and is the end all the same.
        at_s, end_s = value / 1000, self._duration_s
        is_last = 0 < end_s - at_s <= 1.5 * self._interval_s
        at = clock(end_s if is_last else math.floor(at_s))
        return f"{at} / {clock(end_s)}" if end_s else at

    @Slot(int)
    def _on_moved(self, _action: int) -> None:
        """By mouse, wheel or keys; never by `show_frame`."""
        is_held = self.position.isSliderDown()
        self.place.setText(self._place_text(self.position.sliderPosition()))
        self._seek(is_exact=not is_held)
        if is_held:
            self._rest.start()

    @Slot()
    def _on_released(self) -> None:
        self._rest.stop()
        self._seek(is_exact=True)
        self.released.emit()

    def _seek(self, *, is_exact: bool) -> None:
        at_s = self.position.sliderPosition() / 1000
        if self._is_stills:  # amid the time of that photo
            middle = self.position.sliderPosition() + 0.5
            at_s = middle / self._count * self._duration_s
        self.sought.emit(at_s, is_exact)

    def _button(self, act: Callable[[], None]) -> QToolButton:
        button = QToolButton(autoRaise=True)
        button.setAutoRepeat(True)
        button.clicked.connect(act)
        return button


def _button_of(action: QAction) -> QToolButton:
    button = QToolButton(autoRaise=True)
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
