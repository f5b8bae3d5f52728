"""A command ends when told, whole: real processes, real signals, real pipes."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.media.clips import write_video
from tests.python import ROOT, start_app

WAIT_S = 60
# As a terminal and a program in between send it: one Ctrl+C, twice.
TWICE_S = 0.1

posix_only = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")


def wait_for(child: subprocess.Popen[str], claim: Callable[[], bool]) -> None:
    due_s = time.monotonic() + WAIT_S
    while not claim():
        assert child.poll() is None, child.communicate()[0]
        assert time.monotonic() < due_s
        time.sleep(0.01)  # another process has no event to wait for


def tell(child: subprocess.Popen[str], *numbers: signal.Signals) -> str:
    """Send these, and return all it said."""
    for place, number in enumerate(numbers):
        if place:
            time.sleep(TWICE_S)
        if child.poll() is None:
            child.send_signal(number)
    return child.communicate(timeout=WAIT_S)[0]


def frames_in(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


INT, TERM = signal.SIGINT, signal.SIGTERM


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So long that it is not over before the signal comes."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    times = [i / 25 for i in range(3000)]
    return write_video(path, times, options={"preset": "ultrafast"})


@posix_only
@pytest.mark.parametrize("is_live", [False, True], ids=["file", "camera"])
@pytest.mark.parametrize("numbers", [(INT,), (TERM,), (INT, INT), (TERM, TERM)])
def test_a_recording_is_finished_whole(
    make_model: MakeModel,
    tmp_path: Path,
    long: Path,
    numbers: tuple[signal.Signals, ...],
    is_live: bool,
) -> None:
    out, part = tmp_path / "out.mp4", tmp_path / ".out.mp4.part"
    source = "test" if is_live else str(long)
    child = start_app(
        *("--source", source, "--model", str(make_model()), "--device", "cpu"),
        *("--headless", "--record", str(out)),
    )
    wait_for(child, lambda: part.exists() and part.stat().st_size > 20_000)
    told = tell(child, *numbers)
    assert child.returncode == (0 if is_live else 128 + numbers[0]), told
    assert "Traceback" not in told
    assert "terminate called" not in told
    found = re.search(r"Wrote .*out\.mp4: (\d+) frames", told)
    assert found, told
    assert frames_in(out) == int(found[1]) > 0
    assert not part.exists()


@posix_only
@pytest.mark.parametrize("is_live", [False, True], ids=["file", "camera"])
@pytest.mark.parametrize("numbers", [(TERM,), (INT, INT)])
def test_without_a_recording_it_ends_too(
    make_model: MakeModel,
    long: Path,
    numbers: tuple[signal.Signals, ...],
    is_live: bool,
) -> None:
    source = "test" if is_live else str(long)
    child = start_app(
        *("--source", source, "--model", str(make_model()), "--device", "cpu"),
        "--headless",
    )
    assert child.stdout is not None
    assert "runs on CPU" in child.stdout.readline()
    told = tell(child, *numbers)
    assert child.returncode == (0 if is_live else 128 + numbers[0]), told
    assert "Traceback" not in told


@posix_only
@pytest.mark.parametrize("numbers", [(INT,), (TERM,), (INT, INT)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_export_ends_with_parts_that_play(
    make_model: MakeModel,
    tmp_path: Path,
    long: Path,
    numbers: tuple[signal.Signals, ...],
    jobs: str,
) -> None:
    second = tmp_path / "second.mp4"
    second.write_bytes(long.read_bytes())
    out = tmp_path / "out"
    child = start_app(
        *("export", str(long), str(second), "--out", str(out), "--jobs", jobs),
        *("--model", str(make_model()), "--device", "cpu"),
    )
    part = out / ".long.jsonl.part"
    wait_for(child, lambda: part.exists() and part.stat().st_size > 20_000)
    told = tell(child, *numbers)
    assert child.returncode == 128 + numbers[0], told
    assert f"what there is of it is in {out / 'long.unfinished.mp4'}" in told
    assert frames_in(out / "long.unfinished.mp4") > 0
    assert not (out / "long.mp4").exists()


@pytest.mark.skipif(os.name != "posix", reason="asks a POSIX shell")
@pytest.mark.parametrize(
    "command",
    ["doctor", "--help", "--headless --source assets/bikes.mp4", "render none x.mp4"],
)
def test_a_reader_that_leaves_is_a_quiet_end(command: str, tmp_path: Path) -> None:
    script = f"{sys.executable} main.py {command} 2>{tmp_path / 'errors'} | true"
    subprocess.run(["sh", "-c", script], cwd=ROOT, timeout=WAIT_S, check=True)
    errors = (tmp_path / "errors").read_text()
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors


@posix_only
def test_a_reader_that_leaves_costs_no_recording(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    command = f"main.py --source {clip} --headless --record {out} 2>&1 | head -n 1"
    subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} {command}"],
        cwd=ROOT,
        timeout=WAIT_S,
        check=True,
    )
    assert frames_in(out) == 250
