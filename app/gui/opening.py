"""The ways to name a source or a model: dialogs, the camera menu, a drop."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

VIDEO_SUFFIXES = (".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4v", ".gif")
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
MODEL_SUFFIX = ".onnx"


class Opener(QObject):
    """Asks for what to play or run, and says what was chosen.

    Signals:
        source_chosen: a camera's number, a file's path, or photos, one path a line.
        model_chosen: the path.
    """

    source_chosen = Signal(str)
    model_chosen = Signal(object)

    def __init__(
        self,
        window: QWidget,
        *,
        list_cameras: Callable[[], list[tuple[int, str]]],
        clip: Path,
    ) -> None:
        """Nothing is asked yet.

        Args:
            window: over which dialogs appear.
            list_cameras: number and name of each, for the menu.
            clip: the bundled clip, offered too.
        """
        super().__init__(window)
        self._window = window
        self._list_cameras = list_cameras
        self._clip = clip
        self.camera_menu = QMenu(window)
        self.camera_menu.aboutToShow.connect(self._fill_camera_menu)

    @Slot()
    def ask_for_files(self) -> None:
        """A video, or photos."""
        suffixes = (*VIDEO_SUFFIXES, *PHOTO_SUFFIXES)
        patterns = " ".join(f"*{suffix}" for suffix in suffixes)
        paths, _ = QFileDialog.getOpenFileNames(
            self._window,
            self.tr("Open a video, or photos"),
            "",
            f"{self.tr('Videos and photos')} ({patterns});;{self.tr('All files')} (*)",
        )
        if paths:
            self.source_chosen.emit("\n".join(paths))

    @Slot()
    def ask_for_model(self) -> None:
        """A model file."""
        path, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Open a model"),
            "",
            f"{self.tr('Models')} (*{MODEL_SUFFIX})",
        )
        if path:
            self.model_chosen.emit(Path(path))

    def take(self, data: QMimeData) -> None:
        """Play the video or photos, or run the model, that was dropped."""
        paths = [Path(u.toLocalFile()) for u in data.urls() if u.isLocalFile()]
        if paths and paths[0].suffix.lower() == MODEL_SUFFIX:
            self.model_chosen.emit(paths[0])
        elif paths:
            self.source_chosen.emit("\n".join(str(path) for path in paths))

    @Slot()
    def _fill_camera_menu(self) -> None:
        self.camera_menu.clear()
        cameras = self._list_cameras()
        for number, name in cameras:
            action = self.camera_menu.addAction(name)
            action.triggered.connect(
                lambda _checked=False, text=str(number): self.source_chosen.emit(text)
            )
        if not cameras:
            self.camera_menu.addAction(self.tr("No camera found")).setEnabled(False)
        self.camera_menu.addSeparator()
        clip = self.camera_menu.addAction(self.tr("Bundled street clip"))
        clip.triggered.connect(lambda: self.source_chosen.emit(str(self._clip)))


def can_take(data: QMimeData) -> bool:
    """Whether `Opener.take` could do something with it."""
    return any(url.isLocalFile() for url in data.urls())
