"""Which boxes are those of what is to be hidden, and who is who among them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.hiding.regions import Floats, Regions, Seen, regions_of, together
from app.settings import Settings
from app.tracking.tracker import Tracker
from app.types import Detections

# Who is followed is hidden wherever he scores more than the first, shown or not. Who
# scores more than the second is followed from there on, and hidden in any case. (Weak
# ones that belong to nobody, too, would cover twice as much, and no more people: see
# docs/privacy.md.)
HIDE_FROM, FOLLOW_FROM = 0.1, 0.25
# Of a frame, at least so many are looked through: the weak ones come last.
MOST_DETECTIONS = 500
# A box around a whole group: it holds so many others, each at most this share of it and
# scoring at least this share of what it scores. One that is surely somebody is none.
GROUP_COUNT, GROUP_SIZE, GROUP_SCORE, SURE = 4, 1 / 6, 0.5, 0.6
# Boxes that overlap more (IoU) may be of one person.
SAME_PERSON = 0.3
# So much of another box is inside.
INSIDE = 0.8


def looking(settings: Settings) -> Settings:
    """What the detector is to be asked with: for the weak ones, too."""
    return replace(
        settings,
        score_threshold=min(settings.score_threshold, HIDE_FROM),
        max_detections=max(settings.max_detections, MOST_DETECTIONS),
    )


def is_meant(followed: Detections, class_ids: Collection[int]) -> NDArray[np.bool_]:
    """(N,) whether each is to be hidden: of these classes, or of a track that is."""
    wanted = list(class_ids)
    meant = np.isin(followed.class_ids, wanted)
    if followed.track_class_ids is not None:
        meant |= np.isin(followed.track_class_ids, wanted)
    meant &= followed.scores > HIDE_FROM
    rows = np.flatnonzero(meant)
    boxes, scores = followed.boxes_xyxy[rows], followed.scores[rows]
    is_somebody = scores > FOLLOW_FROM
    if followed.track_ids is not None:
        is_somebody |= followed.track_ids[rows] > 0
    # Of two boxes on one person one is followed; the weak one is his, too, and may
    # reach farther.
    better = boxes[is_somebody]
    shared = _shared(boxes, better)
    joined = _areas(boxes)[:, None] + _areas(better)[None] - shared
    is_somebody |= (shared > SAME_PERSON * joined).any(axis=1)
    rows, boxes, scores = rows[is_somebody], boxes[is_somebody], scores[is_somebody]
    meant[:] = False
    meant[rows[~are_groups(boxes, scores)]] = True
    return meant


def _areas(boxes_xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    sizes = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).prod(axis=1)
    return np.asarray(np.maximum(sizes, 1e-9), np.float32)


def _shared(
    boxes_xyxy: NDArray[np.float32], others_xyxy: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(N, M) pixels that each has in common with each of the others."""
    x1, y1, x2, y2 = boxes_xyxy.T[:, :, None]
    left, top, right, bottom = others_xyxy.T
    across = np.minimum(x2, right) - np.maximum(x1, left)
    down = np.minimum(y2, bottom) - np.maximum(y1, top)
    return np.asarray(np.maximum(across, 0) * np.maximum(down, 0), np.float32)


def are_groups(
    boxes_xyxy: NDArray[np.float32], scores: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """(N,) whether each is a group, whose members have boxes of their own.

    SSDs draw such boxes, half the picture in size, and to cover them would leave
    nothing to see; their members are covered one by one.
    """
    areas = _areas(boxes_xyxy)
    are_members = _shared(boxes_xyxy, boxes_xyxy) >= INSIDE * areas[None]
    are_members &= areas[None] <= GROUP_SIZE * areas[:, None]
    are_members &= scores[None] >= GROUP_SCORE * scores[:, None]
    is_group = (are_members.sum(axis=1) >= GROUP_COUNT) & (scores < SURE)
    return np.asarray(is_group, np.bool_)


def seen_in(
    found: Iterable[Detections], times_s: Floats, class_ids: Collection[int]
) -> Seen:
    """What is to be hidden in frame after frame, followed in that order.

    Args:
        found: all of each frame that scores more than `HIDE_FROM`.
        times_s: (F,) of the frames, never falling.
        class_ids: what to hide.
    """
    tracker = Tracker()
    places, boxes, ids = [], [np.zeros((0, 4))], [np.zeros(0, np.int64)]
    for time_s, one in zip(times_s.tolist(), found, strict=True):
        followed = tracker.update(one, time_s, score_threshold=FOLLOW_FROM)
        meant = followed.where(is_meant(followed, class_ids))
        assert meant.track_ids is not None
        places.append(np.full(len(meant), time_s))
        boxes.append(meant.boxes_xyxy.astype(np.float64))
        ids.append(meant.track_ids)
    all_times = np.concatenate([np.zeros(0), *places])
    return Seen(all_times, np.concatenate(boxes), np.concatenate(ids))


def regions_in_file(
    found: Sequence[Detections], times_s: Floats, class_ids: Collection[int]
) -> Regions:
    """What to cover in a file: followed forwards, and backwards as well.

    Who comes from afar is weak first and strong later: backwards, the weak boxes are
    those of a track.
    """
    forwards = seen_in(found, times_s, class_ids)
    mirrored_s = -times_s[::-1]
    backwards = seen_in(found[::-1], mirrored_s, class_ids)
    again = Seen(
        -backwards.times_s[::-1],
        backwards.boxes_xyxy[::-1],
        backwards.track_ids[::-1],
    )
    # Who has no track is the same box in both.
    again = again.where(again.track_ids > 0)
    return together(regions_of(forwards, times_s), regions_of(again, times_s))
