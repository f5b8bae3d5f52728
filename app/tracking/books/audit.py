"""Counts that somebody looked at: which events were right, and which were not."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.tracking.events import Event

# An event of another run is the same one where it is this near: in seconds, and in
# pixels of the picture. Ids are others in each run.
NEAR_S, NEAR_PX = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody said of one event.

    Attributes:
        rule: the event's, as the next four.
        kind: see there.
        direction: see there.
        time_s: see there.
        anchor_xy: see there.
        is_right: whether it happened.
    """

    rule: str
    kind: str
    direction: str
    time_s: float
    anchor_xy: tuple[float, float]
    is_right: bool

    def is_of(self, event: Event) -> bool:
        """Whether it is this event that was looked at."""
        what = (event.rule, event.kind, event.direction)
        if what != (self.rule, self.kind, self.direction):
            return False
        (x, y), (own_x, own_y) = event.anchor_xy, self.anchor_xy
        is_here = max(abs(x - own_x), abs(y - own_y)) <= NEAR_PX
        return is_here and abs(event.time_s - self.time_s) <= NEAR_S


@dataclass(frozen=True, slots=True)
class Audit:
    """All verdicts on one source.

    Attributes:
        verdicts: one an event at most.
    """

    verdicts: tuple[Verdict, ...] = ()

    def of(self, event: Event) -> bool | None:
        """Whether it was right; None: nobody looked."""
        for verdict in self.verdicts:
            if verdict.is_of(event):
                return verdict.is_right
        return None

    def with_verdict(self, event: Event, is_right: bool | None) -> "Audit":
        """With what somebody says now; None takes it back."""
        others = tuple(own for own in self.verdicts if not own.is_of(event))
        if is_right is None:
            return Audit(others)
        own = Verdict(
            event.rule,
            event.kind,
            event.direction,
            event.time_s,
            event.anchor_xy,
            is_right,
        )
        return Audit((*others, own))

    def summary(self, events: Iterable[Event]) -> tuple[int, int, int]:
        """How many there are, how many were looked at, and how many of those right."""
        said = [self.of(event) for event in events]
        looked = [own for own in said if own is not None]
        return len(said), len(looked), sum(looked)

    def to_values(self) -> list[dict[str, Any]]:
        """For JSON."""
        return [
            {
                "rule": own.rule,
                "kind": own.kind,
                "direction": own.direction or None,
                "time_s": round(own.time_s, 3),
                "anchor": [round(value, 3) for value in own.anchor_xy],
                "right": own.is_right,
            }
            for own in self.verdicts
        ]


def audit_from(values: Any) -> Audit:  # noqa: ANN401 - JSON
    """As `to_values` gives it.

    Raises:
        ValueError: it is something else.
    """
    try:
        return Audit(
            tuple(
                Verdict(
                    rule=str(own["rule"]),
                    kind=str(own["kind"]),
                    direction=str(own["direction"] or ""),
                    time_s=float(own["time_s"]),
                    anchor_xy=(float(own["anchor"][0]), float(own["anchor"][1])),
                    is_right=bool(own["right"]),
                )
                for own in values
            )
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"the audit is not one of ours: {error}") from error


def audit_json(audit: Audit, events: Sequence[Event]) -> str:
    """NAME.audit.json."""
    total, looked, right = audit.summary(events)
    values = {
        "events": total,
        "looked_at": looked,
        "right": right,
        "verdicts": audit.to_values(),
    }
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
