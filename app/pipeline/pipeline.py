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
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from app.errors import RecordingError, SourceError
from app.pipeline.annotate import annotate
from app.pipeline.comparison import Sample, try_out
from app.pipeline.events import (
    DetectorFailed,
    DetectorOpened,
    EndReached,
    Finished,
    PipelineEvent,
    RecordingEnded,
    RecordingStarted,
    SourceInterrupted,
    SourceOpened,
    SourceResumed,
    SourceWarned,
    StageFailed,
)
from app.pipeline.freed_memory import give_back
from app.pipeline.interfaces import (
    Detector,
    Draw,
    FollowsTime,
    Overlaps,
    Recorder,
    ScaleForScreen,
    Seekable,
    Stoppable,
    VideoSource,
    Warns,
    Watchable,
)
from app.pipeline.overlap import overlapping
from app.pipeline.playback import DEFAULT_FPS, Cue, Playback
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stats import FpsMeter, StatsSnapshot
from app.pipeline.transport import Transport
from app.settings import Settings
from app.types import (
    Comparison,
    Detections,
    DetectorInfo,
    Frame,
    ImageBgr,
    PendingDetections,
    Result,
    ScreenPicture,
    StageTimes,
    VideoInfo,
    Viewport,
)

log = logging.getLogger(__name__)

# Pictures that may wait for the encoder: rides out a slow disk for half a
# second, and at 4K (25 MB a picture) still stays under half a gigabyte.
RECORDING_QUEUE = 16
# Frames whose times a replacement is compared with.
RECENT = 15


@dataclass(frozen=True, eq=False, slots=True)
class _Detected:
    cue: Cue
    detections: Detections
    class_names: tuple[str, ...]
    times: StageTimes
    finished_at_s: float


@dataclass(frozen=True, eq=False, slots=True)
class _Begun:
    cue: Cue
    settings: Settings
    answer: PendingDetections


@dataclass(frozen=True, eq=False, slots=True)
class _Shot:
    image_bgr: ImageBgr
    timestamp_s: float
    is_after_jump: bool


