"""What benchmarks.worker promises."""

from collections.abc import Iterator

import pytest

from benchmarks.worker import AbsentError, Worker

PEER = "tests.benchmarks.peer:"


@pytest.fixture(scope="module")
def sleeper() -> Iterator[Worker]:
    with Worker(f"{PEER}Sleeper", 0.02, turn_s=0.05) as worker:
        yield worker


def test_a_turn_is_timed_where_it_runs(sleeper: Worker) -> None:
    sample = sleeper.turn()
    assert sample.wall_ms >= 20
    assert sample.core_ms < 10  # it slept


def test_the_object_answers_questions(sleeper: Worker) -> None:
    assert sleeper.ask("plus_one", 41) == 42


def test_what_is_not_installed_is_absent_and_named() -> None:
    with pytest.raises(AbsentError, match=r"not installed \(no_such_library\)"):
        Worker(f"{PEER}absent_library")


def test_what_fails_says_why() -> None:
    with (
        Worker(f"{PEER}Sleeper", 0.0) as worker,
        pytest.raises(AbsentError, match=r"this and that.*peer\.py"),
    ):
        worker.ask("fail")


def test_a_peer_that_crashes_is_reported_and_not_waited_for() -> None:
    with (
        Worker(f"{PEER}Sleeper", 0.0) as worker,
        pytest.raises(AbsentError, match=r"died \(exit code 3\)"),
    ):
        worker.ask("die")
