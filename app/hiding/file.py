"""A video in which chosen classes are covered, and the proof of it beside it."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.errors import RecordingError, SourceError
from app.export.outputs import check_not_source, free_unfinished
from app.hiding.cover import cover
from app.hiding.follow import HIDE_FROM, regions_in_file
from app.hiding.look import (
    Cancelled,
    LookedAt,
    Onlooker,
    Progress,
    looked_at,
    open_onlooker,
)
from app.hiding.proof import (
    MOST_PICTURES,
    THRESHOLDS,
    Leak,
    WorstFrames,
    found_again,
    measured_recall,
    sentence,
)
from app.hiding.regions import Ints, in_pixels
from app.pipeline.interfaces import Detector, Recorder, VideoSource
from app.settings import Settings
from app.types import VideoInfo
from app.whole_file import whole_file, write_whole

FORMAT = "mobilenet-ssd-hidden/1"
STEPS = ("Looking", "Covering", "Proving")
_FOUND_BGR = (0, 0, 255)


@dataclass(frozen=True, slots=True)
class HideJob:
    """What to hide where.

    Attributes:
        source: the video file.
        out: the video to write; report and pictures are beside it.
        class_names: what to hide.
        settings: of the detectors; `cover_mode` is how it is covered.
        keeps_sound: or leaves it out.
        overwrite: replace what is there.
    """

    source: str
    out: Path
    class_names: tuple[str, ...]
    settings: Settings
    keeps_sound: bool = True
    overwrite: bool = False

    @property
    def report(self) -> Path:
        """The proof."""
        return self.out.with_suffix(".hidden.json")

    @property
    def pictures(self) -> tuple[Path, ...]:
        """Of the worst frames; as many as there are."""
        numbers = range(1, MOST_PICTURES + 1)
        return tuple(self.out.with_suffix(f".found-{n}.jpg") for n in numbers)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What came of it.

    Attributes:
        out: the video.
        sentence: what was proved, in plain words.
        leaks: frames in which somebody is still found at the lower threshold.
        notes: of the recording.
    """

    out: Path
    sentence: str
    leaks: int
    notes: tuple[str, ...] = ()


