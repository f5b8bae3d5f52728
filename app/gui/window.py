"""The main window: it puts the parts together and lets one hear of the other."""

import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
)
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from app.errors import ModelError
from app.gui.actions import Actions
from app.gui.bars.messages import Messages
from app.gui.bars.notice import NoticeBar
from app.gui.bars.status_bar import StatusBar
from app.gui.bars.toolbar import ToolBar
from app.gui.look.full_screen import FullScreen
from app.gui.look.keys import SpaceForFocus
from app.gui.look.window_memory import WindowMemory
from app.gui.opening.camera_watch import CameraWatch
from app.gui.opening.opener import Opener, text_of
from app.gui.opening.recent import RecentSources
from app.gui.pages.model_builder import BuildCommand, ModelBuilder
from app.gui.pages.shortcut_sheet import ShortcutSheet
from app.gui.pages.situations import Situations
from app.gui.pages.state_page import StatePage
from app.gui.panel.settings_history import SettingsHistory
from app.gui.panel.settings_saver import SettingsSaver
from app.gui.panel.side_panel import SidePanel, make_sections
from app.gui.picture.plots import PlotDock
from app.gui.picture.scene import Scene
from app.gui.picture.video_view import VideoView
from app.gui.playing.closing import Closing
from app.gui.playing.keeper import Keeper
from app.gui.playing.player import Player
from app.gui.playing.steering import Steering
from app.gui.playing.transport_bar import TransportBar
from app.pipeline.interfaces import Factories
from app.pipeline.timeline import History
from app.types import RecordingInfo, Result, VideoInfo

NAME = "MobileNet-SSD Live"
STATUS_EVERY_MS = 500
COUNTS_EVERY_S = 0.2
SAY_UNDONE_MS = 2500


