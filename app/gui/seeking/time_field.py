"""The time under a file: a click on it, and one types where to go."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from app.gui.apart import Apart


class TypedTime(QLineEdit):
    """Where it is typed.

    Signals:
        left: Esc, or the keyboard is elsewhere.
    """

    left = Signal()

    def event(self, event: QEvent) -> bool:
        """Claim Esc before the window's shortcut does."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave; every other key is for the text, and no step of the picture."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
            event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leave, unless it is for a menu of its own."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class TimeField(QStackedWidget):
    """Shows the time; can be clicked and typed into.

    Signals:
        entered: what was typed; `leave` takes the field away.
        resized: there is room for more, or for less.
    """

    entered = Signal(str)
    resized = Signal()

    def __init__(self) -> None:
        """Shows nothing yet."""
        super().__init__()
        self._most_px = 0
        self._before: QWidget | None = None  # had the keyboard
        self._button = QToolButton(autoRaise=True)
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy.Policy
        self._button.setSizePolicy(policy.Ignored, policy.Preferred)
        self.setSizePolicy(policy.Preferred, policy.Preferred)
        self._button.clicked.connect(self.begin)
        self.typed = TypedTime()
        self.typed.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.typed.returnPressed.connect(
            lambda: self.entered.emit(self.typed.text().strip())
        )
        self.typed.left.connect(self.leave)
        self._shown = Apart(self._button)  # it is another with each frame
        self.addWidget(self._shown)
        self.addWidget(self.typed)

    @property
    def stop(self) -> QWidget:
        """Where Tab halts."""
        return self._button

    @property
    def is_typing(self) -> bool:
        """Whether the field is there."""
        return self.currentWidget() is self.typed

    def fit(self, *, least_px: int, most_px: int) -> None:
        """Be so wide where there is room, and not less than that."""
        self._most_px = most_px
        self.setMinimumWidth(least_px)
        self.setMaximumWidth(most_px)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as its longest text."""
        return QSize(self._most_px, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another text may fit."""
        super().resizeEvent(event)
        self.resized.emit()

    def text(self) -> str:
        """What it shows."""
        return self._button.text()

    def setText(self, text: str) -> None:
        """Show that, below a field that is open."""
        if text != self._button.text():
            self._button.setText(text)

    def describe(self, name: str, tip: str) -> None:
        """Say what it is, and what a click does."""
        for widget in (self._button, self.typed):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    @Slot()
    def begin(self) -> None:
        """Let somebody type."""
        if not self.is_typing:
            self._before = QApplication.focusWidget()
        self.typed.setText(self.text().split()[0] if self.text() else "")
        self.setCurrentWidget(self.typed)
        self.typed.setFocus()
        self.typed.selectAll()

    @Slot()
    def leave(self) -> None:
        """Show the time again; the keyboard is where it was."""
        if not self.is_typing:
            return
        before, self._before = self._before, None  # to hide it is to leave it again
        had_focus = self.typed.hasFocus()
        self.setCurrentWidget(self._shown)
        if had_focus and before is not None:
            before.setFocus()
