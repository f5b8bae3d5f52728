"""The main window: it puts the parts together and lets one hear of the other."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
)
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from app.errors import ModelError
from app.gui.actions import Actions
from app.gui.messages import Messages, minutes
from app.gui.notice import NoticeBar
from app.gui.opening import Opener, can_take
from app.gui.player import Player
from app.gui.recording import Keeper
from app.gui.status_bar import StatusBar
from app.gui.toolbar import ToolBar
from app.gui.transport import TransportBar
from app.gui.video_view import VideoView
from app.pipeline.history import History
from app.types import DetectorInfo, RecordingInfo, Result, VideoInfo

NAME = "MobileNet-SSD Live"
STATUS_EVERY_MS = 500
# How long a closing window waits for its recording to be finished.
FINISH_MS = 10_000


class MainWindow(QMainWindow):
    """Shows what the player plays; every action of the user ends here."""

    def __init__(
        self,
        player: Player,
        *,
        list_cameras: Callable[[], list[tuple[int, str]]],
        clip: Path,
        settings_path: Path,
        recordings: Path,
    ) -> None:
        """Build the window; nothing plays until `player.open`.

        Args:
            player: what it shows and steers.
            list_cameras: number and name of each, for the menu.
            clip: the bundled clip, offered where there is no camera.
            settings_path: where the settings are saved on closing.
            recordings: the folder for recordings and snapshots; made when needed.
        """
        super().__init__()
        self._player = player
        self._settings_path = settings_path
        self._result: Result | None = None
        self._failed = False
        self._is_closing = False
        self._was_playing = False  # when the slider was grabbed
        self._shows_paused = False

        self.setWindowTitle(NAME)
        self.setAcceptDrops(True)
        self.notice = NoticeBar()
        self.messages = Messages(self.notice)
        self.video = VideoView()
        self.history = History()
        self.actions_ = Actions(self)
        self.opener = Opener(self, list_cameras=list_cameras, clip=clip)
        self.keeper = Keeper(player, folder=recordings, parent=self)
        self.toolbar = ToolBar(self.actions_, self.opener.camera_menu)
        self.addToolBar(self.toolbar)
        self.transport = TransportBar(self.actions_.pause, self.actions_.loop)
        self.transport.show_speed(player.speed)
        self.actions_.loop.setChecked(player.loops)
        self._build_center()
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self._show_welcome()
        self._connect_actions()
        self._connect_player()
        self._restore_geometry()
        self._refresh()
        self.video.setFocus()

    # --- building ------------------------------------------------------------

    def _build_center(self) -> None:
        center = QWidget()
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.video, 1)
        layout.addWidget(self.transport)
        self.setCentralWidget(center)

    def _connect_actions(self) -> None:
        actions, opener, keeper = self.actions_, self.opener, self.keeper
        actions.open_file.triggered.connect(opener.ask_for_files)
        actions.open_model.triggered.connect(opener.ask_for_model)
        actions.pause.triggered.connect(self._toggle_pause)
        actions.loop.triggered.connect(self._player.set_loops)
        actions.record.triggered.connect(self._toggle_recording)
        actions.snapshot.triggered.connect(lambda: self._take_snapshot(with_boxes=True))
        actions.plain_snapshot.triggered.connect(
            lambda: self._take_snapshot(with_boxes=False)
        )
        actions.copy_numbers.triggered.connect(self.copy_numbers)
        actions.zoom_in.triggered.connect(self.video.zoom_in)
        actions.zoom_out.triggered.connect(self.video.zoom_out)
        actions.whole_picture.triggered.connect(self.video.reset_zoom)
        actions.full_screen.triggered.connect(self._toggle_full_screen)
        actions.leave_full_screen.triggered.connect(self._leave_full_screen)
        actions.quit.triggered.connect(self.close)
        opener.source_chosen.connect(self.open_source)
        opener.model_chosen.connect(self.use_model)
        keeper.saved.connect(self.messages.tell_snapshot)
        keeper.failed.connect(self.messages.tell_error)
        self.toolbar.device_chosen.connect(self._choose_device)
        self.toolbar.score_chosen.connect(self._choose_score)
        self.transport.sought.connect(self._seek)
        self.transport.grabbed.connect(self._hold)
        self.transport.released.connect(self._let_go)
        self.transport.stepped.connect(self._step)
        self.transport.speed_chosen.connect(self._player.set_speed)
        self.video.full_screen_wanted.connect(self._toggle_full_screen)

    def _connect_player(self) -> None:
        player = self._player
        self.video.apply(player.settings)
        self.video.painted.connect(self._on_painted)
        player.settings_changed.connect(self.video.apply)
        player.set_viewport(self.video.viewport)
        self.video.viewport_changed.connect(player.set_viewport)
        player.opened.connect(self._on_opened)
        player.warned.connect(lambda text: self.notice.tell("warning", text))
        player.interrupted.connect(self.messages.tell_interrupted)
        player.resumed.connect(self.messages.tell_resumed)
        player.ended.connect(self._refresh)
        player.result_ready.connect(self._on_result)
        player.detector_opened.connect(self._on_detector_opened)
        player.detector_failed.connect(self._on_detector_failed)
        player.recording_started.connect(self._refresh)
        player.recording_ended.connect(self._on_recording_ended)
        player.failed.connect(self._on_failed)
        player.finished.connect(self._on_finished)
        self._status_timer = QTimer(self, interval=STATUS_EVERY_MS)
        self._status_timer.timeout.connect(self._refresh_status)
        self._status_timer.start()

    # --- what the user does --------------------------------------------------

    def open_source(self, text: str) -> None:
        """Play a camera's number, a file's path, or photos, one path a line."""
        self.notice.dismiss()
        self._failed = False
        self.history.clear()
        self._result = None
        self.transport.hide()
        self.video.show_text(self.tr("Opening…"))
        self._player.open(text)
        self._refresh()

    def use_model(self, path: Path) -> None:
        """Run another model; what could not be played without it is played now."""
        self.notice.dismiss()
        self._player.use_model(path)
        if not self._player.is_running and self._player.source_text:
            self.open_source(self._player.source_text)
        self._refresh()

    @Slot(str)
    def _choose_device(self, device: str) -> None:
        self.notice.dismiss()
        self._player.use_device(device)
        self._refresh()

    @Slot(float)
    def _choose_score(self, score: float) -> None:
        settings = replace(self._player.settings, score_threshold=score)
        self._player.update_settings(settings)
        self._refresh()

    def _toggle_pause(self) -> None:
        self._player.toggle_pause()
        self._refresh()

    def _toggle_recording(self) -> None:
        self.keeper.toggle_recording()
        self._refresh()

    def _take_snapshot(self, *, with_boxes: bool) -> None:
        if self._result is not None:
            self.keeper.take_snapshot(self._result, with_boxes=with_boxes)

    @Slot(float, bool)
    def _seek(self, timestamp_s: float, is_exact: bool) -> None:
        self._player.seek(timestamp_s, is_exact=is_exact)

    @Slot(int)
    def _step(self, count: int) -> None:
        if self._player.can_seek:
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
        if not self._player.can_seek:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Left:
            self._step(-1)
        elif event.key() == Qt.Key.Key_Right:
            self._step(1)
        elif event.key() == Qt.Key.Key_Home:
            self._player.seek(0.0)
        elif event.key() == Qt.Key.Key_End:
            self._player.seek(math.inf)
        else:
            super().keyPressEvent(event)

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self._leave_full_screen()
        else:
            self.toolbar.hide()
            self.status.hide()
            self.showFullScreen()
            self._fit_transport()

    def _leave_full_screen(self) -> None:
        if self.isFullScreen():
            self.toolbar.show()
            self.status.show()
            self.showNormal()
            self._fit_transport()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take what can be played or run."""
        if can_take(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Play it, or run it."""
        self.opener.take(event.mimeData())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Finish a running recording first, without a question and unseen."""
        self._save()
        if not self._player.is_recording or self._is_closing:
            self._player.close()
            event.accept()
            return
        event.ignore()
        self.hide()
        self._is_closing = True
        self._player.close()
        QTimer.singleShot(FINISH_MS, self.close)

    def _save(self) -> None:
        try:
            self._player.settings.save(self._settings_path)
        except OSError:
            return  # a read-only home costs the settings, never the closing
        self._geometry_store().setValue("geometry", self.saveGeometry())

    def _restore_geometry(self) -> None:
        geometry = self._geometry_store().value("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(1180, 720)

    def _geometry_store(self) -> QSettings:
        path = self._settings_path.with_name("window.ini")
        return QSettings(str(path), QSettings.Format.IniFormat)

    # --- what the player tells -----------------------------------------------

    @Slot(object)
    def _on_opened(self, info: VideoInfo) -> None:
        self.setWindowTitle(f"{info.name} - {NAME}")
        self._fit_transport()
        self._refresh()

    @Slot()
    def _on_result(self) -> None:
        result = self._player.take_result()
        if result is None:
            return
        self._result = result
        self.actions_.snapshot.setEnabled(True)
        self.video.show_result(result)
        self.transport.show_frame(result.frame)
        is_held = self.transport.position.isSliderDown()
        if self._player.is_paused != self._shows_paused and not is_held:
            self._refresh()
        elif self._player.info is not None and self._player.info.is_stills:
            self._refresh_status()

    @Slot(object)
    def _on_painted(self, result: Result) -> None:
        self.history.add(result, time.monotonic())

    def copy_numbers(self) -> None:
        """Put how it does just now on the clipboard, as JSON."""
        if (stats := self._player.stats()) is not None:
            numbers = self.history.numbers(stats, time.monotonic())
            QGuiApplication.clipboard().setText(numbers.to_json())

    @Slot(object)
    def _on_detector_opened(self, info: DetectorInfo) -> None:
        badge = self.toolbar.badge
        if info.note and self._player.settings.device != "cpu":
            badge.setToolTip(self.tr("Not CUDA: {0}").format(info.note))
        else:
            badge.setToolTip(info.provider)
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
        if self._is_closing:
            self.close()

    @Slot(str, object)
    def _on_failed(self, _stage: str, error: Exception) -> None:
        self._failed = True
        if isinstance(error, ModelError):  # nothing can play without one
            self.messages.tell_no_model(error, self.opener.ask_for_model)
        else:
            self.messages.tell_error(error)
        if not self.video.has_image:
            self._show_welcome()
        self._refresh()

    @Slot()
    def _on_finished(self) -> None:
        self.transport.hide()
        if self._is_closing:
            self.close()
            return
        if not self.video.has_image:
            self._show_welcome()
        elif not self._failed:
            self.messages.tell_end(lambda: self.open_source(self._player.source_text))
        self._refresh()

    # --- what is shown -------------------------------------------------------

    def _show_welcome(self) -> None:
        self.setWindowTitle(NAME)
        self.video.show_text(
            self.tr("Open a camera or a video"),
            self.tr(
                "Use the buttons above, or drop a video here. "
                "Without either, try the bundled street clip under Open camera."
            ),
        )

    def _fit_transport(self) -> None:
        info = None if self.isFullScreen() else self._player.info
        self.transport.show_source(info, can_seek=self._player.can_seek)
        if self._result is not None:
            self.transport.show_frame(self._result.frame)

    @Slot()
    def _refresh(self) -> None:
        """Make every control say what is true now."""
        player, actions, palette = self._player, self.actions_, self.palette()
        actions.tint(palette)
        self.toolbar.tint(palette)
        self.transport.tint(palette)
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
        self.toolbar.show_settings(player.settings, is_switching=player.is_switching)
        self.toolbar.show_detector(
            player.detector_info if player.is_running else None,
            is_switching=player.is_switching,
        )
        self._refresh_status()

    @Slot()
    def _refresh_status(self) -> None:
        player, stats = self._player, self._player.stats()
        info = player.info
        if info is not None:
            self.status.show_source(*self._name_and_size(info))
        self.status.show_numbers(
            self.history.numbers(stats, time.monotonic())
            if stats is not None
            else None,
            is_live=info is not None and info.is_live,
        )
        elapsed_s = self.keeper.elapsed_s
        self.status.show_recording(
            "" if elapsed_s is None else minutes(elapsed_s),
            lost=stats.recording_dropped if stats is not None else 0,
        )

    def _name_and_size(self, info: VideoInfo) -> tuple[str, tuple[int, int]]:
        if self._result is None:
            return info.name, info.size_wh
        frame = self._result.frame
        height, width = frame.image_bgr.shape[:2]
        paths = info.frame_paths
        return Path(paths[frame.index]).name if paths else info.name, (width, height)
