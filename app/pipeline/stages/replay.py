"""Keeps the last seconds of a live source, and saves them when asked."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.errors import RecordingError
from app.pipeline.clip_rule import (
    ClipDecider,
    ClipWish,
    Decision,
    EventReport,
    Occasion,
)
from app.pipeline.events import EventBegan, PipelineEvent, ReplayFailed, ReplaySaved
from app.pipeline.slot import Slot, SlotClosedError
from app.pipeline.stages.items import Shot
from app.pipeline.stages.keeping import Clip, Replay
from app.scene import Happening
from app.types import Found, Frame, ReplayHeld, Result, VideoInfo

# Pictures that may wait for the encoder; it is spared rather than the view.
REPLAY_QUEUE = 4
# While they are recorded, too: as many as may wait for any recording.
RECORDED_QUEUE = 16
# What happened in pictures that were passed over, until the next is there.
_MOST_HAPPENINGS = 1000


def file_name(title: str) -> str:
    """A title as it may stand in a file's name, on any system."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", title).strip(". ") or "event"


class Taker(Protocol):
    """A recording of what is encoded for the replay anyway."""

    def take(self, encoded: Sequence[object], timestamp_s: float) -> None:
        """What was made of a picture of that time; may wait."""
        ...

    def end(self, error: Exception | None = None) -> None:
        """There is no more, or something failed."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class _Picture:
    frame: Frame
    found: Found
    inside: tuple[Happening, ...]
    number: int
    taker: Taker | None


@dataclass(frozen=True, eq=False, slots=True)
class _Over:
    """An event that is, and its clip."""

    occasion: Occasion | None
    clip: Clip | None


class ReplayStage:
    """A replay, and what waits for it.

    Attributes:
        queue: of what waits.
    """

    def __init__(
        self,
        replay: Replay,
        *,
        info: Callable[[], VideoInfo | None],
        found: Callable[[Result], Found],
        on_event: Callable[[PipelineEvent], None],
        beside: Callable[[Callable[[], None]], None],
        clips: ClipWish | None = None,
    ) -> None:
        """Wire it.

        Args:
            replay: used and closed by `run`; saved from any thread.
            info: of the source, once it is open.
            found: what a result says of its picture.
            on_event: told what becomes of a save.
            beside: runs something on a thread of its own.
            clips: which events become clips; None: none.
        """
        self._replay = replay
        self._info = info
        self._found = found
        self._on_event = on_event
        self._beside = beside
        self._clips = clips
        self._decider = ClipDecider(clips.rule) if clips else None
        self._passed = deque[Happening](maxlen=_MOST_HAPPENINGS)
        self._now: Occasion | None = None  # what is going on
        self.queue = Slot[_Picture](drop_oldest=True, capacity=REPLAY_QUEUE)
        self._sizes: list[tuple[int, ...]] = []  # of the first picture, and the last
        self._lock = threading.Lock()  # guards what follows
        self._is_kept, self._is_over = True, False
        self._offered = self._done = 0
        self._taker: Taker | None = None
        self._leaving: dict[Taker, int] = {}  # until that picture is done

    @property
    def held(self) -> ReplayHeld:
        """How much there is."""
        return self._replay.held

    def offer(self, shot: Shot) -> None:
        """Keep it, without its boxes; see `Sink`."""
        if shot.cue.is_again:
            return
        result = shot.result
        found = self._found(result)
        happened = result.scene.happened
        # A picture may be passed over; that somebody crossed a line in it must not.
        self._passed.extend(one for one in happened if one.kind != "inside")
        inside = tuple(one for one in happened if one.kind == "inside")
        with self._lock:
            self._offered += 1
            number, taker = self._offered, self._taker
        # One that failed has said so; the show goes on.
        with suppress(SlotClosedError):
            self.queue.put(_Picture(result.frame, found, inside, number, taker))

    def encode_for(self, taker: Taker) -> bool:
        """Let `taker` have what is encoded, from the next picture on, until `leave`.

        Returns:
            False where it has to encode by itself: this has ended, or its pictures
            have another size by now, or somebody else takes them.
        """
        with self._lock:
            if self._is_over or not self._is_kept or self._taker is not None:
                return False
            if len(set(self._sizes)) > 1:
                return False
            self._taker = taker
        self.queue.widen(RECORDED_QUEUE)
        return True

    def leave(self, taker: Taker) -> None:
        """`taker` wants nothing more than what was offered until now."""
        with self._lock:
            if self._taker is taker:
                self._taker, self._leaving[taker] = None, self._offered
            self._let_leave()

    def end(self) -> None:
        """Keep nothing any more; it goes on as long as somebody takes."""
        with self._lock:
            self._is_kept = False
            self._let_leave()

    def _let_leave(self) -> None:
        """Those who have all they want; the last one puts out the light."""
        for taker in [who for who, at in self._leaving.items() if at <= self._done]:
            del self._leaving[taker]
            taker.end()
        if not (self._is_kept or self._taker or self._leaving):
            self.queue.close()

    def run(self) -> None:
        """Keep pictures until `queue` is closed; what fails is told, not raised."""
        was_gap, covered = False, frozenset[str]()
        taker: Taker | None = None
        failure: Exception | None = None
        try:
            for picture in self.queue:
                frame, info = picture.frame, self._info()
                is_key = was_gap and not frame.gap  # back again: a clip may begin
                if not covered.issuperset(frame.covered_class_names):
                    self._forget()  # what is hidden from now on is seen in there
                    is_key = True
                covered = frozenset(frame.covered_class_names)
                is_key = is_key or picture.taker not in (None, taker)
                taker = picture.taker
                encoded = self._replay.add(
                    frame.image_bgr,
                    frame.timestamp_s,
                    picture.found,
                    fps=info.fps if info else None,
                    is_key=is_key,
                )
                was_gap = bool(frame.gap)
                if taker is not None:
                    taker.take(encoded, frame.timestamp_s)
                self._sizes = [*self._sizes[:1], frame.image_bgr.shape]
                with self._lock:
                    self._done = picture.number
                    self._let_leave()
                if self._is_kept:
                    self._decide(picture)
                else:
                    self._conclude(self._end())
                    self._replay.clear()
        except Exception as error:  # noqa: BLE001 - told by ReplayFailed
            failure = error
            self._on_event(ReplayFailed(error))
        finally:
            self.queue.close()
            self._dismiss(failure)
            self._finish(self._end())
            self._replay.close()

    def _dismiss(self, failure: Exception | None) -> None:
        """All who still take."""
        with self._lock:
            self._is_over = True
            takers = [*self._leaving, *([self._taker] if self._taker else [])]
            self._taker, self._leaving = None, {}
        for taker in takers:
            taker.end(failure)

    def _forget(self) -> None:
        """Of an event that is on, the clip ends here."""
        self._conclude(_Over(None, self._replay.end_clip()))
        self._replay.clear()

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
                self._conclude(over)

    def _conclude(self, over: _Over) -> None:
        """Finish it on a thread of its own, if there is anything."""
        if over.clip is not None or over.occasion is not None:
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
