"""The same pipeline without a window: a source, an annotated file, a summary."""

import queue
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from app.cli.watching.status_line import StatusLine
from app.errors import ModelError, UserError
from app.pipeline.clip_rule import ClipWish
from app.pipeline.events import (
    DetectorOpened,
    EventBegan,
    Finished,
    PipelineEvent,
    RecordingEnded,
    ReplayFailed,
    ReplaySaved,
    SourceInterrupted,
    SourceOpened,
    SourceResumed,
    SourceWarned,
    StageFailed,
)
from app.pipeline.interfaces import Factories, Recorder, VideoSource
from app.pipeline.pipeline import Pipeline
from app.pipeline.stats import StatsSnapshot
from app.settings import Settings
from app.types import DetectorInfo, RecordingInfo

PROGRESS_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class ReplayWish:
    """What to keep, to be saved when the process is told so.

    Attributes:
        keep_s: so many seconds.
        folder: where the clips go.
        clips: which events become clips by themselves; None: none.
        times_asked: how often it was asked, until now, to save what is kept.
    """

    keep_s: float
    folder: Path
    clips: ClipWish | None = None
    times_asked: Callable[[], int] = lambda: 0


def run_headless(
    factories: Factories,
    *,
    source: VideoSource,
    model_path: Path,
    settings: Settings,
    record_path: Path | None,
    say: Callable[[str], None],
    is_asked_to_end: Callable[[], bool] = lambda: False,
    replay: ReplayWish | None = None,
    name: str | None = None,
) -> RecordingInfo | None:
    """Run `source` to its end, or until asked to end, and record it if asked to.

    Asked to end, it finishes the recording with what it has.

    Args:
        factories: how to make the detector, the recorder and the overlay.
        source: a file runs as fast as it goes, a camera until asked to end.
        model_path: the .onnx file.
        settings: thresholds and device.
        record_path: the file to write, annotated unless the settings want it clean;
            None detects only.
        say: prints one line.
        is_asked_to_end: asked all the time.
        replay: what to keep of a live source, to be saved when asked.
        name: stands before the progress, where there are several.

    Returns:
        The finished recording; None without `record_path`.

    Raises:
        UserError: a bad input, or what broke down on the way. What was recorded
            until then is kept, and named by `say`.
        KeyboardInterrupt: a file was cut short when asked to end; what was recorded
            is finished.
    """
    run = _Run(
        *(factories, source, model_path, settings, record_path, say),
        is_asked_to_end=is_asked_to_end,
        wish=replay,
        name=name,
    )
    return run.to_the_end()


