"""The app on a real X server, after OpenCV has pointed Qt at its own plugins."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.python import ROOT

pytestmark = [
    pytest.mark.gui,
    pytest.mark.xcb,
    pytest.mark.skipif(sys.platform != "linux", reason="X11 is Linux's"),
]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a person at a screen of their own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        number = server.stdout.readline().strip()
        yield os.environ | {
            "DISPLAY": f":{number}",
            "QT_QPA_PLATFORM": "xcb",
            "XDG_CONFIG_HOME": str(tmp_path),
        }
    finally:
        server.terminate()
        server.wait(10)
        server.stdout.close()


def test_a_real_window_opens_though_opencv_was_imported_first(
    environment: dict[str, str],
) -> None:
    code = """
import cv2, os
assert "QT_QPA_PLATFORM_PLUGIN_PATH" in os.environ
from PySide6.QtCore import QTimer
from app.gui.app import make_application
from app.gui.picture.video_view import VideoView
application = make_application()
view = VideoView()
view.show_text("Hello")
view.show()
def look():
    print(application.platformName(), view.isVisible(), flush=True)
    application.quit()
QTimer.singleShot(300, look)
application.exec()
"""
    shown = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.strip() == "xcb True"


def test_the_app_starts_plays_and_ends_with_ctrl_c(
    environment: dict[str, str], make_model: MakeModel, clip: Path, tmp_path: Path
) -> None:
    arguments = ["--source", str(clip), "--model", str(make_model()), "--verbose"]
    app = subprocess.Popen(
        [sys.executable, "main.py", *arguments],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert app.stderr is not None
    try:
        log = ""
        for line in app.stderr:  # ends with the process
            log += line
            if "DetectorOpened" in line:
                break
        assert "DetectorOpened" in log  # on whichever device is best here
        app.send_signal(signal.SIGINT)
        _, rest = app.communicate(timeout=20)
    finally:
        app.kill()
    assert app.returncode == 0, log + rest
    assert "Traceback" not in log + rest
    saved = tmp_path / "mobilenet-ssd-live" / "settings.json"
    assert Settings.load(saved) == Settings()
