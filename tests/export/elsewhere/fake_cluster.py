"""A cluster of processes here, each of which can be killed wherever it touches a file.

A machine is a child process that does a job with the app's own parts. Python tells it
of every file that it opens, renames, copies or removes, and the job of every picture:
each is a touch, and before the n-th of them it kills itself, as a power cut would.
"""

import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from app.export.job import ExportJob, ExportResult

WAIT_S = 120
# What Python tells before it does it, with a path or two first.
_TOUCHES = (
    *("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"),
    *("os.link", "shutil.copyfile", "shutil.move"),
)
# Loaded once, by the process that all machines are copies of.
_PRELOADED = ["app.cli.export", "app.detection.onnx_detector", "app.export.run"]
_PRELOADED += ["app.media.sources.make", "app.media.recording.recorder", "fsspec"]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a machine ended.

    Attributes:
        result: what came of the job; None where it was killed.
        touched: what it touched until then, in words.
    """

    result: ExportResult | None
    touched: tuple[str, ...]


class FakeCluster:
    """Machines that share the folder `shared`.

    Attributes:
        scratch: of a machine; the next one is put up in the same place.
    """

    def __init__(self, shared: Path, scratch: Path) -> None:
        """Nothing runs yet; what machines have of their own is in `scratch`."""
        self._shared, self.scratch = shared, scratch
        scratch.mkdir()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)

    def do(self, job: ExportJob, *, dies_at: int | None = None) -> Ended:
        """One machine does `job`, or dies before its `dies_at`-th touch."""
        connection, process = self._start(job, dies_at)
        return _ended(connection, process)

    def do_all(
        self,
        jobs: Sequence[ExportJob],
        *,
        kills: Sequence[int],
        machines: int,
        order: random.Random,
    ) -> list[ExportResult]:
        """As a cluster does: some at a time, again where a machine died.

        No two machines are at work for the same file.

        Args:
            jobs: in any order.
            kills: after how many touches a machine dies; each kills one.
            machines: at a time.
            order: chooses which job is next, and whom the next kill meets.

        Returns:
            A result a job, in their order.
        """
        results: dict[int, ExportResult] = {}
        waiting, due = list(range(len(jobs))), list(kills)
        busy: dict[Connection, tuple[int, Any]] = {}
        while waiting or busy:
            under_way = {jobs[index].out for index, _ in busy.values()}
            free = [index for index in waiting if jobs[index].out not in under_way]
            while free and len(busy) < machines:
                index = order.choice(free)
                waiting.remove(index)
                free = [i for i in free if jobs[i].out != jobs[index].out]
                dies_at = due.pop() if due and order.random() < 0.7 else None
                connection, process = self._start(jobs[index], dies_at)
                busy[connection] = index, process
            ready = wait(list(busy), timeout=WAIT_S)
            assert ready, "a machine neither ends nor dies"
            for connection in [each for each in busy if each in ready]:
                index, process = busy.pop(connection)
                ended = _ended(connection, process)
                if ended.result is None:
                    waiting.append(index)
                else:
                    results[index] = ended.result
        return [results[index] for index in range(len(jobs))]

    def _start(self, job: ExportJob, dies_at: int | None) -> tuple[Connection, Any]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_machine,
            args=(theirs, job, dies_at, self._shared, self.scratch),
            daemon=True,
        )
        process.start()
        theirs.close()
        return ours, process


def _ended(connection: Connection, process: Any) -> Ended:  # noqa: ANN401 - any context's
    told: ExportResult | None = None
    touched: tuple[str, ...] = ()
    try:
        assert connection.poll(WAIT_S), "a machine neither ends nor dies"
        told, touched = connection.recv()
    except (EOFError, ConnectionResetError):
        pass
    process.join(WAIT_S)
    connection.close()
    assert process.exitcode == (0 if told else -signal.SIGKILL)
    return Ended(told, touched)


def _machine(
    connection: Connection,
    job: ExportJob,
    dies_at: int | None,
    shared: Path,
    scratch: Path,
) -> None:
    """Does `job`; what it touches in `shared` or in scratch is counted."""
    from app.cli.export import run_export_job
    from app.export.telling import caught

    tempfile.tempdir = str(scratch)
    roots = str(shared), str(scratch)
    touched: list[str] = []

    def touch(what: str) -> None:
        if len(touched) == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        touched.append(what)

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event in _TOUCHES and str(arguments[0]).startswith(roots):
            names = [str(a).rpartition("/")[2] for a in arguments[:2]]
            touch(f"{event} {' '.join(names)}")

    def copy_in_halves(source: str, target: str) -> None:
        data = Path(source).read_bytes()
        with Path(target).open("wb") as file:
            file.write(data[: len(data) // 2])
            file.flush()
            touch(f"half of {target}")
            file.write(data[len(data) // 2 :])

    shutil.copyfile = copy_in_halves  # type: ignore[assignment] # as fsspec calls it
    sys.addaudithook(hear)
    result = caught(
        run_export_job,
        job,
        False,
        lambda done, _total: touch(f"picture {done}"),
        lambda: False,
    )
    connection.send((result, tuple(touched)))
