"""What a row of `action_table` says, and whose hands carry it out."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.gui.bars.messages import Messages
from app.gui.comparing.scene_keeper import SceneKeeper
from app.gui.events.events import Events
from app.gui.hearing.hearing import Hearing
from app.gui.languages.marking import QT_TRANSLATE_NOOP
from app.gui.look.full_screen import FullScreen
from app.gui.menus.dialogs import Dialogs
from app.gui.opening.opener import Opener
from app.gui.opening.play_list import PlayList
from app.gui.panel.settings_history import SettingsHistory
from app.gui.picture.video_view import VideoView
from app.gui.playing.keeper import Keeper
from app.gui.playing.player import Player
from app.gui.seeking.finds import Finds
from app.gui.seeking.part import PartMarks
from app.gui.seeking.steering import Steering
from app.gui.state import WindowState

Keys = QKeySequence.StandardKey | str


@dataclass(frozen=True, slots=True)
class Hands:
    """What carries the actions out.

    Attributes:
        close_source: play nothing any more.
        dialogs: windows of their own, over this one.
        copy_numbers: put how it does on the clipboard.
        compare: show another detector beside the one that plays, or no more.
        export: ask what to export, or show how far that is.
    """

    window: QMainWindow
    player: Player
    opener: Opener
    steering: Steering
    finds: Finds
    part: PartMarks
    play_list: PlayList
    keeper: Keeper
    messages: Messages
    changes: SettingsHistory
    video: VideoView
    full_screen: FullScreen
    panel: QDockWidget
    plots: QDockWidget
    events: Events
    compare: Callable[[bool], object]
    scene_keeper: SceneKeeper
    close_source: Callable[[], object]
    dialogs: Dialogs
    copy_numbers: Callable[[], object]
    export: Callable[[], object]
    hearing: Hearing


@dataclass(frozen=True, slots=True)
class Face:
    """How an action looks: its words, and the name of its icon."""

    text: str
    icon: str = ""


def _always(_: WindowState) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One thing that can be done.

    Attributes:
        name: by which the code knows it.
        group: under which heading it stands; see `GROUPS`.
        face: how it looks, unless `face_now` says otherwise.
        act: does it; is told whether it is checked now.
        keys: by which it is done.
        when: it is possible.
        face_now: how it looks just now, where that changes.
        is_checkable: it is on or off.
    """

    name: str
    group: str
    face: Face
    act: Callable[[Hands, bool], object]
    keys: tuple[Keys, ...] = ()
    when: Callable[[WindowState], bool] = _always
    face_now: Callable[[WindowState], Face] | None = None
    is_checkable: bool = False


OPEN = QT_TRANSLATE_NOOP("Actions", "Open")
PLAY = QT_TRANSLATE_NOOP("Actions", "Play and keep")
IN_FILE = QT_TRANSLATE_NOOP("Actions", "Elsewhere in a file")
VIEW = QT_TRANSLATE_NOOP("Actions", "View")
TOOLS = QT_TRANSLATE_NOOP("Actions", "Tools")
HELP = QT_TRANSLATE_NOOP("Actions", "Help")
GROUPS = (OPEN, PLAY, IN_FILE, VIEW, TOOLS, HELP)
