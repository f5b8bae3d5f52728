"""`main.py watch --source A --source B --headless`: several, each for itself."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import av
import pytest

import main
from app.detection.engines.session import Opened, open_engine
from app.sidecar import read_sidecar
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.media.clips import write_video
from tests.python import ROOT

WAIT_S = 120.0


def frame_count(video: Path) -> int:
    with av.open(str(video)) as container:
        return sum(1 for _ in container.decode(video=0))


def two_videos(folder: Path) -> list[str]:
    """Of one name, in two folders; the second is longer."""
    videos = []
    for name, count in (("east", 10), ("west", 15)):
        (folder / name).mkdir()
        video = folder / name / "yard.mp4"
        videos += ["--source", str(write_video(video, [i / 25 for i in range(count)]))]
    return videos


def rules(path: Path, zone: str) -> list[str]:
    polygon = [[0, 0], [1, 0], [1, 1], [0, 1]]
    path.write_text(json.dumps({"zones": [{"name": zone, "polygon": polygon}]}))
    return ["--rules", str(path)]


def test_each_has_its_recording_and_rules_and_all_have_one_model(
    make_model: MakeModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened: list[tuple[Any, ...]] = []

    def count(*args: Any) -> Opened:  # noqa: ANN401 - as they come
        opened.append(args)
        return open_engine(*args)

    monkeypatch.setattr("app.detection.engines.pool.open_engine", count)
    out = tmp_path / "out"
    arguments = ["watch", "--headless", *two_videos(tmp_path), "--record", str(out)]
    arguments += rules(tmp_path / "a.json", "East") + rules(tmp_path / "b.json", "West")
    assert main.main([*arguments, "--model", str(make_model())]) == 0
    assert len(opened) == 1
    assert frame_count(out / "yard.mp4") == 10
    assert frame_count(out / "yard (2).mp4") == 15
    for name, zone in (("yard", "East"), ("yard (2)", "West")):
        counts = json.loads((out / f"{name}.counts.json").read_text())
        assert list(counts) == [zone]
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert all(line.startswith(("yard: ", "yard (2): ")) for line in lines)


def test_one_that_fails_ends_alone_and_is_told(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(b"no video")
    out = tmp_path / "out"
    arguments = ["watch", "--headless", "--source", str(torn), *two_videos(tmp_path)]
    arguments += ["--record", str(out), "--model", str(make_model())]
    assert main.main(arguments) == 2
    said = capsys.readouterr()
    assert "error: torn: " in said.err
    assert frame_count(out / "yard.mp4") == 10
    assert frame_count(out / "yard (2).mp4") == 15


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--record", "out.mp4"], "out.mp4 is one file, and there are 2 sources."),
        (["--rules", "a", "--rules", "b", "--rules", "c"], "There are 3 files of rule"),
        (["--sidecar", "x.jsonl"], "--sidecar shows one video"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    options: list[str],
    sentence: str,
    make_model: MakeModel,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["watch", "--headless", *two_videos(tmp_path), *options]
    assert main.main([*arguments, "--model", str(make_model())]) == 2
    assert sentence in capsys.readouterr().err


def test_a_window_shows_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("app.cli.watch.has_display", lambda: True)
    assert main.main(["watch", *two_videos(tmp_path)]) == 2
    assert "A window shows one source; these are 2." in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="has no SIGUSR1")
def test_signals_are_for_all(make_model: MakeModel, tmp_path: Path) -> None:
    """Two cameras: both save their last seconds when told so, and both end whole."""
    child = subprocess.Popen(
        [
            *(sys.executable, "-u", "main.py", "watch", "--headless", "--replay", "3"),
            *("--source", "test", "--source", "test", "--model", str(make_model())),
            *("--record", str(tmp_path / "out")),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    over = threading.Timer(WAIT_S, child.kill)
    over.start()
    saved: dict[str, Path] = {}
    try:
        assert child.stdout is not None
        for line in child.stdout:
            name, _, text = line.partition(": ")
            if text.startswith("Saved "):
                path, _, _ = text.removeprefix("Saved ").rpartition(": ")
                saved.setdefault(name, Path(path))
            elif "runs on" in text or "nothing to replay yet" in text:
                child.send_signal(signal.SIGUSR1)
            if len(saved) == 2:
                break
        child.send_signal(signal.SIGINT)
        rest = child.stdout.read()
        assert child.wait(WAIT_S) == 0, rest
    finally:
        over.cancel()
        child.kill()
        child.wait(WAIT_S)
        if child.stdout is not None:
            child.stdout.close()
    out = tmp_path / "out"
    assert {name: clip.parent for name, clip in saved.items()} == {
        "test": out / "test",
        "test (2)": out / "test (2)",
    }
    for clip in saved.values():
        assert len(read_sidecar(clip.with_suffix(".jsonl"))[1]) == frame_count(clip)
    assert frame_count(out / "test.mp4") > 0
    assert frame_count(out / "test (2).mp4") > 0
