"""Annotated videos and their detections from files, as fast as it goes.

A video is one job, described by plain data; to run a job again does no harm. Of
a job that was cut off, the detections are kept and the pictures are made anew.
"""

import glob
import hashlib
import json
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, Self

from tqdm import tqdm

from app.drawing.style import Style
from app.errors import RecordingError, SidecarError, SourceError, UserError
from app.pipeline.events import (
    Finished,
    PipelineEvent,
    RecordingEnded,
    SourceOpened,
    StageFailed,
)
from app.pipeline.interfaces import Detector, Factories
from app.pipeline.overlap import overlapping
from app.pipeline.pipeline import Pipeline
from app.settings import Settings
from app.sidecar import (
    FrameDetections,
    SidecarHeader,
    SidecarWriter,
    keep_detections,
    read_header,
    read_sidecar,
    read_torn,
    write_coco,
    write_csv,
)
from app.types import (
    Detections,
    DetectorInfo,
    ImageBgr,
    PendingDetections,
    RecordingInfo,
    StageTimes,
    VideoInfo,
)

VIDEO_SUFFIXES = (".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4v", ".mpg", ".wmv")
# How soon a cancelled export notices, where no frame comes meanwhile.
LOOK_EVERY_S = 0.1
DATA_FORMATS = {"csv": write_csv, "coco": write_coco}


@dataclass(frozen=True, slots=True)
class ExportJob:
    """All that one export needs to know; round-trips through JSON.

    Attributes:
        source: the video file.
        out: the annotated video to write, .mp4; its sidecar is beside it.
        model: the .onnx file.
        device: one of `app.settings.DEVICES`.
        score_threshold: what the pictures show.
        keep_threshold: what the sidecar keeps; at most `score_threshold`.
        iou_threshold: of NMS.
        max_detections: at most so many a frame.
        data: formats to write beside the sidecar, of `DATA_FORMATS`.
        encoder: see `Mp4Recorder`.
        quality: see `Mp4Recorder`.
    """

    source: str
    out: str
    model: str
    device: str = "auto"
    score_threshold: float = 0.5
    keep_threshold: float = 0.05
    iou_threshold: float = 0.45
    max_detections: int = 100
    data: tuple[str, ...] = ()
    encoder: str = "x264"
    quality: int = 20

    def __post_init__(self) -> None:
        if self.keep_threshold > self.score_threshold:
            raise ValueError(
                f"keep_threshold must be at most {self.score_threshold}, "
                f"got {self.keep_threshold}"
            )
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
        values: Any = json.loads(text)
        try:
            return cls(**{**values, "data": tuple(values.get("data", ()))})
        except (TypeError, AttributeError) as error:
            raise ValueError(f"this is no export job: {error}") from error

    @property
    def sidecar(self) -> Path:
        """Where the detections go."""
        return Path(self.out).with_suffix(".jsonl")


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
    """Told after each frame."""

    def __call__(self, done: int) -> None:
        """So many frames are done."""
        ...


def plan(
    inputs: Sequence[str],
    out: Path,
    make_job: Callable[[str, str], ExportJob],
) -> list[ExportJob]:
    """The jobs for files, folders (with all below) and patterns such as "*.mp4".

    The names in `out` follow from the inputs' names alone, so that a second run
    finds what the first one did.

    Raises:
        SourceError: nothing is there, or two inputs would get one name.
    """
    found: dict[Path, Path] = {}  # video -> its path below `out`, without suffix
    for text in inputs:
        path = Path(text).expanduser()
        if path.is_dir():
            videos = {
                file: file.relative_to(path)
                for file in sorted(path.rglob("*"))
                if file.suffix.lower() in VIDEO_SUFFIXES
                and not file.name.startswith(".")
                and out.resolve() not in file.resolve().parents
            }
        elif path.exists():
            videos = {path: Path(path.name)}
        else:
            matches = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207
            videos = {Path(match): Path(Path(match).name) for match in matches}
        if not videos:
            raise SourceError(f"There is no video {text}.", "Check the name.")
        for video, relative in videos.items():
            found.setdefault(video.resolve(), relative)
    stems = Counter(relative.with_suffix("") for relative in found.values())
    jobs, taken = [], dict[Path, Path]()
    for video, relative in found.items():
        stem = relative.with_suffix("")
        # a.mp4 and a.mov: their whole names tell them apart.
        name = relative if stems[stem] > 1 else stem
        target = out / name.with_name(f"{name.name}.mp4")
        if target in taken:
            raise SourceError(
                f"{taken[target]} and {video} would both become {target}.",
                "Export them into different folders.",
            )
        taken[target] = video
        jobs.append(make_job(str(video), str(target)))
    return jobs


