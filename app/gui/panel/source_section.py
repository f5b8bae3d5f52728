"""What plays, and what could: cameras, files, addresses, what played before."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QMenu, QPushButton

from app.gui.actions import Actions
from app.gui.languages.sentences import in_words
from app.gui.look.elided import ElidedLabel
from app.gui.look.hover import hang
from app.gui.look.numbers import brief
from app.gui.look.turning import TurningRow
from app.gui.panel.section import SPACE, Rows, Section, muted_label
from app.types import CameraMode, VideoInfo


class SourceSection(Section):
    """Chooses a source, and says what it gives.

    Signals:
        source_chosen: what to open.
        cameras_wanted: the list is about to be shown; look for them.
    """

    source_chosen = Signal(str)
    cameras_wanted = Signal()

    def __init__(self, actions: Actions, recent: QMenu) -> None:
        """Offer what there is.

        Args:
            actions: the window's; some are buttons here, too.
            recent: the menu of what was played before.
        """
        super().__init__()
        self.set_title(self.tr("Source"))
        self._device = ""
        self.name = ElidedLabel()
        self.granted = muted_label()
        self.camera = _CameraBox()
        self.camera.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys
        self.camera.about_to_show.connect(self.cameras_wanted)
        self.camera.activated.connect(self._on_camera)
        rows = Rows()
        rows.add(self.tr("Camera"), self.camera)
        self.mode = QComboBox()
        self.mode.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.mode.setToolTip(self.tr("What to ask of the camera; it may grant less"))
        self.mode.activated.connect(self._on_mode)
        self._mode_label = rows.add(self.tr("Mode"), self.mode)
        buttons = [
            self._button(self.tr("File…"), actions.open_file),
            self._button(self.tr("Folder…"), actions.open_folder),
            self._button(self.tr("Address…"), actions.open_address),
        ]
        self.recent = QPushButton(self.tr("Recent"))
        hang(recent, self.recent)
        self.body.addWidget(self.name)
        self.body.addWidget(self.granted)
        self.body.addLayout(rows)
        ways = TurningRow(SPACE)
        for button in buttons:
            ways.line.addWidget(button)
        self.body.addWidget(ways)
        self.body.addWidget(self.recent)
        self.show_cameras([])
        self.show_source(None, text="")

    def show_cameras(self, cameras: Sequence[tuple[int, str]]) -> None:
        """List them."""
        chosen = self.camera.currentData()
        with QSignalBlocker(self.camera):
            self.camera.clear()
            first = self.tr("Choose…") if cameras else self.tr("None found")
            self.camera.addItem(first, "")
            for _, title in cameras:
                self.camera.addItem(title, title)
            self.camera.setCurrentIndex(max(0, self.camera.findData(chosen)))

    def show_source(self, info: VideoInfo | None, *, text: str) -> None:
        """Say what plays: `info` once it is open, and `text`, by which it was."""
        self._device, _, mode = text.rpartition("@") if "@" in text else (text, "", "")
        with QSignalBlocker(self.camera):
            found = max(self.camera.findData(self._device), self.camera.findData(text))
            self.camera.setCurrentIndex(max(0, found))
        self._show_modes(info, mode)
        self.summarize(in_words(info.name) if info is not None else "")
        if info is None:
            self.name.setText(self.tr("Nothing is open"))
            self.granted.setText(self.tr("Drop a video, photos or an address here."))
            return
        self.name.setText(in_words(info.name))
        self.granted.setText(self._granted(info))

    def _granted(self, info: VideoInfo) -> str:
        width, height = info.size_wh
        parts = [self.tr("{0} x {1}").format(width, height)]
        if info.is_stills:
            parts.append(self.tr("{0} photos").format(info.frame_count or 0))
        elif info.fps is not None:
            parts.append(self.tr("{0} fps").format(brief(float(info.fps))))
        if info.pixel_format:
            parts.append(info.pixel_format)
        return ", ".join(parts)

    def _show_modes(self, info: VideoInfo | None, asked_for: str) -> None:
        """What the open camera offers; the rest of the time nobody knows."""
        modes = info.modes if info is not None else ()
        with QSignalBlocker(self.mode):
            self.mode.clear()
            self.mode.addItem(self.tr("Automatic"), "")
            for mode in modes:
                self.mode.addItem(_in_words(mode), str(mode))
            self.mode.setCurrentIndex(max(0, self.mode.findData(asked_for)))
        for widget in (self.mode, self._mode_label):
            widget.setVisible(bool(modes))

    def _button(self, name: str, action: QAction) -> QPushButton:
        button = QPushButton(name)
        button.setToolTip(action.toolTip())
        button.setAccessibleName(action.text())
        button.clicked.connect(action.trigger)
        return button

    @Slot(int)
    def _on_camera(self, index: int) -> None:
        if text := self.camera.itemData(index):
            self.source_chosen.emit(text)

    @Slot(int)
    def _on_mode(self, index: int) -> None:
        mode = self.mode.itemData(index)
        self.source_chosen.emit(f"{self._device}@{mode}" if mode else self._device)


def _in_words(mode: CameraMode) -> str:
    width, height = mode.size_wh
    return f"{width} x {height}, {brief(mode.fps)} fps {mode.pixel_format}".strip()


class _CameraBox(QComboBox):
    """Lists what is plugged in when it is looked at.

    Signals:
        about_to_show: the list is about to be opened.
    """

    about_to_show = Signal()

    def showPopup(self) -> None:
        """Open the list; who fills it may still be looking."""
        self.about_to_show.emit()
        super().showPopup()
