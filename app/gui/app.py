"""Runs the window."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app.gui.events.parts import EventParts
from app.gui.languages.speaking import SOURCE, speak
from app.gui.look.theme import ThemeKeeper
from app.gui.opening.afterwards import FirstPaint
from app.gui.parts import Places
from app.gui.picture.lettering import lettered, window_lettering
from app.gui.playing.collector import Collector
from app.gui.playing.player import Player
from app.gui.playing.signals import EndSignals
from app.gui.window import NAME, MainWindow
from app.pipeline.interfaces import Factories
from app.settings import Settings

# opencv-python points these at its own Qt 5 when it is imported (Linux), and
# Qt 6 would abort on the plugins it finds there.
OPENCV_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")

SHUT_DOWN_S = 3.0

_ICON = Path(__file__).parent / "look" / "app-icon.svg"
_ENTRY = "mobilenet-ssd-live"  # as in tools/desktop

log = logging.getLogger(__name__)


def make_application() -> QApplication:
    """The QApplication, with OpenCV's Qt out of its way."""
    for name in OPENCV_VARIABLES:
        os.environ.pop(name, None)
    application = QApplication(sys.argv[:1])
    application.setApplicationName(NAME)
    application.setWindowIcon(QIcon(str(_ICON)))
    application.setDesktopFileName(_ENTRY)  # so that Wayland finds name and icon
    return application


def run_window(
    factories: Factories,
    *,
    source: str,
    recover: Callable[[], list[str]],
    model_path: Path,
    settings: Settings,
    places: Places,
    events: EventParts,
    notice: str = "",
    remark: str = "",
) -> int:
    """Show the window until it is closed; returns the exit code.

    Args:
        factories: how to make sources, detectors and recorders.
        source: what to play at once; empty: nothing before somebody chooses.
        recover: makes recordings whole that a crash cut off, and tells of them;
            called beside the window.
        model_path: the model to start with.
        settings: what to start with.
        places: where things are.
        events: what keeps the past, lists events and tells of them.
        notice: a warning to start with.
        remark: what is no warning, but should be known.
    """
    application = make_application()
    collector = Collector(application)
    if speak(application, settings.language) != SOURCE:
        factories = lettered(factories, window_lettering(application.font()))
    signals = EndSignals(application)
    theme = ThemeKeeper(application, is_late=True)
    player = Player(factories, settings=settings, model_path=model_path)
    window = MainWindow(
        player, factories=factories, places=places, events=events, soon=source
    )
    theme.dress()
    if source:
        FirstPaint(
            window, lambda: window.closing.is_closed or window.open_source(source)
        )
    window.show()

    if sentence := " ".join(part for part in (notice, remark) if part):
        window.notice.tell("warning" if notice else "info", sentence)

    def tell_recovered(sentences: list[str]) -> None:
        if sentences:
            window.messages.tell_recovered(sentences, places.recordings)

    window.afterwards.do(collector.begin)  # until then, it would look at what stays
    tell = window.messages.tell_error
    window.afterwards.do(
        lambda: player.chores.mending.run(recover, then=tell_recovered, or_else=tell)
    )
    signals.heard.connect(window.close_without_asking)
    # Queued: what is closed before the event loop runs ends it all the same.
    queued = Qt.ConnectionType.QueuedConnection
    window.closing.closed.connect(application.quit, queued)
    log.debug("the window is there")
    code = application.exec()
    if player.shut_down(SHUT_DOWN_S):
        # A thread stuck in a driver would bring the interpreter's own ending
        # down with it (std::terminate); all that matters is saved by now.
        logging.shutdown()
        os._exit(code)
    return code