def run_job(
    job: ExportJob,
    factories: Factories,
    *,
    overwrite: bool = False,
    on_progress: Progress = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> ExportResult:
    """Do one job; skip it when it is done already.

    Video and sidecar get their names when they are complete. Until then the
    video is called "NAME.unfinished.mp4" and, cancelled or cut short by an error,
    can be watched under that name.

    Raises:
        UserError: a bad input, or no room on the disk.
    """
    out, sidecar = Path(job.out), job.sidecar
    recipe = _recipe(job)
    if sidecar.exists() and out.exists() and not overwrite:
        if read_header(sidecar).settings != recipe:
            raise RecordingError(
                f"{out} was made with other settings and was left alone.",
                "Choose another folder, or pass --overwrite.",
            )
        return ExportResult(job.out, "skipped")
    run = _Run(job, recipe, factories)
    # With our own part beside it, only the last step is missing.
    if out.exists() and not overwrite and not run.part.exists():
        raise RecordingError(
            f"{out} is there already and is not ours.",
            "Choose another folder, or pass --overwrite.",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    return run.work(on_progress, is_cancelled)


def _recipe(job: ExportJob) -> dict[str, Any]:
    """What makes two exports of one video the same."""
    try:
        model = hashlib.sha256(Path(job.model).read_bytes()).hexdigest()
        size = Path(job.source).stat().st_size
    except OSError:  # the parts that open them say it better
        model, size = "", 0
    return {
        "score_threshold": job.keep_threshold,
        "shown_threshold": job.score_threshold,
        "iou_threshold": job.iou_threshold,
        "max_detections": job.max_detections,
        "model_sha256": model,
        "source_bytes": size,
    }


class _Run:
    def __init__(
        self, job: ExportJob, recipe: dict[str, Any], factories: Factories
    ) -> None:
        self._job = job
        self._recipe = recipe
        self._out = Path(job.out)
        self._unfinished = self._out.with_suffix(".unfinished.mp4")
        self.part = job.sidecar.with_name(f".{job.sidecar.name}.part")
        self._source = factories.make_source(job.source)
        self._detector = _Keeping(
            factories.make_detector(Path(job.model), job.device), self._begin
        )
        self._recorder = factories.make_recorder(self._unfinished)
        self._draw_overlay = factories.draw
        self._info: VideoInfo | None = None

    def work(
        self, on_progress: Progress, is_cancelled: Callable[[], bool]
    ) -> ExportResult:
        finished = threading.Event()
        was_cancelled = threading.Event()
        recorded: RecordingInfo | None = None
        errors: list[Exception] = []

        def on_event(event: PipelineEvent) -> None:
            nonlocal recorded
            if isinstance(event, SourceOpened):
                self._info = event.info
                pipeline.start_recording(self._recorder)
            elif isinstance(event, RecordingEnded):
                recorded = event.info
                if event.error is not None:
                    errors.append(event.error)
                    pipeline.request_stop()
            elif isinstance(event, StageFailed):
                errors.append(event.error)
            elif isinstance(event, Finished):
                finished.set()

        def look_whether_cancelled() -> None:
            if is_cancelled():
                was_cancelled.set()
                pipeline.request_stop()

        def on_result() -> None:
            on_progress(pipeline.stats().frame_count)
            look_whether_cancelled()

        pipeline = Pipeline(
            self._source,
            self._detector,
            draw=self._draw,
            settings=Settings(
                score_threshold=self._job.keep_threshold,
                iou_threshold=self._job.iou_threshold,
                max_detections=self._job.max_detections,
                device=self._job.device,
            ),
            on_event=on_event,
            on_result=on_result,
        )
        pipeline.start()
        try:
            while not finished.wait(LOOK_EVERY_S):
                look_whether_cancelled()
        finally:
            pipeline.stop()
        if errors:
            raise errors[0]
        return self._concluded(recorded, is_whole=not was_cancelled.is_set())

    def _concluded(
        self, recorded: RecordingInfo | None, *, is_whole: bool
    ) -> ExportResult:
        detected = self._detector.detected
        if recorded is None:
            return ExportResult("", "cancelled")
        count = recorded.frame_count
        if not is_whole:
            return ExportResult(recorded.path, "cancelled", count, detected)
        os.replace(recorded.path, self._out)  # noqa: PTH105 - atomic everywhere
        self._write_data()
        # Last: where it is, all the rest is too.
        os.replace(self.part, self._job.sidecar)  # noqa: PTH105
        return ExportResult(self._job.out, "done", count, detected)

    def _draw(
        self,
        image_bgr: ImageBgr,
        detections: Detections,
        *,
        class_names: tuple[str, ...],
        fps: float | None,  # noqa: ARG002 - of the export, which nobody wants to see
        style: Style,
    ) -> ImageBgr:
        shown = keep_detections(detections, score_threshold=self._job.score_threshold)
        return self._draw_overlay(
            image_bgr, shown, class_names=class_names, fps=None, style=style
        )

    def _begin(
        self, model: DetectorInfo
    ) -> tuple[list[FrameDetections], SidecarWriter]:
        """What is known of the video, and where to write what is found from there."""
        assert self._info is not None  # frames come from a source that is open
        header = SidecarHeader(
            source=str(Path(self._job.source).resolve()),
            size_wh=self._info.size_wh,
            model_name=model.model_name,
            model_sha256=self._recipe["model_sha256"],
            class_names=model.class_names,
            settings=self._recipe,
        )
        known = self._known(header)
        writer = SidecarWriter(
            self.part, header, go_on_after=len(known) if known else None
        )
        return known, writer

    def _known(self, header: SidecarHeader) -> list[FrameDetections]:
        """What an earlier run of the same job found before it was cut off."""
        try:
            earlier, frames = read_torn(self.part)
        except SidecarError:
            return []
        return frames if earlier == header else []

    def _write_data(self) -> None:
        if self._job.data:
            header, frames = read_sidecar(self.part)
        for name in self._job.data:
            suffix = ".csv" if name == "csv" else f".{name}.json"
            DATA_FORMATS[name](self._out.with_suffix(suffix), header, frames)


class _Keeping:
    """A detector that writes down what it finds, and knows what was found before.

    A file loses no frame on its way here, so the n-th picture is frame n.

    Attributes:
        detected: how many frames it had to look at.
    """

    def __init__(
        self,
        detector: Detector,
        begin: Callable[[DetectorInfo], tuple[list[FrameDetections], SidecarWriter]],
    ) -> None:
        self._detector = detector
        self._looks = overlapping(detector)
        self._begin = begin
        self._model: DetectorInfo | None = None
        self._known: list[FrameDetections] = []
        self._writer: SidecarWriter | None = None
        self._next = 0
        self._timestamp_s = 0.0
        self.detected = 0

    def open(self) -> DetectorInfo:
        self._model = self._detector.open()
        return self._model

    def favour_throughput(self) -> None:
        self._looks.favour_throughput()

    @property
    def depth(self) -> int:
        return self._looks.depth

    def follow(self, timestamp_s: float) -> None:
        self._timestamp_s = timestamp_s

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        return self.begin(image_bgr, settings)()

    def begin(self, image_bgr: ImageBgr, settings: Settings) -> PendingDetections:
        if self._writer is None:
            assert self._model is not None
            self._known, self._writer = self._begin(self._model)
        index, self._next = self._next, self._next + 1
        if index < len(self._known):
            found = self._known[index].detections
            return lambda: (found, StageTimes())
        answer = self._looks.begin(image_bgr, settings)
        return partial(self._finish, self._writer, index, self._timestamp_s, answer)

    def _finish(
        self,
        writer: SidecarWriter,
        index: int,
        timestamp_s: float,
        answer: PendingDetections,
    ) -> tuple[Detections, StageTimes]:
        found, times = answer()
        writer.write(FrameDetections(index, timestamp_s, found))
        self.detected += 1
        return found, times

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._detector.close()


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


def export_all(
    jobs: Sequence[ExportJob],
    worker: Worker,
    *,
    processes: int,
    overwrite: bool,
    frame_counts: Sequence[int],
    say: Callable[[str], None],
) -> list[ExportResult]:
    """Do all jobs, some at a time; one that fails does not end the others.

    Ctrl+C ends each with a part that plays; a second one gives up.

    Args:
        jobs: see `plan`.
        worker: does one.
        processes: how many at a time; 1 stays in this process.
        overwrite: do those again that are done.
        frame_counts: about how many frames each has, for the progress.
        say: prints one line.

    Returns:
        A result a job, in their order.
    """
    results: dict[int, ExportResult] = {}
    done = [0] * len(jobs)
    context = multiprocessing.get_context("spawn")
    cancelled = context.Event() if processes > 1 else threading.Event()
    with (
        _interrupt_sets(cancelled.set),
        tqdm(
            total=sum(frame_counts), unit=" frames", disable=None, file=sys.stderr
        ) as bar,
    ):

        def show(index: int, count: int) -> None:
            bar.update(count - done[index])
            done[index] = count

        def finish(index: int, result: ExportResult) -> None:
            results[index] = result
            if result.state == "skipped":
                show(index, frame_counts[index])
            bar.set_postfix_str(f"{len(results)} of {len(jobs)} videos", refresh=False)
            bar.clear()
            say(_sentence(jobs[index], result))

        if processes == 1:
            for index, job in enumerate(jobs):
                if cancelled.is_set():
                    finish(index, ExportResult("", "cancelled"))
                    continue
                finish(
                    index,
                    _caught(
                        worker,
                        job,
                        overwrite,
                        lambda count, index=index: show(index, count),
                        cancelled.is_set,
                    ),
                )
        else:
            told: Any = context.Queue()
            with ProcessPoolExecutor(
                processes,
                mp_context=context,
                initializer=_start_worker,
                initargs=(told, cancelled),
            ) as pool:
                futures: dict[Future[ExportResult], int] = {
                    pool.submit(_in_worker, worker, index, job, overwrite): index
                    for index, job in enumerate(jobs)
                }
                waiting = set(futures)
                while waiting:
                    ended, waiting = wait(
                        waiting, timeout=0.1, return_when=FIRST_COMPLETED
                    )
                    try:
                        while True:
                            show(*told.get_nowait())
                    except queue.Empty:
                        pass
                    for future in ended:
                        finish(futures[future], future.result())
    return [results[index] for index in range(len(jobs))]


def _sentence(job: ExportJob, result: ExportResult) -> str:
    if result.state == "done":
        return f"Wrote {result.out} ({result.frame_count} frames)"
    if result.state == "skipped":
        return f"{result.out} was done already"
    if result.state == "failed":
        return f"error: {job.source}: {result.message}"
    if result.out:
        return f"Cancelled; what there is of it is in {result.out}"
    return f"Cancelled before its first frame: {job.source}"


def _caught(
    worker: Worker,
    job: ExportJob,
    overwrite: bool,
    on_progress: Progress,
    is_cancelled: Callable[[], bool],
) -> ExportResult:
    try:
        return worker(
            job,
            overwrite=overwrite,
            on_progress=on_progress,
            is_cancelled=is_cancelled,
        )
    except UserError as error:
        return ExportResult("", "failed", message=str(error))
    except Exception as error:  # noqa: BLE001 - one bad video, not all of them
        return ExportResult("", "failed", message=f"{type(error).__name__}: {error}")


_told: Any = None
_cancelled: Any = None


def _start_worker(told: Any, cancelled: Any) -> None:  # noqa: ANN401
    global _told, _cancelled
    _told, _cancelled = told, cancelled
    # Ctrl+C reaches every process; ours is told by `cancelled`.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _in_worker(
    worker: Worker, index: int, job: ExportJob, overwrite: bool
) -> ExportResult:
    if _cancelled.is_set():
        return ExportResult("", "cancelled")
    return _caught(
        worker,
        job,
        overwrite,
        lambda done: _told.put((index, done)),
        _cancelled.is_set,
    )


@contextmanager
def _interrupt_sets(act: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl+C calls `act`, the second one interrupts."""

    def on_interrupt(_signal: int, _frame: object) -> None:
        act()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
