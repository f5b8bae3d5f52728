"""A test that leaves a thread or a timer behind fails by itself, and names it."""

import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

SETTLE_S = 3.0  # what was asked to end may take so long


@contextmanager
def no_thread_stays() -> Iterator[None]:
    """Fails where a thread that began inside still runs a while after."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + SETTLE_S
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, deadline - time.monotonic()))
    left = [t.name for t in threading.enumerate() if t not in before]
    if left:
        pytest.fail(f"threads are left running: {', '.join(sorted(left))}")


class Started:
    """What was started of a class of Qt's, and where."""

    def __init__(self, kind: type[Any], is_running: Callable[[Any], bool]) -> None:
        self._kind = kind
        self._is_running = is_running
        self._places: dict[int, tuple[Any, str]] = {}

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Remember each `start` from now on."""
        start = self._kind.start

        def spy(this: Any, *args: Any) -> None:  # noqa: ANN401 - as Qt's
            caller = traceback.extract_stack(limit=2)[0]
            self._places[id(this)] = this, f"{caller.filename}:{caller.lineno}"
            # A signal's values, for which `start` has no use, are left out, as Qt does.
            start(this, *(value for value in args if type(value) is int))

        monkeypatch.setattr(self._kind, "start", spy)

    def left(self) -> list[str]:
        """Where each was started that still runs, by its class."""
        from shiboken6 import isValid

        return [
            f"{type(one).__name__} of {place}"
            for one, place in self._places.values()
            if isValid(one) and self._is_running(one)
        ]


@contextmanager
def nothing_of_qt_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails where a QTimer or a QThread that was started inside still runs after.

    The timers of a widget go with it, so whoever shows one hands it to `qtbot`.
    """
    from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer

    timers = Started(QTimer, lambda timer: timer.isActive())
    threads = Started(QThread, lambda thread: thread.isRunning())
    with monkeypatch.context() as patch:
        timers.watch(patch)
        threads.watch(patch)
        yield
    if (app := QCoreApplication.instance()) is not None:
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = timers.left() + threads.left()
    if left:
        pytest.fail(f"left running: {', '.join(left)}")
