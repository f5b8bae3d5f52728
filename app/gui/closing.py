"""The one question that is ever asked: end the recording, or go on with it?"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from app.gui.panel.section import set_look


class CloseQuestion(QMessageBox):
    """Does not hold anything up; Escape goes on recording.

    Signals:
        confirmed: finish the recording and close.
    """

    confirmed = Signal()

    def __init__(self, parent: QWidget, *, elapsed: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(self.tr("Close"))
        self.setText(self.tr("A recording is running, {0} so far.").format(elapsed))
        self.setInformativeText(self.tr("Finish it and close the window?"))
        role = QMessageBox.ButtonRole
        self.finish = self.addButton(self.tr("Finish and close"), role.AcceptRole)
        self.go_on = self.addButton(self.tr("Go on recording"), role.RejectRole)
        set_look(self.finish, "primary", "true")
        self.setDefaultButton(self.finish)
        self.setEscapeButton(self.go_on)
        self.finish.clicked.connect(self.confirmed)
