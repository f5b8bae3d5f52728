"""Does the delay of a live source grow, with a detector slower than the camera?

usage: python -m benchmarks.soak_live [--minutes 10] [--json FILE]

The camera is the test pattern at 30 frames a second, each picture with its number
in it, so that a picture that is shown says when it was due. The pipeline is the
app's own. Fails (exit code 1) when the delay of the last part is more than a
picture above that of the first, or threads, descriptors or memory grew.
"""

import argparse
import json
import statistics
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from app.drawing.overlay import draw
from app.media.sources.live_source import LiveSource
from app.media.sources.synthetic import SyntheticInput, read_number
from app.pipeline.pipeline import Pipeline
from app.settings import Settings
from app.types import Detections, DetectorInfo, ImageBgr, StageTimes
from benchmarks.machine import open_descriptors, resident_mib

PARTS = 10
# The first seconds load code and fill pools.
WARM_UP_S = 3.0
MAX_GROWTH_MIB = 20


class _Camera(SyntheticInput):
    """The test pattern, and when its picture 0 was due."""

    started_s = 0.0

    def read(self) -> ImageBgr:
        self.started_s = self.started_s or time.monotonic()
        return super().read()


class _SlowDetector:
    """Finds nothing, and takes its time over it without a core's."""

    def __init__(self, takes_s: float) -> None:
        self._takes_s = takes_s
        self._never = threading.Event()

    def open(self) -> DetectorInfo:
        return DetectorInfo("slow", ("thing",), (300, 300), "CPUExecutionProvider")

    def detect(
        self,
        image_bgr: ImageBgr,  # noqa: ARG002 - nothing is found
        settings: Settings,  # noqa: ARG002
    ) -> tuple[Detections, StageTimes]:
        self._never.wait(self._takes_s)
        return Detections.empty(), StageTimes(inference_ms=1e3 * self._takes_s)

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class Part:
    """One tenth of the run; delays are from when a picture was due to its result."""

    at_s: float
    shown: int
    delay_ms_p50: float
    delay_ms_p95: float
    delay_ms_max: float
    threads: int
    descriptors: int
    memory_mib: float


def soak(minutes: float, *, fps: int, detector_ms: float) -> list[Part]:
    """Run it; prints a line for each part."""
    camera = _Camera(fps=fps)
    is_shown = threading.Event()
    pipeline = Pipeline(
        LiveSource(lambda: camera, name="Test pattern"),
        _SlowDetector(detector_ms / 1e3),
        draw=draw,
        settings=Settings(),
        on_event=lambda _: None,
        on_result=is_shown.set,
    )
    pipeline.start()
    parts: list[Part] = []
    delays_ms: list[float] = []
    began_s = time.monotonic() + WARM_UP_S
    part_s = 60 * minutes / PARTS
    while len(parts) < PARTS:
        is_shown.wait(1.0)
        is_shown.clear()
        result = pipeline.take_result()
        now_s = time.monotonic()
        if result is None or now_s < began_s:
            continue
        due_s = camera.started_s + read_number(result.frame.image_bgr) / fps
        delays_ms.append(1e3 * (now_s - due_s))
        if now_s - began_s >= part_s * (len(parts) + 1):
            parts.append(_part(now_s - began_s, delays_ms))
            _print(parts[-1])
            delays_ms = []
    assert pipeline.stop() == []
    return parts


def problems(parts: list[Part], fps: int) -> list[str]:
    """What grew; empty where nothing did."""
    first, last = parts[0], parts[-1]
    found = []
    if last.delay_ms_p50 - first.delay_ms_p50 > 1e3 / fps:
        found.append(f"delay: {first.delay_ms_p50:.0f} -> {last.delay_ms_p50:.0f} ms")
    for name in ("threads", "descriptors"):
        before, after = getattr(first, name), getattr(last, name)
        if after > before:
            found.append(f"{name}: {before} -> {after}")
    if last.memory_mib - first.memory_mib > MAX_GROWTH_MIB:
        found.append(f"memory: {first.memory_mib:.0f} -> {last.memory_mib:.0f} MiB")
    return found


def _part(at_s: float, delays_ms: list[float]) -> Part:
    ranked = sorted(delays_ms)
    return Part(
        at_s=round(at_s, 1),
        shown=len(ranked),
        delay_ms_p50=round(statistics.median(ranked), 1),
        delay_ms_p95=round(ranked[int(0.95 * len(ranked))], 1),
        delay_ms_max=round(ranked[-1], 1),
        threads=threading.active_count(),
        descriptors=len(open_descriptors()),
        memory_mib=round(resident_mib(), 1),
    )


def _print(part: Part) -> None:
    sys.stdout.write(
        f"{part.at_s:>7.0f}{part.shown:>8}{part.delay_ms_p50:>8.0f}"
        f"{part.delay_ms_p95:>8.0f}{part.delay_ms_max:>8.0f}{part.threads:>9}"
        f"{part.descriptors:>5}{part.memory_mib:>8.0f}\n"
    )
    sys.stdout.flush()


def main() -> int:
    """Print a table; 1 where something grew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--detector-ms", type=float, default=80.0)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    sys.stdout.write(
        f"{'s':>7}{'shown':>8}{'p50 ms':>8}{'p95 ms':>8}{'max ms':>8}"
        f"{'threads':>9}{'fds':>5}{'MiB':>8}\n"
    )
    parts = soak(options.minutes, fps=options.fps, detector_ms=options.detector_ms)
    grown = problems(parts, options.fps)
    if options.json is not None:
        report = {
            "minutes": options.minutes,
            "fps": options.fps,
            "detector_ms": options.detector_ms,
            "grown": grown,
            "parts": [asdict(part) for part in parts],
        }
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    sys.stdout.write(f"{'grew: ' + '; '.join(grown) if grown else 'nothing grew'}\n")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
