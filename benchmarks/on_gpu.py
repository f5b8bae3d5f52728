"""`benchmarks/gpu.py`, where there is a GPU; else that it has not run on one."""

import os
import subprocess
import sys

from app.detection.devices.choices import why_not
from app.detection.devices.machine import Machine
from benchmarks.context import Context
from benchmarks.machine import ROOT
from benchmarks.report import Section, Target

DEVICE = "cuda"
TEXT = (
    "`benchmarks/gpu.py`, as it prints: CUDA, its graph, precisions, equality, errors."
)
# A minute a step, and some for starting them.
PATIENCE_S = 900.0


def run(context: Context) -> Section:
    """What it says, or why it could not be asked."""
    section = Section("gpu", "On a GPU", TEXT)
    text = "Every step of `benchmarks/gpu.py` passes on an NVIDIA GPU"
    if problem := why_not(DEVICE, Machine()):
        measured = f"has not run on a GPU yet; here {_within(problem.reason)}"
        section.targets.append(Target(text, measured, None))
        return section
    done = subprocess.run(
        [
            *(sys.executable, str(ROOT / "benchmarks" / "gpu.py")),
            *(str(context.model), str(context.int8), f"--device={DEVICE}"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    section.blocks.append(done.stdout.strip() or done.stderr[-300:])
    *_, last = "all of them", *done.stderr.splitlines()
    section.targets.append(Target(text, last, done.returncode == 0))
    section.data = {"said": done.stdout}
    return section


def _within(sentence: str) -> str:
    """A sentence as the end of another one."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")
