"""`main.py export`: annotated videos and their detections, from files."""

import argparse
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import say
from app.cli.options import (
    Commands,
    Container,
    add_detection_options,
    add_overwrite_option,
    add_recording_options,
    add_rules_option,
    count,
    moment,
    rules_of,
    score,
    settings_with,
)
from app.cli.parts import DetectorWish, Parts, RecorderWish
from app.errors import UserError
from app.interrupts import asked_to_end

if TYPE_CHECKING:
    from app.export.job import ExportJob, ExportResult, Progress
    from app.export.telling import Lines
    from app.pipeline.interfaces import Factories


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    export = commands.add_parser(
        "export",
        help="annotated videos and their detections, from files",
        description="Annotate videos as fast as it goes. Detections are kept beside "
        "each as JSON lines. Run again, it skips what is done; of a video that was "
        "cut off, it keeps the detections and makes the pictures anew.",
    )
    export.set_defaults(run=run)
    add_job_options(export, inputs="*")
    export.add_argument(
        "--jobs-file",
        type=Path,
        metavar="JOBS.jsonl",
        help="do the jobs that main.py plan listed ('-': from stdin)",
    )
    export.add_argument(
        "--shard",
        metavar="K/N",
        help="do the K-th of N parts of them; N alone where Kubernetes, Slurm or AWS "
        "Batch tells K (docs/many-machines.md)",
    )
    export.add_argument(
        "--jobs", type=count, default=1, metavar="N", help="videos at a time"
    )
    export.add_argument(
        "--on",
        metavar="ray",
        help="where: 'ray' (this machine, or what RAY_ADDRESS names) or "
        "ray://host:port (default: in processes of this machine)",
    )
    export.add_argument(  # lines of JSON; it ends when its standard input does
        "--for-window", action="store_true", help=argparse.SUPPRESS
    )
    add_overwrite_option(export)


def add_job_options(parser: Container, *, inputs: str) -> None:
    """For `planned`: what `export` and `plan` are told of the jobs."""
    parser.add_argument(
        "inputs", nargs=inputs, metavar="IN", help="files, folders, patterns, addresses"
    )
    parser.add_argument(
        "--out", metavar="DIR", help="a folder, or its address (s3://bucket/folder)"
    )
    parser.add_argument(
        "--keep-threshold",
        type=score,
        default=0.05,
        metavar="P",
        help="detections above are kept, shown or not (default: %(default)s)",
    )
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        choices=("csv", "coco"),
        help="write these too (may be given twice)",
    )
    parser.add_argument(
        "--no-video",
        action="store_true",
        help="only what was found, without annotated videos",
    )
    parser.add_argument(
        "--from",
        dest="from_s",
        type=moment,
        default=0.0,
        metavar="TIME",
        help="begin there, as 1:23.5 or 83.5; sidecar and counts keep the video's time",
    )
    parser.add_argument(
        "--to",
        dest="to_s",
        type=moment,
        metavar="TIME",
        help="end before there (default: at its end)",
    )
    add_rules_option(parser)
    add_detection_options(parser)
    add_recording_options(parser)


def run(options: argparse.Namespace) -> int:
    """Do all jobs; 2 where one failed, 130 or 143 where a signal cancelled them."""
    from app.export.elsewhere.on_ray import export_on_ray
    from app.export.elsewhere.shards import shard_from
    from app.export.job import read_jobs
    from app.export.processes import export_all

    if bool(options.jobs_file) == bool(options.inputs):
        raise UserError(
            "What to export was not said, or twice.",
            "Name files and --out, or --jobs-file.",
        )
    if options.jobs_file:
        jobs, is_whole = read_jobs(options.jobs_file), True
    else:
        jobs, is_whole = planned(options, say=say)
        if not jobs:
            return 2
    if options.shard:
        jobs = shard_from(options.shard, os.environ).of(jobs)
    if not jobs:
        say("There is nothing to do.")
        return 0
    if options.on not in (None, "ray") and not options.on.startswith("ray://"):
        raise UserError(
            f"--on {options.on} is no place.", "Write ray, or ray://host:port."
        )
    cancelled = threading.Event()
    with asked_to_end(cancelled.set) as ending:
        lines = _lines_for_window(cancelled.set) if options.for_window else None
        if options.on:
            results = export_on_ray(
                jobs,
                run_export_job,
                address=options.on,
                overwrite=options.overwrite,
                say=say,
                is_cancelled=cancelled.is_set,
            )
        else:
            results = export_all(
                jobs,
                run_export_job,
                processes=min(options.jobs, len(jobs)),
                overwrite=options.overwrite,
                say=say if lines is None else _ignore,
                is_cancelled=cancelled.is_set,
                lines=lines,
            )
    states = {result.state for result in results}
    if "cancelled" in states:
        return ending.exit_code
    return 0 if is_whole and "failed" not in states else 2


