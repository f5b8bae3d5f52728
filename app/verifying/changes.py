"""What is found now and was not expected, or was and is not: plain comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.comparing.pairs import class_key, pair_up, shared_classes
from app.sidecar import FrameDetections
from app.tracking.events import Counts
from app.types import Detections

What = Literal["appeared", "vanished", "moved"]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """By how much two right answers may differ; docs/models.md says why.

    Attributes:
        score: a box may come or go whose score is no further above the threshold.
        iou: a box has moved where it overlaps less with the one that was expected.
    """

    score: float = 0.05
    iou: float = 0.8


@dataclass(frozen=True, slots=True)
class Change:
    """One box in one frame.

    Attributes:
        index: of the frame.
        timestamp_s: of the frame.
        what: became of it.
        class_name: of the box.
        score: now; of one that vanished, as it was.
        box_xyxy: likewise, in pixels.
        before_xyxy: of one that moved, where it was.
    """

    index: int
    timestamp_s: float
    what: What
    class_name: str
    score: float
    box_xyxy: tuple[float, ...]
    before_xyxy: tuple[float, ...] | None = None


def changes_between(
    expected: Sequence[FrameDetections],
    found: Sequence[FrameDetections],
    *,
    class_names: tuple[tuple[str, ...], tuple[str, ...]],
    score_threshold: float,
    tolerance: Tolerance,
) -> list[Change]:
    """Frame by frame; none between anything and itself.

    A class that is expected and no longer known has vanished; one that was not known
    when the test was kept says nothing.

    Args:
        expected: as it was.
        found: as it is; as many frames.
        class_names: of both, index is the class id.
        score_threshold: of both.
        tolerance: what does not count.
    """
    shared = shared_classes(*class_names)
    known = {class_key(name) for name in class_names[0]}
    is_new = np.array([class_key(name) not in known for name in class_names[1]], bool)
    sure = score_threshold + tolerance.score
    changes: list[Change] = []
    for before, after in zip(expected, found, strict=True):
        a, b = (
            before.detections,
            after.detections.where(~is_new[after.detections.class_ids]),
        )
        pairs = pair_up(a, b, shared)
        changes += [
            _change(after, "vanished", a, i, class_names[0])
            for i in np.setdiff1d(np.arange(len(a)), pairs.both[:, 0]).tolist()
            if a.scores[i] >= sure
        ]
        changes += [
            _change(after, "appeared", b, i, class_names[1])
            for i in pairs.only_b.tolist()
            if b.scores[i] >= sure
        ]
        changes += [
            _change(after, "moved", b, k, class_names[1], a.boxes_xyxy[i])
            for (i, k), iou in zip(pairs.both.tolist(), pairs.iou, strict=True)
            if iou < tolerance.iou
        ]
    return changes


def count_changes(before: Counts | None, after: Counts | None) -> list[str]:
    """What was counted otherwise, as sentences: "gate: person in 3, was 2"."""
    old, new = _flat(before or {}), _flat(after or {})
    return [
        f"{rule}: {name} {what.replace('_', ' ')} {new.get(key, 0)}, "
        f"was {old.get(key, 0)}"
        for key in dict.fromkeys((*old, *new))
        for rule, name, what in [key]
        if new.get(key, 0) != old.get(key, 0)
    ]


def said(changes: Sequence[Change]) -> list[str]:
    """A line for each run of frames with one and the same change.

    "frames 12 to 31 (0.5 to 1.2 s): person 0.87 vanished at 100,50 to 150,200".
    """
    runs: list[list[Change]] = []
    open_runs: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        key = change.what, change.class_name
        run = open_runs.get(key)
        if run is None or change.index > run[-1].index + 1:
            run = open_runs[key] = []
            runs.append(run)
        run.append(change)
    return [_line(run) for run in runs]


def _line(run: Sequence[Change]) -> str:
    first, last = run[0], run[-1]
    when = f"frame {first.index} ({first.timestamp_s:.2f} s)"
    if last.index != first.index:
        when = (
            f"frames {first.index} to {last.index} "
            f"({first.timestamp_s:.2f} to {last.timestamp_s:.2f} s)"
        )
    frames = len({change.index for change in run})
    times = f", {len(run)} boxes" if len(run) > frames else ""
    where = _corners(first.box_xyxy)
    if first.before_xyxy is not None:
        where = f"from {_corners(first.before_xyxy)} to {where}"
    else:
        where = f"at {where}"
    return f"{when}: {first.class_name} {first.score:.2f} {first.what} {where}{times}"


def _corners(box: Sequence[float]) -> str:
    x1, y1, x2, y2 = (round(v) for v in box)
    return f"[{x1} {y1} {x2} {y2}]"


def _change(
    frame: FrameDetections,
    what: What,
    found: Detections,
    i: int,
    class_names: tuple[str, ...],
    before_xyxy: NDArray[np.float32] | None = None,
) -> Change:
    return Change(
        frame.index,
        frame.timestamp_s,
        what,
        class_names[found.class_ids[i]],
        round(float(found.scores[i]), 4),
        tuple(round(v, 2) for v in found.boxes_xyxy[i].tolist()),
        None
        if before_xyxy is None
        else tuple(round(v, 2) for v in before_xyxy.tolist()),
    )


def _flat(counts: Counts) -> dict[tuple[str, str, str], int]:
    return {
        (rule, name, what): number
        for rule, by_class in counts.items()
        for name, numbers in by_class.items()
        for what, number in numbers.items()
    }
