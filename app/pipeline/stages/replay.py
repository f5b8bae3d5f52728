"""Keeps the last seconds of a live source, and saves them when asked."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.errors import RecordingError
from app.pipeline.clip_rule import ClipDecider, ClipRule, Decision
from app.pipeline.events import PipelineEvent, ReplayFailed, ReplaySaved
from app.pipeline.interfaces import Clip, Replay
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.items import Shot
from app.settings import Settings
from app.types import Found, Frame, ReplayHeld, VideoInfo

# Pictures that may wait for the encoder; it is spared rather than the view.
REPLAY_QUEUE = 4


@dataclass(frozen=True, eq=False, slots=True)
class ClipWish:
    """Which events become clips, and where.

    Attributes:
        rule: what begins one.
        folder: where they go.
        tidy: called after each, to keep the folder small.
    """

    rule: ClipRule
    folder: Path
    tidy: Callable[[], object] = lambda: None


def file_name(class_name: str) -> str:
    """A class name as it may stand in a file's, on any system."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", class_name).strip(". ") or "event"


@dataclass(frozen=True, eq=False, slots=True)
class _Picture:
    frame: Frame
    found: Found


class ReplayStage:
    """A replay, and what waits for it.

    Attributes:
        queue: closed to end it.
    """

    def __init__(
        self,
        replay: Replay,
        *,
        info: Callable[[], VideoInfo | None],
        settings: Callable[[], Settings],
        model_name: Callable[[], str],
        on_event: Callable[[PipelineEvent], None],
        beside: Callable[[Callable[[], None]], None],
        clips: ClipWish | None = None,
    ) -> None:
        """Wire it.

        Args:
            replay: used and closed by `run`; saved from any thread.
            info: of the source, once it is open.
            settings: asked once per frame.
            model_name: of the model that finds.
            on_event: told what becomes of a save.
            beside: runs something on a thread of its own.
            clips: which events become clips; None: none.
        """
        self._replay = replay
        self._info = info
        self._settings = settings
        self._model_name = model_name
        self._on_event = on_event
        self._beside = beside
        self._clips = clips
        self._decider = ClipDecider(clips.rule) if clips else None
        self.queue = Slot[_Picture](drop_oldest=True, capacity=REPLAY_QUEUE)

    @property
    def held(self) -> ReplayHeld:
        """How much there is."""
        return self._replay.held

    def offer(self, shot: Shot) -> None:
        """Keep it, without its boxes; see `Sink`."""
        if shot.cue.is_again:
            return
        result = shot.result
        threshold = self._settings().score_threshold
        found = Found(
            result.detections, result.class_names, threshold, self._model_name()
        )
        # One that failed has said so; the show goes on.
        with suppress(SlotClosedError):
            self.queue.put(_Picture(result.frame, found))

    def run(self) -> None:
        """Keep pictures until `queue` is closed; what fails is told, not raised."""
        was_gap = False
        try:
            for picture in self.queue:
                frame, info = picture.frame, self._info()
                self._replay.add(
                    frame.image_bgr,
                    frame.timestamp_s,
                    picture.found,
                    fps=info.fps if info else None,
                    is_key=was_gap and not frame.gap,  # back again: a clip may begin
                )
                was_gap = bool(frame.gap)
                self._decide(picture)
        except Exception as error:  # noqa: BLE001 - told by ReplayFailed
            self._on_event(ReplayFailed(error))
        finally:
            self.queue.close()
            if (clip := self._replay.end_clip()) is not None:
                self._finish(clip)
            self._replay.close()

    def _decide(self, picture: _Picture) -> None:
        """Begin or end a clip, as the rule has it."""
        if self._clips is None or self._decider is None:
            return
        found = picture.found
        names = [found.class_names[i] for i in found.detections.class_ids.tolist()]
        decision = self._decider.update(picture.frame.timestamp_s, names)
        if decision is Decision.BEGIN:
            name, rule = self._decider.name, self._clips.rule
            stamp = time.strftime("%Y-%m-%d %H.%M.%S")
            try:
                self._replay.begin_clip(
                    self._clips.folder / f"{file_name(name)} {stamp}.mp4",
                    seconds=rule.pre_s + rule.at_least_s,
                    event=name,
                )
            except RecordingError as error:  # the next event is tried anew
                self._on_event(ReplayFailed(error))
        elif decision is Decision.END:
            clip = self._replay.end_clip()
            if clip is not None:
                self._beside(lambda: self._finish(clip))

    def _finish(self, clip: Clip) -> None:
        try:
            self._on_event(ReplaySaved(clip.finish()))
            if self._clips is not None:
                self._clips.tidy()
        except Exception as error:  # noqa: BLE001 - told by ReplayFailed
            self._on_event(ReplayFailed(error))

    def save(self, path: Path, seconds: float | None) -> None:
        """Save what there is; how it went is told, not raised."""
        try:
            info = self._replay.save(path, seconds=seconds)
        except Exception as error:  # noqa: BLE001 - told by ReplayFailed
            self._on_event(ReplayFailed(error))
        else:
            self._on_event(ReplaySaved(info))
