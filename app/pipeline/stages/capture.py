"""Reads a source, as the user asks."""

import time
from collections.abc import Callable
from dataclasses import replace

from app.errors import SourceError
from app.pipeline.events import (
    PipelineEvent,
    SourceInterrupted,
    SourceOpened,
    SourceResumed,
    SourceWarned,
)
from app.pipeline.interfaces import VideoSource, Warns
from app.pipeline.slot import Slot
from app.pipeline.stages.items import Cue
from app.pipeline.stages.playback import Playback
from app.pipeline.stats import FpsMeter
from app.pipeline.transport import Transport
from app.types import Frame, VideoInfo


class CaptureStage:
    """Opens a source, gives its frames away, and closes it.

    Attributes:
        info: what the source says of itself; None until it is open.
        meter: of the frames it gives.
    """

    def __init__(
        self,
        source: VideoSource,
        *,
        captured: Slot[Cue],
        transport: Transport,
        is_paced: bool,
        keeps_all: Callable[[], bool],
        on_event: Callable[[PipelineEvent], None],
    ) -> None:
        """Wire it.

        Args:
            source: opened, read and closed by `run`.
            captured: where the frames go.
            transport: whom to obey.
            is_paced: a file at its own speed; without it, as fast as it goes.
            keeps_all: whether no frame may be left out: late, or though a live
                source is paused.
            on_event: told what happens to the source.
        """
        self._source = source
        self._warns = source if isinstance(source, Warns) else None
        self._captured = captured
        self._transport = transport
        self._is_paced = is_paced
        self._keeps_all = keeps_all
        self._on_event = on_event
        self.info: VideoInfo | None = None
        self.meter = FpsMeter()

    def run(self) -> None:
        """Read until the source ends or the transport is stopped.

        Raises:
            SourceError: it cannot be opened, or broke down.
            SlotClosedError: nobody takes the frames any more.
        """
        source = self._source
        try:
            try:
                info = source.open()
            except SourceError:
                if self._transport.is_stopped:  # because of that, most likely
                    return
                raise
            self.info = info
            self._on_event(SourceOpened(info))
            if source.is_live:
                self._follow()
            else:
                self._play(info)
        finally:
            source.close()

    def _follow(self) -> None:
        reason = ""  # of the interruption, if there is one
        heard_s = time.monotonic()
        on_show: Frame | None = None  # where the view is paused
        was_again = False
        for frame in self._source.frames():
            if self._transport.is_stopped:
                return
            if frame.gap and frame.gap != reason:
                self._on_event(SourceInterrupted(frame.gap))
            if not frame.gap:
                if reason:
                    self._on_event(SourceResumed(frame.captured_at_s - heard_s))
                heard_s = frame.captured_at_s
                self.meter.tick(heard_s)
            reason = frame.gap
            if not self._transport.is_paused:
                on_show = frame
            # In place of this frame: behind it, it would be pushed out. So of a
            # recording that goes on meanwhile every second frame is there at least.
            was_again = (
                not was_again
                and on_show is not None
                and on_show is not frame
                and self._transport.take_move() is not None
            )
            if was_again:
                self._hand_over(Cue(on_show, is_again=True))
            elif not self._transport.is_paused or self._keeps_all():
                self._hand_over(Cue(frame))

    def _play(self, info: VideoInfo) -> None:
        playback = Playback(
            self._source,
            info,
            self._transport,
            is_paced=self._is_paced,
            keeps_all=self._keeps_all,
        )
        self._tell_warnings()
        for cue in playback:
            if cue.frame is not None:
                self.meter.tick(cue.frame.captured_at_s)
            self._hand_over(cue)
            self._tell_warnings()
        self._tell_warnings()

    def _hand_over(self, cue: Cue) -> None:
        self._captured.put(replace(cue, handed_at_s=time.monotonic()))

    def _tell_warnings(self) -> None:
        if self._warns is not None:
            for text in self._warns.take_warnings():
                self._on_event(SourceWarned(text))
