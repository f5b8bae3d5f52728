"""What one export needs to know, and how it ended: plain data."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from app.errors import UserError
from app.export.count_files import count_files
from app.sidecar import write_coco, write_csv

_PLAN = "Make it with: python main.py plan IN... --out DIR > jobs.jsonl"
DATA_FORMATS = {"csv": write_csv, "coco": write_coco}


@dataclass(frozen=True, slots=True)
class ExportJob:
    """All that one export needs to know; round-trips through JSON.

    Attributes:
        source: the video file.
        out: the annotated video to write, .mp4; its sidecar, beside it, has its name.
        model: the .onnx file.
        device: one of `app.settings.DEVICES`.
        score_threshold: what the pictures show.
        keep_threshold: what the sidecar keeps; at most `score_threshold`.
        iou_threshold: of NMS.
        max_detections: at most so many a frame.
        detail: see `app.settings.Settings`.
        data: formats to write beside the sidecar, of `DATA_FORMATS`.
        encoder: see `Mp4Recorder`.
        quality: see `Mp4Recorder`.
        threads: see `OnnxDetector`, as for the next two.
        precision: what to compute in; None: as the device is best at.
        is_strict: not even a part of the network elsewhere.
        kind: of detector the model is, see `OnnxDetector`; empty: as recognised.
        has_video: pictures are wanted, too; else only what was found.
        from_s: begin with the first frame at or after this time of the video.
        to_s: and end before the first one at or after that; None: with the last.
        rules: what to count, as `app.tracking.rules` writes it; empty: nothing.
    """

    source: str
    out: str
    model: str
    device: str = "auto"
    score_threshold: float = 0.5
    keep_threshold: float = 0.05
    iou_threshold: float = 0.45
    max_detections: int = 100
    detail: int = 1
    data: tuple[str, ...] = ()
    encoder: str = "x264"
    quality: int = 20
    threads: int | None = None
    precision: str | None = None
    is_strict: bool = False
    kind: str = ""
    has_video: bool = True
    rules: str = ""
    from_s: float = 0.0
    to_s: float | None = None

    def __post_init__(self) -> None:
        if self.keep_threshold > self.score_threshold:
            raise ValueError(
                f"keep_threshold must be at most {self.score_threshold}, "
                f"got {self.keep_threshold}"
            )
        if self.to_s is not None and self.to_s <= self.from_s:
            raise ValueError(f"to_s must be above {self.from_s}, got {self.to_s}")
        unknown = set(self.data) - set(DATA_FORMATS)
        if unknown:
            raise ValueError(f"data must be of {list(DATA_FORMATS)}, got {unknown}")

    def to_json(self) -> str:
        """The inverse of `from_json`."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`.

        Raises:
            ValueError: it is no job.
        """
        try:
            values: Any = json.loads(text)
            job = cls(**{**values, "data": tuple(values.get("data", ()))})
        except (TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"this is no export job: {error}") from error
        for name, kinds in _KINDS.items():
            value = getattr(job, name)
            if type(value) not in kinds:
                raise ValueError(f"this is no export job: {name} is {value!r}")
        return job

    @property
    def told(self) -> str:
        """What it is called by, once it is done: the video, or the sidecar."""
        if self.has_video:
            return self.out
        return f"{self.out.removesuffix(Path(self.out).suffix)}.jsonl"

    @property
    def sidecar(self) -> Path:
        """Where the detections go."""
        return Path(self.out).with_suffix(".jsonl")

    @property
    def part(self) -> Path:
        """The sidecar in the making."""
        return self.sidecar.with_name(f".{self.sidecar.name}.part")

    @property
    def whole(self) -> Path:
        """The sidecar while the finished files get their names: they are ours."""
        return self.sidecar.with_name(f".{self.sidecar.name}.whole")

    def data_path(self, name: str) -> Path:
        """Where the detections go in the format `name`, of `DATA_FORMATS`."""
        suffix = ".csv" if name == "csv" else f".{name}.json"
        return Path(self.out).with_suffix(suffix)

    @property
    def files(self) -> tuple[Path, ...]:
        """All that it writes."""
        data = (self.data_path(name) for name in self.data)
        video = (Path(self.out),) if self.has_video else ()
        return (*video, self.sidecar, *data, *self.counts)

    @property
    def counts(self) -> tuple[Path, ...]:
        """Where events and counts go, if there are rules."""
        return count_files(Path(self.out)) if self.rules else ()


# What each may be in JSON; a number like 1 may stand for 1.0.
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("source", "out", "model", "device", "encoder"), (str,)),
    **dict.fromkeys(
        ("score_threshold", "keep_threshold", "iou_threshold", "from_s"), (float, int)
    ),
    **dict.fromkeys(("max_detections", "quality"), (int,)),
    "threads": (int, type(None)),
    "to_s": (float, int, type(None)),
    "precision": (str, type(None)),
    **dict.fromkeys(("is_strict", "has_video"), (bool,)),
}


def read_jobs(path: Path) -> list[ExportJob]:
    """The jobs of a file, a line each, as `to_json` writes them; "-" is stdin.

    Raises:
        UserError: it cannot be read, or a line is none: it says which.
    """
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}.", _PLAN) from error
    jobs = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            jobs.append(ExportJob.from_json(line))
        except ValueError as error:
            raise UserError(
                f"Line {number} of {path} is bad: {error}.", _PLAN
            ) from error
    return jobs


@dataclass(frozen=True, slots=True)
class ExportResult:
    """How a job ended.

    Attributes:
        out: the video: the job's when it is done, an unfinished one when it was
            cancelled, "" when there is none.
        state: "done", "skipped", "cancelled" or "failed".
        frame_count: pictures in `out`.
        detected: of those, how many went through the detector this time.
        message: what went wrong.
    """

    out: str
    state: str
    frame_count: int = 0
    detected: int = 0
    message: str = ""


class Progress(Protocol):
    """Told when the video is open, and after each frame."""

    def __call__(self, done: int, total: int) -> None:
        """So many frames of about so many are done; 0 where that is not known."""
        ...


class Worker(Protocol):
    """Runs a job in whichever process; must be a module's own function."""

    def __call__(
        self,
        job: ExportJob,
        *,
        overwrite: bool,
        on_progress: Progress,
        is_cancelled: Callable[[], bool],
    ) -> ExportResult:
        """As `run_job`, with the parts that belong to it."""
        ...
