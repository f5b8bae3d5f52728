"""What app.export.processes promises, with real processes that really die."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import SourceError
from app.export.job import ExportJob, ExportResult, Progress
from app.export.processes import MOST_ON_WINDOWS, export_all, most_processes
from tests.python import ROOT

WAIT_S = 60


def worker(
    job: ExportJob,
    *,
    overwrite: bool,
    on_progress: Progress,
    is_cancelled: Callable[[], bool],
) -> ExportResult:
    """Does what its source's name says, in a process of its own."""
    if job.source == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if job.source == "aborted":
        os.abort()
    if job.source == "left":
        os._exit(3)
    if job.source == "bad":
        raise SourceError("It is damaged.", "Get another.")
    if job.source == "odd":
        raise ZeroDivisionError("a bug")
    if job.source == "until told":
        Path(job.out).touch()
        due_s = time.monotonic() + WAIT_S
        while not is_cancelled() and time.monotonic() < due_s:
            on_progress(1, 0)
        return ExportResult(job.out, "cancelled")
    for done in range(1, 101):
        on_progress(done, 100)
    return ExportResult(job.out, "done", 100, message=str(os.getpid()))


def jobs_of(*names: str) -> list[ExportJob]:
    return [ExportJob(name, f"{name}.mp4", "m.onnx") for name in names]


def run(*names: str, processes: int = 2, said: list[str] | None = None) -> list[str]:
    lines = said if said is not None else []
    results = export_all(
        jobs_of(*names),
        worker,
        processes=processes,
        overwrite=False,
        say=lines.append,
    )
    return [result.state for result in results]


@pytest.mark.skipif(os.name != "posix", reason="dies by POSIX signals")
def test_a_process_that_dies_fails_its_own_job_and_no_other() -> None:
    said: list[str] = []
    names = ("a", "killed", "b", "aborted", "c", "left", "d")
    states = run(*names, said=said)
    assert states == ["done", "failed", "done", "failed", "done", "failed", "done"]
    told = {line for line in said if line.startswith("error: ")}
    assert len(told) == 3
    assert any("killed: its process ended by itself (SIGKILL)" in line for line in told)
    assert any("(SIGABRT)" in line for line in told)
    assert any("(exit code 3)" in line for line in told)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_job_that_fails_costs_no_other(processes: int) -> None:
    said: list[str] = []
    assert run("a", "bad", "odd", "b", processes=processes, said=said) == [
        *("done", "failed", "failed", "done")
    ]
    assert "error: bad: It is damaged. Get another." in said
    assert "error: odd: ZeroDivisionError: a bug" in said


def test_a_process_does_one_job_after_another() -> None:
    results = export_all(
        jobs_of(*(f"job {n}" for n in range(6))),
        worker,
        processes=2,
        overwrite=False,
        say=lambda _: None,
    )
    assert len({result.message for result in results}) <= 2
    assert [result.out for result in results] == [f"job {n}.mp4" for n in range(6)]


def test_cancelled_those_at_work_are_told_and_the_others_not_begun(
    tmp_path: Path,
) -> None:
    marks = [tmp_path / str(n) for n in range(2)]
    jobs = [ExportJob("until told", str(mark), "m.onnx") for mark in marks]
    results = export_all(
        [*jobs, *jobs_of("a")],
        worker,
        processes=2,
        overwrite=False,
        say=lambda _: None,
        is_cancelled=lambda: all(mark.exists() for mark in marks),
    )
    assert [result.state for result in results] == ["cancelled"] * 3
    assert [result.out for result in results] == [*map(str, marks), ""]


PARENT = """
import sys
from tests.export.test_processes import jobs_of, worker
from app.export.job import ExportJob
from app.export.processes import export_all
jobs = [ExportJob("until told", name, "m.onnx") for name in sys.argv[1:]]
if __name__ == "__main__":
    export_all(
        jobs, worker, processes=2, overwrite=False, say=print
    )
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal")
def test_no_process_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    marks = [tmp_path / "a", tmp_path / "b"]
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(script), *map(str, marks)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    wait_for(lambda: all(mark.exists() for mark in marks))
    parent.kill()
    parent.wait(WAIT_S)
    wait_for(lambda: not alive_in_group(parent.pid))


def wait_for(claim: Callable[[], bool]) -> None:
    due_s = time.monotonic() + WAIT_S
    while not claim():
        assert time.monotonic() < due_s
        time.sleep(0.02)  # other processes have no event to wait for


def alive_in_group(group: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-g", str(group)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    return any(not state.startswith("Z") for state in listed)


def test_windows_waits_for_no_more_than_it_can() -> None:
    assert most_processes("win32") == MOST_ON_WINDOWS <= 61
    assert most_processes("linux") > 1000
