"""A box to type in what one wants to do: all actions by name."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

WIDTH_PX, HEIGHT_PX = 460, 380
ICON_PX = 16
_TO_THE_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CommandPalette(QDialog):
    """Lists what can be done just now; Enter or a click does it."""

    def __init__(self, parent: QWidget, actions: Sequence[QAction]) -> None:
        """Offer those of `actions` that are possible."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Commands"))
        self.resize(WIDTH_PX, HEIGHT_PX)
        self._actions = [action for action in actions if action.isEnabled()]
        self.search = QLineEdit(placeholderText=self.tr("What do you want to do?"))
        self.search.setAccessibleName(self.tr("Find a command"))
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._act)
        self.search.installEventFilter(self)
        self.found = QListWidget()
        self.found.setAccessibleName(self.tr("Commands found"))
        self.found.itemClicked.connect(self._act)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.found)
        self.found.setIconSize(QSize(ICON_PX, ICON_PX))
        blank = QPixmap(self.found.iconSize())
        blank.fill(Qt.GlobalColor.transparent)
        self._no_icon = QIcon(blank)  # so that all names begin below each other
        self.found.setUniformItemSizes(True)
        self._fill("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move in the list, while one goes on typing."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in _TO_THE_LIST
        ):
            self.found.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _fill(self, typed: str) -> None:
        self.found.clear()
        ranked = [(rank(typed, action.text()), action) for action in self._actions]
        for _, action in sorted(
            ((place, action) for place, action in ranked if place is not None),
            key=lambda pair: pair[0],
        ):
            keys = action.shortcut().toString(
                action.shortcut().SequenceFormat.NativeText
            )
            icon = self._no_icon if action.icon().isNull() else action.icon()
            item = QListWidgetItem(icon, action.text())
            item.setText(f"{action.text()}    {keys}" if keys else action.text())
            item.setData(Qt.ItemDataRole.UserRole, action)
            self.found.addItem(item)
        self.found.setCurrentRow(0)

    def _act(self) -> None:
        row = self.found.currentRow()
        if row >= 0:
            action: QAction = self.found.item(row).data(Qt.ItemDataRole.UserRole)
            self.accept()
            action.trigger()


def rank(typed: str, text: str) -> int | None:
    """How well `text` answers to what was typed: 0 best; None: not at all.

    What begins so is best. The words typed may be in any order, each the beginning of
    a word, or in a word; failing that, all letters in that order ("sns": "Snapshot").
    """
    wanted, offered = typed.casefold().split(), text.casefold()
    words = offered.split()
    if offered.startswith(" ".join(wanted)):
        return 0
    if all(any(word.startswith(part) for word in words) for part in wanted):
        return 1
    if all(part in offered for part in wanted):
        return 2
    letters = iter(offered)
    return 3 if all(letter in letters for letter in "".join(wanted)) else None
