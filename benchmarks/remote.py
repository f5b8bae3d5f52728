"""The same model in this process and behind `main.py serve` on loopback, by turns."""

import threading
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from app.detection.devices.machine import Machine
from app.detection.engines.session import Wish, open_engine
from app.detection.remote.client import LANES, RemoteEngine
from app.detection.remote.server import ModelServer
from benchmarks.context import Context
from benchmarks.kit import as_data, digits, figures, take_turns, times_as_fast
from benchmarks.machine import core_count
from benchmarks.report import Section, Table, Target
from benchmarks.worker import Worker

LOCAL, REMOTE = "here", "on loopback"
OVERLAPPED = f"on loopback, {LANES} on the way"
TEXT = (
    "One picture, 300 x 300: 270 KB there and 180 KB back. Server and client are a "
    "process each and share the cores; *core ms* is the client's part alone. What a "
    "network adds to that is its own."
)


def run(context: Context) -> Section:
    """Both in turns."""
    section = Section("remote", "A model elsewhere, beside one here", TEXT)
    with ExitStack() as stack:
        server = stack.enter_context(Worker("benchmarks.remote:Serving", context.int8))
        address = server.ask("address")
        workers = {
            LOCAL: Worker("benchmarks.peers:App", context.int8),
            REMOTE: Worker("benchmarks.remote:Asking", address, 1),
            OVERLAPPED: Worker("benchmarks.remote:Asking", address, LANES),
        }
        for worker in workers.values():
            stack.enter_context(worker)
        samples = take_turns(
            {name: worker.turn for name, worker in workers.items()},
            budget_s=context.seconds(15),
        )
        section.notes.append(f"It runs on {workers[REMOTE].ask('provider')}.")
    rows = []
    for name, rounds in samples.items():
        pictures = LANES if name == OVERLAPPED else 1
        each = figures(rounds)
        rows.append(
            (
                name,
                digits(each.median_ms / pictures),
                f"{digits(each.low_ms / pictures)}-{digits(each.high_ms / pictures)}",
                f"{pictures * times_as_fast(rounds, samples[LOCAL]):.2f}x",
                digits(each.core_ms / pictures),
            )
        )
    section.tables.append(
        Table(("", "ms a picture", "middle half", "speed", "core ms"), rows)
    )
    one, many = (
        times_as_fast(samples[n], samples[LOCAL]) for n in (REMOTE, OVERLAPPED)
    )
    section.targets.append(
        Target(
            "A model on loopback, beside the one here",
            f"{one:.2f} times as fast, {LANES * many:.2f} times with {LANES} pictures "
            "on the way",
            None,
            "no limit was set",
        )
    )
    section.data = {"times": as_data(samples)}
    return section


class Serving:
    """A server on a thread of its own, as long as its process."""

    def __init__(self, model: Path) -> None:
        engine = open_engine(model, Wish(threads=core_count()), Machine()).engine
        self._server = ModelServer(engine, "model", host="127.0.0.1", port=0)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __call__(self) -> None:
        """Nothing to time."""

    def address(self) -> str:
        """Of the model."""
        return self._server.address


class Asking:
    """Asks a server for `count` pictures, on the way at the same time."""

    def __init__(self, address: str, count: int) -> None:
        self._engine = RemoteEngine(address, lanes=count)
        self._count = count
        rng = np.random.default_rng(0)
        self._picture = rng.integers(0, 256, (1, 300, 300, 3), np.uint8)

    def __call__(self) -> None:
        """All of them, answered."""
        for answer in [self._engine.begin(self._picture) for _ in range(self._count)]:
            answer()

    def provider(self) -> str:
        """What runs it, as the server says."""
        return self._engine.facts.provider
