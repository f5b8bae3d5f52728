"""What was shown in the last while, and the numbers that follow from it."""

import json
import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from app.pipeline.stats import FpsMeter, StatsSnapshot
from app.types import Result, StageTimes

# In the order in which a frame goes through them.
STAGES = tuple(field.name.removesuffix("_ms") for field in fields(StageTimes))
# What the plots show, in spans of so long; and of that, what p50 and p95 are made of:
# soon enough to see a change, long enough to mean something.
KEPT_S = 30.0
BIN_S = 0.25
NUMBERS_S = 10.0
# A file as fast as it goes may show hundreds of frames a second.
MOST = 4096


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


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """The last `KEPT_S` seconds, in spans of `BIN_S`; those without a frame left out.

    Attributes:
        ages_s: (B,) how long ago each span began, oldest first, all positive.
        stages_ms: (B, S) the mean time of each of `STAGES`; a row's sum is the mean
            latency of the span.
        counts: by class id, (B,) how many were found in a frame, as a mean; only
            classes that were found.
    """

    ages_s: NDArray[np.float64]
    stages_ms: NDArray[np.float64]
    counts: dict[int, NDArray[np.float64]]


class _Bin:
    """Sums over the frames of one span."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.frame_count = 0
        self.stages_ms = [0.0] * len(STAGES)
        self.counts = Counter[int]()

    def add(self, result: Result) -> None:
        self.frame_count += 1
        for index, value_ms in enumerate(_values(result.times)):
            self.stages_ms[index] += value_ms
        self.counts.update(result.detections.class_ids.tolist())


class History:
    """What was shown in the last `KEPT_S` seconds; one thread uses it.

    Attributes:
        class_names: of the newest frame, by class id.
    """

    def __init__(self) -> None:
        self._lately = deque[tuple[float, StageTimes]](maxlen=MOST)
        self._bins = deque[_Bin]()
        self._meter = FpsMeter()
        self.class_names: tuple[str, ...] = ()

    def add(self, result: Result, now_s: float) -> None:
        """`result` has just been shown."""
        if result.class_names != self.class_names:
            self.clear()  # another model: its class ids mean something else
            self.class_names = result.class_names
        self._meter.tick(now_s)
        self._lately.append((now_s, result.times))
        number = math.floor(now_s / BIN_S)
        if not self._bins or self._bins[-1].number != number:
            self._bins.append(_Bin(number))
        self._bins[-1].add(result)
        self._forget(now_s)

    def clear(self) -> None:
        """Begin anew, with another source."""
        self._lately.clear()
        self._bins.clear()
        self._meter = FpsMeter()

    def numbers(self, stats: StatsSnapshot, now_s: float) -> Numbers:
        """The rates of `stats`, with what was shown lately."""
        self._forget(now_s)
        lately = [times for _, times in self._lately]
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

    def timeline(self, now_s: float) -> Timeline:
        """What the plots show."""
        self._forget(now_s)
        bins = self._bins
        found = sorted({class_id for one in bins for class_id in one.counts})
        rows = {class_id: row for row, class_id in enumerate(found)}
        counts = np.zeros((len(found), len(bins)))
        # Not each class of each span: of a thousand classes, few are in one.
        for column, one in enumerate(bins):
            counts[[rows[i] for i in one.counts], column] = list(one.counts.values())
        frame_counts = np.array([one.frame_count for one in bins], float)
        sums_ms = np.array([one.stages_ms for one in bins]).reshape(-1, len(STAGES))
        counts /= frame_counts
        return Timeline(
            ages_s=np.array([now_s - one.number * BIN_S for one in bins]),
            stages_ms=sums_ms / frame_counts[:, np.newaxis],
            counts=dict(zip(found, counts, strict=True)),
        )

    def _forget(self, now_s: float) -> None:
        while self._lately and now_s - self._lately[0][0] > NUMBERS_S:
            self._lately.popleft()
        while self._bins and now_s - self._bins[0].number * BIN_S > KEPT_S:
            self._bins.popleft()


def percentile(ascending: Sequence[float], percent: float) -> float | None:
    """The least of the values that `percent` of them do not exceed (nearest rank)."""
    if not ascending:
        return None
    rank = math.ceil(percent / 100 * len(ascending))
    return ascending[max(rank, 1) - 1]


def _values(times: StageTimes) -> list[float]:
    return [getattr(times, f"{stage}_ms") for stage in STAGES]


def _means(times: Sequence[StageTimes]) -> dict[str, float]:
    if not times:
        return {}
    columns = zip(*(_values(one) for one in times), strict=True)
    means_ms = (math.fsum(column) / len(times) for column in columns)
    return dict(zip(STAGES, means_ms, strict=True))


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return value
