"""Lines and zones: what is counted where, as one JSON file.

Places are shares of the picture's width and height, so that one file serves any size.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from app.errors import RulesError

Point = tuple[float, float]  # shares of width and height, y downwards
ANCHORS = ("bottom", "center")
USES = ("count", "only", "ignore")
# Of the file, and others': what is an event, and who is told (`app.alerts`).
OTHER_PARTS = ("clips", "alerts")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Line:
    """Counts who crosses it.

    Attributes:
        name: of its own among the rules.
        from_xy: where it begins.
        to_xy: where it ends. *In* is from the left to the right of someone who
            stands at `from_xy` and looks to `to_xy`.
        classes: class names that count; empty: all.
        anchor: which point of a box has to cross, of `ANCHORS`: the middle of its
            bottom edge, or its centre.
    """

    name: str
    from_xy: Point
    to_xy: Point
    classes: tuple[str, ...] = ()
    anchor: str = "bottom"

    def __post_init__(self) -> None:
        _check_rule(self.name, (self.from_xy, self.to_xy), self.classes, self.anchor)
        if self.from_xy == self.to_xy:
            raise ValueError(f"line {self.name!r} must not begin where it ends")

    def to_values(self) -> dict[str, Any]:
        """For JSON."""
        ends = {"from": list(self.from_xy), "to": list(self.to_xy)}
        return {"name": self.name, **ends, **_rest(self)}


@dataclass(frozen=True, slots=True)
class Zone:
    """Counts who is inside, or says where to look at all.

    Attributes:
        name: of its own among the rules.
        polygon: three corners or more.
        use: "count"; "only": what stands outside of all such zones is neither shown
            nor counted; "ignore": likewise what stands inside.
        classes: class names that count (or that are left out); empty: all.
        anchor: which point of a box has to be inside, of `ANCHORS`.
    """

    name: str
    polygon: tuple[Point, ...]
    use: str = "count"
    classes: tuple[str, ...] = ()
    anchor: str = "bottom"

    def __post_init__(self) -> None:
        _check_rule(self.name, self.polygon, self.classes, self.anchor)
        if self.use not in USES:
            raise ValueError(f"use of zone {self.name!r} must be one of {USES}")
        if len(set(self.polygon)) < 3:
            raise ValueError(f"zone {self.name!r} must have three corners or more")
        if _area(self.polygon) == 0:
            raise ValueError(f"the corners of zone {self.name!r} must not lie in a row")

    def to_values(self) -> dict[str, Any]:
        """For JSON."""
        polygon = [list(corner) for corner in self.polygon]
        return {"name": self.name, "polygon": polygon, "use": self.use, **_rest(self)}


@dataclass(frozen=True, slots=True)
class Rules:
    """All lines and zones of a video.

    Attributes:
        lines: in the order of the file.
        zones: likewise.
    """

    lines: tuple[Line, ...] = ()
    zones: tuple[Zone, ...] = ()

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.all()]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the name {name!r} must be given to one rule alone")

    def __bool__(self) -> bool:
        """False where there are none."""
        return bool(self.lines or self.zones)

    def all(self) -> tuple[Line | Zone, ...]:
        """The lines, then the zones."""
        return (*self.lines, *self.zones)

    def counting(self) -> tuple[Line | Zone, ...]:
        """Those of them that count."""
        return (*self.lines, *self.counted_zones)

    @property
    def counted_zones(self) -> tuple[Zone, ...]:
        """Those that count."""
        return tuple(zone for zone in self.zones if zone.use == "count")

    def to_json(self) -> str:
        """As `read_rules` reads it."""
        values = {
            "lines": [line.to_values() for line in self.lines],
            "zones": [zone.to_values() for zone in self.zones],
        }
        return json.dumps(values, indent=2, ensure_ascii=False) + "\n"

    def check_classes(self, class_names: Sequence[str]) -> None:
        """See that a model knows what should be counted.

        Raises:
            RulesError: it does not.
        """
        for rule in self.all():
            for name in rule.classes:
                if name not in class_names:
                    raise RulesError(
                        f"{rule.name} counts {name!r}, a class that the model does "
                        "not have.",
                        f"Its classes are {', '.join(class_names)}.",
                    )


def read_rules(path: Path) -> Rules:
    """Lines and zones from a file.

    Raises:
        RulesError: it cannot be read, or something in it is wrong; says what.
    """
    return read_file(path, rules_from)


def read_file(path: Path, make: Callable[[Any], Made]) -> Made:
    """What `make` makes of the JSON in a file of rules.

    Raises:
        RulesError: it cannot be read, or `make` found something wrong (ValueError).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RulesError(
            f"The rules {path} are no text in UTF-8.", "Save them as UTF-8."
        ) from error
    except OSError as error:
        raise RulesError(
            f"The rules {path} cannot be read ({error.strerror}).", "Check the name."
        ) from error
    try:
        return make(json.loads(text))
    except json.JSONDecodeError as error:
        raise RulesError(
            f"The rules {path} are no JSON (line {error.lineno}: {error.msg}).",
            "Mend that line; docs/counting.md shows a whole file.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise RulesError(
            f"The rules {path} are wrong: {error}.",
            "Mend them; docs/counting.md and docs/watching.md show whole files.",
        ) from error


