"""The app's own parts, put together as `main.py` does, with the model loaded before."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.cli.parts import DetectorWish, Parts, RecorderWish
from app.drawing.overlay import draw
from app.media.recording.recorder import Mp4Recorder
from app.media.sources.file_source import FileSource
from app.media.sources.make import make_source
from app.pipeline.events import Finished, PipelineEvent, SourceOpened, StageFailed
from app.pipeline.interfaces import Detector, Factories, Overlaps, Recorder, VideoSource
from app.pipeline.pipeline import Pipeline
from app.settings import Settings
from app.types import DetectorInfo, ImageBgr, VideoInfo
from benchmarks.kit import Sample, Turn

WAIT_S = 300.0


class Loaded:
    """The app's detector, as it chooses for itself; to open it again costs nothing."""

    def __init__(
        self,
        model: Path,
        *,
        for_files: bool = False,
        factories: Factories | None = None,
    ) -> None:
        """`for_files`: several pictures at a time, as without a window."""
        factories = factories or app_factories()
        detector = factories.make_detector(model, Settings().device)
        assert isinstance(detector, Overlaps)
        if for_files:
            detector.favour_throughput()
        self.info = detector.open()
        self.depth = detector.depth
        self.begin, self.detect = detector.begin, detector.detect

    def favour_throughput(self) -> None:
        """It is too late for that."""

    def open(self) -> DetectorInfo:
        """Is open."""
        return self.info

    def close(self) -> None:
        """Stays open."""


def app_factories(*, is_shared: bool = False) -> Factories:
    """What `main.py` makes its parts with, without any option; with one model or many.

    `is_shared`: as of several sources, in one process.
    """
    return Parts(
        DetectorWish(is_shared=is_shared), RecorderWish(overwrite=True)
    ).factories()


def factories_with(detector: Detector) -> Factories:
    """The app's parts around a detector."""
    return replace(app_factories(), make_detector=lambda _path, _device: detector)


def read_clip(clip: Path) -> tuple[VideoInfo, list[ImageBgr]]:
    """Every picture of a video, and what it is."""
    source = FileSource(clip)
    info = source.open()
    try:
        return info, [frame.image_bgr for frame in source.frames()]
    finally:
        source.close()


def evenly(pictures: list[ImageBgr], count: int) -> list[ImageBgr]:
    """About `count` of them, from the first to the last."""
    return pictures[:: max(1, len(pictures) // count)]


def recorders_into(folder: Path) -> Callable[[], Recorder]:
    """Makes recorders that write one file over and over."""
    return lambda: Mp4Recorder(folder / "recorded.mp4", overwrite=True)


def pipeline_turn(
    clip: Path,
    detector: Detector,
    make_recorder: Callable[[], Recorder] | None = None,
) -> Turn:
    """A turn that sends the whole clip through the app's pipeline; time a frame."""

    def turn() -> Sample:
        began_core_s, began_s = time.process_time(), time.perf_counter()
        frames = run_pipeline(clip, detector, make_recorder)
        wall_ms = 1e3 * (time.perf_counter() - began_s) / frames
        core_ms = 1e3 * (time.process_time() - began_core_s) / frames
        return Sample(wall_ms, core_ms)

    return turn


def run_pipeline(
    clip: Path,
    detector: Detector,
    make_recorder: Callable[[], Recorder] | None = None,
) -> int:
    """As `main.py --headless` does it; returns the number of frames."""
    return run_source(make_source(str(clip)), detector, make_recorder)


def run_source(
    source: VideoSource,
    detector: Detector,
    make_recorder: Callable[[], Recorder] | None = None,
) -> int:
    """Any source through the app's pipeline; returns the number of frames."""
    finished = threading.Event()
    errors: list[Exception] = []

    def on_event(event: PipelineEvent) -> None:
        if isinstance(event, SourceOpened) and make_recorder is not None:
            pipeline.start_recording(make_recorder())
        elif isinstance(event, StageFailed):
            errors.append(event.error)
        elif isinstance(event, Finished):
            finished.set()

    pipeline = Pipeline(
        source,
        detector,
        draw=draw,
        settings=Settings(),
        on_event=on_event,
    )
    pipeline.start()
    if not finished.wait(WAIT_S):
        pipeline.stop()
        raise TimeoutError(f"the pipeline took more than {WAIT_S:.0f} s")
    if errors:
        raise errors[0]
    return pipeline.stats().frame_count
