"""What the window plays: one pipeline after another, without ever waiting."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.errors import UserError
from app.gui.playing.bridge import PipelineBridge
from app.gui.playing.chores import Chores
from app.gui.playing.ending import LAST, Ending, hung
from app.gui.playing.lookup import Lookup, Made
from app.gui.playing.switching import Choice, Switching
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
    Tryout,
)
from app.pipeline.interfaces import Factories
from app.pipeline.stats import StatsSnapshot
from app.settings import Settings
from app.types import (
    DetectorInfo,
    Frame,
    Result,
    ScreenPicture,
    VideoInfo,
    Viewport,
)

if TYPE_CHECKING:
    from app.pipeline.pipeline import Pipeline

log = logging.getLogger(__name__)

# A camera that hangs is given up after so long; its thread ends when it can.
PATIENCE_MS = 3000


class Player(QObject):
    """Runs one source at a time; lives on the GUI thread.

    Another source is opened when the one before has stopped, or when patience is at
    its end: the same camera can be opened again, and one that hangs holds nobody up.

    Signals:
        starting: what was asked for can be opened; what played before ends.
        opened: the source's `VideoInfo`.
        warned: a sentence on something damaged; what is good of it goes on.
        interrupted: why a live source gives no frames; it is tried again and again.
        resumed: after how many seconds it is back.
        ended: the file's last frame is shown, and it waits there.
        result_ready: `take_result` has something new.
        detector_opened: the `DetectorInfo` of what runs from now on.
        detector_failed: the exception; the detector before goes on.
        prepared: the `Pipeline` that is about to run.
        told: a `PipelineEvent` that none of the others stands for.
        recording_started: the file's path.
        recording_ended: `RecordingInfo` or None, exception or None.
        settings_changed: the new `Settings`.
        rescaled: a `Frame` and the `ScreenPicture` made of it.
        failed: the stage's name and the exception; `finished` follows.
        watching: a run begins, with that watcher or None.
        finished: the source has ended, failed or been stopped.
    """

    starting = Signal()
    opened = Signal(object)
    warned = Signal(str)
    interrupted = Signal(str)
    resumed = Signal(float)
    ended = Signal()
    result_ready = Signal()
    detector_opened = Signal(object)
    detector_failed = Signal(object)
    prepared = Signal(object)
    told = Signal(object)
    recording_started = Signal(str)
    recording_ended = Signal(object, object)
    settings_changed = Signal(object)
    rescaled = Signal(object, object)
    failed = Signal(str, object)
    watching = Signal(object)
    finished = Signal()

    def __init__(
        self,
        factories: Factories,
        *,
        settings: Settings,
        model_path: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._factories = factories
        self._settings = settings
        self._switching = Switching((model_path, settings.device))
        self._first_path, self._first_model = model_path, settings.model
        self._run, self._is_stopping = 0, False
        self._pipeline: Pipeline | None = None
        self._bridge: PipelineBridge | None = None
        self._waiting: Made | None = None
        self.chores = Chores(self)
        self._lookup = Lookup(factories, self.chores.deliver)
        self._left: list[Pipeline] = []  # that hung
        self._patience = QTimer(self, interval=PATIENCE_MS, singleShot=True)
        self._patience.timeout.connect(self._give_up)
        self._viewport: Viewport | None = None
        self.source_text = ""
        self.ending: Ending | None = None  # of what was to be played last
        self.failure: Exception | None = None  # why, where it failed
        self.info: VideoInfo | None = None
        self.detector_info: DetectorInfo | None = None
        self.tryout: Tryout | None = None  # with the detector before
        self.is_recording, self.loops, self.speed = False, False, 1.0
        self.part_s: tuple[float, float] | None = None  # marked, without its end

    @property
    def settings(self) -> Settings:
        """What is in force; the device is the one that was asked for last."""
        return self._settings

    @property
    def model_path(self) -> Path:
        """The model file that runs, or will."""
        return self._switching.wanted[0]

    @property
    def is_switching(self) -> bool:
        """True while another model or device is being loaded."""
        return self._switching.is_switching

    @property
    def is_running(self) -> bool:
        """True from `open` until `finished`."""
        is_under_way = self._waiting is not None or self._lookup.is_looking
        return self._pipeline is not None or is_under_way

    @property
    def is_paused(self) -> bool:
        """True while a running source is held."""
        return self._pipeline is not None and self._pipeline.is_paused

    def open(self, text: str) -> None:
        """Play the source that `text` names, in place of what plays now.

        To see what it names may take a while (a sleeping disk, a network's), so
        that is done elsewhere; what plays goes on until then.
        """
        self._lookup.look(
            text,
            self._switching.wanted,
            is_tried=self._pipeline is not None,
            then=self._on_made,
            or_else=self._on_not_made,
        )

    def _on_made(self, made: Made) -> None:
        self.source_text = made.text
        self._waiting = made
        self.starting.emit()
        if self._pipeline is None:
            self._start_waiting()
        else:
            self._stop_pipeline(self._pipeline)

    def _on_not_made(self, error: Exception) -> None:
        if self._pipeline is None:
            self.ending, self.failure = Ending.FAILED, error
        self.failed.emit("source", error)

    def close(self) -> None:
        """Stop what plays, or is being opened; `finished` follows."""
        was_running = self.is_running
        self._waiting = None
        self._lookup.forget()
        self.ending, self.failure = Ending.CLOSED, None
        if self._pipeline is not None:
            self._stop_pipeline(self._pipeline)
        elif was_running:
            self.finished.emit()

    def _stop_pipeline(self, pipeline: "Pipeline") -> None:
        self._is_stopping = True  # what it still shows is nobody's business
        pipeline.request_stop()
        self._patience.start()

    def shut_down(self, timeout_s: float) -> list[str]:
        """Wait for the threads to end, once no event loop runs any more.

        Returns:
            The stages still alive after `timeout_s`: a camera that hangs.
        """
        self._waiting = None
        self._patience.stop()
        alive = self._pipeline.stop(timeout_s) if self._pipeline is not None else []
        for pipeline in self._left:
            alive += pipeline.join(0.0)
        return alive + self.chores.stop(timeout_s) + self._lookup.stop(timeout_s)

    @property
    def can_seek(self) -> bool:
        """True while a file plays, or waits at its end."""
        return self._pipeline is not None and self._pipeline.can_seek

    def pause(self) -> None:
        """Hold what plays."""
        if self._pipeline is not None:
            self._pipeline.pause()

    def resume(self) -> None:
        """Go on; from the end of a file, at its beginning."""
        if self._pipeline is not None:
            self._pipeline.resume()

    def seek(self, timestamp_s: float, *, is_exact: bool = True) -> None:
        """Show the frame of `timestamp_s`; see `Pipeline.seek`."""
        if self._pipeline is not None:
            self._pipeline.seek(timestamp_s, is_exact=is_exact)

    def step(self, count: int) -> None:
        """Pause, and show the frame `count` further on; back where negative."""
        if self._pipeline is not None:
            self._pipeline.step(count)

    def set_speed(self, speed: float) -> None:
        """Play files so many times as fast, this one and those to come."""
        self.speed = speed
        if self._pipeline is not None:
            self._pipeline.set_speed(speed)

    def set_loops(self, loops: bool) -> None:
        """Begin files again at their end, this one and those to come."""
        self.loops = loops
        if self._pipeline is not None:
            self._pipeline.set_loops(loops)

    def update_settings(self, settings: Settings) -> None:
        """Use other thresholds and the like from the next frame on."""
        self._settings = settings
        if self._pipeline is not None:
            self._pipeline.update_settings(settings)
        self.settings_changed.emit(settings)

    def use_device(self, device: str) -> None:
        """Run on another device, one of `app.settings.DEVICES`."""
        self._switch((self.model_path, device))

    def use_model(self, path: Path) -> None:
        """Run another model file, also at the next start."""
        self._switch((path, self._settings.device))

    def cancel_switch(self) -> None:
        """Stay with the detector that runs; the other one is thrown away.

        Where it has taken over already, `detector_opened` follows as ever.
        """
        pipeline = self._pipeline
        if pipeline and self.is_switching and pipeline.cancel_replacement():
            self._switching.stay()
            self._choose_device()

    def start_recording(self, path: Path) -> None:
        """Record to `path`, a name that is free."""
        if self._pipeline is None:
            return
        try:
            recorder = self._factories.make_recorder(
                path,
                split_minutes=self._settings.split_minutes,
                split_mb=self._settings.split_mb,
                is_clean=self._settings.record_clean,
            )
            self._pipeline.start_recording(recorder)
        except UserError as error:
            self.recording_ended.emit(None, error)
        else:
            self.is_recording = True

    def stop_recording(self) -> None:
        """Finish the file; `recording_ended` follows."""
        if self._pipeline is not None:
            self._pipeline.stop_recording()

    def set_viewport(self, viewport: Viewport) -> None:
        """Make frames ready for that part and size."""
        self._viewport = viewport
        if self._pipeline is not None:
            self._pipeline.set_viewport(viewport)

    def rescale(self, frame: Frame, viewport: Viewport) -> None:
        """Make `frame` ready once more, beside the window; `rescaled` follows."""
        if (scale := self._factories.scale) is None:
            return
        self.chores.pictures.run(
            lambda: ScreenPicture(scale(frame.image_bgr, viewport), viewport),
            then=lambda screen: self.rescaled.emit(frame, screen),
            or_else=lambda error: log.error("cannot scale", exc_info=error),
        )

    def take_result(self) -> Result | None:
        """The newest result, once."""
        if self._pipeline is None or self._bridge is None:
            return None
        self._bridge.taken()
        return self._pipeline.take_result()

    def stats(self) -> StatsSnapshot | None:
        """Rates and counts of what plays; None when nothing does."""
        return self._pipeline.stats() if self._pipeline is not None else None

    def _switch(self, choice: Choice) -> None:
        if self._pipeline is None:
            self._switching.wanted = choice
        else:
            detector = self._factories.make_detector(*choice)
            self._switching.ask(detector, choice)
            self._pipeline.replace_detector(detector)
        self._choose_device()

    @Slot()
    def _give_up(self) -> None:
        """What was asked to stop hangs: leave it alone."""
        if self._pipeline is not None:
            self._left.append(self._pipeline)
        if self._waiting is not None:
            self._start_waiting()
        elif self._pipeline is not None:
            self._run += 1
            self._forget_run()
            self.finished.emit()

    def _start_waiting(self) -> None:
        self._patience.stop()
        made, self._waiting = self._waiting, None
        assert made is not None
        from app.pipeline.pipeline import Pipeline  # after the window is painted

        self._run += 1
        self._forget_run()
        self.ending = self.failure = None
        detector, wanted = made.detector, self._switching.wanted
        if made.choice != wanted:  # chosen in between
            detector = self._factories.make_detector(*wanted)
        self._switching.begin(detector)
        bridge = PipelineBridge(self._run, self)
        bridge.result_ready.connect(self._on_result)
        bridge.happened.connect(self._on_event)
        self._bridge, watcher = bridge, self._factories.make_watcher()
        self.watching.emit(watcher)
        self._pipeline = Pipeline(
            *(made.source, detector),
            draw=self._factories.draw,
            settings=self._settings,
            on_event=bridge.tell,
            on_result=bridge.notify,
            paced=True,
            scale=self._factories.scale,
            viewport=self._viewport,
            after_detection=watcher,
            hider=self._factories.make_hider(),
        )
        self._pipeline.set_speed(self.speed)
        self._pipeline.set_loops(self.loops)
        self.prepared.emit(self._pipeline)
        self._pipeline.start()

    def _forget_run(self) -> None:
        if self.is_recording:  # a run that hangs cannot say so itself
            self.is_recording = False
            self.recording_ended.emit(None, hung())
        # The bridge stays, as our child: an abandoned run may still speak to it.
        self._pipeline = self._bridge = None
        self.info = None
        self._switching.end()
        self._is_stopping = False

    @Slot(int)
    def _on_result(self, run: int) -> None:
        if run == self._run and not self._is_stopping:
            self.result_ready.emit()

    @Slot(int, object)
    def _on_event(self, run: int, event: PipelineEvent) -> None:
        log.debug("run %d of %d: %s", run, self._run, event)
        if run != self._run or (self._is_stopping and not isinstance(event, LAST)):
            return
        if isinstance(event, SourceOpened):
            self.info = event.info
            self.opened.emit(event.info)
        elif isinstance(event, SourceWarned):
            self.warned.emit(event.text)
        elif isinstance(event, SourceInterrupted):
            self.interrupted.emit(event.reason)
        elif isinstance(event, SourceResumed):
            self.resumed.emit(event.after_s)
        elif isinstance(event, EndReached):
            self.ended.emit()
        elif isinstance(event, DetectorOpened):
            self.detector_info, self.tryout = event.info, event.tryout
            self._switching.took_over(event.detector)
            self.detector_opened.emit(event.info)
        elif isinstance(event, DetectorFailed):
            self._switching.gave_up(event.detector)
            self._choose_device()
            self.detector_failed.emit(event.error)
        elif isinstance(event, RecordingStarted):
            self.recording_started.emit(event.path)
        elif isinstance(event, RecordingEnded):
            self.is_recording = False
            self.recording_ended.emit(event.info, event.error)
        elif isinstance(event, StageFailed):
            if event.stage == "detector" and self.is_switching:
                self.open(self.source_text)  # with what was chosen meanwhile
                return
            self.ending, self.failure = Ending.FAILED, event.error
            self.failed.emit(event.stage, event.error)
        elif isinstance(event, Finished):
            self._finish()
        else:
            self.told.emit(event)

    def _choose_device(self) -> None:
        """The settings name the device and the model that are wanted now."""
        path, device = self._switching.wanted
        # What the app was started with says nothing of the next start.
        model = self._first_model if path == self._first_path else str(path)
        self.update_settings(replace(self._settings, device=device, model=model))

    def _finish(self) -> None:
        self._patience.stop()
        self._forget_run()
        if self._waiting is not None:
            self._start_waiting()
        else:
            if not self._lookup.is_looking:  # for what will play instead
                self.ending = self.ending or Ending.PLAYED
            self.finished.emit()
