"""What a pipeline tells its owner; rare, so they may be queued."""

from dataclasses import dataclass, field

from app.pipeline.clip_rule import Occasion
from app.pipeline.interfaces import Detector
from app.types import DetectorInfo, RecordingInfo, VideoInfo


@dataclass(frozen=True, slots=True)
class SourceOpened:
    """The source is open; its first frame comes next."""

    info: VideoInfo


@dataclass(frozen=True, slots=True)
class SourceWarned:
    """It goes on, but the user should know this."""

    text: str


@dataclass(frozen=True, slots=True)
class SourceInterrupted:
    """A live source gives no frames, or the detector waits; again for a new reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class SourceResumed:
    """It is back, after so many seconds."""

    after_s: float


@dataclass(frozen=True, slots=True)
class EndReached:
    """The last frame is shown; the source waits there to be sent elsewhere."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What two detectors make of one object, where that is not the same.

    Attributes:
        class_name: what it is, as the model calls it.
        before: its score with the old one, in [0, 1]; None: it is new.
        after: its score with the new one; None: it is gone.
    """

    class_name: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Tryout:
    """A detector beside the one that it takes over from, on the same frame.

    Attributes:
        before_ms: median time of the old one's last frames, all its stages.
        after_ms: the new one's, on the same frame, while the old one went on.
        agreement: share of the detections that both have, in [0, 1]; None where
            there is nothing to compare: another model, or nothing in sight.
        differences: what differs more than the precision explains.
    """

    before_ms: float
    after_ms: float
    agreement: float | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class DetectorOpened:
    """This detector runs from the next frame on.

    Attributes:
        info: what it is.
        tryout: with the one before it; None when there was none, or no frame.
        detector: the one that was asked for.
    """

    info: DetectorInfo
    tryout: Tryout | None = None
    detector: Detector | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class DetectorFailed:
    """A replacement was no good; the detector before it goes on.

    Attributes:
        error: why.
        detector: the one that was asked for.
    """

    error: Exception
    detector: Detector | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """The recorder is ready to write to `path`."""

    path: str


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """The recording is over.

    Attributes:
        info: the finished file; None when nothing could be written.
        error: what ended it; None when it was stopped or the source ended.
    """

    info: RecordingInfo | None
    error: Exception | None


@dataclass(frozen=True, slots=True)
class EventBegan:
    """Something happened that is worth a clip.

    Attributes:
        occasion: why.
        clip: where its clip will be; empty: there will be none.
    """

    occasion: Occasion
    clip: str


@dataclass(frozen=True, slots=True)
class ReplaySaved:
    """The last seconds, or an event, are in a file.

    Attributes:
        info: the file.
        was_asked: by `save_replay`; an event is saved by itself.
    """

    info: RecordingInfo
    was_asked: bool = False


@dataclass(frozen=True, slots=True)
class ReplayFailed:
    """They could not be saved, or kept; what is kept still is.

    Attributes:
        error: why.
        was_asked: as of `ReplaySaved`; it may be asked again.
    """

    error: Exception
    was_asked: bool = False


@dataclass(frozen=True, slots=True)
class StageFailed:
    """The first failure of a stage; the others are ending because of it."""

    stage: str
    error: Exception


@dataclass(frozen=True, slots=True)
class Finished:
    """Every thread has ended; always the last event."""


PipelineEvent = (
    SourceOpened
    | SourceWarned
    | SourceInterrupted
    | SourceResumed
    | EndReached
    | DetectorOpened
    | DetectorFailed
    | RecordingStarted
    | RecordingEnded
    | EventBegan
    | ReplaySaved
    | ReplayFailed
    | StageFailed
    | Finished
)
