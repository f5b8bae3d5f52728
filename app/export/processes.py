"""Many jobs, some at a time, in this process or in several."""

import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext
from typing import Any

from tqdm import tqdm

from app.export.job import ExportJob, ExportResult, Worker
from app.export.telling import Counts, Lines, caught, sentence

# Windows waits for no more at once.
MOST_ON_WINDOWS = 60
# A message a frame would be more work than some frames.
TELL_EVERY = 10
_LOOK_EVERY_S = 0.1


def export_all(
    jobs: Sequence[ExportJob],
    worker: Worker,
    *,
    processes: int,
    overwrite: bool,
    say: Callable[[str], None],
    is_cancelled: Callable[[], bool] = lambda: False,
    lines: Lines | None = None,
) -> list[ExportResult]:
    """Do all jobs, some at a time; one that fails does not end the others.

    Nor does one whose process dies, of a decoder's fault or for want of memory.
    Cancelled, each ends with a part that plays; an exception, such as Ctrl+C's, gives
    up.

    Args:
        jobs: see `plan`.
        worker: does one.
        processes: how many at a time; a single job stays in this process.
        overwrite: do those again that are done.
        say: prints one line.
        is_cancelled: asked all the time.
        lines: told of progress and results, too.

    Returns:
        A result a job, in their order.
    """
    results: dict[int, ExportResult] = {}
    with tqdm(unit=" frames", disable=None, file=sys.stderr) as bar:
        counts = Counts(len(jobs), bar)

        def show(index: int, done: int, total: int) -> None:
            counts.show(index, done, total)
            if lines is not None:
                lines.show(index, done, total)

        def finish(index: int, result: ExportResult) -> None:
            results[index] = result
            counts.end(index, result)
            if lines is not None:
                lines.end(index, result)
            bar.set_postfix_str(f"{len(results)} of {len(jobs)} videos", refresh=False)
            bar.clear()
            say(sentence(jobs[index], result))

        if len(jobs) == 1:
            alone = partial(show, 0)
            finish(0, caught(worker, jobs[0], overwrite, alone, is_cancelled))
        else:
            _in_processes(
                jobs,
                lambda: _Lane(worker, overwrite),
                min(processes, most_processes(sys.platform)),
                is_cancelled,
                show,
                finish,
            )
    return [results[index] for index in range(len(jobs))]


def most_processes(platform: str) -> int:
    """How many can be waited for at once."""
    return MOST_ON_WINDOWS if platform == "win32" else 10**6


def _in_processes(
    jobs: Sequence[ExportJob],
    open_lane: Callable[[], "_Lane"],
    count: int,
    is_cancelled: Callable[[], bool],
    show: Callable[[int, int, int], None],
    finish: Callable[[int, ExportResult], None],
) -> None:
    waiting = list(enumerate(jobs))[::-1]
    idle: list[_Lane] = []
    busy: dict[Any, _Lane] = {}
    try:
        while waiting or busy:
            while waiting and is_cancelled():
                finish(waiting.pop()[0], ExportResult("", "cancelled"))
            while waiting and len(busy) < count:
                lane = idle.pop() if idle else open_lane()
                lane.begin(*waiting.pop())
                busy[lane.connection] = lane
            if is_cancelled():
                for lane in busy.values():
                    lane.cancel()
            for connection in wait(list(busy), timeout=_LOOK_EVERY_S):
                lane = busy[connection]
                told = lane.receive()
                if isinstance(told, tuple):
                    show(lane.index, *told)
                    continue
                del busy[connection]
                finish(lane.index, told)
                if lane.is_alive:
                    idle.append(lane)
    finally:
        for lane in (*idle, *busy.values()):
            lane.close()


class _Lane:
    """A process that does one job after another, and a line to it.

    Nothing is shared with the other lanes, so a process that dies, whatever it was
    just doing, takes nothing along but its job.
    """

    def __init__(self, worker: Worker, overwrite: bool) -> None:
        context: SpawnContext = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(theirs, worker, overwrite), daemon=True
        )
        self._process.start()
        theirs.close()  # so that its end is heard
        self._is_cancelled = False
        self.index = -1
        self.is_alive = True

    def begin(self, index: int, job: ExportJob) -> None:
        self.index = index
        with suppress(OSError):  # it died since; `receive` says so
            self.connection.send(job)

    def cancel(self) -> None:
        if not self._is_cancelled:
            self._is_cancelled = True
            with suppress(OSError):
                self.connection.send(None)

    def receive(self) -> tuple[int, int] | ExportResult:
        """How many frames of how many are done, or how it ended."""
        try:
            told: tuple[int, int] | ExportResult = self.connection.recv()
            return told
        except (EOFError, OSError):
            self.is_alive = False
            self.connection.close()
            self._process.join()
            code = self._process.exitcode
            return ExportResult("", "failed", message=_death(code))

    def close(self) -> None:
        """End the process; one at work is killed, and leaves what a kill leaves."""
        self.connection.close()
        self._process.kill()
        self._process.join()


def _death(code: int | None) -> str:
    how = f"exit code {code}"
    if code is not None and code < 0:
        try:
            how = signal.Signals(-code).name
        except ValueError:
            how = f"signal {-code}"
    return (
        f"its process ended by itself ({how}). "
        "Is there enough memory? Export again with fewer --jobs."
    )


def _work(connection: Connection, worker: Worker, overwrite: bool) -> None:
    # Ctrl+C reaches every process; ours is told by its line, which also ends when
    # the one that started it does.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    lock = threading.Lock()  # the pipeline tells on several threads
    while True:
        try:
            job = connection.recv()
        except (EOFError, OSError):
            return
        if job is None:
            continue
        told = -TELL_EVERY

        def tell(done: int, total: int) -> None:
            nonlocal told
            if done - told >= TELL_EVERY:
                told = done
                with lock:
                    connection.send((done, total))

        result = caught(worker, job, overwrite, tell, connection.poll)
        try:
            connection.send(result)
        except OSError:
            return
