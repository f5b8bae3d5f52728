"""How far two detectors agree: in all, by class, and over time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.comparing.pairs import Pairs, SharedClasses
from app.types import Detections


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many boxes both have marked, and how many only one.

    Attributes:
        both: pairs.
        only_a: boxes that only the first has.
        only_b: boxes that only the second has.
    """

    both: int = 0
    only_a: int = 0
    only_b: int = 0

    @property
    def share(self) -> float | None:
        """Of all boxes, those in pairs, in [0, 1]; None where there are none."""
        count = 2 * self.both + self.only_a + self.only_b
        return 2 * self.both / count if count else None

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(
            self.both + other.both,
            self.only_a + other.only_a,
            self.only_b + other.only_b,
        )


@dataclass(frozen=True, slots=True)
class FrameRow:
    """Two detectors in one frame, in numbers.

    Attributes:
        index: of the frame.
        timestamp_s: on the source's clock.
        by_class: of each shared class that one of them found.
        a_ms: what the first took, all its stages.
        b_ms: the second.
    """

    index: int
    timestamp_s: float
    by_class: dict[str, Agreement]
    a_ms: float
    b_ms: float

    @property
    def agreement(self) -> Agreement:
        """Of all classes."""
        return sum(self.by_class.values(), Agreement())


@dataclass(frozen=True, slots=True)
class Span:
    """Some seconds of a video.

    Attributes:
        from_s: on the source's clock, included.
        to_s: not included.
        frames: how many.
        agreement: in all of them.
    """

    from_s: float
    to_s: float
    frames: int
    agreement: Agreement


def by_class(
    pairs: Pairs, a: Detections, b: Detections, shared: SharedClasses
) -> dict[str, Agreement]:
    """Of each shared class that one of them found, in the order of `shared`."""
    count = len(shared.names)
    columns = [
        np.bincount(ids, minlength=count)
        for ids in (
            shared.of_a[a.class_ids[pairs.both[:, 0]]],
            shared.of_a[a.class_ids[pairs.only_a]],
            shared.of_b[b.class_ids[pairs.only_b]],
        )
    ]
    rows = np.stack(columns, axis=1).tolist()
    return {
        name: Agreement(*row)
        for name, row in zip(shared.names, rows, strict=True)
        if any(row)
    }


def summed(rows: Sequence[FrameRow]) -> dict[str, Agreement]:
    """Of each class in all frames; what differs most comes first."""
    found: dict[str, Agreement] = {}
    for row in rows:
        for name, agreement in row.by_class.items():
            found[name] = found.get(name, Agreement()) + agreement
    return dict(
        sorted(
            found.items(), key=lambda item: (-item[1].only_a - item[1].only_b, item[0])
        )
    )


def over_time(rows: Sequence[FrameRow], *, most: int = 20) -> list[Span]:
    """The video in spans of one length, whole seconds, `most` at most."""
    if not rows:
        return []
    begin_s = rows[0].timestamp_s
    length_s = int((rows[-1].timestamp_s - begin_s) // most) + 1
    spans: dict[int, Span] = {}
    for row in rows:
        number = int((row.timestamp_s - begin_s) // length_s)
        from_s = begin_s + number * length_s
        old = spans.get(number, Span(from_s, from_s + length_s, 0, Agreement()))
        spans[number] = Span(
            old.from_s, old.to_s, old.frames + 1, old.agreement + row.agreement
        )
    return list(spans.values())
