"""Keeps a live input going: what falls silent is tried again until it is back.

A driver or a network may block for ever in any call, so each connection has a
thread of its own that can be left behind; the next one gets a new connection.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import cv2
import numpy as np

from app.errors import SourceError
from app.overlay import draw_card
from app.types import Frame, ImageBgr, VideoInfo

log = logging.getLogger(__name__)

# How often a silent source is looked after.
POLL_S = 0.05
# Seconds from one failed try to the next; the last for ever.
RETRIES_S = (0.1, 0.25, 0.5, 1.0)
# Connections that may hang in one interruption: each costs a thread.
MAX_CONNECTIONS = 4


class InputEndedError(Exception):
    """The input was no live one after all, and this was its end."""


class LiveInput(Protocol):
    """One connection; used by one thread, once, and closed whatever happens."""

    def open(self) -> VideoInfo:
        """Connect; may block for long.

        Raises:
            SourceError: it cannot be had just now.
        """
        ...

    def read(self) -> ImageBgr | None:
        """Wait for the next picture; None where this one was lost.

        Raises:
            SourceError: there will be no more.
            InputEndedError: nor should there be.
        """
        ...

    def close(self) -> None:
        """Let go; also after a failed `open`."""
        ...


class Clock(Protocol):
    """Time and threads; a test brings its own."""

    def now(self) -> float:
        """Seconds that never fall."""
        ...

    def condition(self) -> Any:  # noqa: ANN401 - threading.Condition, or a twin
        """For a state that several threads share."""
        ...

    def start(self, work: Callable[[], None], name: str) -> None:
        """Run `work` on a thread that nobody waits for."""
        ...


class SystemClock:
    """`time.monotonic` and daemon threads."""

    def now(self) -> float:
        """See `Clock`."""
        return time.monotonic()

    def condition(self) -> threading.Condition:
        """See `Clock`."""
        return threading.Condition()

    def start(self, work: Callable[[], None], name: str) -> None:
        """See `Clock`."""
        threading.Thread(target=work, name=name, daemon=True).start()


@dataclass(frozen=True, slots=True)
class Patience:
    """When to give something up, in seconds.

    Attributes:
        open_s: the first opening; then it is an error.
        hedge_s: a later opening; then another is begun beside it.
        stall_s: without a picture; then the connection is given up.
        freeze_s: of one and the same picture, likewise; None: it may stand still.
        close_s: the wait for a connection to be let go of on `close`.
    """

    open_s: float = 15.0
    hedge_s: float = 1.5
    stall_s: float = 1.5
    freeze_s: float | None = None
    close_s: float = 2.0


@dataclass(eq=False, slots=True)
class _Connection:
    """What its thread and the source know of it; guarded by the source's lock."""

    started_s: float
    opened_s: float | None = None
    info: VideoInfo | None = None
    error: Exception | None = None
    is_given_up: bool = False
    is_over: bool = False
    still: "_Still" = field(default_factory=lambda: _Still())

    @property
    def is_promising(self) -> bool:
        return not (self.is_given_up or self.is_over or self.error)


@dataclass(frozen=True, eq=False, slots=True)
class _Shot:
    connection: _Connection
    image_bgr: ImageBgr
    captured_at_s: float
    index: int


