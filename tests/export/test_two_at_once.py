"""Two exports at once, and one that is killed again and again: nothing is lost."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from app.sidecar import read_sidecar
from tests.campaign import FACTOR
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.media.clips import write_video
from tests.python import ROOT

WAIT_S = 120
FRAMES = 1500


@pytest.fixture
def command(make_model: MakeModel, tmp_path: Path) -> list[str]:
    """One export, of a minute of video."""
    times = [i / 25 for i in range(FRAMES)]
    video = write_video(tmp_path / "long.mp4", times, options={"preset": "ultrafast"})
    model = ["--model", str(make_model()), "--device", "cpu"]
    main = [sys.executable, "main.py"]
    return [*main, "export", str(video), "--out", str(tmp_path / "out"), *model]


def start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def wait_for(child: subprocess.Popen[str], claim: Callable[[], bool]) -> None:
    due_s = time.monotonic() + WAIT_S
    while not claim() and child.poll() is None:
        assert time.monotonic() < due_s
        time.sleep(0.005)  # another process has no event to wait for


def lines_in(part: Path) -> int:
    return part.read_bytes().count(b"\n") if part.exists() else 0


def has_grown(part: Path, lines: int) -> bool:
    return lines_in(part) > lines


@pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal")
def test_killed_as_it_goes_on_it_never_loses_what_was_found(
    command: list[str], tmp_path: Path
) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    part = tmp_path / "out" / ".long.jsonl.part"
    for _ in range(3 * FACTOR):
        known = lines_in(part)
        child = start(command)
        # Anywhere from its first look at the part to far behind it.
        more = chance.choice((0, 0, 1, 50, 200))
        wait_for(child, partial(has_grown, part, known + more))
        child.kill()
        child.communicate(timeout=WAIT_S)
        if not part.exists():  # it was done
            break
        assert lines_in(part) >= known, seed
    child = start(command)
    told = child.communicate(timeout=WAIT_S)[0]
    assert child.returncode == 0, (seed, told)
    _, frames = read_sidecar(tmp_path / "out" / "long.jsonl")
    assert [frame.index for frame in frames] == list(range(FRAMES)), seed


def test_two_that_do_the_same_at_once_spoil_nothing(
    command: list[str], tmp_path: Path
) -> None:
    part = tmp_path / "out" / ".long.jsonl.part"
    one = start(command)
    wait_for(one, lambda: lines_in(part) > 100)
    two = start(command)
    told = two.communicate(timeout=WAIT_S)[0]
    assert two.returncode == 2, told
    assert "is being" in told
    assert one.wait(WAIT_S) == 0, one.communicate()[0]
    one.communicate()
    _, frames = read_sidecar(tmp_path / "out" / "long.jsonl")
    assert [frame.index for frame in frames] == list(range(FRAMES))
