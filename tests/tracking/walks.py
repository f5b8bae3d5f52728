"""Boxes that walk where they are told."""

from collections.abc import Iterable, Sequence

import numpy as np

from app.tracking.counter import Counter
from app.tracking.events import Event
from app.tracking.rules import Rules
from app.types import Detections

SIZE_WH = (400, 200)
CLASS_NAMES = ("person", "bus", "car")
PERSON, BUS, CAR = range(3)
Box = tuple[float, float, float, float, float, int]  # x1 y1 x2 y2 score class


def boxes(*rows: Box) -> Detections:
    return Detections(
        np.array([row[:4] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[4] for row in rows], np.float32),
        np.array([row[5] for row in rows], np.int64),
    )


def standing(x: float, y: float, *, score: float = 0.9, class_id: int = 0) -> Box:
    """A box of 20 x 40 with its feet at (x, y)."""
    return (x - 10, y - 40, x + 10, y, score, class_id)


def known(*feet: tuple[int, float, float]) -> Detections:
    """Boxes with their feet there, of these tracks."""
    found = boxes(*(standing(x, y) for _, x, y in feet))
    ids = np.array([track for track, _, _ in feet], np.int64)
    return found.followed(ids, found.class_ids)


def walk(
    rules: Rules,
    path: Iterable[Sequence[tuple[int, float, float]]],
    *,
    step_s: float = 0.1,
    size_wh: tuple[int, int] = SIZE_WH,
) -> tuple[list[Event], Counter]:
    """Count a frame at a time: of each, who stands where."""
    counter = Counter(rules, size_wh=size_wh, class_names=CLASS_NAMES)
    events: list[Event] = []
    for index, feet in enumerate(path):
        events += counter.update(index, index * step_s, known(*feet))
    return events, counter


def brief(events: Iterable[Event]) -> list[tuple[str, str, int]]:
    """What happened, shortly."""
    return [(e.kind, e.direction or e.rule, e.track) for e in events]
