"""What stands in place of a picture: what to do, what is awaited, what failed."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.gui.languages.line_ends import with_whole_endings
from app.gui.look.icons import icon
from app.gui.look.turning import TurningRow
from app.gui.pages.advice import Command, CopyButton
from app.typed import as_typed

COLUMN_WIDTH = 444
ICON_SIDE = 44


@dataclass(frozen=True, slots=True)
class Choice:
    """A way on: a button.

    Attributes:
        text: what it says.
        act: what it does.
        icon: its icon's name, if any.
        is_primary: it is what most would want.
    """

    text: str
    act: Callable[[], object]
    icon: str = ""
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What a page says.

    Attributes:
        icon: its icon's name.
        title: in a few words.
        text: one or two sentences.
        choices: the ways on, the best first.
        small_choices: less important ones, side by side below.
        is_waiting: something goes on, nobody knows how long.
        command: one to copy.
        details: for who wants to report it; can be copied.
    """

    icon: str
    title: str
    text: str = ""
    choices: tuple[Choice, ...] = ()
    small_choices: tuple[Choice, ...] = ()
    is_waiting: bool = False
    command: str = ""
    details: str = ""


class StatePage(QScrollArea):
    """One state at a time, in the middle of where the picture would be.

    Signals:
        filled: its buttons are others now.
    """

    filled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("state-page")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.state = State("", "")
        self.buttons: list[QPushButton] = []
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.title = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.7)
        self.title.setFont(font)
        self.text = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.text.setProperty("muted", True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Please wait"))
        self._choices = QVBoxLayout()
        self._choices.setSpacing(8)
        self._small = TurningRow(8)
        self.command = Command()
        self.copy_details = CopyButton(self.tr("Copy details"))
        self._build()

    def _build(self) -> None:
        column = QWidget()
        column.setMaximumWidth(COLUMN_WIDTH)
        layout = QVBoxLayout(column)
        layout.setSpacing(12)
        layout.setContentsMargins(16, 24, 16, 24)
        layout.addStretch(1)
        for widget in (self._icon, self.title, self.text, self._bar):
            layout.addWidget(widget)
        layout.addSpacing(4)
        layout.addLayout(self._choices)
        layout.addWidget(self._small)
        layout.addWidget(self.command)
        layout.addWidget(self.copy_details, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)
        page = QWidget()
        page.setObjectName("state-body")
        middle = QHBoxLayout(page)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addStretch(1)
        middle.addWidget(column, 10)
        middle.addStretch(1)
        self.setWidget(page)

    def show_state(self, state: State) -> None:
        """Say that, in place of what was said."""
        if state.choices != self.state.choices or (
            state.small_choices != self.state.small_choices
        ):
            self._fill(state)
        self.state = state
        self.title.setText(with_whole_endings(state.title))
        self.text.setText(with_whole_endings(as_typed(state.text)))
        self.text.setVisible(bool(state.text))
        self._bar.setVisible(state.is_waiting)
        self.command.show_command(state.command)
        self.copy_details.text_to_copy = state.details
        self.copy_details.setVisible(bool(state.details))
        self.tint(self.palette())

    def tint(self, palette: QPalette) -> None:
        """Draw its icons for `palette`."""
        size = QSize(ICON_SIDE, ICON_SIDE)
        ratio = self.devicePixelRatio()
        muted = palette.color(QPalette.ColorRole.PlaceholderText)
        if self.state.icon:
            drawn = icon(self.state.icon, palette, color=muted)
            self._icon.setPixmap(drawn.pixmap(size, ratio))
        self._icon.setVisible(bool(self.state.icon))
        choices = (*self.state.choices, *self.state.small_choices)
        for button, choice in zip(self.buttons, choices, strict=True):
            if choice.icon:
                on = palette.color(
                    QPalette.ColorRole.HighlightedText
                    if choice.is_primary
                    else QPalette.ColorRole.Text
                )
                button.setIcon(icon(choice.icon, palette, color=on))
        self.command.copy.tint(palette)
        self.copy_details.tint(palette)

    def click(self, text: str) -> None:
        """Do as the button that says `text` would; raises KeyError without one."""
        {button.text(): button for button in self.buttons}[text].click()

    def _fill(self, state: State) -> None:
        for button in self.buttons:
            button.hide()
            button.setParent(None)
            button.deleteLater()
        self.buttons = []
        for layout, choices in (
            (self._choices, state.choices),
            (self._small.line, state.small_choices),
        ):
            for choice in choices:
                button = QPushButton(choice.text)
                button.setProperty("primary", choice.is_primary)
                button.setProperty("large", layout is self._choices)
                button.clicked.connect(lambda _=False, act=choice.act: act())
                layout.addWidget(button)
                self.buttons.append(button)
        self._small.setVisible(bool(state.small_choices))
        self.filled.emit()
