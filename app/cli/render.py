"""`main.py render`: an annotated video from a video and its detections."""

import argparse
import threading
from pathlib import Path

from app.cli.console import frames_bar, say
from app.cli.options import (
    Commands,
    add_one_name_option,
    add_overwrite_option,
    add_recording_options,
    recorder_wish,
    scale,
    score,
)
from app.cli.parts import Parts
from app.interrupts import asked_to_end


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    render = commands.add_parser(
        "render",
        help="an annotated video from a video and its detections",
        description="Draw kept detections again, with another threshold or other "
        "classes; nothing is detected.",
    )
    render.set_defaults(run=run)
    render.add_argument("sidecar", type=Path, metavar="SIDECAR.jsonl")
    render.add_argument("out", type=Path, metavar="OUT.mp4")
    render.add_argument(
        "--source", metavar="VIDEO", help="where it is not where it was"
    )
    render.add_argument(
        "--score-threshold", type=score, metavar="P", help="hide scores up to P"
    )
    render.add_argument(
        "--class",
        action="append",
        dest="class_names",
        metavar="NAME",
        help="show only this class (may be given again)",
    )
    for name in ("line", "label"):
        render.add_argument(
            f"--{name}-scale",
            type=scale,
            default=1.0,
            metavar="X",
            help=f"size of the {name}s (default: %(default)s; labels: 0 for none)",
        )
    render.add_argument("--no-scores", action="store_true", help="class names only")
    add_one_name_option(render)
    add_overwrite_option(render)
    add_recording_options(render)


def run(options: argparse.Namespace) -> int:
    """Draw it again."""
    from app.drawing.style import Style
    from app.export.render import render

    factories = Parts(recorder=recorder_wish(options)).factories()
    style = Style(options.line_scale, options.label_scale, not options.no_scores)
    cancelled = threading.Event()
    with (
        asked_to_end(cancelled.set) as ending,
        frames_bar() as on_progress,
    ):
        recorded = render(
            options.sidecar,
            options.out,
            overwrite=options.overwrite,
            make_source=factories.make_source,
            make_recorder=factories.make_recorder,
            draw=factories.draw,
            source=options.source,
            score_threshold=options.score_threshold,
            class_names=options.class_names,
            one_name=options.one_name is not False,
            style=style,
            on_progress=on_progress,
            is_cancelled=cancelled.is_set,
        )
    if cancelled.is_set():
        if recorded is not None:
            say(f"Cancelled; what there is of it is in {recorded.path}")
        return ending.exit_code
    if recorded is not None:
        say(f"Wrote {recorded.path}: {recorded.frame_count} frames")
        say(*recorded.notes)
    return 0
