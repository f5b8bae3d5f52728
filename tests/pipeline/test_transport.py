"""What app.pipeline.transport promises."""

import threading

import pytest

from app.pipeline.transport import Move, Transport
from tests.fakes import WAIT_S


def test_of_many_seeks_the_newest_wins_and_steps_add_up() -> None:
    transport = Transport()
    transport.step(5)
    transport.seek(1.0)
    transport.seek(2.0, is_exact=False)
    transport.step(2)
    transport.step(-5)
    assert transport.take_move() == Move(2, 2.0, is_exact=False, steps=-3)
    assert transport.take_move() is None


def test_a_step_pauses_and_a_seek_does_not() -> None:
    transport = Transport()
    transport.seek(1.0)
    assert not transport.is_paused
    transport.step(0)
    assert transport.is_paused


def test_a_move_that_comes_while_one_is_taken_is_not_lost() -> None:
    """It waits until the other one is taken, and is the next."""
    stepped = threading.Event()

    class Interrupted(Transport):
        """Somebody steps on in the middle of `take_move`."""

        @property
        def _move(self) -> Move | None:
            move = self.__dict__.get("move")
            if threading.current_thread() is threading.main_thread() and move:
                other.start()
                stepped.wait(0.1)  # in vain, where there is a lock
            return move

        @_move.setter
        def _move(self, move: Move | None) -> None:
            self.__dict__["move"] = move

    def step_on() -> None:
        transport.step(7)
        stepped.set()

    transport = Interrupted()
    other = threading.Thread(target=step_on)
    asker = threading.Thread(target=lambda: transport.step(3))
    asker.start()
    asker.join(WAIT_S)
    first = transport.take_move()
    other.join(WAIT_S)
    assert first is not None
    assert first.steps == 3
    assert transport.__dict__["move"].steps == 7


def test_the_frame_on_show_is_sent_again_only_where_nothing_else_comes() -> None:
    transport = Transport()
    transport.show_again()  # it plays: the next frame is anew anyway
    assert transport.take_move() is None
    transport.pause()
    transport.show_again()
    assert transport.take_move() == Move(0, None, is_exact=True, steps=0)
    transport.step(3)
    transport.show_again()  # shows another one anyway
    assert transport.take_move() == Move(0, None, is_exact=True, steps=3)


def test_what_was_captured_before_a_seek_is_stale_from_when_it_is_asked_for() -> None:
    transport = Transport()
    assert not transport.is_stale(0)
    transport.seek(1.0)
    assert transport.is_stale(0)
    assert not transport.is_stale(1)


def test_while_one_seek_follows_another_the_earlier_ones_may_be_shown() -> None:
    """A slider that is dragged: the third makes the first stale only once answered."""
    transport = Transport()
    transport.seek(1.0)
    transport.seek(2.0)
    assert not transport.is_stale(1)
    transport.answer(1)
    transport.seek(3.0)
    assert not transport.is_stale(1)  # the second is still to be answered
    transport.answer(3)
    transport.seek(4.0)
    assert transport.is_stale(3)
    assert not transport.is_stale(4)


def test_an_answer_that_comes_late_takes_nothing_back() -> None:
    transport = Transport()
    transport.seek(1.0)
    transport.seek(2.0)
    transport.answer(2)
    transport.answer(1)
    transport.seek(3.0)
    assert transport.is_stale(2)


@pytest.mark.parametrize(
    "change",
    [
        lambda transport: transport.pause(),
        lambda transport: transport.resume(),
        lambda transport: transport.set_speed(2.0),
        lambda transport: transport.set_loops(True),
        lambda transport: transport.seek(1.0),
        lambda transport: transport.step(1),
        lambda transport: transport.stop(),
    ],
)
def test_whatever_is_asked_for_ends_a_wait(change: object) -> None:
    transport = Transport()
    before = transport.changes
    assert not transport.wait(before, 0.0)
    is_over = threading.Event()

    def wait() -> None:
        if transport.wait(before, WAIT_S):
            is_over.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    change(transport)  # type: ignore[operator] # of the table above
    assert is_over.wait(WAIT_S)
    waiter.join(WAIT_S)


def test_a_change_that_was_before_the_wait_ends_it_too() -> None:
    transport = Transport()
    before = transport.changes
    transport.seek(1.0)
    assert transport.wait(before, 0.0)


@pytest.mark.parametrize("speed", [0.25, 4.0])
def test_the_slowest_and_the_fastest_speed_are_allowed(speed: float) -> None:
    transport = Transport()
    transport.set_speed(speed)
    assert transport.speed == speed


def test_a_seek_is_known_to_wait_until_it_is_taken() -> None:
    transport, seen = Transport(), list[bool]()
    transport.step(1)
    seen.append(transport.has_seek)
    transport.seek(0.0)
    seen.append(transport.has_seek)
    transport.take_move()
    seen.append(transport.has_seek)
    assert seen == [False, True, False]
