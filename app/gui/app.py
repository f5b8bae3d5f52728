"""Runs the window."""

import logging
import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.gui.player import Player
from app.gui.window import NAME, MainWindow
from app.pipeline.interfaces import Factories
from app.settings import Settings

# opencv-python points these at its own Qt 5 when it is imported (Linux), and
# Qt 6 would abort on the plugins it finds there.
OPENCV_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")

SHUT_DOWN_S = 3.0


def make_application() -> QApplication:
    """The QApplication, with OpenCV's Qt out of its way."""
    for name in OPENCV_VARIABLES:
        os.environ.pop(name, None)
    application = QApplication(sys.argv[:1])
    application.setApplicationName(NAME)
    return application


def run_window(
    factories: Factories,
    *,
    source: str,
    clip: Path,
    model_path: Path,
    settings: Settings,
    settings_path: Path,
    recordings: Path,
    notice: str = "",
) -> int:
    """Show the window on `source` until it is closed; returns the exit code.

    Args:
        factories: how to make sources, detectors and recorders.
        source: what to play first.
        clip: the bundled clip.
        model_path: the model to start with.
        settings: what to start with.
        settings_path: where to save them.
        recordings: the folder for recordings and snapshots.
        notice: a warning to start with.
    """
    application = make_application()
    player = Player(factories, settings=settings, model_path=model_path)
    window = MainWindow(
        player,
        list_cameras=factories.list_cameras,
        clip=clip,
        settings_path=settings_path,
        recordings=recordings,
    )
    window.show()
    window.open_source(source)
    if notice:
        window.notice.tell("warning", notice)
    signal.signal(signal.SIGINT, lambda *_: window.close())
    # Python sees a signal only when it runs: let it, a few times a second.
    ticker = QTimer(interval=200)
    ticker.timeout.connect(lambda: None)
    ticker.start()
    code = application.exec()
    if player.shut_down(SHUT_DOWN_S):
        # A thread stuck in a driver would bring the interpreter's own ending
        # down with it (std::terminate); all that matters is saved by now.
        logging.shutdown()
        os._exit(code)
    return code
