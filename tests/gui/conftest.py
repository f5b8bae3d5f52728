"""A window on fakes that a test can steer."""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.cli.watching.window import event_parts
from app.drawing.screen import scale_for_screen
from app.errors import SourceError
from app.gui.events.parts import EventParts
from app.gui.pages.model_builder import BuildCommand
from app.gui.parts import Places
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.kept_part import KeptPart
from app.pipeline.interfaces import Factories, VideoSource
from app.settings import Settings
from app.types import DeviceChoice, ImageBgr
from tests.fakes import FakeDetector, FakeRecorder, FakeSource, draw_nothing
from tests.leaks import no_thread_stays, nothing_of_qt_stays

NO_BUILD = BuildCommand(
    program=sys.executable,
    arguments=("-c", ""),
    model=Path("built.onnx"),
    shown="python build_model.py convert WEIGHTS",
    can_run=False,
    shown_for_own="python build_model.py convert WEIGHTS -o MODEL.onnx",
)


def _devices() -> list[DeviceChoice]:
    return [
        DeviceChoice("auto", "Auto"),
        DeviceChoice("cpu", "CPU"),
        DeviceChoice("cuda", "NVIDIA GPU (CUDA)"),
        DeviceChoice(
            "openvino", "CPU (OpenVINO)", "it is not installed", "pip install openvino"
        ),
    ]


@dataclass
class Bench:
    """What the next source, detector and recorder will be.

    Attributes:
        sources: by the text that opens them.
        detectors: by device; a plain one where none is set.
        made: (model file, device) of every detector asked for.
        recorders: every recorder asked for, with its path.
        snapshots: every picture saved.
        saved_by: the threads that did.
        titles: what each was to be called, before the time and after it.
        snapshot_error: what comes of saving one.
        events: what keeps the past and tells of it; None: the app's own.
        kept: every test kept, with the numbers of its frames.
        sidecar: of whatever is opened.
    """

    sources: dict[str, FakeSource] = field(default_factory=dict)
    detectors: dict[str, FakeDetector] = field(default_factory=dict)
    made: list[tuple[str, str]] = field(default_factory=list)
    recorders: list[tuple[Path, FakeRecorder]] = field(default_factory=list)
    make_recorder: Callable[[], FakeRecorder] = FakeRecorder
    splits: list[tuple[float, int]] = field(default_factory=list)
    clean: list[bool] = field(default_factory=list)
    cameras: list[tuple[int, str]] = field(default_factory=list)
    devices: list[DeviceChoice] = field(default_factory=_devices)
    build: BuildCommand = NO_BUILD
    snapshots: list[ImageBgr] = field(default_factory=list)
    saved_by: set[str] = field(default_factory=set)
    titles: list[tuple[str, str]] = field(default_factory=list)
    snapshot_error: Exception | None = None
    events: EventParts | None = None
    kept: list[tuple[KeptPart, list[int]]] = field(default_factory=list)
    sidecar: Path | None = None

    def save_picture(
        self,
        image_bgr: ImageBgr,
        folder: Path,
        *,
        title: str = "snapshot",
        kind: str = "",
    ) -> Path:
        self.titles.append((title, kind))
        self.saved_by.add(threading.current_thread().name)
        if self.snapshot_error is not None:
            raise self.snapshot_error
        self.snapshots.append(image_bgr)
        return folder / "snapshot.png"

    def factories(self) -> Factories:
        return Factories(
            make_source=self._source,
            list_cameras=lambda: self.cameras,
            make_detector=self._detector,
            make_recorder=self._recorder,
            draw=draw_nothing,
            save_picture=self.save_picture,
            list_devices=lambda: self.devices,
            redact=lambda text: re.sub("//.*@", "//", text),
            scale=scale_for_screen,
            suffixes=lambda: frozenset({".mp4", ".avi", ".mpg", ".jpg"}),
            keep_test=self._keep_test,
        )

    def _keep_test(
        self, part: KeptPart, source: VideoSource, model: Path, settings: Settings
    ) -> str:
        try:
            source.open()
            frames = [frame.index for frame in source.frames()]
        finally:
            source.close()
        self.kept.append((part, frames))
        return "2 frames, person 2"

    def _source(self, text: str) -> VideoSource:
        if text not in self.sources:
            raise SourceError(f"There is no {text}.", "Name another.")
        return self.sources[text]

    def _detector(self, path: Path, device: str) -> FakeDetector:
        self.made.append((path.name, device))
        return self.detectors.get(device, FakeDetector())

    def _recorder(
        self,
        path: Path,
        *,
        split_minutes: float = 0,
        split_mb: int = 0,
        is_clean: bool = False,
    ) -> FakeRecorder:
        self.splits.append((split_minutes, split_mb))
        self.clean.append(is_clean)
        recorder = self.make_recorder()
        recorder.path = str(path)
        self.recorders.append((path, recorder))
        return recorder


@pytest.fixture(autouse=True)
def _nothing_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with no_thread_stays(), nothing_of_qt_stays(monkeypatch):
        yield


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def player(bench: Bench, qtbot: QtBot) -> Iterator[Player]:
    player = Player(
        bench.factories(), settings=Settings(device="cpu"), model_path=Path("m.onnx")
    )
    yield player
    player.shut_down(5.0)


@pytest.fixture
def window(player: Player, bench: Bench, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    window.panel.fold(())  # at first some are folded
    window.afterwards.begin()  # no test waits for what a start leaves for later
    window.show()
    return window


def make_window(
    player: Player,
    bench: Bench,
    folder: Path,
    factories: Factories | None = None,
    *,
    soon: str = "",
    command_line: tuple[str, ...] = (),
) -> MainWindow:
    return MainWindow(
        player,
        factories=factories or bench.factories(),
        places=Places(
            clip=Path("clip.mp4"),
            settings=folder / "settings.json",
            recordings=folder / "recordings",
            build=bench.build,
            command_line=command_line,
        ),
        events=bench.events or event_parts(bench.factories()),
        soon=soon,
    )
