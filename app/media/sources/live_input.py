"""One connection to something live: what it must do, and the thread it lives on.

A driver or a network may block for ever in any call, so each connection has a
thread of its own that can be left behind.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, runtime_checkable

import cv2
import numpy as np

from app.errors import SourceError
from app.media.sources.still import Still
from app.types import ImageBgr, VideoInfo


class InputEndedError(Exception):
    """The input was no live one after all, and this was its end."""


class GoneError(SourceError):
    """It is not plugged in (any more)."""


class BusyError(SourceError):
    """Another connection has it, maybe one of ours."""


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


@runtime_checkable
class Skips(Protocol):
    """What an input can besides, if a picture nobody looks at costs it less."""

    def skip(self) -> bool:
        """As `read`, but let it pass; False where it was lost."""
        ...


@runtime_checkable
class Timed(Protocol):
    """What an input can besides, if its driver says when a picture was taken."""

    @property
    def captured_at_s(self) -> float | None:
        """Of the picture read last, as `time.monotonic`; None: it does not say."""
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


class Connection:
    """A try to get pictures, on a thread of its own that `start` begins.

    Attributes:
        info: what `open` said; None until then.
        heard_s: when it last gave a picture; before the first, when it opened.
        has_given: whether there was a picture.
        error: what ended it, if anything did.
        is_given_up: nobody wants it any more: it ends when its input lets it.
        is_over: its thread is done, and the input closed.
        still: whether its pictures move; its reader's own.
    """

    def __init__(
        self,
        connect: Callable[[], LiveInput],
        *,
        clock: Clock,
        changed: Any,  # noqa: ANN401 - as Clock.condition
        hand_over: Callable[["Connection", ImageBgr, float | None], None],
        is_watched: Callable[[], bool],
    ) -> None:
        """Remember; nothing is connected yet.

        Args:
            connect: makes a new, unopened input; called on this one's thread.
            clock: of its owner.
            changed: its owner's lock, which guards the attributes.
            hand_over: takes a picture and when it was taken, if that is known;
                called with the lock held, and only as long as it is not given up.
            is_watched: whether anybody looks at more than the first picture.
        """
        self._connect = connect
        self._clock = clock
        self._changed = changed
        self._hand_over = hand_over
        self._is_watched = is_watched
        self.started_s = clock.now()
        self.info: VideoInfo | None = None
        self.heard_s: float | None = None
        self.has_given = False
        self.error: Exception | None = None
        self.is_given_up = False
        self.is_over = False
        self.still = Still()

    @property
    def is_promising(self) -> bool:
        """Whether it may still, or again, give pictures."""
        return not (self.is_given_up or self.is_over or self.error)

    def start(self, name: str) -> None:
        """Connect and read, on a thread of that name."""
        self._clock.start(self._run, name)

    def _run(self) -> None:
        live_input: LiveInput | None = None
        try:
            live_input = self._connect()
            info = live_input.open()
            with self._changed:
                self.heard_s, self.info = self._clock.now(), info
                self._changed.notify_all()
            self._offer_all(live_input)
        except Exception as error:  # noqa: BLE001 - told by the source
            with self._changed:
                self.error = error
                self._changed.notify_all()
        finally:
            if live_input is not None:
                with suppress(Exception):  # of no use to anyone any more
                    live_input.close()
            with self._changed:
                self.is_over = True
                self._changed.notify_all()

    def _offer_all(self, live_input: LiveInput) -> None:
        skips = live_input if isinstance(live_input, Skips) else None
        timed = live_input if isinstance(live_input, Timed) else None
        has_given = False
        while not self.is_given_up:
            if skips is None or not has_given or self._is_watched():
                # In no variable: a read that hangs would keep the picture before it.
                has_given |= self._offer(_bgr(live_input.read()), timed)
            elif skips.skip():
                self.heard_s = self._clock.now()

    def _offer(self, image_bgr: ImageBgr | None, timed: Timed | None) -> bool:
        if image_bgr is None:
            return False
        with self._changed:
            if not self.is_given_up:
                self.heard_s, self.has_given = self._clock.now(), True
                captured_at_s = timed.captured_at_s if timed is not None else None
                self._hand_over(self, image_bgr, captured_at_s)
                self._changed.notify_all()
        return True


def _bgr(image: Any) -> ImageBgr | None:  # noqa: ANN401 - a driver gives what it likes
    """As (H, W, 3) uint8; None where it is no picture."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or not image.size:
        return None
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    return image if image.ndim == 3 and image.shape[2] == 3 else None
