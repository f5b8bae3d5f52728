"""Two detectors on a whole video: one picture of both a frame, and the figures."""

import os
import statistics
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from app.comparing.agreement import FrameRow, by_class
from app.comparing.pairs import pair_up, shared_classes
from app.comparing.picture import View, compared_picture
from app.comparing.report import Report, write_report
from app.errors import RecordingError, SourceError
from app.export.outputs import check_not_source, free_unfinished
from app.pipeline.interfaces import Detector, Recorder, Settles, VideoSource
from app.settings import Settings
from app.types import DetectorInfo, Frame, ImageBgr, RecordingInfo, VideoInfo

_RECENT = 15  # frames whose median is the time that stands in the picture


@dataclass(frozen=True, slots=True)
class CompareJob:
    """What to write where.

    Attributes:
        out: the video; or of photos, a folder.
        settings: both are asked with them.
        view: how a picture shows both.
        overwrite: replace what is there.
        for_s: of the source, from its first frame; None: all of it.
    """

    out: Path
    settings: Settings
    view: View = "side"
    overwrite: bool = False
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a comparison.

    Attributes:
        pictures: the video, or the folder of photos.
        report: the figures, as JSON; a row a frame is beside it, as CSV.
        unfinished: the video until it is whole.
    """

    pictures: Path
    report: Path
    unfinished: Path


def compare_in_video(
    job: CompareJob,
    source: VideoSource,
    detectors: tuple[Detector, Detector],
    make_recorder: Callable[[Path], Recorder],
    *,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Report, RecordingInfo]:
    """Let both look at every frame, one after the other, and write what they found.

    One waits while the other computes, so their times are of each alone. Cancelled,
    it finishes with what it has.

    Args:
        job: what to write where.
        source: opened and closed here, as are the next.
        detectors: the two.
        make_recorder: of what writes the pictures; may replace a file.
        on_progress: told how many of how many frames (0: nobody knows) are done.
        is_cancelled: asked before each frame.

    Raises:
        UserError: a model or the source is bad, or there is something in the way.
    """
    with ExitStack() as closing:
        closing.callback(source.close)
        info = source.open()
        files = _files(job, info)
        both = _Both(
            job, _opened(detectors[0], closing), _opened(detectors[1], closing)
        )
        recorder = make_recorder(files.unfinished)
        if not info.is_stills:
            closing.callback(files.unfinished.unlink, missing_ok=True)
        closing.callback(recorder.close)
        recorder.open(replace(info, path=None))  # without its sound
        rows: list[FrameRow] = []
        for frame in source.frames():
            if is_cancelled() or _is_enough(frame, rows, job.for_s):
                break
            if frame.gap:
                continue
            row, picture = both.look(frame)
            recorder.write(picture, frame.timestamp_s)
            rows.append(row)
            on_progress(len(rows), info.frame_count or 0)
        recorded = recorder.close()
        if recorded is None:
            raise SourceError(
                f"{info.name} ended before its first frame.", "Choose another one."
            )
        report = Report(info.name, both.infos, job.settings, tuple(rows))
        try:
            write_report(report, files.report)
            if not info.is_stills:
                os.replace(recorded.path, job.out)  # noqa: PTH105 - atomic everywhere
        except OSError as error:
            raise RecordingError(
                f"{error.filename or job.out} cannot be written: {error.strerror}.",
                "Choose another folder with --out.",
            ) from error
        return report, replace(recorded, path=str(job.out))


def _is_enough(frame: Frame, rows: list[FrameRow], for_s: float | None) -> bool:
    if for_s is None or not rows:
        return False
    return frame.timestamp_s - rows[0].timestamp_s >= for_s


def _files(job: CompareJob, info: VideoInfo) -> Written:
    if info.is_stills:
        files = Written(job.out, job.out / "compared.json", job.out)
    else:
        report = job.out.with_suffix(".json")
        files = Written(job.out, report, free_unfinished(job.out))
    wanted = [files.pictures, files.report, files.report.with_suffix(".csv")]
    check_not_source(info.path or "", wanted)
    for file in wanted[info.is_stills :]:
        if os.path.lexists(file) and not job.overwrite:
            raise RecordingError(
                f"{file} is there already and was left alone.",
                "Choose another name with --out, or pass --overwrite.",
            )
    return files


def _opened(detector: Detector, closing: ExitStack) -> tuple[Detector, DetectorInfo]:
    closing.callback(detector.close)
    info = detector.open()
    if isinstance(detector, Settles):
        detector.settle()
    return detector, info


class _Both:
    """Looks at a frame with one and the other."""

    def __init__(
        self,
        job: CompareJob,
        a: tuple[Detector, DetectorInfo],
        b: tuple[Detector, DetectorInfo],
    ) -> None:
        self._job = job
        self._detectors = a[0], b[0]
        self.infos = a[1], b[1]
        self._shared = shared_classes(a[1].class_names, b[1].class_names)
        self._recent_ms = deque[float](maxlen=_RECENT), deque[float](maxlen=_RECENT)

    def look(self, frame: Frame) -> tuple[FrameRow, ImageBgr]:
        """What it comes to, and the picture of it."""
        (a, a_times), (b, b_times) = (
            detector.detect(frame.image_bgr, self._job.settings)
            for detector in self._detectors
        )
        pairs = pair_up(a, b, self._shared)
        row = FrameRow(
            frame.index,
            frame.timestamp_s,
            by_class(pairs, a, b, self._shared),
            a_times.latency_ms,
            b_times.latency_ms,
        )
        self._recent_ms[0].append(row.a_ms)
        self._recent_ms[1].append(row.b_ms)
        picture = compared_picture(
            frame.image_bgr,
            (a, b),
            pairs,
            class_names=(self.infos[0].class_names, self.infos[1].class_names),
            signs=(self._sign(0), self._sign(1)),
            view=self._job.view,
        )
        return row, picture

    def _sign(self, which: int) -> str:
        info, ms = self.infos[which], statistics.median(self._recent_ms[which])
        return f"{'AB'[which]}: {info.model_name}, {info.device}, {ms:.0f} ms"
