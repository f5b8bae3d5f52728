"""Pictures of the window in every state, for docs/window.md.

    xvfb-run -a -s "-screen 0 2600x1700x24" python tools/screenshots.py

It is the real app: the bundled clip, the test cameras, a real model. What this
machine does not have (a camera, a GPU) is played by a stand-in. Pictures go to
docs/images/states/ as NAME-light.webp, NAME-dark.webp, and with @2x for a screen of
twice the pixels.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402,F401 - before Qt, as in the app's tests
from PySide6.QtCore import QEventLoop, QTimer  # noqa: E402
from PySide6.QtGui import QPainter, QPixmap  # noqa: E402
from PySide6.QtWidgets import QApplication, QDialog  # noqa: E402

from app.cli import places  # noqa: E402
from app.cli.parts import Parts  # noqa: E402
from app.cli.watch import build_command  # noqa: E402
from app.cli.watching.window import event_parts  # noqa: E402
from app.gui.app import make_application  # noqa: E402
from app.gui.events.parts import EventParts  # noqa: E402
from app.gui.languages.speaking import speak  # noqa: E402
from app.gui.look.theme import DARK, LIGHT, ThemeKeeper  # noqa: E402
from app.gui.pages.model_builder import BuildCommand  # noqa: E402
from app.gui.parts import Places  # noqa: E402
from app.gui.playing.player import Player  # noqa: E402
from app.gui.window import MainWindow  # noqa: E402
from app.pipeline.clip_rule import ClipRule, ClipWish, Trigger  # noqa: E402
from app.pipeline.interfaces import Factories, VideoSource  # noqa: E402
from app.settings import Settings  # noqa: E402
from app.types import DetectorInfo, Frame, VideoInfo  # noqa: E402

OUT = ROOT / "docs" / "images" / "states"
CLIP = str(ROOT / "assets" / "bikes.mp4")
AT_S = 5.0  # a cyclist, waiting for the cars
CAMERAS = [(0, "Integrated Camera"), (2, "Logi C920")]
QUALITY = 82


def main() -> None:
    """Take all of them: a process for each theme and scale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=places.default_model())
    parser.add_argument("--only", default="", help="states whose name holds this")
    parser.add_argument("--theme", choices=("light", "dark"))
    parser.add_argument("--scale", type=float)
    parser.add_argument("--size", default="1200x760", help="of the window")
    parser.add_argument("--language", default="en", help="that it speaks")
    parser.add_argument("--out", type=Path, default=OUT, help="a folder")
    options = parser.parse_args()
    options.out = options.out.absolute()
    if options.theme and options.scale:
        Photographer(options).take_all()
        return
    for theme in [options.theme] if options.theme else ["light", "dark"]:
        for scale in [options.scale] if options.scale else [1.0, 2.0]:
            subprocess.run(
                [sys.executable, *sys.argv, f"--theme={theme}", f"--scale={scale}"],
                env=os.environ | {"QT_SCALE_FACTOR": str(scale)},
                check=True,
            )


class SlowDetector:
    """A stand-in for a GPU: it takes its time to start, and is faster then."""

    def __init__(self, real: object, info: dict[str, object], wait_s: float) -> None:
        self._real = real
        self._info = info
        self._wait_s = wait_s

    def open(self) -> DetectorInfo:
        """As the real one, later."""
        time.sleep(self._wait_s)
        return replace(self._real.open(), **self._info)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


class Street:
    """The clip, as a camera above that street would show it."""

    is_live = True

    def __init__(self, clip: VideoSource) -> None:
        self._clip = clip
        self._over = threading.Event()

    def open(self) -> VideoInfo:
        """As the clip, without an end."""
        info = self._clip.open()
        return replace(
            info, name="Street", is_live=True, frame_count=None, duration_s=None
        )

    def frames(self) -> Iterator[Frame]:
        """At their own speed."""
        began_s = time.monotonic()
        for frame in self._clip.frames():
            due_s = began_s + frame.timestamp_s
            if self._over.wait(max(0.0, due_s - time.monotonic())):
                return
            yield replace(frame, captured_at_s=time.monotonic())

    def stop(self) -> None:
        """Switched off."""
        self._over.set()

    def close(self) -> None:
        """The clip, too."""
        self._clip.close()


