"""One command line: files without options, commands, and what looks like one."""

import argparse
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

import app
import main
from app.cli import export, places
from app.cli.options import (
    add_detection_options,
    add_rules_option,
    detector_wish,
    settings_with,
)
from app.cli.parts import CameraWish, Parts
from app.export.job import ExportJob
from app.media.sources.cameras.listing import Camera
from app.media.sources.pictures.photo import SUFFIXES
from app.media.video_files import video_suffixes
from app.pipeline.interfaces import Overlaps
from app.settings import Settings
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.media.clips import write_video
from tests.python import said_by

COMMANDS = sorted(
    file.stem
    for file in (places.checkout() / "app" / "cli").glob("*.py")
    if "def add_parser(" in file.read_text(encoding="utf-8")
)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "in.mp4", [i / 25 for i in range(10)])


def photo(path: Path) -> str:
    cv2.imwrite(str(path), np.full((60, 80, 3), 90, np.uint8))
    return str(path)


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence that came of it."""
    assert main.main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_file_needs_no_option(
    make_model: MakeModel, video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main([str(video), "--headless", "--model", str(make_model())]) == 0
    assert "10 frames in" in capsys.readouterr().out


def test_several_files_stand_wherever_they_like(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [photo(tmp_path / f"{name}.png") for name in "abc"]
    options = ["--model", str(make_model()), "--source", paths[2]]
    out = tmp_path / "out"
    arguments = [paths[0], "--headless", paths[1], "--record", str(out), *options]
    assert main.main(arguments) == 0
    assert "3 frames in" in capsys.readouterr().out
    assert len(list(out.glob("*.png"))) == 3


def test_a_file_may_begin_like_an_option(
    make_model: MakeModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    photo(Path("-a.png"))
    photo(Path("b.png"))
    arguments = ["b.png", "--headless", "--model", str(make_model()), "--", "-a.png"]
    assert main.main(arguments) == 0
    assert "2 frames in" in capsys.readouterr().out


def test_watch_is_the_command_that_is_meant_by_none(
    make_model: MakeModel, video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["watch", str(video), "--headless", "--model", str(make_model())]
    assert main.main(arguments) == 0
    assert "10 frames in" in capsys.readouterr().out


def test_help_lists_every_command() -> None:
    shown = said_by("import main; main.main(['--help'])")
    listed = shown.partition("commands:")[2].partition("without a command")[0]
    first_words = {line.split()[0] for line in listed.splitlines() if line.strip()}
    assert set(COMMANDS) <= first_words


def test_version_is_the_one_that_is_installed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as caught:
        main.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"MobileNet-SSD Live {app.__version__}\n"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("exprt", "export"), ("Render", "render"), ("docter", "doctor"), ("dmo", "demo")],
)
@pytest.mark.parametrize("more", [[], ["in.mp4", "--out", "x"]])
def test_what_looks_like_a_command_is_asked_for(
    typed: str, meant: str, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused([typed, *more], capsys)
    assert line.startswith("error: ")
    assert line.endswith(f"Did you mean {meant}?")


def test_a_missing_file_is_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(["demo.mp4", "--headless"], capsys)
    assert "demo.mp4" in line
    assert "Did you mean" not in line


def test_what_exists_is_no_slip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("exprt").write_text("not a video")
    assert "Did you mean" not in refused(["exprt", "--headless"], capsys)
    Path("demo").mkdir()
    assert "no photos in the folder demo" in refused(["--headless", "demo"], capsys)


def test_a_camera_may_be_called_almost_like_a_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    played: list[object] = []

    def run_window(_factories: object, **options: object) -> int:
        played.append(options["source"])
        return 0

    monkeypatch.setattr("app.gui.app.run_window", run_window)
    monkeypatch.setattr("app.cli.watch.has_display", lambda: True)
    monkeypatch.setattr(
        "app.media.sources.make.list_cameras", lambda: [Camera(0, "Exporter")]
    )
    assert main.main(["Exporter"]) == 0
    assert played == ["Exporter"]


@pytest.mark.parametrize("word", ["test", "screen", "test:frozen", "0", "*.jpg"])
def test_no_source_is_taken_for_a_command(word: str) -> None:
    """Else it would load OpenCV to find out, or worse."""
    from difflib import get_close_matches

    assert not get_close_matches(word, COMMANDS)


def test_options_may_stand_before_the_command(
    make_model: MakeModel, video: Path, tmp_path: Path
) -> None:
    before = ["--score-threshold", "0.4", "--model", str(make_model())]
    arguments = ["export", str(video), "--out", str(tmp_path / "out")]
    assert main.main([*before, *arguments]) == 0
    assert (tmp_path / "out" / "in.mp4").exists()
    assert '"shown_threshold": 0.4' in (tmp_path / "out" / "in.jsonl").read_text()


def test_a_models_own_threshold_holds_where_none_is_given(
    make_model: MakeModel, video: Path, tmp_path: Path
) -> None:
    told = '{"best": 0.35, "photos": 7, "rows": [[0.35, 0.8, 0.5]]}'
    model, out = ["--model", str(make_model(thresholds=told))], tmp_path / "out"
    assert main.main(["export", str(video), *model, "--out", str(out)]) == 0
    assert '"shown_threshold": 0.35' in (out / "in.jsonl").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--jobs", "2", "export", "in.mp4", "--out", "x"],
        ["in.mp4", "export", "--out", "x"],
    ],
)
def test_a_command_that_comes_too_late_is_told_so(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "The command export has to come first." in refused(arguments, capsys)


def test_an_option_of_another_command_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as caught:
        main.main(["--headless", "export", "in.mp4", "--out", "x"])
    assert caught.value.code == 2
    assert "unrecognized arguments: --headless" in capsys.readouterr().err


def test_the_window_offers_every_file_that_can_be_opened() -> None:
    for factories in (Parts().factories(), Parts().late_factories()):
        assert factories.suffixes() == video_suffixes() | set(SUFFIXES)
        assert {".ts", ".mpg", ".jfif", ".heic"} < factories.suffixes()


def test_what_is_wished_of_a_camera_reaches_it() -> None:
    parts = Parts(camera=CameraWish(size_wh=(320, 200), fps=7))
    source = parts.factories().make_source("test")
    try:
        info = source.open()
        assert (info.size_wh, info.fps) == ((320, 200), Fraction(7))
    finally:
        source.close()


def test_recordings_are_split_as_told(make_model: MakeModel, tmp_path: Path) -> None:
    video = write_video(tmp_path / "long.mp4", [i / 25 for i in range(45)])  # 1.8 s
    out = tmp_path / "out" / "split.mp4"
    out.parent.mkdir()
    arguments = [str(video), "--headless", "--model", str(make_model())]
    options = ["--record", str(out), "--split-minutes", "0.017"]  # 1.02 s
    assert main.main([*arguments, *options]) == 0
    assert len(list(out.parent.glob("*.mp4"))) == 2


def test_details_are_a_number_or_live_as_many_as_there_is_time_for() -> None:
    live, other = argparse.ArgumentParser(), argparse.ArgumentParser()
    add_detection_options(live, is_live=True)
    add_detection_options(other)

    def chosen(*arguments: str, parser: argparse.ArgumentParser = live) -> object:
        settings = Settings(detail=2, detail_budget_ms=9.0)
        settings = settings_with(parser.parse_args(arguments), settings)
        return settings.detail, settings.detail_budget_ms

    assert chosen() == (2, 9.0)
    assert chosen("--detail", "auto") == (3, 33.0)
    assert chosen("--detail", "auto", "--detail-ms", "50") == (3, 50.0)
    assert chosen("--detail", "3") == (3, 0.0)  # all of them, whatever it was before
    assert chosen("--detail", "1", parser=other) == (1, 0.0)
    for arguments in (["--detail", "4"], ["--detail", "auto", "--detail-ms", "0"]):
        with pytest.raises(SystemExit):
            live.parse_args(arguments)
    with pytest.raises(SystemExit):  # what is written down does not depend on a clock
        other.parse_args(["--detail", "auto"])


def test_who_is_counted_begins_at_a_threshold_of_their_own() -> None:
    parser = argparse.ArgumentParser()
    add_detection_options(parser, is_live=True)
    add_rules_option(parser)

    def threshold(*arguments: str) -> float:
        return settings_with(parser.parse_args(arguments)).score_threshold

    assert threshold() == 0.55  # as the bundled model says
    assert threshold("--rules", "lines.json") == 0.5
    assert threshold("--rules", "lines.json", "--score-threshold", "0.7") == 0.7


def test_what_is_wished_of_detecting_reaches_every_job(
    make_model: MakeModel, tmp_path: Path
) -> None:
    """Sidecars said detail 1 of exports with --detail 2: it was lost on the way."""
    (tmp_path / "a.mp4").touch()
    wishes = {
        **{"--detail": "2", "--score-threshold": "0.3", "--keep-threshold": "0.2"},
        **{"--device": "cpu", "--threads": "3", "--precision": "fp32"},
        **{"--format": "yolox", "--encoder": "x264", "--quality": "25"},
        **{"--from": "1.5", "--to": "0:04"},
    }
    parser = argparse.ArgumentParser()
    export.add_parser(parser.add_subparsers())
    words = [word for pair in wishes.items() for word in pair]
    options = parser.parse_args(
        [
            *("export", str(tmp_path / "a.mp4"), "--out", str(tmp_path), "--strict"),
            *("--no-video", "--model", str(make_model()), *words),
        ]
    )
    (job,), is_whole = export.planned(options, say=print)
    assert is_whole
    assert (job.detail, job.score_threshold, job.keep_threshold) == (2, 0.3, 0.2)
    assert (job.device, job.threads, job.precision) == ("cpu", 3, "fp32")
    assert (job.kind, job.is_strict, job.quality) == ("yolox", True, 25)
    assert (job.has_video, job.from_s, job.to_s) == (False, 1.5, 4.0)
    # A wish that nobody thought of here is one that might be lost.
    usual = ExportJob(job.source, job.out, job.model)
    same = {name for name in asdict(job) if getattr(job, name) == getattr(usual, name)}
    assert same - {"source", "out", "model"} == {
        *("iou_threshold", "max_detections", "data", "encoder", "rules")
    }


def test_closer_looks_go_side_by_side_live_too(make_model: MakeModel) -> None:
    """One look at a time leaves cores idle at each one's beginning and end."""
    parser = argparse.ArgumentParser()
    add_detection_options(parser, is_live=True)
    depths = []
    for detail in ("1", "2", "auto"):
        wish = detector_wish(parser.parse_args(["--threads", "2", "--detail", detail]))
        detector = Parts(wish).factories().make_detector(make_model(), "cpu")
        assert isinstance(detector, Overlaps)
        detector.open()
        depths.append(detector.depth)
        detector.close()
    assert depths[0] == 1
    assert min(depths[1:]) > 1
