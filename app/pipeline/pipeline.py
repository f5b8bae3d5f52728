"""One run of one source: capture -> inference -> draw -> (record), a thread each.

"draw" makes what the others need of a frame: the part of it that the window shows,
at that size, and where it is recorded, the picture with its boxes.

    capture --captured--> inference --detected--> draw --shown--> the window
                              ^                     |
    detector --ready----------+                     +--recording--> record

Every thread of the app starts here. Live sources drop at `captured`, where the
newest frame wins; files wait everywhere and lose nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from app.errors import RecordingError
from app.pipeline.clip_rule import ClipWish
from app.pipeline.crew import Crew
from app.pipeline.events import EndReached, Finished, PipelineEvent, StageFailed
from app.pipeline.freed_memory import give_back
from app.pipeline.interfaces import (
    AfterDetection,
    Detector,
    Draw,
    Hider,
    Recorder,
    ScaleForScreen,
    Seekable,
    Stoppable,
    VideoSource,
    Watchable,
    Watches,
)
from app.pipeline.slot import Slot
from app.pipeline.stages.capture import CaptureStage
from app.pipeline.stages.draw import DrawStage
from app.pipeline.stages.inference import InferenceStage
from app.pipeline.stages.items import Cue, Detected, Loaded, Sink
from app.pipeline.stages.keeping import Replay
from app.pipeline.stages.loader import LoaderStage
from app.pipeline.stages.record import RecordStage
from app.pipeline.stages.replay import ReplayStage
from app.pipeline.stages.replaying import Replaying
from app.pipeline.stats import StatsSnapshot
from app.pipeline.transport import Transport
from app.settings import Settings
from app.types import Found, Result, Viewport

log = logging.getLogger(__name__)


class Pipeline:
    """Runs a source through a detector until its end, a failure or `stop`.

    Owns the threads; whoever made it owns the rest. `on_event` and `on_result`
    are called on those threads and must return at once; `on_event` may call any
    method but `stop` and `join`.
    """

    def __init__(
        self,
        source: VideoSource,
        detector: Detector,
        *,
        draw: Draw,
        settings: Settings,
        on_event: Callable[[PipelineEvent], None],
        on_result: Callable[[], None] = lambda: None,
        paced: bool = False,
        scale: ScaleForScreen | None = None,
        viewport: Viewport | None = None,
        after_detection: AfterDetection | Watches | None = None,
        replay: Replay | None = None,
        clips: ClipWish | None = None,
        hider: Hider | None = None,
    ) -> None:
        """Wire the stages; nothing runs until `start`.

        Args:
            source: opened, read and closed by the capture thread.
            detector: opened by the detector thread, used and closed by the
                inference thread.
            draw: called by the draw thread, where pixels are needed: to record.
            settings: read once per frame.
            on_event: told what happens; `Finished` comes last.
            on_result: told that `take_result` has something new.
            paced: play a file at its own speed, and wait at its end to be sent
                elsewhere if it can be; without it, as fast as it goes, once.
            scale: makes frames ready for `viewport`, on the draw thread.
            viewport: what the window sees of them; None: there is no window.
            after_detection: makes more of what is found, on the inference thread.
            replay: keeps the last seconds of a live source, on a thread of its own.
            clips: of what is kept, the events that become clips.
            hider: covers what the settings want hidden, before anybody sees it.
        """
        self._source = source
        self._settings = settings
        self._viewport = viewport
        self._on_event = on_event

        self._captured = Slot[Cue](drop_oldest=source.is_live)
        self._detected = Slot[Detected](drop_oldest=False)
        self._shown = Slot[tuple[int, Result]](drop_oldest=True)
        self._requested = Slot[Detector](drop_oldest=True)
        self._ready = Slot[Loaded](drop_oldest=False)
        self._transport = Transport()

        self._lock = threading.Lock()  # guards what follows
        self._failed = False
        self._recording: RecordStage | None = None
        self._is_delivering = True
        self._is_watched = True

        is_in_no_hurry = not (paced or source.is_live)
        self._capture = CaptureStage(
            source,
            captured=self._captured,
            transport=self._transport,
            is_paced=paced and not source.is_live,
            keeps_all=self._keeps_all,
            on_event=on_event,
        )
        self._inference = InferenceStage(
            captured=self._captured,
            ready=self._ready,
            detected=self._detected,
            is_stale=self._transport.is_stale,
            settings=lambda: self._settings,
            is_in_no_hurry=is_in_no_hurry,
            after_detection=after_detection,
            is_stills=lambda: bool(self._capture.info and self._capture.info.is_stills),
            hider=hider,
            on_event=on_event,
        )
        self._loader = LoaderStage(
            detector,
            requested=self._requested,
            ready=self._ready,
            favours_throughput=is_in_no_hurry,
            sample=lambda: self._inference.sample,
            on_event=on_event,
            on_replaced=self._transport.show_again,
        )
        self._draw = DrawStage(
            detected=self._detected,
            shown=self._shown,
            transport=self._transport,
            settings=lambda: self._settings,
            draw=draw,
            scale=scale,
            viewport=lambda: self._viewport,
            sinks=self._sinks,
            is_held=lambda: source.is_live and self._transport.is_paused,
            on_end=self._end,
            on_result=on_result,
        )
        self._crew = Crew(on_failure=self._fail, on_last=self._finish)
        self._crew.add("capture", self._capture.run, closes=(self._captured,))
        self._crew.add("detector", self._loader.run, closes=(self._requested,))
        self._crew.add(
            "inference",
            self._inference.run,
            closes=(self._captured, self._requested, self._ready, self._detected),
        )
        self._crew.add(
            "draw",
            self._draw.run,
            closes=(self._detected, self._shown),
            then=self._end_delivery,
        )

        self._replaying = Replaying(self._crew, self._make_replay_stage)
        if replay is not None and source.is_live:
            self._replaying.begin(replay, clips)

    # --- for the owner -------------------------------------------------------

    @property
    def is_live(self) -> bool:
        """True when the source is live."""
        return self._source.is_live

    def start(self) -> None:
        """Start every stage; once only."""
        self._crew.start()
        self._replaying.started()

    def request_stop(self) -> None:
        """Ask every stage to end, and return at once; `Finished` follows.

        A running recording is finished with what it has got.
        """
        self._transport.stop()
        if isinstance(self._source, Stoppable):
            self._source.stop()
        for slot in (self._captured, self._requested, self._ready, self._detected):
            slot.close()

    def stop(self, timeout: float = 2.0) -> list[str]:
        """Ask every stage to end; return the names of stages still alive."""
        self.request_stop()
        return self.join(timeout)

    def join(self, timeout: float | None = None) -> list[str]:
        """Wait up to `timeout` seconds; return the names of stages still alive."""
        return self._crew.join(timeout)

    def pause(self) -> None:
        """Hold the picture on show: a file waits, a live source is drained unseen.

        A recording of a live source goes on meanwhile: only the view is paused.
        """
        self._transport.pause()
        self._tell_watched()

    def resume(self) -> None:
        """Go on taking frames; from the end of a file, at its beginning."""
        self._transport.resume()
        self._tell_watched()

    @property
    def is_paused(self) -> bool:
        """True between `pause` and `resume`."""
        return self._transport.is_paused

    @property
    def can_seek(self) -> bool:
        """True when `seek`, `step` and `set_loops` do something."""
        return isinstance(self._source, Seekable)

    def seek(self, timestamp_s: float, *, is_exact: bool = True) -> None:
        """Show the frame of `timestamp_s`, paused or not; nothing older is shown.

        Of many seeks, the newest wins. Not exact, one near it will do if that one
        takes long to reach: for a hand that is still looking for the place.
        """
        if self.can_seek:
            self._transport.seek(timestamp_s, is_exact=is_exact)

    def step(self, count: int) -> None:
        """Pause, and show the frame `count` further on; back where negative."""
        if self.can_seek:
            self._transport.step(count)

    def set_speed(self, speed: float) -> None:
        """Play a file so many times as fast, from 0.25 to 4.

        Faster than 1, frames that come too late are left out, unless recorded.
        """
        self._transport.set_speed(speed)

    def set_loops(self, loops: bool) -> None:
        """Begin again at the end of a file, or stay there."""
        self._transport.set_loops(loops)

    def update_settings(self, settings: Settings) -> None:
        """Use `settings` from the next frame on; what is paused shows its own anew."""
        self._settings = settings
        self._transport.show_again()

    def set_viewport(self, viewport: Viewport | None) -> None:
        """Make frames ready for that part and size, from the next one on."""
        self._viewport = viewport

    def replace_detector(self, detector: Detector) -> None:
        """Load another detector beside the running one, then change over.

        `DetectorOpened` or `DetectorFailed` tells how it went. Of several
        requests made meanwhile, only the last is carried out.
        """
        self._loader.request(detector)

    def cancel_replacement(self) -> bool:
        """Stay with the running detector; no event tells of the other one.

        Returns:
            False where that is too late: the other one takes over, and
            `DetectorOpened` or `DetectorFailed` is told or about to be.
        """
        return self._loader.cancel()

    def start_recording(self, recorder: Recorder) -> None:
        """Record annotated pictures from the next one on, or what it wants instead.

        Raises:
            RecordingError: a recording is running, or nothing is.
        """
        with self._lock:
            if self._recording is not None:
                raise RecordingError(
                    "A recording is already running.", "Stop it first."
                )
            info = self._capture.info
            if info is None or not self._is_delivering:
                raise RecordingError(
                    "Nothing is playing, so there is nothing to record.",
                    "Open a camera or a file first.",
                )
            recording = RecordStage(
                recorder,
                info,
                on_event=self._on_event,
                on_over=lambda: self._forget(recording),
                found=self._found,
                replay=self._replaying.stage,
            )
            self._recording = recording
            closes = (recording.queue,)
            self._crew.add("record", recording.run, closes=closes).start()
        self._tell_watched()

    def stop_recording(self) -> None:
        """Finish the running recording, if any; `RecordingEnded` follows."""
        with self._lock:
            recording, self._recording = self._recording, None
        if recording is not None:
            recording.stop()
            self._tell_watched()

    def keep_replay(self, replay: Replay, *, clips: ClipWish | None = None) -> None:
        """Keep the past of a live source in `replay` from now on, and its events.

        Raises:
            RecordingError: the source is none.
        """
        if not self._source.is_live:
            replay.close()
            raise RecordingError(
                "Nothing is kept of a file.", "It can be sent back instead."
            )
        self._replaying.begin(replay, clips)
        self._tell_watched()

    def end_replay(self) -> None:
        """Forget what is kept, and keep nothing more."""
        self._replaying.end(for_good=False)
        self._tell_watched()

    def save_replay(self, path: Path, *, seconds: float | None = None) -> None:
        """Save what is kept of the past; `ReplaySaved` or `ReplayFailed` follows.

        Args:
            path: the clip; under another name where that is taken.
            seconds: the last so many; None: all.

        Raises:
            RecordingError: nothing is kept here.
        """
        self._replaying.save(path, seconds)

    def take_result(self) -> Result | None:
        """The newest result not yet taken; never waits."""
        taken = self._shown.take()
        if taken is None or self._transport.is_stale(taken[0]):
            return None
        return taken[1]

    def stats(self) -> StatsSnapshot:
        """Rates and counts of this moment."""
        with self._lock:
            recording = self._recording
        now_s = time.monotonic()
        return StatsSnapshot(
            capture_fps=self._capture.meter.rate_at(now_s),
            inference_fps=self._inference.meter.rate_at(now_s),
            frame_count=self._draw.frame_count,
            dropped=self._captured.dropped,
            recording_dropped=recording.dropped if recording else 0,
            recorded_s=recording.recorded_s if recording else None,
            replay=self._replaying.held,
        )

    # --- for the stages ------------------------------------------------------

    def _sinks(self) -> Iterable[Sink]:
        """Who wants the picture that is about to be shown."""
        with self._lock:
            recording = self._recording
        encodes = recording.replay if recording is not None else None
        sinks = dict.fromkeys((self._replaying.stage, encodes, recording))
        return [sink for sink in sinks if sink is not None]

    def _keeps_all(self) -> bool:
        """Whether pictures are kept that nobody sees."""
        return self._recording is not None or self._replaying.stage is not None

    def _make_replay_stage(self, replay: Replay, clips: ClipWish | None) -> ReplayStage:
        return ReplayStage(
            replay,
            info=lambda: self._capture.info,
            found=self._found,
            on_event=self._on_event,
            beside=lambda work: self._crew.add("clip", work, closes=()).start(),
            clips=clips,
        )

    def _found(self, result: Result) -> Found:
        sample = self._inference.sample
        return Found(
            result.detections,
            result.class_names,
            self._settings.score_threshold,
            sample.info.model_name if sample is not None else "",
        )

    def _end(self) -> None:
        self.stop_recording()
        self._on_event(EndReached())

    def _end_delivery(self) -> None:
        with self._lock:
            self._is_delivering = False
        self.stop_recording()
        self._replaying.end(for_good=True)

    def _forget(self, recording: RecordStage) -> None:
        with self._lock:
            if self._recording is recording:
                self._recording = None
        self._tell_watched()

    def _tell_watched(self) -> None:
        """Tell the source, if it minds, whether anybody looks or records."""
        if not isinstance(self._source, Watchable):
            return
        with self._lock:
            is_watched = not self._transport.is_paused or self._keeps_all()
            if is_watched != self._is_watched:
                self._is_watched = is_watched
                self._source.watch(is_watched)

    def _fail(self, stage: str, error: Exception) -> None:
        with self._lock:
            is_first, self._failed = not self._failed, True
        if is_first:
            log.debug("%s failed", stage, exc_info=error)
            self._on_event(StageFailed(stage, error))
        self.request_stop()

    def _finish(self) -> None:
        give_back()
        self._on_event(Finished())
