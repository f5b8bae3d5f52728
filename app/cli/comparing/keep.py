"""`main.py keep`: a part of a video, with what is found in it, as a test."""

import argparse
import threading
from pathlib import Path

from app.cli.console import frames_bar, say
from app.cli.options import (
    Commands,
    add_detection_options,
    add_rules_option,
    detector_wish,
    duration,
    rules_of,
    settings_with,
)
from app.cli.parts import CLIP_QUALITY, Parts, RecorderWish, written
from app.interrupts import asked_to_end


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    keep = commands.add_parser(
        "keep",
        help="a part of a video as a test, for verify",
        description="Keep some seconds of a video or a camera, and what is found in "
        "them, in a folder: main.py verify tells later what has changed.",
    )
    keep.set_defaults(run=run)
    keep.add_argument("source", metavar="S", help="a video, a camera or an address")
    keep.add_argument(
        "--into",
        type=Path,
        default=Path("scenes"),
        metavar="DIR",
        help="the folder of all tests (default: %(default)s)",
    )
    keep.add_argument(
        "--name", metavar="NAME", help="of the test (default: after the source)"
    )
    keep.add_argument(
        "--from",
        dest="from_s",
        type=float,
        default=0.0,
        metavar="S",
        help="where it begins, in seconds (default: at the beginning)",
    )
    keep.add_argument(
        "--seconds",
        type=duration,
        default=10.0,
        metavar="S",
        help="how long it is at most (default: %(default)g)",
    )
    add_rules_option(keep)
    add_detection_options(keep)


def run(options: argparse.Namespace) -> int:
    """Keep it, and say what is expected."""
    from app.media.sources.make import file_source, short_name
    from app.tracking.rules import Rules
    from app.verifying.kept_test import Finder
    from app.verifying.verify import Cancelled, KeepJob, keep

    parts = Parts(detector_wish(options), RecorderWish(quality=CLIP_QUALITY))
    factories = parts.factories()
    settings = settings_with(options)
    name = options.name or f"{short_name(options.source)} {options.from_s:g} s"
    job = KeepJob(
        options.into / name,
        Finder.asked(settings, model=written(options.model), kind=options.format),
        options.model,
        options.from_s,
        options.seconds,
        rules_of(options) or Rules(),
    )
    cancelled = threading.Event()
    with (
        asked_to_end(cancelled.set) as ending,
        frames_bar() as tell,
    ):
        try:
            expected = keep(
                job,
                factories.make_source(options.source),
                factories.make_recorder,
                lambda path: file_source(str(path)),
                factories.make_detector(options.model, settings.device),
                on_progress=tell,
                is_cancelled=cancelled.is_set,
            )
        except Cancelled:
            say("Cancelled; nothing of it is left.")
            return ending.exit_code
    say(f"Kept {job.folder}", expected.summary)
    return 0
