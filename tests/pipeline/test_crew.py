"""What app.pipeline.crew promises."""

import threading
from types import SimpleNamespace

import pytest

from app.pipeline.crew import Crew
from app.pipeline.slot import Slot, SlotClosedError
from tests.fakes import WAIT_S


class Told:
    """What a crew tells, in order."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.crew = Crew(
            on_failure=lambda name, error: self.words.append(f"{name}: {error}"),
            on_last=lambda: self.words.append("last"),
        )


def boom() -> None:
    raise ValueError("boom")


def closed() -> None:
    raise SlotClosedError


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda: None, ["then", "last"]),
        (closed, ["then", "last"]),
        (boom, ["one: boom", "then", "last"]),
    ],
)
def test_however_a_thread_ends_it_tells_and_closes_its_slots(
    work: object, words: list[str]
) -> None:
    told, slots = Told(), (Slot[int](drop_oldest=False), Slot[int](drop_oldest=True))
    told.crew.add(
        "one",
        work,  # type: ignore[arg-type] # of the table above
        closes=slots,
        then=lambda: told.words.append("then"),
    )
    told.crew.start()
    assert told.crew.join(WAIT_S) == []
    assert told.words == words
    for slot in slots:
        with pytest.raises(SlotClosedError):
            slot.put(1)


def test_the_last_is_told_once_though_one_joined_later() -> None:
    told, may_end = Told(), threading.Event()
    told.crew.add("one", lambda: _wait(may_end), closes=())
    told.crew.start()
    told.crew.add("two", lambda: None, closes=()).start()
    assert told.crew.join(0.05) == ["one"]
    assert told.words == []
    may_end.set()
    assert told.crew.join(WAIT_S) == []
    assert told.words == ["last"]


def test_one_that_never_started_is_not_waited_for() -> None:
    told = Told()
    told.crew.add("one", lambda: None, closes=())
    assert told.crew.join(WAIT_S) == []


def test_one_that_began_while_the_others_were_waited_for_is_waited_for_too() -> None:
    told, is_joining, may_end = Told(), threading.Event(), threading.Event()

    def begin_another() -> None:
        _wait(is_joining)
        told.crew.add("two", lambda: _wait(may_end), closes=()).start()

    one = told.crew.add("one", begin_another, closes=())
    join = one.join

    def spy(timeout: float | None = None) -> None:
        is_joining.set()
        join(timeout)

    one.join = spy  # type: ignore[method-assign] # told when the wait has begun
    told.crew.start()
    assert told.crew.join(0.5) == ["two"]
    may_end.set()
    assert told.crew.join(WAIT_S) == []


def test_all_together_are_waited_for_no_longer_than_was_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first ends after three of four seconds: the second has the last one."""
    told, may_end, now_s = Told(), threading.Event(), [0.0]
    waits_s: list[float | None] = []

    def spy(timeout: float | None = None) -> None:
        waits_s.append(timeout)
        now_s[0] += 3.0
        may_end.set()
        join(WAIT_S)

    def spy_of_the_second(timeout: float | None = None) -> None:
        waits_s.append(timeout)
        now_s[0] += timeout or 0.0

    one = told.crew.add("one", lambda: _wait(may_end), closes=())
    join, hangs = one.join, threading.Event()
    two = told.crew.add("two", lambda: _wait(hangs), closes=())
    one.join = spy  # type: ignore[method-assign] # told how long they wait
    two.join = spy_of_the_second  # type: ignore[method-assign] # likewise
    told.crew.start()
    with monkeypatch.context() as changed:
        clock = SimpleNamespace(monotonic=lambda: now_s[0])
        changed.setattr("app.pipeline.crew.time", clock)
        assert told.crew.join(4.0) == ["two"]
    assert waits_s == [4.0, 1.0]
    hangs.set()
    del two.join
    assert told.crew.join(WAIT_S) == []


def _wait(event: threading.Event) -> None:
    assert event.wait(WAIT_S)
