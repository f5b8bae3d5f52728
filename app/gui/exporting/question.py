"""Asks what becomes of names that are taken: nothing is ever written over."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from app.gui.exporting.wish import Place
from app.gui.languages.sentences import in_words
from app.gui.panel.section import set_look

_NAMED = 5


class TakenQuestion(QMessageBox):
    """Does not hold the window up; Escape exports nothing.

    Signals:
        answered: the jobs to do.
    """

    answered = Signal(list)

    def __init__(self, parent: QWidget, places: Sequence[Place]) -> None:
        """Ask about those of `places` that are taken."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(self.tr("Export"))
        taken = [place for place in places if place.beside is not None]
        self.setText(
            self.tr("Of {0} files, {1} would go where something else is.").format(
                len(places), len(taken)
            )
            if len(places) > 1
            else self.tr("It would go where something else is.")
        )
        shown = [in_words(place.taken) for place in taken[:_NAMED]]
        if len(taken) > _NAMED:
            shown.append(self.tr("And {0} more.").format(len(taken) - _NAMED))
        names = ", ".join(
            Path(place.beside.told).name for place in taken[:_NAMED] if place.beside
        )
        shown.append(self.tr("Free names: {0}").format(names))
        self.setInformativeText("\n".join(shown))
        role = QMessageBox.ButtonRole
        self.beside = self.addButton(self.tr("Write under free names"), role.AcceptRole)
        self.skip = self.addButton(self.tr("Leave those out"), role.DestructiveRole)
        self.nothing = self.addButton(self.tr("Cancel"), role.RejectRole)
        set_look(self.beside, "primary", "true")
        self.setDefaultButton(self.beside)
        self.setEscapeButton(self.nothing)
        self.skip.setVisible(len(taken) < len(places))
        self.beside.clicked.connect(
            lambda: self.answered.emit([place.beside or place.job for place in places])
        )
        self.skip.clicked.connect(
            lambda: self.answered.emit(
                [place.job for place in places if place.beside is None]
            )
        )
        self.nothing.clicked.connect(lambda: self.answered.emit([]))
