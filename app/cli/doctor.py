"""`main.py doctor`: what works here, what does not, and the fix."""

import argparse
import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import places
from app.cli.console import say
from app.cli.options import Commands
from app.settings import DEVICES

if TYPE_CHECKING:
    from app.types import ImageBgr


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    doctor = commands.add_parser(
        "doctor",
        help="what works here, what does not, and the fix",
        description="Runs the model on every device there is. Exit code 0: all is "
        "well; 1: it works, but something is broken; 2: it does not work.",
    )
    doctor.set_defaults(run=run)
    doctor.add_argument(
        "--model", type=Path, default=places.default_model(), metavar="M.onnx"
    )
    doctor.add_argument(
        "--device",
        choices=DEVICES,
        default="auto",
        help="the one that has to work (default: whichever is best)",
    )
    doctor.add_argument(
        "--cameras",
        action="store_true",
        help="instead: what each camera offers, and what comes in two seconds",
    )
    doctor.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace) -> int:
    """Print the report; its exit code."""
    if options.cameras:
        return _cameras(is_json=options.json)
    from app.detection.devices.doctor import examine

    report = examine(options.model, options.device, images=_clip_pictures())
    if options.json:
        print(json.dumps(report.as_dict(), indent=2))
    else:
        say(*report.lines())
    return report.exit_code


def _cameras(*, is_json: bool) -> int:
    from app.media.sources.cameras.checkup import examine_cameras

    reports = examine_cameras()
    if is_json:
        print(json.dumps([report.as_dict() for report in reports], indent=2))
    elif not reports:
        print("No camera is plugged in, or none that may be used.")
    else:
        print("\n".join(line for report in reports for line in report.lines()))
    return 0 if all(report.is_well for report in reports) else 1


def _clip_pictures() -> "list[ImageBgr]":
    from app.errors import SourceError
    from app.media.sources.file_source import FileSource

    clip = FileSource(places.bundled_clip())
    try:
        clip.open()
        return [frame.image_bgr for frame in islice(clip.frames(), 0, 60, 20)]
    except SourceError:  # the doctor has other worries
        return []
    finally:
        clip.close()
