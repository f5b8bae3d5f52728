"""What the window is given of replays, events and alerts."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.console import say
from app.cli.parts import RecorderWish, make_replay
from app.cli.watching.events import EventWish

if TYPE_CHECKING:
    from app.alerts.alert import Teller
    from app.alerts.alerts import Alerts
    from app.gui.events.parts import EventParts
    from app.pipeline.clip_rule import ClipWish, EventReport
    from app.pipeline.interfaces import Factories
    from app.types import ImageBgr, KeptClip


def event_parts(
    factories: "Factories",
    *,
    recorder: RecorderWish = RecorderWish(),  # noqa: B008 - frozen
    clips: "ClipWish | None" = None,
    alerting: "WindowAlerts | None" = None,
) -> "EventParts":
    """What keeps the past, lists clips and draws copies of them.

    Args:
        factories: what draws.
        recorder: how recordings are written, which the past may be the beginning of.
        clips: what becomes a clip by itself.
        alerting: who is told of it.
    """
    from app.gui.events.parts import EventParts

    return EventParts(
        make_replay=partial(make_replay, recorder),
        list_clips=_list_clips,
        thumbnail=_thumbnail,
        set_star=_set_star,
        annotate=lambda clip: _annotate(factories, clip),
        clips=clips,
        alerting=alerting,
    )


class WindowAlerts:
    """Who is told; see `Alerting` of the window's own parts."""

    def __init__(self, wish: EventWish) -> None:
        """Tell those whom the rules name.

        Raises:
            UserError: somebody cannot be told here at all.
        """
        self._wish = wish.file.alerts
        self._source = ""
        self._notify: Callable[[str, str], bool] = lambda _title, _text: False
        self._beep: Callable[[], bool] = lambda: False
        self._say: Callable[[str], object] = say
        self._names: list[str] = []
        self._alerts: Alerts | None = None
        if self._wish:  # mostly, nobody is: nothing is loaded for that
            self._begin()

    @property
    def names(self) -> list[str]:
        """Those who are told, in the words of the rules."""
        return self._names

    def tell(self, report: "EventReport") -> None:
        """Tell all of them; at once."""
        if self._alerts is not None:
            self._alerts.tell(report)

    def try_out(self, name: str) -> str:
        """Tell one of a test; beside those that tell of events."""
        from app.alerts.alerts import try_out

        teller = self._make()[name]
        try:
            try_out(teller, self._source or "a test")
            return teller.name
        finally:
            teller.close()

    def watch(self, name: str) -> None:
        """What is watched from now on."""
        self._source = name

    def notify_with(self, notify: Callable[[str, str], bool]) -> None:
        """Show notifications so."""
        self._notify = notify

    def beep_with(self, beep: Callable[[], bool]) -> None:
        """Make a noise so."""
        self._beep = beep

    def say_with(self, say: Callable[[str], object]) -> None:
        """Tell so that somebody cannot be told, and that he can again."""
        self._say = say

    def _begin(self) -> None:
        from app.alerts.alerts import Alerts

        tellers = self._make()
        self._names = list(tellers)
        self._alerts = Alerts(
            tellers, source=lambda: self._source, say=lambda text: self._say(text)
        )

    def _make(self) -> "dict[str, Teller]":
        from app.alerts.alerts import tellers_of

        return tellers_of(
            self._wish,
            beep=lambda: self._beep(),
            notify=lambda title, text: self._notify(title, text),
        )

    def close(self) -> None:
        """What waits is still told, but not for long."""
        self._say = say
        if self._alerts is not None:
            self._alerts.close()


def _list_clips(folder: Path) -> "list[KeptClip]":
    from app.media.clips.listing import list_clips

    return list_clips(folder)


def _thumbnail(clip: Path) -> "ImageBgr":
    from app.media.clips.listing import thumbnail

    return thumbnail(clip)


def _set_star(clip: Path, is_starred: bool) -> None:
    from app.media.clips.listing import set_star

    set_star(clip, is_starred)


def _annotate(factories: "Factories", clip: Path) -> Path:
    from app.export.render import render
    from app.media.recording.part_file import free_names

    out = next(iter(free_names(clip.with_name(f"{clip.stem} boxes.mp4"))))
    made = render(
        clip.with_suffix(".jsonl"),
        out,
        make_source=factories.make_source,
        make_recorder=factories.make_recorder,
        draw=factories.draw,
    )
    return Path(made.path) if made is not None else out
