"""Which classes are shown, and how many of each there are just now."""

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
from app.gui.look.class_words import class_word
from app.gui.panel.resetting import Reset
from app.gui.panel.section import Section, muted_label, row_of
from app.gui.panel.settings_history import SettingsHistory
from app.settings import Settings

COUNT_ROLE = int(Qt.ItemDataRole.UserRole)
NAME_ROLE = COUNT_ROLE + 1  # as the model and the settings have it
SPELLINGS_ROLE = COUNT_ROLE + 2  # by which it is found
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


class ClassesSection(Section):
    """The class filter. Hidden classes are counted all the same."""

    def __init__(self, history: SettingsHistory) -> None:
        """Change settings through `history`."""
        super().__init__()
        self.set_title(self.tr("Classes"))
        self._reset = Reset(self, history, ("hidden_class_names",))
        self._history = history
        self._hidden: tuple[str, ...] = ()
        self._row_px = 24  # until a row is there to be measured
        self.search = SearchField()
        self.search.setPlaceholderText(self.tr("Find a class"))
        self.search.setAccessibleName(self.tr("Find a class"))
        self.search.setClearButtonEnabled(True)
        self.model = ClassModel(self._choose)
        self._found = QSortFilterProxyModel()
        self._found.setSourceModel(self.model)
        self._found.setFilterRole(SPELLINGS_ROLE)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search.textChanged.connect(self._search)
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
        self.not_found = muted_label()
        self.not_found.hide()
        self.summary = muted_label()
        self.body.addWidget(self.search)
        self.body.addWidget(self.list)
        self.body.addWidget(self.not_found)
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

    def forget_counts(self) -> None:
        """There is no frame on show."""
        self.model.show_counts([0] * len(self.model.names))

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self._reset.show_settings(settings)
        self._hidden = settings.hidden_class_names
        self.model.show_hidden(self._hidden)
        self._summarise()

    @Slot()
    def show_all(self) -> None:
        """Hide none of the classes that are listed."""
        listed = set(self._listed())
        self._hide(tuple(name for name in self._hidden if name not in listed))

    @Slot()
    def _hide_all(self) -> None:
        listed = self._listed()
        others = set(listed)
        self._hide((*(n for n in self._hidden if n not in others), *listed))

    @Slot(QModelIndex)
    def _only(self, index: QModelIndex) -> None:
        if index.isValid():
            self._only_name(index.data(NAME_ROLE))

    def _only_name(self, name: str) -> None:
        names = self.model.names
        mine = set(names)
        if name in mine:  # a menu may be older than the model
            others = (n for n in self._hidden if n not in mine)
            self._hide((*others, *(n for n in names if n != name)))

    def _listed(self) -> list[str]:
        """What the search has found; without one, all."""
        rows = range(self._found.rowCount())
        return [self._found.index(row, 0).data(NAME_ROLE) for row in rows]

    @Slot(str)
    def _search(self, text: str) -> None:
        self._found.setFilterFixedString(text)
        is_empty = bool(self.model.names) and self._found.rowCount() == 0
        self.not_found.setText(self.tr("No class is called “{0}”.").format(text))
        self.not_found.setVisible(is_empty)
        self.list.setVisible(bool(self.model.names) and not is_empty)

    def _choose(self, name: str, is_shown: bool) -> None:
        hidden = tuple(n for n in self._hidden if n != name)
        self._hide(hidden if is_shown else (*hidden, name))

    def _hide(self, names: tuple[str, ...]) -> None:
        self._history.change(self.tr("classes"), hidden_class_names=names)

    @Slot()
    def _refresh_only(self) -> None:
        self.only.setEnabled(self.list.currentIndex().isValid())

    def _summarise(self) -> None:
        names, hidden_names = self.model.names, frozenset(self._hidden)
        hidden = sum(name in hidden_names for name in names)
        for widget in (self.all, self.none, self.only, self.search):
            widget.setVisible(bool(names))
        self._search(self.search.text())
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
        if (row_px := self.list.sizeHintForRow(0)) > 0:  # not where none is found
            self._row_px = row_px
        shown = min(max(len(self.model.names), 3), ROWS_SHOWN)
        self.list.setFixedHeight(shown * self._row_px + 2 * self.list.frameWidth() + 2)

    def _show_menu(self, at: Any) -> None:  # noqa: ANN401 - a QPoint
        index = self.list.indexAt(at)
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name = index.data(NAME_ROLE)  # not the index: what plays may change meanwhile
        shown = class_word(name).replace("&", "&&")
        only = menu.addAction(self.tr("Only {0}").format(shown))
        only.triggered.connect(lambda: self._only_name(name))
        menu.addAction(self.tr("Show all")).triggered.connect(self.show_all)
        menu.popup(self.list.viewport().mapToGlobal(at))
