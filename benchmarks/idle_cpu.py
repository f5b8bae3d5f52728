"""How much of one core the app takes: playing, paused, and paused at the end.

usage: python benchmarks/idle_cpu.py MODEL.onnx [DEVICE [SECONDS]]

Starts the true window, without a screen, on the bundled clip; counts the processor
time of all threads of the process, and says each figure as soon as it is known: the
window may end its process without a word.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTLE_MS = 2000


def main(model: str, device: str = "cpu", seconds: str = "10") -> None:
    """Print a line for each state."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = home
        sys.path.insert(0, str(ROOT))
        _measure(model, device, float(seconds))


def _measure(model: str, device: str, seconds: float) -> None:
    from PySide6.QtWidgets import QApplication

    import main as app
    from app.gui.window import MainWindow

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
        _go_through(steps, seconds, then=window.close)
        return begin()

    QApplication.exec = steer  # type: ignore[method-assign, assignment] # the one hook
    clip = str(ROOT / "assets" / "bikes.mp4")
    app.main(["--source", clip, "--model", model, "--device", device])


def _go_through(
    steps: dict[str, Callable[[], object]],
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
            sys.stdout.write(f"{state:<12}{100 * share:6.2f} % of one core\n")
            sys.stdout.flush()
            _go_through(left, seconds, then=then)

        QTimer.singleShot(round(1000 * seconds), read)

    def step() -> None:
        steps[state]()
        QTimer.singleShot(SETTLE_MS, count)

    QTimer.singleShot(SETTLE_MS, step)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
