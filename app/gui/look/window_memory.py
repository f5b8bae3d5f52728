"""How the window looked when it was closed."""

from collections.abc import Callable
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

    def look(self, window: QMainWindow, panel: SidePanel) -> Callable[[], None]:
        """Take note of how they look; what is returned writes it, on any thread."""
        values = {
            "geometry": window.saveGeometry(),
            "state": window.saveState(STATE_VERSION),
            "folded": " ".join(panel.folded),
        }

        def write() -> None:
            store = self._store()  # one that cannot be written to says nothing
            for name, value in values.items():
                store.setValue(name, value)
            store.sync()

        return write

    def _store(self) -> QSettings:
        return QSettings(str(self._path), QSettings.Format.IniFormat)
