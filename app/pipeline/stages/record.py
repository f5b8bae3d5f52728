"""Writes one recording, on a clock that knows no jumps."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from app.pipeline.events import PipelineEvent, RecordingEnded, RecordingStarted
from app.pipeline.interfaces import Recorder
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.items import Cue, Shot
from app.pipeline.stages.playback import DEFAULT_FPS
from app.types import Frame, ImageBgr, VideoInfo

# Pictures that may wait for the encoder: rides out a slow disk for half a
# second, and at 4K (25 MB a picture) still stays under half a gigabyte.
RECORDING_QUEUE = 16


@dataclass(frozen=True, eq=False, slots=True)
class _Picture:
    image_bgr: ImageBgr
    timestamp_s: float
    is_after_jump: bool


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
        queue: closed to end the recording; what is in it is still written.
        recorded_s: how long what is written so far is on show, in seconds.
    """

    def __init__(
        self,
        recorder: Recorder,
        info: VideoInfo,
        *,
        on_event: Callable[[PipelineEvent], None],
        on_over: Callable[[], None],
    ) -> None:
        """Wire it.

        Args:
            recorder: opened, used and closed by `run`.
            info: what is recorded.
            on_event: told how it begins and ends.
            on_over: nothing more is taken; before the file is finished.
        """
        self._recorder = recorder
        self._info = info
        self._on_event = on_event
        self._on_over = on_over
        self._interval_s = float(1 / (info.fps or DEFAULT_FPS))
        self._clock = RecordingClock(self._interval_s)
        self.recorded_s = 0.0
        self.queue = Slot[_Picture](drop_oldest=info.is_live, capacity=RECORDING_QUEUE)

    def offer(self, shot: Shot) -> None:
        """Record it, unless it is the frame before once more; see `Sink`."""
        if shot.cue.is_again:
            return
        frame = shot.result.frame
        is_after_jump = self._clock.is_jump(shot.cue)
        timestamp_s = self._clock.time_s(shot.cue, frame)
        # A recording that failed says so itself; the show goes on.
        with suppress(SlotClosedError):
            self.queue.put(_Picture(shot.annotated_bgr, timestamp_s, is_after_jump))

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
            self._on_over()
        try:
            recorded = self._recorder.close()
        except Exception as failure:  # noqa: BLE001 - told by RecordingEnded
            error = error or failure
        if recorded is not None:
            recorded = replace(recorded, dropped=self.queue.dropped)
        self._on_event(RecordingEnded(recorded, error))

    def _write(self) -> None:
        self._recorder.open(self._info)
        self._on_event(RecordingStarted(self._recorder.path))
        first_s: float | None = None
        for picture in self.queue:
            if picture.is_after_jump:
                self._recorder.jump()
            self._recorder.write(picture.image_bgr, picture.timestamp_s)
            first_s = picture.timestamp_s if first_s is None else first_s
            self.recorded_s = picture.timestamp_s - first_s + self._interval_s
