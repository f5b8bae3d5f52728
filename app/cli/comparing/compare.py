"""`main.py compare`: two detectors on the same frames, as a video and a table."""

import argparse
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import places
from app.cli.console import frames_bar, say
from app.cli.options import (
    Commands,
    add_detection_options,
    add_overwrite_option,
    add_recording_options,
    detector_wish,
    duration,
    recorder_wish,
    settings_with,
)
from app.cli.parts import Parts
from app.interrupts import asked_to_end
from app.settings import DEVICES

if TYPE_CHECKING:
    from app.comparing.report import Report

# Of `app.comparing.picture.VIEWS`, which loads OpenCV; a test compares.
VIEWS = ("side", "split")


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    compare = commands.add_parser(
        "compare",
        help="two detectors on the same frames: a video and a table",
        description="Let two detectors look at every frame. The video shows both, with "
        "what only one has marked filled and named; the table says how far they agree, "
        "by class and over time, and what each takes. A detector is a model file, a "
        "device, or both: yolox_nano.onnx, @openvino, my.onnx@cuda.",
    )
    compare.set_defaults(run=run)
    for name in ("a", "b"):
        compare.add_argument(
            name, type=chosen, metavar=name.upper(), help="MODEL.onnx[@DEVICE]"
        )
    compare.add_argument(
        "--source",
        required=True,
        metavar="S",
        help="a video, photos, a camera or an address, as for watch",
    )
    compare.add_argument(
        "--out",
        type=Path,
        metavar="OUT.mp4",
        help="the video, or of photos a folder; the table goes beside it as .json and "
        ".csv (default: NAME.compared.mp4)",
    )
    compare.add_argument(
        "--view",
        choices=VIEWS,
        default="side",
        help="two pictures side by side, or one parted in the middle "
        "(default: %(default)s)",
    )
    compare.add_argument(
        "--seconds", type=duration, metavar="S", help="of the source, so many only"
    )
    add_detection_options(compare, for_two=True)
    add_overwrite_option(compare)
    add_recording_options(compare)


def chosen(text: str) -> tuple[Path, str | None]:
    """A model and a device: "m.onnx", "@cuda" (of the app's own), "m.onnx@cuda"."""
    model, at, device = text.rpartition("@")
    if at and device in DEVICES:
        return Path(model) if model else places.default_model(), device
    if text.startswith("@"):
        raise argparse.ArgumentTypeError(
            f"{text[1:]} is no device; there are {', '.join(DEVICES)}"
        )
    return Path(text), None


def run(options: argparse.Namespace) -> int:
    """Compare, write, and print the table."""
    from app.comparing.report import table
    from app.comparing.video import CompareJob, compare_in_video
    from app.media.sources.make import is_photos, short_name

    factories = Parts(detector_wish(options), recorder_wish(options)).factories()
    settings = settings_with(options)
    source = factories.make_source(options.source)
    suffix = "" if is_photos(options.source) else ".mp4"
    name = f"{short_name(options.source) or 'source'}.compared{suffix}"
    job = CompareJob(
        options.out or Path(name),
        settings,
        options.view,
        options.overwrite,
        options.seconds,
    )
    a, b = (
        factories.make_detector(model, device or settings.device)
        for model, device in (options.a, options.b)
    )
    cancelled = threading.Event()
    with (
        asked_to_end(cancelled.set) as ending,
        frames_bar() as tell,
    ):
        report, recorded = compare_in_video(
            job,
            source,
            (a, b),
            factories.make_recorder,
            on_progress=tell,
            is_cancelled=cancelled.is_set,
        )
    print(table(report))
    _tell(report)
    say(f"Wrote {recorded.path}", *recorded.notes)
    return ending.exit_code if cancelled.is_set() and not source.is_live else 0


def _tell(report: "Report") -> None:
    """What would make the table hard to understand."""
    if not any(row.by_class for row in report.rows):
        threshold = report.settings.score_threshold
        say(f"Neither found anything above {threshold:g}: try --score-threshold.")