class _Run:
    def __init__(
        self,
        factories: Factories,
        source: VideoSource,
        model_path: Path,
        settings: Settings,
        record_path: Path | None,
        say: Callable[[str], None],
        *,
        is_asked_to_end: Callable[[], bool],
        wish: ReplayWish | None,
        name: str | None,
    ) -> None:
        self._say = say
        self._name = name
        self._is_asked_to_end = is_asked_to_end
        self._wish = wish
        self._saves = wish.times_asked() if wish else 0
        kept = None
        if wish is not None and factories.make_replay is not None:
            if not source.is_live:
                raise UserError(
                    "--replay and --clips are for cameras and streams.",
                    "Export a file instead.",
                )
            kept = factories.make_replay(
                wish.keep_s,
                is_recorded=settings.record_clean and record_path is not None,
            )
        self._recorder: Recorder | None = None
        if record_path is not None:
            self._recorder = factories.make_recorder(
                record_path, is_clean=settings.record_clean
            )
        # No SimpleQueue: a signal near the end of a timeout makes its `get` wait for
        # ever (CPython 3.11 and 3.12).
        self._events: queue.Queue[PipelineEvent] = queue.Queue()
        self._error: Exception | None = None
        self._recorded: RecordingInfo | None = None
        self._device = ""
        self._pipeline = Pipeline(
            source,
            factories.make_detector(model_path, settings.device),
            draw=factories.draw,
            settings=settings,
            on_event=self._on_event,
            after_detection=factories.make_watcher(),
            replay=kept,
            clips=wish.clips if wish else None,
            hider=factories.make_hider(),
        )
        self._hidden = settings.covered_class_names
        self._status = StatusLine(time.monotonic())

    def to_the_end(self) -> RecordingInfo | None:
        started_s = time.monotonic()
        was_asked = False
        self._pipeline.start()
        with tqdm(
            unit=" frames", disable=None, file=sys.stderr, desc=self._name
        ) as progress:
            while True:
                event = self._next_event()
                self._save_replay()
                if isinstance(event, SourceOpened):
                    progress.total = event.info.frame_count
                stats = self._pipeline.stats()
                progress.update(stats.frame_count - progress.n)
                if self._wish is not None:
                    self._tell_status(progress, stats)
                if isinstance(event, Finished):
                    break
                if not was_asked and self._is_asked_to_end():
                    was_asked = True
                    self._pipeline.request_stop()
        self._summarize(time.monotonic() - started_s, was_asked=was_asked)
        if self._error is not None:
            raise self._error
        if was_asked and not self._pipeline.is_live:
            raise KeyboardInterrupt
        return self._recorded

    def _tell_status(self, progress: "tqdm[Any]", stats: StatsSnapshot) -> None:
        """Beside the progress, and once an hour in whatever the rest is written to."""
        now_s = time.monotonic()
        text = self._status.text(stats, now_s)
        progress.set_postfix_str(text, refresh=False)
        if self._status.is_due(now_s):
            self._say(text)

    def _save_replay(self) -> None:
        if self._wish is None or self._wish.times_asked() == self._saves:
            return
        self._saves = self._wish.times_asked()
        name = f"replay {time.strftime('%Y-%m-%d %H.%M.%S')}.mp4"
        try:
            self._pipeline.save_replay(self._wish.folder / name)
        except UserError as error:
            self._say(str(error))

    def _on_event(self, event: PipelineEvent) -> None:
        # On the capture thread, before the first frame: none goes unrecorded.
        if isinstance(event, SourceOpened) and self._recorder is not None:
            self._pipeline.start_recording(self._recorder)
        self._events.put(event)

    def _next_event(self) -> PipelineEvent | None:
        try:
            event = self._events.get(timeout=PROGRESS_EVERY_S)
        except queue.Empty:
            return None
        self._status.hear(event)
        if isinstance(event, DetectorOpened):
            self._device = event.info.device
            note = f" ({event.info.note})" if event.info.note else ""
            self._say(f"{event.info.model_name} runs on {event.info.device}{note}")
            self._check_classes(event.info)
            self._tell_hidden(event.info)
        elif isinstance(event, SourceWarned):
            self._say(event.text)
        elif isinstance(event, SourceInterrupted):
            self._say(f"{event.reason} Waiting for it.")
        elif isinstance(event, SourceResumed):
            self._say(f"Back again after {event.after_s:.0f} s.")
        elif isinstance(event, EventBegan):
            self._say(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {event.occasion.title}")
        elif isinstance(event, ReplaySaved):
            self._say(f"Saved {event.info.path}: {event.info.duration_s:.1f} s")
            for note in event.info.notes:
                self._say(note)
        elif isinstance(event, ReplayFailed):
            self._say(str(event.error))
        elif isinstance(event, StageFailed):
            self._error = self._error or event.error
        elif isinstance(event, RecordingEnded):
            self._recorded = event.info
            if event.error is not None:
                self._error = self._error or event.error
                self._pipeline.request_stop()
        return event

    def _check_classes(self, model: DetectorInfo) -> None:
        """See that what it is to look for can be found at all."""
        clips = self._wish.clips if self._wish is not None else None
        wanted = {
            "hide": self._hidden,
            "look for": clips.rule.class_names if clips else (),
        }
        for verb, names in wanted.items():
            unknown = sorted(set(names) - set(model.class_names))
            if unknown:
                self._error = self._error or ModelError(
                    f"{model.model_name} has no class {', '.join(unknown)} to {verb}.",
                    f"Its classes are {', '.join(model.class_names)}.",
                )
                self._pipeline.request_stop()

    def _tell_hidden(self, model: DetectorInfo) -> None:
        if self._hidden and not set(self._hidden) - set(model.class_names):
            self._say(f"Hidden in every picture: {', '.join(self._hidden)}")

    def _summarize(self, elapsed_s: float, *, was_asked: bool) -> None:
        count = self._pipeline.stats().frame_count
        if self._recorded is not None:
            length_s = self._recorded.duration_s
            self._say(
                f"Wrote {self._recorded.path}: {self._recorded.frame_count} "
                + (f"frames, {length_s:.2f} s" if length_s else "photos")
            )
            for note in self._recorded.notes:
                self._say(note)
        if count:
            self._say(
                f"{count} frames in {elapsed_s:.1f} s on {self._device} "
                f"({count / elapsed_s:.0f} a second)"
            )
        lost = self._pipeline.stats().dropped
        lost += self._recorded.dropped if self._recorded is not None else 0
        if lost:
            # What is live and ends by itself is a file: no camera does.
            is_file = not was_asked and self._error is None
            self._say(
                f"{lost} frames were passed over: they came faster than they "
                "could be looked at."
                + (" A video on a server is whole once downloaded." if is_file else "")
            )
        if self._error is None and not count and not was_asked:
            self._error = UserError(
                "The source ended before its first frame.", "Choose another one."
            )
