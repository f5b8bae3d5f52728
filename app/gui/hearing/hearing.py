"""Lets the sound of a file be heard, after its picture, as loud as one likes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from app.errors import UserError
from app.gui.hearing.sound_controls import SoundControls
from app.gui.languages.sentences import told
from app.gui.playing.player import Player
from app.pipeline.transport import MakeSound, Sound, SoundTrack
from app.settings import MOST_VOLUME, Settings
from app.types import Result, VideoInfo

if TYPE_CHECKING:
    from app.pipeline.pipeline import Pipeline

STEP = 10
# Files are heard at their own speed alone: at another, voices are no voices.
HEARD_SPEED = 1.0


class Hearing(QObject):
    """One sound at a time: of the file that plays, if it has any."""

    def __init__(
        self,
        player: Player,
        make_sound: MakeSound | None,
        *,
        mute: QAction,
        controls: SoundControls,
        say: Callable[[str], object],
        parent: QObject,
    ) -> None:
        """Nothing is heard yet.

        Args:
            player: what plays.
            make_sound: begins the sound of a file; None: there is none at all.
            mute: shows whether it is silent.
            controls: in the bar under a file.
            say: tells quietly why nothing is heard.
            parent: whose child it is.
        """
        super().__init__(parent)
        self._player = player
        self._make_sound = make_sound
        self._mute = mute
        self._controls = controls
        self._path = ""
        self._say = say
        self._said: set[str] = set()
        self._pipeline: Pipeline | None = None
        self._sound: Sound | None = None
        player.prepared.connect(self._on_prepared)
        player.opened.connect(self._begin)
        player.starting.connect(self.end)
        player.finished.connect(self.end)
        player.settings_changed.connect(self._apply)
        controls.volume_chosen.connect(self._set_volume)
        controls.track_chosen.connect(self._start)
        self._apply(player.settings)

    def follow(self, result: Result) -> None:
        """The frame that is shown now; one a frame, so it does next to nothing."""
        if self._sound is not None:
            self._sound.follow(result.frame.timestamp_s, result.finished_at_s)

    def mute(self, *, is_on: bool) -> None:
        """Be silent, also at the next start; or no longer."""
        settings = self._player.settings
        self._player.update_settings(replace(settings, muted=is_on))
        self._say(self.tr("Sound off") if is_on else self.tr("Sound on"))

    def turn(self, steps: int) -> None:
        """Louder, or quieter where negative; who does that wants to hear it."""
        volume = self._player.settings.volume + STEP * steps
        self._set_volume(min(max(volume, 0), MOST_VOLUME))

    @Slot(int)
    def _set_volume(self, volume: int) -> None:
        settings = self._player.settings
        self._player.update_settings(replace(settings, volume=volume, muted=False))
        self._say(self.tr("Volume {0} %").format(volume))

    @Slot()
    def end(self) -> None:
        """Nothing plays any more."""
        self._path = ""
        self._controls.show_tracks((), -1)
        self._stop()

    def _stop(self) -> None:
        sound, self._sound = self._sound, None
        if sound is not None:
            sound.close()

    @Slot(object)
    def _on_prepared(self, pipeline: "Pipeline") -> None:
        self._pipeline = pipeline

    @Slot(object)
    def _begin(self, info: VideoInfo) -> None:
        self.end()
        if info.path and not info.is_live and not info.is_stills:
            self._path = info.path
            self._start(None)

    @Slot(int)
    def _start(self, track: int | None) -> None:
        """That track of the file that plays, or the one that it names itself."""
        self._stop()
        pipeline, player, path = self._pipeline, self._player, self._path
        if self._make_sound is None or pipeline is None or not path:
            return

        def show(tracks: tuple[SoundTrack, ...], heard: int) -> None:
            if path == self._path:  # else it came late
                self._controls.show_tracks(tracks, heard)

        deliver = player.chores.deliver
        self._sound = self._make_sound(
            Path(path),
            may_play=lambda: not pipeline.is_paused and player.speed == HEARD_SPEED,
            say=lambda error: deliver(lambda: self._tell(error)),
            found=lambda tracks, heard: deliver(lambda: show(tracks, heard)),
            volume=_loudness(player.settings),
            track=track,
        )

    def _tell(self, error: Exception) -> None:
        """Once: it is as true of the next file."""
        if isinstance(error, UserError) and (text := told(error)) not in self._said:
            self._said.add(text)
            self._say(text)

    @Slot(object)
    def _apply(self, settings: Settings) -> None:
        self._mute.setChecked(settings.muted)
        self._controls.show_settings(settings)
        if self._sound is not None:
            self._sound.volume = _loudness(settings)


def _loudness(settings: Settings) -> float:
    """As a factor: an ear hears steps of the square as even."""
    share = 0.0 if settings.muted else settings.volume / MOST_VOLUME
    return share * share
