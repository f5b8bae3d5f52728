"""A kept test, made and run again."""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.errors import KeptTestError, RecordingError, SourceError
from app.pipeline.interfaces import Detector, Recorder, Seekable, Settles, VideoSource
from app.sidecar import FrameDetections
from app.tracking.rules import Rules
from app.tracking.watcher import Watcher
from app.types import DetectorInfo
from app.verifying.changes import (
    Change,
    Tolerance,
    changes_between,
    count_changes,
)
from app.verifying.kept_test import (
    CLIP,
    EXPECTED,
    Expected,
    Finder,
    read_expected,
    write_expected,
)

Progress = Callable[[int, int], None]
_LEAST_FRAMES = 2


class Cancelled(Exception):  # noqa: N818 - no error: somebody asked for it
    """Asked to end before the end."""


@dataclass(frozen=True, eq=False, slots=True)
class KeepJob:
    """What to keep as a test.

    Attributes:
        folder: of the test, which is made; nothing may be there.
        finder: who is to find what is expected; what it ran on is filled in.
        model: the file that `finder.model` stands for.
        from_s: where in the source the clip begins.
        for_s: how long it is at most.
        rules: what to count.
    """

    folder: Path
    finder: Finder
    model: Path
    from_s: float = 0.0
    for_s: float = 10.0
    rules: Rules = Rules()  # noqa: RUF009 - frozen