class Photographer:
    """Brings the window into each state, and takes its picture."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._application = make_application()
        theme = DARK if options.theme == "dark" else LIGHT
        ThemeKeeper(self._application).use(theme)
        speak(self._application, options.language)
        self.size = tuple(map(int, options.size.split("x")))
        os.chdir(tempfile.mkdtemp())  # pictures show no path of this machine
        self.cameras = list(CAMERAS)
        self.gpu: Callable[[object], object] | None = None
        self.model = options.model
        self.can_build = True
        self.build_code = "print('Read voc20.keras; exporting ...'); input()"

    def take_all(self) -> None:
        """Every state whose name holds what was asked for."""
        self._options.out.mkdir(parents=True, exist_ok=True)
        for name in sorted(n for n in dir(self) if n.startswith("_state_")):
            if self._options.only in name:
                getattr(self, name)()

    # --- the states ----------------------------------------------------------

    def _state_01_first_start(self) -> None:
        with self.window() as window:
            self.until(lambda: len(window.page.buttons) == 6)
            self.shoot(window, "first-start")

    def _state_02_no_camera(self) -> None:
        self.cameras = []
        with self.window() as window:
            self.until(lambda: window.watch.has_looked)
            self.shoot(window, "no-camera")
        self.cameras = list(CAMERAS)

    def _state_03_opening(self) -> None:
        with self.window() as window:
            window.situations.show_opening("Logi C920")
            self.shoot(window, "opening")
        self.gpu = lambda real: SlowDetector(real, {}, 3.0)
        with self.window() as window:
            window._player.use_device("cuda")
            window.open_source("Logi C920")
            self.until(lambda: len(window.page.buttons) == 2)
            self.shoot(window, "slow-gpu")
        self.gpu = None

    def _state_04_playing(self) -> None:
        with self.window() as window:
            self.play(window)
            self.shoot(window, "playing")
            window.panel.fold(
                ("classes", "detection", "counting", "recording", "overlay")
            )
            self.shoot(window, "playing-more")
            window.actions_.panel.trigger()
            self.shoot(window, "without-panel")

    def _state_04b_plots(self) -> None:
        with self.window() as window:
            window.open_source(CLIP)
            self.until(lambda: window.video.has_image)
            window.actions_.plots.trigger()
            self.wait(6.0)
            self.shoot(window, "plots")

    def _state_05_recording(self) -> None:
        with self.window() as window:
            window.open_source("test")
            self.until(lambda: window.video.has_image)
            window.actions_.record.trigger()
            self.until(lambda: window.keeper.state is not None)
            self.until(lambda: window.keeper.state.size_bytes > 0)
            window.panel.reveal(window.sections.recording)
            window.scene.setFocus()
            self.wait(1.2)
            self.shoot(window, "recording")
            window.close()
            self.shoot(window, "closing-asks")
            window.findChildren(QDialog)[0].reject()
            window.actions_.record.trigger()
            self.until(lambda: "Recorded" in window.notice.text)
            self.shoot(window, "recorded")

    def _state_06_camera_lost(self) -> None:
        with self.window() as window:
            window.open_source("test:unplugged")
            self.until(lambda: bool(window.notice.text), within_s=30)
            self.shoot(window, "camera-lost")

    def _state_07_no_model(self) -> None:
        self.model = Path("assets/models/mobilenet_ssd_.onnx")
        with self.window() as window:
            window.open_source(CLIP)
            self.until(lambda: bool(window.page.command.text))
            self.shoot(window, "no-model")
            window.situations.build()
            self.until(lambda: "exporting" in window.page.text.text())
            self.shoot(window, "building")
            window.builder.cancel()
            self.until(lambda: not window.page.state.is_waiting)
            self.shoot(window, "build-cancelled")
        self.model = self._options.model

    def _state_08_gpu(self) -> None:
        info = {"provider": "CUDAExecutionProvider", "note": "", "remedy": ""}
        self.gpu = lambda real: SlowDetector(real, info, 3.0)
        with self.window() as window:
            self.play(window)
            window.panel.reveal(window.sections.model)
            window.scene.setFocus()
            window.sections.backend.device_chosen.emit("cuda")
            self.wait(1.3)
            self.shoot(window, "switching")
            self.until(lambda: not window._player.is_switching)
            self.wait(0.5)
            self.shoot(window, "switched")
        self.gpu = None

    def _state_09_gpu_refused(self) -> None:
        note = (
            "the NVIDIA driver supports CUDA 12.4, and this ONNX Runtime needs CUDA 13"
        )
        remedy = "pip install 'onnxruntime-gpu[cuda,cudnn]<1.26'"
        info = {
            "provider": "CPUExecutionProvider",
            "note": note,
            "remedy": remedy,
        }
        self.gpu = lambda real: SlowDetector(real, info, 0.0)
        with self.window() as window:
            self.play(window)
            window.sections.backend.device_chosen.emit("cuda")
            self.until(lambda: bool(window.sections.backend.advice.text))
            window.panel.reveal(window.sections.model)
            window.scene.setFocus()
            self.shoot(window, "gpu-refused")
        self.gpu = None

    def _state_10_end(self) -> None:
        with self.window() as window:
            window.open_source(CLIP)
            self.until(lambda: window.video.has_image)
            window._player.seek(9.6)
            self.until(lambda: bool(window.notice.text))
            self.shoot(window, "end")

    def _state_11_failures(self) -> None:
        with self.window() as window:
            window.open_source("/videos/holiday.mp4")
            self.until(lambda: window.page.state.icon == "warning")
            self.shoot(window, "cannot-open")
            window._on_failed("detector", ZeroDivisionError("division by zero"))
            self.shoot(window, "unexpected")

    def _state_12_dialogs(self) -> None:
        with self.window() as window:
            self.play(window)
            window.actions_.keys.trigger()
            self.shoot(window, "keys")
            window.findChildren(QDialog)[0].close()
            self.wait(0.2)
            QApplication.clipboard().setText("rtsp://192.168.1.9/stream")
            window.actions_.open_address.trigger()
            self.shoot(window, "address")

    def _state_13_classes(self) -> None:
        with self.window() as window:
            self.play(window)
            window.changes.change(
                "", hidden_class_names=("car",), fill_opacity=0.25, line_scale=1.6
            )
            for name in ("source", "model", "detection"):
                getattr(window.sections, name).fold(True)
            self.wait(0.5)
            self.shoot(window, "classes")

    def _state_14_full_screen(self) -> None:
        with self.window() as window:
            self.play(window)
            window.resize(*self.size)
            window.actions_.full_screen.trigger()
            self.wait(0.5)
            self.shoot(window, "full-screen")

    def _state_15_events(self) -> None:
        events = event_parts(self.parts())
        seen = ClipRule((Trigger("seen", for_s=0.2),), 0.5, 0.5, longest_s=2.5)
        events = replace(events, clips=ClipWish(seen, Path("Videos")))
        with self.window(events) as window:
            window.changes.change("", replay_s=10)
            window.actions_.events.trigger()
            window.open_source("Street")
            listed = window.events.dock.list
            self.until(lambda: listed.count() == 2, within_s=60)
            window.events.save()
            self.until(lambda: listed.count() > 2)
            self.until(lambda: not window.events.dock.without_picture())
            listed.setCurrentRow(1)
            window.events.dock.star.click()
            window.panel.reveal(window.sections.recording)
            window.scene.setFocus()
            self.wait(0.6)
            self.shoot(window, "events")

    # --- tools ---------------------------------------------------------------

    @contextmanager
    def window(self, events: EventParts | None = None) -> Iterator[MainWindow]:
        """A new one, of a person who has never started it before."""
        folder = Path(tempfile.mkdtemp(dir="."))
        parts = self.parts()
        player = Player(
            parts,
            settings=Settings(device="cpu", draw_fps=False),
            model_path=self.model,
        )
        window = MainWindow(
            player,
            factories=parts,
            places=Places(
                clip=Path(CLIP),
                settings=folder / "settings.json",
                recordings=Path("Videos"),
                build=BuildCommand(
                    program=sys.executable,
                    arguments=("-u", "-c", self.build_code),
                    model=places.default_model(),
                    shown=build_command().shown,
                    can_run=self.can_build,
                ),
            ),
            events=events or event_parts(parts),
        )
        window.resize(*self.size)
        window.show()
        self.wait(0.3)
        yield window
        window.close_without_asking()
        self.until(lambda: not window.isVisible())
        player.shut_down(5.0)
        window.deleteLater()
        self.wait(0.05)

    def parts(self) -> Factories:
        """The app's own, with a camera and a GPU that are not there."""
        parts = Parts().factories()

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
        )

    def play(self, window: MainWindow) -> None:
        """The clip, held at a frame worth looking at."""
        window.open_source(CLIP)
        self.until(lambda: window.video.has_image)
        window._player.pause()
        window._player.seek(AT_S)
        self.until(lambda: abs(window.video.result.frame.timestamp_s - AT_S) < 0.1)
        self.wait(0.3)
        window.dials.refresh()

    def shoot(self, window: MainWindow, name: str) -> None:
        """The window, and the dialog above it if there is one."""
        self.wait(0.35)
        picture = window.grab()
        for dialog in window.findChildren(QDialog):
            if dialog.isVisible():
                self._put_on(picture, window, dialog)
        suffix = "@2x" if self._options.scale == 2 else ""
        file = self._options.out / f"{name}-{self._options.theme}{suffix}.webp"
        picture.save(str(file), "webp", QUALITY)

    def _put_on(self, picture: QPixmap, window: MainWindow, dialog: QDialog) -> None:
        painter = QPainter(picture)
        place = window.rect().center() - dialog.rect().center()
        painter.setOpacity(0.35)
        painter.fillRect(window.rect(), "black")
        painter.setOpacity(1)
        painter.drawPixmap(place, dialog.grab())
        painter.end()

    def until(self, claim: Callable[[], bool], within_s: float = 15.0) -> None:
        """Let the app go on until `claim` holds."""
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


if __name__ == "__main__":
    main()
