"""What is true of the window just now: read from its parts, never kept beside them."""

from dataclasses import dataclass

from PySide6.QtGui import QUndoStack

from app.gui.picture.video_view import VideoView
from app.gui.playing.player import Player


@dataclass(frozen=True, slots=True)
class WindowState:
    """All that decides what can be done, and what it is called.

    Attributes:
        is_running: something plays, or is being opened.
        is_open: the source is, so that it can be recorded.
        is_paused: it is held.
        is_file: one can go elsewhere in it.
        is_recording: a recording runs.
        is_switching: another detector is being loaded.
        has_picture: there is one to look at.
        is_zoomed: not all of it is seen.
        has_list: several things are played one after another.
        can_undo: a change of the settings can be undone.
        can_redo: or done again.
    """

    is_running: bool = False
    is_open: bool = False
    is_paused: bool = False
    is_file: bool = False
    is_recording: bool = False
    is_switching: bool = False
    has_picture: bool = False
    is_zoomed: bool = False
    has_list: bool = False
    can_undo: bool = False
    can_redo: bool = False

    @classmethod
    def of(
        cls,
        player: Player,
        video: VideoView,
        undo: QUndoStack,
        *,
        has_list: bool = False,
    ) -> "WindowState":
        """As it is now."""
        return cls(
            is_running=player.is_running,
            is_open=player.info is not None,
            is_paused=player.is_paused,
            is_file=player.can_seek,
            is_recording=player.is_recording,
            is_switching=player.is_switching,
            has_picture=video.has_image,
            is_zoomed=video.viewport.zoom > 1,
            has_list=has_list,
            can_undo=undo.canUndo(),
            can_redo=undo.canRedo(),
        )
