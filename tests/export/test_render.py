"""What app.export.render promises of the files it reads and writes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import main
from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter
from app.types import Detections
from tests.media.clips import write_video
from tests.python import ROOT

WAIT_S = 60


def sidecar_of(video: Path, frames: int) -> Path:
    path = video.with_suffix(".jsonl")
    header = SidecarHeader(str(video), (160, 90), "m.onnx", "", ("red",), {})
    with SidecarWriter(path, header) as writer:
        for index in range(frames):
            writer.write(FrameDetections(index, index / 25, Detections.empty()))
    return path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "clip.mp4", [i / 25 for i in range(20)])


@pytest.mark.parametrize(
    ("known", "sentence"),
    [(8, "clip.mp4 has more frames, clip.jsonl 8"), (30, "20 frames, clip.jsonl 30")],
)
def test_a_video_of_another_length_is_no_match_and_nothing_is_left(
    video: Path, capfd: pytest.CaptureFixture[str], known: int, sentence: str
) -> None:
    sidecar = sidecar_of(video, known)
    assert main.main(["render", str(sidecar), str(video.with_name("out.mp4"))]) == 2
    assert sentence in capfd.readouterr().err
    names = sorted(path.name for path in video.parent.iterdir())
    assert names == ["clip.jsonl", "clip.mp4"]


@pytest.mark.parametrize("flags", [[], ["--overwrite"]])
@pytest.mark.parametrize("kind", ["name", "link", "second name"])
def test_the_video_is_never_written_over(
    video: Path, capfd: pytest.CaptureFixture[str], flags: list[str], kind: str
) -> None:
    before, out = video.read_bytes(), video
    if kind != "name":
        out = video.with_name("other.mp4")
        (out.symlink_to if kind == "link" else out.hardlink_to)(video)
    assert main.main(["render", str(sidecar_of(video, 20)), str(out), *flags]) == 2
    told = capfd.readouterr().err
    assert video.read_bytes() == before
    assert "is the video itself" in told
    assert "--overwrite" not in told


def test_what_is_there_is_replaced_when_told_to_and_then_only(video: Path) -> None:
    out = video.with_name("out.mp4")
    out.write_text("mine")
    command = ["render", str(sidecar_of(video, 20)), str(out)]
    assert main.main(command) == 2
    assert out.read_text() == "mine"
    assert main.main([*command, "--overwrite"]) == 0
    assert out.stat().st_size > 1000


@pytest.mark.skipif(os.name != "posix", reason="asks by POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cancelled_it_leaves_nothing_cut_off_under_the_name(
    tmp_path: Path, number: signal.Signals
) -> None:
    times = [i / 25 for i in range(1000)]
    video = write_video(tmp_path / "clip.mp4", times, options={"preset": "ultrafast"})
    sidecar = sidecar_of(video, 1000)
    out, part = tmp_path / "out.mp4", tmp_path / ".out.unfinished.mp4.part"
    child = subprocess.Popen(
        [sys.executable, "main.py", "render", str(sidecar), str(out)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    due_s = time.monotonic() + WAIT_S
    while not (part.exists() and part.stat().st_size > 5000):
        assert child.poll() is None, "it ended before it could be told to"
        assert time.monotonic() < due_s
        time.sleep(0.01)  # another process has no event to wait for
    child.send_signal(number)
    told = child.communicate(timeout=WAIT_S)[0]
    assert child.returncode == 128 + number
    assert not out.exists()
    assert f"what there is of it is in {tmp_path / 'out.unfinished.mp4'}" in told
