"""What was shown in the last while, and the numbers that follow from it."""

import json
import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from app.pipeline.stats import FpsMeter, StatsSnapshot
from app.types import Result, StageTimes

# In the order in which a frame goes through them.
STAGES = tuple(field.name.removesuffix("_ms") for field in fields(StageTimes))
# What the plots show; and of that, what p50 and p95 are made of: soon enough to see
# a change, long enough to mean something.
KEPT_S = 30.0
NUMBERS_S = 10.0
# A file as fast as it goes may show hundreds of frames a second.
MOST = 4096


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame that was shown.

    Attributes:
        shown_at_s: `time.monotonic()`.
        times: the last stage, showing it, included.
        counts: how many of each class id were found, hidden ones too.
    """

    shown_at_s: float
    times: StageTimes
    counts: dict[int, int]


@dataclass(frozen=True, slots=True)
class Numbers:
    """How it all does just now; latencies are of the last ten seconds.

    Attributes:
        capture_fps: frames a second that the source gives.
        inference_fps: frames a second that the detector finishes.
        shown_fps: frames a second that the window paints.
        latency_p50_ms: of a frame from capture until it is painted, the median; None
            where none was shown lately.
        latency_p95_ms: one in twenty takes longer.
        stages_ms: where the time goes, by stage, as means; their sum is the mean
            latency.
        frame_count: frames finished so far.
        dropped: live frames that a newer one replaced.
        recording_dropped: live frames that the recording could not keep up with.
    """

    capture_fps: float
    inference_fps: float
    shown_fps: float
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    stages_ms: dict[str, float]
    frame_count: int
    dropped: int
    recording_dropped: int

    @property
    def latency_mean_ms(self) -> float | None:
        """The sum of the stages; None where no frame was shown lately."""
        return math.fsum(self.stages_ms.values()) if self.stages_ms else None

    def to_json(self) -> str:
        """For a bug report or a table; numbers to a hundredth."""
        values = asdict(self) | {"latency_mean_ms": self.latency_mean_ms}
        return json.dumps(_rounded(values), indent=2)


class History:
    """The frames shown in the last `KEPT_S` seconds; one thread uses it.

    Attributes:
        class_names: of the newest one, by class id.
    """

    def __init__(self) -> None:
        self._moments: deque[Moment] = deque(maxlen=MOST)
        self._meter = FpsMeter()
        self.class_names: tuple[str, ...] = ()

    def add(self, result: Result, now_s: float) -> None:
        """`result` has just been shown."""
        if result.class_names != self.class_names:
            self.clear()  # another model: its class ids mean something else
            self.class_names = result.class_names
        counts = Counter(result.detections.class_ids.tolist())
        self._moments.append(Moment(now_s, result.times, dict(counts)))
        self._meter.tick(now_s)
        self._forget(now_s)

    def clear(self) -> None:
        """Begin anew, with another source."""
        self._moments.clear()
        self._meter = FpsMeter()

    def moments(self, now_s: float) -> list[Moment]:
        """Those that are still of interest, oldest first."""
        self._forget(now_s)
        return list(self._moments)

    def numbers(self, stats: StatsSnapshot, now_s: float) -> Numbers:
        """The rates of `stats`, with what was shown lately."""
        lately = [
            moment.times
            for moment in self.moments(now_s)
            if now_s - moment.shown_at_s <= NUMBERS_S
        ]
        latencies_ms = sorted(times.latency_ms for times in lately)
        return Numbers(
            capture_fps=stats.capture_fps,
            inference_fps=stats.inference_fps,
            shown_fps=self._meter.rate_at(now_s),
            latency_p50_ms=percentile(latencies_ms, 50),
            latency_p95_ms=percentile(latencies_ms, 95),
            stages_ms=_means(lately),
            frame_count=stats.frame_count,
            dropped=stats.dropped,
            recording_dropped=stats.recording_dropped,
        )

    def _forget(self, now_s: float) -> None:
        moments = self._moments
        while moments and now_s - moments[0].shown_at_s > KEPT_S:
            moments.popleft()


def percentile(ascending: Sequence[float], percent: float) -> float | None:
    """The least of the values that `percent` of them do not exceed (nearest rank)."""
    if not ascending:
        return None
    rank = math.ceil(percent / 100 * len(ascending))
    return ascending[max(rank, 1) - 1]


def _means(times: Sequence[StageTimes]) -> dict[str, float]:
    if not times:
        return {}
    return {
        stage: math.fsum(getattr(one, f"{stage}_ms") for one in times) / len(times)
        for stage in STAGES
    }


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return value
