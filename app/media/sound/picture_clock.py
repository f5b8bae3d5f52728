"""Where the picture is, from when its frames were shown: the clock that sound obeys."""

import threading
from collections import deque
from statistics import median

# Frames are shown a little early and late; the middle of so many is the truth.
FRAMES = 15
# So far off, a frame is no late one: the picture has gone elsewhere.
JUMP_S = 0.25
# In so long, frames that are further apart than that from their own time are a picture
# that cannot keep up: sound would stutter after it.
STEADY_S, SPREAD_S = 1.0, 0.12
# Of a picture that stands for so long nobody knows whether it moves.
STALE_S = 1.5


class PictureClock:
    """What time of the file is on show; noted on one thread, asked on another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # (when it was shown, by how much that is ahead of its own time)
        self._shown: deque[tuple[float, float]] = deque(maxlen=120)

    def note(self, timestamp_s: float, shown_at_s: float) -> None:
        """The frame of `timestamp_s` is on show from `shown_at_s`."""
        offset_s = shown_at_s - timestamp_s
        with self._lock:
            shown = self._shown
            if shown and abs(offset_s - self._offset_s()) > JUMP_S:
                shown.clear()
            shown.append((shown_at_s, offset_s))
            while shown[0][0] < shown_at_s - STEADY_S and len(shown) > FRAMES:
                shown.popleft()

    def hold(self) -> None:
        """It stands still, or goes elsewhere: what was noted is of no use."""
        with self._lock:
            self._shown.clear()

    def position_s(self, at_s: float) -> float | None:
        """What is on show `at_s`; None: nobody knows, or it stumbles."""
        with self._lock:
            if not self._shown or at_s - self._shown[-1][0] > STALE_S:
                return None
            offsets_s = [offset_s for _, offset_s in self._shown]
            if max(offsets_s) - min(offsets_s) > SPREAD_S:
                return None
            return at_s - self._offset_s()

    def _offset_s(self) -> float:
        return median([offset_s for _, offset_s in list(self._shown)[-FRAMES:]])
