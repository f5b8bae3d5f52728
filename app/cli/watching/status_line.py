"""How it goes, for whoever looks once a day."""

from app.pipeline.events import (
    EventBegan,
    PipelineEvent,
    ReplayFailed,
    ReplaySaved,
    SourceInterrupted,
    SourceResumed,
)
from app.pipeline.stats import StatsSnapshot

EVERY_S = 3600.0


class StatusLine:
    """Counts what a run tells, and says it in a line."""

    def __init__(self, now_s: float) -> None:
        """Everything begins at `now_s`, on a monotonic clock."""
        self._began_s = self._said_s = now_s
        self._events = self._clips = self._interruptions = self._failures = 0
        self._is_away = False

    def hear(self, event: PipelineEvent) -> None:
        """Count it."""
        if isinstance(event, EventBegan):
            self._events += 1
        elif isinstance(event, ReplaySaved):
            self._clips += 1
        elif isinstance(event, ReplayFailed):
            self._failures += 1
        elif isinstance(event, SourceInterrupted):
            self._interruptions += not self._is_away  # told again where why changes
            self._is_away = True
        elif isinstance(event, SourceResumed):
            self._is_away = False

    def text(self, stats: StatsSnapshot, now_s: float) -> str:
        """As it is now: "up 3 d 4 h, 25 fps, 12 events, 12 clips, ..."."""
        parts = [
            f"up {how_long(now_s - self._began_s)}",
            "the source is away" if self._is_away else f"{stats.inference_fps:.0f} fps",
            f"{self._events} events",
            f"{self._clips} clips",
        ]
        if self._failures:
            parts.append(f"{self._failures} failed")
        if self._interruptions:
            parts.append(f"{self._interruptions} interruptions")
        if stats.replay is not None:
            held = stats.replay
            parts.append(f"{held.seconds:.0f} s kept in {held.size / 1e6:.0f} MB")
        return ", ".join(parts)

    def is_due(self, now_s: float) -> bool:
        """Whether it is to be said once more; true once each `EVERY_S`."""
        if now_s - self._said_s < EVERY_S:
            return False
        self._said_s = now_s
        return True


def how_long(seconds: float) -> str:
    """The two largest units: "3 d 4 h", "4 h 5 min", "5 min 6 s"."""
    units = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    left, parts = int(seconds), list[str]()
    for size, name in units:
        number, left = divmod(left, size)
        if number or parts or size == 1:
            parts.append(f"{number} {name}")
    return " ".join(parts[:2])
