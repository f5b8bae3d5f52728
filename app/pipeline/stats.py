"""Rates and counts, for people."""

from collections import deque
from dataclasses import dataclass

from app.types import ReplayHeld


class FpsMeter:
    """Frames per second over the last `window_s` seconds; one thread ticks it.

    n ticks span n - 1 intervals, so two ticks one second apart are 1.0 fps.
    """

    def __init__(self, *, window_s: float = 1.0) -> None:
        self._window_s = window_s
        self._ticks: deque[float] = deque()
        self.fps = 0.0

    def tick(self, now_s: float) -> float:
        """Count a frame at `now_s` (monotonic); returns the rate, 0.0 if unknown."""
        ticks = self._ticks
        ticks.append(now_s)
        # Two ticks always stay, so that a rate below 1 / window_s is seen too.
        while len(ticks) > 2 and now_s - ticks[0] > self._window_s:
            ticks.popleft()
        span_s = ticks[-1] - ticks[0]
        self.fps = (len(ticks) - 1) / span_s if span_s > 0 else 0.0
        return self.fps

    def rate_at(self, now_s: float) -> float:
        """The rate as it looks at `now_s`: it falls once ticks stay away."""
        if not self._ticks:
            return 0.0
        silent_s = now_s - self._ticks[-1]
        return self.fps if silent_s <= self._window_s else min(self.fps, 1 / silent_s)


@dataclass(frozen=True, slots=True)
class StatsSnapshot:
    """How the pipeline is doing just now.

    Attributes:
        capture_fps: frames a second that the source gives.
        inference_fps: frames a second that the detector finished.
        frame_count: frames finished so far.
        dropped: live frames that a newer one replaced before the detector was
            free; 0 for files.
        recording_dropped: live frames that the running recording could not
            keep up with.
        recorded_s: the length of what the running recording has written, in
            seconds; it stands still while nothing is written. None where nothing
            is recorded.
        replay: how much of the past is kept; None where none is.
    """

    capture_fps: float
    inference_fps: float
    frame_count: int
    dropped: int
    recording_dropped: int
    recorded_s: float | None = None
    replay: ReplayHeld | None = None
