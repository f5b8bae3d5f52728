"""`main.py hide`: videos in which people are covered, and the proof."""

import argparse
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import complain, frames_bar, say
from app.cli.options import (
    Commands,
    add_detection_options,
    add_hiding_options,
    add_overwrite_option,
    add_recording_options,
    detector_wish,
    recorder_wish,
    settings_with,
)
from app.cli.parts import Parts
from app.errors import UserError
from app.interrupts import asked_to_end

if TYPE_CHECKING:
    from app.hiding.file import Hidden, HideJob
    from app.pipeline.interfaces import Factories

# Somebody is still found.
FOUND = 3


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    hide = commands.add_parser(
        "hide",
        help="videos in which people are covered, and the proof of it",
        description="Cover all of a class in a video, from before the first sight to "
        "after the last; then look at the result again. Beside each video stand the "
        "proof (.hidden.json) and pictures of the worst frames. Exit code 0: nobody is "
        f"found in the result; {FOUND}: somebody is; 2: something you can mend. "
        "docs/privacy.md says what this cannot do.",
    )
    hide.set_defaults(run=run)
    hide.add_argument("inputs", nargs="+", metavar="IN", help="video files")
    hide.add_argument("--out", type=Path, required=True, metavar="DIR")
    add_hiding_options(hide, "--class", is_required=True)
    hide.add_argument(
        "--sound",
        choices=("keep", "drop"),
        default="keep",
        help="voices tell who it is, too (default: %(default)s)",
    )
    hide.add_argument(
        "--judge",
        type=Path,
        metavar="MODEL.onnx",
        help="a second detector that looks at original and result: it says how many "
        "the first one missed",
    )
    add_detection_options(hide)
    add_overwrite_option(hide)
    add_recording_options(hide)


def run(options: argparse.Namespace) -> int:
    """Hide in each; 2 where one failed, else 3 where somebody is still found."""
    from app.hiding.look import Cancelled

    if options.score_threshold is not None:
        raise UserError(
            "Whom to hide is not for a score threshold to say.",
            "Leave --score-threshold out: all above 0.1 are hidden.",
        )
    parts = Parts(
        detector_wish(options), replace(recorder_wish(options), overwrite=True)
    )
    factories = parts.factories()
    cancelled = threading.Event()
    codes = [0]
    with asked_to_end(cancelled.set) as ending:
        for source in options.inputs:
            try:
                hidden = _hide(_job(source, options), factories, options, cancelled)
            except Cancelled:
                say("Cancelled; nothing of it is left.")
                return ending.exit_code
            except UserError as error:
                if len(options.inputs) == 1:
                    raise
                complain(f"{source}: {error}")
                codes.append(2)
            else:
                say(f"Wrote {hidden.out}", *hidden.notes, hidden.sentence)
                codes.append(FOUND if hidden.leaks else 0)
    return 2 if 2 in codes else max(codes)


def _job(source: str, options: argparse.Namespace) -> "HideJob":
    from app.hiding.file import HideJob

    settings = replace(settings_with(options), cover_mode=options.mode)
    return HideJob(
        source=source,
        out=options.out / Path(source).with_suffix(".mp4").name,
        class_names=tuple(dict.fromkeys(options.hidden)),
        settings=settings,
        keeps_sound=options.sound == "keep",
        overwrite=options.overwrite,
    )


def _hide(
    job: "HideJob",
    factories: "Factories",
    options: argparse.Namespace,
    cancelled: threading.Event,
) -> "Hidden":
    from app.hiding.file import hide_in_file
    from app.media.sources.file_source import FileSource

    with ExitStack() as bars:

        def on_progress(step: str) -> Callable[[int, int], None]:
            return bars.enter_context(frames_bar(step))

        device = job.settings.device
        judge = options.judge
        return hide_in_file(
            job,
            make_source=lambda text: FileSource(Path(text)),
            make_recorder=factories.make_recorder,
            detector=factories.make_detector(options.model, device),
            judge=factories.make_detector(judge, device) if judge else None,
            on_progress=on_progress,
            is_cancelled=cancelled.is_set,
        )
