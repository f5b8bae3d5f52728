"""`main.py track`: who is who in a sidecar that does not know it yet."""

import argparse
from pathlib import Path

from app.cli.options import Commands, score


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    track = commands.add_parser(
        "track",
        help="add tracks to the detections of a video",
        description="Follow what an export has found from frame to frame, and write "
        "the ids into its sidecar; what was found stays as it is.",
    )
    track.set_defaults(run=run)
    track.add_argument("sidecar", type=Path, metavar="SIDECAR.jsonl")
    track.add_argument(
        "--out", type=Path, metavar="OUT.jsonl", help="(default: the same file)"
    )
    track.add_argument(
        "--score-threshold",
        type=score,
        metavar="P",
        help="scores above begin a track (default: what the export showed)",
    )


def run(options: argparse.Namespace) -> int:
    """Follow, write and say it."""
    from app.export.counting import track_sidecar

    out = options.out or options.sidecar
    count = track_sidecar(options.sidecar, out, score_threshold=options.score_threshold)
    print(f"Wrote {out}: {count} tracks")
    return 0
