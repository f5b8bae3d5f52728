"""No command writes over the video that it reads, whatever the flags."""

from pathlib import Path

import pytest

import main
from tests.media.clips import write_video


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "clip.mp4", [i / 25 for i in range(10)])


def another_name(video: Path, kind: str) -> Path:
    if kind == "name":
        return video
    other = video.with_name("other.mp4")
    (other.symlink_to if kind == "link" else other.hardlink_to)(video)
    return other


@pytest.mark.parametrize("flags", [[], ["--overwrite"]])
@pytest.mark.parametrize("kind", ["name", "link", "second name"])
def test_no_recording_replaces_the_video_that_is_played(
    video: Path, capfd: pytest.CaptureFixture[str], flags: list[str], kind: str
) -> None:
    before, out = video.read_bytes(), another_name(video, kind)
    command = ["--source", str(video), "--headless", "--record", str(out)]
    assert main.main([*command, *flags]) == 2
    told = capfd.readouterr().err
    assert video.read_bytes() == before
    assert out.samefile(video)
    assert "and was left alone." in told
    assert "--overwrite" not in told


@pytest.mark.parametrize("flags", [[], ["--overwrite"]])
@pytest.mark.parametrize("kind", ["name", "link", "second name"])
def test_no_demo_does(
    video: Path, capfd: pytest.CaptureFixture[str], flags: list[str], kind: str
) -> None:
    before, out = video.read_bytes(), another_name(video, kind)
    base = str(out.with_suffix(""))
    assert main.main(["demo", str(video), "--out", base, *flags]) == 2
    told = capfd.readouterr().err
    assert video.read_bytes() == before
    assert "is the video itself" in told
    assert "--overwrite" not in told


def test_nor_does_its_gif(video: Path, capfd: pytest.CaptureFixture[str]) -> None:
    gif = video.with_name("moving.gif")
    gif.write_bytes(video.read_bytes())
    base = str(gif.with_suffix(""))
    assert main.main(["demo", str(gif), "--out", base, "--overwrite"]) == 2
    assert gif.read_bytes() == video.read_bytes()
    assert "moving.gif is the video itself" in capfd.readouterr().err
