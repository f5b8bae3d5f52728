"""What every section of the side panel is made of."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.look.icons import icon

SPACE = 8
# Between lines: what people use fits the window as it first opens.
LINE_SPACE = 5
# A heading's words may take so much, beside its sign and the margins.
HEADING_PX = 256
FIELD_PAD_PX = 7
HANDLE_PX = 20  # of a slider, with air: a lower one is cut off


class Section(QWidget):
    """A heading that folds what is below it; `body` takes the widgets.

    Signals:
        folded: whether it is folded now.
    """

    folded = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._title = self._summary = ""
        self._says_itself = False
        self.heading = QToolButton()
        self.heading.setObjectName("section")
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.heading.clicked.connect(lambda: self.fold(not self.is_folded))
        self._content = QWidget()
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(6, 0, 2, 4)
        self.body.setSpacing(LINE_SPACE)
        self._further: Further | None = None
        self.reset = QToolButton()
        self.reset.setText("\N{ANTICLOCKWISE OPEN CIRCLE ARROW}")
        self.reset.setAutoRaise(True)
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.reset.setToolTip(self.tr("All of this section as it was at first"))
        self.reset.hide()
        self._head = row_of(self.heading, self.reset)
        line = QFrame()
        line.setObjectName("section-line")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._head)
        layout.addWidget(self._content)
        layout.addWidget(line)

    def sizeHint(self) -> QSize:
        """As high as its words take at its width; Qt guesses a narrower one."""
        hint = super().sizeHint()
        if not self.hasHeightForWidth():
            return hint
        return QSize(hint.width(), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words take another height at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def set_title(self, title: str) -> None:
        """What the heading says."""
        self._title = title
        self.reset.setAccessibleName(self.tr("Reset {0}").format(title))
        self._say_folded()

    def summarize(self, summary: str, *, says_itself: bool = False) -> None:
        """What it comes to, in a line: the heading says it while it is folded.

        Args:
            summary: the line.
            says_itself: it needs no title before it.
        """
        if (summary, says_itself) != (self._summary, self._says_itself):
            self._summary, self._says_itself = summary, says_itself
            self._say_folded()

    @property
    def is_folded(self) -> bool:
        """True while only the heading is seen."""
        return self._content.isHidden()

    def fold(self, is_folded: bool) -> None:
        """Show the heading alone, or everything."""
        self._content.setHidden(is_folded)
        self._say_folded()
        self.folded.emit(is_folded)

    def add_further(self, further: "Further") -> None:
        """What is seldom wanted, below the rest; its button is beside the heading."""
        self._further = further
        self._head.insertWidget(1, further.button)
        self.setTabOrder(self.heading, further.button)
        self.body.addWidget(further)

    def changeEvent(self, event: QEvent) -> None:
        """Its heading's letters may be wider now."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_head"):
            self._say_folded()

    def tint(self, palette: QPalette) -> None:
        """Draw its icons for `palette`."""
        self.heading.setIcon(icon("folded" if self.is_folded else "unfolded", palette))

    def _say_folded(self) -> None:
        self.tint(self.palette())
        if self._further is not None:
            self._further.button.setHidden(self.is_folded)
        text = self._title
        if self.is_folded and self._summary:
            line = self._summary
            if not self._says_itself:
                line = self.tr("{0}:  {1}").format(text, line)
            self.heading.ensurePolished()  # else its letters are not bold yet
            text = self.heading.fontMetrics().elidedText(
                line, Qt.TextElideMode.ElideMiddle, HEADING_PX
            )
        self.heading.setText(text)
        state = self.tr("folded") if self.is_folded else self.tr("unfolded")
        self.heading.setAccessibleName(f"{self._title}, {state}")


