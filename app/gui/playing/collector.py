"""Python's collector of circular garbage, kept to the window's thread."""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

EVERY_MS = 1000


class Collector(QObject):
    """Collects when Python would, on this thread alone.

    Left to itself, Python collects on whichever thread happens to allocate. A closed
    dialog is often garbage in a circle, and Qt's widgets may be taken down on their own
    thread only: on any other that stops the process, or both threads, for good.
    """

    def __init__(self, parent: QObject) -> None:
        """Nothing is collected before `begin`, on any thread."""
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(collect_due)

    @Slot()
    def begin(self) -> None:
        """Look every second from now on."""
        self._timer.start()


def collect_due() -> None:
    """Collect the oldest generation whose threshold is passed, and the younger ones."""
    counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
    due = [age for age, (count, most) in enumerate(counts) if count > most > 0]
    if due:
        gc.collect(due[-1])
