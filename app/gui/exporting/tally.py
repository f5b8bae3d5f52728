"""How far a queue of exports is, how fast it goes, and how long it still takes."""

from collections import deque

# The speed is of so many seconds: a first model load, or frames that were known
# already, are soon forgotten.
WINDOW_S = 5.0


class Tally:
    """Frames done of frames to do; times are given, so a test needs no clock."""

    def __init__(self, jobs: int) -> None:
        """So many jobs, of unknown lengths."""
        self._jobs = jobs
        self._done: dict[int, int] = {}
        self._totals: dict[int, int] = {}
        self._ended: set[int] = set()
        self._seen: deque[tuple[float, int]] = deque()

    def tell(self, job: int, done: int, total: int, now_s: float) -> None:
        """So much of one is done; 0 in all: nobody knows how long it is."""
        self._done[job], self._totals[job] = done, max(done, total)
        self._look(now_s)

    def end(self, job: int, frame_count: int, now_s: float) -> None:
        """One has ended, with so many frames."""
        self._ended.add(job)
        if job in self._done or frame_count:
            count = max(frame_count, self._done.get(job, 0))
            self._done[job] = self._totals[job] = count
        self._look(now_s)

    @property
    def ended(self) -> int:
        """How many jobs are over."""
        return len(self._ended)

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1: of videos not open yet, the mean."""
        expected = self._expected()
        if not expected:
            return self.ended / self._jobs if self._jobs else 0.0
        return sum(self._done.values()) / expected

    @property
    def rate_fps(self) -> float:
        """Frames a second, of late; 0 where that is not known yet."""
        if len(self._seen) < 2:
            return 0.0
        (then_s, then), (now_s, now) = self._seen[0], self._seen[-1]
        return (now - then) / (now_s - then_s) if now_s > then_s else 0.0

    @property
    def left_s(self) -> float | None:
        """How long it still takes, at that speed; None: nobody knows."""
        if not self.rate_fps or not all(self._totals.values()):
            return None
        return (self._expected() - sum(self._done.values())) / self.rate_fps

    def _expected(self) -> float:
        if not self._totals:
            return 0.0
        known = sum(self._totals.values())
        to_come = self._jobs - len(self._totals.keys() | self._ended)
        return known + to_come * known / len(self._totals)

    def _look(self, now_s: float) -> None:
        self._seen.append((now_s, sum(self._done.values())))
        while self._seen[0][0] < now_s - WINDOW_S:
            self._seen.popleft()
