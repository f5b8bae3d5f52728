"""What is being recorded: for how long, how large, and what is missing."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton

from app.gui.apart import Apart
from app.gui.look.numbers import decimal, whole
from app.gui.look.turning import TurningRow
from app.gui.panel.free_space import gigabytes, lasts_s, steady
from app.gui.panel.resetting import Reset
from app.gui.panel.section import (
    SPACE,
    Further,
    Rows,
    Section,
    muted_label,
    row_of,
    set_look,
)
from app.gui.panel.settings_history import SettingsHistory
from app.gui.playing.keeper import RecordingState
from app.settings import Settings

SPLIT_MINUTES = (0, 5, 10, 30, 60)
SPLIT_MB = (0, 100, 500, 1000, 4000)
# Less than that is a warning.
SHORT_BYTES, SHORT_S = 1_000_000_000, 10 * 60.0
_SETTINGS = ("record_clean", "split_minutes", "split_mb", "replay_s", "replay_mb")


class RecordingSection(Section):
    """State of the recording, and when it begins a new file."""

    def __init__(
        self, history: SettingsHistory, *, record: QAction, show_folder: QAction
    ) -> None:
        """Change settings through `history`.

        Args:
            history: of the settings.
            record: the window's own action, which is a button here too.
            show_folder: likewise.
        """
        super().__init__()
        self._reset = Reset(self, history, _SETTINGS)
        self.set_title(self.tr("Recording"))
        self.state, self.details = QLabel(), QLabel()
        self.details.setProperty("muted", True)
        self.room = muted_label(" ")  # nothing moves when it is known
        self._free: int | None = None
        self._running: RecordingState | None = None
        self._record = record
        self.button = QPushButton()
        self.button.clicked.connect(record.trigger)
        record.changed.connect(self._follow_action)
        self.folder = QPushButton(show_folder.text())
        self.folder.clicked.connect(show_folder.trigger)
        self.minutes = self._choice(SPLIT_MINUTES, self._in_minutes)
        self.minutes.activated.connect(
            lambda i: history.change(
                self.tr("new files"), split_minutes=self.minutes.itemData(i)
            )
        )
        self.megabytes = self._choice(SPLIT_MB, self._in_megabytes)
        self.megabytes.activated.connect(
            lambda i: history.change(
                self.tr("new files"), split_mb=self.megabytes.itemData(i)
            )
        )
        self.picture = QComboBox()
        self.picture.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.picture.setToolTip(
            self.tr("Without boxes, they are in a file beside it, to be drawn later")
        )
        self.picture.addItem(self.tr("with boxes"), False)
        self.picture.addItem(self.tr("the clean picture"), True)
        self.picture.activated.connect(
            lambda i: history.change(
                self.tr("what is recorded"), record_clean=self.picture.itemData(i)
            )
        )
        rows = Rows()
        rows.add(self.tr("Record"), self.picture)
        rows.add(self.tr("New file after"), self.minutes)
        rows.add(self.tr("New file at"), self.megabytes)
        self.further = Further()
        self.further.body.addLayout(rows)
        self._progress = running = TurningRow(SPACE)
        running.line.addWidget(self.state)
        running.line.addWidget(self.details, 1)
        self.body.addWidget(running)
        self.body.addWidget(Apart(self.room))
        self.body.addLayout(row_of(self.button, self.folder))
        self.add_further(self.further)
        self._follow_action()
        self.show_state(None)

    def show_state(self, state: RecordingState | None) -> None:
        """Show the running recording; None where there is none."""
        self._running = state
        self._say_room()
        if state is None:
            self.state.setText(self.tr("Not recording"))
            self.summarize(self.state.text())
            self._progress.hide()  # the button says as much
            return
        self.state.setText(
            self.tr("Waiting, {0}").format(state.elapsed)
            if state.is_held
            else self.tr("Recording, {0}").format(state.elapsed)
        )
        self.state.setToolTip(
            self.tr("Nothing is recorded while what plays stands still.")
            if state.is_held
            else ""
        )
        self.summarize(state.elapsed)
        size = self.tr("{0} MB").format(decimal(state.size_bytes / 1e6))
        lost = (
            self.tr("{0} frames dropped").format(state.dropped)
            if state.dropped
            else self.tr("nothing dropped")
        )
        self.details.setText(f"{size}, {lost}")
        self._progress.show()

    @Slot(object)
    def show_free(self, free: int) -> None:
        """So many bytes are free on the disk."""
        self._free = steady(free, shown=self._free)
        self._say_room()

    def _say_room(self) -> None:
        if self._free is None:
            return
        state = self._running
        left_s = (
            lasts_s(self._free, size=state.size_bytes, recorded_s=state.seconds)
            if state is not None
            else None
        )
        size = self.tr("{0} GB free").format(gigabytes(self._free))
        if left_s is not None:
            text = self.tr("{0}: room for {1} more").format(size, self._span(left_s))
        else:
            text = size
        self.room.setText(text)
        is_short = self._free < SHORT_BYTES or (left_s or SHORT_S) < SHORT_S
        set_look(self.room, "short", "true" if is_short else "false")

    def _span(self, seconds: float) -> str:
        """In the unit that one would use."""
        minutes = int(seconds / 60)
        if minutes < 2 * 60:
            return self.tr("{0} min").format(minutes)
        if minutes < 2 * 24 * 60:
            return self.tr("{0} h").format(minutes // 60)
        return self.tr("{0} days").format(whole(minutes // (24 * 60)))

    def show_settings(self, settings: Settings) -> None:
        """Show what is in force."""
        self._reset.show_settings(settings)
        with QSignalBlocker(self.picture):
            self.picture.setCurrentIndex(self.picture.findData(settings.record_clean))
        for box, value, in_words in (
            (self.minutes, settings.split_minutes, self._in_minutes),
            (self.megabytes, settings.split_mb, self._in_megabytes),
        ):
            with QSignalBlocker(box):
                if box.findData(value) < 0:  # from a file that was written by hand
                    box.addItem(in_words(value), value)
                box.setCurrentIndex(box.findData(value))

    def _choice(
        self, values: Sequence[int], in_words: Callable[[int], str]
    ) -> QComboBox:
        box = QComboBox()
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.setToolTip(self.tr("A long recording goes on in a new file"))
        for value in values:
            box.addItem(in_words(value), value)
        return box

    def _in_minutes(self, value: int) -> str:
        return self.tr("{0} min").format(value) if value else self.tr("never")

    def _in_megabytes(self, value: int) -> str:
        return self.tr("{0} MB").format(value) if value else self.tr("never")

    def _follow_action(self) -> None:
        self.button.setText(self._record.text())
        self.button.setIcon(self._record.icon())
        self.button.setEnabled(self._record.isEnabled())
        self.button.setToolTip(self._record.toolTip())
