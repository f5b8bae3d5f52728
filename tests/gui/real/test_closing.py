"""A window that is closed is the end of its process, whoever closes it."""

import signal
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.gui.real.conftest import StartApp
from tests.gui.real.desk import WAIT_S, Desk, RealApp, poll

pytestmark = [pytest.mark.gui, pytest.mark.xcb, pytest.mark.slow]

GONE_S = 5.0
WAYS: dict[str, Callable[[Desk, RealApp], None]] = {
    "button": lambda desk, _: desk.key("alt+F4"),  # the window manager's
    "key": lambda desk, _: desk.key("ctrl+q"),
    "SIGINT": lambda _, app: app.send(signal.SIGINT),
    "SIGTERM": lambda _, app: app.send(signal.SIGTERM),
}


def recordings(desk: Desk) -> list[Path]:
    return [p for p in desk.home.rglob("*") if p.suffix in (".mp4", ".part")]


@pytest.fixture
def playing(start_app: StartApp) -> RealApp:
    app = start_app("--source", "test")
    app.wait_for("SourceOpened")
    app.wait_for("DetectorOpened")
    return app


@pytest.fixture
def recording(playing: RealApp, desk: Desk) -> RealApp:
    """One that has written something."""
    desk.key("r")
    playing.wait_for("RecordingStarted")
    poll(
        lambda: sum(path.stat().st_size for path in recordings(desk)) > 5000,
        WAIT_S,
        "some of it is on the disk",
    )
    return playing


@pytest.mark.parametrize("way", WAYS)
def test_what_plays_ends_with_its_window(
    way: str, playing: RealApp, desk: Desk
) -> None:
    WAYS[way](desk, playing)
    assert playing.exit_code(GONE_S) == 0, playing.all_log
    assert "Traceback" not in playing.all_log


@pytest.mark.parametrize("way", WAYS)
def test_what_is_recorded_is_whole_when_the_process_is_gone(
    way: str, recording: RealApp, desk: Desk
) -> None:
    WAYS[way](desk, recording)
    if way in ("button", "key"):
        desk.wait_active("Close")
        desk.key("Return")  # finish and close
    assert recording.exit_code(GONE_S) == 0, recording.all_log
    assert "Traceback" not in recording.all_log
    (path,) = recordings(desk)
    assert path.suffix == ".mp4"
    with av.open(str(path)) as container:
        assert sum(1 for _ in container.decode(video=0)) > 0


def test_whoever_goes_on_recording_after_all_is_not_closed(
    recording: RealApp, desk: Desk
) -> None:
    desk.key("ctrl+q")
    desk.wait_active("Close")
    desk.key("Escape")
    assert recording.exit_code(1.0) is None
    recording.send(signal.SIGTERM)
    assert recording.exit_code(GONE_S) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_as_soon_as_there_is_a_window_is_heard(
    number: signal.Signals, start_app: StartApp
) -> None:
    app = start_app("--source", "test")
    app.wait_for("the window is there")
    app.send(number)
    assert app.exit_code(GONE_S) == 0, app.all_log


def test_a_second_signal_waits_for_nothing(recording: RealApp) -> None:
    recording.send(signal.SIGINT)
    recording.send(signal.SIGTERM)
    assert recording.exit_code(GONE_S) == 0, recording.all_log
