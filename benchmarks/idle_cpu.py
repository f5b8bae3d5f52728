"""How much of one core the app takes: playing, paused, and paused at the end.

usage: python benchmarks/idle_cpu.py MODEL.onnx [DEVICE [SECONDS]]

Starts the true window, without a screen, on the bundled clip; counts the processor
time of all threads of the process. Ends with 1 when it takes over 1 % paused.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTLE_MS, ALLOWED_PERCENT = 2000, 1.0


def main(model: str, device: str = "cpu", seconds: str = "10") -> int:
    """Print a line for each state; the exit code says whether it was quiet."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = home
        sys.path.insert(0, str(ROOT))
        return _measure(model, device, float(seconds))


def _measure(model: str, device: str, seconds: float) -> int:
    from PySide6.QtWidgets import QApplication

    import main as app
    from app.gui.window import MainWindow

    percents: dict[str, float] = {}
    begin = QApplication.exec

    def steer(_application: QApplication) -> int:
        windows = QApplication.topLevelWidgets()
        window = next(w for w in windows if isinstance(w, MainWindow))
        player = window._player
        steps: dict[str, Callable[[], object]] = {
            "playing": player.resume,
            "paused": player.pause,
            "at the end": lambda: player.seek(float("inf")),
        }
        _go_through(steps, percents, seconds, then=window.close)
        return begin()

    QApplication.exec = steer  # type: ignore[method-assign, assignment] # the one hook
    clip = str(ROOT / "assets" / "bikes.mp4")
    app.main(["--source", clip, "--model", model, "--device", device])
    for state, percent in percents.items():
        sys.stdout.write(f"{state:<12}{percent:6.2f} % of one core\n")
    quiet = all(
        percents[state] <= ALLOWED_PERCENT for state in ("paused", "at the end")
    )
    return 0 if quiet else 1


def _go_through(
    steps: dict[str, Callable[[], object]],
    percents: dict[str, float],
    seconds: float,
    *,
    then: Callable[[], object],
) -> None:
    """Do a step, let it settle, count for so many seconds, and so on."""
    from PySide6.QtCore import QTimer

    if not steps:
        then()
        return
    state, *others = steps
    left = {name: steps[name] for name in others}

    def count() -> None:
        began_s, spent_s = time.monotonic(), time.process_time()

        def read() -> None:
            share = (time.process_time() - spent_s) / (time.monotonic() - began_s)
            percents[state] = 100 * share
            _go_through(left, percents, seconds, then=then)

        QTimer.singleShot(round(1000 * seconds), read)

    def step() -> None:
        steps[state]()
        QTimer.singleShot(SETTLE_MS, count)

    QTimer.singleShot(SETTLE_MS, step)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
