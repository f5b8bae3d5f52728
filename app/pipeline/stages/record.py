"""Writes one recording, on a clock that knows no jumps."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from app.pipeline.events import PipelineEvent, RecordingEnded, RecordingStarted
from app.pipeline.interfaces import Recorder
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.items import Cue, Shot
from app.pipeline.stages.keeping import RecordsClean
from app.pipeline.stages.playback import DEFAULT_FPS
from app.pipeline.stages.replay import ReplayStage
from app.types import Found, Frame, ImageBgr, Result, VideoInfo

# Pictures that may wait for the encoder: rides out a slow disk for half a
# second, and at 4K (25 MB a picture) still stays under half a gigabyte.
RECORDING_QUEUE = 16
# Those that are encoded already are small, and none may be left out.
ENCODED_QUEUE = 100


@dataclass(frozen=True, eq=False, slots=True)
class _Picture:
    image_bgr: ImageBgr
    timestamp_s: float
    is_after_jump: bool
    found: Found | None  # None: the picture has its boxes


@dataclass(frozen=True, eq=False, slots=True)
class _Encoded:
    encoded: Sequence[object]
    timestamp_s: float


class RecordingClock:
    """The time of each frame in the recording; jumps in the source leave no gap."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._run: int | None = None
        self._offset_s = self._last_s = 0.0

    def is_jump(self, cue: Cue) -> bool:
        """Whether `cue` is no neighbour of the frame before."""
        return self._run is not None and cue.run != self._run

    def time_s(self, cue: Cue, frame: Frame) -> float:
        """When `frame` of `cue` is on show, on the recording's clock."""
        if self.is_jump(cue):  # on show for one interval, as its neighbours
            self._offset_s = self._last_s + self._interval_s - frame.timestamp_s
        self._run = cue.run
        self._last_s = frame.timestamp_s + self._offset_s
        return self._last_s


class RecordStage:
    """A recorder, what waits for it, and its clock.

    Attributes:
        queue: of what waits; when the recording ends, it is still written.
        replay: which encodes for the recording; None: it does by itself.
        recorded_s: how long what is written so far is on show, in seconds.
    """

    def __init__(
        self,
        recorder: Recorder,
        info: VideoInfo,
        *,
        on_event: Callable[[PipelineEvent], None],
        on_over: Callable[[], None],
        found: Callable[[Result], Found],
        replay: ReplayStage | None = None,
    ) -> None:
        """Wire it.

        Args:
            recorder: opened, used and closed by `run`.
            info: what is recorded.
            on_event: told how it begins and ends.
            on_over: nothing more is taken; before the file is finished.
            found: what a result says of its picture.
            replay: what keeps the clean picture meanwhile, if anything does.
        """
        self._recorder = recorder
        self._info = info
        self._on_event = on_event
        self._on_over = on_over
        self._interval_s = float(1 / (info.fps or DEFAULT_FPS))
        self._clock = RecordingClock(self._interval_s)
        self.recorded_s = 0.0
        self._found = found
        self._failure: Exception | None = None
        self._clean = recorder if isinstance(recorder, RecordsClean) else None
        self.queue = Slot[_Picture | _Encoded](
            drop_oldest=False, capacity=ENCODED_QUEUE
        )
        self.replay: ReplayStage | None = None
        self._dropped_by_its_end: int | None = None
        if self._clean is not None and replay is not None and replay.encode_for(self):
            self.replay = replay
            self._dropped_before = replay.queue.dropped
        else:
            self.queue = Slot(drop_oldest=info.is_live, capacity=RECORDING_QUEUE)

    @property
    def dropped(self) -> int:
        """How many pictures were left out, for want of time."""
        if self.replay is None:
            return self.queue.dropped
        by_now = self._dropped_by_its_end
        if by_now is None:
            by_now = self.replay.queue.dropped
        return by_now - self._dropped_before

    def offer(self, shot: Shot) -> None:
        """Record it, unless it is the frame before once more; see `Sink`."""
        if shot.cue.is_again or self.replay is not None:
            return
        frame = shot.result.frame
        is_after_jump = self._clock.is_jump(shot.cue)
        timestamp_s = self._clock.time_s(shot.cue, frame)
        # A recording that failed says so itself; the show goes on.
        with suppress(SlotClosedError):
            if self._clean is not None:
                image_bgr, found = frame.image_bgr, self._found(shot.result)
            else:
                image_bgr, found = shot.annotated_bgr, None
            self.queue.put(_Picture(image_bgr, timestamp_s, is_after_jump, found))

    def take(self, encoded: Sequence[object], timestamp_s: float) -> None:
        """Of `replay`; see `Taker`."""
        with suppress(SlotClosedError):
            self.queue.put(_Encoded(encoded, timestamp_s))

    def end(self, error: Exception | None = None) -> None:
        """`replay` has nothing more; see `Taker`."""
        if self.replay is not None:
            self._dropped_by_its_end = self.replay.queue.dropped
        self._failure = self._failure or error
        self.queue.close()

    def stop(self) -> None:
        """End it; what was offered is still written."""
        if self.replay is not None:
            self.replay.leave(self)
        else:
            self.queue.close()

    def run(self) -> None:
        """Write until `queue` is closed; what fails is told, not raised."""
        error: Exception | None = None
        recorded = None
        try:
            self._write()
        except Exception as failure:  # noqa: BLE001 - told by RecordingEnded
            error = failure
        finally:
            self.queue.close()
            self.stop()
            self._on_over()
        try:
            recorded = self._recorder.close()
        except Exception as failure:  # noqa: BLE001 - told by RecordingEnded
            error = error or failure
        if recorded is not None:
            recorded = replace(recorded, dropped=self.dropped)
        self._on_event(RecordingEnded(recorded, error))

    def _write(self) -> None:
        self._recorder.open(self._info)
        self._on_event(RecordingStarted(self._recorder.path))
        first_s: float | None = None
        for item in self.queue:
            self._write_item(item)
            first_s = item.timestamp_s if first_s is None else first_s
            self.recorded_s = item.timestamp_s - first_s + self._interval_s
        if self._failure is not None:
            raise self._failure

    def _write_item(self, item: _Picture | _Encoded) -> None:
        if isinstance(item, _Encoded):
            assert self._clean is not None
            for encoded in item.encoded:
                self._clean.write_encoded(encoded)
            return
        if item.is_after_jump:
            self._recorder.jump()
        if item.found is None or self._clean is None:
            self._recorder.write(item.image_bgr, item.timestamp_s)
        else:
            self._clean.write_clean(item.image_bgr, item.timestamp_s, item.found)
