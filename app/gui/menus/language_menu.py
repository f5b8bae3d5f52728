"""Which language the window speaks, to be chosen."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.gui.languages.speaking import LANGUAGES


class LanguageMenu(QMenu):
    """The system's, or one of ours, each by its own name.

    Signals:
        chosen: what is in the settings of it, and how it is called.
    """

    chosen = Signal(str, str)

    def __init__(self, in_force: Callable[[], str], parent: QWidget) -> None:
        """Mark what `in_force` says whenever the menu is opened."""
        super().__init__(parent)
        self.setTitle(self.tr("Language"))
        group = QActionGroup(self)
        for language, name in {"": self.tr("As the system"), **LANGUAGES}.items():
            action = self.addAction(name)
            action.setCheckable(True)
            action.setData(language)
            group.addAction(action)
            action.triggered.connect(
                lambda _, told=(language, name): self.chosen.emit(*told)
            )
        self.aboutToShow.connect(lambda: self._mark(in_force()))

    def _mark(self, language: str) -> None:
        for action in self.actions():
            action.setChecked(action.data() == language)
