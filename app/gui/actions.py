"""Every action of the window, with its keys; who acts on one connects to it."""

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QPalette
from PySide6.QtWidgets import QWidget

from app.gui.look.icons import RED, icon

Keys = QKeySequence.StandardKey | str
Rows = list[tuple[str, Sequence[str]]]


class Actions(QObject):
    """What a person can do, from a button, a menu or by a key alone."""

    def __init__(self, window: QWidget) -> None:
        """Make them all; they belong to `window`, so their keys work in it."""
        super().__init__(window)
        self._window = window
        self._groups: list[tuple[str, list[QAction]]] = []
        self._add_opening()
        self._add_playing()
        self._add_view()
        self._add_others()

    def _add_opening(self) -> None:
        keys = QKeySequence.StandardKey
        self._begin(self.tr("Open"))
        self.open_file = self._add(self.tr("Open file…"), keys.Open)
        self.open_folder = self._add(self.tr("Open folder…"), "Ctrl+Shift+O")
        self.open_address = self._add(self.tr("Open address…"), "Ctrl+L")
        self.open_screen = self._add(self.tr("Watch the screen"))
        self.paste = self._add(self.tr("Open what was copied"), keys.Paste)
        self.open_model = self._add(self.tr("Open model…"), "Ctrl+M")
        self.close_source = self._add(self.tr("Close source"), "Ctrl+W")

    def _add_playing(self) -> None:
        self._begin(self.tr("Play and keep"))
        self.pause = self._add(self.tr("Pause"), "Space")
        self.loop = self._add(self.tr("Loop"), "L", is_checkable=True)
        self.record = self._add(self.tr("Record"), "R")
        self.snapshot = self._add(self.tr("Snapshot"), "S")
        self.plain_snapshot = self._add(self.tr("Snapshot without boxes"), "Shift+S")
        self.copy_numbers = self._add(self.tr("Copy numbers"), "Ctrl+Shift+C")
        self.show_folder = self._add(self.tr("Show folder"))

    def _add_view(self) -> None:
        self._begin(self.tr("View"))
        self.panel = self._add(self.tr("Side panel"), "F9", is_checkable=True)
        self.plots = self._add(self.tr("Plots"), "P", is_checkable=True)
        self.zoom_in = self._add(self.tr("Zoom in"), "+", "=")
        self.zoom_out = self._add(self.tr("Zoom out"), "-")
        self.whole_picture = self._add(self.tr("Whole picture"), "0")
        self.full_screen = self._add(self.tr("Full screen"), "F", "F11")
        self.leave_full_screen = self._add(self.tr("Leave full screen"), "Esc")

    def _add_others(self) -> None:
        keys = QKeySequence.StandardKey
        self._begin(self.tr("Others"))
        self.undo = self._add(self.tr("Undo a setting"), keys.Undo)
        self.redo = self._add(self.tr("Redo"), "Ctrl+Shift+Z", "Ctrl+Y")
        self.keys = self._add(self.tr("Keys"), "F1", "?")
        self.quit = self._add(self.tr("Quit"), "Ctrl+Q")  # Windows knows no key for it

    def sheet(self) -> list[tuple[str, Rows]]:
        """Headings with texts and keys: all there is to know about the keyboard."""
        groups: list[tuple[str, Rows]] = [
            (heading, [(a.text(), _names(a)) for a in actions if a.shortcuts()])
            for heading, actions in self._groups
        ]
        groups.insert(
            2,  # not actions: whatever has the focus may need these itself
            (
                self.tr("In a file, and closer"),
                [
                    (self.tr("Frame by frame"), [self.tr("Left"), self.tr("Right")]),
                    (self.tr("Beginning, end"), [self.tr("Home"), self.tr("End")]),
                    (self.tr("Move the zoomed picture"), [self.tr("Shift+arrows")]),
                ],
            ),
        )
        return groups

    def show_playing(self, *, is_running: bool, is_paused: bool, is_file: bool) -> None:
        """Fit the pause button to what plays."""
        going_on = self.tr("Play") if is_file else self.tr("Resume")
        self.pause.setEnabled(is_running)
        self.close_source.setEnabled(is_running)
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
        for action, name in (
            (self.open_file, "file"),
            (self.open_folder, "folder"),
            (self.open_address, "link"),
            (self.open_screen, "screen"),
            (self.open_model, "model"),
            (self.loop, "loop"),
            (self.snapshot, "snapshot"),
            (self.panel, "panel"),
            (self.keys, "keyboard"),
        ):
            action.setIcon(icon(name, palette))

    def _begin(self, heading: str) -> None:
        self._groups.append((heading, []))

    def _add(self, text: str, *keys: Keys, is_checkable: bool = False) -> QAction:
        action = QAction(text, self._window)
        action.setCheckable(is_checkable)
        action.setShortcuts([QKeySequence(key) for key in keys])
        names = ", ".join(_names(action))
        action.setToolTip(f"{text} ({names})" if names else text)
        self._window.addAction(action)
        self._groups[-1][1].append(action)
        return action


def _names(action: QAction) -> list[str]:
    native = QKeySequence.SequenceFormat.NativeText
    return [key.toString(native) for key in action.shortcuts()]