class Further(QWidget):
    """What is seldom wanted, behind a button that says so; `body` takes the widgets."""

    def __init__(self) -> None:
        super().__init__()
        self.button = QToolButton()
        self.button.setObjectName("further")
        self.button.setText(self.tr("More"))
        self.button.setCheckable(True)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setAutoRaise(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.toggled.connect(self._unfold)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(LINE_SPACE)
        self.hide()

    def _unfold(self, is_open: bool) -> None:
        arrows = Qt.ArrowType
        self.button.setArrowType(arrows.DownArrow if is_open else arrows.RightArrow)
        self.setVisible(is_open)


class Rows(QGridLayout):
    """Label, control and value in three columns that line up."""

    def __init__(self) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(SPACE)
        self.setVerticalSpacing(LINE_SPACE)
        self.setColumnStretch(1, 1)

    def add(
        self, label: str | QLabel, control: QWidget, value: QWidget | None = None
    ) -> QLabel:
        """One more row, named by its label, which is returned."""
        row = self.rowCount()
        text = QLabel(label) if isinstance(label, str) else label
        text.setBuddy(control)
        if not control.accessibleName():
            control.setAccessibleName(text.text())
        self.addWidget(text, row, 0)
        if value is None:
            self.addWidget(control, row, 1, 1, 2)
        else:
            self.addWidget(control, row, 1)
            self.addWidget(value, row, 2, Qt.AlignmentFlag.AlignRight)
        return text

    def add_slider(
        self,
        label: str,
        limits: tuple[int, int],
        *,
        show: Callable[[int], str],
        changed: Callable[[int], None],
        usual: Callable[[], int],
        tip: str = "",
    ) -> "ValueSlider":
        """A slider with its value in words behind it.

        Args:
            label: its name; a double click on it makes the value the usual one.
            limits: least and largest value.
            show: a value in words.
            changed: is told of another one.
            usual: what it is where nobody chose.
            tip: what it does.
        """
        slider = ValueSlider(limits, show=show)
        slider.setToolTip(tip)
        slider.valueChanged.connect(changed)
        name = _SliderName(label, lambda: slider.setValue(usual()))
        self.add(name, slider, slider.value_label)
        return slider


class _SliderName(QLabel):
    """The name of a slider; a double click takes that back to where it was at first."""

    def __init__(self, text: str, reset: Callable[[], object]) -> None:
        super().__init__(text)
        self._reset = reset
        self.setToolTip(self.tr("Double click: as it was at first"))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._reset()


class ValueSlider(QSlider):
    """A slider that knows how its value reads; Left and Right move it."""

    def __init__(self, limits: tuple[int, int], *, show: Callable[[int], str]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._show = show
        self.setRange(*limits)
        self.setPageStep(max(1, (limits[1] - limits[0]) // 10))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        self.setMinimumWidth(70)
        self.setMinimumHeight(HANDLE_PX)
        self.value_label = QLabel()
        self.value_label.setAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        widest = max(
            limits, key=lambda v: self.fontMetrics().horizontalAdvance(show(v))
        )
        self.value_label.setFixedWidth(  # never jumps
            self.fontMetrics().horizontalAdvance(show(widest)) + 4
        )
        self.valueChanged.connect(self._say)
        self._say(self.value())

    def show_value(self, value: int) -> None:
        """Stand at `value`, and tell nobody."""
        with QSignalBlocker(self):
            self.setValue(value)
        self._say(self.value())

    def _say(self, value: int) -> None:
        self.value_label.setText(self._show(value))
        self.setAccessibleDescription(self._show(value))


def check_box(text: str, tip: str, changed: Callable[[bool], object]) -> QCheckBox:
    """Something that is on or off; a click on it leaves the keys to the picture."""
    box = QCheckBox(text)
    box.setToolTip(tip)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.toggled.connect(changed)
    return box


def give_air(box: QAbstractSpinBox) -> None:
    """Let its number begin where other fields' words do; the sheet moves no number."""
    box.lineEdit().setTextMargins(FIELD_PAD_PX, 0, 0, 0)


def row_of(*widgets: QWidget, stretch: bool = False) -> QHBoxLayout:
    """Widgets side by side; with `stretch`, as wide as they must and no wider."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACE)
    for widget in widgets:
        layout.addWidget(widget)
    if stretch:
        layout.addStretch(1)
    return layout


def muted_label(text: str = "") -> QLabel:
    """Less important text, in as many lines as it takes."""
    label = QLabel(text, wordWrap=True)
    label.setProperty("muted", True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def set_look(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet knows, and let it be seen."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    for one in (widget, *widget.findChildren(QWidget)):
        one.style().unpolish(one)
        one.style().polish(one)
        # As Qt itself would: else a frame keeps the padding that it had before.
        QCoreApplication.sendEvent(one, QEvent(QEvent.Type.StyleChange))
    widget.updateGeometry()
