"""What the app costs before it does anything, and while it does little."""

import os
import re
import statistics
import subprocess
import sys
import time

from benchmarks.context import Context
from benchmarks.kit import digits
from benchmarks.machine import ROOT
from benchmarks.report import Section, Table, Target

IMPORTS = {
    "Python itself": "pass",
    "main.py --help": "import main; main.main(['--help'])",
    "the detector's room": "import app.detection.onnx_detector",
    "the media room": "import app.media.sources.make, app.media.recording.recorder",
    "the window's room": "import app.gui.app",
}
TEXT = (
    "A fresh process that imports so much and ends (files are in the system's cache); "
    "then what the measurements beside this one say, as they print it: `startup.py` "
    "from the start of the process to the first box in the window, `idle_cpu.py` of "
    "the window with all its threads, `paint.py` of the window's thread alone."
)
BOX_S = 1.0
IDLE_PERCENT = 1.0
PAINT_MS = 4.0


def run(context: Context) -> Section:
    """Fresh processes, in turns; then the scripts."""
    section = Section("resources", "Start-up, idle, painting", TEXT)
    _start_up(context, section)
    model, runs = str(context.int8), str(context.count(5))
    seconds = str(context.count(10, least=2))
    for name, arguments, target in (
        ("startup.py", ("--model", model, "--runs", runs), startup_target),
        ("idle_cpu.py", (model, "cpu", seconds), idle_target),
        ("paint.py", (), paint_target),
    ):
        said = _script(name, *arguments)
        section.blocks.append(said)
        section.targets.append(target(said))
    section.data["blocks"] = section.blocks
    return section


def startup_target(said: str) -> Target:
    """What `startup.py` said, against what was promised."""
    medians_s = {
        found[1]: float(found[2])
        for found in re.finditer(r"(\w+)\s+median ([\d.]+)", said)
    }
    text = f"The first box is painted within {BOX_S:.1f} s of the start"
    if not {"window", "box"} <= set(medians_s):
        return Target(text, "it did not say", None)
    measured = f"{medians_s['box']:.2f} s (the window: {medians_s['window']:.2f} s)"
    why = "nothing is found in the clip's first 0.68 s"
    return Target(text, measured, medians_s["box"] <= BOX_S, why=why)


def idle_target(said: str) -> Target:
    """What `idle_cpu.py` said, against what was promised."""
    text = f"Paused, the app takes at most {IDLE_PERCENT:g} % of a core"
    percents = {
        found[1]: float(found[2])
        for found in re.finditer(r"^(\w[\w ]*?) +([\d.]+) % of one core", said, re.M)
    }
    if not {"paused", "at the end"} <= set(percents):
        return Target(text, "it did not say", None)
    return Target(
        text,
        ", ".join(f"{state} {percent:.2f} %" for state, percent in percents.items()),
        max(percents["paused"], percents["at the end"]) <= IDLE_PERCENT,
    )


def paint_target(said: str) -> Target:
    """What `paint.py` said of 100 boxes, against what was promised."""
    text = f"100 boxes over a full HD picture are painted within {PAINT_MS:g} ms"
    found = re.search(r"^1920 x 1080 +100 .*? ms +([\d.]+) ms", said, re.MULTILINE)
    if found is None:
        return Target(text, "it did not say", None)
    return Target(text, f"{found[1]} ms", float(found[1]) <= PAINT_MS)


def _script(name: str, *arguments: str) -> str:
    """What a script of this folder prints."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / name), *arguments],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout.strip() or f"{name} broke: {done.stderr[-300:]}"


def _start_up(context: Context, section: Section) -> None:
    times_ms: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(context.count(7, least=2)):
        for name, code in IMPORTS.items():
            began_s = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", code],
                cwd=ROOT,
                env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
                stdout=subprocess.DEVNULL,
                check=True,
                timeout=60,
            )
            times_ms[name].append(1e3 * (time.perf_counter() - began_s))
    medians = {name: statistics.median(own) for name, own in times_ms.items()}
    section.tables.append(
        Table(("a fresh process", "ms"), [(n, digits(ms)) for n, ms in medians.items()])
    )
    section.data["start_ms"] = times_ms
