"""Every action of the window, with its keys; who acts on one connects to it."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QPalette
from PySide6.QtWidgets import QWidget

from app.gui.icons import RED, icon

Keys = QKeySequence.StandardKey | str


class Actions(QObject):
    """What a person can do, from a button, a menu or by a key alone."""

    def __init__(self, window: QWidget) -> None:
        """Make them all; they belong to `window`, so their keys work in it."""
        super().__init__(window)
        self._window = window
        keys = QKeySequence.StandardKey
        self.open_file = self._add(self.tr("Open file…"), keys.Open)
        self.open_model = self._add(self.tr("Open model…"), "Ctrl+M")
        self.pause = self._add(self.tr("Pause"), "Space")
        self.loop = self._add(self.tr("Loop"), "L", is_checkable=True)
        self.record = self._add(self.tr("Record"), "R")
        self.snapshot = self._add(self.tr("Snapshot"), "S")
        self.plain_snapshot = self._add(self.tr("Snapshot without boxes"), "Shift+S")
        self.copy_numbers = self._add(self.tr("Copy numbers"), "Ctrl+Shift+C")
        self.zoom_in = self._add(self.tr("Zoom in"), "+", "=")
        self.zoom_out = self._add(self.tr("Zoom out"), "-")
        self.whole_picture = self._add(self.tr("Whole picture"), "0")
        self.full_screen = self._add(self.tr("Full screen"), "F11", "F")
        self.leave_full_screen = self._add(self.tr("Leave full screen"), "Esc")
        self.quit = self._add(self.tr("Quit"), keys.Quit)

    def _add(self, text: str, *keys: Keys, is_checkable: bool = False) -> QAction:
        action = QAction(text, self._window)
        action.setCheckable(is_checkable)
        action.setShortcuts([QKeySequence(key) for key in keys])
        names = ", ".join(
            key.toString(QKeySequence.SequenceFormat.NativeText)
            for key in action.shortcuts()
        )
        action.setToolTip(f"{text} ({names})" if names else text)
        self._window.addAction(action)
        return action

    def show_playing(self, *, is_running: bool, is_paused: bool, is_file: bool) -> None:
        """Fit the pause button to what plays."""
        going_on = self.tr("Play") if is_file else self.tr("Resume")
        self.pause.setEnabled(is_running)
        self.pause.setText(going_on if is_paused else self.tr("Pause"))
        self.pause.setIcon(
            icon("play" if is_paused else "pause", self._window.palette())
        )

    def show_recording(self, *, is_recording: bool, is_possible: bool) -> None:
        """Fit the record button to what is recorded."""
        self.record.setEnabled(is_possible)
        self.record.setText(self.tr("Stop") if is_recording else self.tr("Record"))
        name = "stop" if is_recording else "record"
        self.record.setIcon(icon(name, self._window.palette(), color=RED))

    def tint(self, palette: QPalette) -> None:
        """Draw the icons that never change for `palette`."""
        self.open_file.setIcon(icon("file", palette))
        self.open_model.setIcon(icon("model", palette))
        self.loop.setIcon(icon("loop", palette))
        self.snapshot.setIcon(icon("snapshot", palette))