class _Recording:
    """A recorder, what waits for it, and its clock, which knows no jumps."""

    def __init__(self, recorder: Recorder, *, is_live: bool, interval_s: float) -> None:
        self.recorder = recorder
        self.queue = Slot[_Shot](drop_oldest=is_live, capacity=RECORDING_QUEUE)
        self._interval_s = interval_s
        self._run: int | None = None
        self._offset_s = self._last_s = 0.0

    def put(self, cue: Cue, frame: Frame, annotated_bgr: ImageBgr) -> None:
        """Called by the draw thread alone; raises SlotClosedError once it is over."""
        is_after_jump = self._run is not None and cue.run != self._run
        if is_after_jump:  # on show for one interval, as its neighbours
            self._offset_s = self._last_s + self._interval_s - frame.timestamp_s
        self._run = cue.run
        self._last_s = frame.timestamp_s + self._offset_s
        self.queue.put(_Shot(annotated_bgr, self._last_s, is_after_jump))


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
        """
        self._source = source
        self._draw_overlay = draw
        self._settings = settings
        self._on_event = on_event
        self._on_result = on_result
        self._paced = paced and not source.is_live
        self._is_in_no_hurry = not (paced or source.is_live)
        self._scale = scale
        self._viewport = viewport

        live = source.is_live
        self._captured = Slot[Cue](drop_oldest=live)
        self._detected = Slot[_Detected](drop_oldest=False)
        self._shown = Slot[tuple[int, Result]](drop_oldest=True)
        self._requested = Slot[Detector](drop_oldest=True)
        self._ready = Slot[tuple[Detector, DetectorInfo]](drop_oldest=False)
        self._requested.put(detector)
        self._wanted: Detector | None = detector

        # Written by the inference thread, read by the detector thread.
        self._sample: Sample | None = None

        self._transport = Transport()

        self._capture_meter = FpsMeter()
        self._inference_meter = FpsMeter()
        self._frame_count = 0

        self._lock = threading.Lock()  # guards what follows
        self._failed = False
        self._info: VideoInfo | None = None
        self._recording: _Recording | None = None
        self._is_delivering = True
        self._running = 0
        self._threads = [
            self._stage("capture", self._capture, closes=(self._captured,)),
            self._stage("detector", self._detector, closes=(self._requested,)),
            self._stage(
                "inference",
                self._inference,
                closes=(self._captured, self._requested, self._ready, self._detected),
            ),
            self._stage("draw", self._draw, closes=(self._detected, self._shown)),
        ]

    # --- for the owner -------------------------------------------------------

    @property
    def is_live(self) -> bool:
        """True when the source is live."""
        return self._source.is_live

    def start(self) -> None:
        """Start every stage; once only."""
        for thread in list(self._threads):
            thread.start()

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
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._lock:
            threads = [t for t in self._threads if t.ident is not None]
        for thread in threads:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            thread.join(left)
        alive = [t.name for t in threads if t.is_alive()]
        if alive:
            log.warning("still running after %s s: %s", timeout, ", ".join(alive))
        return alive

    def pause(self) -> None:
        """Stop taking frames: a file waits, a live source is drained unseen."""
        self._transport.pause()
        self._watch(False)

    def resume(self) -> None:
        """Go on taking frames; from the end of a file, at its beginning."""
        self._watch(True)
        self._transport.resume()

    def _watch(self, is_watched: bool) -> None:
        if isinstance(self._source, Watchable):
            self._source.watch(is_watched)

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
        """Use `settings` from the next frame on; a paused file shows its own anew."""
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
        self._wanted = detector
        with suppress(SlotClosedError):  # the run is over: nothing to replace
            self._requested.put(detector)

    def cancel_replacement(self) -> None:
        """Stay with the running detector; no event tells of the other one."""
        self._wanted = None

    def start_recording(self, recorder: Recorder) -> None:
        """Record annotated pictures from the next one on.

        Raises:
            RecordingError: a recording is running, or nothing is.
        """
        with self._lock:
            if self._recording is not None:
                raise RecordingError(
                    "A recording is already running.", "Stop it first."
                )
            if self._info is None or not self._is_delivering:
                raise RecordingError(
                    "Nothing is playing, so there is nothing to record.",
                    "Open a camera or a file first.",
                )
            info = self._info
            recording = _Recording(
                recorder,
                is_live=self._source.is_live,
                interval_s=float(1 / (info.fps or DEFAULT_FPS)),
            )
            self._recording = recording
            thread = self._stage(
                "record",
                lambda: self._record(recording, info),
                closes=(recording.queue,),
            )
            self._threads.append(thread)
            thread.start()

    def stop_recording(self) -> None:
        """Finish the running recording, if any; `RecordingEnded` follows."""
        with self._lock:
            recording, self._recording = self._recording, None
        if recording is not None:
            recording.queue.close()

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
            capture_fps=self._capture_meter.rate_at(now_s),
            inference_fps=self._inference_meter.rate_at(now_s),
            frame_count=self._frame_count,
            dropped=self._captured.dropped,
            recording_dropped=recording.queue.dropped if recording else 0,
        )

    # --- stages, each on its own thread --------------------------------------

    def _capture(self) -> None:
        source = self._source
        try:
            try:
                info = source.open()
            except SourceError:
                if self._transport.is_stopped:  # because of that, most likely
                    return
                raise
            with self._lock:
                self._info = info
            self._on_event(SourceOpened(info))
            if source.is_live:
                self._follow(source)
            else:
                self._play(source, info)
        finally:
            source.close()

    def _follow(self, source: VideoSource) -> None:
        reason = ""  # of the interruption, if there is one
        heard_s = time.monotonic()
        for frame in source.frames():
            if self._transport.is_stopped:
                return
            if frame.gap and frame.gap != reason:
                self._on_event(SourceInterrupted(frame.gap))
            if not frame.gap:
                if reason:
                    self._on_event(SourceResumed(frame.captured_at_s - heard_s))
                heard_s = frame.captured_at_s
                self._capture_meter.tick(heard_s)
            reason = frame.gap
            if not self._transport.is_paused:
                self._hand_over(Cue(frame))

    def _play(self, source: VideoSource, info: VideoInfo) -> None:
        playback = Playback(
            source,
            info,
            self._transport,
            is_paced=self._paced,
            keeps_all=lambda: self._recording is not None,
        )
        self._tell_warnings(source)
        for cue in playback:
            if cue.frame is not None:
                self._capture_meter.tick(cue.frame.captured_at_s)
            self._hand_over(cue)
            self._tell_warnings(source)
        self._tell_warnings(source)

    def _hand_over(self, cue: Cue) -> None:
        self._captured.put(replace(cue, handed_at_s=time.monotonic()))

    def _tell_warnings(self, source: VideoSource) -> None:
        if isinstance(source, Warns):
            for text in source.take_warnings():
                self._on_event(SourceWarned(text))

    def _detector(self) -> None:
        is_first = True
        for detector in self._requested:
            try:
                if self._is_in_no_hurry:
                    overlapping(detector).favour_throughput()
                info = detector.open()
                comparison = self._try_out(detector, info)
            except Exception as error:  # a replacement may fail, the first may not
                detector.close()
                if is_first:
                    raise
                if detector is self._wanted:
                    self._on_event(DetectorFailed(error))
                continue
            if not is_first and detector is not self._wanted:
                detector.close()
                continue
            try:
                self._ready.put((detector, info))
            except SlotClosedError:
                detector.close()
                raise
            self._on_event(DetectorOpened(info, comparison))
            if not is_first:
                self._transport.show_again()
            is_first = False

    def _try_out(self, detector: Detector, info: DetectorInfo) -> Comparison | None:
        sample = self._sample
        # One that knows its video by heart would lose its place.
        if sample is None or isinstance(detector, FollowsTime):
            return None
        return try_out(detector, info, sample)

    def _inference(self) -> None:
        detector, info = self._ready.get()
        recent_ms: deque[float] = deque(maxlen=RECENT)
        looks, begun = overlapping(detector), deque[_Begun]()

        def answer(leave: int) -> None:
            while len(begun) > leave:
                self._answer(begun.popleft(), info, recent_ms)

        try:
            for cue in self._captured:
                if (newer := self._ready.take()) is not None:
                    answer(leave=0)
                    detector.close()
                    detector, info = newer
                    looks = overlapping(detector)
                    recent_ms.clear()
                if self._transport.is_stale(cue.seek_count):
                    continue
                begun.append(self._begin(detector, looks, cue))
                # An answer waits for the next picture: only where all are at hand.
                answer(leave=looks.depth - 1 if self._is_in_no_hurry else 0)
            answer(leave=0)
        finally:
            detector.close()
            self._ready.close()
            for unused, _ in self._ready:
                unused.close()

    def _begin(self, detector: Detector, looks: Overlaps, cue: Cue) -> _Begun:
        settings, frame = self._settings, cue.frame
        if frame is None or frame.gap:  # travels with the frames before it
            return _Begun(cue, settings, lambda: (Detections.empty(), StageTimes()))
        if isinstance(detector, FollowsTime):
            detector.follow(frame.timestamp_s)
        return _Begun(cue, settings, looks.begin(frame.image_bgr, settings))

    def _answer(
        self, begun: _Begun, info: DetectorInfo, recent_ms: deque[float]
    ) -> None:
        cue = begun.cue
        detections, times = begun.answer()
        finished_s = time.monotonic()
        if (frame := cue.frame) is not None and not frame.gap:
            self._inference_meter.tick(finished_s)
            recent_ms.append(times.latency_ms)
            self._sample = Sample(
                frame.image_bgr, begun.settings, detections, info, tuple(recent_ms)
            )
        times = _account(cue, times, finished_s)
        self._detected.put(
            _Detected(cue, detections, info.class_names, times, finished_s)
        )

    def _draw(self) -> None:
        meter = FpsMeter()
        try:
            for item in self._detected:
                cue, frame = item.cue, item.cue.frame
                if self._transport.is_stale(cue.seek_count):
                    continue
                if frame is None:
                    self.stop_recording()
                    self._on_event(EndReached())
                    continue
                result = Result(
                    frame,
                    item.detections,
                    item.class_names,
                    fps=meter.tick(time.monotonic()),
                    screen=self._make_ready(frame.image_bgr),
                )
                self._frame_count += 1
                self._offer_recording(cue, result)
                result = _finish(result, item)
                self._shown.put((cue.seek_count, result))
                self._transport.answer(cue.seek_count)
                self._on_result()
        finally:
            with self._lock:
                self._is_delivering = False
            self.stop_recording()

    def _make_ready(self, image_bgr: ImageBgr) -> ScreenPicture | None:
        viewport = self._viewport
        if viewport is None or self._scale is None:
            return None
        return ScreenPicture(self._scale(image_bgr, viewport), viewport)

    def _offer_recording(self, cue: Cue, result: Result) -> None:
        with self._lock:
            recording = self._recording
        if recording is None or cue.is_again:
            return
        image_bgr = annotate(result, self._draw_overlay, self._settings)
        # A recording that failed says so itself; the show goes on.
        with suppress(SlotClosedError):
            recording.put(cue, result.frame, image_bgr)

    def _record(self, recording: _Recording, info: VideoInfo) -> None:
        recorder, queue = recording.recorder, recording.queue
        error: Exception | None = None
        recorded = None
        try:
            recorder.open(info)
            self._on_event(RecordingStarted(recorder.path))
            for shot in queue:
                if shot.is_after_jump:
                    recorder.jump()
                recorder.write(shot.image_bgr, shot.timestamp_s)
        except Exception as failure:  # noqa: BLE001 - told by RecordingEnded
            error = failure
        finally:
            queue.close()
            with self._lock:
                if self._recording is recording:
                    self._recording = None
        try:
            recorded = recorder.close()
        except Exception as failure:  # noqa: BLE001 - told by RecordingEnded
            error = error or failure
        if recorded is not None:
            recorded = replace(recorded, dropped=queue.dropped)
        self._on_event(RecordingEnded(recorded, error))

    # --- mechanics -----------------------------------------------------------

    def _stage(
        self, name: str, work: Callable[[], None], closes: tuple[Slot[Any], ...]
    ) -> threading.Thread:
        self._running += 1

        def run() -> None:
            try:
                work()
            except SlotClosedError:
                log.debug("%s: stopped by a neighbour", name)
            except Exception as error:  # noqa: BLE001 - a stage reports, never hangs
                self._fail(name, error)
            finally:
                for slot in closes:
                    slot.close()
                with self._lock:
                    self._running -= 1
                    is_last = self._running == 0
                if is_last:
                    give_back()
                    self._on_event(Finished())

        return threading.Thread(target=run, name=name, daemon=True)

    def _fail(self, stage: str, error: Exception) -> None:
        with self._lock:
            is_first, self._failed = not self._failed, True
        if is_first:
            log.debug("%s failed", stage, exc_info=error)
            self._on_event(StageFailed(stage, error))
        self.request_stop()


def _account(cue: Cue, times: StageTimes, finished_s: float) -> StageTimes:
    """With the times before detection; what nobody accounts for was waiting."""
    if cue.frame is None:
        return times
    captured_s = cue.frame.captured_at_s
    times = replace(times, capture_ms=1e3 * (cue.handed_at_s - captured_s))
    wait_ms = 1e3 * (finished_s - captured_s) - times.latency_ms
    return replace(times, wait_ms=max(0.0, wait_ms))


def _finish(result: Result, item: _Detected) -> Result:
    now_s = time.monotonic()
    times = replace(item.times, draw_ms=1e3 * (now_s - item.finished_at_s))
    return replace(result, times=times, finished_at_s=now_s)
