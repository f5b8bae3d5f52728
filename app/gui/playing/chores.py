"""What is done beside the window: a thread a kind, so that none waits for another."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from app.pipeline.errands import Errands

# A thread that has nothing to do needs a moment to hear that it ends.
AT_ONCE_S = 0.1


class Chores(QObject):
    """Several `Errands`, which all deliver to the window's thread.

    Attributes:
        looking: for cameras, devices, what to play first: drivers may take long.
        saving: of what is small: settings, names, where the window is.
        pictures: snapshots, and pictures that are scaled.
        clips: lists and small pictures of those that are kept, and of events.
        telling: of alerts that are tried; may wait for somebody's answer.
        counting: what sidecars have.
        mending: of recordings that a crash cut off; may take minutes.
        comparing: another detector beside the one that plays; it stays on this thread.
        peeking: at a file, for a small picture of where the mouse is.
        tests: that are kept of a scene, with a detector of their own.
        exporting: looking at what is there where an export would go.
    """

    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """No thread runs until it has something to do."""
        super().__init__(parent)
        self._is_hushed = False
        self._ended.connect(self._on_ended)
        self.looking = Errands(self._ended.emit)
        self.saving = Errands(self._ended.emit)
        self.pictures = Errands(self._ended.emit)
        self.clips = Errands(self._ended.emit)
        self.telling = Errands(self._ended.emit)
        self.counting = Errands(self._ended.emit)
        self.mending = Errands(self._ended.emit)
        self.comparing = Errands(self._ended.emit)
        self.peeking = Errands(self._ended.emit)
        self.tests = Errands(self._ended.emit)
        self.exporting = Errands(self._ended.emit)

    def deliver(self, tell: Callable[[], None]) -> None:
        """Call it on the window's thread; from any thread."""
        self._ended.emit(tell)

    def stop(self, timeout_s: float) -> list[str]:
        """Finish what waits; returns the threads that need longer than that."""
        end_s = time.monotonic() + timeout_s
        alive = []
        ending = (self.saving, self.pictures, self.counting, self.looking, self.clips)
        beside = (self.comparing, self.peeking, self.tests, self.exporting)
        for errands in (*ending, *beside):
            alive += errands.stop(max(0.0, end_s - time.monotonic()))
        # What is not mended by then is at the next start.
        return alive + self.mending.stop(AT_ONCE_S) + self.telling.stop(AT_ONCE_S)

    @Slot()
    def hush(self) -> None:
        """Tell nobody any more how something ended: the window is gone."""
        self._is_hushed = True

    @Slot(object)
    def _on_ended(self, tell: Callable[[], None]) -> None:
        if not self._is_hushed:
            tell()
