"""What is drawn of lines, zones and ways of tracks, besides the boxes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class Mark:
    """A line or a zone on the picture.

    Attributes:
        points_xy: (N, 2) in pixels of the frame: two ends, or corners.
        is_closed: a zone.
        text: its name, and what was counted there.
        in_xy: of a line: one step to the side that is in, of length 1; None: none.
    """

    points_xy: NDArray[np.float64]
    is_closed: bool
    text: str
    in_xy: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Trail:
    """The way of one track until now.

    Attributes:
        points_xy: (N, 2) in pixels of the frame, the newest last.
        class_id: of the track.
    """

    points_xy: NDArray[np.float64]
    class_id: int


@dataclass(frozen=True, slots=True)
class Scene:
    """All of that in one frame."""

    marks: tuple[Mark, ...] = ()
    trails: tuple[Trail, ...] = ()


NO_SCENE = Scene()
