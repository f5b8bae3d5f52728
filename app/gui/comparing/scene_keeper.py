"""Keeps a part of what plays as a test: a clip, and what is found in it."""

import re
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.errors import RecordingError
from app.gui.bars.messages import Messages
from app.gui.comparing.keep_dialog import KeepDialog
from app.gui.comparing.passing import PassingFrames
from app.gui.playing.keeper import MOST_LETTERS, title_of
from app.gui.playing.player import Player
from app.kept_part import KeptPart
from app.pipeline.interfaces import Factories
from app.types import Frame, Result

# In the folder for recordings.
FOLDER = "tests"


class SceneKeeper(QObject):
    """Asks, cuts the clip beside the window, and says where it is.

    Of a file that is a span about the picture on show; a camera's past is gone, so
    of it that is what comes next.
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
        player.starting.connect(self._end)
        player.finished.connect(self._end)

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
        if info.is_stills:
            self._messages.tell_error(
                RecordingError(
                    self.tr("Photos are no clip to test with."),
                    self.tr("Open a video, or a camera."),
                )
            )
            return
        at_s = frame.timestamp_s
        name = title_of(info) if info.is_live else f"{title_of(info)} {at_s:.0f} s"
        dialog = KeepDialog(self._window, name=name, has_past=not info.is_live)
        dialog.chosen.connect(
            lambda name, before, after: self.keep(
                name, at_s=at_s, before_s=before, after_s=after
            )
        )
        dialog.finished.connect(self._on_answered)
        self._dialog = dialog
        dialog.open()

    def keep(self, name: str, *, at_s: float, before_s: float, after_s: float) -> None:
        """Keep that much about `at_s` of a file, or the next seconds of a camera."""
        info, player = self._player.info, self._player
        make = self._factories.keep_test
        if info is None or make is None:
            return
        folder, settings = self._folder / file_name(name), player.settings
        model = player.model_path
        from_s = max(0.0, at_s - before_s)
        part = KeptPart(folder, from_s, at_s + after_s - from_s)
        if info.is_live:
            self._end()
            self._passing = source = PassingFrames(info)
            self._end_s = at_s + after_s
            part = KeptPart(folder, 0.0, after_s)

            def work() -> str:
                return make(part, source, model, settings)

        else:
            text, factories = player.source_text, self._factories

            def work() -> str:
                return make(part, factories.make_source(text), model, settings)

        if player.chores.tests.run(
            work,
            then=lambda told: self._on_kept(folder, told),
            or_else=self._on_failed,
        ):
            self._messages.tell_keeping(name, after_s if info.is_live else None)
        else:
            self._end()
            self._messages.tell_error(
                RecordingError(
                    self.tr("Others are still being kept, so this one was not."),
                    self.tr("Try again in a moment."),
                )
            )

    def _on_kept(self, folder: Path, told: str) -> None:
        self._end()
        self._messages.tell_kept(folder, told)

    def _on_failed(self, error: Exception) -> None:
        self._end()
        self._messages.tell_error(error)

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
