"""All measurements, one report.

usage: python -m benchmarks [--quick | --long] [--only NAME ...] [--out FOLDER]
"""

import importlib
import sys
import time
import traceback

from benchmarks.command import report_parser, took
from benchmarks.context import open_context
from benchmarks.machine import ROOT, describe
from benchmarks.report import Section, write_report

MODULES = (
    *("inference", "article", "export", "stages", "latency"),
    *("recording", "resources", "growth", "sources", "training", "tracking"),
    *("remote", "detail", "recount", "hiding", "on_gpu"),
)
SCALES = {"quick": 0.1, "usual": 1.0, "long": 4.0}
INTRO = (
    "Written by `make bench`; nothing in it is typed by hand. Each time is the median "
    "of the rounds, with the middle half of them in brackets; ratios are medians of "
    "the ratios within rounds, so a machine that slows down slows both sides. "
    "*core ms* is processor time over all threads."
)


def main(argv: list[str] | None = None) -> int:
    """Measure, write, and say where; 1 when a measurement broke."""
    parser = report_parser(
        "python -m benchmarks", MODULES, ROOT / "docs" / "performance"
    )
    options = parser.parse_args(argv)
    machine = describe()
    began_s = time.monotonic()
    sections = []
    broken = False
    with open_context(SCALES[options.length]) as context:
        for name in options.only:
            sys.stdout.write(f"{name} ...")
            sys.stdout.flush()
            before_s = time.monotonic()
            try:
                module = importlib.import_module(f"benchmarks.{name}")
                sections.append(module.run(context))
            except Exception as error:  # noqa: BLE001 - the others still count
                broken = True
                traceback.print_exc()
                sections.append(
                    Section(name, name, f"This measurement broke: {error!r}")
                )
            sys.stdout.write(f" {time.monotonic() - before_s:.0f} s\n")
    machine["Took"] = took(time.monotonic() - began_s, options.length)
    report = write_report(
        options.out,
        title="Performance, measured",
        intro=INTRO,
        machine=machine,
        sections=sections,
    )
    sys.stdout.write(f"Wrote {report}\n")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
