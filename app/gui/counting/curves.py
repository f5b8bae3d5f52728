"""How many went by until when, as curves for the plots."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from app.gui.picture.boxes import class_color
from app.gui.picture.plots import Curve
from app.tracking.events import Event
from app.tracking.rules import Line, Rules

WAYS = {"in": "in", "out": "out", "enter": "entered"}


def curves_of(rules: Rules, events: Sequence[Event]) -> list[Curve]:
    """One for each way over a line, and one for who entered a zone."""
    times_s: dict[tuple[str, str], list[float]] = defaultdict(list)
    for event in events:
        times_s[event.rule, event.direction or event.kind].append(event.time_s)
    curves: list[Curve] = []
    for rule in rules.counting():
        for way in ("in", "out") if isinstance(rule, Line) else ("enter",):
            own = np.sort(np.array(times_s[rule.name, way], np.float64))
            color = class_color(len(curves))
            curves.append(Curve(f"{rule.name} {WAYS[way]}", color, own))
    return curves