class MainWindow(QMainWindow):
    """Shows what the player plays; every action of the user ends here."""

    def __init__(
        self,
        player: Player,
        *,
        factories: Factories,
        clip: Path,
        settings_path: Path,
        recordings: Path,
        build: BuildCommand,
    ) -> None:
        """Build the window; nothing plays until `open_source`.

        Args:
            player: what it shows and steers.
            factories: what lists cameras and devices, and hides passwords.
            clip: the bundled clip, offered where there is no camera.
            settings_path: where the settings are saved; the window's own files
                stand beside it.
            recordings: the folder for recordings and snapshots; made when needed.
            build: how a model is made, where there is none.
        """
        super().__init__()
        self._player = player
        self._factories = factories
        self._result: Result | None = None
        self._asked_for = ""
        self._failed = False
        self._shows_paused = False
        self._counted_at_s = 0.0

        self.setWindowTitle(NAME)
        self.setAcceptDrops(True)
        self.actions_ = Actions(self)
        self.changes = SettingsHistory(player, self)
        self.saver = SettingsSaver(player, settings_path, self)
        self.recent = RecentSources(
            settings_path.with_name("recent.json"), redact=factories.redact
        )
        self.watch = CameraWatch(factories.list_cameras, player.errands, self)
        self.opener = Opener(
            self,
            watch=self.watch,
            errands=player.errands,
            recent=self.recent,
            clip=clip,
        )
        self.keeper = Keeper(player, folder=recordings, parent=self)
        self.builder = ModelBuilder(build, self)
        self._build_center()
        self._build_bars()
        self._build_panel()
        self.plots = PlotDock(self.history, self)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.plots)
        self.setCorner(  # the panel keeps its height
            Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.closing = Closing(self, player, self.keeper)
        around = (self.toolbar, self.status, self.panel, self.plots)
        self.full_screen = FullScreen(self, around)
        self._connect_actions()
        self._connect_panel()
        self._connect_player()
        self._memory = WindowMemory(settings_path.with_name("window.ini"))
        self._memory.restore(self, self.panel)
        self._check_docks()
        self._space = SpaceForFocus(self)
        self._space.keep(self)
        self.page.filled.connect(lambda: self._space.keep(self.page))
        self.sections.show_settings(player.settings)
        self._show_welcome()
        self._refresh()
        self._tint()
        self.watch.start()
        self.scene.setFocus()  # so that keys are for the picture

    # --- building ------------------------------------------------------------

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
        self.transport = TransportBar(self.actions_.pause, self.actions_.loop)
        self.transport.show_speed(self._player.speed)
        self.actions_.loop.setChecked(self._player.loops)
        self.steering = Steering(self._player, self.transport, self.messages)
        center = QWidget()
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.scene, 1)
        layout.addWidget(self.transport)
        self.setCentralWidget(center)

    def _build_bars(self) -> None:
        self.toolbar = ToolBar(
            self.actions_,
            camera_menu=self.opener.camera_menu,
            recent_menu=self.opener.recent_menu,
        )
        self.addToolBar(self.toolbar)
        self.status = StatusBar()
        self.setStatusBar(self.status)

    def _build_panel(self) -> None:
        self.sections = make_sections(
            self.actions_,
            self.changes,
            recent_menu=self.opener.recent_menu,
            build_command=self.builder.command.shown,
        )
        self.panel = SidePanel(self.sections)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.panel)

    def _connect_actions(self) -> None:
        actions, opener, video = self.actions_, self.opener, self.video
        for action, act in (
            (actions.open_file, opener.ask_for_files),
            (actions.open_folder, opener.ask_for_folder),
            (actions.open_address, opener.ask_for_address),
            (actions.open_screen, opener.open_screen),
            (actions.paste, opener.paste),
            (actions.open_model, opener.ask_for_model),
            (actions.close_source, self.close_source),
            (actions.pause, self.steering.toggle_pause),
            (actions.record, self.keeper.toggle_recording),
            (actions.snapshot, lambda: self._take_snapshot(with_boxes=True)),
            (actions.plain_snapshot, lambda: self._take_snapshot(with_boxes=False)),
            (actions.show_folder, self.keeper.show_folder),
            (actions.copy_numbers, self.copy_numbers),
            (actions.zoom_in, video.zoom_in),
            (actions.zoom_out, video.zoom_out),
            (actions.whole_picture, video.reset_zoom),
            (actions.full_screen, self.full_screen.toggle),
            (actions.leave_full_screen, self.full_screen.leave),
            (actions.keys, self._show_keys),
            (actions.undo, self._undo),
            (actions.redo, self._redo),
            (actions.quit, self.close),
        ):
            action.triggered.connect(act)
        actions.loop.triggered.connect(self._player.set_loops)
        for action, dock in self._docks():
            action.toggled.connect(dock.setVisible)
            dock.visibilityChanged.connect(self._check_docks)
        opener.source_chosen.connect(self.open_source)
        opener.model_chosen.connect(self.use_model)
        self.keeper.started.connect(self._refresh)
        self.keeper.saved.connect(self.messages.tell_snapshot)
        self.keeper.failed.connect(self.messages.tell_error)
        self.situations.retried.connect(self._try_again)
        self.situations.cancelled.connect(self.close_source)
        self.situations.cpu_wanted.connect(self._use_cpu)
        self.builder.built.connect(self._on_built)
        self.builder.failed.connect(self._on_not_built)
        self.steering.changed.connect(self._refresh)
        self.full_screen.changed.connect(self._fit_transport)
        self.scene.still_waiting.connect(self._show_opening)
        video.full_screen_wanted.connect(self.full_screen.toggle)

    def _docks(self) -> tuple[tuple[QAction, QDockWidget], ...]:
        return (self.actions_.panel, self.panel), (self.actions_.plots, self.plots)

    @Slot()
    def _check_docks(self) -> None:
        for action, dock in self._docks():
            action.setChecked(not dock.isHidden())

    def _connect_panel(self) -> None:
        sections, player = self.sections, self._player
        sections.source.source_chosen.connect(self.open_source)
        sections.source.cameras_wanted.connect(self.watch.look)
        self.watch.changed.connect(self._show_cameras)
        sections.backend.device_chosen.connect(self._choose_device)
        sections.backend.cancelled.connect(self._cancel_switch)
        self.toolbar.badge_clicked.connect(lambda: self.panel.reveal(sections.backend))
        stack = self.changes.stack
        self.actions_.undo.setEnabled(False)
        self.actions_.redo.setEnabled(False)
        stack.canUndoChanged.connect(self.actions_.undo.setEnabled)
        stack.canRedoChanged.connect(self.actions_.redo.setEnabled)
        player.errands.run(
            self._factories.list_devices,
            then=sections.backend.show_devices,
            or_else=lambda _: None,
        )

    def _connect_player(self) -> None:
        player = self._player
        self.video.apply(player.settings)
        self.video.painted.connect(self._on_painted)
        player.settings_changed.connect(self.video.apply)
        player.settings_changed.connect(self.sections.show_settings)
        player.set_viewport(self.video.viewport)
        self.video.viewport_changed.connect(player.set_viewport)
        self.video.scaling_wanted.connect(player.rescale)
        player.rescaled.connect(self.video.show_screen)
        player.starting.connect(self._on_starting)
        player.opened.connect(self._on_opened)
        player.warned.connect(lambda text: self.notice.tell("warning", text))
        player.interrupted.connect(self.messages.tell_interrupted)
        player.resumed.connect(self.messages.tell_resumed)
        player.ended.connect(self._on_ended)
        player.result_ready.connect(self._on_result)
        player.detector_opened.connect(self._refresh)
        player.detector_failed.connect(self._on_detector_failed)
        player.recording_started.connect(self._refresh)
        player.recording_ended.connect(self._on_recording_ended)
        player.failed.connect(self._on_failed)
        player.finished.connect(self._on_finished)
        self._status_timer = QTimer(self, interval=STATUS_EVERY_MS)
        self._status_timer.timeout.connect(self._refresh_status)
        self._status_timer.start()

    # --- what the user does --------------------------------------------------

    @Slot(str)
    def open_source(self, text: str) -> None:
        """Play a camera, a path, an address, or photos, one path a line."""
        self.notice.dismiss()
        self._failed = False
        self._asked_for = text
        self._player.open(text)
        if not self.video.has_image:
            self.scene.wait()
        self._refresh()

    @Slot()
    def close_source(self) -> None:
        """Play nothing any more."""
        self.notice.dismiss()
        self._failed = True  # so that nobody is told of an end
        self._forget_picture()
        self._player.close()
        self._show_welcome()

    @Slot(object)
    def use_model(self, path: Path) -> None:
        """Run another model; what could not be played without it is played now."""
        self.notice.dismiss()
        self._player.use_model(path)
        if not self._player.is_running and self._player.source_text:
            self.open_source(self._player.source_text)
        self._refresh()

    @Slot()
    def _try_again(self) -> None:
        self.open_source(self._asked_for)

    @Slot(str)
    def _choose_device(self, device: str) -> None:
        self.notice.dismiss()
        self._player.use_device(device)
        self._refresh()

    @Slot()
    def _use_cpu(self) -> None:
        self._player.use_device("cpu")
        self.open_source(self._asked_for)

    @Slot()
    def _cancel_switch(self) -> None:
        self._player.cancel_switch()
        self._refresh()

    @Slot()
    def _undo(self) -> None:
        self._say(self.tr("Undone: {0}").format(self.changes.stack.undoText()))
        self.changes.stack.undo()

    @Slot()
    def _redo(self) -> None:
        self._say(self.tr("Done again: {0}").format(self.changes.stack.redoText()))
        self.changes.stack.redo()

    @Slot()
    def copy_numbers(self) -> None:
        """Put how it does just now on the clipboard, as JSON."""
        if (stats := self._player.stats()) is not None:
            numbers = self.history.numbers(stats, time.monotonic())
            QGuiApplication.clipboard().setText(numbers.to_json())
            self._say(self.tr("Numbers copied"))

    def _say(self, text: str) -> None:
        self.status.showMessage(text, SAY_UNDONE_MS)

    @Slot()
    def _show_keys(self) -> None:
        ShortcutSheet(self, self.actions_.sheet()).open()

    def _take_snapshot(self, *, with_boxes: bool) -> None:
        if self._result is not None:
            self.keeper.take_snapshot(self._result, with_boxes=with_boxes)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steps and jumps, where the widget with the focus has no use for the key."""
        if not self.video.pan_by_key(event) and not self.steering.take_key(event):
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take what can be played or run."""
        if text_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Play it, or run it."""
        event.acceptProposedAction()
        self.opener.take(event.mimeData())

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons anew where the system went dark or light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_space"):
            self._tint()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close, but ask once where a recording runs."""
        if not self.closing.may_close():
            event.ignore()
            return
        self.full_screen.leave()  # so that its size is not what is remembered
        remember = self._memory.look(self, self.panel)
        self._player.errands.run(remember, or_else=lambda _: None)
        self.saver.save()
        self.watch.stop()
        self.builder.shut_down()
        self._player.close()
        event.accept()

    @Slot()
    def close_without_asking(self) -> None:
        """Finish a running recording unseen, then close: for a signal, say."""
        self.closing.close_without_asking()

    # --- what the player tells -----------------------------------------------

    @Slot()
    def _on_starting(self) -> None:
        self._forget_picture()
        self.scene.wait()
        self._refresh()

    @Slot(object)
    def _on_opened(self, info: VideoInfo) -> None:
        self.setWindowTitle(f"{info.name} - {NAME}")
        self.opener.remember(self._player.source_text)
        # A detector may have failed before the source was open.
        if self.scene.is_page and not self._failed:
            self._show_loading()
        self._fit_transport()
        self._refresh()

    @Slot()
    def _on_result(self) -> None:
        result = self._player.take_result()
        if result is None:
            return
        is_first, self._result = self._result is None, result
        self.video.show_result(result)
        self.transport.show_frame(result.frame)
        if is_first:
            self.situations.leave()
            self.scene.show_video()
        self._count(result)
        is_held = self.transport.position.isSliderDown()
        if is_first or (self._player.is_paused != self._shows_paused and not is_held):
            self._refresh()
        elif self._player.info is not None and self._player.info.is_stills:
            self._refresh_status()

    def _count(self, result: Result) -> None:
        """Count the classes, but not faster than anyone reads."""
        now_s = time.monotonic()
        if now_s - self._counted_at_s < COUNTS_EVERY_S and not self._player.is_paused:
            return
        self._counted_at_s = now_s
        classes = self.sections.classes
        classes.show_classes(result.class_names)
        ids = result.detections.class_ids
        counts = np.bincount(ids, minlength=len(result.class_names))
        classes.show_counts([int(count) for count in counts])

    @Slot(object)
    def _on_painted(self, result: Result) -> None:
        self.history.add(result, time.monotonic())

    @Slot()
    def _on_ended(self) -> None:
        info = self._player.info
        if info is not None and not info.is_stills:
            self.messages.tell_end(self.steering.toggle_pause)
        self._refresh()

    @Slot(object)
    def _on_detector_failed(self, error: Exception) -> None:
        self.messages.tell_error(error)
        self._refresh()

    @Slot(object, object)
    def _on_recording_ended(
        self, info: RecordingInfo | None, error: Exception | None
    ) -> None:
        if error is not None:
            self.messages.tell_error(error)
        elif info is not None:
            self.messages.tell_recorded(info)
        self._refresh()

    @Slot(str, object)
    def _on_failed(self, _stage: str, error: Exception) -> None:
        self._failed = True
        if self.video.has_image:
            self.messages.tell_error(error)
        elif isinstance(error, ModelError):  # nothing can play without one
            self.situations.show_no_model(error)
            self.scene.show_page()
        else:
            self.situations.show_failed(error)
            self.scene.show_page()
        self._refresh()

    @Slot()
    def _on_finished(self) -> None:
        self.transport.hide()
        if not self._failed and not self.closing.is_closing:
            if self.video.has_image:
                self.messages.tell_end(self._try_again)
            else:
                self._show_welcome()
        self._refresh()

    @Slot(object)
    def _on_built(self, path: Path) -> None:
        self.use_model(path)

    @Slot(str)
    def _on_not_built(self, details: str) -> None:
        self.situations.show_build_failed(details)

    # --- what is shown -------------------------------------------------------

    def _forget_picture(self) -> None:
        self._result = None
        self.history.clear()
        self.transport.hide()
        self.video.show_text("")

    def _show_welcome(self) -> None:
        self.setWindowTitle(NAME)
        self.situations.show_welcome()
        self.scene.show_page()

    @Slot()
    def _show_opening(self) -> None:
        if self._player.info is not None:
            self._show_loading()
            return
        self.situations.show_opening(self._factories.redact(self._asked_for))
        self.scene.show_page()

    def _show_loading(self) -> None:
        is_cpu = self._player.settings.device == "cpu"
        self.situations.show_loading("" if is_cpu else self.sections.backend.chosen)
        self.scene.show_page()

    def _fit_transport(self) -> None:
        info = None if self.isFullScreen() else self._player.info
        self.transport.show_source(info, can_seek=self._player.can_seek)
        if self._result is not None:
            self.transport.show_frame(self._result.frame)

    def _tint(self) -> None:
        palette = self.palette()
        for part in (
            self.actions_,
            self.toolbar,
            self.transport,
            self.panel,
            self.page,
        ):
            part.tint(palette)
        self._refresh()

    @Slot()
    def _show_cameras(self) -> None:
        self.sections.source.show_cameras(self.watch.cameras)
        self.sections.show_player(self._player)

    @Slot()
    def _refresh(self) -> None:
        """Make every control say what is true now."""
        player, actions, sections = self._player, self.actions_, self.sections
        self._shows_paused = player.is_paused
        actions.show_playing(
            is_running=player.is_running,
            is_paused=player.is_paused,
            is_file=player.can_seek,
        )
        actions.show_recording(
            is_recording=player.is_recording, is_possible=player.info is not None
        )
        actions.snapshot.setEnabled(self._result is not None)
        actions.open_model.setEnabled(not player.is_switching)
        sections.show_player(player)
        self.toolbar.badge.show_detector(
            sections.detector_of(player),
            asked_for=player.settings.device,
            is_switching=player.is_switching,
        )
        self._refresh_status()

    @Slot()
    def _refresh_status(self) -> None:
        player, stats = self._player, self._player.stats()
        info = player.info
        if info is not None:
            self.status.show_source(*self._name_and_size(info))
        elif not self.video.has_image:
            self.status.show_nothing()
        self.status.show_numbers(
            self.history.numbers(stats, time.monotonic())
            if stats is not None
            else None,
            is_live=info is not None and info.is_live,
        )
        state = self.keeper.state
        self.status.show_recording(
            "" if state is None else state.elapsed,
            lost=0 if state is None else state.dropped,
        )
        self.sections.recording.show_state(state)

    def _name_and_size(self, info: VideoInfo) -> tuple[str, tuple[int, int]]:
        if self._result is None:
            return info.name, info.size_wh
        frame = self._result.frame
        height, width = frame.image_bgr.shape[:2]
        paths = info.frame_paths
        return Path(paths[frame.index]).name if paths else info.name, (width, height)
