"""`main.py plan`: the jobs of an export, as lines of JSON, for many machines."""

import argparse
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.cli.console import printable
from app.cli.export import add_job_options, planned
from app.cli.options import Commands


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    plan = commands.add_parser(
        "plan",
        help="the jobs of an export as JSON lines, for many machines",
        description="Write the jobs of an export, a line each, and do none: "
        "main.py export --jobs-file does them, on one machine or a part on each "
        "(docs/many-machines.md).",
    )
    plan.set_defaults(run=run)
    add_job_options(plan, inputs="+")


def run(options: argparse.Namespace) -> int:
    """Write them; 2 where some of what was named has none."""
    from app.export.elsewhere.addresses import is_address

    tell = partial(print, file=sys.stderr)
    jobs, is_whole = planned(options, say=lambda line: tell(printable(line)))
    for job in jobs:
        # From wherever it will be read.
        out = job.out if is_address(job.out) else str(Path(job.out).absolute())
        print(replace(job, out=out).to_json())
    return 0 if is_whole else 2
