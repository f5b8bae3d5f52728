"""What must hold of the whole app on real camera drivers; run in the guest, by host.py.

Its model is a tiny one: what a network takes, emulated, is no camera's matter.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from tests.gui.real import desk as desk_module
from tests.gui.real.desk import Desk, RealApp
from tests.python import start_app
from tests.real_cameras.pictures import BARS_BGR
from tests.real_cameras.plugged import Plugged, wait_until

Plug = Callable[..., Plugged]
Record = Callable[[str, object], None]
SMALL = "Logi Test@322x242/10/MJPG"
MODEL = ("--model", os.environ.get("CAMERA_MODEL", "nowhere"), "--device", "cpu")
# The app's start, emulated, on a busy machine.
START_S = 200.0


@pytest.mark.timeout(START_S + 100)
def test_the_doctor_shows_a_plugged_camera(plug: Plug, record_property: Record) -> None:
    plug()
    doctor = start_app("doctor", "--cameras")
    text, _ = doctor.communicate(timeout=START_S)
    assert doctor.returncode == 0, text
    record_property("says", text)
    assert text.startswith("ok      Logi Test (camera 0, USB 1d6b:0102)")
    assert re.search(r"[0-9]+ pictures of 640x480, [0-9.]+ a second, [0-9]+ ms", text)
    assert "322x242/10/MJPG" in text


def lines_until(app: "subprocess.Popen[str]", part: str) -> list[str]:
    """What it says, up to a line with `part`."""
    assert app.stdout is not None
    lines: list[str] = []
    for line in app.stdout:
        lines.append(line)
        if part in line:
            return lines
    raise AssertionError(f"it ended without {part}: {lines}")


@pytest.mark.timeout(START_S + 200)
def test_a_recording_over_a_gap_ended_by_ctrl_c_is_whole(
    plug: Plug, tmp_path: Path, record_property: Record
) -> None:
    camera = plug()
    path = tmp_path / "out.mp4"
    app = start_app(
        *("--source", SMALL, "--headless", "--record", str(path), *MODEL),
    )
    said = lines_until(app, "runs on")
    begun_s = time.monotonic()
    time.sleep(3)
    camera.tell("pull")
    said += lines_until(app, "was unplugged")
    time.sleep(3)
    camera.tell("push")
    said += lines_until(app, "Back again")
    time.sleep(3)
    app.send_signal(signal.SIGINT)
    expected_s = time.monotonic() - begun_s
    text = "".join([*said, app.communicate(timeout=90)[0]])
    assert app.returncode == 0, text
    assert text.count("was unplugged") == 1, text
    with av.open(str(path)) as container:
        times_s = [frame.time for frame in container.decode(video=0)]
    record_property("seconds of a recording", round(times_s[-1], 2))
    record_property("seconds that it ran", round(expected_s, 2))
    assert times_s == sorted(times_s)
    # From the first picture to Ctrl+C, the gap (3 s at least) included.
    assert times_s[-1] == pytest.approx(expected_s, abs=2)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A screen, with the patience that an emulated one wants."""
    monkeypatch.setattr(desk_module, "WAIT_S", 60.0)
    home = tmp_path / "home"
    home.mkdir()
    desk = Desk(home)
    yield desk
    desk.close()


@pytest.fixture
def app(desk: Desk) -> Iterator[RealApp]:
    """The app with its window, on a test pattern."""
    app = desk.run("--source", "test@64x48/2", *MODEL, talks=True)
    yield app
    app.kill()


MENU = "window.opener.camera_menu"
ITEM = f"{MENU}.actionGeometry({MENU}.actions()[0]).center()"
SCREEN = "app.primaryScreen().grabWindow(0).toImage()"


@pytest.mark.timeout(START_S + 200)
def test_in_the_window_a_plugged_camera_is_listed_and_a_click_plays_it(
    desk: Desk, app: RealApp, plug: Plug
) -> None:
    app.wait_for("the window is there", START_S)
    app.until("player.info is not None", START_S)
    titles = f"[action.text() for action in {MENU}.actions()]"
    assert "Logi Test" not in app.ask(titles)
    plug()
    app.until(f"{titles}[0] == 'Logi Test'", START_S)
    desk.click(app.ask("where(window.toolbar._camera)"))
    app.until(f"{MENU}.isVisible()", START_S)
    desk.click(app.ask(f"(lambda at: (at.x(), at.y()))({MENU}.mapToGlobal({ITEM}))"))
    app.until("player.source_text == 'Logi Test'", START_S)
    app.until("window.windowTitle().startswith('Logi Test')", START_S)
    wait_until(lambda: shown_bars(app) == len(BARS_BGR), "its bars on the screen")


def shown_bars(app: RealApp) -> int:
    """How many of the camera's colours are in the middle of the picture, on screen."""
    row = f"{SCREEN}.copy(where(window.video)[0] - 400, where(window.video)[1], 800, 1)"
    pixels = app.ask(f"[image.pixel(x, 0) for image in [{row}] for x in range(800)]")
    shown = {tuple(pixel >> shift & 255 for shift in (0, 8, 16)) for pixel in pixels}
    return sum(
        any(
            max(abs(a - b) for a, b in zip(bar, other, strict=True)) < 12
            for other in shown
        )
        for bar in BARS_BGR
    )
