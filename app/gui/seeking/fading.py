"""Full screen: the bar comes with the mouse, over the picture, and goes with it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPropertyAnimation, QTimer, Slot
from PySide6.QtGui import QCursor, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsOpacityEffect,
    QVBoxLayout,
    QWidget,
)

from app.gui.seeking.transport_bar import TransportBar

# So long the mouse rests before the bar goes.
REST_MS = 2500
FADE_MS = 200


class Fading(QObject):
    """Lays the bar over the picture while the window fills the screen.

    In its place below it, the picture would change its size each time.
    """

    def __init__(
        self,
        window: QWidget,
        bar: TransportBar,
        center: QWidget,
        layout: QVBoxLayout,
        *,
        may_show: Callable[[], bool],
        show_cursor: Callable[[bool], None],
    ) -> None:
        """Not full screen yet.

        Args:
            window: fills the screen, or not.
            bar: the last one in `layout` otherwise.
            center: the picture and what stands around it.
            layout: of `center`.
            may_show: whether there is anything to steer.
            show_cursor: over the picture, or hide it.
        """
        super().__init__(window)
        self._window = window
        self._bar = bar
        self._center = center
        self._layout = layout
        self._may_show = may_show
        self._show_cursor = show_cursor
        self.is_on = False
        self._is_going = False
        self._at = QCursor.pos()
        self._effect = QGraphicsOpacityEffect(bar)
        self._effect.setEnabled(False)  # it costs a copy of the bar a paint
        bar.setGraphicsEffect(self._effect)
        self._fade = QPropertyAnimation(self._effect, b"opacity", self)
        self._fade.setDuration(FADE_MS)
        self._fade.finished.connect(self._on_faded)
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._go)
        bar.sought.connect(self.wake)
        bar.stepped.connect(self.wake)

    @Slot()
    def follow(self) -> None:
        """The window fills the screen now, or no longer."""
        if self._window.isFullScreen() == self.is_on:
            return
        self.is_on = not self.is_on
        center = self._center
        handle = self._window.windowHandle()
        if self.is_on:
            self._layout.removeWidget(self._bar)
            center.installEventFilter(self)
            handle.installEventFilter(self)  # of every mouse over the window
            self.wake()
            return
        self._rest.stop()
        self._fade.stop()
        self._effect.setEnabled(False)
        self._is_going = False
        self._show_cursor(True)
        center.removeEventFilter(self)
        handle.removeEventFilter(self)
        self._layout.addWidget(self._bar)

    @Slot()
    def wake(self) -> None:
        """Somebody is there."""
        if not self.is_on:
            return
        self._show_cursor(True)
        self._rest.start()
        if not self._may_show():
            self._bar.hide()
        elif self._bar.isHidden() or self._is_going:
            self._is_going = False
            self._place()
            self._bar.show()
            self._fade_to(1.0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear of the mouse, and keep the bar at the lower edge."""
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            at = event.globalPosition().toPoint()
            if at != self._at:  # a window that comes up moves no hand
                self._at = at
                self.wake()
        elif event.type() == QEvent.Type.MouseButtonPress:
            self.wake()
        elif event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        center, height = self._center, self._bar.sizeHint().height()
        self._bar.setGeometry(0, center.height() - height, center.width(), height)
        self._bar.raise_()

    @Slot()
    def _go(self) -> None:
        """Nobody moved for a while."""
        bar = self._bar
        is_used = (
            bar.position.isSliderDown()
            or bar.place.is_typing
            or (not bar.isHidden() and _is_under_mouse(bar))
            or QApplication.activePopupWidget() is not None
        )
        if is_used:
            self._rest.start()
            return
        if QApplication.activeWindow() is self._window:
            self._show_cursor(False)
        if not bar.isHidden():
            self._is_going = True
            self._fade_to(0.0)

    def _fade_to(self, opacity: float) -> None:
        self._fade.stop()
        begin = self._effect.opacity() if self._effect.isEnabled() else 1.0 - opacity
        self._effect.setEnabled(True)
        self._fade.setStartValue(begin)
        self._fade.setEndValue(opacity)
        self._fade.start()

    @Slot()
    def _on_faded(self) -> None:
        self._effect.setEnabled(False)
        if self._is_going:
            self._is_going = False
            self._bar.hide()


def _is_under_mouse(bar: QWidget) -> bool:
    """By where both are; Qt may still say so of a mouse that is elsewhere by now."""
    return bar.rect().contains(bar.mapFromGlobal(QCursor.pos()))
