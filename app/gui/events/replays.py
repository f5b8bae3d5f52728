"""The last seconds of a camera: kept while the settings say so, saved when asked."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import RecordingError
from app.gui.events.parts import EventParts
from app.gui.playing.keeper import title_of
from app.gui.playing.player import Player
from app.pipeline.events import EventBegan, PipelineEvent, ReplayFailed, ReplaySaved
from app.settings import Settings
from app.types import ReplayHeld

if TYPE_CHECKING:
    from app.pipeline.pipeline import Pipeline

MB = 2**20


class Replays(QObject):
    """Begins and ends what keeps the past, with every source and every setting.

    Signals:
        saved: a `RecordingInfo`, and whether it was asked for; an event's was not.
        failed: the exception, and whether it was asked for and can be again.
        began: the title of an event.
        changed: what is kept is another.
    """

    saved = Signal(object, bool)
    failed = Signal(object, bool)
    began = Signal(str)
    changed = Signal()

    def __init__(
        self,
        player: Player,
        parts: EventParts,
        *,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        """Keep what `player` plays, as its settings say.

        Args:
            player: what plays.
            parts: what keeps it.
            folder: where replays go.
            parent: whose child it is.
        """
        super().__init__(parent)
        self._player = player
        self._parts = parts
        self._folder = folder
        self._pipeline: Pipeline | None = None
        self._kept = _wish(Settings())  # as it was asked for last
        player.prepared.connect(self._on_prepared)
        player.told.connect(self._on_told)
        player.finished.connect(self._on_finished)
        player.settings_changed.connect(self._on_settings)

    @property
    def held(self) -> ReplayHeld | None:
        """How much is kept just now; None where nothing is."""
        stats = self._player.stats()
        return stats.replay if stats is not None else None

    @property
    def is_on(self) -> bool:
        """Whether the settings want anything kept."""
        return self._player.settings.replay_s > 0

    def save(self) -> None:
        """Save what is kept; `saved` or `failed` follows."""
        title = title_of(self._player.info)
        stamp = time.strftime("%Y-%m-%d %H.%M.%S")
        path = self._folder / f"{title} replay {stamp}.mp4".strip()
        try:
            if self._pipeline is None:
                raise RecordingError(
                    self.tr("Nothing plays, so there is nothing to save."),
                    self.tr("Open a camera first."),
                )
            seconds = self._player.settings.replay_s
            self._pipeline.save_replay(path, seconds=float(seconds))
        except RecordingError as error:
            self.failed.emit(error, False)

    @Slot(object)
    def _on_prepared(self, pipeline: "Pipeline") -> None:
        self._pipeline = pipeline
        self._keep(self._player.settings)

    def _keep(self, settings: Settings) -> None:
        """Keep as much as is wanted: by hand, or by the rules of events."""
        pipeline, clips = self._pipeline, self._parts.clips
        self._kept = _wish(settings)
        if pipeline is None or not pipeline.is_live:
            return
        keep_s = float(settings.replay_s)
        if clips is not None:
            keep_s = max(keep_s, clips.rule.reach_s)
        if keep_s:
            max_bytes = settings.replay_mb * MB
            ring = self._parts.make_replay(
                keep_s, max_bytes=max_bytes, is_recorded=settings.record_clean
            )
            pipeline.keep_replay(ring, clips=clips)
        else:
            pipeline.end_replay()
        self.changed.emit()

    @Slot(object)
    def _on_settings(self, settings: Settings) -> None:
        if self._kept != _wish(settings):
            self._keep(settings)

    @Slot(object)
    def _on_told(self, event: PipelineEvent) -> None:
        if isinstance(event, ReplaySaved):
            self.saved.emit(event.info, event.was_asked)
        elif isinstance(event, ReplayFailed):
            self.failed.emit(event.error, event.was_asked)
        elif isinstance(event, EventBegan):
            self.began.emit(event.occasion.title)

    @Slot()
    def _on_finished(self) -> None:
        self._pipeline = None
        self.changed.emit()


def _wish(settings: Settings) -> tuple[int, int, bool]:
    """What makes another ring where it changes."""
    return settings.replay_s, settings.replay_mb, settings.record_clean
