"""What the window is made of, put in its place; who hears of whom is the window's."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from app.gui.action_row import VIEW
from app.gui.actions import Actions
from app.gui.bars.messages import Messages
from app.gui.bars.notice import NoticeBar
from app.gui.bars.status_bar import StatusBar
from app.gui.bars.toolbar import ToolBar
from app.gui.comparing.scene_keeper import SceneKeeper
from app.gui.hearing.sound_controls import SoundControls
from app.gui.look.full_screen import FullScreen
from app.gui.look.window_memory import WindowMemory
from app.gui.menus.dialogs import Dialogs
from app.gui.menus.language_menu import LanguageMenu
from app.gui.model_threshold import ModelThreshold
from app.gui.opening.camera_watch import CameraWatch
from app.gui.opening.opener import Opener
from app.gui.opening.play_list import PlayList
from app.gui.opening.recent import RecentSources
from app.gui.pages.model_builder import BuildCommand, ModelBuilder
from app.gui.pages.situations import Situations
from app.gui.pages.state_page import StatePage
from app.gui.panel.free_space import FreeSpace
from app.gui.panel.settings_history import SettingsHistory
from app.gui.panel.settings_saver import SettingsSaver
from app.gui.panel.side_panel import SidePanel, make_sections
from app.gui.picture.filter_clicks import FilterClicks
from app.gui.picture.plots import PlotDock
from app.gui.picture.scene import Scene
from app.gui.picture.video_view import VideoView
from app.gui.playing.closing import Closing
from app.gui.playing.keeper import Keeper
from app.gui.playing.player import Player
from app.gui.seeking.fading import Fading
from app.gui.seeking.finds import Finds
from app.gui.seeking.part import PartMarks
from app.gui.seeking.preview import Previewing
from app.gui.seeking.rows import LIST_ACTIONS, PART_ACTIONS
from app.gui.seeking.steering import Steering
from app.gui.seeking.transport_bar import TransportBar
from app.pipeline.interfaces import Factories
from app.pipeline.timeline import History

NAME = "MobileNet-SSD Live"


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are, and how they are made.

    Attributes:
        clip: the bundled clip, offered where there is no camera.
        settings: where the settings are saved; the window's own files stand beside
            it.
        recordings: the folder for recordings and snapshots; made when needed.
        build: how a model is made, where there is none.
        command_line: what starts the command line in a process of its own.
    """

    clip: Path
    settings: Path
    recordings: Path
    build: BuildCommand
    command_line: tuple[str, ...] = ()


