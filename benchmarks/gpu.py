"""What an NVIDIA GPU makes of a model: with and without a CUDA graph, fp32 and fp16.

usage: python benchmarks/gpu.py [--device cuda|tensorrt] [--frames N] MODEL.onnx [...]

A time is one frame's: bytes up, network, boxes and scores down. Scores are compared
with the CPU's for the same picture. Memory is the process', and the GPU's as nvidia-smi
tells it, before and after all frames.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.detection.devices.choices import why_not  # noqa: E402 - found by the line above
from app.detection.devices.machine import Machine  # noqa: E402
from app.detection.engines.engine import Engine  # noqa: E402
from app.detection.engines.ort_engine import PROVIDERS, open_ort  # noqa: E402
from benchmarks.machine import resident_mib  # noqa: E402

KEPT_TIMES = 10_000


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each model and way; 2 without such a GPU."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--device", choices=("cuda", "tensorrt"), default="cuda")
    parser.add_argument("--frames", type=int, default=3_000)
    options = parser.parse_args(arguments)
    if problem := why_not(options.device, Machine()):
        sys.stderr.write(f"{problem.reason}. {problem.remedy}\n")
        return 2
    say = sys.stdout.write
    say(f"{'model':<32}{'graph':<7}{'p50 ms':>8}{'p95 ms':>8}{'scores':>9}  memory\n")
    for path in options.models:
        for with_graph in (False, True):
            engine = open_ort(path, options.device, threads=1, with_graph=with_graph)
            if engine.facts.provider != PROVIDERS[options.device]:
                sys.stderr.write(f"{path.name} runs on {engine.facts.provider}\n")
                return 2
            graph = "yes" if engine.facts.has_graph else "no"
            say(f"{path.name:<32}{graph:<7}{_measured(engine, path, options.frames)}\n")
            engine.close()
    return 0


def _measured(engine: Engine, path: Path, frames: int) -> str:
    width, height = (int(n) for n in engine.metadata["input_size_wh"].split(","))
    shape = (8, 1, height, width, 3)
    pictures = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    on_cpu = open_ort(path, "cpu", threads=1)
    apart = max(
        float(np.abs(engine.run(picture)[1] - on_cpu.run(picture)[1]).max())
        for picture in pictures
    )
    on_cpu.close()
    before = resident_mib(), _gpu_mib()
    times_ms: list[float] = []
    for number in range(frames):
        started_s = time.perf_counter()
        engine.run(pictures[number % len(pictures)])
        if number < KEPT_TIMES:
            times_ms.append(1e3 * (time.perf_counter() - started_s))
    after = resident_mib(), _gpu_mib()
    memory = ", ".join(
        f"{name} {was:.0f} -> {now:.0f} MiB"
        for name, was, now in zip(("process", "GPU"), before, after, strict=True)
    )
    p50, p95 = statistics.median(times_ms), float(np.percentile(times_ms, 95))
    return f"{p50:>8.3f}{p95:>8.3f}{apart:>9.5f}  {memory}"


def _gpu_mib() -> float:
    query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return float("nan")
    first = told.stdout.split()[0]
    return float(first) if first.isdecimal() else float("nan")  # "[N/A]" under MIG


if __name__ == "__main__":
    sys.exit(main())
