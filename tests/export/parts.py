"""What several tests of exports share: a video, a job, the app's own parts."""

from dataclasses import replace
from pathlib import Path

from app.cli.parts import Parts, RecorderWish
from app.export.job import ExportJob, ExportResult
from app.export.run import run_job
from app.media.sources.make import file_source
from app.pipeline.interfaces import Factories

FRAMES = 40


def job_of(video: Path, model: Path, out: Path, **changes: object) -> ExportJob:
    """To `out`/NAME.mp4, on the CPU: "auto" is what is there, and rounds otherwise."""
    values: dict[str, object] = {"score_threshold": 0.3, "keep_threshold": 0.01}
    values["device"] = "cpu"
    target = out / f"{video.stem}.mp4"
    return ExportJob(str(video), str(target), str(model), **(values | changes))  # type: ignore[arg-type] # by name


def factories() -> Factories:
    """The app's own parts, as an export has them."""
    parts = Parts(recorder=RecorderWish(overwrite=True))
    return replace(parts.factories(), make_source=file_source)


def do(job: ExportJob, **options: object) -> ExportResult:
    """Run it."""
    return run_job(job, factories(), **options)  # type: ignore[arg-type] # by name
