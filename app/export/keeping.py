"""A detector that keeps what it finds, for the sidecar, and whose box is whose."""

from collections.abc import Callable
from functools import partial

from app.pipeline.interfaces import Detector
from app.pipeline.stages.overlap import overlapping
from app.settings import Settings
from app.sidecar import FrameDetections, SidecarWriter
from app.tracking.tracker import Tracker
from app.types import (
    Detections,
    DetectorInfo,
    ImageBgr,
    PendingDetections,
    StageTimes,
)


class KeepingDetector:
    """A detector that writes down what it finds, and knows what was found before.

    A file loses no frame on its way here, so the n-th picture is frame n.

    Attributes:
        detected: how many frames it had to look at.
    """

    def __init__(
        self,
        detector: Detector,
        begin: Callable[[DetectorInfo], tuple[list[FrameDetections], SidecarWriter]],
        *,
        score_threshold: float = 0.5,
    ) -> None:
        """Wrap it.

        Args:
            detector: finds what is not known.
            begin: called before the first frame: what is known of the video, and
                where to write what is found.
            score_threshold: above it, what is found begins a track.
        """
        self._detector = detector
        self._looks = overlapping(detector)
        self._begin = begin
        self._tracker = Tracker()
        self._score_threshold = score_threshold
        self._model: DetectorInfo | None = None
        self._known: list[FrameDetections] = []
        self._writer: SidecarWriter | None = None
        self._next = 0
        self._timestamp_s = 0.0
        self.detected = 0

    def open(self) -> DetectorInfo:
        """Open the detector inside."""
        self._model = self._detector.open()
        return self._model

    def favour_throughput(self) -> None:
        """As the detector inside does."""
        self._looks.favour_throughput()

    @property
    def depth(self) -> int:
        """Of the detector inside."""
        return self._looks.depth

    def follow(self, timestamp_s: float) -> None:
        """The time to write down with what is found next."""
        self._timestamp_s = timestamp_s

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        """What is known of the next frame, or is found on it."""
        return self.begin(image_bgr, settings)()

    def begin(self, image_bgr: ImageBgr, settings: Settings) -> PendingDetections:
        """As `detect`; frames answer in their order."""
        if self._writer is None:
            assert self._model is not None
            self._known, self._writer = self._begin(self._model)
        index, self._next = self._next, self._next + 1
        if index < len(self._known):
            return partial(self._remember, self._known[index])
        answer = self._looks.begin(image_bgr, settings)
        return partial(self._finish, self._writer, index, self._timestamp_s, answer)

    def _remember(self, known: FrameDetections) -> tuple[Detections, StageTimes]:
        # What is known has its ids; the tracker needs to have seen it.
        return self._follow(known.detections, known.timestamp_s), StageTimes()

    def _follow(self, found: Detections, timestamp_s: float) -> Detections:
        return self._tracker.update(
            found, timestamp_s, score_threshold=self._score_threshold
        )

    def _finish(
        self,
        writer: SidecarWriter,
        index: int,
        timestamp_s: float,
        answer: PendingDetections,
    ) -> tuple[Detections, StageTimes]:
        found, times = answer()
        found = self._follow(found, timestamp_s)
        writer.write(FrameDetections(index, timestamp_s, found))
        self.detected += 1
        return found, times

    def close(self) -> None:
        """Close the file, then the detector inside."""
        if self._writer is not None:
            self._writer.close()
        self._detector.close()
