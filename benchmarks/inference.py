"""How fast the variants of one model run, as ratios within this one run.

usage: python benchmarks/inference.py MODEL.onnx [MODEL.int8.onnx ...]

The models take turns, so that a machine that slows down slows all of them; the
first is what the others are compared with.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort

ROUNDS, RUNS = 12, 10
THREADS = (1, 2)


def main(paths: list[Path]) -> int:
    """Print a table of medians and ratios."""
    image = np.random.default_rng(0).integers(0, 256, (1, 300, 300, 3), np.uint8)
    sessions = {}
    for threads in THREADS:
        for path in paths:
            options = ort.SessionOptions()
            options.intra_op_num_threads = threads
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            sessions[path, threads] = ort.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
    times_ms: dict[tuple[Path, int], list[float]] = {key: [] for key in sessions}
    for _ in range(ROUNDS):
        for key, session in sessions.items():
            for _ in range(RUNS):
                started_s = time.perf_counter()
                session.run(["boxes", "scores"], {"images": image})
                times_ms[key].append(1e3 * (time.perf_counter() - started_s))
    sys.stdout.write(f"{'model':<32}{'threads':>8}{'median ms':>11}{'speed':>8}\n")
    for (path, threads), values in times_ms.items():
        median_ms = statistics.median(values)
        ratio = statistics.median(times_ms[paths[0], threads]) / median_ms
        sys.stdout.write(
            f"{path.name:<32}{threads:>8}{median_ms:>11.2f}{ratio:>7.2f}x\n"
        )
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
