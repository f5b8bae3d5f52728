"""The main window: it puts the parts together and lets one hear of the other."""

import math
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
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.errors import ModelError
from app.gui.actions import Actions
from app.gui.builder import BuildCommand, ModelBuilder
from app.gui.camera_watch import CameraWatch
from app.gui.closing import CloseQuestion
from app.gui.history import SettingsHistory
from app.gui.keys import SpaceForFocus
from app.gui.memory import WindowMemory
from app.gui.messages import Messages
from app.gui.notice import NoticeBar
from app.gui.opening import Opener, text_of
from app.gui.panel.backend import BackendSection
from app.gui.panel.classes import ClassesSection
from app.gui.panel.detection import DetectionSection
from app.gui.panel.model import ModelSection
from app.gui.panel.overlay import OverlaySection
from app.gui.panel.recording import RecordingSection
from app.gui.panel.side_panel import Sections, SidePanel
from app.gui.panel.source import SourceSection
from app.gui.player import Player
from app.gui.plots import PlotDock
from app.gui.recent import RecentSources
from app.gui.recording import Keeper
from app.gui.settings_saver import SettingsSaver
from app.gui.shortcuts import ShortcutSheet
from app.gui.situations import Situations
from app.gui.state_page import StatePage
from app.gui.status_bar import StatusBar
from app.gui.toolbar import ToolBar
from app.gui.transport import TransportBar
from app.gui.video_view import VideoView
from app.pipeline.history import History
from app.pipeline.interfaces import Factories
from app.types import RecordingInfo, Result, VideoInfo

