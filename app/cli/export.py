"""`main.py export`: annotated videos and their detections, from files."""

import argparse
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import say
from app.cli.options import (
    Commands,
    add_detection_options,
    add_overwrite_option,
    add_recording_options,
    count,
    score,
    settings_with,
)
from app.cli.parts import DetectorWish, Parts, RecorderWish
from app.interrupts import asked_to_end

if TYPE_CHECKING:
    from app.export.job import ExportJob, ExportResult, Progress
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
    export.add_argument(
        "inputs", nargs="+", metavar="IN", help="files, folders, or patterns"
    )
    export.add_argument("--out", type=Path, required=True, metavar="DIR")
    export.add_argument(
        "--jobs", type=count, default=1, metavar="N", help="videos at a time"
    )
    export.add_argument(
        "--keep-threshold",
        type=score,
        default=0.05,
        metavar="P",
        help="detections above are kept, shown or not (default: %(default)s)",
    )
    export.add_argument(
        "--data",
        action="append",
        default=[],
        choices=("csv", "coco"),
        help="write these too (may be given twice)",
    )
    add_detection_options(export)
    add_overwrite_option(export)
    add_recording_options(export)


def run(options: argparse.Namespace) -> int:
    """Do all jobs; 2 where one failed, 130 or 143 where a signal cancelled them."""
    from app.detection.devices.machine import Machine
    from app.detection.engines.session import likely_file
    from app.errors import SourceError
    from app.export.job import ExportJob
    from app.export.plan import plan
    from app.export.processes import export_all
    from app.media.video_files import is_video_file

    settings = settings_with(options)
    keep_threshold = min(options.keep_threshold, settings.score_threshold)
    # One file by name: sidecars say whose finds they hold.
    model = likely_file(options.model, settings.device, Machine())

    def make_job(source: str, out: str) -> ExportJob:
        return ExportJob(
            source=source,
            out=out,
            model=str(model),
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
        )

    planned = plan(options.inputs, options.out, make_job, is_video=is_video_file)
    jobs = planned.jobs
    if not jobs and len(planned.refused) == 1:
        raise SourceError(planned.refused[0])
    for line in (*planned.passed_over, *(f"error: {text}" for text in planned.refused)):
        say(line)
    if not jobs:
        return 2
    cancelled = threading.Event()
    with asked_to_end(cancelled.set) as ending:
        results = export_all(
            jobs,
            run_export_job,
            processes=min(options.jobs, len(jobs)),
            overwrite=options.overwrite,
            say=say,
            is_cancelled=cancelled.is_set,
        )
    states = {result.state for result in results}
    if "cancelled" in states:
        return ending.exit_code
    return 2 if "failed" in states or planned.refused else 0


def _factories(job: "ExportJob") -> "Factories":
    from app.media.sources.make import file_source

    # The job looks after what may be replaced; the recorder need not ask again.
    parts = Parts(
        DetectorWish(job.threads, job.precision, job.is_strict),
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
    from app.export.run import run_job

    return run_job(
        job,
        _factories(job),
        overwrite=overwrite,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
    )
