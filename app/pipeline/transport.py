"""What the user asks of a file: to go elsewhere, faster, to wait, to begin again.

And how whoever steers it knows the sound that goes along.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

# A sound of a file: its title, and its language's code ("deu"); empty where not said.
SoundTrack: TypeAlias = tuple[str, str]

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Move:
    """All that was asked for since the last one was taken, as one.

    Attributes:
        seek_count: how many seeks there have been, this one included.
        timestamp_s: where to go first; None to stay.
        is_exact: False while the user still drags: soon matters more than exactly.
        steps: so many frames on from there, or back. Nowhere to go and no steps:
            show the same frame again.
    """

    seek_count: int
    timestamp_s: float | None
    is_exact: bool
    steps: int


class Transport:
    """Between the user's hand and the capture thread; every method is for any thread.

    Of many seeks the newest wins, and steps add up: there is never a queue. What
    was captured before a seek is stale from the moment it is asked for. While one
    seek is followed by the next (a slider that is dragged), what the earlier ones
    led to may still be shown; else nothing would be until the hand rests.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._changes = 0
        self._is_stopped = self._is_paused = self._loops = False
        self._speed = 1.0
        self._move: Move | None = None
        self._sought = 0  # seeks asked for
        self._answered = 0  # the last one of which something was shown
        self._first_fresh = 0  # what was captured before this seek is stale

    # --- what is asked for ---------------------------------------------------

    def pause(self) -> None:
        """Hold the frame on show."""
        with self._changed:
            self._is_paused = True
            self._tell()

    def resume(self) -> None:
        """Go on."""
        with self._changed:
            self._is_paused = False
            self._tell()

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast.

        Raises:
            ValueError: it is not one from 0.25 to 4.
        """
        if not SPEEDS[0] <= speed <= SPEEDS[-1]:
            raise ValueError(
                f"speed must be in [{SPEEDS[0]}, {SPEEDS[-1]}], got {speed}"
            )
        with self._changed:
            self._speed = speed
            self._tell()

    def set_loops(self, loops: bool) -> None:
        """Begin again at the end, or stay there."""
        with self._changed:
            self._loops = loops
            self._tell()

    def seek(self, timestamp_s: float, *, is_exact: bool = True) -> None:
        """Go to the frame on show at `timestamp_s`, paused or not."""
        with self._changed:
            if self._answered == self._sought:
                self._first_fresh = self._sought + 1
            self._sought += 1
            self._move = Move(self._sought, timestamp_s, is_exact, 0)
            self._tell()

    def step(self, count: int) -> None:
        """Pause, and go so many frames on, or back where negative."""
        with self._changed:
            before = self._move or Move(self._sought, None, True, 0)
            self._move = Move(
                before.seek_count,
                before.timestamp_s,
                before.is_exact,
                before.steps + count,
            )
            self._is_paused = True
            self._tell()

    def show_again(self) -> None:
        """Send the frame on show through once more, where nothing else comes."""
        with self._changed:
            if self._is_paused and self._move is None:
                self._move = Move(self._sought, None, True, 0)
                self._tell()

    def stop(self) -> None:
        """End; nobody waits from now on."""
        with self._changed:
            self._is_stopped = True
            self._tell()

    # --- for the capture thread ----------------------------------------------

    @property
    def is_stopped(self) -> bool:
        """True after `stop`."""
        return self._is_stopped

    @property
    def is_paused(self) -> bool:
        """True between `pause` and `resume`."""
        return self._is_paused

    @property
    def loops(self) -> bool:
        """Whether the end is followed by the beginning."""
        return self._loops

    @property
    def speed(self) -> float:
        """Seconds of the file per second."""
        return self._speed

    @property
    def changes(self) -> int:
        """Counts everything that was asked for; see `wait`."""
        return self._changes

    @property
    def has_seek(self) -> bool:
        """True while a seek waits to be taken."""
        move = self._move
        return move is not None and move.timestamp_s is not None

    def take_move(self) -> Move | None:
        """What was asked for since the last call; None where nothing was."""
        with self._changed:
            move, self._move = self._move, None
            return move

    def wait(self, changes: int, timeout_s: float | None = None) -> bool:
        """Wait until more than `changes` were asked for; False after `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._is_stopped or self._changes != changes, timeout_s
            )

    # --- for the stages after it ---------------------------------------------

    def is_stale(self, seek_count: int) -> bool:
        """Whether what was captured after so many seeks must not be shown."""
        return seek_count < self._first_fresh

    def answer(self, seek_count: int) -> None:
        """Something captured after so many seeks is shown."""
        with self._changed:
            self._answered = max(self._answered, seek_count)

    def _tell(self) -> None:
        self._changes += 1
        self._changed.notify_all()


class Sound(Protocol):
    """Of a file that plays, heard after its picture (see `app.media.sound`).

    Attributes:
        volume: from 0 to 1, heard at once.
    """

    volume: float

    def follow(self, timestamp_s: float, shown_at_s: float) -> None:
        """The frame of `timestamp_s` is on show from `shown_at_s`, monotonic."""
        ...

    def close(self) -> None:
        """End; never waits."""
        ...


class MakeSound(Protocol):
    """Begins the sound of a file, beside whoever asks."""

    def __call__(
        self,
        path: Path,
        *,
        may_play: Callable[[], bool],
        say: Callable[[Exception], object],
        found: Callable[[tuple[SoundTrack, ...], int], object],
        volume: float,
        track: int | None,
    ) -> Sound:
        """Heard while `may_play`: that track of it, or the file's own choice.

        From a thread, `found` is told which there are, and the number of the one that
        is heard; or `say`, once, why nothing is.
        """
        ...