class WindowParts(QMainWindow):
    """All parts of the window, built and laid out, and still deaf to each other."""

    def __init__(self, player: Player, factories: Factories, places: Places) -> None:
        """Build them; nothing plays."""
        super().__init__()
        self._player = player
        self.places = places
        self._factories = factories
        self.setAcceptDrops(True)
        self.actions_ = Actions(self)
        self.changes = SettingsHistory(player, self)
        self.threshold = ModelThreshold(player, self)
        self.saver = SettingsSaver(player, places.settings, self)
        self.watch = CameraWatch(factories.list_cameras, player.chores.looking, self)
        player.opened.connect(lambda _: self.watch.rest())
        player.finished.connect(self.watch.wake)
        self.opener = Opener(
            self,
            watch=self.watch,
            errands=player.chores.saving,
            recent=RecentSources(
                places.settings.with_name("recent.json"), redact=factories.redact
            ),
            clip=places.clip,
            suffixes=factories.suffixes,
        )
        self.keeper = Keeper(player, factories, folder=places.recordings, parent=self)
        self.builder = ModelBuilder(places.build, self)
        self._build_center()
        self._build_around(places)
        self.closing = Closing(self, player, self.keeper)
        self.destroyed.connect(player.chores.hush)
        self.previewing = Previewing(
            player, self.transport, factories.make_source, self
        )
        self.closing.closed.connect(self.previewing.forget)
        self._build_seeking(player, factories)
        self.scene_keeper = SceneKeeper(
            player, factories, self.messages, folder=places.recordings, window=self
        )
        around = (self.toolbar, self.status, self.panel, self.plots)
        self.full_screen = FullScreen(self, around)
        self.play_list = PlayList(player, self.transport, factories.play_list)
        self.play_list.told.connect(lambda text: self.notice.tell("warning", text))
        self.fading = Fading(
            self,
            self.transport,
            self._middle,
            self._center,
            may_show=lambda: _can_steer(player),
            show_cursor=self.scene.show_cursor,
        )
        self.full_screen.changed.connect(self.fading.follow)
        self.steering.asked.connect(self.fading.wake)
        self.memory = WindowMemory(places.settings.with_name("window.ini"))

    def _build_seeking(self, player: Player, factories: Factories) -> None:
        classes = self.sections.classes
        self.finds = Finds(
            player,
            self.transport,
            self.steering,
            find_sidecar=factories.find_sidecar,
            chosen_class=lambda: classes.chosen,
        )
        classes.list.selectionModel().selectionChanged.connect(self.finds.show_classes)
        self.finds.told.connect(self.status.say)
        self.part = PartMarks(player, self.transport)
        self.part.told.connect(self.status.say)
        slider = self.transport.position
        slider.addActions(self.actions_.named(PART_ACTIONS))
        slider.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _build_center(self) -> None:
        self.notice = NoticeBar()
        self.messages = Messages(self.notice)
        self.video = VideoView()
        self.history = History()
        self.page = StatePage()
        self.situations = Situations(
            self.page,
            actions=self.actions_,
            opener=self.opener,
            watch=self.watch,
            builder=self.builder,
        )
        self.scene = Scene(self.video, self.page)
        self.transport = TransportBar(
            self.actions_.pause,
            self.actions_.loop,
            self.actions_.named(LIST_ACTIONS),
        )
        self.sound_controls = SoundControls(self.transport, self.actions_.mute)
        self.transport.show_speed(self._player.speed)
        self.actions_.loop.setChecked(self._player.loops)
        self.steering = Steering(self._player, self.transport, self.messages)
        self._middle = center = QWidget()
        self._center = layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.scene, 1)
        layout.addWidget(self.transport)
        self.setCentralWidget(center)

    def _build_around(self, places: Places) -> None:
        self.dialogs = Dialogs(
            self, self._player, places.command_line, sheet=self.actions_.sheet
        )
        self.toolbar = ToolBar(
            self.actions_,
            camera_menu=self.opener.camera_menu,
            recent_menu=self.opener.recent_menu,
        )
        self.addToolBar(self.toolbar)
        self.languages = LanguageMenu(lambda: self._player.settings.language, self)
        self.languages.chosen.connect(self._choose_language)
        self.toolbar.more_menu.below[VIEW].addMenu(self.languages)
        self.scene.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        menu, scene = self.toolbar.more_menu, self.scene
        scene.customContextMenuRequested.connect(
            lambda at: menu.popup(scene.mapToGlobal(at))
        )
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.sections = make_sections(
            self.actions_,
            self.changes,
            recent_menu=self.opener.recent_menu,
            build_command=self.builder.command.shown_for_own,
        )
        self.filter_clicks = FilterClicks(self.video)
        self.filter_clicks.clicked.connect(self.sections.classes.drop_filter)
        self.panel = SidePanel(self.sections)
        recording = self.sections.recording
        self.free_space = FreeSpace(
            places.recordings,
            self._player.chores.looking,
            is_wanted=lambda: recording.isVisible() and not recording.is_folded,
            parent=self,
        )
        self.free_space.measured.connect(recording.show_free)
        recording.folded.connect(self.free_space.look)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.panel)
        self.plots = PlotDock(self.history, self)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.plots)
        self.setCorner(  # the panel keeps its height
            Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea
        )

    def _choose_language(self, language: str, name: str) -> None:
        """All texts are made when the window is: so not before it is made anew."""
        self.changes.change(self.tr("language"), language=language)
        self.notice.tell("info", self.tr("From the next start on: {0}.").format(name))


def _can_steer(player: Player) -> bool:
    """One photo alone has nowhere to go."""
    return player.can_seek and player.info is not None and player.info.frame_count != 1
