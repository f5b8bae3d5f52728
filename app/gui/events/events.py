"""Replays, events and alerts of the window: who hears of whom."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QToolButton

from app.errors import RecordingError
from app.gui.bars.messages import Messages
from app.gui.events.event_dock import EventDock
from app.gui.events.parts import EventParts
from app.gui.events.replay_rows import ReplayRows
from app.gui.events.replays import Replays
from app.gui.events.tray import Tray
from app.gui.panel.settings_history import SettingsHistory
from app.gui.playing.player import Player
from app.types import ImageBgr, KeptClip, RecordingInfo

REFRESH_MS = 500
# Of what is no camera nothing is kept.
RESTING_MS = 5000
USUAL_S = 30


class Events(QObject):
    """Owns the sign, the rows and the dock, which the window puts in their places.

    Signals:
        play_wanted: the path of a clip.
        sign_shown: whether the sign is to be seen.
        alert_said: that somebody cannot be told of events, or can again.
    """

    play_wanted = Signal(str)
    sign_shown = Signal(bool)
    alert_said = Signal(str)

    def __init__(
        self,
        player: Player,
        parts: EventParts,
        *,
        changes: SettingsHistory,
        messages: Messages,
        folder: Path,
        parent: QObject,
    ) -> None:
        """Keep, list and tell, as settings and rules have it.

        Args:
            player: what is watched.
            parts: what is done by others.
            changes: through which settings are changed.
            messages: what says how it went.
            folder: where replays go.
            parent: whose child it is.
        """
        super().__init__(parent)
        self._player = player
        self._parts = parts
        self._changes = changes
        self._messages = messages
        self._folder = folder
        self._listed: set[Path] = set()  # tried to see, even in vain
        self.replays = Replays(player, parts, folder=folder, parent=self)
        self.sign = QToolButton()
        self.sign.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.sign.setToolTip(self.tr("Save the last seconds (B)"))
        self.sign.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sign.clicked.connect(self.save)
        self.rows = ReplayRows(changes)
        alerting = parts.alerting
        self.dock = EventDock(alerting.names if alerting is not None else [])
        self.tray: Tray | None = None
        self._has_sign: bool | None = None
        self._connect()

    def _connect(self) -> None:
        player, dock, alerting = self._player, self.dock, self._parts.alerting
        self.replays.saved.connect(self._on_saved)
        self.replays.failed.connect(self._on_failed)
        player.opened.connect(lambda _: self.refresh())
        player.settings_changed.connect(self.rows.show_settings)
        self.rows.show_settings(player.settings)
        dock.opened.connect(self.look)
        dock.play_wanted.connect(lambda path: self.play_wanted.emit(str(path)))
        dock.star_wanted.connect(self._set_star)
        dock.folder_wanted.connect(
            lambda path: self._messages.show_folder(path.parent, path)
        )
        dock.copy_wanted.connect(self._annotate)
        dock.try_wanted.connect(self._try_alert)
        if alerting is not None and alerting.names:
            icon = self.dock.style().standardIcon(
                self.dock.style().StandardPixmap.SP_MessageBoxInformation
            )
            self.tray = Tray(icon, self)
            alerting.notify_with(self.tray.notify)
            alerting.beep_with(self.tray.beep)
            self.alert_said.connect(dock.say)
            alerting.say_with(self.alert_said.emit)
            player.opened.connect(lambda info: alerting.watch(info.name))
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    @Slot()
    def save(self) -> None:
        """Save the last seconds, or say how they are kept."""
        player = self._player
        is_live = player.info is not None and player.info.is_live
        if is_live and not self.replays.is_on:
            self._messages.tell_nothing_kept(USUAL_S, self._switch_on)
            return
        self.replays.save()

    @Slot()
    def refresh(self) -> None:
        """Say how much is kept just now."""
        held = self.replays.held
        is_on = held is not None and self.replays.is_on
        seconds = min(held.seconds, self._player.settings.replay_s) if held else 0
        self.sign.setText(self.tr("{0:.0f} s ready").format(seconds))
        self.sign.setAccessibleName(self.sign.text())
        if self._has_sign is not is_on:
            self._has_sign = is_on
            self.sign_shown.emit(is_on)
        self.rows.show_held(held)
        info = self._player.info
        is_resting = held is None and (info is None or not info.is_live)
        every_ms = RESTING_MS if is_resting else REFRESH_MS
        if self._timer.interval() != every_ms:
            self._timer.setInterval(every_ms)

    @Slot()
    def look(self) -> None:
        """List what there is now."""
        folders = {self._folder}
        clips = self._parts.clips
        if clips is not None and clips.folder is not None:
            folders.add(clips.folder)

        def listed() -> list[KeptClip]:
            found = [c for one in folders for c in self._parts.list_clips(one)]
            return sorted(found, key=lambda clip: clip.ended_at_s, reverse=True)

        self._player.chores.clips.run(
            listed, then=self._show, or_else=self._messages.tell_error
        )

    def _show(self, clips: list[KeptClip]) -> None:
        self.dock.show_clips(clips)
        self._see_next()

    def _see_next(self) -> None:
        """A picture for the first that has none; then for the next."""
        path = next(
            (one for one in self.dock.without_picture() if one not in self._listed),
            None,
        )
        if path is None:
            return
        self._listed.add(path)
        thumbnail = self._parts.thumbnail

        def then(image_bgr: ImageBgr) -> None:
            self.dock.show_thumbnail(path, image_bgr)
            self._see_next()

        self._player.chores.clips.run(
            lambda: thumbnail(path), then=then, or_else=lambda _: self._see_next()
        )

    def _switch_on(self) -> None:
        self._changes.change(self.tr("what is kept"), replay_s=USUAL_S)

    @Slot(object, bool)
    def _on_saved(self, info: RecordingInfo, was_asked: bool) -> None:
        if was_asked:
            self._messages.tell_replay(info)
        if self.dock.isVisible():
            self.look()

    @Slot(object, bool)
    def _on_failed(self, error: Exception, can_again: bool) -> None:
        if can_again:
            self._messages.tell_again(error, self.save)
        else:
            self._messages.tell_error(error)

    @Slot(object, bool)
    def _set_star(self, path: Path, is_starred: bool) -> None:
        set_star = self._parts.set_star
        self._player.chores.clips.run(
            lambda: set_star(path, is_starred),
            then=lambda _: self.look(),
            or_else=lambda error: self._messages.tell_error(
                RecordingError(
                    self.tr("The star cannot be kept: {0}.").format(error),
                    self.tr("Look at the permissions of the folder."),
                )
            ),
        )

    @Slot(object)
    def _annotate(self, path: Path) -> None:
        annotate = self._parts.annotate
        self._messages.tell_working(self.tr("Drawing {0}…").format(path.name))
        self._player.chores.mending.run(
            lambda: annotate(path),
            then=self._messages.tell_snapshot,
            or_else=self._messages.tell_error,
        )

    @Slot(str)
    def _try_alert(self, name: str) -> None:
        alerting = self._parts.alerting
        if alerting is None:
            return
        self.dock.say(self.tr("Trying…"))
        self._player.chores.telling.run(
            lambda: alerting.try_out(name),
            then=lambda who: self.dock.say(self.tr("{0}: it arrived.").format(who)),
            or_else=lambda error: self.dock.say(str(error)),
        )
