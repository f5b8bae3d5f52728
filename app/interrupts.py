"""Ctrl+C and SIGTERM: the first asks to end, and what runs ends whole."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# One Ctrl+C may come twice, from the terminal and from a program in between (make,
# a shell); a person who means it twice is slower.
SAME_S = 0.5


class EndingSignal:
    """Which signal asked to end.

    Attributes:
        number: the first one's; None where there was none.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.at_s = 0.0

    @property
    def exit_code(self) -> int:
        """As shells tell it: 130 after Ctrl+C, 143 after SIGTERM."""
        return 128 + (self.number or signal.SIGINT)


@contextmanager
def asked_to_end(act: Callable[[], None]) -> Iterator[EndingSignal]:
    """The first Ctrl+C or SIGTERM calls `act`; a later one raises KeyboardInterrupt.

    Later is more than `SAME_S` after it. Does nothing on any thread but the main one,
    which alone hears signals.
    """
    ending = EndingSignal()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return

    def on_signal(number: int, _frame: object) -> None:
        now_s = time.monotonic()
        if ending.number is None:
            ending.number, ending.at_s = number, now_s
            act()
        elif now_s - ending.at_s > SAME_S:
            raise KeyboardInterrupt

    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(name, on_signal) for name in names]
    try:
        yield ending
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)
