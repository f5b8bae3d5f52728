"""The replay of the real command: a child process, told by a signal."""

import signal
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

import main
from app.media.sources.synthetic import read_number
from app.sidecar import read_sidecar
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.python import ROOT

WAIT_S = 60.0


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="has no SIGUSR1")
@pytest.mark.parametrize("is_clean", [False, True], ids=["boxes", "clean"])
def test_the_last_seconds_are_saved_at_a_signal(
    make_model: MakeModel, tmp_path: Path, is_clean: bool
) -> None:
    """And a recording goes on beside it, with boxes or without."""
    recording = tmp_path / "out.mp4"
    child = subprocess.Popen(
        [
            *(sys.executable, "-u", "main.py", "test", "--headless", "--replay", "3"),
            *("--model", str(make_model()), "--record", str(recording)),
            *(["--record-clean"] if is_clean else []),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    over = threading.Timer(2 * WAIT_S, child.kill)
    over.start()
    try:
        assert child.stdout is not None
        said: list[str] = []

        def read_until(text: str) -> str:
            for line in child.stdout or ():
                said.append(line)
                if text in line:
                    return line
            raise AssertionError("".join(said))

        read_until("runs on")
        clips = []
        for _ in range(2):  # as often as one likes; the first may come too early
            child.send_signal(signal.SIGUSR1)
            line = read_until("")
            while "Saved " not in line:
                assert "nothing to replay yet" in line, "".join(said)
                child.send_signal(signal.SIGUSR1)
                line = read_until("")
            clips.append(Path(line.removeprefix("Saved ").rpartition(": ")[0]))
        child.send_signal(signal.SIGINT)
        rest = child.stdout.read()
        assert child.wait(WAIT_S) == 0, "".join(said) + rest
    finally:
        over.cancel()
        child.kill()
        child.wait(WAIT_S)
        if child.stdout is not None:
            child.stdout.close()
    assert "Wrote " in rest
    assert clips[0] != clips[1]
    assert recording.exists()
    assert recording.with_suffix(".jsonl").exists() == is_clean
    for clip in [*clips, *([recording] if is_clean else [])]:
        assert clip.parent == tmp_path
        with av.open(str(clip)) as container:
            numbers = [
                read_number(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
                for frame in container.decode(video=0)
            ]
        assert all(later > earlier for earlier, later in pairwise(numbers))
        assert len(read_sidecar(clip.with_suffix(".jsonl"))[1]) == len(numbers)


def test_a_file_is_its_own_replay(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--headless", "--replay", "3", "--model", str(make_model())]
    clip = str(ROOT / "assets" / "bikes.mp4")
    assert main.main([clip, *arguments]) == 2
    assert (
        "--replay and --clips are for cameras and streams." in capsys.readouterr().err
    )
