"""The events of a source that is watched here and there, each moment once."""

from collections.abc import Iterable
from dataclasses import replace

from app.tracking.events import Counts, Event, Tally
from app.tracking.rules import Rules
from app.tracking.watcher import Stint

# After a jump it takes so long until who is in the picture is known for sure, and
# so long until what happened is decided.
WARM_S, DECIDE_S = 2.0, 1.0
# Two events this near to one another are one that was seen twice.
SAME_S = 0.4


class Ledger:
    """Puts stints together: what is watched again takes the place of what was.

    After a jump, or with other rules, a watcher begins anew. A person who goes back to
    look at somebody, or draws a second line, has not forgotten what was counted.
    """

    def __init__(self) -> None:
        """Nothing was counted yet."""
        self._settled: tuple[Event, ...] = ()  # of earlier stints
        self._known: dict[str, list[tuple[float, float]]] = {}  # rule: what they saw
        self._stint = Stint()
        self._merged: tuple[Event, ...] = ()

    @property
    def is_patchwork(self) -> bool:
        """True once there was a jump."""
        return any(self._known.values())

    def look(self, stint: Stint) -> None:
        """Take note of the newest stint of a watcher."""
        before = self._stint
        if stint.number != before.number:
            names = _kept(before.rules, stint.rules)
            self._settled = _renamed(self._merged, names)
            span = [(before.since_s, before.until_s)] if before.number else []
            self._known = {
                new: [*self._known.get(old, []), *span] for old, new in names.items()
            }
        self._stint = stint
        self._merged = self._with(stint) if self.is_patchwork else stint.events

    def events(self, rules: Rules) -> tuple[Event, ...]:
        """Those of `rules`, by their time as far as stints know of each other.

        A rule that was moved since has none yet; one that has another name keeps them.
        """
        if rules == self._stint.rules:
            return self._merged
        return _renamed(self._merged, _kept(self._stint.rules, rules))

    def counts(self, rules: Rules) -> Counts:
        """What they come to; who is inside is who is inside now."""
        if rules == self._stint.rules and not self.is_patchwork:
            return self._stint.counts
        names = _kept(self._stint.rules, rules)
        tally = Tally(rules)
        tally.add(self.events(rules))
        inside = {
            names[old]: {
                name: own.get("inside_at_end", 0) for name, own in by_class.items()
            }
            for old, by_class in self._stint.counts.items()
            if old in names
        }
        return tally.counts(inside)

    def _with(self, stint: Stint) -> tuple[Event, ...]:
        """Earlier events, but where this one knows better."""
        sure_s, decided_s = stint.since_s + WARM_S, stint.until_s - DECIDE_S
        new = [
            event
            for event in stint.events
            if event.time_s > sure_s or not self._was_seen(event)
        ]
        old = [
            event
            for event in self._settled
            if not sure_s < event.time_s <= decided_s
            and not any(_is_same(event, other) for other in new)
        ]
        return tuple(sorted((*old, *new), key=lambda event: event.time_s))

    def _was_seen(self, event: Event) -> bool:
        spans = self._known.get(event.rule, [])
        return any(since_s <= event.time_s <= until_s for since_s, until_s in spans)


def _kept(before: Rules, now: Rules) -> dict[str, str]:
    """Names of rules that are where they were, and what they are called now."""
    places = {replace(rule, name="-"): rule.name for rule in now.all()}
    names = {rule.name: places.get(replace(rule, name="-")) for rule in before.all()}
    return {old: new for old, new in names.items() if new is not None}


def _renamed(events: Iterable[Event], names: dict[str, str]) -> tuple[Event, ...]:
    return tuple(
        event
        if names[event.rule] == event.rule
        else replace(event, rule=names[event.rule])
        for event in events
        if event.rule in names
    )


def _is_same(one: Event, other: Event) -> bool:
    if abs(one.time_s - other.time_s) > SAME_S:
        return False
    kinds = (one.rule, one.kind, one.direction, one.class_name)
    if kinds != (other.rule, other.kind, other.direction, other.class_name):
        return False
    return all(
        abs(a - b) < 12 for a, b in zip(one.anchor_xy, other.anchor_xy, strict=True)
    )
