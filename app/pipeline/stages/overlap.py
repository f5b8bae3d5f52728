"""Any detector, seen as one that can look at several pictures at a time."""

from functools import partial

from app.pipeline.interfaces import Detector, Overlaps
from app.settings import Settings
from app.types import ImageBgr, PendingDetections


def overlapping(detector: Detector) -> Overlaps:
    """The detector itself if it can, else what asks it for one picture at a time."""
    return detector if isinstance(detector, Overlaps) else _OneByOne(detector)


class _OneByOne:
    depth = 1

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def favour_throughput(self) -> None:
        """It has no choice."""

    def begin(self, image_bgr: ImageBgr, settings: Settings) -> PendingDetections:
        return partial(self._detector.detect, image_bgr, settings)
