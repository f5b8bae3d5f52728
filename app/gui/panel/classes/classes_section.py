"""Which classes are shown, and how many of each there are just now."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Slot,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QPushButton,
    QSizePolicy,
)

from app.gui.look.class_words import class_word, class_words
from app.gui.panel.classes.class_list import (
    NAME_ROLE,
    SPELLINGS_ROLE,
    SWATCH,
    ClassList,
    ClassModel,
    SearchField,
)
from app.gui.panel.resetting import Reset
from app.gui.panel.section import Further, Section, muted_label, row_of
from app.gui.panel.settings_history import SettingsHistory
from app.settings import Settings

# It has what the others leave of the window's height.
LEAST_ROWS = 3
MOST_NAMED = 3  # in a sign


class ClassesSection(Section):
    """The class filter. Hidden classes are counted all the same."""

    def __init__(self, history: SettingsHistory) -> None:
        """Change settings through `history`."""
        super().__init__()
        self.set_title(self.tr("Classes"))
        self._reset = Reset(self, history, ("hidden_class_names",))
        self._history = history
        self._hidden: tuple[str, ...] = ()
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
        line = row_of(self.search, self.all, self.none)
        line.setStretch(0, 1)
        self.body.addLayout(line)
        self.body.addWidget(self.list)
        self.body.addWidget(self.not_found)
        self.body.addWidget(self.summary)
        self.further = Further()
        self.further.body.addLayout(row_of(self.only, stretch=True))
        self.add_further(self.further)
        self.body.setStretchFactor(self.list, 1)
        self._refresh_only()
        self._fit()
        self._summarise()
        self.folded.connect(self._take_room)

    def show_classes(self, names: tuple[str, ...]) -> None:
        """List those of the model that runs."""
        self.model.show_classes(names)
        self._fit()
        self._summarise()
        self._refresh_only()

    @property
    def chosen(self) -> str:
        """The class that the list has chosen, as data has it; "": none."""
        indexes = self.list.selectedIndexes()
        return str(indexes[0].data(NAME_ROLE)) if indexes else ""

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

    @property
    def filtered(self) -> str:
        """What a sign says where not all are shown; empty where they are."""
        names, hidden = self.model.names, frozenset(self._hidden)
        shown = [name for name in names if name not in hidden]
        if len(shown) == len(names):
            return ""
        if not shown:
            text = self.tr("No class is shown")
        elif len(shown) <= MOST_NAMED:
            text = self.tr("Only: {0}").format(class_words(shown))
        elif len(names) - len(shown) <= MOST_NAMED:
            text = self.tr("Not shown: {0}").format(
                class_words(name for name in names if name in hidden)
            )
        else:
            text = self.tr("{0} of {1} classes").format(len(shown), len(names))
        return f"{text}  \N{MULTIPLICATION SIGN}"

    @Slot()
    def drop_filter(self) -> None:
        """Hide no class of the model that runs, whatever is looked for."""
        names = frozenset(self.model.names)
        self._hide(tuple(name for name in self._hidden if name not in names))

    @Slot()
    def show_all(self) -> None:
        """Hide none of the classes that are listed, and choose none."""
        self.list.clearSelection()
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
        self._take_room()

    def event(self, event: QEvent) -> bool:
        """What is in it takes another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._limit()
        return super().event(event)

    def _limit(self) -> None:
        """All rows are seen on a large screen: what is left is below all sections."""
        most = self.sizeHint().height()
        if not (self.list.isHidden() or self.is_folded):
            most += self.list.maximumHeight() - self.list.minimumHeight()
        if most != self.maximumHeight():
            self.setMaximumHeight(most)

    @Slot()
    def _take_room(self) -> None:
        """More than it needs only for a list that is seen."""
        policy = QSizePolicy.Policy
        has_list = not (self.list.isHidden() or self.is_folded)
        self.setSizePolicy(
            policy.Preferred, policy.Preferred if has_list else policy.Maximum
        )

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
            text = self.tr("Hidden, yet counted: {0} of {1}.").format(
                hidden, len(names)
            )
        else:
            text = self.tr("All {0} are shown.").format(len(names))
        self.summary.setText(text)
        self.summarize(text)
        self.summary.setHidden(bool(names) and not hidden)  # one sees as much

    def _fit(self) -> None:
        """A few rows at least, and all of them where there is room."""
        self.list.fit(max(len(self.model.names), 3), least=LEAST_ROWS)

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
