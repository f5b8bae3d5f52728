"""The window, brought into a state and looked at: in each size that is wanted."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2  # noqa: F401 - before Qt, as in the app's tests
from PySide6.QtCore import QEventLoop, QPoint, QSize, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from app.cli import places
from app.cli.parts import Parts
from app.cli.watch import build_command
from app.cli.watching.window import event_parts
from app.gui.app import make_application
from app.gui.events.parts import EventParts
from app.gui.languages.speaking import SOURCE, speak
from app.gui.look.theme import DARK, LIGHT, ThemeKeeper
from app.gui.pages.model_builder import BuildCommand
from app.gui.parts import Places
from app.gui.picture.lettering import lettered, window_lettering
from app.gui.playing.collector import Collector
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.pipeline.interfaces import Factories
from app.settings import Settings
from app.tracking.rules import Rules
from app.tracking.watcher import Watcher
from tools.screenshots.stand_ins import Street

# Where the window stands and what lies beside it, so that no picture shows a path of
# this machine.
CLIP = "street.mp4"
AT_S = 4.2  # a cyclist behind a car: both are found, and nothing else
CAMERAS = [(0, "Integrated Camera"), (2, "Logi C920")]
QUALITY = 82


class Studio:
    """Where one process takes its pictures.

    Attributes:
        cameras: that are plugged in.
        gpu: what makes of the real detector one for "cuda"; None: there is none.
        model: that runs.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        """In the first theme, scale and language of `options`."""
        self._out: Path = options.out
        self._sizes = [tuple(map(int, size.split("x"))) for size in options.sizes]
        theme, language, scale = (
            *(options.themes[0], options.languages[0], float(options.scales[0])),
        )
        self._application = make_application()
        Collector(self._application).begin()
        ThemeKeeper(self._application).use(DARK if theme == "dark" else LIGHT)
        self._language = speak(self._application, language)
        self._look = theme if language == "en" else f"{theme}-{language}"
        self._scaled = "" if scale == 1 else f"@{scale:g}x"
        os.chdir(tempfile.mkdtemp())
        shutil.copy(places.bundled_clip(), CLIP)
        self.first_model = self.model = options.model
        self.cameras = list(CAMERAS)
        self.gpu: Callable[[object], object] | None = None

    def take(self, states: Iterable[Callable[["Studio"], None]]) -> int:
        """Pictures of all of them; returns how many states were not reached."""
        self._out.mkdir(parents=True, exist_ok=True)
        missed = 0
        for state in states:
            try:
                state(self)
            except TimeoutError as error:
                sys.stderr.write(f"{state.__name__}: {error}\n")
                missed += 1
            self.cameras, self.gpu = list(CAMERAS), None
            self.model = self.first_model
        return missed

    @contextmanager
    def window(
        self, events: EventParts | None = None, *, last: str = ""
    ) -> Iterator[MainWindow]:
        """A new one, of a person who has never started it before.

        Args:
            events: what keeps the past; None: as ever.
            last: what was played before, where something was.
        """
        folder = Path(tempfile.mkdtemp(dir="."))
        parts = self.parts()
        player = Player(
            parts,
            settings=Settings(device="cpu", draw_fps=False),
            model_path=self.model,
        )
        if last:
            (folder / "recent.json").write_text(f'["{last}"]', "utf-8")
        window = MainWindow(
            player,
            factories=parts,
            places=Places(
                clip=Path(CLIP),
                settings=folder / "settings.json",
                recordings=Path("Videos"),
                build=BuildCommand(
                    program=sys.executable,
                    arguments=(
                        *("-u", "-c"),
                        "print('Read voc20.keras; exporting ...'); input()",
                    ),
                    model=places.default_model(),
                    shown=build_command().shown,
                    can_run=True,
                ),
                command_line=places.command_line(),
            ),
            events=events or event_parts(parts),
        )
        window.resize(*self._sizes[0])
        window.show()
        window.afterwards.begin()
        self.wait(0.3)
        try:
            yield window
        finally:
            for dialog in window.findChildren(QDialog):
                dialog.close()
            window.close_without_asking()
            self.until(lambda: not window.isVisible())
            player.shut_down(5.0)
            window.deleteLater()
            self.wait(0.05)

    def parts(self) -> Factories:
        """The app's own, with a camera and a GPU that are not there."""
        parts = Parts().factories()
        if self._language != SOURCE:
            parts = lettered(parts, window_lettering(self._application.font()))

        def make_detector(path: Path, device: str) -> object:
            real = parts.make_detector(path, "cpu")
            return self.gpu(real) if device == "cuda" and self.gpu else real

        def make_source(text: str) -> object:
            if text == "Street":
                return Street(parts.make_source(CLIP))
            is_camera = text in [title for _, title in self.cameras]
            return parts.make_source("test" if is_camera else text)

        return replace(
            parts,
            list_cameras=lambda: self.cameras,
            make_detector=make_detector,
            make_source=make_source,
            make_watcher=lambda: Watcher(Rules(), knows_all=False),
        )

    def play(self, window: MainWindow, text: str = CLIP, *, at_s: float = AT_S) -> None:
        """A file, held at a frame worth looking at."""
        window.open_source(text)
        self.until(lambda: window.video.has_image)
        window._player.pause()
        window._player.seek(at_s)
        self.until(lambda: abs(window.video.result.frame.timestamp_s - at_s) < 0.1)
        self.wait(0.3)
        window.dials.refresh()

    def shoot(
        self,
        window: MainWindow,
        name: str,
        *,
        before: Callable[[], object] = lambda: None,
        settle_s: float = 0.35,
    ) -> None:
        """The window in each size, and the dialogs and menus above it.

        Args:
            window: to be looked at.
            name: of the picture.
            before: what is done in each size, since it would not outlive another.
            settle_s: so long it finds its layout; none where what plays goes on.
        """
        own: dict[QDialog, QSize] = {}
        for size in self._sizes:
            window.resize(*size)
            before()
            self.wait(settle_s)
            picture = window.grab()
            asks = self._application.activeModalWidget()  # and so is above the rest
            tops = self._application.topLevelWidgets()
            for above in sorted(tops, key=lambda widget: widget is asks):
                if above.isVisible() and isinstance(above, QDialog):
                    # A screen of that size would have it no larger, either.
                    wanted = own.setdefault(above, above.size())
                    above.resize(wanted.boundedTo(window.size() * 0.94))
                    self.wait(0.05)
                    middle = window.rect().center() - above.rect().center()
                    self._put_on(picture, window, above.grab(), middle)
                elif above.isVisible() and isinstance(above, QMenu):
                    place = window.mapFromGlobal(above.pos())
                    self._put_on(picture, window, above.grab(), place, shade=0.0)
            at = f"-{size[0]}x{size[1]}" if len(self._sizes) > 1 else ""
            file = self._out / f"{name}-{self._look}{at}{self._scaled}.webp"
            picture.save(str(file), "webp", QUALITY)

    def _put_on(
        self,
        picture: QPixmap,
        window: MainWindow,
        above: QPixmap,
        place: QPoint,
        *,
        shade: float = 0.35,
    ) -> None:
        painter = QPainter(picture)
        painter.setOpacity(shade)
        painter.fillRect(window.rect(), "black")
        painter.setOpacity(1)
        painter.drawPixmap(place, above)
        painter.end()

    def until(self, claim: Callable[[], bool], within_s: float = 30.0) -> None:
        """Let the app go on until `claim` holds.

        Raises:
            TimeoutError: it never does.
        """
        end_s = time.monotonic() + within_s
        while not claim():
            if time.monotonic() > end_s:
                raise TimeoutError("the state was not reached")
            self.wait(0.05)

    def wait(self, seconds: float) -> None:
        """Let the app go on for so long."""
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def copy(self, text: str) -> None:
        """Put it on the clipboard, as another program would."""
        QApplication.clipboard().setText(text)
