"""One model in memory for all the detectors of a process that want the same one.

Eight cameras had eight copies of it, 130 MB each, and eight sets of threads. Shared,
its lanes are the only ones, and each picture takes the next that is free.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from app.detection.devices.machine import Machine
from app.detection.engines.engine import Answer, Engine
from app.detection.engines.session import Opened, Wish, open_engine
from app.detection.remote.client import address_of

_Key = tuple[Path, Wish]


class EnginePool:
    """Opens an engine for the first who asks, closes it behind the last.

    For any thread. Who opens the same file in the same way gets a seat: an `Engine`
    that is used by one thread at a time, as all are, while other seats are used by
    others. Law: a seat answers as an engine of its own does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards what follows; held while one is loaded
        self._shared: dict[_Key, _Shared] = {}

    def open(self, path: Path, wish: Wish, machine: Machine) -> Opened:
        """As `open_engine`; what runs elsewhere is its server's to share.

        Raises:
            ModelError: as there.
        """
        if address_of(path):
            return open_engine(path, wish, machine)
        key = path, replace(wish, throughput=True, patience=None, is_shared=True)
        with self._lock:
            if (shared := self._shared.get(key)) is None:
                shared = self._shared[key] = _Shared(open_engine(*key, machine))
            shared.seats += 1
        return shared.opened._replace(engine=_Seat(shared, partial(self._leave, key)))

    def _leave(self, key: _Key) -> None:
        with self._lock:
            shared = self._shared[key]
            shared.seats -= 1
            if not shared.seats:
                del self._shared[key]
                shared.opened.engine.close()


class _Shared:
    """An engine, and how many use it."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.turns = threading.Lock()
        self.seats = 0


class _Seat:
    """One detector's share of an engine; see `Engine`."""

    def __init__(self, shared: _Shared, leave: Callable[[], None]) -> None:
        engine = shared.opened.engine
        self._engine: Engine | None = engine
        self._turns, self._leave = shared.turns, leave
        self.facts, self.metadata = engine.facts, engine.metadata
        self.inputs, self.outputs = engine.inputs, engine.outputs
        self.fixed: Mapping[str, NDArray[Any]] = {}

    def run(self, images: NDArray[Any]) -> Answer:
        """See `Engine.run`."""
        if self.facts.depth > 1:
            return self.begin(images)()
        with self._turns:  # one lane, as on a GPU: one after the other
            answer = self._told().run(images)
            return tuple(array.copy() for array in answer)

    def begin(self, images: NDArray[Any]) -> Callable[[], Answer]:
        """See `Engine.begin`."""
        if self.facts.depth == 1:
            return partial(self.run, images)
        with self._turns:
            return self._told().begin(images)

    def _told(self) -> Engine:
        assert self._engine is not None, "closed"
        self._engine.fixed = self.fixed
        return self._engine

    def close(self) -> None:
        """Leave; the last one closes it."""
        engine, self._engine = self._engine, None
        if engine is not None:
            self._leave()
