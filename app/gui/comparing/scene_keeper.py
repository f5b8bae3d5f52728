"""Keeps a part of what plays as a test: a clip, and what is found in it."""

import math
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.errors import RecordingError
from app.gui.bars.messages import Messages
from app.gui.playing.keeper import MOST_LETTERS, title_of
from app.gui.playing.player import Player
from app.kept_part import KeptPart
from app.pipeline.events import PipelineEvent, ReplayFailed, ReplaySaved
from app.pipeline.interfaces import Factories, VideoSource
from app.types import Frame, Result, VideoInfo

if TYPE_CHECKING:
    from app.gui.comparing.keep_dialog import KeepDialog
    from app.gui.comparing.passing import PassingFrames
    from app.pipeline.pipeline import Pipeline

# Less of the past is no clip.
LEAST_S = 1.0
# In the folder for recordings.
FOLDER = "tests"


class SceneKeeper(QObject):
    """Asks, cuts the clip beside the window, and says where it is.

    Of a file that is a span about the picture on show. Of a camera it is what was,
    where the last seconds are kept for replays, else what comes next.
    """

    def __init__(
        self,
        player: Player,
        factories: Factories,
        messages: Messages,
        *,
        folder: Path,
        window: QWidget,
    ) -> None:
        """Nothing is kept yet.

        Args:
            player: what it plays is kept.
            factories: what opens it again, and what makes tests.
            messages: where it is told.
            folder: for recordings; tests have one in it.
            window: over which it asks.
        """
        super().__init__(window)
        self._player = player
        self._factories = factories
        self._messages = messages
        self._folder = folder / FOLDER
        self._window = window
        self._frame: Frame | None = None  # on show
        self._passing: PassingFrames | None = None
        self._end_s = 0.0
        self._dialog: KeepDialog | None = None
        self._pipeline: Pipeline | None = None
        self._past: Path | None = None  # the test that waits for a replay
        player.prepared.connect(self._on_prepared)
        player.told.connect(self._on_told)
        player.starting.connect(self._end)
        player.finished.connect(self._end)

    @property
    def _held_s(self) -> float:
        """How much of a camera's past is kept; 0 where too little for a clip."""
        stats = self._player.stats()
        held = stats.replay.seconds if stats and stats.replay else 0.0
        return held if held >= LEAST_S else 0.0

    @property
    def is_keeping(self) -> bool:
        """True while what plays is written down."""
        return self._passing is not None

    def look(self, result: Result) -> None:
        """What the player plays just now."""
        self._frame = result.frame
        passing = self._passing
        if passing is None:
            return
        is_wanted = passing.hand_in(result.frame)
        if not is_wanted or result.frame.timestamp_s >= self._end_s:
            self._end()

    def ask(self) -> None:
        """How much of it, and under which name."""
        info, frame = self._player.info, self._frame
        if info is None or frame is None or self._dialog is not None:
            return
        if (reason := self._why_not(info)) is not None:
            self._messages.tell_error(reason)
            return
        at_s = frame.timestamp_s
        name = title_of(info) if info.is_live else f"{title_of(info)} {at_s:.0f} s"
        held = self._held_s if info.is_live else math.inf
        from app.gui.comparing.keep_dialog import KeepDialog  # when wanted

        dialog = KeepDialog(
            self._window, name=name, past_s=held, has_future=held in (0.0, math.inf)
        )
        dialog.chosen.connect(
            lambda name, before, after: self.keep(
                name, at_s=at_s, before_s=before, after_s=after
            )
        )
        dialog.finished.connect(self._on_answered)
        self._dialog = dialog
        dialog.open()

    def _why_not(self, info: VideoInfo) -> RecordingError | None:
        if info.is_stills:
            return RecordingError(
                self.tr("Photos are no clip to test with."),
                self.tr("Open a video, or a camera."),
            )
        if not info.is_live and self._player.settings.covered_class_names:
            return RecordingError(
                self.tr(
                    "A test keeps the original, and who is hidden now would be seen."
                ),
                self.tr("Hide nobody first, in the panel under Hiding."),
            )
        return None

    def keep(self, name: str, *, at_s: float, before_s: float, after_s: float) -> None:
        """Keep that much about `at_s` of a file; of a camera, what was or what comes.

        Args:
            name: of the test.
            at_s: of the picture on show.
            before_s: seconds before it.
            after_s: seconds after it; of a camera, where none before it are wanted.
        """
        info, factories = self._player.info, self._factories
        if info is None:
            return
        folder = self._folder / file_name(name)
        if not info.is_live:
            text, from_s = self._player.source_text, max(0.0, at_s - before_s)
            part = KeptPart(folder, from_s, at_s + after_s - from_s)
            if self._keep(part, lambda: factories.make_source(text)):
                self._messages.tell_keeping(name)
        elif before_s:
            self._keep_past(folder, before_s)
        else:
            self._end()
            from app.gui.comparing.passing import PassingFrames

            self._passing = passing = PassingFrames(info)
            self._end_s = at_s + after_s
            if self._keep(KeptPart(folder, 0.0, after_s), lambda: passing):
                self._messages.tell_keeping(name, next_s=after_s)

    def _keep_past(self, folder: Path, seconds: float) -> None:
        """Save the last seconds as a replay; the test is kept of that."""
        title = f"{folder.name} replay {time.strftime('%Y-%m-%d %H.%M.%S')}.mp4"
        try:
            if self._pipeline is None:
                raise RecordingError(
                    self.tr("Nothing plays any more, so nothing was kept."),
                    self.tr("Open the camera again."),
                )
            self._past = folder
            self._pipeline.save_replay(self._folder.parent / title, seconds=seconds)
        except RecordingError as error:
            self._on_failed(error)

    @Slot(object)
    def _on_told(self, event: PipelineEvent) -> None:
        if self._past is None or not isinstance(event, ReplaySaved | ReplayFailed):
            return
        if not event.was_asked:
            return
        folder, self._past = self._past, None
        if isinstance(event, ReplaySaved):
            path, factories = event.info.path, self._factories
            # All of it: it begins with a picture that stands for itself.
            part = KeptPart(folder, 0.0, event.info.duration_s + 1.0)
            if self._keep(part, lambda: factories.make_source(path)):
                self._messages.tell_keeping(folder.name)

    def _keep(self, part: KeptPart, make_source: Callable[[], VideoSource]) -> bool:
        """False where it cannot be begun; that is told."""
        make, player = self._factories.keep_test, self._player
        if make is None:
            return False
        settings, model = player.settings, player.model_path
        is_begun = player.chores.tests.run(
            lambda: make(part, make_source(), model, settings),
            then=lambda told: self._on_kept(part.folder, told),
            or_else=self._on_failed,
        )
        if not is_begun:
            self._on_failed(
                RecordingError(
                    self.tr("Others are still being kept, so this one was not."),
                    self.tr("Try again in a moment."),
                )
            )
        return is_begun

    def _on_kept(self, folder: Path, told: str) -> None:
        self._end()
        self._messages.tell_kept(folder, told)

    def _on_failed(self, error: Exception) -> None:
        self._end()
        self._messages.tell_error(error)

    @Slot(object)
    def _on_prepared(self, pipeline: "Pipeline") -> None:
        self._pipeline, self._past = pipeline, None

    @Slot()
    def _end(self) -> None:
        if self._passing is not None:
            self._passing.end()
            self._passing = None

    @Slot()
    def _on_answered(self) -> None:
        self._dialog = None


def file_name(name: str) -> str:
    """`name` as a folder may be called anywhere."""
    plain = re.sub(r'[<>:"/\\|?*\s\0-\x1f]+', " ", name).strip(" .")
    return plain[: 2 * MOST_LETTERS] or "test"
