"""The laws of app.testing bite: each part here breaks one."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from app.errors import ModelError, RecordingError, SourceError
from app.settings import Settings
from app.testing import check_detector, check_recorder, check_source
from app.types import (
    Detections,
    DetectorInfo,
    Frame,
    ImageBgr,
    RecordingInfo,
    StageTimes,
    VideoInfo,
)
from tests.fakes import (
    SIZE_WH,
    FakeDetector,
    FakeFile,
    FakeRecorder,
    FakeSource,
    numbered_image,
)


class Good(FakeFile):
    """A source that keeps the laws; those below break one each."""

    def __init__(self) -> None:
        super().__init__(6)

    def frames(self) -> Iterator[Frame]:
        for frame in super().frames():
            yield replace(frame, captured_at_s=time.monotonic())


class ClosesOnce(Good):
    def close(self) -> None:
        if self.closed_by:
            raise RuntimeError("closed already")
        super().close()


class FallsBack(Good):
    def frames(self) -> Iterator[Frame]:
        for frame in super().frames():
            yield replace(frame, timestamp_s=abs(frame.timestamp_s - 0.1))


class CountsFalsely(Good):
    def frames(self) -> Iterator[Frame]:
        for frame in super().frames():
            yield replace(frame, index=7)


class OfAnotherClock(Good):
    def frames(self) -> Iterator[Frame]:
        for frame in super().frames():
            yield replace(frame, captured_at_s=time.time())


class WritesAgain(Good):
    def frames(self) -> Iterator[Frame]:
        image_bgr = numbered_image(0)
        for frame in super().frames():
            image_bgr[:] = frame.image_bgr
            yield replace(frame, image_bgr=image_bgr)


class SaysItIsLive(Good):
    def open(self) -> VideoInfo:
        return replace(super().open(), is_live=True)


class HasNoSize(Good):
    def open(self) -> VideoInfo:
        return replace(super().open(), size_wh=(0, 0))


class SeeksPast(Good):
    def seek(self, timestamp_s: float, **_: object) -> None:
        super().seek(timestamp_s + 1 / 25)


class StaysAtTheEnd(Good):
    def seek(self, timestamp_s: float, **_: object) -> None:
        super().seek(min(timestamp_s, 0.12))


class GivesNone(Good):
    def frames(self) -> Iterator[Frame]:
        return iter(())


class LeavesAThread(Good):
    def open(self) -> VideoInfo:
        idle = threading.Event()
        threading.Thread(target=idle.wait, args=(20,), daemon=True, name="mine").start()
        return super().open()


class LeavesADescriptor(Good):
    def open(self) -> VideoInfo:
        self.file = os.open(__file__, os.O_RDONLY)
        LEFT.append(self.file)
        return super().open()


class RepeatsAWarning(Good):
    def take_warnings(self) -> list[str]:
        return ["It is torn."]


class CrashesWhenOpenedAgain(Good):
    def open(self) -> VideoInfo:
        if self.closed_by:
            raise RuntimeError("not again")
        return super().open()


class CannotBeStopped(FakeSource):
    """Waits for what never comes, after its last frame."""

    is_over = threading.Event()

    def __init__(self) -> None:
        super().__init__(20)

    def frames(self) -> Iterator[Frame]:
        for frame in super().frames():
            yield replace(frame, captured_at_s=time.monotonic())
        self.is_over.wait(20)

    def stop(self) -> None:
        """Does nothing."""


LEFT: list[int] = []


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module in ("laws", "source"):
        monkeypatch.setattr(f"app.testing.{module}.ANSWER_S", 1.0)
    monkeypatch.setattr("app.testing.laws.SETTLE_S", 0.1)
    CannotBeStopped.is_over.clear()
    yield
    while LEFT:
        os.close(LEFT.pop())
    CannotBeStopped.is_over.set()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (ClosesOnce, "close.. may be called twice"),
        (FallsBack, "Timestamps never fall"),
        (CountsFalsely, "numbered upwards"),
        (OfAnotherClock, "time.monotonic"),
        (WritesAgain, "Nobody writes"),
        (SaysItIsLive, "is_live"),
        (HasNoSize, "size is positive"),
        (SeeksPast, "leads to the frame of that time"),
        (StaysAtTheEnd, "leads to the frame of that time|Past the end"),
        (GivesNone, "at least one frame"),
        (LeavesAThread, "Threads are left behind: mine"),
        (RepeatsAWarning, "given once"),
        (CrashesWhenOpenedAgain, "works or is refused"),
        (CannotBeStopped, "stop.. ends frames"),
    ],
)
def test_a_source_that_breaks_a_law_is_told_which(
    make: Callable[[], FakeSource], said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        check_source(make)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc here")
def test_a_source_that_keeps_its_file_open_is_told_which() -> None:
    with pytest.raises(AssertionError, match=f"left open: {__file__}"):
        check_source(LeavesADescriptor)


class Failing(Good):
    def __init__(self, error: Exception | None) -> None:
        super().__init__()
        self._error = error

    def open(self) -> VideoInfo:
        if self._error:
            raise self._error
        return super().open()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, "open.. was to fail"),
        (OSError("no"), "is a UserError"),
        (SourceError("it failed", "Try again."), "A problem is a sentence"),
        (SourceError("It failed."), "A remedy says what to do next"),
    ],
)
def test_an_error_that_is_not_for_people_is_told(
    error: Exception | None, said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        check_source(Good, fails=lambda: Failing(error))


def test_a_source_that_keeps_the_laws_passes() -> None:
    error = SourceError("It is broken.", "Mend it with: mend it")
    check_source(Good, fails=lambda: Failing(error))


class Finding(FakeDetector):
    """Finds three cars that keep the laws, as if in any picture."""

    boxes = ((0.0, 0.0, 0.5, 0.5), (0.25, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 0.5))
    scores = (0.9, 0.6, 0.5)
    class_ids = (1, 0, 1)

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        height, width = image_bgr.shape[:2]
        scores = np.array(self.scores, np.float32)
        kept = scores >= settings.score_threshold
        boxes = np.array(self.boxes, np.float32) * (width, height, width, height)
        found = Detections(
            boxes[kept].astype(np.float32),
            scores[kept],
            np.array(self.class_ids, np.int64)[kept],
        )
        return found, StageTimes(inference_ms=1.0)


class WorstFirst(Finding):
    scores = (0.5, 0.6, 0.9)


class NoClassOfIts(Finding):
    class_ids = (1, 2, 0)


class OutsideThePicture(Finding):
    boxes = ((0.0, 0.0, 0.5, 0.5), (0.25, 0.0, 1.5, 1.0), (0.0, 0.0, 1.0, 0.5))


class HeightFirst(Finding):
    """A box (y1, x1, y2, x2) leaves a picture that is not square."""

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        found, times = super().detect(image_bgr, settings)
        return replace(found, boxes_xyxy=found.boxes_xyxy[:, [1, 0, 3, 2]]), times


class MindsNoThreshold(Finding):
    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        return super().detect(image_bgr, Settings())


class WritesToThePicture(Finding):
    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        image_bgr[0] = 0
        return super().detect(image_bgr, settings)


class OneAnswerForAll(Finding):
    """Its answers are memory that the next one writes to."""

    kept = np.zeros((3, 4), np.float32)

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        found, times = super().detect(image_bgr, settings)
        self.kept[: len(found)] = found.boxes_xyxy
        return replace(found, boxes_xyxy=self.kept[: len(found)]), times


class TellsOthersTimes(Finding):
    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        found, _ = super().detect(image_bgr, settings)
        return found, StageTimes(draw_ms=1.0)


class BelongsToAThread(Finding):
    def open(self) -> DetectorInfo:
        self._owner = threading.current_thread()
        return super().open()

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        if threading.current_thread() != self._owner:
            raise ModelError("Another thread.", "Do not.")
        return super().detect(image_bgr, settings)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (WorstFirst, "best score comes first"),
        (NoClassOfIts, "index into the class names"),
        (OutsideThePicture, "inside it"),
        (HeightFirst, "inside it"),
        (MindsNoThreshold, "below the threshold"),
        (OneAnswerForAll, "not written to once it is given"),
        (TellsOthersTimes, "its own stages only"),
    ],
)
def test_a_detector_that_breaks_a_law_is_told_which(
    make: Callable[[], Finding], said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        check_detector(make)


def test_a_detector_that_writes_to_the_picture_is_found_out() -> None:
    with pytest.raises(ValueError, match="read-only"):
        check_detector(WritesToThePicture)


def test_a_detector_is_opened_on_one_thread_and_used_on_another() -> None:
    with pytest.raises(ModelError, match="Another thread"):
        check_detector(BelongsToAThread)


def test_a_detector_that_keeps_the_laws_passes() -> None:
    check_detector(Finding)


class Writing(FakeRecorder):
    """A recorder that keeps the laws: its file is the pictures' bytes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = str(path)
        self._pictures: list[bytes] = []

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        self._pictures.append(image_bgr.tobytes())

    def close(self) -> RecordingInfo | None:
        pictures, self._pictures = self._pictures, []
        if not pictures:
            return None
        Path(self.path).write_bytes(b"".join(pictures))
        return RecordingInfo(self.path, len(pictures), 0, len(pictures) / 25)


