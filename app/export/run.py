"""One job, done: an annotated video and its detections, as fast as it goes.

To run a job again does no harm. Of a job that was cut off, the detections are kept
and the pictures are made anew.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.drawing.style import Style
from app.errors import RecordingError, SidecarError
from app.export.elsewhere.addresses import is_address, public
from app.export.job import ExportJob, ExportResult, Progress
from app.export.keeping import KeepingDetector
from app.export.outputs import Outputs
from app.export.part import part_of
from app.pipeline.annotate import with_one_name
from app.pipeline.events import (
    Finished,
    PipelineEvent,
    RecordingEnded,
    SourceOpened,
    StageFailed,
)
from app.pipeline.interfaces import Factories
from app.pipeline.pipeline import Pipeline
from app.scene import NO_SCENE, Scene
from app.settings import Settings
from app.sidecar import (
    FrameDetections,
    SidecarHeader,
    SidecarWriter,
    keep_detections,
    read_torn,
)
from app.tracking.rules import rules_from
from app.tracking.tracker import KEEP_S
from app.tracking.watcher import Watcher
from app.types import (
    Detections,
    DetectorInfo,
    ImageBgr,
    RecordingInfo,
    VideoInfo,
)

# How soon a cancelled export notices, where no frame comes meanwhile.
LOOK_EVERY_S = 0.1
# Of each track, where lines and zones are drawn.
TRAIL_S = 2.0


def run_job(
    job: ExportJob,
    factories: Factories,
    *,
    overwrite: bool = False,
    on_progress: Progress = lambda _done, _total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> ExportResult:
    """Do one job; skip it when it is done already.

    Video and sidecar get their names when they are complete. Until then the
    video is called "NAME.unfinished.mp4" and, cancelled or cut short by an error,
    can be watched under that name.

    Raises:
        UserError: a bad input, or no room on the disk.
    """
    try:
        outputs = Outputs(job)
        if not overwrite:
            if outputs.are_done():
                return _with_data(job, outputs)
            outputs.check_free()
            if outputs.are_done():
                return _with_data(job, outputs)
        Path(job.out).parent.mkdir(parents=True, exist_ok=True)
        return _Run(job, outputs, factories).work(on_progress, is_cancelled)
    except OSError as error:
        raise RecordingError(
            f"{error.filename or job.out} cannot be written: {error.strerror}.",
            "What was found until then is kept: mend that, and export again.",
        ) from error


def _with_data(job: ExportJob, outputs: Outputs) -> ExportResult:
    """A job that is done, but for the data that it was not asked for before."""
    if written := outputs.add_data():
        names = ", ".join(str(path) for path in written)
        return ExportResult(job.told, "done", message=f"Wrote {names}")
    return ExportResult(job.told, "skipped")


class _Run:
    def __init__(self, job: ExportJob, outputs: Outputs, factories: Factories) -> None:
        self._job = job
        self._outputs = outputs
        self._source = part_of(factories.make_source(job.source), outputs.recipe)
        self._detector = KeepingDetector(
            factories.make_detector(Path(job.model), job.device),
            self._begin,
            score_threshold=job.score_threshold,
        )
        self._recorder = factories.make_recorder(outputs.unfinished)
        self._draw_overlay = factories.draw
        self._watcher: Watcher | None = None
        if job.rules:  # the sidecar has the tracks; the picture keeps its boxes
            self._watcher = Watcher(
                rules_from(json.loads(job.rules)),
                score_threshold=job.score_threshold,
                is_steady=False,
            )
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
                on_progress(0, event.info.frame_count or 0)
                if self._job.has_video:
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
            total = (self._info and self._info.frame_count) or 0
            on_progress(pipeline.stats().frame_count, total)
            look_whether_cancelled()

        pipeline = Pipeline(
            self._source,
            self._detector,
            draw=self._draw,
            settings=Settings(
                score_threshold=self._job.keep_threshold,
                iou_threshold=self._job.iou_threshold,
                max_detections=self._job.max_detections,
                detail=self._job.detail,
                device=self._job.device,
                one_name=False,  # of the few that are drawn: see `_draw`
                trail_s=TRAIL_S,
                draw_track_ids=True,
            ),
            after_detection=self._watcher,
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
        is_whole = not was_cancelled.is_set()
        if not self._job.has_video:
            return self._found(pipeline.stats().frame_count, is_whole=is_whole)
        return self._concluded(recorded, is_whole=is_whole)

    def _found(self, count: int, *, is_whole: bool) -> ExportResult:
        """Without a video."""
        detected = self._detector.detected
        if not is_whole or not count:
            return ExportResult("", "cancelled", count, detected)
        self._outputs.conclude(None)
        return ExportResult(self._job.told, "done", count, detected)

    def _concluded(
        self, recorded: RecordingInfo | None, *, is_whole: bool
    ) -> ExportResult:
        detected = self._detector.detected
        if recorded is None:
            return ExportResult("", "cancelled")
        count = recorded.frame_count
        if not is_whole:
            return ExportResult(recorded.path, "cancelled", count, detected)
        self._outputs.conclude(Path(recorded.path))
        message = ""
        if recorded.notes:
            wrote = f"Wrote {self._job.out} ({count} frames)."
            message = " ".join([wrote, *recorded.notes])
        return ExportResult(self._job.out, "done", count, detected, message)

    def _draw(
        self,
        image_bgr: ImageBgr,
        detections: Detections,
        *,
        class_names: tuple[str, ...],
        fps: float | None,  # noqa: ARG002 - of the export, which nobody wants to see
        style: Style,
        scene: Scene = NO_SCENE,
    ) -> ImageBgr:
        shown = keep_detections(detections, score_threshold=self._job.score_threshold)
        return self._draw_overlay(
            image_bgr,
            with_one_name(shown),
            class_names=class_names,
            fps=None,
            style=style,
            **({} if scene is NO_SCENE else {"scene": scene}),
        )

    def _begin(
        self, model: DetectorInfo
    ) -> tuple[list[FrameDetections], SidecarWriter]:
        """What is known of the video, and where to write what is found from there."""
        assert self._info is not None  # frames come from a source that is open
        header = SidecarHeader(
            source=_shown(self._job.source),
            size_wh=self._info.size_wh,
            model_name=model.model_name,
            model_sha256=self._outputs.recipe["model_sha256"],
            class_names=model.class_names,
            settings=self._outputs.recipe,
            tracking={"score_threshold": self._job.score_threshold, "keep_s": KEEP_S},
        )
        known = self._known(header)
        writer = SidecarWriter(
            self._outputs.part, header, go_on_after=len(known) if known else None
        )
        return known, writer

    def _known(self, header: SidecarHeader) -> list[FrameDetections]:
        """What an earlier run of the same job found before it was cut off."""
        try:
            earlier, frames = read_torn(self._outputs.part)
        except SidecarError:
            return []
        # Wherever it was when it was begun: on another machine, say.
        return frames if replace(earlier, source=header.source) == header else []


def _shown(source: str) -> str:
    """Where the video is, from wherever it is read; holds no password."""
    return public(source) if is_address(source) else str(Path(source).resolve())
