"""What the bars and the panel say: read anew from the player, whenever it changed."""

import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication

from app.gui.languages.sentences import in_words
from app.gui.parts import NAME, WindowParts
from app.gui.picture.marks import Marks
from app.gui.playing.player import Player
from app.gui.state import WindowState
from app.types import Result, VideoInfo, Viewport

STATUS_EVERY_MS = 500
# Nothing moves and nothing is recorded: what changes then is told by itself.
RESTING_MS = 5000
COUNTS_EVERY_S = 0.2


class Dials(QObject):
    """Keeps every control in step with what is true."""

    def __init__(self, parts: WindowParts, player: Player) -> None:
        """Read from `player`, show on `parts`; the status line by itself."""
        super().__init__(parts)
        self._parts = parts
        self._player = player
        self._shows_paused = False
        self._counted_at_s = 0.0
        self._played = ""
        self._timer = QTimer(self, interval=STATUS_EVERY_MS)
        self._timer.timeout.connect(self.refresh_status)
        self._timer.start()
        self._was_zoomed = False
        parts.video.viewport_changed.connect(self._on_zoomed)

    @Slot(object)
    def _on_zoomed(self, viewport: Viewport) -> None:
        """Some keys mean something else, closer."""
        if self._was_zoomed != (viewport.zoom > 1):
            self._was_zoomed = viewport.zoom > 1
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Make every control say what is true now."""
        parts, player = self._parts, self._player
        state = WindowState.of(
            player,
            parts.video,
            parts.changes.stack,
            has_list=parts.play_list.count > 1,
        )
        parts.setWindowTitle(self._title())
        self._shows_paused = state.is_paused
        parts.actions_.show_state(state)
        parts.sections.show_player(player)
        parts.toolbar.badge.show_detector(
            parts.sections.detector_of(player),
            asked_for=player.settings.device,
            is_switching=player.is_switching,
        )
        self.refresh_status()

    @Slot()
    def refresh_status(self) -> None:
        """The line below everything, and what the recording has come to."""
        parts, player = self._parts, self._player
        info, stats = player.info, player.stats()
        if info is not None:
            parts.status.show_source(*self._name_and_size(info))
        elif not parts.video.has_image:
            parts.status.show_nothing()
        moves = info is not None and not (player.is_paused or info.is_stills)
        numbers = None
        if stats is not None and moves:
            numbers = parts.history.numbers(stats, time.monotonic())
        parts.status.show_numbers(numbers, is_live=info is not None and info.is_live)
        if numbers is not None or info is None:  # else the last ones hold
            stages_ms = numbers.stages_ms if numbers is not None else {}
            parts.sections.model.show_speed(stages_ms.get("inference"))
        state = parts.keeper.state
        parts.status.show_recording(state)
        parts.toolbar.show_recording(state)
        parts.video.show_marks(
            Marks(
                is_held=player.is_paused,
                recording=state.elapsed if state is not None else "",
                is_waiting=state is not None and state.is_held,
                names_held=parts.isFullScreen(),
                filtered=parts.sections.classes.filtered,
            )
        )
        parts.sections.recording.show_state(state)
        is_resting = info is not None and not moves and state is None
        every_ms = RESTING_MS if is_resting else STATUS_EVERY_MS
        if self._timer.interval() != every_ms:
            self._timer.setInterval(every_ms)

    def show_result(self, result: Result, *, is_first: bool) -> None:
        """Count what is found in it; note that it paused by itself, say."""
        self._count(result)
        player = self._player
        is_held = self._parts.transport.position.isSliderDown()
        if is_first or (player.is_paused != self._shows_paused and not is_held):
            self.refresh()
        elif player.info is not None and player.info.is_stills:
            self.refresh_status()

    @Slot()
    def copy_numbers(self) -> None:
        """Put how it does just now on the clipboard, as JSON."""
        if (stats := self._player.stats()) is not None:
            numbers = self._parts.history.numbers(stats, time.monotonic())
            QGuiApplication.clipboard().setText(numbers.to_json())
            self._parts.status.say(self.tr("Numbers copied"))

    def _count(self, result: Result) -> None:
        """Count the classes, but not faster than anyone reads."""
        now_s = time.monotonic()
        if now_s - self._counted_at_s < COUNTS_EVERY_S and not self._player.is_paused:
            return
        self._counted_at_s = now_s
        classes = self._parts.sections.classes
        classes.show_classes(result.class_names)
        ids = result.detections.class_ids
        counts = np.bincount(ids, minlength=len(result.class_names))
        classes.show_counts([int(count) for count in counts])

    def _title(self) -> str:
        """What plays, with a red light's sign while it is recorded."""
        player, has_image = self._player, self._parts.video.has_image
        if player.info is not None and (has_image or player.ending is None):
            self._played = in_words(player.info.name)
        elif not has_image:  # else its last picture is still there
            self._played = ""
        sign = "● " if player.is_recording else ""
        place = self._parts.play_list.place
        what = f"{self._played} ({place})" if place else self._played
        return f"{sign}{what} - {NAME}" if self._played else NAME

    def _name_and_size(self, info: VideoInfo) -> tuple[str, tuple[int, int]]:
        if (result := self._parts.video.result) is None:
            return in_words(info.name), info.size_wh
        frame = result.frame
        height, width = frame.image_bgr.shape[:2]
        paths = info.frame_paths
        name = Path(paths[frame.index]).name if paths else in_words(info.name)
        return name, (width, height)
