"""Small jobs that would hold up the window, done one after another beside it."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from app.pipeline.slot import Slot, SlotClosedError

T = TypeVar("T")
log = logging.getLogger(__name__)

# More than a person starts on purpose; each may hold a 4K picture.
CAPACITY = 8


def _ignore(_answer: object) -> None:
    """For work that is done when it is done."""


class Errands:
    """One thread for files and devices, started when there is something to do."""

    def __init__(self, deliver: Callable[[Callable[[], None]], None]) -> None:
        """Nothing runs yet.

        Args:
            deliver: takes, on the errands' thread, what the owner's thread is to
                call: how an errand ended.
        """
        self._deliver = deliver
        self._queue = Slot[Callable[[], None]](drop_oldest=False, capacity=CAPACITY)
        self._places = threading.Semaphore(CAPACITY)
        self._thread: threading.Thread | None = None

    def run(
        self,
        work: Callable[[], T],
        *,
        then: Callable[[T], object] = _ignore,
        or_else: Callable[[Exception], object],
    ) -> bool:
        """Do `work` and deliver what it gave; never waits.

        Returns:
            False where too much is waiting already, or it was stopped; then
            nothing happens.
        """
        if not self._places.acquire(blocking=False):
            return False

        def errand() -> None:
            try:
                answer = work()
            except Exception as error:  # noqa: BLE001 - the owner is told
                self._deliver(partial(_call, or_else, error))
            else:
                self._deliver(partial(_call, then, answer))
            finally:
                self._places.release()

        try:
            self._queue.put(errand)  # has a place, so does not wait
        except SlotClosedError:
            return False
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._work, name="errands", daemon=True
            )
            self._thread.start()
        return True

    def stop(self, timeout_s: float) -> list[str]:
        """Finish what waits; returns the thread's name if it needs longer."""
        self._queue.close()
        if self._thread is None:
            return []
        self._thread.join(timeout_s)
        return [self._thread.name] if self._thread.is_alive() else []

    def _work(self) -> None:
        for errand in self._queue:
            errand()
            del errand  # or who asked, perhaps a widget, would go with the next, here


def _call(tell: Callable[[T], object], answer: T) -> None:
    tell(answer)
