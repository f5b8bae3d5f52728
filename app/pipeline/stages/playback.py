"""A file's frames as the user wants them: in time, from where they say, how fast."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from app.pipeline.interfaces import Seekable, VideoSource
from app.pipeline.stages.items import Cue
from app.pipeline.transport import Move, Transport
from app.types import Frame, VideoInfo

# A file that fell further behind its own clock than this goes on from here,
# rather than rushing to catch up.
MAX_LAG_S = 0.25
# Played faster than it is, a file leaves out frames that are later than this.
LATE_S = 0.05
# A seek gets so long to reach its frame before a newer one, or a hand that is
# still dragging, makes do with the frame reached.
HURRY_S = 0.06
DEFAULT_FPS = Fraction(25)


class Pace:
    """When each frame is due, at any speed; knows no clock of its own."""

    def __init__(self) -> None:
        self._speed = 1.0
        self._anchor: tuple[float, float] | None = None  # the file's time, the clock's

    def restart(self) -> None:
        """The next frame asked about is due at once."""
        self._anchor = None

    def start(self, timestamp_s: float, now_s: float) -> None:
        """The frame of `timestamp_s` is on show from `now_s`."""
        self._anchor = (timestamp_s, now_s)

    def lag_s(self, timestamp_s: float, now_s: float, speed: float) -> float:
        """How late that frame is; negative: in how many seconds it is due."""
        if self._anchor is None:
            self._anchor = (timestamp_s, now_s)
        if speed != self._speed:  # from here on, not from where it began
            begun_s, clock_s = self._anchor
            self._anchor = (begun_s + (now_s - clock_s) * self._speed, now_s)
            self._speed = speed
        begun_s, clock_s = self._anchor
        return now_s - (clock_s + (timestamp_s - begun_s) / speed)


class Playback:
    """Obeys a `Transport`; made, iterated and dropped by the capture thread.

    Played (paced), a source that can be searched is not over at its end: a cue
    without a frame says so, and it waits there to be sent elsewhere.
    """

    def __init__(
        self,
        source: VideoSource,
        info: VideoInfo,
        transport: Transport,
        *,
        is_paced: bool,
        keeps_all: Callable[[], bool],
    ) -> None:
        """Wire it.

        Args:
            source: open; not live.
            info: what its `open` said.
            transport: whom to obey.
            is_paced: at its own speed; without it, as fast as it goes.
            keeps_all: whether no frame may be left out, late or not.
        """
        self._source = source
        self._seekable = source if isinstance(source, Seekable) else None
        self._transport = transport
        self._is_paced = is_paced
        self._is_stills = info.is_stills
        self._interval_s = float(1 / (info.fps or DEFAULT_FPS))
        self._keeps_all = keeps_all
        self._pace = Pace()
        self._frames: Iterator[Frame] = iter(())
        self._upcoming: Frame | None = None
        self._shown: Frame | None = None
        self._seek_count = self._run = 0
        self._has_played = True
        self._is_over = False

    def __iter__(self) -> Iterator[Cue]:
        transport = self._transport
        self._frames = iter(self._source.frames())
        if self._is_paced and self._is_stills:
            transport.step(1)  # shows the first, and holds it
        while not transport.is_stopped:
            changes = transport.changes
            if (move := transport.take_move()) is not None:
                cue = self._obey(move)
            elif not self._look_ahead():
                if not (self._is_paced and self._seekable):
                    return
                cue = self._at_the_end(changes)
            else:
                cue = self._next_in_time(changes)
            if cue is not None:
                yield cue

    def _look_ahead(self) -> bool:
        if self._upcoming is None:
            self._upcoming = next(self._frames, None)
        return self._upcoming is not None

    def _take(self) -> Frame | None:
        self._look_ahead()
        frame, self._upcoming = self._upcoming, None
        return frame

    def _next_in_time(self, changes: int) -> Cue | None:
        """The frame ahead, if it is due and nothing else happens before."""
        transport, frame = self._transport, self._upcoming
        assert frame is not None
        if transport.is_paused:
            transport.wait(changes)
            if self._shown is not None:
                self._pace.start(self._shown.timestamp_s, time.monotonic())
            return None
        if self._is_paced:
            speed = transport.speed
            lag_s = self._pace.lag_s(frame.timestamp_s, time.monotonic(), speed)
            if lag_s < 0 and transport.wait(changes, -lag_s):
                return None
            if lag_s > MAX_LAG_S:
                self._pace.start(frame.timestamp_s, time.monotonic())
            elif lag_s > LATE_S and speed > 1 and not self._keeps_all():
                self._upcoming = None
                return None
        self._upcoming = None
        self._has_played = True
        return self._cue(frame)

    def _at_the_end(self, changes: int) -> Cue | None:
        transport = self._transport
        if transport.is_paused:
            transport.wait(changes)
        elif self._is_over or not self._has_played:  # sent on from the last frame
            self._jump(0.0)
            self._has_played = True
        elif transport.loops:
            if not transport.wait(changes, self._interval_s / transport.speed):
                self._jump(0.0)
        else:
            self._is_over = True
            transport.pause()
            return Cue(None, self._seek_count, self._run)
        return None

    def _obey(self, move: Move) -> Cue | None:
        frame = self._shown
        self._seek_count = move.seek_count
        if move.timestamp_s is not None and self._seekable is not None:
            hurry_at_s = time.monotonic() + HURRY_S
            self._jump(
                move.timestamp_s, lambda: self._is_enough(hurry_at_s, move.is_exact)
            )
            frame = self._take()
        for _ in range(move.steps):
            frame = self._take() or frame
        for _ in range(-move.steps):
            if frame is not None and self._seekable is not None:
                frame = self._one_before(frame)
        is_again = frame is self._shown
        if frame is None or (is_again and move.steps):
            return None
        if not is_again:
            self._has_played = self._is_over = False
        self._pace.start(frame.timestamp_s, time.monotonic())
        return replace(self._cue(frame), is_again=is_again)

    def _one_before(self, frame: Frame) -> Frame:
        """The frame before; the same one where it is the first."""
        run = self._run
        self._jump(math.nextafter(frame.timestamp_s, -math.inf))
        earlier = self._take()
        if earlier is None or earlier.timestamp_s >= frame.timestamp_s:
            self._run = run  # it is followed by what would have followed it anyway
            return frame
        return earlier

    def _is_enough(self, hurry_at_s: float, is_exact: bool) -> bool:
        transport = self._transport
        if transport.is_stopped:
            return True
        if time.monotonic() < hurry_at_s:
            return False
        return transport.has_seek or not is_exact

    def _jump(
        self, timestamp_s: float, is_enough: Callable[[], bool] | None = None
    ) -> None:
        assert self._seekable is not None
        self._seekable.seek(
            timestamp_s, is_enough=is_enough or (lambda: self._transport.is_stopped)
        )
        self._frames = iter(self._source.frames())
        self._upcoming = None
        self._is_over = False
        self._run += 1
        self._pace.restart()

    def _cue(self, frame: Frame) -> Cue:
        self._shown = frame
        captured = replace(frame, captured_at_s=time.monotonic())
        return Cue(captured, self._seek_count, self._run)
