"""`main.py count`: lines and zones, counted from a sidecar alone."""

import argparse
from pathlib import Path

from app.cli.options import Commands


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    count = commands.add_parser(
        "count",
        help="who crossed which line, from the detections of a video",
        description="Count what an export has found, without the video and without a "
        "model: move a line and count again. See docs/counting.md.",
    )
    count.set_defaults(run=run)
    count.add_argument("sidecar", type=Path, metavar="SIDECAR.jsonl")
    count.add_argument(
        "--rules",
        type=Path,
        required=True,
        metavar="RULES.json",
        help="lines and zones, in shares of the picture",
    )
    count.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where NAME.events.jsonl, NAME.counts.json and NAME.counts.csv go "
        "(default: beside the sidecar)",
    )


def run(options: argparse.Namespace) -> int:
    """Count, write and say it."""
    from app.export.count_files import write_counts
    from app.export.counting import count_sidecar
    from app.tracking.events import said
    from app.tracking.rules import read_rules

    rules = read_rules(options.rules)
    counted = count_sidecar(options.sidecar, rules)
    folder = options.out or options.sidecar.parent
    folder.mkdir(parents=True, exist_ok=True)
    paths = write_counts(
        folder / options.sidecar.name, counted.events, counted.counts, rules
    )
    print(said(counted.counts) or "The rules count nothing.")
    print(f"{counted.frame_count} frames, {counted.duration_s:.1f} s")
    for path in paths:
        print(f"Wrote {path}")
    return 0