def hide_in_file(
    job: HideJob,
    *,
    make_source: Callable[[str], VideoSource],
    make_recorder: Callable[[Path], Recorder],
    detector: Detector,
    judge: Detector | None = None,
    on_progress: Callable[[str], Progress] = lambda _step: lambda _done, _total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Hidden:
    """Look, cover, and look at the result again.

    The video has its name once it is whole and the report is written; until then it
    is called "NAME.unfinished.mp4", and what fails or is cancelled leaves nothing.

    Args:
        job: what to hide where.
        make_source: opens a video file.
        make_recorder: of what writes one; may replace a file.
        detector: finds what is to be covered; opened and closed here, as is the next.
        judge: looks at original and result as well, and has no say in what is covered.
        on_progress: what to tell of each of `STEPS`.
        is_cancelled: asked before each frame.

    Raises:
        UserError: the video or a model is bad, or there is something in the way.
        Cancelled: `is_cancelled` said so.
    """
    unfinished = free_unfinished(job.out)
    check_not_source(job.source, (job.out, job.report, *job.pictures, unfinished))
    for file in (job.out, job.report):
        if os.path.lexists(file) and not job.overwrite:
            raise RecordingError(
                f"{file} is there already and was left alone.",
                "Choose another folder, or pass --overwrite.",
            )
    onlookers: list[Onlooker] = []
    try:
        job.out.parent.mkdir(parents=True, exist_ok=True)
        for one in (detector, judge):
            if one is not None:
                onlookers.append(open_onlooker(one, job.settings, job.class_names))
        run = _Run(job, onlookers, make_source, on_progress, is_cancelled)
        return run.work(make_recorder(unfinished))
    except OSError as error:
        raise RecordingError(
            f"{error.filename or job.out} cannot be written: {error.strerror}.",
            "Choose another folder.",
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
        for onlooker in onlookers:
            onlooker.detector.close()


class _Run:
    def __init__(
        self,
        job: HideJob,
        onlookers: Sequence[Onlooker],
        make_source: Callable[[str], VideoSource],
        on_progress: Callable[[str], Progress],
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._job = job
        self._onlookers = onlookers
        self._make_source = make_source
        self._on_progress = on_progress
        self._is_cancelled = is_cancelled

    def work(self, recorder: Recorder) -> Hidden:
        job, onlookers = self._job, self._onlookers
        before = self._look(job.source, STEPS[0])
        if not len(before.times_s):
            raise SourceError(f"{before.info.name} has no frames.", "Choose another.")
        covered = self._covered(before)
        notes, path = self._write(recorder, before, covered)
        worst = WorstFrames(onlookers)
        after = self._look(str(path), STEPS[2], worst)
        rows = found_again(before, after, onlookers)
        recall = None
        if len(onlookers) == 2:
            recall = measured_recall(
                *(before.found[1], onlookers[1], before.found[0], onlookers[0]), covered
            )
        told = sentence(rows, recall, job.class_names, len(after.times_s))
        leaks = worst.leaks()
        report = {
            "format": FORMAT,
            "video": job.out.name,
            "hidden": list(job.class_names),
            "mode": job.settings.cover_mode,
            "detail": job.settings.detail,
            "hidden_from_score": HIDE_FROM,
            "frames": len(after.times_s),
            "sound": "kept" if job.keeps_sound else "dropped",
            "found": rows,
            "recall": recall,
            "worst": self._save(leaks),
            "sentence": told,
        }
        os.replace(path, job.out)  # noqa: PTH105 - atomic everywhere
        # Last: where it is, all the rest is too.
        write_whole(job.report, json.dumps(report, indent=2))
        still = max(row["result_frames"][f"{THRESHOLDS[0]:g}"] for row in rows)
        return Hidden(job.out, told, still, notes)

    def _look(
        self, source: str, step: str, on_frame: WorstFrames | None = None
    ) -> LookedAt:
        return looked_at(
            self._make_source(source),
            self._onlookers,
            on_frame=on_frame or (lambda _frame, _found: None),
            on_progress=self._on_progress(step),
            is_cancelled=self._is_cancelled,
        )

    def _covered(self, before: LookedAt) -> list[Ints]:
        """(M, 4) pixels to cover in each frame."""
        regions = regions_in_file(
            before.found[0], before.times_s, self._onlookers[0].class_ids
        )
        size_wh = before.info.size_wh
        return [in_pixels(regions.of(i), size_wh) for i in range(len(before.times_s))]

    def _write(
        self, recorder: Recorder, before: LookedAt, covered: Sequence[Ints]
    ) -> tuple[tuple[str, ...], Path]:
        mode, on_progress = self._job.settings.cover_mode, self._on_progress(STEPS[1])
        source, count = self._make_source(self._job.source), 0
        try:
            info = source.open()
            # Without the path a recorder finds no sound; nothing else is taken along.
            recorder.open(info if self._job.keeps_sound else replace(info, path=None))
            for frame in source.frames():
                if self._is_cancelled():
                    raise Cancelled
                if (
                    count == len(covered)
                    or frame.timestamp_s != before.times_s[count]
                    or frame.image_bgr.shape[1::-1] != before.info.size_wh
                ):
                    raise _read_otherwise(info)
                picture = cover(frame.image_bgr, covered[count], mode)
                recorder.write(picture, frame.timestamp_s)
                count += 1
                on_progress(count, len(covered))
        finally:
            source.close()
            recorded = recorder.close()
        if recorded is None or count < len(covered):
            raise _read_otherwise(info)
        return recorded.notes, Path(recorded.path)

    def _save(self, leaks: Sequence[Leak]) -> list[dict[str, Any]]:
        """Write the pictures, as they are in the result; what they show as JSON."""
        for file in self._job.pictures:
            file.unlink(missing_ok=True)  # of an earlier result
        rows = []
        for file, leak in zip(self._job.pictures, leaks, strict=False):
            image_bgr = leak.image_bgr.copy()
            x1, y1, x2, y2 = (round(v) for v in leak.box_xyxy)
            cv2.rectangle(image_bgr, (x1, y1), (x2, y2), _FOUND_BGR, 2)
            _, jpeg = cv2.imencode(".jpg", image_bgr)
            with whole_file(file) as own:
                own.write_bytes(np.asarray(jpeg).tobytes())
            rows.append(
                {
                    "picture": file.name,
                    "frame": leak.index,
                    "time_s": leak.time_s,
                    "model": leak.onlooker,
                    "score": leak.score,
                    "box_xyxy": list(leak.box_xyxy),
                }
            )
        return rows


def _read_otherwise(info: VideoInfo) -> SourceError:
    return SourceError(
        f"{info.name} is not the same when it is read again.",
        "Copy it to this machine, and hide in the copy.",
    )
