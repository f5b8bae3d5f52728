"""An annotated video from the original and its sidecar: nothing is detected again."""

from collections.abc import Callable, Collection
from pathlib import Path

from app.drawing.style import PLAIN, Style
from app.errors import SidecarError
from app.pipeline.interfaces import Draw, Recorder, VideoSource
from app.sidecar import keep_detections, read_sidecar, source_of
from app.types import RecordingInfo


def render(
    sidecar_path: Path,
    *,
    make_source: Callable[[str], VideoSource],
    recorder: Recorder,
    draw: Draw,
    source: str | None = None,
    score_threshold: float | None = None,
    class_names: Collection[str] | None = None,
    style: Style = PLAIN,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> RecordingInfo | None:
    """Draw what the sidecar knows on the video it was made from.

    Args:
        sidecar_path: as `export` writes it.
        make_source: opens the video.
        recorder: writes the annotated one.
        draw: the overlay.
        source: the video, where it is not where the sidecar says.
        score_threshold: hide scores up to this; None: as when it was made.
        class_names: show these only; None: all.
        style: how to draw them.
        on_progress: told how many of how many frames are done.

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
    video = make_source(source or source_of(sidecar_path))
    count = 0
    try:
        info = video.open()
        if info.size_wh != header.size_wh:
            raise SidecarError(
                f"{info.name} has pictures of {info.size_wh}, "
                f"but {sidecar_path.name} was made from {header.size_wh}.",
                "Name the video it belongs to.",
            )
        recorder.open(info)
        for frame, known in zip(video.frames(), frames, strict=False):
            shown = keep_detections(
                known.detections, score_threshold=score_threshold, class_ids=class_ids
            )
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
        if count < len(frames):
            raise SidecarError(
                f"{info.name} has {count} frames, {sidecar_path.name} {len(frames)}.",
                "Name the video it belongs to.",
            )
    finally:
        video.close()
        recorded = recorder.close()
    return recorded
