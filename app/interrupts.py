"""What a process is told by signals: to end, and to save what it keeps."""

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


class SavingSignal:
    """How often it was asked to save.

    Attributes:
        count: since this began. Read it, and act elsewhere: a handler must not wait.
    """

    def __init__(self) -> None:
        self.count = 0


@contextmanager
def asked_to_save() -> Iterator[SavingSignal]:
    """Counts SIGUSR1; never, on a system without it and on any thread but the main."""
    saving = SavingSignal()
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not hasattr(signal, "SIGUSR1"):
        yield saving
        return

    def on_signal(_number: int, _frame: object) -> None:
        saving.count += 1

    before = signal.signal(signal.SIGUSR1, on_signal)
    try:
        yield saving
    finally:
        signal.signal(signal.SIGUSR1, before)
