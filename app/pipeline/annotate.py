"""What the user sees of a result, as pixels."""

from collections.abc import Sequence

import numpy as np

from app.pipeline.interfaces import Draw
from app.scene import NO_SCENE
from app.settings import Settings
from app.types import Detections, ImageBgr, Result

# Boxes of two classes that overlap more (IoU) are of one object.
ONE_OBJECT = 0.85
# Of two tracks, the older one is ahead by so much, so that names do not take turns.
OLDER_AHEAD = 0.1


def drawn(
    detections: Detections, class_names: Sequence[str], settings: Settings
) -> Detections:
    """Those that are drawn; all of them stay in what is counted and written."""
    if settings.one_name:  # first: what a hidden class is, is nothing else either
        detections = with_one_name(detections)
    return detections.without(hidden_class_ids(class_names, settings))


def with_one_name(detections: Detections) -> Detections:
    """Of two classes on the same box the better one alone, by `ONE_OBJECT`.

    Law: of those that are left no two of different classes share a box, and whoever
    shares his with nobody is left.
    """
    boxes, ids = detections.boxes_xyxy, detections.class_ids
    x1, y1, x2, y2 = boxes.T
    # Side by side: products along an axis of two took most of the time of 100 boxes.
    wide = np.minimum(x2[:, None], x2) - np.maximum(x1[:, None], x1)  # (N, N)
    high = np.minimum(y2[:, None], y2) - np.maximum(y1[:, None], y1)
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    both = np.maximum(areas[:, None] + areas[None] - shared, 1e-9)
    is_rival = (shared > ONE_OBJECT * both) & (ids[:, None] != ids[None])
    if not is_rival.any():
        return detections
    rank = detections.scores.astype(np.float64)
    if (tracks := detections.track_ids) is not None:
        is_older = (tracks[:, None] > 0) & (tracks[:, None] < tracks[None])
        rank += OLDER_AHEAD * (is_rival & is_older).any(axis=1)
    stays = np.ones(len(ids), np.bool_)
    for i in np.argsort(-rank, kind="stable"):
        if stays[i]:
            stays &= ~is_rival[i]
    return detections.where(stays)


def hidden_class_ids(class_names: Sequence[str], settings: Settings) -> list[int]:
    """The ids of the classes that are not drawn."""
    hidden = frozenset(settings.hidden_class_names)
    return [i for i, name in enumerate(class_names) if name in hidden]


def annotate(result: Result, draw: Draw, settings: Settings) -> ImageBgr:
    """The frame with its boxes, as `settings` say; a gap's stand-in as it is."""
    if result.frame.gap:
        return result.frame.image_bgr
    besides = {"scene": result.scene} if result.scene is not NO_SCENE else {}
    return draw(
        result.frame.image_bgr,
        drawn(result.detections, result.class_names, settings),
        class_names=result.class_names,
        fps=result.fps if settings.draw_fps and result.fps else None,
        style=settings.style,
        **besides,
    )
