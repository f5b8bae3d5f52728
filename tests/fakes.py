"""Sources, detectors and recorders that do as a test says."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from app.drawing.style import Style
from app.scene import NO_SCENE, Scene
from app.settings import Settings
from app.thresholds import Thresholds
from app.types import (
    Detections,
    DetectorInfo,
    Frame,
    ImageBgr,
    PendingDetections,
    RecordingInfo,
    StageTimes,
    VideoInfo,
)

SIZE_WH = (6, 4)
WAIT_S = 5.0  # how long a test waits for what must happen


def numbered_image(number: int) -> ImageBgr:
    """A non-square picture that carries `number` (< 65536) in its first pixel."""
    width, height = SIZE_WH
    image_bgr = np.zeros((height, width, 3), np.uint8)
    image_bgr[0, 0, :2] = divmod(number, 256)
    return image_bgr


def number_of(image_bgr: ImageBgr) -> int:
    """The number that `numbered_image` put in."""
    high, low = (int(v) for v in image_bgr[0, 0, :2])
    return 256 * high + low


class FakeSource:
    """`count` numbered frames at 25 fps; `before(i)` runs before frame i.

    Attributes:
        gaps: by number, why that frame is missing; then it only stands in.
    """

    def __init__(
        self,
        count: int,
        *,
        is_live: bool = False,
        before: Callable[[int], None] = lambda _: None,
        on_open: Callable[[], None] = lambda: None,
    ) -> None:
        self.is_live = is_live
        self._count = count
        self._before = before
        self._on_open = on_open
        self.gaps: dict[int, str] = {}
        self.opened_by = self.closed_by = ""

    def open(self) -> VideoInfo:
        self.opened_by = threading.current_thread().name
        self._on_open()
        return VideoInfo(
            name="fake",
            size_wh=SIZE_WH,
            fps=Fraction(25),
            frame_count=None if self.is_live else self._count,
            duration_s=None if self.is_live else self._count / 25,
            is_live=self.is_live,
        )

    def frames(self) -> Iterator[Frame]:
        for index in range(self._count):
            self._before(index)
            if self.is_live and index > 1:  # or nobody else would get Python's lock
                time.sleep(0.001)
            gap = self.gaps.get(index, "")
            yield Frame(numbered_image(index), index, index / 25, index / 25, gap)

    def close(self) -> None:
        self.closed_by = threading.current_thread().name


class FakeFile(FakeSource):
    """A source that can be searched, as a file can.

    Attributes:
        sought: every time that `seek` was asked for.
    """

    def __init__(
        self,
        count: int,
        *,
        fps: int = 25,
        is_stills: bool = False,
        before: Callable[[int], None] = lambda _: None,
        on_seek: Callable[[float], None] = lambda _: None,
    ) -> None:
        super().__init__(count, before=before)
        self._file_fps = fps
        self._is_stills = is_stills
        self._on_seek = on_seek
        self._position = 0
        self.sought: list[float] = []
        self.warnings: list[str] = []

    def open(self) -> VideoInfo:
        info = super().open()
        self._position = 0
        names = tuple(f"{i}.jpg" for i in range(self._count))
        return replace(
            info,
            fps=Fraction(self._file_fps),
            duration_s=self._count / self._file_fps,
            is_stills=self._is_stills,
            frame_paths=names if self._is_stills else (),
        )

    def frames(self) -> Iterator[Frame]:
        while self._position < self._count:
            index, self._position = self._position, self._position + 1
            self._before(index)
            yield Frame(numbered_image(index), index, index / self._file_fps, 0.0)

    def seek(
        self, timestamp_s: float, *, is_enough: Callable[[], bool] = lambda: False
    ) -> None:
        self.sought.append(timestamp_s)
        self._on_seek(timestamp_s)
        last = self._count - 1
        self._position = max(
            (i for i in range(self._count) if i / self._file_fps <= timestamp_s),
            default=0,
        )
        assert 0 <= self._position <= last

    def take_warnings(self) -> list[str]:
        warnings, self.warnings = self.warnings, []
        return warnings


class FakeDetector:
    """Finds nothing; `before(number)` runs before each frame.

    Attributes:
        seen: the frames it ran on, of those that are shown.
        tried: the frames it was tried on before it took over.
    """

    def __init__(
        self,
        *,
        name: str = "fake.onnx",
        before: Callable[[int], None] = lambda _: None,
        on_open: Callable[[], None] = lambda: None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self._name = name
        self._thresholds = thresholds
        self._before = before
        self._on_open = on_open
        self.seen: list[int] = []
        self.tried: list[int] = []
        self.opened = self.closed = 0

    def open(self) -> DetectorInfo:
        self._on_open()
        self.opened += 1
        return DetectorInfo(
            self._name,
            ("person", "car"),
            (300, 300),
            "CPUExecutionProvider",
            thresholds=self._thresholds,
        )

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        number = number_of(image_bgr)
        if threading.current_thread().name == "detector":
            self.tried.append(number)
            return Detections.empty(), StageTimes(inference_ms=1.0)
        self._before(number)
        self.seen.append(number)
        return Detections.empty(), StageTimes(inference_ms=1.0)

    def close(self) -> None:
        self.closed += 1


class OverlappingDetector(FakeDetector):
    """Looks at up to `depth` pictures at a time, if it was asked to.

    Attributes:
        was_asked: for throughput.
        begun: what it has begun and was not asked for.
        most_begun: of those, the most at any time.
    """

    def __init__(self, depth: int, *, name: str = "fake.onnx") -> None:
        super().__init__(name=name)
        self._depth = depth
        self.was_asked = False
        self.begun: list[int] = []
        self.most_begun = 0
        self.on_answer: Callable[[int], None] = lambda _: None

    def favour_throughput(self) -> None:
        assert not self.opened
        self.was_asked = True

    @property
    def depth(self) -> int:
        return self._depth if self.was_asked else 1

    def begin(self, image_bgr: ImageBgr, settings: Settings) -> PendingDetections:
        number = number_of(image_bgr)
        self.begun.append(number)
        self.most_begun = max(self.most_begun, len(self.begun))

        def answer() -> tuple[Detections, StageTimes]:
            self.on_answer(number)
            assert self.begun.pop(0) == number, "not the oldest"
            return self.detect(image_bgr, settings)

        return answer


class FakeRecorder:
    """Keeps the numbers and timestamps of what it was given."""

    def __init__(
        self,
        *,
        on_open: Callable[[], None] = lambda: None,
        before: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.path = "fake.mp4"
        self._on_open = on_open
        self._before = before
        self.written: list[tuple[int, float]] = []
        self.jumped_before: list[int] = []
        self.opened_by = self.closed_by = ""

    def open(self, info: VideoInfo) -> None:
        self.opened_by = threading.current_thread().name
        self._on_open()

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        self._before(number_of(image_bgr))
        self.written.append((number_of(image_bgr), timestamp_s))

    def jump(self) -> None:
        self.jumped_before.append(len(self.written))

    def close(self) -> RecordingInfo | None:
        self.closed_by = threading.current_thread().name
        if not self.written:
            return None
        return RecordingInfo(self.path, len(self.written), 0, len(self.written) / 25)


def draw_nothing(
    image_bgr: ImageBgr,
    detections: Detections,
    *,
    class_names: tuple[str, ...],
    fps: float | None,
    style: Style,
    scene: Scene = NO_SCENE,
) -> ImageBgr:
    return image_bgr.copy()
