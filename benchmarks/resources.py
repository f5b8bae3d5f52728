"""What the app costs before it does anything."""

import os
import statistics
import subprocess
import sys
import time

from benchmarks.context import Context
from benchmarks.kit import digits
from benchmarks.machine import ROOT
from benchmarks.report import Section, Table

IMPORTS = {
    "Python itself": "pass",
    "main.py --help": "import main; main.main(['--help'])",
    "the detector's room": "import app.detection.onnx_detector",
    "the media room": "import app.media.sources, app.media.recorder",
    "the window's room": "import app.gui.app",
}
TEXT = "A fresh process that imports so much and ends; files are in the system's cache."


def run(context: Context) -> Section:
    """Fresh processes, in turns."""
    section = Section("resources", "Start-up", TEXT)
    _start_up(context, section)
    return section


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
