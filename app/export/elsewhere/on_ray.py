"""Many jobs on a Ray cluster: each a task, done again where its worker dies."""

import os
import socket
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tqdm import tqdm

from app.errors import UserError
from app.export.job import ExportJob, ExportResult, Worker
from app.export.telling import Counts, caught, sentence

# How often a worker that dies is replaced, before its job has failed.
RETRIES = 3
# A worker begins anew after so many videos: decoders leak.
_MAX_CALLS = 50
# Ray's own for ray://.
_PORT = 10001
_CONNECTS_WITHIN_S = 5.0
_ASK_EVERY_S, _LOOK_EVERY_S = 1.0, 0.2
# Decoding, drawing and encoding beside the network, where a job does not say.
_CORES = 2
_GPU_SHARE = 0.5
_ON_A_GPU = ("cuda", "tensorrt")


def export_on_ray(
    jobs: Sequence[ExportJob],
    worker: Worker,
    *,
    address: str,
    overwrite: bool,
    say: Callable[[str], None],
    is_cancelled: Callable[[], bool] = lambda: False,
) -> list[ExportResult]:
    """As `export_all`, on the machines of a cluster.

    All of them see the jobs' files under the same names: a shared folder, or
    addresses. A worker that dies is a task that is done again; what was found goes on.

    Args:
        jobs: see `plan`.
        worker: does one; a module's own function.
        address: "ray" (this machine, or what RAY_ADDRESS names) or "ray://host:port".
        overwrite: do those again that are done.
        say: prints one line.
        is_cancelled: asked all the time.

    Returns:
        A result a job, in their order.

    Raises:
        UserError: Ray is not installed, or nobody answers at `address`.
    """
    ray = _connected(address)
    results: dict[int, ExportResult] = {}
    try:
        with tqdm(unit=" frames", disable=None, file=sys.stderr) as bar:
            counts = Counts(len(jobs), bar)
            remote = ray.remote(max_calls=_MAX_CALLS)(_task)
            board = ray.remote(num_cpus=0)(_Board).remote()
            cores = ray.cluster_resources().get("CPU", 1)
            window = 2 * max(1, round(cores / _CORES))
            waiting, pending = list(enumerate(jobs))[::-1], dict[Any, int]()
            was_told = False
            while waiting or pending:
                if is_cancelled():
                    if not was_told:
                        board.cancel.remote()
                        was_told = True
                    for index, _ in waiting:
                        results[index] = ExportResult("", "cancelled")
                        say(sentence(jobs[index], results[index]))
                    waiting.clear()
                while waiting and len(pending) < window:
                    index, job = waiting.pop()
                    task = remote.options(**_resources(job, cores))
                    reference = task.remote(
                        worker, job.to_json(), overwrite, board, index
                    )
                    pending[reference] = index
                ended, _ = ray.wait(list(pending), timeout=_LOOK_EVERY_S)
                for index, (done, total) in ray.get(board.news.remote()).items():
                    counts.show(index, done, total)
                for reference in ended:
                    index = pending.pop(reference)
                    results[index] = _result(ray, reference)
                    counts.end(index, results[index])
                    bar.clear()
                    say(sentence(jobs[index], results[index]))
    finally:
        ray.shutdown()
    return [results[index] for index in range(len(jobs))]


class _Board:
    """Where tasks write how far they are, and read whether to go on."""

    def __init__(self) -> None:
        self._news: dict[int, tuple[int, int]] = {}
        self._is_cancelled = False

    def tell(self, index: int, done: int, total: int) -> None:
        """One is so far."""
        self._news[index] = (done, total)

    def news(self) -> dict[int, tuple[int, int]]:
        """What was told since it was asked."""
        news, self._news = self._news, {}
        return news

    def cancel(self) -> None:
        """All are to end."""
        self._is_cancelled = True

    def is_cancelled(self) -> bool:
        """Whether to end."""
        return self._is_cancelled


def _task(
    worker: Worker,
    job: str,
    overwrite: bool,
    board: Any,  # noqa: ANN401 - Ray's
    index: int,
) -> ExportResult:
    import ray

    told_at_s = asked_at_s = 0.0
    is_cancelled = False

    def tell(done: int, total: int) -> None:
        nonlocal told_at_s
        if time.monotonic() - told_at_s >= _ASK_EVERY_S:
            told_at_s = time.monotonic()
            board.tell.remote(index, done, total)

    def ask() -> bool:
        nonlocal asked_at_s, is_cancelled
        if not is_cancelled and time.monotonic() - asked_at_s >= _ASK_EVERY_S:
            asked_at_s = time.monotonic()
            is_cancelled = bool(ray.get(board.is_cancelled.remote()))
        return is_cancelled

    return caught(worker, ExportJob.from_json(job), overwrite, tell, ask)


def _resources(job: ExportJob, cores: float) -> dict[str, Any]:
    return {
        "num_cpus": min(job.threads or _CORES, cores),
        "num_gpus": _GPU_SHARE if job.device in _ON_A_GPU else 0,
        "max_retries": RETRIES,
    }


def _result(ray: Any, reference: Any) -> ExportResult:  # noqa: ANN401 - Ray's
    try:
        result: ExportResult = ray.get(reference)
        return result
    except ray.exceptions.RayError as error:
        first = " ".join(str(error).split())[:200]
        message = (
            f"its worker died {RETRIES + 1} times. Is there enough memory? {first}"
        )
        return ExportResult("", "failed", message=message)


def _connected(address: str) -> Any:  # noqa: ANN401 - a module without types
    try:
        import ray
    except ImportError as error:
        raise UserError(
            "Ray is not installed.", "Install it: pip install -r requirements-ray.txt"
        ) from error
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address != "ray":
        _check_answers(address, ray.__version__)
        # The cluster's machines get this very program with the tasks.
        package = str(Path(__file__).parents[2])
        options |= {"address": address, "runtime_env": {"py_modules": [package]}}
    elif "RAY_ADDRESS" not in os.environ:
        # "local": not one that was just shut down, or somebody else's.
        options |= {"address": "local", "include_dashboard": False}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong is told below
            ray.init(**options)
    except (ConnectionError, OSError, ValueError, RuntimeError) as error:
        raise _nobody(address, ray.__version__) from error
    return ray


def _check_answers(address: str, version: str) -> None:
    """Ray itself would try for half a minute where nobody listens."""
    try:
        parts = urlsplit(address)
        where = parts.hostname or "", parts.port or _PORT
        socket.create_connection(where, timeout=_CONNECTS_WITHIN_S).close()
    except (OSError, ValueError) as error:
        raise _nobody(address, version) from error


def _nobody(address: str, version: str) -> UserError:
    return UserError(
        f"No Ray cluster answers at {address}.",
        f"Check the address, and that its version of Ray is this one's: {version}.",
    )