NAME = "MobileNet-SSD Live"
STATUS_EVERY_MS = 500
COUNTS_EVERY_S = 0.2
# A source that opens sooner than this needs no page that says so.
OPENING_MS = 300
# How long a closing window waits for its recording to be finished.
FINISH_MS = 10_000
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
        self._is_closing = False
        self._question: CloseQuestion | None = None
        self._was_playing = False  # when the slider was grabbed
        self._docks_before: list[QDockWidget] = []  # full screen
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
        self._connect_actions()
        self._connect_panel()
        self._connect_player()
        self._memory = WindowMemory(settings_path.with_name("window.ini"))
        self._memory.restore(self, self.panel)
        self._check_docks()
        self._space = SpaceForFocus(self)
        self._space.keep(self)
        self.page.filled.connect(lambda: self._space.keep(self.page))
        self._show_settings()
        self._show_welcome()
        self._refresh()
        self._tint()
        self.watch.start()
        self.stack.setFocus()  # so that keys are for the picture

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
        self.stack = QStackedWidget()
        self.stack.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.stack.setAccessibleName(self.tr("Picture"))
        self.stack.addWidget(self.video)
        self.stack.addWidget(self.page)
        self.transport = TransportBar(self.actions_.pause, self.actions_.loop)
        self.transport.show_speed(self._player.speed)
        self.actions_.loop.setChecked(self._player.loops)
        center = QWidget()
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.transport)
        self.setCentralWidget(center)
        self._opening = QTimer(self, interval=OPENING_MS, singleShot=True)
        self._opening.timeout.connect(self._show_opening)

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
        actions = self.actions_
        opens = (
            (self.tr("File…"), actions.open_file),
            (self.tr("Folder…"), actions.open_folder),
            (self.tr("Address…"), actions.open_address),
        )
        self.sections = Sections(
            source=SourceSection(opens, self.opener.recent_menu),
            model=ModelSection(
                actions.open_model, build_command=self.builder.command.shown
            ),
            backend=BackendSection(),
            detection=DetectionSection(self.changes),
            classes=ClassesSection(self.changes),
            overlay=OverlaySection(self.changes),
            recording=RecordingSection(
                self.changes, record=actions.record, show_folder=actions.show_folder
            ),
        )
        self.panel = SidePanel(self.sections)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.panel)

    def _connect_actions(self) -> None:
        actions, opener, video = self.actions_, self.opener, self.video
        for action, act in (
            (actions.open_file, opener.ask_for_files),
            (actions.open_folder, opener.ask_for_folder),
            (actions.open_address, opener.ask_for_address),
            (actions.paste, opener.paste),
            (actions.open_model, opener.ask_for_model),
            (actions.close_source, self.close_source),
            (actions.pause, self._toggle_pause),
            (actions.record, self.keeper.toggle_recording),
            (actions.snapshot, lambda: self._take_snapshot(with_boxes=True)),
            (actions.plain_snapshot, lambda: self._take_snapshot(with_boxes=False)),
            (actions.show_folder, self.keeper.show_folder),
            (actions.copy_numbers, self.copy_numbers),
            (actions.zoom_in, video.zoom_in),
            (actions.zoom_out, video.zoom_out),
            (actions.whole_picture, video.reset_zoom),
            (actions.full_screen, self._toggle_full_screen),
            (actions.leave_full_screen, self._leave_full_screen),
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
        self.transport.sought.connect(self._seek)
        self.transport.grabbed.connect(self._hold)
        self.transport.released.connect(self._let_go)
        self.transport.stepped.connect(self._step)
        self.transport.speed_chosen.connect(self._player.set_speed)
        video.full_screen_wanted.connect(self._toggle_full_screen)

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
        player.settings_changed.connect(self._show_settings)
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
            self._opening.start()
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

    @Slot()
    def _toggle_pause(self) -> None:
        self.messages.forget_end()
        self._player.toggle_pause()
        self._refresh()

    def _take_snapshot(self, *, with_boxes: bool) -> None:
        if self._result is not None:
            self.keeper.take_snapshot(self._result, with_boxes=with_boxes)

    @Slot(float, bool)
    def _seek(self, timestamp_s: float, is_exact: bool) -> None:
        self.messages.forget_end()
        self._player.seek(timestamp_s, is_exact=is_exact)

    @Slot(int)
    def _step(self, count: int) -> None:
        if self._player.can_seek:
            self.messages.forget_end()
            self._player.step(count)
            self._refresh()

    @Slot()
    def _hold(self) -> None:
        self._was_playing = not self._player.is_paused
        self._player.pause()

    @Slot()
    def _let_go(self) -> None:
        if self._was_playing:
            self._player.resume()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steps and jumps, where the widget with the focus has no use for the key."""
        if self.video.pan_by_key(event):
            return
        if not self._player.can_seek:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Left:
            self._step(-1)
        elif event.key() == Qt.Key.Key_Right:
            self._step(1)
        elif event.key() == Qt.Key.Key_Home:
            self._seek(0.0, True)
        elif event.key() == Qt.Key.Key_End:
            self._seek(math.inf, True)
        else:
            super().keyPressEvent(event)

    @Slot()
    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self._leave_full_screen()
        else:
            self._docks_before = [d for _, d in self._docks() if not d.isHidden()]
            for part in (self.toolbar, self.status, *self._docks_before):
                part.hide()
            self.showFullScreen()
            self._fit_transport()

    @Slot()
    def _leave_full_screen(self) -> None:
        if self.isFullScreen():
            self.toolbar.show()
            self.status.show()
            for dock in self._docks_before:
                dock.show()
            self.showNormal()
            self._fit_transport()

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

    # --- closing -------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close, but ask once where a recording runs."""
        if self._player.is_recording and not self._is_closing:
            event.ignore()
            self._ask_to_close()
            return
        self._is_closing = True
        if self.isFullScreen():
            self._leave_full_screen()
        self._memory.keep(self, self.panel)
        self.saver.save()
        self.watch.stop()
        self.builder.shut_down()
        self._player.close()
        event.accept()

    @Slot()
    def close_without_asking(self) -> None:
        """Finish a running recording unseen, then close: for a signal, say."""
        if not self._player.is_recording:
            self.close()
            return
        self._is_closing = True
        self.hide()
        self._player.close()
        QTimer.singleShot(FINISH_MS, self, self.close)

    def _ask_to_close(self) -> None:
        if self._question is not None:
            return
        state = self.keeper.state
        elapsed = state.elapsed if state is not None else ""
        self._question = CloseQuestion(self, elapsed=elapsed)
        self._question.confirmed.connect(self.close_without_asking)
        self._question.finished.connect(self._on_answered)
        self._question.open()

    @Slot()
    def _on_answered(self) -> None:
        self._question = None

    # --- what the player tells -----------------------------------------------

    @Slot()
    def _on_starting(self) -> None:
        self._forget_picture()
        if self.stack.currentWidget() is self.page:
            self._show_opening()
        else:
            self._opening.start()
        self._refresh()

    @Slot(object)
    def _on_opened(self, info: VideoInfo) -> None:
        self.setWindowTitle(f"{info.name} - {NAME}")
        self.opener.remember(self._player.source_text)
        # A detector may have failed before the source was open.
        if self.stack.currentWidget() is self.page and not self._failed:
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
            self._show_video()
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
            self.messages.tell_end(self._toggle_pause)
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
        if self._question is not None:  # nothing is left to ask about
            self._question.finish.click()
        if self._is_closing:
            self.close()

    @Slot(str, object)
    def _on_failed(self, _stage: str, error: Exception) -> None:
        self._failed = True
        self._opening.stop()
        if self.video.has_image:
            self.messages.tell_error(error)
        elif isinstance(error, ModelError):  # nothing can play without one
            self.situations.show_no_model(error)
            self._show_page()
        else:
            self.situations.show_failed(error)
            self._show_page()
        self._refresh()

    @Slot()
    def _on_finished(self) -> None:
        self.transport.hide()
        if self._is_closing:
            self.close()
            return
        if not self._failed:
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
        self._opening.stop()
        self.setWindowTitle(NAME)
        self.situations.show_welcome()
        self._show_page()

    @Slot()
    def _show_opening(self) -> None:
        if self._player.info is not None:
            self._show_loading()
            return
        self.situations.show_opening(self._factories.redact(self._asked_for))
        self._show_page()

    def _show_loading(self) -> None:
        self._opening.stop()
        is_cpu = self._player.settings.device == "cpu"
        self.situations.show_loading("" if is_cpu else self.sections.backend.chosen)
        self._show_page()

    def _show_page(self) -> None:
        self.stack.setCurrentWidget(self.page)

    def _show_video(self) -> None:
        self._opening.stop()
        self.situations.leave()
        self.stack.setCurrentWidget(self.video)

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
        self._show_source()

    def _show_source(self) -> None:
        self.sections.source.show_source(
            self._player.info, text=self._player.source_text
        )

    @Slot()
    def _show_settings(self) -> None:
        settings, sections = self._player.settings, self.sections
        sections.detection.show_settings(settings)
        sections.classes.show_settings(settings)
        sections.overlay.show_settings(settings)
        sections.recording.show_settings(settings)

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
        info = player.detector_info if player.is_running else None
        sections.backend.show_state(
            player.settings, info, player.comparison, is_switching=player.is_switching
        )
        sections.model.show_detector(info, file_name=player.model_path.name)
        self.toolbar.badge.show_detector(
            info,
            asked_for=player.settings.device,
            is_switching=player.is_switching,
        )
        self._show_source()
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
