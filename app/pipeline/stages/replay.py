"""Keeps the last seconds of a live source, and saves them when asked."""

import re
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.errors import RecordingError
from app.pipeline.clip_rule import (
    ClipDecider,
    ClipWish,
    Decision,
    EventReport,
    Occasion,
)
from app.pipeline.events import EventBegan, PipelineEvent, ReplayFailed, ReplaySaved
from app.pipeline.interfaces import Clip, Replay
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.items import Shot
from app.scene import Happening
from app.settings import Settings
from app.types import Found, Frame, ReplayHeld, VideoInfo

# Pictures that may wait for the encoder; it is spared rather than the view.
REPLAY_QUEUE = 4
# What happened in pictures that were passed over, until the next is there.
_MOST_HAPPENINGS = 1000


def file_name(title: str) -> str:
    """A title as it may stand in a file's name, on any system."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", title).strip(". ") or "event"


@dataclass(frozen=True, eq=False, slots=True)
class _Picture:
    frame: Frame
    found: Found
    inside: tuple[Happening, ...]


@dataclass(frozen=True, eq=False, slots=True)
class _Over:
    """An event that is, and its clip."""

    occasion: Occasion | None
    clip: Clip | None


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
        self._passed = deque[Happening](maxlen=_MOST_HAPPENINGS)
        self._now: Occasion | None = None  # what is going on
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
        happened = result.scene.happened
        # A picture may be passed over; that somebody crossed a line in it must not.
        self._passed.extend(one for one in happened if one.kind != "inside")
        inside = tuple(one for one in happened if one.kind == "inside")
        # One that failed has said so; the show goes on.
        with suppress(SlotClosedError):
            self.queue.put(_Picture(result.frame, found, inside))

    def run(self) -> None:
        """Keep pictures until `queue` is closed; what fails is told, not raised."""
        was_gap, covered = False, frozenset[str]()
        try:
            for picture in self.queue:
                frame, info = picture.frame, self._info()
                if not covered.issuperset(frame.covered_class_names):
                    self._forget()  # what is hidden from now on is seen in there
                covered = frozenset(frame.covered_class_names)
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
            self._finish(self._end())
            self._replay.close()

    def _forget(self) -> None:
        """Of an event that is on, the clip ends here."""
        if (clip := self._replay.end_clip()) is not None:
            self._beside(lambda: self._finish(_Over(None, clip)))
        self._replay.close()

    def _decide(self, picture: _Picture) -> None:
        """Begin or end a clip, as the rule has it."""
        clips, decider = self._clips, self._decider
        if clips is None or decider is None:
            return
        found = picture.found
        names = [found.class_names[i] for i in found.detections.class_ids.tolist()]
        passed = [self._passed.popleft() for _ in range(len(self._passed))]
        time_s = picture.frame.timestamp_s
        decision = decider.update(time_s, names, [*passed, *picture.inside])
        if decision is Decision.BEGIN:
            path = "" if clips.folder is None else self._begin(clips.folder)
            occasion = decider.occasion
            self._now = occasion
            clips.tell(EventReport(occasion, False, path, picture.frame.image_bgr))
            self._on_event(EventBegan(occasion, path))
        elif decision is Decision.END:
            over = self._end()
            if over.clip is None:
                self._finish(over)
            else:
                self._beside(lambda: self._finish(over))

    def _begin(self, folder: Path) -> str:
        """Begin a clip; where it will be, or nothing."""
        assert self._decider is not None
        assert self._clips is not None
        occasion, rule = self._decider.occasion, self._clips.rule
        stamp = time.strftime("%Y-%m-%d %H.%M.%S")
        path = folder / f"{file_name(occasion.title)} {stamp}.mp4"
        try:
            self._replay.begin_clip(
                path, seconds=rule.pre_s + occasion.trigger.lead_s, event=occasion.title
            )
        except RecordingError as error:  # the next event is tried anew
            self._on_event(ReplayFailed(error))
            return ""
        return str(path)

    def _end(self) -> _Over:
        """What was going on."""
        occasion, self._now = self._now, None
        return _Over(occasion, self._replay.end_clip())

    def _finish(self, over: _Over) -> None:
        path = ""
        try:
            if over.clip is not None:
                info = over.clip.finish()
                path = info.path
                self._on_event(ReplaySaved(info))
        except Exception as error:  # noqa: BLE001 - told by ReplayFailed
            self._on_event(ReplayFailed(error))
        if self._clips is None:
            return
        try:
            self._clips.tidy()
        except Exception as error:  # noqa: BLE001 - told by ReplayFailed
            self._on_event(ReplayFailed(error))
        if over.occasion is not None:
            self._clips.tell(EventReport(over.occasion, True, path))

    def save(self, path: Path, seconds: float | None) -> None:
        """Save what there is; how it went is told, not raised."""
        try:
            info = self._replay.save(path, seconds=seconds)
        except Exception as error:  # noqa: BLE001 - told by ReplayFailed
            self._on_event(ReplayFailed(error, was_asked=True))
        else:
            self._on_event(ReplaySaved(info, was_asked=True))
