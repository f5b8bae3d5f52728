"""The bar under a file: where it stands, how to go elsewhere, how fast it plays."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from app.gui.look.icons import icon
from app.gui.look.spoken import call
from app.gui.playing.clock import clock, clock_ms
from app.gui.seeking.making_room import MakingRoom
from app.gui.seeking.position_slider import PositionSlider
from app.gui.seeking.time_field import TimeField
from app.pipeline.transport import SPEEDS
from app.typed import photo_of, seconds_of
from app.types import Frame, VideoInfo

# A hand that rests so long while dragging wants to see that very frame.
REST_MS = 150
# Page up and down; up and down go a fifth as far.
PAGE_MS = 5000
# Around the letters of the time.
PLACE_PAD_PX = 22


class TransportBar(QWidget):
    """Steers a file; `show_source` hides it where there is nothing to steer.

    Signals:
        sought: go to this time in seconds (float), exactly (bool) or nearly,
            while the hand still looks for the place.
        grabbed: the slider is held from now on.
        released: it no longer is.
        stepped: go so many frames on (int), or back.
        speed_chosen: play so many times as fast (float).
        refused: a sentence on a time that was typed and is none.
    """

    sought = Signal(float, bool)
    grabbed = Signal()
    released = Signal()
    stepped = Signal(int)
    speed_chosen = Signal(float)
    refused = Signal(str)

    def __init__(self, play: QAction, loop: QAction, items: Sequence[QAction]) -> None:
        """Build it, hidden.

        Args:
            play: the window's own action, which is a button here too.
            loop: likewise; checkable.
            items: to the one before in a list, and to the next.
        """
        super().__init__()
        self._is_stills = False
        self._count = 0
        self._left_out: frozenset[int] = frozenset()  # photos that nobody can see
        self._shown: tuple[int, int] | None = None  # value and frame that are on show
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
        self.place = TimeField()
        self.place.entered.connect(self._go_to_typed)
        self.place.resized.connect(lambda: self._show_text(self.position.value()))
        self._widths: list[int] = []  # of the texts of a place, longest first
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

        self._added: tuple[QWidget, ...] = ()
        self._layout = layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        self._play, self._loop = _button_of(play), _button_of(loop)
        self._list = [_button_of(action) for action in items]
        self.item = QLabel()
        for button in (self.previous, self._play, self.next):
            layout.addWidget(button)
        for widget in (self._list[0], self.item, self._list[1]):
            layout.addWidget(widget)
        layout.addWidget(self.position, 1)
        layout.addWidget(self.place)
        layout.addWidget(self.speed)
        layout.addWidget(self._loop)
        # All of them have keys: the window fits 640 pixels.
        self._room = MakingRoom(
            layout, (self.speed, *self._list, self.item, self._loop)
        )
        self._room.want(self.speed, self._loop, is_wanted=True)
        self.show_list("")
        call(self.speed, self.tr("Speed"))
        self.hide()

    @property
    def stops(self) -> list[QWidget]:
        """Where Tab halts, from the left."""
        return [
            *(self.previous, self._play, self.next, *self._list),
            *(self.position, self.place.stop, self.speed, self._loop),
            *self._added,
        ]

    def add_spare(self, *widgets: QWidget) -> None:
        """Further ones, at the right; shown where they are wanted and there is room."""
        for widget in widgets:
            self._layout.addWidget(widget)
        self._room.add(*widgets)
        self._added = (*self._added, *widgets)

    def want(self, *widgets: QWidget, is_wanted: bool) -> None:
        """Show those of `add_spare`, or none of them."""
        self._room.want(*widgets, is_wanted=is_wanted)
        self._room.share(self.width())

    def minimumSizeHint(self) -> QSize:
        """As wide as what is always there."""
        return QSize(self._room.least_px, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is room for more, or for less."""
        super().resizeEvent(event)
        self._room.share(self.width())

    def show_source(self, info: VideoInfo | None, *, can_seek: bool) -> None:
        """Fit what is open; a live source has no place to go to, nor has one photo."""
        if info is None or not can_seek or info.frame_count == 1:
            self.hide()
            return
        self._is_stills = info.is_stills
        self._count = info.frame_count or 0
        self._left_out = frozenset()
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
        self._room.want(self.speed, is_wanted=not self._is_stills)
        if self._is_stills:
            self.place.describe(
                self.tr("Photo"), self.tr("Click to type a number (Ctrl+G)")
            )
        else:
            self.place.describe(
                self.tr("Time and frame"),
                self.tr("Click to type a time, or #1200 for a frame (Ctrl+G)"),
            )
        self.place.leave()
        self._shown = None
        self.position.setValue(0)
        self._fit_place()
        self.show()

    def show_list(self, place: str) -> None:
        """Which of several it is, as "2 of 5"; "": it is alone."""
        self.item.setText(place)
        self._room.want(*self._list, self.item, is_wanted=bool(place))
        self._room.share(self.width())

    def show_frame(self, frame: Frame) -> None:
        """Stand where `frame` is, unless a hand holds the slider."""
        if not self.position.isSliderDown():
            value = self.place_of(frame)
            self._shown = (value, frame.index)
            self._left_out = frame.left_out
            self._show_place(value)

    def skip(self, seconds: int) -> None:
        """Go so far from where it stands, or back; so many photos, where it is some."""
        by = seconds if self._is_stills else 1000 * seconds
        slider = self.position
        self._show_place(
            min(max(slider.value() + by, slider.minimum()), slider.maximum())
        )
        self._seek(is_exact=True)

    def show_speed(self, speed: float) -> None:
        """Show what is in force."""
        self.speed.setCurrentIndex(self.speed.findData(speed))

    def tint(self, palette: QPalette) -> None:
        """Draw the icons for `palette`."""
        self.previous.setIcon(icon("previous", palette))
        self.next.setIcon(icon("next", palette))

    def moment_text(self, value: int) -> str:
        """What stands there on the slider: a time, or a photo's number."""
        if self._is_stills:
            before = sum(index < value for index in self._left_out)
            return self.tr("{0} of {1}").format(
                value + 1 - before, self._count - len(self._left_out)
            )
        return clock_ms(value / 1000)

    def place_of(self, frame: Frame) -> int:
        """Where it is on the slider."""
        return frame.index if self._is_stills else round(1000 * frame.timestamp_s)

    def moment_s(self, value: int) -> float:
        """A time amid that of the frame there, however it was rounded."""
        if self._is_stills:
            return (value + 0.5) / max(1, self._count) * self._duration_s
        return (value + 0.5) / 1000

    def part_s(self, first: int, last: int) -> tuple[float, float]:
        """Between which times the frames from `first` to `last` begin."""
        if self._is_stills:
            each_s = self._duration_s / max(1, self._count)
            return first * each_s, (last + 1) * each_s
        return max(0.0, (first - 0.5) / 1000), last / 1000 + self._interval_s / 2

    def _fit_place(self) -> None:
        """Room for its longest text, so that nothing jumps; less will do."""
        self._widths = [
            self.fontMetrics().horizontalAdvance(text) + PLACE_PAD_PX
            for text in self._place_texts(self.position.maximum(), self._count)
        ]
        self.place.fit(least_px=min(self._widths), most_px=max(self._widths))
        self._room.share(self.width())
        self.updateGeometry()
        self._show_text(self.position.value())

    def _show_place(self, value: int) -> None:
        self.position.setValue(value)
        self._show_text(value)

    def _show_text(self, value: int) -> None:
        is_shown = self._shown is not None and self._shown[0] == value
        frame = self._shown[1] if is_shown and self._shown else None
        texts = self._place_texts(value, frame)
        room = self.place.width()
        fitting = (t for t, w in zip(texts, self._widths, strict=False) if w <= room)
        self.place.setText(next(fitting, texts[-1]))

    def _place_texts(self, value: int, frame: int | None) -> list[str]:
        """From all that can be said of it to what has to be."""
        text = self.moment_text(value)
        if self._is_stills:
            return [text]
        end = f" / {clock(self._duration_s)}" if self._duration_s else ""
        number = "" if frame is None else f" #{frame}"
        return [f"{text}{number}{end}", f"{text}{end}", text]

    def _photo_at(self, place: int) -> int:
        """The index of the photo that so many can be seen before; or of the last."""
        seen = [i for i in range(self._count) if i not in self._left_out]
        return seen[min(place, len(seen) - 1)]

    @Slot(str)
    def _go_to_typed(self, text: str) -> None:
        try:
            at_s = (
                self.moment_s(self._photo_at(photo_of(text)))
                if self._is_stills
                else seconds_of(text, interval_s=self._interval_s)
            )
        except ValueError:
            sentence = self.tr(
                "“{0}” is no time: type 1:23.5, 83.5 or, for a frame, #1200."
            )
            if self._is_stills:
                sentence = self.tr("“{0}” is no photo of these: type a number like 3.")
            self.refused.emit(sentence.format(text))
            self.place.typed.selectAll()
            return
        self.place.leave()
        self.sought.emit(at_s, True)

    @Slot(int)
    def _on_moved(self, _action: int) -> None:
        """By mouse, wheel or keys; never by `show_frame`."""
        is_held = self.position.isSliderDown()
        self._show_text(self.position.sliderPosition())
        self._seek(is_exact=not is_held)
        if is_held:
            self._rest.start()

    @Slot()
    def _on_released(self) -> None:
        self._rest.stop()
        self._seek(is_exact=True)
        self.released.emit()

    def _seek(self, *, is_exact: bool) -> None:
        at_s = self.moment_s(self.position.sliderPosition())
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
