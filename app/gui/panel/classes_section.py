"""Which classes are shown, and how many of each there are just now."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Slot,
)
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.drawing.style import class_color_rgb
from app.gui.panel.section import Section, muted_label, row_of
from app.gui.panel.settings_history import SettingsHistory
from app.settings import Settings

COUNT_ROLE = int(Qt.ItemDataRole.UserRole)
ROWS_SHOWN = 8
SWATCH = 13
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
        self._swatches: list[QIcon] = []

    def show_classes(self, names: tuple[str, ...]) -> None:
        """Begin anew with those."""
        if names != self.names:
            self.beginResetModel()
            self.names, self._counts = names, [0] * len(names)
            self._swatches = [_swatch(row) for row in range(len(names))]
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
        """Name, mark, colour or count."""
        row = index.row()
        name = self.names[row]
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.CheckStateRole:
            state = Qt.CheckState
            return state.Unchecked if name in self._hidden else state.Checked
        if role == Qt.ItemDataRole.DecorationRole:
            return self._swatches[row]
        if role == COUNT_ROLE:
            return self._counts[row]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{name}, {self._counts[row]}"
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
    return QIcon(pixmap)


class ClassDelegate(QStyledItemDelegate):
    """Draws the colour as a round swatch, and the count at the right."""

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
        return QSize(size.width(), size.height() + 6)


class ClassList(QListView):
    """Space checks, Enter or a double click shows that class alone."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is a double click; the window's keys for frames are not ours."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.doubleClicked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Space and letters from the window's shortcuts while in the list."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(
            event, QKeyEvent
        ):
            has_modifier = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
            if event.key() == Qt.Key.Key_Space and not has_modifier:
                event.accept()
                return True
        return super().event(event)


class ClassesSection(Section):
    """The class filter. Hidden classes are counted all the same."""

    def __init__(self, history: SettingsHistory) -> None:
        """Change settings through `history`."""
        super().__init__()
        self.set_title(self.tr("Classes"))
        self._history = history
        self._hidden: tuple[str, ...] = ()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find a class"))
        self.search.setAccessibleName(self.tr("Find a class"))
        self.search.setClearButtonEnabled(True)
        self.model = ClassModel(self._choose)
        self._found = QSortFilterProxyModel()
        self._found.setSourceModel(self.model)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search.textChanged.connect(self._found.setFilterFixedString)
        self.list = ClassList()
        self.list.setModel(self._found)
        self.list.setItemDelegate(ClassDelegate(self.list))
        self.list.setAccessibleName(self.tr("Classes"))
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(SWATCH, SWATCH))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setToolTip(self.tr("Double-click to show one class alone"))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.doubleClicked.connect(self._only)
        self.all = QPushButton(self.tr("All"))
        self.none = QPushButton(self.tr("None"))
        self.only = QPushButton(self.tr("Only this"))
        self.all.clicked.connect(self.show_all)
        self.none.clicked.connect(self._hide_all)
        self.only.clicked.connect(lambda: self._only(self.list.currentIndex()))
        self.only.setToolTip(self.tr("Show the chosen class alone"))
        selection = self.list.selectionModel()
        selection.currentChanged.connect(self._refresh_only)
        self.summary = muted_label()
        self.body.addWidget(self.search)
        self.body.addWidget(self.list)
        self.body.addLayout(row_of(self.all, self.none, self.only))
        self.body.addWidget(self.summary)
        self._refresh_only()
        self._fit()
        self._summarise()

    def show_classes(self, names: tuple[str, ...]) -> None:
        """List those of the model that runs."""
        self.model.show_classes(names)
        self._fit()
        self._summarise()
        self._refresh_only()

    def show_counts(self, counts: Sequence[int]) -> None:
        """Of the frame on show, by class id."""
        self.model.show_counts(counts)

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self._hidden = settings.hidden_class_names
        self.model.show_hidden(self._hidden)
        self._summarise()

    @Slot()
    def show_all(self) -> None:
        """Hide none of this model's classes."""
        mine = set(self.model.names)
        self._hide(tuple(name for name in self._hidden if name not in mine))

    @Slot()
    def _hide_all(self) -> None:
        others = tuple(n for n in self._hidden if n not in self.model.names)
        self._hide(others + self.model.names)

    def _only(self, index: QModelIndex) -> None:
        if index.isValid():
            name = index.data()
            others = tuple(n for n in self._hidden if n not in self.model.names)
            self._hide(others + tuple(n for n in self.model.names if n != name))

    def _choose(self, name: str, is_shown: bool) -> None:
        hidden = tuple(n for n in self._hidden if n != name)
        self._hide(hidden if is_shown else (*hidden, name))

    def _hide(self, names: tuple[str, ...]) -> None:
        self._history.change(self.tr("classes"), hidden_class_names=names)

    @Slot()
    def _refresh_only(self) -> None:
        self.only.setEnabled(self.list.currentIndex().isValid())

    def _summarise(self) -> None:
        names = self.model.names
        hidden = sum(name in self._hidden for name in names)
        for widget in (self.all, self.none, self.only, self.search, self.list):
            widget.setVisible(bool(names))
        if not names:
            text = self.tr("A model's classes are listed once it runs.")
        elif hidden:
            text = self.tr("{0} of {1} are hidden, yet counted.").format(
                hidden, len(names)
            )
        else:
            text = self.tr("All {0} are shown.").format(len(names))
        self.summary.setText(text)

    def _fit(self) -> None:
        """As high as a few rows; the rest scrolls."""
        row = self.list.sizeHintForRow(0) if self.model.names else 24
        shown = min(max(len(self.model.names), 3), ROWS_SHOWN)
        self.list.setFixedHeight(shown * row + 2 * self.list.frameWidth() + 2)

    def _show_menu(self, at: Any) -> None:  # noqa: ANN401 - a QPoint
        index = self.list.indexAt(at)
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        only = menu.addAction(self.tr("Only {0}").format(index.data()))
        only.triggered.connect(lambda: self._only(index))
        menu.addAction(self.tr("Show all")).triggered.connect(self.show_all)
        menu.popup(self.list.viewport().mapToGlobal(at))
