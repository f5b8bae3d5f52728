"""What waits to be told: a thread and a bounded queue for each who is."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from app.alerts.alert import Alert, AlertError, AlertRefusedError, Teller

log = logging.getLogger(__name__)

# Each may have a picture of 6 MB; the oldest go.
MOST_WAITING = 16
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
MOST_TRIES = 10  # about six minutes


class Outbox:
    """Tells one after the other, beside the pictures; `post` never waits.

    Attributes:
        told: so many arrived.
        lost: so many never will: too many waited, they were refused, or nobody
            answered for too long.
    """

    def __init__(
        self,
        teller: Teller,
        *,
        say: Callable[[str], object],
        first_wait_s: float = FIRST_WAIT_S,
        most_tries: int = MOST_TRIES,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """Nothing is told yet.

        Args:
            teller: used and closed by a thread of its own.
            say: told once when it begins to fail, and once when it is over; on that
                thread.
            first_wait_s: before it is tried again; twice as long each time.
            most_tries: then that one is given up.
            most_waiting: of more, the oldest are given up.
        """
        self._teller = teller
        self._say = say
        self._first_wait_s = first_wait_s
        self._most_tries = most_tries
        self._most_waiting = most_waiting
        self._changed = threading.Condition()  # guards what follows
        self._waiting = deque[Alert]()
        self._is_busy = False
        self._is_closing = False
        self._is_failing = False
        self.told = self.lost = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"alerts {teller.name}", daemon=True
        )
        self._thread.start()

    @property
    def name(self) -> str:
        """Who is told."""
        return self._teller.name

    @property
    def waiting(self) -> int:
        """How many are not told yet."""
        with self._changed:
            return len(self._waiting) + self._is_busy

    def post(self, alert: Alert) -> None:
        """Tell it when it is its turn; from any thread, at once."""
        with self._changed:
            if self._is_closing:
                self.lost += 1
                return
            while len(self._waiting) >= self._most_waiting:
                self._waiting.popleft()
                self.lost += 1
            self._waiting.append(alert)
            self._changed.notify_all()

    def close(self, timeout_s: float = 2.0) -> None:
        """Tell what waits, but for no longer than that."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(timeout_s)
        self._ends.set()
        with self._changed:
            self.lost += len(self._waiting)
            self._waiting.clear()

    def _run(self) -> None:
        try:
            while (alert := self._next()) is not None:
                self._deliver(alert)
                with self._changed:
                    self._is_busy = False
        finally:
            self._teller.close()

    def _next(self) -> Alert | None:
        with self._changed:
            while not self._waiting:
                if self._is_closing:
                    return None
                self._changed.wait()
            self._is_busy = True
            return self._waiting.popleft()

    def _deliver(self, alert: Alert) -> None:
        wait_s = self._first_wait_s
        for number in range(1, self._most_tries + 1):
            try:
                self._teller.tell(alert)
            except AlertError as error:
                log.debug("%s: %s", self.name, error)
                self._fail(error)
                if isinstance(error, AlertRefusedError) or number == self._most_tries:
                    break
            except Exception as error:  # a bug, but no reason to tell nobody any more
                log.exception("%s failed", self.name)
                self._fail(
                    AlertError(f"{self.name} failed: {error}.", "Please report it.")
                )
                break
            else:
                with self._changed:
                    self.told += 1
                if self._is_failing:
                    self._is_failing = False
                    self._say(f"{self.name} is told again.")
                return
            if self._ends.wait(wait_s):
                break
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        with self._changed:
            self.lost += 1

    def _fail(self, error: AlertError) -> None:
        if not self._is_failing:
            self._is_failing = True
            self._say(str(error))
