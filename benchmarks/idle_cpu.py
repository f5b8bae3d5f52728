"""How much of one core the app takes: playing, paused, and paused at the end.

usage: python benchmarks/idle_cpu.py MODEL.onnx [DEVICE [SECONDS]]

Starts the true window, without a screen, on the bundled clip; counts the processor
time of all threads of the process, and says each figure as soon as it is known: the
window may end its process without a word. Then what that was, by threads, and by what
is painted and laid out in two seconds more: to count that takes time, too.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTLE_MS = 2000
SEEN_MS = 2000


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
        before = threads()

        def read() -> None:
            share = (time.process_time() - spent_s) / (time.monotonic() - began_s)
            sys.stdout.write(f"{state:<12}{100 * share:6.2f} % of one core\n")
            sys.stdout.write(busiest(before, threads()))
            sys.stdout.flush()
            _see(lambda: _go_through(left, seconds, then=then))

        QTimer.singleShot(round(1000 * seconds), read)

    def step() -> None:
        steps[state]()
        QTimer.singleShot(SETTLE_MS, count)

    QTimer.singleShot(SETTLE_MS, step)


def threads() -> Counter[tuple[str, str]]:
    """Processor time of each thread in ms, by id and name; none but on Linux."""
    tick_ms = 1000 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.0
    spent: Counter[tuple[str, str]] = Counter()
    for task in Path("/proc/self/task").glob("*"):
        try:
            name, _, rest = (
                (task / "stat").read_text().partition("(")[2].rpartition(")")
            )
        except OSError:  # it ended
            continue
        fields = rest.split()  # from the state on, which is the third
        who = "the window's" if task.name == str(os.getpid()) else name
        spent[task.name, who] = round(tick_ms * (int(fields[11]) + int(fields[12])))
    return spent


def busiest(
    before: Counter[tuple[str, str]], after: Counter[tuple[str, str]], most: int = 4
) -> str:
    """A line on the threads that took most in between; nothing where none did."""
    spent = (after - before).most_common(most)
    told = ", ".join(f"{name} {ms} ms" for (_, name), ms in spent)
    return f"    threads: {told}\n" if told else ""


def _see(then: Callable[[], object]) -> None:
    """Say what is painted and laid out for a moment, by class."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    class Seen(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.counts: Counter[str] = Counter()

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            kinds = {
                QEvent.Type.Paint: "painted",
                QEvent.Type.LayoutRequest: "laid out",
            }
            if (kind := kinds.get(event.type())) is not None:
                self.counts[f"{type(watched).__name__} {kind}"] += 1
            return False

    seen, app = Seen(), QApplication.instance()
    if app is None:
        raise RuntimeError("there is no window any more")
    app.installEventFilter(seen)

    def tell() -> None:
        app.removeEventFilter(seen)
        told = ", ".join(f"{what} {n}" for what, n in seen.counts.most_common(6))
        sys.stdout.write(
            f"    in {SEEN_MS / 1000:.0f} s: {told or 'nothing painted'}\n"
        )
        sys.stdout.flush()
        then()

    QTimer.singleShot(SEEN_MS, tell)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
