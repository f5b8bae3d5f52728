"""`main.py demo`: a GIF and an MP4 of what the model sees."""

import argparse
import threading
from pathlib import Path

from app.cli import places
from app.cli.console import say
from app.cli.options import (
    Commands,
    add_detection_options,
    add_overwrite_option,
    add_recording_options,
    count,
    detector_wish,
    recorder_wish,
    settings_with,
)
from app.cli.parts import Parts
from app.errors import RecordingError
from app.interrupts import asked_to_end
from app.whole_file import whole_file


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    demo = commands.add_parser("demo", help="a GIF and an MP4 of what the model sees")
    demo.set_defaults(run=run)
    demo.add_argument(
        "clip", nargs="?", default=str(places.bundled_clip()), metavar="CLIP"
    )
    demo.add_argument(
        "--out", type=Path, metavar="BASE", help="writes BASE.gif and BASE.mp4"
    )
    demo.add_argument(
        "--width",
        type=count,
        default=480,
        metavar="W",
        help="of the GIF in pixels (default: %(default)s)",
    )
    add_detection_options(demo)
    add_overwrite_option(demo)
    add_recording_options(demo)


def run(options: argparse.Namespace) -> int:
    """Write both, neither over another file."""
    from app.cli.headless import run_headless
    from app.export.outputs import check_not_source
    from app.media.recording.gif import write_gif

    base = options.out or Path(f"{Path(options.clip).stem} demo")
    gif = base.with_name(f"{base.name}.gif")
    mp4 = base.with_name(f"{base.name}.mp4")
    check_not_source(options.clip, (gif, mp4))
    if gif.exists() and not options.overwrite:
        raise RecordingError(
            f"{gif} is there already and was left alone.",
            "Choose another --out, or pass --overwrite.",
        )
    factories = Parts(detector_wish(options), recorder_wish(options)).factories()
    asked = threading.Event()
    with asked_to_end(asked.set) as ending:
        try:
            recorded = run_headless(
                factories,
                source=factories.make_source(options.clip),
                model_path=options.model,
                settings=settings_with(options),
                record_path=mp4,
                say=say,
                is_asked_to_end=asked.is_set,
            )
        except KeyboardInterrupt:
            return ending.exit_code
    if recorded is not None:
        try:
            with whole_file(gif) as own:
                write_gif(Path(recorded.path), own, width=options.width)
        except OSError as error:
            raise RecordingError(
                f"{gif} cannot be written: {error.strerror}.", "Choose another --out."
            ) from error
        say(f"Wrote {gif}")
    return 0
