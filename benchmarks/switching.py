"""Switches among true detectors while the clip plays; says what was lost or leaked.

usage: python benchmarks/switching.py COUNT MODEL.onnx [MODEL.int8.onnx ...]

Every model by turns on every device of the CPU that is installed. Ends with 1 when a
frame was lost or shown twice, or a switch failed.
"""

import gc
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.detection.devices.choices import why_not  # noqa: E402 - found by the line above
from app.detection.devices.machine import Machine  # noqa: E402
from app.detection.onnx_detector import OnnxDetector  # noqa: E402
from app.drawing.overlay import draw  # noqa: E402
from app.media.sources.file_source import FileSource  # noqa: E402
from app.pipeline.events import (  # noqa: E402
    DetectorFailed,
    DetectorOpened,
    PipelineEvent,
    Tryout,
)
from app.pipeline.pipeline import Pipeline  # noqa: E402
from app.settings import Settings  # noqa: E402
from app.types import Frame, VideoInfo  # noqa: E402
from benchmarks.machine import held  # noqa: E402


class Loop:
    """The clip again and again, numbered through, until `is_over`."""

    is_live = False

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self.given = 0
        self._clip = FileSource(ROOT / "assets" / "bikes.mp4")

    def open(self) -> VideoInfo:
        """See `VideoSource`, as for the others."""
        return self._clip.open()

    def frames(self) -> Iterator[Frame]:
        """Without an end of its own."""
        while True:
            for frame in self._clip.frames():
                if self.is_over.is_set():
                    return
                index, self.given = self.given, self.given + 1
                yield Frame(frame.image_bgr, index, index / 25, frame.captured_at_s)
            self._clip.seek(0.0)

    def close(self) -> None:
        """Close the clip."""
        self._clip.close()


class Run:
    """One pipeline that goes through `count` switches."""

    def __init__(self, choices: list[tuple[Path, str]], count: int) -> None:
        self.source = Loop()
        self.shown: list[int] = []
        self.failures: list[Exception] = []
        self.megabytes: list[int] = []  # every 100 switches
        self.tryouts: dict[str, list[Tryout]] = defaultdict(list)
        self._choices, self._left, self._at = choices, count, 0
        self._pipeline = Pipeline(
            self.source,
            self._next(),
            draw=draw,
            settings=Settings(),
            on_event=self._on_event,
            on_result=self._on_result,
        )

    def to_the_end(self) -> None:
        """Return when the last switch is made and its frame shown."""
        self._pipeline.start()
        self._pipeline.join()

    def _next(self) -> OnnxDetector:
        path, device = self._choices[self._at % len(self._choices)]
        self._at += 1
        return OnnxDetector(path, device=device)

    def _on_event(self, event: PipelineEvent) -> None:
        if isinstance(event, DetectorFailed):
            self.failures.append(event.error)
        elif isinstance(event, DetectorOpened):
            if event.tryout is not None:
                name = f"{event.info.device} {event.info.precision}"
                self.tryouts[name].append(event.tryout)
        else:
            return
        if self._left % 100 == 0:
            self.megabytes.append(round(held()[0]))
        if not self._left:
            self.source.is_over.set()
            return
        self._left -= 1
        self._pipeline.replace_detector(self._next())

    def _on_result(self) -> None:
        result = self._pipeline.take_result()
        if result is not None:
            self.shown.append(result.frame.index)


def main(count: int, paths: list[Path]) -> int:
    """Print what happened; the exit code says whether all went well."""
    devices = [d for d in ("cpu", "openvino") if why_not(d, Machine()) is None]
    choices = list(product(paths, devices))
    Run(choices, 2 * len(choices)).to_the_end()  # what is loaded once, stays
    before = held()
    run = Run(choices, count)
    run.to_the_end()
    gc.collect()
    after = held()
    say = sys.stdout.write
    say(f"{count} switches over {run.source.given} frames among:\n")
    for name, tryouts in run.tryouts.items():
        agreements = [c.agreement for c in tryouts if c.agreement is not None]
        worst = f"{min(agreements):.2f}" if agreements else "-"
        found = [c.differences for c in tryouts if c.differences]
        say(f"  {name:<20} {len(tryouts):>4} times, least agreement {worst}, ")
        say(f"{len(found)} with differences{f': {found[0]}' if found else ''}\n")
    whole = run.shown == list(range(run.source.given))
    say(f"every frame shown once, in order: {'yes' if whole else 'NO'}\n")
    say(f"megabytes on the way: {run.megabytes}\n")
    say(f"failed: {len(run.failures)}{run.failures[:1] or ''}\n")
    for name, was, now in zip(("MB", "files", "threads"), before, after, strict=True):
        say(f"{name:<8}{was:8.0f} -> {now:.0f}\n")
    return 0 if whole and not run.failures else 1


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(int(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]]))
