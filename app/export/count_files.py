"""What counts are called, beside a video or a sidecar."""

from collections.abc import Sequence
from pathlib import Path

from app.tracking.books.audit import Audit, audit_json
from app.tracking.events import Counts, Event, counts_csv, counts_json
from app.tracking.rules import Rules
from app.whole_file import write_whole

_SUFFIXES = (".events.jsonl", ".counts.json", ".counts.csv")


def count_files(base: Path) -> tuple[Path, ...]:
    """NAME.events.jsonl, .counts.json and .counts.csv; `base` has any suffix."""
    return tuple(base.with_suffix(suffix) for suffix in _SUFFIXES)


def write_counts(
    base: Path, events: Sequence[Event], counts: Counts, rules: Rules
) -> tuple[Path, ...]:
    """Write the three, each whole.

    Args:
        base: NAME, with any suffix.
        events: in order.
        counts: by rule and class.
        rules: what was counted.

    Returns:
        The three files.
    """
    lines = "".join(f"{event.to_json()}\n" for event in events)
    texts = (lines, counts_json(counts), counts_csv(events, rules))
    for path, text in zip(count_files(base), texts, strict=True):
        write_whole(path, text)
    return count_files(base)


def write_audit(base: Path, audit: Audit, events: Sequence[Event]) -> Path:
    """Write NAME.audit.json beside them: what somebody said of the events."""
    path = base.with_suffix(".audit.json")
    write_whole(path, audit_json(audit, events))
    return path
