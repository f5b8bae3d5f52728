"""Counts that somebody looked at."""

import json
from dataclasses import replace

import pytest

from app.tracking.books.audit import Audit, audit_from, audit_json
from tests.tracking.books.test_ledger import crossing

EVENTS = [crossing(time_s) for time_s in (1.0, 5.0, 9.0)]


def test_the_summary_says_what_was_looked_at() -> None:
    audit = Audit()
    assert audit.summary(EVENTS) == (3, 0, 0)
    audit = audit.with_verdict(EVENTS[0], True).with_verdict(EVENTS[1], False)
    assert audit.summary(EVENTS) == (3, 2, 1)
    assert audit.with_verdict(EVENTS[1], True).summary(EVENTS) == (3, 2, 2)
    assert audit.with_verdict(EVENTS[0], None).summary(EVENTS) == (3, 1, 0)


def test_a_verdict_is_of_the_same_moment_in_another_run() -> None:
    audit = Audit().with_verdict(EVENTS[0], False)
    again = replace(EVENTS[0], time_s=1.1, track=77, anchor_xy=(12.0, 9.0))
    assert audit.of(again) is False
    for other in (
        replace(again, time_s=1.8),
        replace(again, direction="out"),
        replace(again, rule="L2"),
        replace(again, anchor_xy=(80.0, 9.0)),
    ):
        assert audit.of(other) is None


def test_it_is_kept_as_json() -> None:
    audit = Audit().with_verdict(EVENTS[0], True).with_verdict(EVENTS[2], False)
    written = json.loads(audit_json(audit, EVENTS))
    assert (written["events"], written["looked_at"], written["right"]) == (3, 2, 1)
    assert audit_from(written["verdicts"]) == audit
    with pytest.raises(ValueError, match="not one of ours"):
        audit_from([{"rule": "L1"}])
