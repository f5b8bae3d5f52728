"""What the makers of a model measured of score thresholds."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What to expect of a model from a score on, as measured on labelled photos.

    Attributes:
        best: from which score on its finds are worth showing, in (0, 1).
        photos: on how many it was measured.
        rows: score threshold, precision, recall, each in [0, 1]; upwards, one at least.
    """

    best: float
    photos: int
    rows: tuple[tuple[float, float, float], ...]

    def __post_init__(self) -> None:
        if not 0 < self.best < 1:
            raise ValueError(f"best must be in (0, 1), got {self.best!r}")
        at = [row[0] for row in self.rows]
        if not at or at != sorted(set(at)):
            raise ValueError(f"rows must go upwards, got {at!r}")
        if not all(0 <= value <= 1 for row in self.rows for value in row):
            raise ValueError(f"rows must be in [0, 1], got {self.rows!r}")

    def expected(self, threshold: float) -> tuple[float, float]:
        """Precision and recall from that score on, between the nearest two rows."""
        at, precisions, recalls = np.array(self.rows).T
        return (
            float(np.interp(threshold, at, precisions)),
            float(np.interp(threshold, at, recalls)),
        )
