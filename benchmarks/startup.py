"""How long after the start of the process the window is up, and the first box drawn.

    python benchmarks/startup.py --model assets/models/mobilenet_ssd.onnx --runs 5

Each run is a process of its own, as a person would start it, with a fresh home. The
times are from the parent's clock just before it starts the process until:

    window       the window has been painted
    picture      the first frame of the clip has been painted
    box          the first frame with a box on it has been painted

Without a display, Qt's offscreen platform stands in (`QT_QPA_PLATFORM=offscreen`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MARKS = ("window", "picture", "box")
GIVE_UP_S = 60.0


def main() -> None:
    """Start it several times, and print the medians."""
    options = _parse()
    if options.started_at_s is not None:
        _measure(options)
        return
    runs = [_run(options) for _ in range(options.runs)]
    lines = [f"{options.runs} starts, load average {os.getloadavg()[0]:.1f}; seconds"]
    for mark in MARKS:
        times = sorted(run[mark] for run in runs)
        lines.append(
            f"  {mark:8} median {statistics.median(times):.2f}"
            f"   best {times[0]:.2f}   worst {times[-1]:.2f}"
        )
    sys.stdout.write("\n".join([*lines, ""]))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--source", default=str(ROOT / "assets" / "bikes.mp4"))
    parser.add_argument(
        "--model", default=str(ROOT / "assets" / "models" / "mobilenet_ssd.onnx")
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--started-at-s", type=float, help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(options: argparse.Namespace) -> dict[str, float]:
    arguments = ["--source", options.source, "--model", options.model]
    arguments += ["--device", options.device]
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"HOME": home, "XDG_CONFIG_HOME": home}
        started_at_s = time.monotonic()
        output = subprocess.run(
            [sys.executable, __file__, *arguments, "--started-at-s", str(started_at_s)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=GIVE_UP_S,
        ).stdout
    return dict(json.loads(output))


def _measure(options: argparse.Namespace) -> None:
    """Run the app itself, in this process, until a box is seen."""
    sys.path.insert(0, str(ROOT))
    import main as app_main

    arguments = ["--source", options.source, "--model", options.model]
    sys.argv = ["main.py", *arguments, "--device", options.device]

    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent

    import app.gui.app as gui
    from app.gui.window import MainWindow
    from app.types import Result

    times: dict[str, float] = {}

    def mark(name: str) -> None:
        times.setdefault(name, time.monotonic() - options.started_at_s)

    class Window(MainWindow):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's
            super().paintEvent(event)
            mark("window")

        def on_painted(self, result: Result) -> None:
            mark("picture")
            if len(result.detections):
                mark("box")
                QTimer.singleShot(0, self.close)

    def make(*args: Any, **kwargs: Any) -> Window:  # noqa: ANN401 - passed on
        window = Window(*args, **kwargs)
        window.video.painted.connect(window.on_painted)
        return window

    vars(gui)["MainWindow"] = make
    app_main.main(sys.argv[1:])
    sys.stdout.write(json.dumps(times))


if __name__ == "__main__":
    main()
