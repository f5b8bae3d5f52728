"""Samples that were decoded ahead, by their place in the file."""

import threading
from collections import deque
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

RATE_HZ, CHANNELS = 48_000, 2
# (n, 2) float32, left and right in [-1, 1].
Samples: TypeAlias = NDArray[np.float32]

# Kept behind what was asked for: a picture that goes back a little finds it again.
BEHIND = RATE_HZ // 2
AHEAD = 2 * RATE_HZ


class SampleStore:
    """Filled by who decodes, read by who plays; places are samples from time zero."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._blocks: deque[tuple[int, Samples]] = deque()
        self._wanted = 0
        self._is_over = False

    def put(self, at: int, samples: Samples) -> None:
        """Keep `samples`, the first of which belongs at `at`, behind all others."""
        with self._changed:
            self._blocks.append((at, samples))
            while self._blocks and self._end_of(0) < self._wanted - BEHIND:
                self._blocks.popleft()

    def end(self) -> None:
        """Nothing follows what is there."""
        with self._changed:
            self._is_over = True

    def clear(self) -> None:
        """Forget all: what comes now is from elsewhere."""
        with self._changed:
            self._blocks.clear()
            self._is_over = False

    def want(self, at: int) -> None:
        """What is there from `at` on is asked for soon."""
        with self._changed:
            self._wanted = at
            blocks = self._blocks
            if not blocks or not blocks[0][0] <= at < self._end_of(-1):
                self._changed.notify_all()

    def wait(self, timeout_s: float) -> None:
        """Until something is asked for."""
        with self._changed:
            self._changed.wait(timeout_s)

    def has(self, at: int) -> bool:
        """Whether there is anything at `at`, or could not be."""
        with self._changed:
            return bool(self._blocks) and self._blocks[0][0] <= at < self._end_of(-1)

    def seek_place(self) -> int | None:
        """Where to decode from instead; None: go on with what follows."""
        with self._changed:
            if not self._blocks:
                return None if self._is_over else self._wanted
            begins, ends = self._blocks[0][0], self._end_of(-1)
            is_far_ahead = self._wanted > ends + RATE_HZ and not self._is_over
            return self._wanted if self._wanted < begins or is_far_ahead else None

    def is_full(self) -> bool:
        """Whether enough is decoded for now."""
        with self._changed:
            if self._is_over:
                return True
            return bool(self._blocks) and self._end_of(-1) > self._wanted + AHEAD

    def take(self, at: int, count: int) -> Samples:
        """(count, 2) from `at` on; silence where there is nothing."""
        taken = np.zeros((count, CHANNELS), np.float32)
        with self._changed:
            blocks = [b for b in self._blocks if b[0] < at + count]
        for begins, samples in blocks:
            first, last = max(at, begins), min(at + count, begins + len(samples))
            if first < last:
                taken[first - at : last - at] = samples[first - begins : last - begins]
        return taken

    def _end_of(self, index: int) -> int:
        begins, samples = self._blocks[index]
        return begins + len(samples)
