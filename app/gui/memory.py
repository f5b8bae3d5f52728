"""How the window looked when it was closed."""

from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMainWindow

from app.gui.panel.side_panel import SidePanel

# Raised whenever bars and docks are others than before.
STATE_VERSION = 1
FIRST_SIZE = (1280, 780)


class WindowMemory:
    """A small file of its own, read at the start and written on closing."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self._path = path

    def restore(self, window: QMainWindow, panel: SidePanel) -> None:
        """Make them look as they did; at first, as they should."""
        store = self._store()
        geometry, state = store.value("geometry"), store.value("state")
        if geometry is None or not window.restoreGeometry(geometry):
            window.resize(*FIRST_SIZE)
        if state is not None:
            window.restoreState(state, STATE_VERSION)
        folded = store.value("folded", "")
        panel.fold(str(folded).split())

    def keep(self, window: QMainWindow, panel: SidePanel) -> None:
        """Remember; a home that cannot be written to costs no more than that."""
        store = self._store()
        store.setValue("geometry", window.saveGeometry())
        store.setValue("state", window.saveState(STATE_VERSION))
        store.setValue("folded", " ".join(panel.folded))
        store.sync()

    def _store(self) -> QSettings:
        return QSettings(str(self._path), QSettings.Format.IniFormat)
