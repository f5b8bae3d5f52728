"""What app.pipeline.errands promises."""

import threading
import weakref
from collections.abc import Callable

import pytest

from app.pipeline.errands import CAPACITY, Errands
from tests.fakes import WAIT_S


def never(error: Exception) -> None:
    raise AssertionError(error)


def test_an_errand_is_done_beside_and_told_through_deliver() -> None:
    delivered: list[Callable[[], None]] = []
    done: list[str] = []
    errands = Errands(delivered.append)
    assert errands.run(
        lambda: threading.current_thread().name, then=done.append, or_else=never
    )
    assert errands.stop(WAIT_S) == []
    assert not done  # the owner's thread has not called it yet
    for tell in delivered:
        tell()
    assert done == ["errands"]


def test_a_failure_is_told_and_the_next_errand_is_done() -> None:
    failed: list[Exception] = []
    done: list[int] = []
    errands = Errands(lambda tell: tell())

    def fail() -> int:
        raise OSError("disk full")

    errands.run(fail, then=done.append, or_else=failed.append)
    errands.run(lambda: 7, then=done.append, or_else=never)
    assert errands.stop(WAIT_S) == []
    assert [str(error) for error in failed] == ["disk full"]
    assert done == [7]


def test_too_many_are_refused_and_the_caller_never_waits() -> None:
    gate = threading.Event()
    done: list[int] = []
    errands = Errands(lambda tell: tell())

    def wait(number: int) -> int:
        assert gate.wait(WAIT_S)
        return number

    accepted = [
        errands.run(lambda n=n: wait(n), then=done.append, or_else=never)  # type: ignore[misc] # bound now
        for n in range(CAPACITY + 3)
    ]
    assert accepted == [True] * CAPACITY + [False] * 3
    assert errands.stop(0.01) == ["errands"]  # it waits, and says so
    gate.set()
    assert errands.stop(WAIT_S) == []
    assert done == list(range(CAPACITY))
    assert not errands.run(lambda: 0, then=done.append, or_else=never)


def test_a_place_is_free_again_once_its_errand_is_done() -> None:
    errands, done = Errands(lambda tell: tell()), threading.Semaphore(0)

    def fail() -> None:
        raise OSError("disk full")

    for number in range(3 * CAPACITY):
        work = fail if number % 2 else (lambda: None)
        assert errands.run(
            work, then=lambda _: done.release(), or_else=lambda _: done.release()
        )
        assert done.acquire(timeout=WAIT_S)
    assert errands.stop(WAIT_S) == []


def test_whoever_asked_is_not_kept_until_the_next_errand() -> None:
    class Asker:
        def hear(self, _answer: object) -> None:
            told.set()

    told, gone = threading.Event(), threading.Event()
    errands, asker = Errands(lambda tell: tell()), Asker()
    assert errands.run(lambda: None, then=asker.hear, or_else=never)
    assert told.wait(WAIT_S)
    weakref.finalize(asker, gone.set)
    del asker
    assert gone.wait(WAIT_S)
    assert errands.stop(WAIT_S) == []


def test_without_an_errand_there_is_no_thread() -> None:
    before = set(threading.enumerate())
    errands = Errands(lambda tell: tell())
    assert set(threading.enumerate()) - before == set()
    assert errands.stop(WAIT_S) == []


@pytest.mark.parametrize("count", [1, 5])
def test_errands_are_done_in_order(count: int) -> None:
    done: list[int] = []
    errands = Errands(lambda tell: tell())
    for number in range(count):
        errands.run(lambda n=number: n, then=done.append, or_else=never)  # type: ignore[misc] # bound now
    assert errands.stop(WAIT_S) == []
    assert done == list(range(count))
