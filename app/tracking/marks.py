"""How lines and zones look on the picture, with what was counted there."""

import numpy as np

from app.scene import Mark
from app.tracking.events import Counts
from app.tracking.rules import Line, Rules


def marks_of(rules: Rules, counts: Counts, size_wh: tuple[int, int]) -> list[Mark]:
    """What is drawn of lines and zones.

    Args:
        rules: all of them.
        counts: what stands beside them.
        size_wh: of the picture in pixels.
    """
    size = np.array(size_wh, np.float64)
    marks = []
    for rule in rules.all():
        numbers = counts.get(rule.name, {})
        if isinstance(rule, Line):
            points = np.array([rule.from_xy, rule.to_xy], np.float64) * size
            along = points[1] - points[0]
            length = float(np.hypot(*along))
            total = {
                way: sum(own[way] for own in numbers.values()) for way in ("in", "out")
            }
            text = f"{rule.name}: {total['in']} in, {total['out']} out"
            to_right = (-along[1] / length, along[0] / length)  # y downwards
            marks.append(Mark(points, False, text, to_right))
            continue
        text = rule.name
        if rule.use == "count":
            inside = sum(own["inside_at_end"] for own in numbers.values())
            entered = sum(own["entered"] for own in numbers.values())
            text = f"{rule.name}: {inside} inside, {entered} entered"
        marks.append(Mark(np.array(rule.polygon, np.float64) * size, True, text))
    return marks
