"""`main.py demo`: a GIF and an MP4 of what the model sees."""

import argparse
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
    from app.media.recording.gif import write_gif

    base = options.out or Path(f"{Path(options.clip).stem} demo")
    gif = base.with_name(f"{base.name}.gif")
    if gif.exists() and not options.overwrite:
        raise RecordingError(
            f"{gif} is there already and was left alone.",
            "Choose another --out, or pass --overwrite.",
        )
    factories = Parts(detector_wish(options), recorder_wish(options)).factories()
    recorded = run_headless(
        factories,
        source=factories.make_source(options.clip),
        model_path=options.model,
        settings=settings_with(options),
        record_path=base.with_name(f"{base.name}.mp4"),
        say=say,
    )
    if recorded is not None:
        write_gif(Path(recorded.path), gif, width=options.width)
        say(f"Wrote {gif}")
    return 0