def _lines_for_window(cancel: Callable[[], None]) -> "Lines":
    """Tell a window, which cancels by closing our input: a crash of it does, too."""
    from app.export.telling import Lines

    def wait_for_the_end() -> None:
        while os.read(0, 64):  # no lock of Python's: nothing waits for this at exit
            pass
        cancel()

    if hasattr(os, "nice"):
        os.nice(5)  # what the window shows comes first
    threading.Thread(target=wait_for_the_end, name="stdin", daemon=True).start()
    return Lines(partial(print, flush=True))


def _ignore(_line: str) -> None:
    """For what a window is told otherwise."""


def planned(
    options: argparse.Namespace, *, say: Callable[[str], None]
) -> "tuple[list[ExportJob], bool]":
    """The jobs that options describe, and whether all that was named is among them.

    What is not is told by `say`.

    Raises:
        UserError: there is none, for one reason.
    """
    from app.detection.devices.machine import Machine
    from app.detection.engines.session import likely_file
    from app.errors import SourceError
    from app.export.job import ExportJob
    from app.export.plan import plan
    from app.media.video_files import is_video_file

    if options.out is None:
        raise UserError("Where the videos go was not said.", "Add --out DIR.")
    if options.to_s is not None and options.to_s <= options.from_s:
        raise UserError(
            "--to is not after --from, so there is nothing to export.",
            "Name a later time.",
        )
    settings = settings_with(options)
    keep_threshold = min(options.keep_threshold, settings.score_threshold)
    # One file by name: sidecars say whose finds they hold.
    model = likely_file(options.model, settings.device, Machine())

    rules = rules_of(options)

    def make_job(source: str, out: str) -> ExportJob:
        return ExportJob(
            source=source,
            out=out,
            model=str(model.absolute()),
            device=settings.device,
            score_threshold=settings.score_threshold,
            keep_threshold=keep_threshold,
            iou_threshold=settings.iou_threshold,
            max_detections=settings.max_detections,
            detail=settings.detail,
            data=tuple(options.data),
            encoder=options.encoder,
            quality=options.quality,
            threads=options.threads,
            precision=options.precision,
            is_strict=options.strict,
            kind=options.format,
            has_video=not options.no_video,
            rules=rules.to_json() if rules else "",
            from_s=options.from_s,
            to_s=options.to_s,
        )

    found = plan(options.inputs, options.out, make_job, is_video=is_video_file)
    if not found.jobs and len(found.refused) == 1:
        raise SourceError(found.refused[0], "Nothing was exported.")
    for line in (*found.passed_over, *(f"error: {text}" for text in found.refused)):
        say(line)
    return found.jobs, not found.refused


def _factories(job: "ExportJob") -> "Factories":
    from app.media.sources.make import file_source

    # The job looks after what may be replaced; the recorder need not ask again.
    parts = Parts(
        DetectorWish(job.threads, job.precision, job.is_strict, job.kind),
        RecorderWish(encoder=job.encoder, quality=job.quality, overwrite=True),
    )
    return replace(parts.factories(), make_source=file_source)


def run_export_job(
    job: "ExportJob",
    *,
    overwrite: bool,
    on_progress: "Progress",
    is_cancelled: Callable[[], bool],
) -> "ExportResult":
    """Do `job` with the app's own parts, in whichever process."""
    from app.export.elsewhere.staging import run_anywhere

    return run_anywhere(
        job,
        _factories(job),
        overwrite=overwrite,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
    )
