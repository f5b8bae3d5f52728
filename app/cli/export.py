"""`main.py export`: annotated videos and their detections, from files."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.options import (
    Commands,
    add_detection_options,
    add_overwrite_option,
    add_recording_options,
    count,
    detector_wish,
    recorder_wish,
    score,
    settings_with,
)
from app.cli.parts import Parts, RecorderWish

if TYPE_CHECKING:
    from app.export.job import ExportJob, ExportResult, Progress


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
    """Do all jobs; 2 where one failed, 130 where they were cancelled."""
    from app.detection.devices.machine import Machine
    from app.detection.engines.session import likely_file
    from app.errors import SourceError
    from app.export.job import ExportJob
    from app.export.plan import plan
    from app.export.processes import export_all

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
            data=tuple(options.data),
            encoder=options.encoder,
            quality=options.quality,
        )

    factories = Parts(detector_wish(options), recorder_wish(options)).factories()

    def frame_count(job: ExportJob) -> int:
        source = factories.make_source(job.source)
        try:
            return source.open().frame_count or 0
        except SourceError:
            return 0  # its job will say so
        finally:
            source.close()

    jobs = plan(options.inputs, options.out, make_job)
    results = export_all(
        jobs,
        run_export_job,
        processes=min(options.jobs, len(jobs)),
        overwrite=options.overwrite,
        frame_counts=[frame_count(job) for job in jobs],
        say=print,
    )
    states = {result.state for result in results}
    if "cancelled" in states:
        return 130
    return 2 if "failed" in states else 0


def run_export_job(
    job: "ExportJob",
    *,
    overwrite: bool,
    on_progress: "Progress",
    is_cancelled: Callable[[], bool],
) -> "ExportResult":
    """Do `job` with the app's own parts, in whichever process."""
    from app.export.run import run_job

    # The job looks after what may be replaced; the recorder need not ask again.
    recorder = RecorderWish(encoder=job.encoder, quality=job.quality, overwrite=True)
    return run_job(
        job,
        Parts(recorder=recorder).factories(),
        overwrite=overwrite,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
    )
