"""Who is hidden, and how: covered before anybody has the picture."""

from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy

from app.gui.look.class_words import class_words
from app.gui.panel.classes.class_list import ClassList, ClassModel, Index
from app.gui.panel.resetting import Reset
from app.gui.panel.section import Rows, Section, check_box, muted_label, set_look
from app.gui.panel.settings_history import SettingsHistory
from app.settings import COVER_MODES, Settings

ROWS_SHOWN, ROW_PX = 5, 24
# Whom people ask for most stands before the rest.
FIRST = ("person", "face")


class _Names(ClassModel):
    """Names and marks alone: rows are in an order of their own, colours are not."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's
        """No colour, but air between the rows."""
        if role == Qt.ItemDataRole.DecorationRole:
            return None
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, ROW_PX)
        return super().data(index, role)


class HidingSection(Section):
    """A check mark covers all of a class, from the next frame on."""

    def __init__(self, history: SettingsHistory) -> None:
        """Change settings through `history`."""
        super().__init__()
        # Not whom: nobody is shown by a click that was meant for the rest.
        self._reset = Reset(self, history, ("cover_mode", "cover_unseen"))
        self.set_title(self.tr("Hiding"))
        self._history = history
        self._known: tuple[str, ...] = ()
        self._covered: tuple[str, ...] = ()
        self.state = QLabel(wordWrap=True)
        self.state.setObjectName("hiding")
        self.model = _Names(self._choose)
        self.list = ClassList()
        self.list.setModel(self.model)
        self.list.setAccessibleName(self.tr("Classes to hide"))
        self.list.setUniformItemSizes(True)
        self.list.setToolTip(
            self.tr("All of a checked class are covered: window, recordings, pictures")
        )
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Else the section takes what is left of a high panel, and shows it as a hole.
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.mode = QComboBox()
        self.mode.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        words = {
            "solid": self.tr("One colour"),
            "pixel": self.tr("Large blocks"),
            "outline": self.tr("Outline"),
        }
        for mode in COVER_MODES:
            self.mode.addItem(words[mode], mode)
        self.mode.activated.connect(
            lambda i: history.change(
                self.tr("how to hide"), cover_mode=self.mode.itemData(i)
            )
        )
        self.unseen = check_box(
            self.tr("Cover what was not looked at"),
            self.tr(
                "Where a camera gives nothing new, or the model does not know the "
                "class, the whole picture is covered"
            ),
            lambda on: history.change(self.tr("covering"), cover_unseen=on),
        )
        self.limits = muted_label(
            self.tr("Whom the detector does not see stays visible: docs/privacy.md.")
        )
        rows = Rows()
        rows.add(self.tr("With"), self.mode)
        self.body.addWidget(self.state)
        self.body.addWidget(self.list)
        self.body.addLayout(rows)
        self.body.addWidget(self.unseen)
        self.body.addWidget(self.limits)
        self._refresh()

    def show_classes(self, names: tuple[str, ...]) -> None:
        """List those of the model that runs."""
        if names != self._known:
            self._known = names
            self._refresh()

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self._reset.show_settings(settings)
        self._covered = settings.covered_class_names
        with QSignalBlocker(self.mode):
            self.mode.setCurrentIndex(self.mode.findData(settings.cover_mode))
        with QSignalBlocker(self.unseen):
            self.unseen.setChecked(settings.cover_unseen)
        self._refresh()

    def _choose(self, name: str, is_on: bool) -> None:
        others = tuple(n for n in self._covered if n != name)
        covered = (*others, name) if is_on else others
        self._history.change(self.tr("hiding"), covered_class_names=covered)

    def _refresh(self) -> None:
        unknown = tuple(n for n in self._covered if n not in self._known)
        # Those that the model lacks come first: here they can be let go of.
        names = (*unknown, *sorted(self._known, key=lambda name: name not in FIRST))
        self.model.show_classes(names)
        self.model.show_hidden([n for n in names if n not in self._covered])
        self.list.setVisible(bool(names))
        shown = min(max(len(names), 3), ROWS_SHOWN)
        self.list.setFixedHeight(shown * ROW_PX + 2 * self.list.frameWidth() + 2)
        self.unseen.setVisible(bool(self._covered))
        self.limits.setVisible(bool(self._covered))
        listed = class_words(self._covered)
        if not self._covered:
            text = self.tr("Nobody is hidden.")
        elif unknown and self._known:
            text = self.tr("Hidden: {0}. This model does not know {1}.").format(
                listed, class_words(unknown)
            )
        else:
            text = self.tr("Hidden everywhere: {0}.").format(listed)
        self.state.setText(text)
        self.summarize(text)
        set_look(self.state, "hiding", "true" if self._covered else "false")
