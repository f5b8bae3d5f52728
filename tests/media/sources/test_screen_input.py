"""What app.media.sources.screen_input promises."""

import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from app.errors import SourceError
from app.media.sources.live_source import LiveSource
from app.media.sources.make import make_source
from app.media.sources.screen_input import ScreenInput

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="X11 is Linux's")


# Blue, green, red: each corner of the screen has its own.
CORNERS = {(0, 0): (200, 0, 0), (0, -1): (0, 150, 0), (-1, 0): (0, 0, 100)}


@pytest.fixture
def display(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[subprocess.Popen[str]]:
    """A screen of 320x200, and who makes it."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "320x200x24", "-fbdir", tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        monkeypatch.setenv("DISPLAY", f":{server.stdout.readline().strip()}")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        paint(tmp_path / "Xvfb_screen0")
        yield server
    finally:
        server.terminate()
        server.wait(10)
        server.stdout.close()


def paint(screen: Path) -> None:
    """Straight into Xvfb's memory, which is an XWD file (X11/XWDfile.h)."""
    header = struct.unpack(">25I", screen.read_bytes()[:100])
    start, line_bytes = header[0] + 12 * header[19], header[12]
    pixels = np.memmap(screen, np.uint8, "r+", start, (200, line_bytes))
    for (row, column), color_bgr in CORNERS.items():
        pixels.reshape(200, -1, 4)[row, column, :3] = color_bgr
    pixels.flush()


@pytest.mark.usefixtures("display")
@pytest.mark.xcb
def test_the_screen_is_a_live_source() -> None:
    source = make_source("screen")
    assert isinstance(source, LiveSource)
    info = source.open()
    assert (info.name, info.size_wh, info.is_live) == ("Screen", (320, 200), True)
    frames = []
    for frame in source.frames():
        frames.append(frame)
        if len(frames) == 4:
            break
    source.close()
    assert all(not frame.gap for frame in frames)
    assert frames[0].image_bgr.shape == (200, 320, 3)
    for (row, column), color_bgr in CORNERS.items():
        assert tuple(frames[0].image_bgr[row, column]) == color_bgr
    # 30 a second: three intervals, of which a slow machine may make more.
    assert frames[3].captured_at_s - frames[0].captured_at_s > 2 / 30


@pytest.mark.usefixtures("display")
@pytest.mark.xcb
def test_a_monitor_that_is_not_there_is_said() -> None:
    with pytest.raises(SourceError, match=r"no monitor 7.*screen:1"):
        make_source("screen:7").open()


@pytest.mark.xcb
def test_a_screen_that_goes_is_said(display: subprocess.Popen[str]) -> None:
    screen = ScreenInput(1, fps=100)
    screen.open()
    screen.read()
    display.kill()
    display.wait(10)
    with pytest.raises(SourceError, match="can no longer be seen"):
        screen.read()
    screen.close()


def test_where_there_is_no_screen_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    screen = ScreenInput(1, fps=30, environment={})
    with pytest.raises(SourceError, match="no screen here"):
        screen.open()
    screen.close()


def test_wayland_is_said_to_allow_none() -> None:
    screen = ScreenInput(1, fps=30, environment={"WAYLAND_DISPLAY": "wayland-0"})
    with pytest.raises(SourceError, match=r"Wayland.*X11"):
        screen.open()
    screen.close()
