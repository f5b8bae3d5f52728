"""The list of a model's classes, with a mark, a colour and a count each."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QIcon,
    QKeyEvent,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.drawing.style import class_color_rgb
from app.gui.look.class_words import class_word
from app.gui.look.icons import plain_icon

COUNT_ROLE = int(Qt.ItemDataRole.UserRole)
NAME_ROLE = COUNT_ROLE + 1  # as the model and the settings have it
SPELLINGS_ROLE = COUNT_ROLE + 2  # by which it is found
SWATCH = 13
MOST_AIR_PX = 12
Index = QModelIndex | QPersistentModelIndex
NO_PARENT = QModelIndex()


class ClassModel(QAbstractListModel):
    """The model's classes with a check mark, a colour and a count each."""

    def __init__(self, choose: Callable[[str, bool], None]) -> None:
        """None yet; `choose` is told (name, shown) when a mark is clicked."""
        super().__init__()
        self._choose = choose
        self.names: tuple[str, ...] = ()
        self._hidden: frozenset[str] = frozenset()
        self._counts: list[int] = []

    def show_classes(self, names: tuple[str, ...]) -> None:
        """Begin anew with those."""
        if names != self.names:
            self.beginResetModel()
            self.names, self._counts = names, [0] * len(names)
            self.endResetModel()

    def show_hidden(self, names: Sequence[str]) -> None:
        """Take the check marks of those away."""
        if self._hidden != frozenset(names):
            self._hidden = frozenset(names)
            self._tell(Qt.ItemDataRole.CheckStateRole)

    def show_counts(self, counts: Sequence[int]) -> None:
        """So many of each there are, by class id."""
        if list(counts) != self._counts and len(counts) == len(self.names):
            self._counts = list(counts)
            self._tell(COUNT_ROLE)

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """One a class."""
        return 0 if parent.isValid() else len(self.names)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Each can be chosen and checked."""
        del index
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's
        """Name, mark, colour or count; a name as people write it, or as data has it."""
        row = index.row()
        name = self.names[row]
        if role == Qt.ItemDataRole.DisplayRole:
            return class_word(name)
        if role == NAME_ROLE:
            return name
        if role == SPELLINGS_ROLE:
            return f"{class_word(name)}\n{name}"
        if role == Qt.ItemDataRole.CheckStateRole:
            state = Qt.CheckState
            return state.Unchecked if name in self._hidden else state.Checked
        if role == Qt.ItemDataRole.DecorationRole:
            return _swatch(row)  # made when it is seen: there may be thousands
        if role == COUNT_ROLE:
            return self._counts[row]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{class_word(name)}, {self._counts[row]}"
        return None

    def setData(self, index: Index, value: Any, role: int = 0) -> bool:  # noqa: ANN401 - Qt's
        """A click on the mark, or the space bar."""
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        is_shown = Qt.CheckState(value) == Qt.CheckState.Checked
        self._choose(self.names[index.row()], is_shown)
        return True

    def _tell(self, role: int) -> None:
        if self.names:
            last = self.index(len(self.names) - 1)
            self.dataChanged.emit(self.index(0), last, [role])


@lru_cache(maxsize=1024)
def _swatch(class_id: int) -> QIcon:
    """A round spot of the class's colour."""
    pixmap = QPixmap(3 * SWATCH, 3 * SWATCH)  # sharp on a 3x screen
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(*class_color_rgb(class_id)))
    painter.setPen(QPen(QColor(0, 0, 0, 90), 2))
    painter.drawEllipse(pixmap.rect().adjusted(2, 2, -3, -3))
    painter.end()
    return plain_icon(pixmap)


class ClassDelegate(QStyledItemDelegate):
    """Draws the colour as a round swatch, and the count at the right.

    Attributes:
        air_px: between two rows, beside what there always is.
    """

    air_px = 0

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """The name in grey where nothing of the class is in the picture."""
        super().initStyleOption(option, index)
        if not index.data(COUNT_ROLE):
            muted = option.palette.color(QPalette.ColorRole.PlaceholderText)
            option.palette.setColor(QPalette.ColorRole.Text, muted)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Mark and name as ever, then the count."""
        super().paint(painter, option, index)
        count = index.data(COUNT_ROLE)
        if not count:
            return
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole
        painter.save()
        painter.setPen(
            option.palette.color(role.HighlightedText if is_chosen else role.Text)
        )
        painter.drawText(
            QRect(option.rect).adjusted(0, 0, -10, 0),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            str(count),
        )
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Air between the rows."""
        size = super().sizeHint(option, index)
        return QSize(size.width(), size.height() + 6 + self.air_px)


class ClassList(QListView):
    """Space checks, Enter or a double click shows that class alone.

    On a large screen its rows have air between them, before anything is left empty.
    """

    def __init__(self) -> None:
        super().__init__()
        self.delegate = ClassDelegate(self)
        self.setItemDelegate(self.delegate)
        self._row_px = 24  # until a row is there to be measured
        self._rows = 0

    def fit(self, rows: int, *, least: int) -> None:
        """Be high enough for `least` rows, and for all `rows` where there is room."""
        if (row_px := self.sizeHintForRow(0)) > 0:  # not where none is found
            self._row_px = row_px - self.delegate.air_px
        self._rows = rows
        frame = 2 * self.frameWidth() + 2
        self.setMinimumHeight(min(rows, least) * self._row_px + frame)
        self.setMaximumHeight(rows * (self._row_px + MOST_AIR_PX) + frame)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the rows take what all of them leave."""
        super().resizeEvent(event)
        if not self._rows:  # nobody said that all of them should be seen
            return
        left_px = self.viewport().height() // self._rows - self._row_px
        air_px = min(max(left_px, 0), MOST_AIR_PX)
        if air_px != self.delegate.air_px:
            self.delegate.air_px = air_px
            self.scheduleDelayedItemsLayout()

    def sizeHint(self) -> QSize:
        """No higher than it must be: what is left over is given to it."""
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is a double click; the window's keys for frames are not ours."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.doubleClicked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Space and letters from the window's shortcuts while in the list.

        Letters look for a name: "s" goes to "sheep", and takes no snapshot.
        """
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(
            event, QKeyEvent
        ):
            has_modifier = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
            if event.text().isprintable() and event.text() and not has_modifier:
                event.accept()
                return True
        return super().event(event)


class SearchField(QLineEdit):
    """Esc empties it; the next one is the window's again."""

    def event(self, event: QEvent) -> bool:
        """Claim Esc before the shortcut does, while there is something to empty."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self.text()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Empty it."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
