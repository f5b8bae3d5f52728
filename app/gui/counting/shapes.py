"""Lines and zones under the mouse: what is near, and where a point snaps to."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from app.drawing.viewport import Placement
from app.tracking.rules import Line, Point, Rules, Zone

# How near the mouse has to be, in points of the screen.
NEAR = 9.0


@dataclass(frozen=True, slots=True)
class Grip:
    """What the mouse holds of a rule.

    Attributes:
        name: of the rule.
        corner: which of its points; None: all of it.
    """

    name: str
    corner: int | None = None


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where the picture is on the screen.

    Attributes:
        placement: in the screen's own pixels.
        size_wh: of the picture.
        ratio: the screen's pixels a point.
    """

    placement: Placement
    size_wh: tuple[int, int]
    ratio: float

    def to_share(self, at_xy: tuple[float, float]) -> Point:
        """A place in the widget, in points, as shares of the picture, clipped to it."""
        x, y = (
            (at * self.ratio - origin) / (self.placement.scale * size)
            for at, origin, size in zip(
                at_xy, self.placement.origin_xy, self.size_wh, strict=True
            )
        )
        return (min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))

    def to_widget(self, point: Point) -> tuple[float, float]:
        """The way back."""
        x, y = (
            (share * size * self.placement.scale + origin) / self.ratio
            for share, origin, size in zip(
                point, self.placement.origin_xy, self.size_wh, strict=True
            )
        )
        return x, y

    def apart(self, one: Point, other: Point) -> float:
        """How far two places are from each other, in points of the screen."""
        return math.dist(self.to_widget(one), self.to_widget(other))


def points_of(rule: Line | Zone) -> tuple[Point, ...]:
    """Its ends, or its corners."""
    if isinstance(rule, Line):
        return (rule.from_xy, rule.to_xy)
    return rule.polygon


def with_points(rule: Line | Zone, points: tuple[Point, ...]) -> Line | Zone:
    """The same rule elsewhere.

    Raises:
        ValueError: that is no line or no zone.
    """
    if isinstance(rule, Line):
        return replace(rule, from_xy=points[0], to_xy=points[1])
    return replace(rule, polygon=points)


def grip_at(
    rules: Rules, at: Point, canvas: Canvas, *, selected: str = ""
) -> Grip | None:
    """What the mouse would take hold of: a point of the selected rule, or a rule."""
    for rule in rules.all():
        if rule.name == selected:
            gaps = [canvas.apart(at, point) for point in points_of(rule)]
            if min(gaps) <= NEAR:
                return Grip(rule.name, gaps.index(min(gaps)))
    for rule in reversed(rules.all()):
        if _gap(rule, at, canvas) <= NEAR:
            return Grip(rule.name)
    return None


def moved(rule: Line | Zone, by: Point) -> Line | Zone:
    """All of it, as far as the picture goes."""
    points = points_of(rule)
    dx = _within(by[0], [x for x, _ in points])
    dy = _within(by[1], [y for _, y in points])
    return with_points(rule, tuple((_clip(x + dx), _clip(y + dy)) for x, y in points))


def with_corner(rule: Line | Zone, corner: int, at: Point) -> Line | Zone:
    """With one point elsewhere; as it was, where that would be no line or no zone."""
    points = list(points_of(rule))
    points[corner] = at
    try:
        return with_points(rule, tuple(points))
    except ValueError:
        return rule


def snapped(at: Point, others: Iterable[Point], canvas: Canvas) -> Point:
    """On another point, or on the picture's edge, where that is near."""
    near = [(canvas.apart(at, other), other) for other in others]
    if near and min(near)[0] <= NEAR:
        return min(near)[1]
    x, y = at
    for edge in (0.0, 1.0):
        x = edge if canvas.apart((x, y), (edge, y)) <= NEAR else x
        y = edge if canvas.apart((x, y), (x, edge)) <= NEAR else y
    return (x, y)


def upright(at: Point, start: Point, canvas: Canvas) -> Point:
    """As `at`, but level with `start` or straight above or below it."""
    (x, y), (start_x, start_y) = canvas.to_widget(at), canvas.to_widget(start)
    if abs(x - start_x) < abs(y - start_y):
        return (start[0], at[1])
    return (at[0], start[1])


def free_name(rules: Rules, letter: str) -> str:
    """L1, L2 and so on."""
    taken = {rule.name for rule in rules.all()}
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"


def replaced(rules: Rules, name: str, rule: Line | Zone | None) -> Rules:
    """With another rule in the place of the one called `name`, or none.

    Raises:
        ValueError: the new name is another rule's.
    """
    lines = tuple(rule if own.name == name else own for own in rules.lines)
    zones = tuple(rule if own.name == name else own for own in rules.zones)
    return Rules(
        tuple(own for own in lines if isinstance(own, Line)),
        tuple(own for own in zones if isinstance(own, Zone)),
    )


def added(rules: Rules, rule: Line | Zone) -> Rules:
    """With one more."""
    if isinstance(rule, Line):
        return replace(rules, lines=(*rules.lines, rule))
    return replace(rules, zones=(*rules.zones, rule))


def _gap(rule: Line | Zone, at: Point, canvas: Canvas) -> float:
    """How far the mouse is from its lines."""
    places = [canvas.to_widget(point) for point in points_of(rule)]
    if isinstance(rule, Zone):
        places.append(places[0])
    x, y = canvas.to_widget(at)
    gaps = []
    for (x1, y1), (x2, y2) in pairwise(places):
        length2 = (x2 - x1) ** 2 + (y2 - y1) ** 2
        share = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / max(length2, 1e-9)
        share = min(max(share, 0.0), 1.0)
        nearest = (x1 + share * (x2 - x1), y1 + share * (y2 - y1))
        gaps.append(math.dist((x, y), nearest))
    return min(gaps)


def _within(by: float, values: list[float]) -> float:
    return min(max(by, -min(values)), 1.0 - max(values))


def _clip(value: float) -> float:
    return min(max(value, 0.0), 1.0)
