"""How long after the start of the process the window is up, and the first box drawn.

    python benchmarks/startup.py --runs 5

Each run is a process of its own, as a person would start it, with fresh settings. The
first one compiles what later ones find compiled (Python's bytecode, OpenVINO's
network), and is told apart. The times are from the parent's clock just before it starts
the process until:

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
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MARKS = ("window", "picture", "box")
IN_CLIP = "in the clip"  # how far into it that box is
GIVE_UP_S = 60.0


def main() -> None:
    """Start it several times, and print the medians."""
    options = _parse()
    if options.started_at_s is not None:
        _measure(options)
        return
    with tempfile.TemporaryDirectory() as caches:
        first, *runs = [_run(options, Path(caches)) for _ in range(1 + options.runs)]
    told = ", ".join(f"{mark} {first[mark]:.2f}" for mark in MARKS)
    lines = [
        f"{options.runs} starts, load average {os.getloadavg()[0]:.1f}; seconds",
        f"  (the very first: {told})",
    ]
    for mark in MARKS:
        times = sorted(run[mark] for run in runs)
        lines.append(
            f"  {mark:8} median {statistics.median(times):.2f}"
            f"   best {times[0]:.2f}   worst {times[-1]:.2f}"
        )
    own_s = statistics.median(run[IN_CLIP] for run in runs)
    lines.append(f"  {own_s:.2f} s of the box are the clip's: none is found before")
    sys.stdout.write("\n".join([*lines, ""]))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--source", default=str(ROOT / "assets" / "bikes.mp4"))
    parser.add_argument(
        "--model", default=str(ROOT / "assets" / "models" / "mobilenet_ssd")
    )
    parser.add_argument("--device", default="auto")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--started-at-s", type=float, help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(options: argparse.Namespace, caches: Path) -> dict[str, float]:
    arguments = ["--source", options.source, "--model", options.model]
    arguments += ["--device", options.device]
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "HOME": home,
            "XDG_CONFIG_HOME": home,
            "XDG_CACHE_HOME": str(caches),
            "PYTHONPYCACHEPREFIX": str(caches / "bytecode"),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
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
    from app.cli import watch

    arguments = ["--source", options.source, "--model", options.model]
    sys.argv = ["main.py", *arguments, "--device", options.device]
    times: dict[str, float] = {}

    def mark(name: str) -> None:
        times.setdefault(name, time.monotonic() - options.started_at_s)

    begin = watch._window

    def begin_watched(*args: Any) -> int:  # noqa: ANN401 - passed on
        _watch_window(times, mark)  # no sooner: what it imports is a part of the start
        return begin(*args)

    vars(watch)["_window"] = begin_watched
    app_main.main(sys.argv[1:])


def _watch_window(times: dict[str, float], mark: Callable[[str], None]) -> None:
    """Let the window that will be made say when it is painted."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent

    import app.gui.app as gui
    from app.gui.window import MainWindow
    from app.types import Result

    class Window(MainWindow):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's
            super().paintEvent(event)
            mark("window")

        def on_painted(self, result: Result) -> None:
            mark("picture")
            if len(result.detections) and "box" not in times:
                mark("box")
                times[IN_CLIP] = result.frame.timestamp_s
                # At once: a start that is closed so soon may still mend recordings,
                # and the process then ends without a word.
                sys.stdout.write(json.dumps(times))
                sys.stdout.flush()
                QTimer.singleShot(0, self.close)

    def make(*args: Any, **kwargs: Any) -> Window:  # noqa: ANN401 - passed on
        window = Window(*args, **kwargs)
        window.video.painted.connect(window.on_painted)
        return window

    vars(gui)["MainWindow"] = make


if __name__ == "__main__":
    main()
