"""What the panel says of the past that is kept, and how much of it that should be."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from app.gui.look.numbers import decimal, whole
from app.gui.panel.section import SPACE, Rows, muted_label
from app.gui.panel.settings_history import SettingsHistory
from app.settings import Settings
from app.types import ReplayHeld

KEEP_S = (0, 10, 30, 60, 120)
MOST_MB = (32, 64, 128, 256)


class ReplayRows(QWidget):
    """Two choices and a line, for the recording section."""

    def __init__(self, history: SettingsHistory) -> None:
        """Change settings through `history`."""
        super().__init__()
        self._history = history
        self.seconds, self.megabytes = QComboBox(), QComboBox()
        for box, values, tip in (
            (self.seconds, KEEP_S, self.tr("Of a camera; saved by B")),
            (self.megabytes, MOST_MB, self.tr("In memory; what is older goes")),
        ):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            box.setToolTip(tip)
            for value in values:
                box.addItem(self._in_words(box, value), value)
        self.seconds.activated.connect(
            lambda i: self._change(replay_s=self.seconds.itemData(i))
        )
        self.megabytes.activated.connect(
            lambda i: self._change(replay_mb=self.megabytes.itemData(i))
        )
        rows = Rows()
        rows.add(self.tr("Keep the last"), self.seconds)
        rows.add(self.tr("At most"), self.megabytes)
        self.held = muted_label()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(rows)
        layout.addWidget(self.held)
        self.show_held(None)

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        for box, value in (
            (self.seconds, settings.replay_s),
            (self.megabytes, settings.replay_mb),
        ):
            with QSignalBlocker(box):
                if box.findData(value) < 0:  # from a file that was written by hand
                    box.addItem(self._in_words(box, value), value)
                box.setCurrentIndex(box.findData(value))
        self.megabytes.setEnabled(settings.replay_s > 0)

    def show_held(self, held: ReplayHeld | None) -> None:
        """Say what is kept; None where nothing is."""
        self.held.setVisible(held is not None)
        if held is not None:
            text = self.tr("Holds {0} s in {1} MB")
            self.held.setText(
                text.format(whole(held.seconds), decimal(held.size / 2**20))
            )

    def _change(self, **fields: int) -> None:
        self._history.change(self.tr("what is kept"), **fields)

    def _in_words(self, box: QComboBox, value: int) -> str:
        if box is self.megabytes:
            return self.tr("{0} MB").format(value)
        return self.tr("{0} s").format(value) if value else self.tr("nothing")
