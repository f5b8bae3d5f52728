"""The ways to name a source or a model: dialogs, menus, a drop, the clipboard."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QStandardPaths, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.gui.opening.camera_watch import CameraWatch
from app.gui.opening.recent import RecentSources
from app.pipeline.errands import Errands

log = logging.getLogger(__name__)

MODEL_SUFFIX = ".onnx"
# What `build_model.py convert` makes a model of.
WEIGHTS_SUFFIXES = (".keras", ".h5", ".hdf5", ".caffemodel", ".tflite", ".pb")
LONGEST_TEXT = 4096
SCREEN = "screen"  # as app.media knows it


class Opener(QObject):
    """Asks for what to play or run, and says what was chosen.

    Signals:
        source_chosen: a camera's number, a path, an address, or photos, one path
            a line.
        recent_loaded: what was played before is known now.
        model_chosen: the path.
        weights_chosen: the path of what a model is made of, and is none yet.
    """

    source_chosen = Signal(str)
    recent_loaded = Signal()
    model_chosen = Signal(object)
    weights_chosen = Signal(str)

    def __init__(
        self,
        window: QWidget,
        *,
        watch: CameraWatch,
        errands: Errands,
        recent: RecentSources,
        clip: Path,
        suffixes: Callable[[], frozenset[str]],
    ) -> None:
        """Nothing is asked yet.

        Args:
            window: over which dialogs appear.
            watch: knows the cameras.
            errands: where files are read and written.
            recent: what was played before; loaded here.
            clip: the bundled clip, offered too.
            suffixes: of the videos and photos that can be opened.
        """
        super().__init__(window)
        self._window = window
        self._watch = watch
        self._errands = errands
        self._recent = recent
        self._clip = clip
        self._suffixes = self.suffixes = suffixes
        self._folder = self._model_folder = ""  # where the next dialog begins
        self.camera_menu = QMenu(window)
        self.camera_menu.aboutToShow.connect(watch.look)
        watch.changed.connect(self._fill_camera_menu)
        self.recent_menu = QMenu(window)
        self.recent_menu.aboutToShow.connect(self._fill_recent_menu)
        self._fill_camera_menu()
        errands.run(
            recent.load,
            then=lambda _: self.recent_loaded.emit(),
            or_else=_log_unsaved,
        )

    @property
    def last(self) -> str:
        """What was played last, by its public form; empty: nothing yet."""
        return next(iter(self._recent.names), "")

    @Slot()
    def ask_for_files(self) -> None:
        """A video, or photos."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(self._suffixes()))
        paths, _ = QFileDialog.getOpenFileNames(
            self._window,
            self.tr("Open videos, or photos"),
            self._start_folder(),
            self.tr("Videos and photos ({0});;All files (*)").format(patterns),
            options=QFileDialog.Option.HideNameFilterDetails,  # a hundred suffixes
        )
        if paths:
            self.take_text("\n".join(paths))

    def _start_folder(self) -> str:
        """Beside what was opened last; at first, where videos are."""
        if not self._folder:
            known = (name for name in self._recent.names if self.is_file(name))
            self._note_folder(next(known, ""))
        videos = QStandardPaths.StandardLocation.MoviesLocation
        return self._folder or QStandardPaths.writableLocation(videos)

    @Slot()
    def ask_for_folder(self) -> None:
        """A folder of videos or photos."""
        path = QFileDialog.getExistingDirectory(
            self._window,
            self.tr("Open a folder of videos or photos"),
            self._start_folder(),
        )
        if path:
            self._note_folder(path)
            self.source_chosen.emit(path)

    @Slot()
    def ask_for_address(self) -> None:
        """An address; what is typed can be abandoned at any time."""
        from app.gui.opening.address_dialog import AddressDialog  # when wanted

        dialog = AddressDialog(self._window, known=self._recent.names)
        dialog.chosen.connect(self.take_text)
        dialog.open()

    @Slot()
    def ask_for_model(self) -> None:
        """A model file."""
        path, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Open a model"),
            self._model_folder,
            self.tr("Models ({0})").format(f"*{MODEL_SUFFIX}"),
        )
        if path:
            self._model_folder = str(Path(path).parent)
            self.model_chosen.emit(Path(path))

    @Slot()
    def open_clip(self) -> None:
        """Play the bundled clip."""
        self.source_chosen.emit(str(self._clip))

    @Slot()
    def open_screen(self) -> None:
        """Watch the first monitor."""
        self.source_chosen.emit(SCREEN)

    @Slot()
    def paste(self) -> None:
        """Play or run what was copied, if it can be."""
        self.take(QGuiApplication.clipboard().mimeData())

    def take(self, data: QMimeData | None) -> None:
        """Play the files, folder or address, or run the model, that was dropped."""
        if text := self.text_of(data):
            self.take_text(text)

    @Slot(str)
    def take_text(self, text: str) -> None:
        """Play or run what `text` names."""
        text = self._recent.text(text)
        if text.lower().endswith(MODEL_SUFFIX) and len(text.splitlines()) == 1:
            self.model_chosen.emit(Path(text))
        elif text.lower().endswith(WEIGHTS_SUFFIXES) and "://" not in text:
            self.weights_chosen.emit(text.splitlines()[0])
        else:
            self._note_folder(text)
            self.source_chosen.emit(text)

    def _note_folder(self, text: str) -> None:
        """The next dialog begins where this file is."""
        if self.is_file(text):
            self._folder = str(Path(text.splitlines()[0]).parent)

    def text_of(self, data: QMimeData | None) -> str:
        """What `data` names, as a source is typed; empty where it is nothing of ours.

        A clipboard that nothing was ever copied to has None, whatever its type says.
        """
        if data is None:
            return ""
        paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        if paths:
            return "\n".join(paths)
        if data.hasUrls():
            return data.urls()[0].toString()
        text = data.text().strip() if data.hasText() else ""
        if not text or len(text) > LONGEST_TEXT:
            return ""
        return text if all(map(self._is_place, text.splitlines())) else ""

    def is_file(self, text: str) -> bool:
        """Whether `text` names files on this machine, there or not."""
        lines = text.splitlines()
        return bool(lines) and "://" not in lines[0] and self._is_place(lines[0])

    def _is_place(self, line: str) -> bool:
        """Whether a line of text reads like a path or an address."""
        line = line.strip()
        if re.match(r"[a-z][a-z0-9+.-]*://\S+$|/|~/|[a-z]:[\\/]", line, re.IGNORECASE):
            return True
        suffixes = (*self._suffixes(), MODEL_SUFFIX, *WEIGHTS_SUFFIXES)
        return line.lower().endswith(suffixes)

    def remember(self, text: str, *, item: str = "") -> None:
        """Put what is open now among what was played before.

        Args:
            text: as it was opened.
            item: where that is a list, what of it plays; beside it the next dialog
                begins.
        """
        if text != str(self._clip):
            self._note_folder(item or text)
            self._recent.add(text)
            self._run(self._recent.save)

    def _run(self, work: Callable[[], None]) -> None:
        self._errands.run(work, or_else=_log_unsaved)

    @Slot()
    def _fill_camera_menu(self) -> None:
        self.camera_menu.clear()
        for _, title in self._watch.cameras:
            action = self.camera_menu.addAction(title)
            action.triggered.connect(
                lambda _checked=False, title=title: self.source_chosen.emit(title)
            )
        if not self._watch.cameras:
            self.camera_menu.addAction(self.tr("No camera found")).setEnabled(False)
        self.camera_menu.addSeparator()
        clip = self.camera_menu.addAction(self.tr("Bundled street clip"))
        clip.triggered.connect(self.open_clip)

    @Slot()
    def _fill_recent_menu(self) -> None:
        self.recent_menu.clear()
        for name in self._recent.names:
            action = self.recent_menu.addAction(in_menu(name))
            action.setToolTip(name)
            action.triggered.connect(
                lambda _checked=False, name=name: self.take_text(name)
            )
        if not self._recent.names:
            self.recent_menu.addAction(self.tr("Nothing yet")).setEnabled(False)
            return
        self.recent_menu.addSeparator()
        forget = self.recent_menu.addAction(self.tr("Forget these"))
        forget.triggered.connect(self._forget)

    @Slot()
    def _forget(self) -> None:
        self._recent.forget()
        self._run(self._recent.save)


def quoted(path: str) -> str:
    """As a shell wants it."""
    return f'"{path}"' if any(c.isspace() for c in path) else path


def in_menu(name: str) -> str:
    """The end of a long path says more; "&" would be a key."""
    lines = name.splitlines()
    text = lines[0] if len(lines) < 2 else f"{lines[0]} (+{len(lines) - 1})"
    text = text if len(text) <= 60 else f"…{text[-59:]}"
    return text.replace("&", "&&")


def _log_unsaved(error: Exception) -> None:
    # A read-only home costs the list, and nobody the evening.
    log.debug("recent sources: %s", error)