class LosesTheLast(Writing):
    def close(self) -> RecordingInfo | None:
        del self._pictures[-1:]
        return super().close()


class TellsTwice(Writing):
    def close(self) -> RecordingInfo | None:
        recorded = super().close()
        return recorded or RecordingInfo(self.path, 5, 0, 0.2)


class LeavesAPart(Writing):
    def close(self) -> RecordingInfo | None:
        Path(f"{self.path}.part").touch()
        return super().close()


class WritesElsewhere(Writing):
    def close(self) -> RecordingInfo | None:
        recorded = super().close()
        if recorded is not None:
            Path(self.path).rename(f"{self.path}2")
        return recorded


class MeasuresFalsely(Writing):
    def close(self) -> RecordingInfo | None:
        recorded = super().close()
        return recorded and replace(recorded, duration_s=recorded.duration_s - 0.04)


class EndsAtAJump(Writing):
    def jump(self) -> None:
        raise RecordingError("There was a jump.", "Do not jump.")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (LosesTheLast, "Every picture is written: 5, not 4"),
        (TellsTwice, "tells of a recording once"),
        (LeavesAPart, "left"),
        (WritesElsewhere, "under its name"),
        (MeasuresFalsely, r"last 0\.2 s"),
    ],
)
def test_a_recorder_that_breaks_a_law_is_told_which(
    tmp_path: Path, make: Callable[[Path], Writing], said: str
) -> None:
    numbers = iter(range(99))
    with pytest.raises(AssertionError, match=said):
        check_recorder(lambda: make(tmp_path / f"{next(numbers)}.raw"))


def test_a_recorder_must_bear_a_jump(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="jump"):
        check_recorder(lambda: EndsAtAJump(tmp_path / "a.raw"))


def test_a_recorder_that_keeps_the_laws_passes(tmp_path: Path) -> None:
    numbers = iter(range(99))
    check_recorder(
        lambda: Writing(tmp_path / f"{next(numbers)}.raw"),
        info=VideoInfo("f", SIZE_WH, Fraction(25), 5, 0.2, is_live=False),
    )
