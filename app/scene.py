"""Lines, zones and ways of tracks: what is drawn besides the boxes, what happened."""

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
class Happening:
    """What a track did at a line or in a zone, in one frame.

    Attributes:
        kind: as of `app.tracking.events.Event`, or "inside": it is in the zone now.
        rule: the name of the line or zone.
        class_name: what the track is, by its vote until then.
        direction: "in" or "out" of a crossing; empty otherwise.
        inside_s: of "inside": for how long.
    """

    kind: str
    rule: str
    class_name: str
    direction: str = ""
    inside_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """All of that in one frame, and what happened there."""

    marks: tuple[Mark, ...] = ()
    trails: tuple[Trail, ...] = ()
    happened: tuple[Happening, ...] = ()


NO_SCENE = Scene()
