"""What app.pipeline.slot promises."""

import threading

import pytest

from app.pipeline.slot import Slot, SlotClosedError

WAIT_S = 20.0


def test_latest_item_wins_when_the_consumer_is_slow() -> None:
    slot = Slot[int](drop_oldest=True)
    for i in range(5):
        slot.put(i)
    assert slot.get(timeout=0) == 4
    assert slot.dropped == 4


def test_a_wider_slot_drops_only_the_oldest() -> None:
    slot = Slot[int](drop_oldest=True, capacity=3)
    for i in range(5):
        slot.put(i)
    slot.close()
    assert list(slot) == [2, 3, 4]
    assert slot.dropped == 2


@pytest.mark.parametrize("capacity", [1, 3])
def test_file_mode_loses_nothing(capacity: int) -> None:
    slot = Slot[int](drop_oldest=False, capacity=capacity)

    def produce() -> None:
        for i in range(100):
            slot.put(i)
        slot.close()

    thread = threading.Thread(target=produce)
    thread.start()
    assert list(slot) == list(range(100))
    thread.join(timeout=WAIT_S)
    assert not thread.is_alive()


def test_close_wakes_a_blocked_producer() -> None:
    slot = Slot[int](drop_oldest=False)
    slot.put(0)
    raised = threading.Event()

    def produce() -> None:
        with pytest.raises(SlotClosedError):
            slot.put(1)
        raised.set()

    threading.Thread(target=produce, daemon=True).start()
    slot.close()
    assert raised.wait(timeout=WAIT_S)
    assert slot.get(timeout=0) == 0
    with pytest.raises(SlotClosedError):
        slot.get(timeout=0)


def test_get_times_out() -> None:
    with pytest.raises(TimeoutError):
        Slot[int](drop_oldest=True).get(timeout=0.01)


def test_take_never_waits() -> None:
    slot = Slot[int](drop_oldest=False)
    assert slot.take() is None
    slot.put(7)
    assert slot.take() == 7
    slot.close()
    assert slot.take() is None


def test_a_slot_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="capacity must be >= 1, got 0"):
        Slot[int](drop_oldest=True, capacity=0)


def test_what_is_swapped_in_takes_the_place_of_what_waits() -> None:
    slot = Slot[int](drop_oldest=False)
    assert slot.swap(1) is None
    assert slot.swap(2) == 1
    assert slot.get(timeout=0) == 2
    assert slot.swap(3) is None
    assert slot.dropped == 0


def test_nothing_is_swapped_into_a_closed_slot() -> None:
    slot = Slot[int](drop_oldest=False)
    slot.put(1)
    slot.close()
    with pytest.raises(SlotClosedError):
        slot.swap(2)
    assert list(slot) == [1]


def test_what_is_swapped_in_wakes_who_waits_for_it() -> None:
    slot, got = Slot[int](drop_oldest=False), list[int]()
    thread = threading.Thread(target=lambda: got.append(slot.get(timeout=WAIT_S)))
    thread.start()
    slot.swap(7)
    thread.join(timeout=WAIT_S)
    assert got == [7]
