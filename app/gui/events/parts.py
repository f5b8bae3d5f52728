"""What the window needs for replays, events and alerts, and may not know itself."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.pipeline.clip_rule import ClipWish
from app.pipeline.interfaces import MakeReplay
from app.types import ImageBgr, KeptClip


class Alerting(Protocol):
    """Who is told of events."""

    @property
    def names(self) -> list[str]:
        """Those who are, in the words of the rules: "sound", "webhook"..."""
        ...

    def try_out(self, name: str) -> str:
        """Tell one of a test; who it was, without secrets. May take a while.

        Raises:
            UserError: it did not arrive.
        """
        ...

    def watch(self, name: str) -> None:
        """What is watched from now on, without passwords."""
        ...

    def notify_with(self, notify: Callable[[str, str], bool]) -> None:
        """Show notifications so: a title and a text; false where it cannot."""
        ...

    def say_with(self, say: Callable[[str], object]) -> None:
        """Tell so, from any thread, that somebody cannot be told, or can again."""
        ...

    def beep_with(self, beep: Callable[[], bool]) -> None:
        """Make a noise so, where no player of sounds is found."""
        ...


@dataclass(frozen=True, slots=True)
class EventParts:
    """All of it.

    Attributes:
        make_replay: what keeps the past.
        list_clips: those of a folder, newest first.
        thumbnail: a small picture of a clip.
        set_star: let a clip stay for ever, or no longer.
        annotate: makes the annotated copy of a clip, which may take as long as the
            clip; where it is.
        clips: what becomes a clip by itself; None: nothing does.
        alerting: who is told; None: nobody.
    """

    make_replay: MakeReplay
    list_clips: Callable[[Path], list[KeptClip]]
    thumbnail: Callable[[Path], ImageBgr]
    set_star: Callable[[Path, bool], None]
    annotate: Callable[[Path], Path]
    clips: ClipWish | None = None
    alerting: Alerting | None = None
