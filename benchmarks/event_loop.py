"""How late the window's event loop is while a file plays as fast as it can.

usage: python -m benchmarks.event_loop [--model M.onnx] [--size 3840x2160] [--plots]

A 5 ms timer of the real window tells how much later it comes than it should: that
is how long a click would wait. Without --model, a detector that does nothing stands
in, which leaves the most to be shown. The clip is made first: noise that moves, so
that decoding it is work.
"""

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import av
import numpy as np
from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

from app.cli import places
from app.cli.parts import Parts
from app.cli.watch import build_command
from app.cli.watching.window import event_parts
from app.gui.app import make_application
from app.gui.parts import Places
from app.gui.playing.collector import Collector
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.pipeline.timeline import percentile
from app.pipeline.transport import SPEEDS
from app.settings import Settings
from app.types import Detections, DetectorInfo, ImageBgr, StageTimes

TICK_MS = 5
FRAMES = 120
SETTLE_S, MEASURE_S = 3.0, 12.0


class Lateness(QObject):
    """Collects how late a timer is, in milliseconds, from its making on.

    Attributes:
        late_ms: one number a tick.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.late_ms: list[float] = []
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._clock.start()
        self._timer.start()

    def _tick(self) -> None:
        elapsed_ms = self._clock.nsecsElapsed() / 1e6
        self._clock.start()
        self.late_ms.append(max(0.0, elapsed_ms - TICK_MS))


class Nothing:
    """A detector that finds nothing at once."""

    def open(self) -> DetectorInfo:
        """Ready."""
        return DetectorInfo("nothing", ("person",), (300, 300), "CPUExecutionProvider")

    def detect(
        self, _image_bgr: ImageBgr, _settings: Settings
    ) -> tuple[Detections, StageTimes]:
        """Nothing."""
        return Detections.empty(), StageTimes()

    def close(self) -> None:
        """Done."""


def make_clip(path: Path, size_wh: tuple[int, int]) -> None:
    """H.264, 60 frames a second, of a picture that drifts."""
    width, height = size_wh
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (height // 16 + 64, width // 16 + 64, 3), np.uint8)
    picture = coarse.repeat(16, axis=0).repeat(16, axis=1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=60)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "28"}
        for i in range(FRAMES):
            shifted = np.ascontiguousarray(
                picture[3 * i : 3 * i + height, 2 * i : 2 * i + width]
            )
            frame = av.VideoFrame.from_ndarray(shifted, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def parse() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, help="else nothing is detected")
    parser.add_argument("--size", default="3840x2160")
    parser.add_argument("--plots", action="store_true", help="with the plots open")
    parser.add_argument("--record", action="store_true", help="while recording")
    return parser.parse_args()


def make_window(options: argparse.Namespace, folder: Path) -> tuple[Player, MainWindow]:
    """The real one, with a home of its own in `folder`."""
    factories = Parts().factories()
    if options.model is None:
        factories = replace(factories, make_detector=lambda *_: Nothing())
    player = Player(
        factories,
        settings=Settings(device="cpu"),
        model_path=options.model or Path("nothing.onnx"),
    )
    window = MainWindow(
        player,
        factories=factories,
        places=Places(
            clip=places.bundled_clip(),
            settings=folder / "settings.json",
            recordings=folder,
            build=build_command(),
        ),
        events=event_parts(factories),
    )
    window.resize(1280, 780)
    window.show()
    return player, window


def main() -> int:
    """Print percentiles of the lateness."""
    options = parse()
    width, height = (int(part) for part in options.size.split("x"))
    application = make_application()
    Collector(application).begin()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_clip(folder / "clip.mp4", (width, height))
        player, window = make_window(options, folder)
        player.set_speed(SPEEDS[-1])
        player.set_loops(True)
        window.open_source(str(folder / "clip.mp4"))
        late_ms: list[float] = []

        def measure() -> None:
            late_ms.clear()
            lateness = Lateness(window)

            def finish() -> None:
                late_ms.extend(sorted(lateness.late_ms))
                sys.stdout.write(window.status.rates.text() + "\n")
                window.close_without_asking()

            QTimer.singleShot(round(1000 * MEASURE_S), finish)

        def begin() -> None:
            if options.plots:
                window.actions_.plots.trigger()
            if options.record:
                window.actions_.record.trigger()
            QTimer.singleShot(round(1000 * SETTLE_S), measure)

        QTimer.singleShot(round(1000 * SETTLE_S), begin)
        application.exec()
        player.shut_down(5.0)
    words = [
        f"{label} {percentile(late_ms, percent):.1f} ms"
        for label, percent in (("p50", 50), ("p95", 95), ("p99", 99), ("max", 100))
    ]
    sys.stdout.write(f"late by: {', '.join(words)} ({len(late_ms)} ticks)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
