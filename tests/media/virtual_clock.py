"""A clock that jumps to the next moment as soon as every thread waits for it."""

import math
import threading
from collections.abc import Callable
from typing import Any


class VirtualClock:
    """Time for `LiveSource` and what it reads; whoever waits, waits through it.

    The thread that makes it counts as one of its threads.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now_s = 0.0
        self._busy = 1
        self._waiting: dict[object, tuple[Callable[[], Any], float]] = {}
        self.threads: list[threading.Thread] = []

    def now(self) -> float:
        return self._now_s

    def condition(self) -> "VirtualClock":
        return self

    def start(self, work: Callable[[], None], name: str) -> None:
        def run() -> None:
            try:
                work()
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

        with self._changed:
            self._busy += 1
        thread = threading.Thread(target=run, name=name, daemon=True)
        self.threads = [t for t in self.threads if t.is_alive()] + [thread]
        thread.start()

    def sleep(self, seconds: float) -> None:
        with self:
            self.wait_for(lambda: False, seconds)

    def wait_outside(self, event: threading.Event) -> None:
        """Wait for `event` in no time of ours: nobody waits for this thread."""
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()
        event.wait()
        with self._changed:
            self._busy += 1

    # --- as threading.Condition ----------------------------------------------

    def __enter__(self) -> "VirtualClock":
        self._changed.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._changed.__exit__(None, None, None)

    def notify_all(self) -> None:
        self._changed.notify_all()

    def wait_for(
        self, predicate: Callable[[], Any], timeout: float | None = None
    ) -> bool:
        due_s = math.inf if timeout is None else self._now_s + timeout
        key = object()
        self._waiting[key] = (predicate, due_s)
        self._busy -= 1
        while not (predicate() or self._now_s >= due_s):
            if self._busy == 0 and not self._is_anyone_ready():
                self._now_s = min(due for _, due in self._waiting.values())
                assert self._now_s < math.inf, "everybody waits for ever"
                self._changed.notify_all()
            else:
                assert self._changed.wait(30.0), "a thread is stuck outside the clock"
        del self._waiting[key]
        self._busy += 1
        return bool(predicate())

    def _is_anyone_ready(self) -> bool:
        return any(
            predicate() or self._now_s >= due_s
            for predicate, due_s in self._waiting.values()
        )
