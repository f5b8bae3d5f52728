"""Asks how a test of a scene is called, and how much of the video it is of."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.gui.panel.section import Rows, give_air

BEFORE_S, AFTER_S = 5.0, 5.0
LONGEST_S = 600.0


class KeepDialog(QDialog):
    """Name and seconds; what plays goes on meanwhile.

    Signals:
        chosen: the name, seconds before and seconds after.
    """

    chosen = Signal(str, float, float)

    def __init__(
        self, window: QWidget | None, *, name: str, past_s: float, has_future: bool
    ) -> None:
        """Ask over `window`.

        Args:
            window: the window.
            name: what it is called if nothing else is typed.
            past_s: how much of what was before can be had.
            has_future: what comes can be had.
        """
        super().__init__(window)
        self.setWindowTitle(self.tr("Keep as test"))
        self.name = QLineEdit(name)
        self.name.selectAll()
        self.before = self._seconds(
            min(past_s, BEFORE_S if has_future else 2 * BEFORE_S)
        )
        self.before.setMaximum(min(past_s, LONGEST_S))
        self.after = self._seconds(AFTER_S if past_s else 2 * AFTER_S)
        told = QLabel(
            self.tr(
                "Keeps a clip and what is found in it now. Later, "
                "“main.py verify” tells what has changed."
            ),
            wordWrap=True,
        )
        form = Rows()
        form.add(self.tr("Name"), self.name)
        if past_s:
            form.add(self.tr("Before this picture"), self.before)
        if has_future:
            text = self.tr("After it") if past_s else self.tr("From now on")
            form.add(text, self.after)
        buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self.keep = buttons.addButton(self.tr("Keep"), role.AcceptRole)
        self.keep.setProperty("primary", "true")
        self.cancel = buttons.addButton(self.tr("Cancel"), role.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.name.textChanged.connect(
            lambda text: self.keep.setEnabled(bool(text.strip()))
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)  # as the other dialogs'
        layout.setSpacing(10)
        layout.addWidget(told)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.accepted.connect(
            lambda: self.chosen.emit(
                self.name.text().strip(), self.before.value(), self.after.value()
            )
        )

    def _seconds(self, value: float) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        give_air(box)
        box.setRange(0.0, LONGEST_S)
        box.setDecimals(1)
        box.setSuffix(self.tr(" s"))
        box.setValue(value)
        return box