@dataclass(frozen=True, eq=False, slots=True)
class Verified:
    """A kept test, run again.

    Attributes:
        expected: what was found then.
        found: what is found now; written over the former, the test is accepted.
        changes: boxes.
        counts: rules that came to something else, as sentences.
    """

    expected: Expected
    found: Expected
    changes: tuple[Change, ...]
    counts: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Nothing has changed beyond the tolerance."""
        return not (self.changes or self.counts)


def keep(
    job: KeepJob,
    source: VideoSource,
    make_recorder: Callable[[Path], Recorder],
    open_clip: Callable[[Path], VideoSource],
    detector: Detector,
    *,
    on_progress: Progress = lambda _done, _total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Expected:
    """Make a kept test: the clip, and what is found in it as it was encoded.

    The folder has its name once all is in it.

    Args:
        job: what to keep where.
        source: of which a part is kept; opened and closed here, as is `detector`.
        make_recorder: of what writes the clip.
        open_clip: opens it again.
        detector: finds what is expected.
        on_progress: told how many of about how many frames are done.
        is_cancelled: asked before each frame.

    Raises:
        UserError: something cannot be opened, read or written, or is in the way.
        Cancelled: `is_cancelled` said so.
    """
    unfinished = job.folder.with_name(f".{job.folder.name}.{os.getpid()}.unfinished")
    if os.path.lexists(job.folder):
        raise RecordingError(
            f"{job.folder} is there already and was left alone.",
            "Choose another name.",
        )
    try:
        unfinished.mkdir(parents=True)
        clip = unfinished / CLIP
        name = _write_clip(job, source, make_recorder(clip), is_cancelled)
        expected = look(
            open_clip(clip),
            detector,
            finder=job.finder,
            model=job.model,
            source=name,
            rules=job.rules,
            on_progress=on_progress,
            is_cancelled=is_cancelled,
        )
        write_expected(expected, unfinished)
        os.replace(unfinished, job.folder)  # noqa: PTH105 - atomic everywhere
    except OSError as error:
        raise RecordingError(
            f"{error.filename or job.folder} cannot be written: {error.strerror}.",
            "Choose another folder.",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return expected


def verify(
    folder: Path,
    clip: VideoSource,
    detector: Detector,
    *,
    finder: Finder,
    model: Path,
    tolerance: Tolerance,
    on_progress: Progress = lambda _done, _total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Verified:
    """Run a kept test again.

    Args:
        folder: the test's.
        clip: its clip; opened and closed here, as is `detector`.
        detector: finds what is found now.
        finder: as what it is written down, where the test is accepted.
        model: the file that `finder.model` stands for.
        tolerance: what does not count.
        on_progress: told how many of how many frames are done.
        is_cancelled: asked before each frame.

    Raises:
        UserError: the test, its clip or the model cannot be used.
        Cancelled: `is_cancelled` said so.
    """
    expected = read_expected(folder)
    found = look(
        clip,
        detector,
        finder=finder,
        model=model,
        source=expected.source,
        rules=expected.rules,
        on_progress=on_progress,
        is_cancelled=is_cancelled,
    )
    if len(found.frames) != len(expected.frames):
        raise KeptTestError(
            f"{folder / CLIP} has {len(found.frames)} frames, and "
            f"{len(expected.frames)} were expected.",
            "It is not the clip that was kept: bring that back, or keep it again.",
        )
    changes = changes_between(
        expected.frames,
        found.frames,
        class_names=(expected.class_names, found.class_names),
        score_threshold=finder.score_threshold,
        tolerance=tolerance,
    )
    counts = count_changes(expected.rule_counts, found.rule_counts)
    return Verified(expected, found, tuple(changes), tuple(counts))


def accept(verified: Verified, folder: Path) -> None:
    """From now on, what was found is what is expected.

    Raises:
        RecordingError: it cannot be written.
    """
    try:
        write_expected(verified.found, folder)
    except OSError as error:
        raise RecordingError(
            f"{folder / EXPECTED} cannot be written: {error.strerror}.",
            "Look at its permissions.",
        ) from error


def look(
    clip: VideoSource,
    detector: Detector,
    *,
    finder: Finder,
    model: Path,
    source: str,
    rules: Rules,
    on_progress: Progress,
    is_cancelled: Callable[[], bool],
) -> Expected:
    """What is found in a clip, and counted where there are rules."""
    settings, frames = finder.settings, list[FrameDetections]()
    watcher = None
    if rules:
        watcher = Watcher(rules, score_threshold=finder.score_threshold)
    asked = watcher.lowered(settings) if watcher else settings
    try:
        info = clip.open()
        ran = detector.open()
        rules.check_classes(ran.class_names)
        if isinstance(detector, Settles):
            detector.settle()
        for frame in clip.frames():
            if is_cancelled():
                raise Cancelled
            found, _ = detector.detect(frame.image_bgr, asked)
            if watcher is not None:
                watcher.watch(frame, found, settings, ran.class_names)
                found = found.where(found.scores > finder.score_threshold)
            frames.append(FrameDetections(len(frames), frame.timestamp_s, found))
            on_progress(len(frames), info.frame_count or 0)
    finally:
        clip.close()
        detector.close()
    return Expected(
        source=source,
        finder=_as_it_ran(finder, ran, model),
        class_names=ran.class_names,
        frames=tuple(frames),
        rules=rules,
        rule_counts=watcher.counts if watcher else None,
    )


def _as_it_ran(finder: Finder, ran: DetectorInfo, model: Path) -> Finder:
    sha256 = ""
    file = model.with_name(ran.model_name)  # the copy that suited the device
    if file.is_file():
        with file.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    return replace(
        finder,
        name=ran.model_name,
        sha256=sha256,
        ran_on=ran.device,
        precision=ran.precision,
    )


def _write_clip(
    job: KeepJob,
    source: VideoSource,
    recorder: Recorder,
    is_cancelled: Callable[[], bool],
) -> str:
    """Write the part that is kept; returns what it is of."""
    count, begin_s, last_s = 0, 0.0, 0.0
    try:
        info = source.open()
        if info.is_stills:
            raise SourceError(
                "Photos are no clip to test with.", "Name a video or a camera."
            )
        if job.from_s and isinstance(source, Seekable):
            source.seek(job.from_s)
        recorder.open(replace(info, path=None))  # without its sound
        for frame in source.frames():
            if is_cancelled():
                raise Cancelled
            if frame.gap:
                continue
            if not count:
                begin_s = frame.timestamp_s
            if frame.timestamp_s - begin_s >= job.for_s:
                break
            recorder.write(frame.image_bgr, frame.timestamp_s)
            count, last_s = count + 1, frame.timestamp_s
    finally:
        source.close()
        recorder.close()
    if count < _LEAST_FRAMES:
        raise SourceError(
            f"{info.name} has no clip from {job.from_s:g} s.",
            "Choose an earlier second.",
        )
    return f"{info.name}, {begin_s:.2f} to {last_s:.2f} s"
