"""What app.export.elsewhere.on_ray promises, on a real cluster of two cores."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import main
from app.cli.export import run_export_job
from app.errors import SourceError, UserError
from app.export.elsewhere.on_ray import export_on_ray
from app.export.job import ExportJob, ExportResult, Progress
from tests.campaign import FACTOR
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.export.parts import job_of
from tests.media.clips import write_video
from tests.media.servers import free_port
from tests.python import ROOT

pytest.importorskip("ray", reason="ray is not installed (requirements-ray.txt)")
pytestmark = [
    pytest.mark.ray,
    pytest.mark.slow,
    # Ray's own: files and sockets of its processes, closed when it is collected.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
FRAMES = 60
STARTS_WITHIN_S = 60


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: a process keeps the token that Ray wrote into it first."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _workers_find_the_tests(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("HOME", str(home))


def dies_once(
    job: ExportJob,
    *,
    overwrite: bool,
    on_progress: Progress,
    is_cancelled: Callable[[], bool],
) -> ExportResult:
    """Does the job with the app's own parts; the first worker of "b" is killed."""
    mark = Path(job.out).with_suffix(".killed")

    def tell(done: int, total: int) -> None:
        on_progress(done, total)
        if done > 20 and Path(job.source).stem == "b" and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    return run_export_job(
        job, overwrite=overwrite, on_progress=tell, is_cancelled=is_cancelled
    )


def bad(
    job: ExportJob,
    *,
    overwrite: bool,
    on_progress: Progress,
    is_cancelled: Callable[[], bool],
) -> ExportResult:
    if job.source == "always dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if job.source == "damaged":
        raise SourceError("It is damaged.", "Get another.")
    return ExportResult(job.out, "done", 1)


def sizes(folder: Path) -> dict[str, int]:
    return {
        path.name: path.stat().st_size
        for path in folder.iterdir()
        if path.suffix != ".killed"
    }


def test_a_worker_that_is_killed_costs_nothing(
    tmp_path: Path, make_model: MakeModel
) -> None:
    model = make_model()
    videos = [
        write_video(tmp_path / f"{name}.mp4", [i / 25 for i in range(FRAMES)])
        for name in "abc"
    ]
    said: list[str] = []
    results = export_on_ray(
        [job_of(video, model, tmp_path / "ray") for video in videos],
        dies_once,
        address="ray",
        overwrite=False,
        say=said.append,
    )
    assert [result.state for result in results] == ["done"] * 3, said
    assert (tmp_path / "ray" / "b.killed").exists()
    assert [result.frame_count for result in results] == [FRAMES] * 3
    assert results[1].detected < FRAMES  # what the killed one found was kept
    here = [job_of(video, model, tmp_path / "here") for video in videos]
    for job in here:
        run_export_job(
            job,
            overwrite=False,
            on_progress=lambda _done, _total: None,
            is_cancelled=lambda: False,
        )
    assert sizes(tmp_path / "ray") == sizes(tmp_path / "here")


def test_a_video_that_fails_or_always_kills_costs_no_other() -> None:
    names = ("a", "damaged", "always dies", "b")
    said: list[str] = []
    results = export_on_ray(
        [ExportJob(name, f"{name}.mp4", "m.onnx") for name in names],
        bad,
        address="ray",
        overwrite=False,
        say=said.append,
    )
    assert [result.state for result in results] == ["done", "failed", "failed", "done"]
    assert "error: damaged: It is damaged. Get another." in said
    assert "its worker died" in results[2].message


def waits(
    job: ExportJob,
    *,
    overwrite: bool,
    on_progress: Progress,
    is_cancelled: Callable[[], bool],
) -> ExportResult:
    """Begins, unless it is told to end; and goes on until it is."""
    if is_cancelled():
        return ExportResult("", "cancelled")
    Path(job.out).touch()
    on_progress(1, 10)
    ends_s = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < ends_s:
        if is_cancelled():
            return ExportResult("", "cancelled")
        time.sleep(0.05)
    return ExportResult("", "failed")


