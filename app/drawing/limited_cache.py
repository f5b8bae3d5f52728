"""Small pictures that come again and again, kept within a limit."""

from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class LimitedCache(Generic[V]):
    """Values by key, until they take too much room; then all are made anew.

    For any thread: two may make the same at a time, and one of them stays.
    """

    def __init__(self, most_bytes: int) -> None:
        """Nothing is kept yet."""
        self._most_bytes = most_bytes
        self._bytes = 0
        self._values: dict[Hashable, V] = {}

    def find(self, key: Hashable) -> V | None:
        """What was kept for `key`."""
        return self._values.get(key)

    def keep(self, key: Hashable, value: V, size: int) -> V:
        """Keep `value`, which takes `size` bytes, and give it back."""
        if self._bytes + size > self._most_bytes:
            self._values.clear()
            self._bytes = 0
        self._bytes += size
        self._values[key] = value
        return value
