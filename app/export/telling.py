"""How an export tells what it does and how each job ended, wherever it runs."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from app.errors import UserError
from app.export.job import ExportJob, ExportResult, Progress, Worker

# How often a job that is shown to somebody tells how far it is.
TELL_EVERY_S = 0.1


class Counts:
    """Frames done, of about how many: of videos not open yet, the mean of the rest."""

    def __init__(self, jobs: int, bar: Any) -> None:  # noqa: ANN401 - tqdm
        """So many jobs, told on `bar`."""
        self._bar = bar
        self._jobs = jobs
        self._done: dict[int, int] = {}
        self._totals: dict[int, int] = {}

    def show(self, index: int, done: int, total: int) -> None:
        """So much of one is done."""
        self._totals[index] = total
        self._bar.total = round(sum(self._totals.values()) * self._to_come())
        self._bar.update(done - self._done.get(index, 0))
        self._done[index] = done

    def end(self, index: int, result: ExportResult) -> None:
        """One that was done already is no more work than it was."""
        count = max(result.frame_count, self._done.get(index, 0))
        self.show(index, count, count)

    def _to_come(self) -> float:
        return self._jobs / len(self._totals)


class Lines:
    """The same as lines of JSON, for a program that shows it: of a job by its number.

    {"job": 0, "done": 30, "total": 250}, and at its end the `ExportResult`'s values.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        """Write each with `write`."""
        self._write = write
        self._lock = threading.Lock()  # a pipeline tells on several threads
        self._told_at_s = dict[int, float]()

    def show(self, index: int, done: int, total: int) -> None:
        """So much of one is done; not every frame is worth a line."""
        now_s = time.monotonic()
        with self._lock:
            if now_s - self._told_at_s.get(index, 0.0) >= TELL_EVERY_S:
                self._told_at_s[index] = now_s
                self._tell({"job": index, "done": done, "total": total})

    def end(self, index: int, result: ExportResult) -> None:
        """How it ended."""
        with self._lock:
            self._tell({"job": index, **asdict(result)})

    def _tell(self, values: dict[str, Any]) -> None:
        self._write(json.dumps(values))


def sentence(job: ExportJob, result: ExportResult) -> str:
    """How a job ended, for the user."""
    if result.state == "done":
        return result.message or f"Wrote {result.out} ({result.frame_count} frames)"
    if result.state == "skipped":
        return f"{result.out} was done already"
    if result.state == "failed":
        return f"error: {job.source}: {result.message}"
    if result.message:
        return result.message
    if result.out:
        return f"Cancelled; what there is of it is in {result.out}"
    return f"Cancelled before its first frame: {job.source}"


def caught(
    worker: Worker,
    job: ExportJob,
    overwrite: bool,
    on_progress: Progress,
    is_cancelled: Callable[[], bool],
) -> ExportResult:
    """What `worker` makes of a job; one that fails is a result, too."""
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
