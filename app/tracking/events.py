"""What happened at a line or in a zone, and what it comes to."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.tracking.rules import Rules

KINDS = ("cross", "enter", "leave", "appear_inside", "lost_inside")
# Counts by rule, class name and what is counted: {"L1": {"person": {"in": 15, ...}}}
Counts = dict[str, dict[str, dict[str, int]]]

_PLACES = 3  # of seconds and pixels


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that one track did.

    Attributes:
        time_s: when, on the clock of the frames: of a crossing, when the path cut
            the line; of `leave` and `lost_inside`, when it was last seen inside.
        frame: the first one that shows it; of `leave` and `lost_inside`, the last
            one inside.
        kind: of `KINDS`.
        rule: the name of the line or zone.
        direction: "in" or "out" of a crossing; empty otherwise.
        track: the id.
        class_name: what the track is, by its vote until then.
        anchor_xy: where, in pixels of the frame.
        dwell_s: of `leave` and `lost_inside`: how long it was inside.
    """

    time_s: float
    frame: int
    kind: str
    rule: str
    direction: str
    track: int
    class_name: str
    anchor_xy: tuple[float, float]
    dwell_s: float | None = None

    def to_json(self) -> str:
        """A line of NAME.events.jsonl, without its end."""
        values = {
            "time_s": round(self.time_s, _PLACES),
            "frame": self.frame,
            "kind": self.kind,
            "rule": self.rule,
            "direction": self.direction or None,
            "track": self.track,
            "class": self.class_name,
            "anchor": [round(value, _PLACES) for value in self.anchor_xy],
        }
        if self.dwell_s is not None:
            values["dwell_s"] = round(self.dwell_s, _PLACES)
        return json.dumps(values, ensure_ascii=False)


class Tally:
    """Events, counted by rule and class."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._crossed: dict[str, dict[str, dict[str, int]]] = {}
        self._entered: dict[str, dict[str, int]] = {}
        self._inside_once: dict[str, dict[str, set[int]]] = {}
        for line in rules.lines:
            own = self._crossed[line.name] = {}
            for name in line.classes:
                own[name] = {"in": 0, "out": 0}
        for zone in rules.counted_zones:
            self._entered[zone.name] = dict.fromkeys(zone.classes, 0)
            self._inside_once[zone.name] = {name: set() for name in zone.classes}

    def add(self, events: Iterable[Event]) -> None:
        """Count these, too."""
        for event in events:
            name = event.class_name
            if event.kind == "cross":
                both = self._crossed[event.rule].setdefault(name, {"in": 0, "out": 0})
                both[event.direction] += 1
            elif event.kind in ("enter", "appear_inside"):
                entered = self._entered[event.rule]
                entered[name] = entered.get(name, 0) + (event.kind == "enter")
                once = self._inside_once[event.rule]
                once.setdefault(name, set()).add(event.track)

    def counts(self, inside: dict[str, dict[str, int]]) -> Counts:
        """All of it.

        Args:
            inside: who is in each zone now, by class.
        """
        counts: Counts = {
            rule: {name: dict(both) for name, both in by_class.items()}
            for rule, by_class in self._crossed.items()
        }
        for rule, entered in self._entered.items():
            now, once = inside.get(rule, {}), self._inside_once[rule]
            names = dict.fromkeys((*entered, *now))
            counts[rule] = {
                name: {
                    "entered": entered.get(name, 0),
                    "distinct": len(once.get(name, ())),
                    "inside_at_end": now.get(name, 0),
                }
                for name in names
            }
        return counts


def counts_csv(events: Sequence[Event], rules: Rules) -> str:
    """NAME.counts.csv: a row for each minute, rule and class in which something was.

    Args:
        events: all of them.
        rules: whose names come first in their minute.
    """
    columns = ("in", "out", "entered", "left", "appear_inside", "lost_inside")
    word = {"enter": "entered", "leave": "left"}
    cells: dict[tuple[int, int, str], dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(columns, 0)
    )
    names = [rule.name for rule in rules.counting()]
    for event in events:
        key = (int(event.time_s // 60), names.index(event.rule), event.class_name)
        cells[key][event.direction or word.get(event.kind, event.kind)] += 1
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("minute", "rule", "class", *columns))
    for minute, rule, name in sorted(cells):
        row = cells[minute, rule, name]
        writer.writerow((minute, names[rule], name, *row.values()))
    return text.getvalue()


def said(counts: Counts) -> str:
    """The counts in words, a line each: "L1: person 15 in, 12 out"."""
    lines = []
    for rule, by_class in counts.items():
        parts = [f"{name} {_in_words(numbers)}" for name, numbers in by_class.items()]
        lines.append(f"{rule}: {'; '.join(parts) or 'nothing'}")
    return "\n".join(lines)


def _in_words(numbers: dict[str, int]) -> str:
    words = {
        **{"in": "in", "out": "out", "entered": "entered"},
        **{"distinct": "different ones", "inside_at_end": "inside at the end"},
    }
    return ", ".join(f"{count} {words[key]}" for key, count in numbers.items())


def counts_json(counts: Counts) -> str:
    """NAME.counts.json."""
    values: Any = counts
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