def rules_from(values: Any) -> Rules:  # noqa: ANN401 - JSON
    """Rules from what a JSON file holds.

    Raises:
        ValueError: something in it is wrong; says what.
    """
    top = json_object(values, "the file", ("lines", "zones", *OTHER_PARTS))
    lines = json_list(top.get("lines", []), "lines")
    zones = json_list(top.get("zones", []), "zones")
    return Rules(
        lines=tuple(_line(v, f"line {i}") for i, v in enumerate(lines, start=1)),
        zones=tuple(_zone(v, f"zone {i}") for i, v in enumerate(zones, start=1)),
    )


def _line(values: Any, what: str) -> Line:  # noqa: ANN401 - JSON
    names = ("name", "from", "to", "classes", "anchor")
    entry = json_object(values, what, names, needed=("name", "from", "to"))
    return Line(
        name=json_text(entry["name"], f"name of {what}"),
        from_xy=_point(entry["from"], f"from of {what}"),
        to_xy=_point(entry["to"], f"to of {what}"),
        classes=json_texts(entry.get("classes", []), f"classes of {what}"),
        anchor=json_text(entry.get("anchor", "bottom"), f"anchor of {what}"),
    )


def _zone(values: Any, what: str) -> Zone:  # noqa: ANN401 - JSON
    names = ("name", "polygon", "use", "classes", "anchor")
    entry = json_object(values, what, names, needed=("name", "polygon"))
    corners = json_list(entry["polygon"], f"polygon of {what}")
    return Zone(
        name=json_text(entry["name"], f"name of {what}"),
        polygon=tuple(_point(c, f"each corner of {what}") for c in corners),
        use=json_text(entry.get("use", "count"), f"use of {what}"),
        classes=json_texts(entry.get("classes", []), f"classes of {what}"),
        anchor=json_text(entry.get("anchor", "bottom"), f"anchor of {what}"),
    )


def json_object(
    values: Any,  # noqa: ANN401 - JSON
    what: str,
    names: Sequence[str],
    *,
    needed: Sequence[str] = (),
) -> dict[str, Any]:
    """The object, which has no other names than those; raises ValueError."""
    if not isinstance(values, dict):
        raise ValueError(f"{what} must be an object, got {_short(values)}")
    for name in needed:
        if name not in values:
            raise ValueError(f"{what} has no {name!r}")
    for name in values:
        if name not in names:
            known = ", ".join(names)
            raise ValueError(f"{what} has {name!r}; what it may have is {known}")
    return values


def json_list(values: Any, what: str) -> list[Any]:  # noqa: ANN401 - JSON
    """The list; raises ValueError."""
    if not isinstance(values, list):
        raise ValueError(f"{what} must be a list, got {_short(values)}")
    return values


def json_text(value: Any, what: str) -> str:  # noqa: ANN401 - JSON
    """The text; raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"{what} must be a text, got {_short(value)}")
    return value


def json_texts(values: Any, what: str) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    """The texts of a list; raises ValueError."""
    return tuple(
        json_text(value, f"each of {what}") for value in json_list(values, what)
    )


def _point(values: Any, what: str) -> Point:  # noqa: ANN401 - JSON
    if not isinstance(values, list) or len(values) != 2:
        raise ValueError(f"{what} must be [x, y], got {_short(values)}")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{what} must be two numbers, got {_short(values)}")
    return (values[0], values[1])


def _short(value: Any) -> str:  # noqa: ANN401 - JSON
    return f"{json.dumps(value, ensure_ascii=False):.40}"


def _check_rule(
    name: str, points: Sequence[Point], classes: Sequence[str], anchor: str
) -> None:
    """The text; raises ValueError."""
    """The texts of a list; raises ValueError."""
    """The list; raises ValueError."""
    if not name.strip():
        raise ValueError("a rule's name must not be empty")
    for point in points:
        if not all(math.isfinite(value) and 0 <= value <= 1 for value in point):
            raise ValueError(
                f"places of {name!r} must be shares of the picture between 0 and 1, "
                f"got {list(point)}"
            )
    if anchor not in ANCHORS:
        raise ValueError(f"anchor of {name!r} must be one of {ANCHORS}, got {anchor!r}")
    if not all(classes):
        raise ValueError(f"classes of {name!r} must not be empty")


def _rest(rule: Line | Zone) -> dict[str, Any]:
    """What is not as usual."""
    classes = {"classes": list(rule.classes)} if rule.classes else {}
    anchor = {"anchor": rule.anchor} if rule.anchor != "bottom" else {}
    return {**classes, **anchor}


def _area(polygon: Sequence[Point]) -> float:
    following = (*polygon[1:], polygon[0])
    pairs = zip(polygon, following, strict=True)
    return abs(math.fsum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2
