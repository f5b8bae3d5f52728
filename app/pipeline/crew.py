"""Threads that begin together, and of which one that fails ends all."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from app.pipeline.slot import Slot, SlotClosedError

log = logging.getLogger(__name__)


class Crew:
    """The threads of one run; every method is for any thread."""

    def __init__(
        self,
        *,
        on_failure: Callable[[str, Exception], None],
        on_last: Callable[[], None],
    ) -> None:
        """Nobody yet.

        Args:
            on_failure: told of each that fails, by name, on its thread.
            on_last: called once, at the end of the last one, on its thread.
        """
        self._on_failure = on_failure
        self._on_last = on_last
        self._lock = threading.Lock()  # guards what follows
        self._threads: list[threading.Thread] = []
        self._running = 0

    def add(
        self,
        name: str,
        work: Callable[[], None],
        *,
        closes: tuple[Slot[Any], ...],
        then: Callable[[], None] = lambda: None,
    ) -> threading.Thread:
        """One more, not started yet.

        Args:
            name: for reports.
            work: until it returns or raises; SlotClosedError is no failure.
            closes: slots on both its sides, so that no neighbour waits for it.
            then: called before they are closed, however it ended.
        """

        def run() -> None:
            try:
                work()
            except SlotClosedError:
                log.debug("%s: stopped by a neighbour", name)
            except Exception as error:  # noqa: BLE001 - a stage reports, never hangs
                self._on_failure(name, error)
            finally:
                then()
                for slot in closes:
                    slot.close()
                with self._lock:
                    self._running -= 1
                    is_last = self._running == 0
                if is_last:
                    self._on_last()

        thread = threading.Thread(target=run, name=name, daemon=True)
        with self._lock:
            # Those of weeks of clips would add up.
            self._threads = [
                one for one in self._threads if one.ident is None or one.is_alive()
            ]
            self._threads.append(thread)
            self._running += 1
        return thread

    def start(self) -> None:
        """Start all there are; once only."""
        for thread in list(self._threads):
            thread.start()

    def join(self, timeout: float | None = None) -> list[str]:
        """Wait up to `timeout` seconds; return the names of those still alive."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while alive := self._alive():
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                names = [thread.name for thread in alive]
                log.warning("still running after %s s: %s", timeout, ", ".join(names))
                return names
            alive[0].join(left)
        return []

    def _alive(self) -> list[threading.Thread]:
        """Asked anew after each wait: a recording may have begun meanwhile."""
        with self._lock:
            return [thread for thread in self._threads if thread.is_alive()]
