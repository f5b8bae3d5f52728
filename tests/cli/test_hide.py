"""What `main.py hide` promises, with the bundled weights."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import main
from app.cli import places
from app.cli.hiding import hide
from app.hiding.file import Hidden
from tests.media.clips import write_video

needs_model = pytest.mark.skipif(
    not places.built_model().exists(), reason="the bundled model is not here"
)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    def wall(_number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
        return np.full((size_wh[1], size_wh[0], 3), 110, np.uint8)

    return write_video(tmp_path / "clip.mp4", [i / 25 for i in range(6)], draw=wall)


@needs_model
def test_a_video_with_nobody_in_it_comes_out_with_its_proof(
    video: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = video.parent / "hidden"
    command = ["hide", str(video), "--class", "person", "--out", str(out)]
    assert main.main([*command, "--sound", "drop", "--mode", "pixel"]) == 0
    said = capfd.readouterr().out
    assert f"Wrote {out / 'clip.mp4'}" in said
    assert "still finds a person in 0 of 6 frames at 0.3" in said
    report = json.loads((out / "clip.hidden.json").read_text(encoding="utf-8"))
    assert (report["mode"], report["sound"], report["frames"]) == (
        "pixel",
        "dropped",
        6,
    )
    assert sorted(path.name for path in out.iterdir()) == [
        "clip.hidden.json",
        "clip.mp4",
    ]
    assert main.main(command) == 2  # it is there already


@pytest.mark.parametrize(("leaks", "code"), [(0, 0), (1, 3)])
def test_the_exit_code_says_whether_somebody_is_still_found(
    video: Path, monkeypatch: pytest.MonkeyPatch, leaks: int, code: int
) -> None:
    hidden = Hidden(video, "Some sentence.", leaks)
    monkeypatch.setattr(hide, "_hide", lambda *_: hidden)
    command = ["hide", str(video), "--class", "person", "--out", str(video.parent)]
    assert main.main(command) == code


@needs_model
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--class", "face"], "has no class face to look for. Its classes are"),
        (["--class", "person", "--score-threshold", "0.5"], "Leave --score-threshold"),
        (["--class", "person", "--judge", "none.onnx"], "none.onnx"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    video: Path,
    capfd: pytest.CaptureFixture[str],
    options: list[str],
    sentence: str,
) -> None:
    out = video.parent / "hidden"
    assert main.main(["hide", str(video), "--out", str(out), *options]) == 2
    assert sentence in capfd.readouterr().err
    assert not out.exists() or list(out.iterdir()) == []


def test_the_video_itself_is_never_written_over(
    video: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = video.read_bytes()
    command = ["hide", str(video), "--class", "person", "--out", str(video.parent)]
    assert main.main([*command, "--overwrite"]) == 2
    assert "is the video itself" in capfd.readouterr().err
    assert video.read_bytes() == before


@needs_model
def test_a_model_that_does_not_know_whom_to_hide_is_not_watched(
    video: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = video.with_name("out.mp4")
    command = [str(video), "--headless", "--record", str(out), "--hide", "face"]
    assert main.main(command) == 2
    assert "has no class face to hide" in capfd.readouterr().err


@needs_model
def test_who_is_hidden_is_said(video: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command = [str(video), "--headless", "--hide", "person", "--hide", "car"]
    assert main.main(command) == 0
    assert "Hidden in every picture: person, car" in capfd.readouterr().out