def test_what_is_cancelled_ends_on_the_cluster_and_what_waits_never_begins(
    tmp_path: Path,
) -> None:
    names = "abcdefgh"
    # Each wants all cores, so one runs; others are with the cluster, or wait here.
    jobs = [
        ExportJob(name, str(tmp_path / name), "m.onnx", threads=10**3) for name in names
    ]
    said: list[str] = []
    results = export_on_ray(
        jobs,
        waits,
        address="ray",
        overwrite=False,
        say=said.append,
        is_cancelled=lambda: any(tmp_path.iterdir()),
    )
    assert [result.state for result in results] == ["cancelled"] * len(names)
    assert len(said) == len(names)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_command_exports_on_ray(
    tmp_path: Path, make_model: MakeModel, capfd: pytest.CaptureFixture[str]
) -> None:
    video = write_video(tmp_path / "a.mp4", [i / 25 for i in range(10)])
    command = ["export", str(video), "--out", str(tmp_path / "out"), "--on", "ray"]
    assert main.main([*command, "--model", str(make_model())]) == 0
    assert "(10 frames)" in capfd.readouterr().out


@pytest.fixture
def head() -> Iterator[str]:
    """A cluster of two cores as an administrator starts one; its address."""
    port, client_port = free_port(), free_port()
    home = Path(tempfile.mkdtemp(prefix="ray"))  # its sockets want a short name
    command = [
        *(str(Path(sys.executable).with_name("ray")), "start", "--head", "--block"),
        *("--node-ip-address", "127.0.0.1", "--port", str(port)),
        *("--ray-client-server-port", str(client_port), "--num-cpus", "2"),
        *("--min-worker-port", "11000", "--max-worker-port", "11100"),
        *("--include-dashboard", "false", "--disable-usage-stats"),
        *("--temp-dir", str(home)),
    ]
    with (home / "said").open("wb") as said:
        child = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        due_s = time.monotonic() + STARTS_WITHIN_S
        while not _answers(client_port):
            assert child.poll() is None, (home / "said").read_text()
            assert time.monotonic() < due_s, (home / "said").read_text()
            time.sleep(0.1)  # another process has no event to wait for
        yield f"ray://127.0.0.1:{client_port}"
    finally:
        child.terminate()  # and with it all that it started
        child.wait(60)
        shutil.rmtree(home, ignore_errors=True)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(FACTOR == 1, reason="takes 20 s; CAMPAIGN=2 runs it")
def test_a_cluster_elsewhere_is_given_the_jobs_by_its_address(
    head: str, tmp_path: Path, make_model: MakeModel
) -> None:
    """Its workers get this very program with the tasks, and know no folder of ours."""
    video = write_video(tmp_path / "a.mp4", [i / 25 for i in range(10)])
    command = [sys.executable, "main.py", "export", str(video), "--on", head]
    options = ["--out", str(tmp_path / "out"), "--model", str(make_model())]
    told = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr
    assert "(10 frames)" in told.stdout
    assert sorted(sizes(tmp_path / "out")) == ["a.jsonl", "a.mp4"]


@pytest.mark.parametrize("address", ["ray://127.0.0.1:1", "ray://", "ray://h:port"])
def test_a_cluster_that_is_not_there_is_a_sentence(address: str) -> None:
    with pytest.raises(UserError, match=f"No Ray cluster answers at {address}"):
        export_on_ray(
            [ExportJob("a", "a.mp4", "m.onnx")],
            bad,
            address=address,
            overwrite=False,
            say=lambda _: None,
        )


@pytest.mark.parametrize("place", ["dask", "http://host", ""])
def test_another_place_is_none(
    place: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    video = write_video(tmp_path / "a.mp4", [0.0, 0.04])
    command = ["export", str(video), "--out", str(tmp_path / "out"), "--on", place]
    assert main.main(command) == 2
    assert "Write ray, or ray://host:port." in capfd.readouterr().err
