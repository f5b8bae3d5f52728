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
from app.cli import places
from app.cli.headless import ReplayWish
from app.cli.watching.unattended import _default_source
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


def test_without_a_display_each_becomes_a_file(
    make_model: MakeModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "recordings"
    monkeypatch.setattr("app.cli.watch.has_display", lambda: False)
    monkeypatch.setattr("app.cli.places.headless_recordings", lambda: out)
    arguments = ["watch", *two_videos(tmp_path), "--model", str(make_model())]
    assert main.main(arguments) == 0
    said = capsys.readouterr().out
    assert "There is no display here, so there will be files" in said
    first, second = sorted(out.glob("*.mp4"), key=frame_count)
    assert (frame_count(first), frame_count(second)) == (10, 15)
    assert first.name.startswith("yard 20")  # and when
    assert second.name.startswith("yard (2) 20")
    assert f"Watch it: {second}" in said


def test_clips_share_the_disk_and_have_a_folder_each(
    make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes: list[ReplayWish | None] = []

    def note(*_: object, replay: ReplayWish | None, **__: object) -> None:
        wishes.append(replay)

    monkeypatch.setattr("app.cli.headless.run_headless", note)
    room: dict[Path, int] = {}
    monkeypatch.setattr("app.media.clips.folder.make_room", room.__setitem__)
    clips = tmp_path / "clips"
    arguments = ["watch", "--headless", *two_videos(tmp_path), "--clips", str(clips)]
    arguments += ["--clip-gb", "3", "--model", str(make_model())]
    assert main.main(arguments) == 0
    for wish in wishes:
        assert wish is not None
        assert wish.clips is not None
        wish.clips.tidy()
    each = round(1.5e9)
    assert room == {clips / "yard": each, clips / "yard (2)": each}


def test_of_a_file_nobody_is_told_though_its_clips_are_made(
    make_model: MakeModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wishes: list[ReplayWish | None] = []

    def note(*_: object, replay: ReplayWish | None, **__: object) -> None:
        wishes.append(replay)

    monkeypatch.setattr("app.cli.headless.run_headless", note)
    told = {"clips": {}, "alerts": {"webhook": {"url": "http://127.0.0.1:1/x"}}}
    (tmp_path / "rules.json").write_text(json.dumps(told))
    video = str(write_video(tmp_path / "a.mp4", [0.0, 0.04]))
    arguments = ["watch", "--headless", "--source", video, "--model", str(make_model())]
    arguments += ["--rules", str(tmp_path / "rules.json")]
    assert main.main(arguments) == 0
    assert "Nobody is told of what happens in a file" in capsys.readouterr().out
    assert wishes == [None]
    assert main.main([*arguments, "--clips", str(tmp_path / "clips")]) == 0
    assert wishes[1] is not None
    assert wishes[1].folder == tmp_path / "clips"
    assert main.main([*arguments[:3], "test", *arguments[4:]]) == 0
    assert wishes[2] is not None  # of a camera they are told: events are looked for


def test_a_folder_that_cannot_be_made_is_a_sentence(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "out"
    arguments = ["watch", "--headless", *two_videos(tmp_path), "--record", str(out)]
    assert main.main([*arguments, "--model", str(make_model())]) == 2
    assert f"{out} cannot be made: Not a directory." in capsys.readouterr().err


@pytest.mark.parametrize("cameras", [[], [(3, "Front door"), (5, "Back")]])
def test_without_a_source_it_is_the_first_camera_else_the_clip_of_the_app(
    cameras: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.watching.unattended.list_cameras", lambda: cameras)
    expected = "Front door" if cameras else str(places.bundled_clip())
    assert _default_source() == expected


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
