"""From a camera's picture to the same picture painted: the app's window, measured.

The camera is `SyntheticInput`, which draws each picture's number into it. The number
is read off the painted window, and looked up when that picture was taken.
"""

import os
import statistics
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from app.cli.watch import build_command
from app.cli.watching.window import event_parts
from app.media.sources.live_source import LiveSource
from app.media.sources.synthetic import SyntheticInput, read_number
from app.settings import Settings
from app.types import ImageBgr
from benchmarks.context import Context
from benchmarks.kit import digits
from benchmarks.machine import resident_mib
from benchmarks.ours import Loaded, factories_with
from benchmarks.report import Section, Table
from benchmarks.worker import AbsentError, Worker

CAMERAS = (((640, 480), 30), ((1280, 720), 30), ((1920, 1080), 30), ((1280, 720), 60))
SKIPPED_S = 2.0  # from the start: loading the model, the first paints
TEXT = (
    "A synthetic camera draws each picture's number into it; the number is read off "
    "the painted window (the whole app, int8, without a screen: Qt's offscreen "
    "platform). *painted after* is from the moment the picture was there until the "
    "window had painted it. A true camera adds its exposure and its cable, a screen "
    "the wait for its next refresh."
)


def run(context: Context) -> Section:
    """One camera after another, each with a window of its own."""
    section = Section("latency", "Live: from the camera to the window", TEXT)
    rows = []
    for size_wh, fps in CAMERAS:
        name = f"{size_wh[0]} x {size_wh[1]} at {fps} a second"
        try:
            with Worker("benchmarks.latency:LiveWindow", context.int8) as worker:
                seen = worker.ask(
                    "watch", size_wh, fps, context.seconds(10.0), context.folder
                )
        except AbsentError as absent:
            section.notes.append(f"{name}: {absent}.")
            continue
        after_ms = sorted(seen["after_ms"])
        section.data[name] = seen
        rows.append(
            (
                name,
                digits(statistics.median(after_ms)),
                digits(after_ms[int(0.95 * (len(after_ms) - 1))]),
                f"{seen['painted_fps']:.1f}",
                f"{seen['left_out']:.1%}",
                f"{seen['cores']:.2f}",
                f"{seen['memory_mib']:.0f}",
            )
        )
    section.tables.append(
        Table(
            (
                *("camera", "painted after, ms", "95 % within, ms"),
                *("painted a second", "left out", "cores busy", "memory, MiB"),
            ),
            rows,
        )
    )
    return section


class Stopwatch(SyntheticInput):
    """A synthetic camera that remembers when each picture was there."""

    def __init__(self, size_wh: tuple[int, int], fps: int) -> None:
        super().__init__(size_wh=size_wh, fps=fps)
        self.taken_s: dict[int, float] = {}

    def picture(self, number: int) -> ImageBgr:
        """As it is drawn; from now on it could be seen."""
        image_bgr = super().picture(number)
        self.taken_s[number] = time.monotonic()
        return image_bgr


class LiveWindow:
    """The app's window in this process; see `benchmarks.worker`."""

    def __init__(self, model: Path) -> None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        self._model = model

    def __call__(self) -> None:
        """Nothing to time."""

    def watch(
        self, size_wh: tuple[int, int], fps: int, for_s: float, folder: Path
    ) -> dict[str, Any]:
        """Let the window play a camera for a while; what was painted when."""
        from app.gui import app as gui
        from app.gui.parts import Places

        camera = Stopwatch(size_wh, fps)
        factories = replace(
            factories_with(Loaded(self._model)),
            make_source=lambda _text: LiveSource(lambda: camera, name="Stopwatch"),
        )
        probes = []
        make_application = gui.make_application

        def make_watched() -> Any:  # noqa: ANN401
            application = make_application()
            probes.append(_probe(application, camera, for_s + SKIPPED_S))
            return application

        gui.make_application = make_watched
        gui.run_window(
            factories,
            source="stopwatch",
            recover=list,
            model_path=self._model,
            # The camera's colours may look like a TV, whose label hides the number.
            settings=Settings(score_threshold=0.9, threshold_chosen=True),
            places=Places(
                clip=folder / "none.mp4",
                settings=folder / "settings.json",
                recordings=folder,
                build=build_command(),
            ),
            events=event_parts(factories),
        )
        return summary(camera, probes[0].painted, probes[0].usage)


def summary(
    camera: Stopwatch, painted: list[tuple[float, int]], usage: dict[str, float]
) -> dict[str, Any]:
    """What (time, number) of each painted picture come to.

    A picture that is painted twice, because the window was resized, counts once.
    """
    first: dict[int, float] = {}
    for at_s, number in painted:
        first.setdefault(number, at_s)
    if len(first) < 2:
        raise AbsentError("the window painted nothing that could be read")
    unknown = set(first) - set(camera.taken_s)
    if unknown:
        raise AbsentError(f"{len(unknown)} numbers were read that were never drawn")
    span_s = max(first.values()) - min(first.values())
    offered = [n for n in camera.taken_s if min(first) <= n <= max(first)]
    return {
        "after_ms": [1e3 * (at_s - camera.taken_s[n]) for n, at_s in first.items()],
        "painted_fps": (len(first) - 1) / span_s,
        "left_out": 1 - len(first) / len(offered),
        **usage,
    }


def _probe(application: Any, camera: Stopwatch, for_s: float) -> Any:  # noqa: ANN401
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    from app.drawing.viewport import place
    from app.gui.picture.video_view import VideoView

    class Probe(QObject):
        """Reads the number off the window each time it has been painted."""

        def __init__(self) -> None:
            super().__init__(application)
            self.painted: list[tuple[float, int]] = []
            self.usage: dict[str, float] = {}
            self._views: set[VideoView] = set()
            self._is_ours = False
            application.installEventFilter(self)
            QTimer.singleShot(round(1e3 * SKIPPED_S), self._begin)
            QTimer.singleShot(round(1e3 * for_s), self._end)

        def eventFilter(  # noqa: N802 - Qt's name
            self, watched: QObject, event: QEvent
        ) -> bool:
            if event.type() == QEvent.Type.Paint and isinstance(watched, VideoView):
                self._views.add(watched)
            if event.type() != QEvent.Type.UpdateRequest or self._is_ours:
                return False
            if not isinstance(watched, QWidget) or not watched.isWindow():
                return False
            # Let it paint now; when this returns, all of it is painted.
            self._views.clear()
            self._is_ours = True
            watched.event(event)
            now_s = time.monotonic()
            for view in list(self._views):
                self._read(view, now_s)
            self._is_ours = False
            return True

        def _read(self, view: VideoView, now_s: float) -> None:
            image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
            rows = np.frombuffer(image.constBits(), np.uint8).reshape(
                image.height(), image.bytesPerLine()
            )
            pixels = rows[:, : 3 * image.width()].reshape(image.height(), -1, 3)
            where = place(view.viewport, camera.open().size_wh)
            left, top, right, bottom = where.target_xyxy
            number = read_number(pixels[top:bottom, left:right])
            if self._began_s:
                self.painted.append((now_s, number))

        _began_s = 0.0
        _began_core_s = 0.0

        def _begin(self) -> None:
            self._began_s, self._began_core_s = time.monotonic(), time.process_time()

        def _end(self) -> None:
            spent_s = time.process_time() - self._began_core_s
            self.usage = {
                "cores": spent_s / (time.monotonic() - self._began_s),
                "memory_mib": resident_mib(),
                "threads": threading.active_count(),
            }
            application.removeEventFilter(self)
            application.closeAllWindows()

    return Probe()
