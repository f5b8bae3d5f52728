"""An annotated video from the original and its sidecar: nothing is detected again."""

import os
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.drawing.style import PLAIN, Style
from app.errors import RecordingError, SidecarError
from app.export.outputs import check_not_source, free_unfinished
from app.export.part import part_of
from app.pipeline.annotate import with_one_name
from app.pipeline.interfaces import Draw, Recorder, VideoSource
from app.sidecar import keep_detections, read_sidecar, source_of
from app.types import RecordingInfo

_NAME_IT = "Name the video it belongs to with --source."


def render(
    sidecar_path: Path,
    out: Path,
    *,
    overwrite: bool = False,
    make_source: Callable[[str], VideoSource],
    make_recorder: Callable[[Path], Recorder],
    draw: Draw,
    source: str | None = None,
    score_threshold: float | None = None,
    class_names: Collection[str] | None = None,
    one_name: bool = True,
    style: Style = PLAIN,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> RecordingInfo | None:
    """Draw what the sidecar knows on the video it was made from.

    Until it is whole, the video is called "NAME.unfinished.mp4"; cancelled, it stays
    so and can be watched.

    Args:
        sidecar_path: as `export` writes it.
        out: the video to write.
        overwrite: replace a file of that name.
        make_source: opens the video.
        make_recorder: of what writes the annotated one; may replace a file.
        draw: the overlay.
        source: the video, where it is not where the sidecar says.
        score_threshold: hide scores up to this; None: as when it was made.
        class_names: show these only; None: all.
        one_name: of two classes on the same box, show the better one alone.
        style: how to draw them.
        on_progress: told how many of how many frames are done.
        is_cancelled: asked after each.

    Returns:
        What was written, as `out`, or unfinished where it was cancelled.

    Raises:
        UserError: the sidecar or the video is bad, or they are strangers, or
            the threshold is below what the sidecar knows.
    """
    header, frames = read_sidecar(sidecar_path)
    lowest = float(header.settings.get("score_threshold", 0.0))
    if score_threshold is None:
        score_threshold = float(header.settings.get("shown_threshold", lowest))
    if score_threshold < lowest:
        raise SidecarError(
            f"{sidecar_path.name} knows scores above {lowest:g} only.",
            "Ask for a higher one, or export again with a lower --keep-threshold.",
        )
    class_ids = None
    if class_names is not None:
        unknown = sorted(set(class_names) - set(header.class_names))
        if unknown:
            raise SidecarError(
                f"The model has no class {', '.join(unknown)}.",
                f"Its classes are {', '.join(header.class_names)}.",
            )
        class_ids = [header.class_names.index(name) for name in class_names]
    video = part_of(make_source(source or source_of(sidecar_path)), header.settings)
    recorder = make_recorder(unfinished := free_unfinished(out))
    count, was_cancelled = 0, False
    try:
        info = video.open()
        if info.size_wh != header.size_wh:
            raise SidecarError(
                f"{info.name} has pictures of {info.size_wh}, "
                f"but {sidecar_path.name} was made from {header.size_wh}.",
                _NAME_IT,
            )
        check_not_source(info.path or "", (out, unfinished))
        if out.exists() and not overwrite:
            raise RecordingError(
                f"{out} is there already and was left alone.",
                "Choose another name, or pass --overwrite.",
            )
        recorder.open(info)
        for frame in video.frames():
            if count == len(frames):
                raise _of_another(info.name, "more", sidecar_path.name, len(frames))
            shown = keep_detections(
                frames[count].detections, score_threshold=score_threshold
            )
            if one_name:
                shown = with_one_name(shown)
            if class_ids is not None:
                shown = shown.where(np.isin(shown.class_ids, class_ids))
            annotated_bgr = draw(
                frame.image_bgr,
                shown,
                class_names=header.class_names,
                fps=None,
                style=style,
            )
            recorder.write(annotated_bgr, frame.timestamp_s)
            count += 1
            on_progress(count, len(frames))
            if was_cancelled := is_cancelled():
                break
        if count < len(frames) and not was_cancelled:
            raise _of_another(info.name, str(count), sidecar_path.name, len(frames))
    except BaseException:
        _close(video, recorder)
        unfinished.unlink(missing_ok=True)
        raise
    recorded = _close(video, recorder)
    if recorded is None or was_cancelled:
        return recorded
    os.replace(recorded.path, out)  # noqa: PTH105 - atomic everywhere
    return replace(recorded, path=str(out))


def _close(video: VideoSource, recorder: Recorder) -> RecordingInfo | None:
    video.close()
    return recorder.close()


def _of_another(video: str, has: str, sidecar: str, knows: int) -> SidecarError:
    return SidecarError(f"{video} has {has} frames, {sidecar} {knows}.", _NAME_IT)
