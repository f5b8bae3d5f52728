"""A clock that jumps to the next moment as soon as every thread waits for it."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class _Waiter:
    predicate: Callable[[], Any]
    due_s: float
    bell: threading.Condition


class VirtualClock:
    """Time for `LiveSource` and what it reads; whoever waits, waits through it.

    The thread that makes it counts as one of its threads.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._now_s = 0.0
        self._busy = 1
        self._waiting: list[_Waiter] = []
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
                self._rest()

        with self._lock:
            self._busy += 1
        thread = threading.Thread(target=run, name=name, daemon=True)
        self.threads = [t for t in self.threads if t.is_alive()] + [thread]
        thread.start()

    def sleep(self, seconds: float) -> None:
        with self:
            self.wait_for(lambda: False, seconds)

    def wait_outside(self, event: threading.Event) -> None:
        """Wait for `event` in no time of ours: nobody waits for this thread."""
        self._rest()
        event.wait()
        with self._lock:
            self._busy += 1

    # --- as threading.Condition ----------------------------------------------

    def __enter__(self) -> "VirtualClock":
        self._lock.acquire()
        return self

    def __exit__(self, *exc: object) -> None:
        self._lock.release()

    def notify_all(self) -> None:
        for waiter in self._waiting:
            if self._is_ready(waiter):
                waiter.bell.notify()

    def wait_for(
        self, predicate: Callable[[], Any], timeout: float | None = None
    ) -> bool:
        due_s = math.inf if timeout is None else self._now_s + timeout
        waiter = _Waiter(predicate, due_s, threading.Condition(self._lock))
        self._waiting.append(waiter)
        self._rest()
        while not self._is_ready(waiter):
            before_s = self._now_s
            has_rung = waiter.bell.wait(30.0)
            # On a loaded machine an hour of ours may take a minute of its.
            is_alive = has_rung or self._now_s > before_s
            assert is_alive, "a thread is stuck outside the clock"
        self._waiting.remove(waiter)
        self._busy += 1
        return bool(predicate())

    def _rest(self) -> None:
        """One thread fewer is busy; after the last, time goes on."""
        with self._lock:
            self._busy -= 1
            if self._busy == 0 and not any(map(self._is_ready, self._waiting)):
                self._now_s = min((w.due_s for w in self._waiting), default=math.inf)
                assert self._now_s < math.inf, "everybody waits for ever"
                self.notify_all()

    def _is_ready(self, waiter: _Waiter) -> bool:
        return self._now_s >= waiter.due_s or bool(waiter.predicate())
