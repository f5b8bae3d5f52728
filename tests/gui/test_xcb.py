"""The window on a real X server, after OpenCV has pointed Qt at its own plugins."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.gui, pytest.mark.xcb]
ROOT = Path(__file__).parents[2]

SHOW = """
import cv2, os, sys
assert "QT_QPA_PLATFORM_PLUGIN_PATH" in os.environ
from PySide6.QtCore import QTimer
from app.gui.app import make_application
from app.gui.video_view import VideoView
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


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is Linux's")
def test_a_real_window_opens_though_opencv_was_imported_first() -> None:
    xvfb_run = shutil.which("xvfb-run")
    if xvfb_run is None:
        pytest.skip("xvfb-run is not installed")
    environment = os.environ | {"QT_QPA_PLATFORM": "xcb"}
    shown = subprocess.run(
        [xvfb_run, "-a", sys.executable, "-c", SHOW],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.strip() == "xcb True"