class LiveSource:
    """The frames of a live input, newest first served; see `VideoSource`.

    Where it gets none, one that says so stands in (`Frame.gap`).
    """

    is_live = True

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
        self._connections: list[_Connection] = []
        self._left: list[_Connection] = []
        self._shot: _Shot | None = None
        self._count = 0
        self._is_stopped = False
        # The rest belongs to the thread that opens, reads and closes.
        self._current: _Connection | None = None
        self._last: _Shot | None = None
        self._first_s: float | None = None
        self._size_wh = (0, 0)
        self._heard_s = self._retry_at_s = 0.0
        self._retries = 0
        self._reason = ""

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
            raise first.error or SourceError(
                f"{self._name} does not answer.",
                "Check it, or open another camera, address or file.",
            )
        self._current, self._heard_s = first, self._clock.now()
        # A driver may not know its size before the first picture.
        self._size_wh = (
            first.info.size_wh if min(first.info.size_wh) > 0 else (640, 360)
        )
        return first.info

    def frames(self) -> Iterator[Frame]:
        """Frames as they come, the newest where several did."""
        told = ""
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._shot is not None or self._is_stopped, POLL_S
                )
                if self._is_stopped:
                    return
                shot, self._shot = self._shot, None
            now_s = self._clock.now()
            if shot is not None and not self._is_frozen(shot):
                told = ""
                yield self._frame(shot)
                continue
            if self._current is not None and isinstance(
                self._current.error, InputEndedError
            ):
                return
            reason = self._look_after(now_s)
            if reason != told:
                told = reason
                yield self._card(reason, now_s)

    def stop(self) -> None:
        """End `open` and `frames` at once; from any thread."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def close(self) -> None:
        """Let go of every connection; one that hangs is left to itself."""
        with self._changed:
            for connection in self._connections:
                connection.is_given_up = True
            self._changed.wait_for(
                lambda: all(connection.is_over for connection in self._connections),
                self._patience.close_s,
            )
            left = [c for c in self._left + self._connections if not c.is_over]
        if left:
            log.warning(
                "%s: %d connections hang and are left behind", self._name, len(left)
            )

    # --- on the thread of each connection ------------------------------------

    def _begin(self) -> _Connection:
        connection = _Connection(self._clock.now())
        with self._changed:
            self._connections.append(connection)
        self._clock.start(lambda: self._run(connection), f"read {self._name}")
        return connection

    def _run(self, connection: _Connection) -> None:
        live_input: LiveInput | None = None
        try:
            live_input = self._connect()
            info = live_input.open()
            with self._changed:
                connection.opened_s, connection.info = self._clock.now(), info
                self._changed.notify_all()
            while not connection.is_given_up:
                image_bgr = live_input.read()
                if image_bgr is not None:
                    self._hand_over(connection, _bgr(image_bgr))
        except Exception as error:  # noqa: BLE001 - told by `frames`, or by `open`
            with self._changed:
                connection.error = error
                self._changed.notify_all()
        finally:
            if live_input is not None:
                with suppress(Exception):  # of no use to anyone any more
                    live_input.close()
            with self._changed:
                connection.is_over = True
                self._changed.notify_all()

    def _hand_over(self, connection: _Connection, image_bgr: ImageBgr | None) -> None:
        if image_bgr is None:
            return
        now_s = self._clock.now()
        with self._changed:
            if not connection.is_given_up:
                self._shot = _Shot(connection, image_bgr, now_s, self._count)
                self._count += 1
                self._changed.notify_all()

    # --- on the thread that reads us -----------------------------------------

    def _frame(self, shot: _Shot) -> Frame:
        if shot.connection is not self._current:  # the first of several to be back
            with self._changed:
                for other in self._connections:
                    other.is_given_up = other is not shot.connection
                # What still hangs will not keep the next interruption from trying.
                left = self._left + [c for c in self._connections if c.is_given_up]
                self._left = [c for c in left if not c.is_over]
                self._connections = [shot.connection]
        self._current, self._last = shot.connection, shot
        self._heard_s, self._retries = shot.captured_at_s, 0
        if self._first_s is None:
            self._first_s = shot.captured_at_s
        return Frame(
            shot.image_bgr,
            shot.index,
            shot.captured_at_s - self._first_s,
            shot.captured_at_s,
        )

    def _is_frozen(self, shot: _Shot) -> bool:
        freeze_s = self._patience.freeze_s
        still_s = shot.connection.still.seconds(shot.image_bgr, shot.captured_at_s)
        if freeze_s is None or still_s < freeze_s:
            return False
        self._lose(shot.connection, f"{self._name} repeats one picture.")
        return True

    def _look_after(self, now_s: float) -> str:
        """What is wrong, if anything; tries again where it is time to."""
        current = self._current
        if current is not None:
            if current.error is not None:
                self._lose(current, _sentence(current.error, self._name))
            elif now_s - self._heard_s >= self._patience.stall_s:
                self._lose(current, f"{self._name} gives no pictures at the moment.")
            else:
                return ""
        for connection in self._promising():
            if (
                connection.opened_s is not None
                and now_s - connection.opened_s >= self._patience.stall_s
            ):
                self._lose(connection, f"{self._name} gives no pictures.")
        with self._changed:
            failed = [c for c in self._connections if c.error and not c.is_given_up]
        for connection in failed:
            assert connection.error is not None
            self._lose(connection, _sentence(connection.error, self._name))
            pause_s = RETRIES_S[min(self._retries, len(RETRIES_S) - 1)]
            self._retries += 1
            self._retry_at_s = now_s + pause_s
        self._try_again(now_s)
        return self._reason

    def _try_again(self, now_s: float) -> None:
        with self._changed:
            self._connections = [c for c in self._connections if not c.is_over]
            count = len(self._connections)
        promising = self._promising()
        is_time = (
            now_s - promising[-1].started_s >= self._patience.hedge_s
            if promising
            else now_s >= self._retry_at_s
        )
        if is_time and count < MAX_CONNECTIONS:
            self._begin()

    def _promising(self) -> list[_Connection]:
        with self._changed:
            return [c for c in self._connections if c.is_promising]

    def _lose(self, connection: _Connection, reason: str) -> None:
        if reason != self._reason:
            error = connection.error
            is_bug = error is not None and not isinstance(error, SourceError)
            log.warning("%s", reason, exc_info=error if is_bug else None)
        self._reason = reason
        with self._changed:
            connection.is_given_up = True
        if connection is self._current:
            self._current = None
            self._retry_at_s, self._retries = 0.0, 0

    def _card(self, reason: str, now_s: float) -> Frame:
        """The last picture, marked as such; black before the first."""
        last = self._last
        if last is None or self._first_s is None:
            width, height = self._size_wh
            return Frame(np.zeros((height, width, 3), np.uint8), 0, 0.0, now_s, reason)
        text = f"No picture since {time.strftime('%H:%M:%S')}"
        image_bgr = draw_card(last.image_bgr, text)
        return Frame(image_bgr, last.index, now_s - self._first_s, now_s, reason)


class _Still:
    """For how long a picture has not changed by a single bit.

    A sensor's noise changes every picture; a driver that hangs repeats its last
    one. A lens that is covered, or a picture that never changed since the
    connection was made (a virtual camera's logo), is no sign of that.
    """

    def __init__(self) -> None:
        self._last: ImageBgr | None = None
        self._since_s = 0.0
        self._has_changed = False

    def seconds(self, image_bgr: ImageBgr, now_s: float) -> float:
        step = max(1, min(image_bgr.shape[:2]) // 32)
        sample = image_bgr[::step, ::step]
        if self._last is None or not np.array_equal(sample, self._last):
            self._has_changed = self._last is not None
            # A copy: a view would keep the whole picture.
            self._last, self._since_s = sample.copy(), now_s
        is_plain = bool(np.ptp(sample) < 16)
        return 0.0 if is_plain or not self._has_changed else now_s - self._since_s


def _bgr(image: Any) -> ImageBgr | None:  # noqa: ANN401 - a driver gives what it likes
    """As (H, W, 3) uint8; None where it is no picture."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or not image.size:
        return None
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    return image if image.ndim == 3 and image.shape[2] == 3 else None


def _sentence(error: Exception, name: str) -> str:
    if isinstance(error, SourceError):
        return error.problem
    return f"{name} failed: {error}."
