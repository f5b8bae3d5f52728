"""A detector that remembers: what an export found, shown again without inference."""

import time
from bisect import bisect_left
from pathlib import Path

from app.errors import ModelError, SidecarError
from app.settings import Settings
from app.sidecar import FrameDetections, keep_detections, read_sidecar
from app.types import Detections, DetectorInfo, ImageBgr, StageTimes

# Less than between any two frames, more than a number loses in being written.
SAME_S = 1e-6


class SidecarDetector:
    """Answers for the frames of one video, from its sidecar.

    A file loses no frame on its way here, so the n-th picture is frame n, unless
    `follow` says otherwise. The score threshold can be changed while it plays, down
    to what the sidecar keeps.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._frames: list[FrameDetections] = []
        self._size_wh = (0, 0)
        self._next = 0

    def open(self) -> DetectorInfo:
        """Read the sidecar.

        Raises:
            ModelError: it cannot be read, or a line is bad.
        """
        try:
            header, self._frames = read_sidecar(self._path)
        except SidecarError as error:
            raise ModelError(error.problem, error.remedy) from error
        self._size_wh, self._next = header.size_wh, 0
        return DetectorInfo(
            model_name=f"{self._path.name} ({header.model_name})",
            class_names=header.class_names,
            input_size_wh=header.size_wh,
            provider="Sidecar",
        )

    def follow(self, timestamp_s: float) -> None:
        """The next picture is the one of that time."""
        expected = self._frames[self._next : self._next + 1]
        if not expected or abs(expected[0].timestamp_s - timestamp_s) > SAME_S:
            self._next = bisect_left(
                self._frames, timestamp_s - SAME_S, key=lambda known: known.timestamp_s
            )

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        """What was found in this frame, above the threshold of now.

        Raises:
            ModelError: the video is not the one the sidecar was made from.
        """
        started_s = time.perf_counter()
        height, width = image_bgr.shape[:2]
        if (width, height) != self._size_wh or self._next >= len(self._frames):
            raise ModelError(
                f"{self._path.name} was made from another video.",
                "Name the one it belongs to with --source.",
            )
        known = self._frames[self._next].detections
        self._next += 1
        kept = keep_detections(known, score_threshold=settings.score_threshold)
        elapsed_ms = 1e3 * (time.perf_counter() - started_s)
        return kept, StageTimes(postprocess_ms=elapsed_ms)

    def close(self) -> None:
        """Forget what was read."""
        self._frames = []
