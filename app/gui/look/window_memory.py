"""How the window looked when it was closed."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QTimer
from PySide6.QtWidgets import QMainWindow

from app.gui.panel.side_panel import FOLDED_AT_FIRST, SidePanel

# Raised whenever bars and docks are others than before.
STATE_VERSION = 1
FIRST_SIZE = (1280, 780)
# Until a window that is shown has the place that the screen gives it.
SETTLE_MS = 500


class WindowMemory:
    """A small file of its own, read at the start and written on closing.

    Only what was changed is written: another window of ours may have changed the
    rest. QSettings writes so that the file is there whole or not at all, and locks it.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self._path = path
        self._before: dict[str, object] = {}

    def restore(self, window: QMainWindow, panel: SidePanel) -> None:
        """Make them look as they did; at first, as they should."""
        store = self._store()
        geometry, state = store.value("geometry"), store.value("state")
        # In a file that was cut off, they may be anything.
        is_known = isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)
        if not is_known:
            window.resize(*FIRST_SIZE)
        if isinstance(state, QByteArray):
            window.restoreState(state, STATE_VERSION)
        folded = store.value("folded", " ".join(FOLDED_AT_FIRST))
        panel.fold(str(folded).split())
        self._before = _values(window, panel)
        # The screen has its say where a window goes: what it makes of it, nobody chose.
        QTimer.singleShot(
            SETTLE_MS, window, lambda: self._before.update(_values(window, panel))
        )

    def look(self, window: QMainWindow, panel: SidePanel) -> Callable[[], None]:
        """Take note of how they look; what is returned writes it, on any thread."""
        values = _values(window, panel)
        changed = {k: v for k, v in values.items() if v != self._before.get(k)}

        def write() -> None:
            store = self._store()  # one that cannot be written to says nothing
            for name, value in changed.items():
                store.setValue(name, value)
            store.sync()

        return write if changed else lambda: None

    def _store(self) -> QSettings:
        return QSettings(str(self._path), QSettings.Format.IniFormat)


def _values(window: QMainWindow, panel: SidePanel) -> dict[str, object]:
    return {
        "geometry": window.saveGeometry(),
        "state": window.saveState(STATE_VERSION),
        "folded": " ".join(panel.folded),
    }
