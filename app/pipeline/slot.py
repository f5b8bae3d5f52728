"""A small mailbox between two threads."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class SlotClosedError(Exception):
    """The slot was closed and holds nothing more."""


class Slot(Generic[T]):
    """Hand items from one producer thread to one consumer thread, in order.

    Holds at most `capacity` items.  With ``drop_oldest`` a new item pushes out
    the oldest one not yet taken (live camera); without it ``put`` waits (video
    file).

    Attributes:
        dropped: items pushed out so far.
    """

    def __init__(self, *, drop_oldest: bool, capacity: int = 1) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be >= 1, got {capacity}")
        self._drop_oldest = drop_oldest
        self._capacity = capacity
        self._changed = threading.Condition()
        self._items: deque[T] = deque()
        self._closed = False
        self.dropped = 0

    def put(self, item: T) -> None:
        """Offer `item`; raises SlotClosedError once the slot is closed."""
        with self._changed:
            if self._drop_oldest and self._is_full() and not self._closed:
                self._items.popleft()
                self.dropped += 1
            self._changed.wait_for(lambda: self._closed or not self._is_full())
            if self._closed:
                raise SlotClosedError
            self._items.append(item)
            self._changed.notify_all()

    def get(self, timeout: float | None = None) -> T:
        """Take the oldest item, waiting up to `timeout` seconds (None: for ever).

        Raises:
            TimeoutError: nothing arrived in time.
            SlotClosedError: closed, and the last item was already taken.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._items or self._closed, timeout):
                raise TimeoutError
            if not self._items:
                raise SlotClosedError
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def take(self) -> T | None:
        """Take the oldest item if there is one; never waits, never raises."""
        with self._changed:
            if not self._items:
                return None
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def swap(self, item: T) -> T | None:
        """Put `item` where the oldest waits, and return that one; never waits.

        Raises:
            SlotClosedError: it is closed, and keeps what it has.
        """
        with self._changed:
            if self._closed:
                raise SlotClosedError
            before = self._items.popleft() if self._is_full() else None
            self._items.append(item)
            self._changed.notify_all()
            return before

    def widen(self, capacity: int) -> None:
        """From now on, let so many wait, if that is more."""
        with self._changed:
            self._capacity = max(self._capacity, capacity)
            self._changed.notify_all()

    def close(self) -> None:
        """End the stream: a waiting or later `put` raises, `get` drains then raises."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _is_full(self) -> bool:
        return len(self._items) >= self._capacity

    def __iter__(self) -> Iterator[T]:
        while True:
            try:
                yield self.get()
            except SlotClosedError:
                return
