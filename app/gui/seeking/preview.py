"""What is at the place under the mouse: its time, and a small picture of it."""

import logging
from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.gui.playing.player import Player
from app.gui.seeking.peek import Peek
from app.gui.seeking.transport_bar import TransportBar
from app.pipeline.interfaces import VideoSource

log = logging.getLogger(__name__)

PICTURE_WH = QSize(168, 96)
KEPT = 160  # pictures, of 64 KB each
# A hand that rests so long wants to see; before, it is on its way.
REST_MS = 40
# Nobody looks any more: the file is let go of.
IDLE_MS = 10_000
ABOVE_PX = 6


class Preview(QFrame):
    """Stands over the window's picture; the mouse goes through it."""

    def __init__(self, window: QWidget) -> None:
        """Hidden."""
        super().__init__(window)
        self._window = window
        self.setObjectName("preview")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.picture, self.time = QLabel(), QLabel()
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 3)
        layout.setSpacing(2)
        for label in (self.picture, self.time):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        self.hide()

    def show_time(self, text: str, picture: QPixmap | None, above: QPoint) -> None:
        """Stand with the middle of its lower edge `above` that point of the window."""
        self.time.setText(text)
        self.picture.setVisible(picture is not None)
        if picture is not None:
            self.picture.setPixmap(picture)
        self._layout.activate()
        self.resize(self._layout.sizeHint())
        room = self._window.width() - self.width()
        x = min(max(above.x() - self.width() // 2, 0), max(room, 0))
        self.move(x, max(above.y() - self.height() - ABOVE_PX, 0))
        self.show()
        self.raise_()


class Previewing(QObject):
    """Follows the mouse over the bar under a file.

    Pictures are read beside the window, from a source of their own, one at a time:
    the one that is wanted last, and none that the mouse has left behind.
    """

    def __init__(
        self,
        player: Player,
        transport: TransportBar,
        make_source: Callable[[str], VideoSource],
        window: QWidget,
    ) -> None:
        """Nothing is under the mouse.

        Args:
            player: what plays.
            transport: the bar.
            make_source: from what the user typed.
            window: where the preview stands.
        """
        super().__init__(window)
        self._player = player
        self._transport = transport
        self._window = window
        self._peek = Peek(make_source)
        self.preview = Preview(window)
        self._kept: OrderedDict[int, QPixmap] = OrderedDict()  # by the slider's value
        self._wanted: tuple[int, int] | None = None  # value, x
        self._asked = 0  # counts what was wanted
        self._is_reading = False
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._go_on)
        self._idle = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._let_go)
        transport.position.hovered.connect(self._on_hovered)
        transport.position.unhovered.connect(self.leave)
        player.starting.connect(self.forget)
        player.finished.connect(self.forget)

    @Slot()
    def leave(self) -> None:
        """The mouse is elsewhere; what is being read is wanted no more."""
        self._wanted = None
        self._asked += 1
        self._rest.stop()
        self.preview.hide()

    @Slot()
    def forget(self) -> None:
        """Another source plays, or none."""
        self.leave()
        self._kept.clear()
        self._let_go()

    @Slot(int, int)
    def _on_hovered(self, value: int, x: int) -> None:
        self._wanted = (value, x)
        self._asked += 1
        self._show()
        if value not in self._kept:
            self._rest.start()

    def _show(self) -> None:
        if self._wanted is None:
            return
        value, x = self._wanted
        slider = self._transport.position
        self.preview.show_time(
            self._transport.moment_text(value),
            self._kept.get(value) if self._may_show else None,
            slider.mapTo(self._window, QPoint(x, 0)),
        )

    @property
    def _may_show(self) -> bool:
        """Nobody covers people in the file itself."""
        return not self._player.settings.covered_class_names

    @Slot()
    def _go_on(self) -> None:
        if self._is_reading or self._wanted is None or not self._may_show:
            return
        value, _ = self._wanted
        text, asked = self._player.source_text, self._asked
        at_s = self._transport.moment_s(value)
        ratio = self.preview.devicePixelRatioF()
        self._idle.stop()
        self._is_reading = self._player.chores.peeking.run(
            lambda: self._peek.look(
                text,
                at_s,
                is_off=lambda: self._asked != asked,
                size_wh=PICTURE_WH * ratio,
            ),
            then=lambda image: self._on_read(text, value, image, ratio, asked),
            or_else=self._on_failed,
        )

    def _on_read(
        self, text: str, value: int, image: QImage | None, ratio: float, asked: int
    ) -> None:
        self._is_reading = False
        self._idle.start()
        if image is not None and text == self._player.source_text:
            image.setDevicePixelRatio(ratio)
            self._kept[value] = QPixmap.fromImage(image)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            self._show()
        if self._asked == asked:  # that is all there is, even if it is nothing
            return
        if self._wanted is not None and self._wanted[0] not in self._kept:
            self._rest.start()

    def _on_failed(self, error: Exception) -> None:
        log.debug("no picture of what is there: %s", error)
        self._is_reading = False  # the time alone will do

    @Slot()
    def _let_go(self) -> None:
        self._idle.stop()
        self._player.chores.peeking.run(self._peek.close, or_else=self._on_failed)
