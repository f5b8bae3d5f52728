"""What app.media.sources.cameras.checkup and `main.py doctor --cameras` promise."""

import json
from collections.abc import Callable

import numpy as np
import pytest

import main
from app.errors import SourceError
from app.media.sources.cameras import checkup
from app.media.sources.cameras.checkup import CameraReport, examine_cameras
from app.media.sources.cameras.listing import Camera
from app.media.sources.file_source import FileSource
from app.media.sources.live_input import LiveInput
from app.media.sources.live_source import LiveSource
from app.media.sources.synthetic import SyntheticInput
from app.types import CameraMode, ImageBgr, VideoInfo
from tests.python import ROOT

WELL, TWIN, REFUSED, SILENT, FILE = (
    Camera(0, "Well", "046d:082d"),
    Camera(1, "Well", "046d:082d", port="usb/1-2"),
    Camera(2, "Refused"),
    Camera(4, "Silent"),
    Camera(6, "File"),
)
OFFERED = [CameraMode((640, 480), 30, "YUYV"), CameraMode((1280, 720), 30, "MJPG")]


class Refused(SyntheticInput):
    def open(self) -> VideoInfo:
        raise SourceError("Refused is in use.", "Close the other program.")


class Silent(SyntheticInput):
    def read(self) -> ImageBgr:
        super().read()
        return np.zeros((0, 0, 3), np.uint8)  # lost


def live(make: Callable[[], LiveInput], name: str) -> LiveSource:
    return LiveSource(make, name=name)


def open_source(title: str) -> object:
    size_wh, fps = (96, 64), 50
    if title == "Refused":
        return live(lambda: Refused(size_wh=size_wh, fps=fps), title)
    if title == "Silent":
        return live(lambda: Silent(size_wh=size_wh, fps=fps), title)
    if title == "File":
        return FileSource(ROOT / "assets" / "bikes.mp4")
    return live(lambda: SyntheticInput(size_wh=size_wh, fps=fps), title)


def examined(*cameras: Camera, watched_s: float = 0.6) -> list[CameraReport]:
    return examine_cameras(
        watched_s=watched_s,
        look=lambda: cameras,
        look_for_modes=lambda camera: OFFERED if camera == WELL else [],
        open_source=open_source,
    )


def test_what_came_of_a_camera_is_told() -> None:
    (report,) = examined(WELL)
    assert report.is_well
    assert report.offers == ("640x480/30/YUYV", "1280x720/30/MJPG")
    assert (report.size_wh, report.granted) == ((96, 64), "96x64/50")
    assert report.rate is not None
    assert 5 < report.rate < 60  # a loaded machine passes some over
    assert report.age_ms is not None
    assert 0 <= report.age_ms < 500
    text = "\n".join(report.lines())
    assert text.startswith("ok      Well (camera 0, USB 046d:082d)")
    for part in ("pictures of 96x64", "a second", "ms old", "1280x720/30/MJPG"):
        assert part in text


def test_each_that_fails_is_told_and_costs_no_other() -> None:
    refused, silent, file, well = examined(REFUSED, SILENT, FILE, WELL)
    assert (refused.trouble, refused.remedy) == (
        "Refused is in use.",
        "Close the other program.",
    )
    assert silent.trouble == "It gave no picture in 0.6 s."
    assert "A file is called File, too" in file.trouble
    assert [r.is_well for r in (refused, silent, file, well)] == [
        False,
        False,
        False,
        True,
    ]
    assert refused.lines()[0].startswith("BROKEN  Refused")
    assert "Refused is in use." in "\n".join(refused.lines())


def test_twins_are_told_apart() -> None:
    titles = [report.title for report in examined(WELL, TWIN, watched_s=0.2)]
    assert len(set(titles)) == 2
    assert titles[1] == "Well [1-2]"


@pytest.mark.parametrize(
    ("cameras", "code"), [([], 0), ([WELL], 0), ([WELL, REFUSED], 1)]
)
def test_the_command_prints_it_for_people_and_for_programs(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    cameras: list[Camera],
    code: int,
) -> None:
    really = checkup.examine_cameras
    monkeypatch.setattr(
        checkup,
        "examine_cameras",
        lambda: really(
            watched_s=0.3,
            look=lambda: cameras,
            look_for_modes=lambda _: OFFERED,
            open_source=open_source,
        ),
    )
    assert main.main(["doctor", "--cameras"]) == code
    text = capsys.readouterr().out
    if not cameras:
        assert "No camera is plugged in" in text
    assert all(camera.name in text for camera in cameras)
    assert main.main(["doctor", "--cameras", "--json"]) == code
    reports = json.loads(capsys.readouterr().out)
    assert [report["title"] for report in reports] == [c.name for c in cameras]
    assert all(report["offers"] for report in reports)
