"""Keeps a live input going: what falls silent is tried again until it is back."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from app.drawing.lettering import Lettering
from app.drawing.overlay import draw_card
from app.errors import SourceError
from app.media.sources.live_input import (
    BusyError,
    Clock,
    Connection,
    GoneError,
    InputEndedError,
    LiveInput,
    SystemClock,
)
from app.types import Frame, ImageBgr, VideoInfo

log = logging.getLogger(__name__)

# How often a silent source is looked after.
POLL_S = 0.05
# How often a gap is said again: so much of it a recording may lack at its end.
CARD_EVERY_S = 1.0
# Seconds from one failed try to the next; the last for ever.
RETRIES_S = (0.1, 0.25, 0.5, 1.0)
# So long a lost connection may take to let go of a device that only one can have.
RELEASE_S = 1.5
# So many pictures a camera may be late.
_LATE_PICTURES = 3
# A driver that says a picture is older than this has another clock than we.
_OLDEST_S = 2.0
# Connections that may hang in one interruption: each costs a thread.
MAX_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Patience:
    """When to give something up, in seconds.

    Attributes:
        open_s: the first opening; then it is an error.
        hedge_s: a later opening; then another is begun beside it.
        first_s: from opening to the first picture; then the connection is given up.
        stall_s: without a picture after others; likewise. Three pictures of a slow
            camera's may always take as long as they do.
        freeze_s: of one and the same picture, likewise; None: it may stand still.
        close_s: the wait for a connection to be let go of on `close`.
        is_exclusive: only one connection can be had: none is begun beside an open
            one, nor before a lost one has let go (for `RELEASE_S`).
    """

    open_s: float = 15.0
    hedge_s: float = 1.5
    first_s: float = 5.0
    stall_s: float = 1.5
    freeze_s: float | None = None
    close_s: float = 2.0
    is_exclusive: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class _Shot:
    connection: Connection
    image_bgr: ImageBgr
    captured_at_s: float
    index: int


class LiveSource:
    """The frames of a live input, newest first served; see `VideoSource`.

    Where it gets none, one that says so stands in (`Frame.gap`).

    Attributes:
        lettering: in which that says so; None: English.
    """

    is_live = True
    lettering: Lettering | None = None

    def __init__(
        self,
        connect: Callable[[], LiveInput],
        *,
        name: str,
        patience: Patience = Patience(),
        clock: Clock | None = None,
    ) -> None:
        """Remember; nothing is connected yet.

        Args:
            connect: makes a new, unopened input; called on that input's thread.
            name: for people.
            patience: when to give something up.
            clock: the system's.
        """
        self._connect = connect
        self._name = name
        self._patience = patience
        self._clock = clock or SystemClock()
        self._changed = self._clock.condition()  # guards what follows
        self._connections: list[Connection] = []
        self._left: list[Connection] = []
        self._shot: _Shot | None = None
        self._count = 0
        self._newest_s = 0.0
        self._is_stopped = False
        self._is_watched = True
        # The rest belongs to the thread that opens, reads and closes.
        self._current: Connection | None = None
        self._last: _Shot | None = None
        self._first_s: float | None = None
        self._size_wh = (0, 0)
        self._retry_at_s, self._retries = 0.0, 0
        self._lost_at_s, self._is_gone = 0.0, False
        self._reason = ""
        self._dimmed: ImageBgr | None = None

    def open(self) -> VideoInfo:
        """Connect.

        Raises:
            SourceError: it cannot be had, or does not answer.
        """
        first = self._begin()
        with self._changed:
            self._changed.wait_for(
                lambda: first.info or first.error or self._is_stopped,
                self._patience.open_s,
            )
        if first.info is None:
            self.close()
            if isinstance(first.error, SourceError):
                raise first.error
            raise SourceError(
                _sentence(first.error, self._name)
                if first.error
                else f"{self._name} does not answer.",
                "Check it, or open another camera, address or file.",
            ) from first.error
        self._current = first
        # A driver may not know its size before the first picture.
        self._size_wh = (
            first.info.size_wh if min(first.info.size_wh) > 0 else (640, 360)
        )
        return first.info

    def frames(self) -> Iterator[Frame]:
        """Frames as they come, the newest where several did."""
        told, told_s = "", 0.0
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._shot is not None or self._is_stopped, POLL_S
                )
                shot, self._shot = self._shot, None
                if self._is_stopped or (shot is None and self._has_ended()):
                    return
            now_s = self._clock.now()
            if shot is not None and self._is_good(shot):
                told = ""
                yield self._frame(shot)
                continue
            reason = self._look_after(now_s)
            if reason and (reason != told or now_s - told_s >= CARD_EVERY_S):
                told, told_s = reason, now_s
                yield self._card(reason, now_s)

    def stop(self) -> None:
        """End `open` and `frames` at once; from any thread."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def watch(self, is_watched: bool) -> None:
        """Whether anybody looks; if not, pictures pass as cheaply as they can."""
        self._is_watched = is_watched

    def close(self) -> None:
        """Let go of every connection; one that hangs is left to itself."""
        with self._changed:
            connections, self._connections = self._connections, []
            for connection in connections:
                connection.is_given_up = True
            self._changed.wait_for(
                lambda: all(connection.is_over for connection in connections),
                self._patience.close_s,
            )
            left = [c for c in self._left + connections if not c.is_over]
            self._left = []
        if left:
            log.warning(
                "%s: %d connections hang and are left behind", self._name, len(left)
            )

    # --- on the thread that opens, reads and closes us -----------------------

    def _begin(self) -> Connection:
        connection = Connection(
            self._connect,
            clock=self._clock,
            changed=self._changed,
            hand_over=self._take_over,
            is_watched=lambda: self._is_watched,
        )
        with self._changed:
            self._connections.append(connection)
        connection.start(f"read {self._name}")
        return connection

    def _take_over(
        self, connection: Connection, image_bgr: ImageBgr, captured_at_s: float | None
    ) -> None:
        """Called on its thread, with the lock held."""
        now_s = self._clock.now()
        if captured_at_s is None or not now_s - _OLDEST_S <= captured_at_s <= now_s:
            captured_at_s = now_s
        self._newest_s = max(self._newest_s, captured_at_s)
        self._shot = _Shot(connection, image_bgr, self._newest_s, self._count)
        self._count += 1

    def _has_ended(self) -> bool:
        current = self._current
        return current is not None and isinstance(current.error, InputEndedError)

    def _frame(self, shot: _Shot) -> Frame:
        if shot.connection is not self._current:
            self._settle_on(shot.connection)
        self._last, self._dimmed = shot, None
        self._retries, self._reason = 0, ""
        if self._first_s is None:
            self._first_s = shot.captured_at_s
        return Frame(
            shot.image_bgr,
            shot.index,
            shot.captured_at_s - self._first_s,
            shot.captured_at_s,
        )

    def _settle_on(self, connection: Connection) -> None:
        """The first of several to be back wins."""
        with self._changed:
            others = [c for c in self._connections if c is not connection]
            for other in others:
                other.is_given_up = True
            # What still hangs will not keep the next interruption from trying.
            self._left = [c for c in self._left + others if not c.is_over]
            self._connections = [connection]
        self._current = connection

    def _is_good(self, shot: _Shot) -> bool:
        if shot.connection.is_given_up:  # came too late
            return False
        freeze_s = self._patience.freeze_s
        if freeze_s is not None:
            freeze_s = max(freeze_s, _late_s(shot.connection))
        still_s = shot.connection.still.seconds(shot.image_bgr, shot.captured_at_s)
        if freeze_s is None or still_s < freeze_s:
            return True
        self._lose(shot.connection, f"{self._name} repeats one picture.")
        return False

    def _look_after(self, now_s: float) -> str:
        """What is wrong, if anything; tries again where it is time to."""
        current = self._current
        if current is not None and current.error is not None:
            self._lose(current, _sentence(current.error, self._name))
        for connection in self._promising():
            heard_s = connection.heard_s
            if heard_s is not None and now_s - heard_s >= self._silence_s(connection):
                self._lose(connection, f"{self._name} gives no pictures.")
        if self._current is not None:
            return ""
        with self._changed:
            failed = [c for c in self._connections if c.error and not c.is_given_up]
        for connection in failed:
            self._lose(connection, self._told(connection))
            pause_s = RETRIES_S[min(self._retries, len(RETRIES_S) - 1)]
            self._retries += 1
            self._retry_at_s = now_s + pause_s
        self._try_again(now_s)
        return self._reason

    def _silence_s(self, connection: Connection) -> float:
        """How long it may give no picture."""
        patience = self._patience
        limit_s = patience.stall_s
        if not connection.has_given:
            limit_s = max(limit_s, patience.first_s)
        return max(limit_s, _late_s(connection))

    def _told(self, failed: Connection) -> str:
        """Why it failed; what was told already where it only says the same again."""
        error = failed.error
        assert error is not None
        # Who has the device is ourselves: a lost connection that hangs, or one that
        # is just being opened.
        is_ours = isinstance(error, BusyError) and bool(self._unfinished())
        is_again = isinstance(error, GoneError) and self._is_gone
        if self._reason and (is_ours or is_again):
            return self._reason
        return _sentence(error, self._name)

    def _unfinished(self) -> list[Connection]:
        """Those that may have the device."""
        with self._changed:
            return [
                c
                for c in self._left + self._connections
                if not c.is_over and c.error is None
            ]

    def _must_wait(self, promising: list[Connection], now_s: float) -> bool:
        if not self._patience.is_exclusive:
            return False
        if any(connection.info for connection in promising):
            return True
        is_lost = any(c.is_given_up and c.info for c in self._unfinished())
        return is_lost and now_s - self._lost_at_s < RELEASE_S

    def _try_again(self, now_s: float) -> None:
        with self._changed:
            self._connections = [c for c in self._connections if not c.is_over]
            count = len(self._connections)
        promising = self._promising()
        # Beside one that is slow to open, too, no more often than without it.
        is_time = now_s >= self._retry_at_s and (
            not promising or now_s - promising[-1].started_s >= self._patience.hedge_s
        )
        if self._must_wait(promising, now_s):
            return
        if is_time and count < MAX_CONNECTIONS:
            self._begin()

    def _promising(self) -> list[Connection]:
        with self._changed:
            return [c for c in self._connections if c.is_promising]

    def _lose(self, connection: Connection, reason: str) -> None:
        if reason != self._reason:
            error = connection.error
            is_bug = error is not None and not isinstance(error, SourceError)
            # Whoever takes the frames says it; a terminal need not show it twice.
            if is_bug:
                log.warning("%s", reason, exc_info=error)
            else:
                log.info("%s", reason)
        self._reason = reason
        self._is_gone = isinstance(connection.error, GoneError)
        with self._changed:
            connection.is_given_up = True
        if connection.info is not None:
            self._lost_at_s = self._clock.now()
        if connection is self._current:
            self._current = None
            self._retry_at_s, self._retries = 0.0, 0

    def _card(self, reason: str, now_s: float) -> Frame:
        """The last picture, marked as such; black before the first."""
        last = self._last
        if last is None or self._first_s is None:
            width, height = self._size_wh
            return Frame(np.zeros((height, width, 3), np.uint8), 0, 0.0, now_s, reason)
        if self._dimmed is None:
            since_s = time.time() - (now_s - last.captured_at_s)
            since = time.strftime("%H:%M:%S", time.localtime(since_s))
            self._dimmed = draw_card(last.image_bgr, since, lettering=self.lettering)
        return Frame(self._dimmed, last.index, now_s - self._first_s, now_s, reason)


def _late_s(connection: Connection) -> float:
    """How long some pictures of its nominal rate take; 0 where it has none."""
    fps = connection.info.fps if connection.info is not None else None
    return _LATE_PICTURES / float(fps) if fps else 0.0


def _sentence(error: Exception, name: str) -> str:
    if isinstance(error, SourceError):
        return error.problem
    return f"{name} failed: {error}."
