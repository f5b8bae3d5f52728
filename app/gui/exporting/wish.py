"""What somebody wants exported, and what is there already where it would go."""

from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from app.errors import RecordingError
from app.export.job import ExportJob
from app.export.outputs import Outputs
from app.settings import Settings
from app.tracking.rules import Rules


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What is to be exported, and how.

    Attributes:
        files: videos, or folders of them.
        folder: where all of it goes.
        has_video: pictures are wanted, not only what was found.
        data: formats to write besides, of `app.export.job.DATA_FORMATS`.
        detail: how closely to look, of `app.settings.DETAILS`.
        part: of that file alone, from when to when in seconds; None: all of all.
        rules: what to count; without any, nothing is.
    """

    files: tuple[str, ...]
    folder: Path
    has_video: bool = True
    data: tuple[str, ...] = ()
    detail: int = 1
    part: tuple[str, float, float] | None = None
    rules: Rules = field(default_factory=Rules)

    def planning(self, settings: Settings, model: Path) -> list[str]:
        """What the command line is told to plan its jobs."""
        said = ["--out", str(self.folder), "--model", str(model)]
        said += ["--device", settings.device, "--detail", str(self.detail)]
        said += ["--score-threshold", str(settings.score_threshold)]
        for name in self.data:
            said += ["--data", name]
        said += [] if self.has_video else ["--no-video"]
        return ["plan", *said, "--", *self.files]

    def completed(self, job: ExportJob, settings: Settings) -> ExportJob:
        """A planned job, with what the command line has no options for."""
        if self.part is not None and Path(job.source) == Path(self.part[0]).resolve():
            _, from_s, to_s = self.part
            job = replace(job, from_s=from_s, to_s=to_s)
        return replace(
            job,
            iou_threshold=settings.iou_threshold,
            max_detections=settings.max_detections,
            rules=self.rules.to_json() if self.rules else "",
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A job, and what is there where it would write.

    Attributes:
        job: what is to be done.
        taken: why its names cannot be used; empty: they can.
        beside: the same under a name that is free, where they cannot.
    """

    job: ExportJob
    taken: str = ""
    beside: ExportJob | None = None


def places_of(jobs: list[ExportJob]) -> list[Place]:
    """Look what is there; reads files, so not for the window's thread."""
    return [_place_of(job) for job in jobs]


def _place_of(job: ExportJob) -> Place:
    if not (taken := _taken(job)):
        return Place(job)
    out = Path(job.out)
    for number in count(2):
        name = out.with_name(f"{out.stem} ({number}){out.suffix}")
        if not _taken(beside := replace(job, out=str(name))):
            return Place(job, taken, beside)
    raise AssertionError("numbers do not end")


def _taken(job: ExportJob) -> str:
    """Whose the names are, in a sentence; empty: nobody's, or this very job's."""
    try:
        outputs = Outputs(job)
        if not outputs.are_done():
            outputs.check_free()
    except RecordingError as error:
        return error.problem
    return ""
