"""The menu behind the three dots; the picture's context menu is the same."""

from PySide6.QtWidgets import QMenu, QWidget

from app.gui.action_row import HELP, IN_FILE, PLAY, TOOLS, VIEW
from app.gui.action_table import ACTIONS
from app.gui.actions import Actions

_SUBMENUS = (IN_FILE, VIEW, TOOLS, HELP)


class MoreMenu(QMenu):
    """What one does most with what is shown, then the other groups."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("more")
        self.addActions(actions.named(_names(PLAY)))
        self.addSeparator()
        self.below = {group: self.addMenu(actions.tr(group)) for group in _SUBMENUS}
        for group, below in self.below.items():
            names = [name for name in _names(group) if name != "quit"]  # it is below
            below.addActions(actions.named(names))
        self.addSeparator()
        self.addAction(actions.quit)


def _names(group: str) -> list[str]:
    return [row.name for row in ACTIONS if row.group == group]
