"""Many jobs, some at a time, in this process or in several."""

import multiprocessing
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from app.errors import UserError
from app.export.job import ExportJob, ExportResult, Progress, Worker


def export_all(
    jobs: Sequence[ExportJob],
    worker: Worker,
    *,
    processes: int,
    overwrite: bool,
    frame_counts: Sequence[int],
    say: Callable[[str], None],
) -> list[ExportResult]:
    """Do all jobs, some at a time; one that fails does not end the others.

    Ctrl+C ends each with a part that plays; a second one gives up.

    Args:
        jobs: see `plan`.
        worker: does one.
        processes: how many at a time; 1 stays in this process.
        overwrite: do those again that are done.
        frame_counts: about how many frames each has, for the progress.
        say: prints one line.

    Returns:
        A result a job, in their order.
    """
    results: dict[int, ExportResult] = {}
    done = [0] * len(jobs)
    context = multiprocessing.get_context("spawn")
    cancelled = context.Event() if processes > 1 else threading.Event()
    with (
        _interrupt_sets(cancelled.set),
        tqdm(
            total=sum(frame_counts), unit=" frames", disable=None, file=sys.stderr
        ) as bar,
    ):

        def show(index: int, count: int) -> None:
            bar.update(count - done[index])
            done[index] = count

        def finish(index: int, result: ExportResult) -> None:
            results[index] = result
            if result.state == "skipped":
                show(index, frame_counts[index])
            bar.set_postfix_str(f"{len(results)} of {len(jobs)} videos", refresh=False)
            bar.clear()
            say(_sentence(jobs[index], result))

        if processes == 1:
            for index, job in enumerate(jobs):
                if cancelled.is_set():
                    finish(index, ExportResult("", "cancelled"))
                    continue
                finish(
                    index,
                    _caught(
                        worker,
                        job,
                        overwrite,
                        lambda count, index=index: show(index, count),
                        cancelled.is_set,
                    ),
                )
        else:
            told: Any = context.Queue()
            with ProcessPoolExecutor(
                processes,
                mp_context=context,
                initializer=_start_worker,
                initargs=(told, cancelled),
            ) as pool:
                futures: dict[Future[ExportResult], int] = {
                    pool.submit(_in_worker, worker, index, job, overwrite): index
                    for index, job in enumerate(jobs)
                }
                waiting = set(futures)
                while waiting:
                    ended, waiting = wait(
                        waiting, timeout=0.1, return_when=FIRST_COMPLETED
                    )
                    try:
                        while True:
                            show(*told.get_nowait())
                    except queue.Empty:
                        pass
                    for future in ended:
                        finish(futures[future], future.result())
    return [results[index] for index in range(len(jobs))]


def _sentence(job: ExportJob, result: ExportResult) -> str:
    if result.state == "done":
        return f"Wrote {result.out} ({result.frame_count} frames)"
    if result.state == "skipped":
        return f"{result.out} was done already"
    if result.state == "failed":
        return f"error: {job.source}: {result.message}"
    if result.out:
        return f"Cancelled; what there is of it is in {result.out}"
    return f"Cancelled before its first frame: {job.source}"


def _caught(
    worker: Worker,
    job: ExportJob,
    overwrite: bool,
    on_progress: Progress,
    is_cancelled: Callable[[], bool],
) -> ExportResult:
    try:
        return worker(
            job,
            overwrite=overwrite,
            on_progress=on_progress,
            is_cancelled=is_cancelled,
        )
    except UserError as error:
        return ExportResult("", "failed", message=str(error))
    except Exception as error:  # noqa: BLE001 - one bad video, not all of them
        return ExportResult("", "failed", message=f"{type(error).__name__}: {error}")


_told: Any = None
_cancelled: Any = None


def _start_worker(told: Any, cancelled: Any) -> None:  # noqa: ANN401
    global _told, _cancelled
    _told, _cancelled = told, cancelled
    # Ctrl+C reaches every process; ours is told by `cancelled`.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _in_worker(
    worker: Worker, index: int, job: ExportJob, overwrite: bool
) -> ExportResult:
    if _cancelled.is_set():
        return ExportResult("", "cancelled")
    return _caught(
        worker,
        job,
        overwrite,
        lambda done: _told.put((index, done)),
        _cancelled.is_set,
    )


@contextmanager
def _interrupt_sets(act: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl+C calls `act`, the second one interrupts."""

    def on_interrupt(_signal: int, _frame: object) -> None:
        act()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
