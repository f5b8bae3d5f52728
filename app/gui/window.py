"""The main window: the picture, what plays, what runs, and what went wrong."""

import math
import statistics
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import (
    QSettings,
    QSignalBlocker,
    Qt,
    QTimer,
    QUrl,
    Slot,
)
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.errors import ModelError, UserError
from app.gui.icons import RED, icon
from app.gui.notice import NoticeBar
from app.gui.player import Player
from app.gui.transport import TransportBar
from app.gui.video_view import VideoView
from app.types import DetectorInfo, RecordingInfo, Result, VideoInfo

NAME = "MobileNet-SSD Live"
VIDEO_SUFFIXES = (".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4v", ".gif")
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
STATUS_EVERY_MS = 500
# How long a closing window waits for its recording to be finished.
FINISH_MS = 10_000
LATENCIES_KEPT = 60
BACK_AGAIN_MS = 4000


class SaveSnapshot(Protocol):
    """Writes a result's picture into a folder."""

    def __call__(self, result: Result, folder: Path, *, with_boxes: bool) -> Path:
        """The file; raises UserError where it cannot be written."""
        ...


class MainWindow(QMainWindow):
    """Shows what the player plays; every action of the user starts here."""

    def __init__(
        self,
        player: Player,
        *,
        list_cameras: Callable[[], list[tuple[int, str]]],
        clip: Path,
        settings_path: Path,
        recordings: Path,
        save_snapshot: SaveSnapshot,
    ) -> None:
        """Build the window; nothing plays until `player.open`.

        Args:
            player: what it shows and steers.
            list_cameras: number and name of each, for the menu.
            clip: the bundled clip, offered where there is no camera.
            settings_path: where the settings are saved on closing.
            recordings: the folder for recordings and snapshots; made when needed.
            save_snapshot: writes a result's picture into a folder.
        """
        super().__init__()
        self._player = player
        self._list_cameras = list_cameras
        self._clip = clip
        self._settings_path = settings_path
        self._recordings = recordings
        self._save_snapshot = save_snapshot
        self._result: Result | None = None
        self._latencies_ms: deque[float] = deque(maxlen=LATENCIES_KEPT)
        self._recording_since_s = 0.0
        self._failed = False
        self._is_closing = False
        self._was_playing = False  # when the slider was grabbed
        self._shows_paused = False
        self._waiting_text = ""

        self.setWindowTitle(NAME)
        self.setAcceptDrops(True)
        self.notice = NoticeBar()
        self.video = VideoView()
        self._build_actions()
        self._build_center()
        self._build_toolbar()
        self._build_status_bar()
        self._show_welcome()
        self._connect()
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
        self.transport = TransportBar(self.pause_action, self.loop_action)
        self.transport.show_speed(self._player.speed)
        layout.addWidget(self.transport)
        self.setCentralWidget(center)

    def _action(
        self, text: str, keys: list[QKeySequence | str], act: Callable[[], object]
    ) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        names = ", ".join(
            key.toString(QKeySequence.SequenceFormat.NativeText)
            for key in action.shortcuts()
        )
        action.setToolTip(f"{text} ({names})" if names else text)
        action.triggered.connect(lambda: act())
        self.addAction(action)
        return action

    def _build_actions(self) -> None:
        self.open_action = self._action(
            self.tr("Open file…"),
            [QKeySequence(QKeySequence.StandardKey.Open)],
            self._choose_file,
        )
        self.pause_action = self._action(
            self.tr("Pause"), ["Space"], self._player.toggle_pause
        )
        self.pause_action.triggered.connect(self._refresh)
        self.loop_action = self._action(self.tr("Loop"), ["L"], self._toggle_loop)
        self.loop_action.setCheckable(True)
        self.loop_action.setChecked(self._player.loops)
        self.record_action = self._action(
            self.tr("Record"), ["R"], self._toggle_recording
        )
        self.snapshot_action = self._action(
            self.tr("Snapshot"), ["S"], self._take_snapshot
        )
        self._action(
            self.tr("Snapshot without boxes"),
            ["Shift+S"],
            lambda: self._take_snapshot(with_boxes=False),
        )
        self.model_action = self._action(
            self.tr("Open model…"), ["Ctrl+M"], self._choose_model
        )
        self._action(self.tr("Full screen"), ["F11", "F"], self._toggle_full_screen)
        self._action(self.tr("Leave full screen"), ["Esc"], self._leave_full_screen)
        self._action(
            self.tr("Quit"), [QKeySequence(QKeySequence.StandardKey.Quit)], self.close
        )

    def _build_toolbar(self) -> None:
        bar = self._toolbar = QToolBar(self.tr("Tools"))
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.addToolBar(bar)

        self.camera_menu = QMenu(self)
        self.camera_menu.aboutToShow.connect(self._fill_camera_menu)
        self._camera_button = QToolButton()
        self._camera_button.setText(self.tr("Open camera"))
        self._camera_button.setToolTip(self.tr("Open a camera"))
        self._camera_button.setMenu(self.camera_menu)
        self._camera_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._camera_button.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        )
        bar.addWidget(self._camera_button)
        bar.addAction(self.open_action)
        bar.addSeparator()
        bar.addAction(self.pause_action)
        bar.addAction(self.record_action)
        bar.addAction(self.snapshot_action)
        bar.addSeparator()
        bar.addWidget(self._device_box())
        bar.addSeparator()
        bar.addWidget(self._score_box())
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(spacer)
        bar.addAction(self.model_action)

    def _device_box(self) -> QWidget:
        self.device = QComboBox()
        self.device.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        self.device.setAccessibleName(self.tr("Device"))
        self.device.setToolTip(self.tr("Where the detector should run"))
        self.device.addItem(self.tr("Auto"), "auto")
        self.device.addItem(self.tr("CPU"), "cpu")
        self.device.addItem(self.tr("GPU (CUDA)"), "cuda")
        self.badge = QLabel()
        self.badge.setAccessibleName(self.tr("Where the detector runs"))
        return _row(self.device, self.badge)

    def _score_box(self) -> QWidget:
        self.score = QSlider(Qt.Orientation.Horizontal)
        self.score.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.score.setAccessibleName(self.tr("Score threshold"))
        self.score.setToolTip(self.tr("Boxes with a lower score are not shown"))
        self.score.setRange(1, 99)
        self.score.setFixedWidth(100)
        self.score.setValue(round(100 * self._player.settings.score_threshold))
        self._score_value = QLabel()
        self._score_value.setFixedWidth(
            self.fontMetrics().horizontalAdvance("0.000")  # never jumps
        )
        return _row(QLabel(self.tr("Score from")), self.score, self._score_value)

    def _build_status_bar(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(8, 0, 8, 0)
        self.source_label = QLabel()
        self.recording_label = QLabel()
        self.recording_label.setStyleSheet(
            "color: white; background: #c92a2a; border-radius: 4px; padding: 1px 8px;"
        )
        self.rates_label = QLabel()
        bar.addWidget(self.source_label, 1)
        bar.addPermanentWidget(self.recording_label)
        bar.addPermanentWidget(self.rates_label)

    def _connect(self) -> None:
        player = self._player
        player.opened.connect(self._on_opened)
        player.warned.connect(self._on_warned)
        player.interrupted.connect(self._on_interrupted)
        player.resumed.connect(self._on_resumed)
        player.ended.connect(self._refresh)
        self.transport.sought.connect(self._seek)
        self.transport.grabbed.connect(self._hold)
        self.transport.released.connect(self._let_go)
        self.transport.stepped.connect(self._step)
        self.transport.speed_chosen.connect(player.set_speed)
        player.result_ready.connect(self._on_result)
        player.detector_opened.connect(self._on_detector_opened)
        player.detector_failed.connect(self._on_detector_failed)
        player.recording_started.connect(self._on_recording_started)
        player.recording_ended.connect(self._on_recording_ended)
        player.failed.connect(self._on_failed)
        player.finished.connect(self._on_finished)
        self.device.activated.connect(self._choose_device)
        self.score.valueChanged.connect(self._choose_score)
        self._status_timer = QTimer(self, interval=STATUS_EVERY_MS)
        self._status_timer.timeout.connect(self._refresh_status)
        self._status_timer.start()

    # --- what the user does --------------------------------------------------

    def open_source(self, text: str) -> None:
        """Play a camera's number, a file's path, or photos, one path a line."""
        self.notice.dismiss()
        self._failed = False
        self._latencies_ms.clear()
        self._result = None
        self.transport.hide()
        self.video.show_text(self.tr("Opening…"))
        self._player.open(text)
        self._refresh()

    @Slot()
    def _choose_file(self) -> None:
        suffixes = (*VIDEO_SUFFIXES, *PHOTO_SUFFIXES)
        patterns = " ".join(f"*{suffix}" for suffix in suffixes)
        paths, _ = QFileDialog.getOpenFileNames(
            self,
            self.tr("Open a video, or photos"),
            "",
            f"{self.tr('Videos and photos')} ({patterns});;{self.tr('All files')} (*)",
        )
        if paths:
            self.open_source("\n".join(paths))

    @Slot()
    def _choose_model(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, self.tr("Open a model"), "", f"{self.tr('Models')} (*.onnx)"
        )
        if path:
            self.use_model(Path(path))

    def use_model(self, path: Path) -> None:
        """Run another model; what could not be played without it is played now."""
        self.notice.dismiss()
        self._player.use_model(path)
        if not self._player.is_running and self._player.source_text:
            self.open_source(self._player.source_text)
        self._refresh()

    @Slot(int)
    def _choose_device(self, index: int) -> None:
        self.notice.dismiss()
        self._player.use_device(self.device.itemData(index))
        self._refresh()

    @Slot(int)
    def _choose_score(self, value: int) -> None:
        settings = replace(self._player.settings, score_threshold=value / 100)
        self._player.update_settings(settings)
        self._refresh()

    def _toggle_loop(self) -> None:
        self._player.set_loops(self.loop_action.isChecked())

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

    def _toggle_recording(self) -> None:
        if self._player.is_recording:
            self._player.stop_recording()
            return
        try:
            path = self._new_recording()
        except OSError as error:
            self.notice.tell(
                "error",
                self.tr("The folder for recordings cannot be made: {0}.").format(
                    error.strerror
                ),
            )
            return
        self._recording_since_s = time.monotonic()
        self._player.start_recording(path)
        self._refresh()

    def _take_snapshot(self, *, with_boxes: bool = True) -> None:
        if self._result is None:
            return
        try:
            path = self._save_snapshot(
                self._result, self._recordings, with_boxes=with_boxes
            )
        except UserError as error:
            self._tell_error(error)
            return
        self.notice.tell(
            "info",
            self.tr("Saved {0}.").format(path),
            action=self.tr("Show in folder"),
            on_action=lambda: _show_folder(path),
        )

    def _new_recording(self) -> Path:
        self._recordings.mkdir(parents=True, exist_ok=True)
        stem = time.strftime("%Y-%m-%d %H.%M.%S")
        path, number = self._recordings / f"{stem}.mp4", 2
        while path.exists():  # two in one second
            path, number = self._recordings / f"{stem} ({number}).mp4", number + 1
        return path

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self._leave_full_screen()
        else:
            self._toolbar.hide()
            self.statusBar().hide()
            self.showFullScreen()
            self._fit_transport()

    def _leave_full_screen(self) -> None:
        if self.isFullScreen():
            self._toolbar.show()
            self.statusBar().show()
            self.showNormal()
            self._fit_transport()

    @Slot()
    def _fill_camera_menu(self) -> None:
        self.camera_menu.clear()
        cameras = self._list_cameras()
        for number, name in cameras:
            action = self.camera_menu.addAction(name)
            action.triggered.connect(
                lambda _checked=False, text=str(number): self.open_source(text)
            )
        if not cameras:
            self.camera_menu.addAction(self.tr("No camera found")).setEnabled(False)
        self.camera_menu.addSeparator()
        clip = self.camera_menu.addAction(self.tr("Bundled street clip"))
        clip.triggered.connect(lambda: self.open_source(str(self._clip)))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a local file."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Play the video or photos, or run the model, that was dropped."""
        urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
        paths = [Path(url.toLocalFile()) for url in urls]
        if paths and paths[0].suffix.lower() == ".onnx":
            self.use_model(paths[0])
        elif paths:
            self.open_source("\n".join(str(path) for path in paths))

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

    @Slot(str)
    def _on_warned(self, text: str) -> None:
        self.notice.tell("warning", text)

    @Slot(str)
    def _on_interrupted(self, reason: str) -> None:
        self._waiting_text = self.tr(
            "{0} It goes on by itself when it is back."
        ).format(reason)
        self.notice.tell("warning", self._waiting_text)

    @Slot(float)
    def _on_resumed(self, after_s: float) -> None:
        if self.notice.text not in ("", self._waiting_text):
            return
        text = self.tr("Back again after {0:.0f} s.").format(after_s)
        self.notice.tell("info", text)
        QTimer.singleShot(BACK_AGAIN_MS, self, lambda: self._dismiss_if(text))

    def _dismiss_if(self, text: str) -> None:
        if self.notice.text == text:
            self.notice.dismiss()

    @Slot()
    def _on_result(self) -> None:
        result = self._player.take_result()
        if result is None:
            return
        self._result = result
        self._latencies_ms.append(result.times.latency_ms)
        self.snapshot_action.setEnabled(True)
        self.video.show_image(result.annotated_bgr)
        self.transport.show_frame(result.frame)
        is_held = self.transport.position.isSliderDown()
        if self._player.is_paused != self._shows_paused and not is_held:
            self._refresh()
        elif self._player.info is not None and self._player.info.is_stills:
            self._refresh_status()

    @Slot(object)
    def _on_detector_opened(self, info: DetectorInfo) -> None:
        if info.note and self._player.settings.device != "cpu":
            self.badge.setToolTip(self.tr("Not CUDA: {0}").format(info.note))
        else:
            self.badge.setToolTip(info.provider)
        self._refresh()

    @Slot(object)
    def _on_detector_failed(self, error: Exception) -> None:
        self._tell_error(error)
        self._refresh()

    @Slot(str)
    def _on_recording_started(self, _path: str) -> None:
        self._refresh()

    @Slot(object, object)
    def _on_recording_ended(
        self, info: RecordingInfo | None, error: Exception | None
    ) -> None:
        if error is not None:
            self._tell_error(error)
        elif info is not None:
            dropped = (
                self.tr(" {0} frames were dropped.").format(info.dropped)
                if info.dropped
                else ""
            )
            self.notice.tell(
                "info",
                self.tr("Recorded {0} to {1}.").format(
                    _minutes(info.duration_s), info.path
                )
                + dropped,
                action=self.tr("Show in folder"),
                on_action=lambda: _show_folder(Path(info.path)),
            )
        self._refresh()
        if self._is_closing:
            self.close()

    @Slot(str, object)
    def _on_failed(self, _stage: str, error: Exception) -> None:
        self._failed = True
        if isinstance(error, ModelError):  # nothing can play without one
            self.notice.tell(
                "error",
                str(error),
                action=self.tr("Open model…"),
                on_action=self._choose_model,
            )
        else:
            self._tell_error(error)
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
        elif not self._failed and not self.notice.text:
            self.notice.tell(
                "info",
                self.tr("The end."),
                action=self.tr("Play again"),
                on_action=lambda: self.open_source(self._player.source_text),
            )
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

    def _tell_error(self, error: Exception) -> None:
        if isinstance(error, UserError):
            self.notice.tell("error", str(error))
            return
        details = "".join(traceback.format_exception(error))
        self.notice.tell(
            "error",
            self.tr("Something went wrong that should not: {0}").format(error),
            action=self.tr("Copy details"),
            on_action=lambda: QGuiApplication.clipboard().setText(details),
        )

    def _fit_transport(self) -> None:
        info = None if self.isFullScreen() else self._player.info
        self.transport.show_source(info, can_seek=self._player.can_seek)
        if self._result is not None:
            self.transport.show_frame(self._result.frame)

    @Slot()
    def _refresh(self) -> None:
        """Make every control say what is true now."""
        player, palette = self._player, self.palette()
        is_running = player.is_running
        self._camera_button.setIcon(icon("camera", palette))
        self.open_action.setIcon(icon("file", palette))
        self.model_action.setIcon(icon("model", palette))
        self.pause_action.setEnabled(is_running)
        self.pause_action.setIcon(
            icon("play" if player.is_paused else "pause", palette)
        )
        self._shows_paused = player.is_paused
        going_on = self.tr("Play") if player.can_seek else self.tr("Resume")
        self.pause_action.setText(going_on if player.is_paused else self.tr("Pause"))
        self.loop_action.setIcon(icon("loop", palette))
        self.transport.tint(palette)
        self.record_action.setEnabled(player.info is not None)
        self.snapshot_action.setEnabled(self._result is not None)
        self.snapshot_action.setIcon(icon("snapshot", palette))
        self.record_action.setIcon(
            icon("stop" if player.is_recording else "record", palette, color=RED)
        )
        self.record_action.setText(
            self.tr("Stop") if player.is_recording else self.tr("Record")
        )
        with QSignalBlocker(self.device):
            self.device.setCurrentIndex(self.device.findData(player.settings.device))
        self.device.setEnabled(not player.is_switching)
        self.model_action.setEnabled(not player.is_switching)
        self._refresh_badge()
        self._score_value.setText(f"{player.settings.score_threshold:.2f}")
        self._refresh_status()

    def _refresh_badge(self) -> None:
        info = self._player.detector_info
        if self._player.is_switching:
            text, colors = self.tr("Switching…"), "color: #5c3a00; background: #ffedc7;"
        elif info is None or not self._player.is_running:
            text, colors = self.tr("Idle"), "color: palette(text);"
        elif info.device == "CPU":
            text, colors = self.tr("CPU"), "color: #0b3a66; background: #dcecfb;"
        else:
            text, colors = info.device, "color: #0c4a1c; background: #d3f5dc;"
        self.badge.setText(text)
        self.badge.setStyleSheet(
            f"{colors} border-radius: 4px; padding: 2px 8px; font-weight: 600;"
        )

    @Slot()
    def _refresh_status(self) -> None:
        player = self._player
        info, stats = player.info, player.stats()
        if info is not None:
            name, (width, height) = info.name, info.size_wh
            if self._result is not None:
                frame = self._result.frame
                height, width = frame.image_bgr.shape[:2]
                if info.frame_paths:
                    name = Path(info.frame_paths[frame.index]).name
            self.source_label.setText(f"{name}  {width} x {height}")
        self.rates_label.setVisible(stats is not None)
        if stats is not None:
            parts = [
                self.tr("source {0:.0f} fps").format(stats.capture_fps),
                self.tr("detector {0:.0f} fps").format(stats.inference_fps),
            ]
            if self._latencies_ms:
                median_ms = statistics.median(self._latencies_ms)
                parts.append(self.tr("latency {0:.0f} ms").format(median_ms))
            if info is not None and info.is_live:
                parts.append(self.tr("dropped {0}").format(stats.dropped))
            self.rates_label.setText("   ".join(parts))
        self.recording_label.setVisible(player.is_recording)
        if player.is_recording:
            elapsed = _minutes(time.monotonic() - self._recording_since_s)
            lost = stats.recording_dropped if stats is not None else 0
            text = f"● {elapsed}" + (self.tr("  {0} lost").format(lost) if lost else "")
            self.recording_label.setText(text)


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(8, 0, 8, 0)
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget)
    return row


def _minutes(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _show_folder(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
