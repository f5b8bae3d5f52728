"""What the pipeline asks of a source, a detector and a recorder.

Each is opened, used and closed by one and the same thread, which the pipeline
starts. `close` may be called on anything whose `open` failed, and twice.
"""

from collections.abc import Iterator
from typing import Protocol

from app.settings import Settings
from app.types import (
    Detections,
    DetectorInfo,
    Frame,
    ImageBgr,
    RecordingInfo,
    StageTimes,
    VideoInfo,
)


class VideoSource(Protocol):
    """Gives frames, oldest first."""

    @property
    def is_live(self) -> bool:
        """True when frames pass whether we take them or not; known before `open`."""
        ...

    def open(self) -> VideoInfo:
        """Get ready to read.

        Raises:
            SourceError: it cannot be opened; nothing is left behind.
        """
        ...

    def frames(self) -> Iterator[Frame]:
        """Every frame until the end; a live source has none.

        Raises:
            SourceError: it broke down; the frames before were good.
        """
        ...

    def close(self) -> None:
        """Let go of the handle."""
        ...


class Detector(Protocol):
    """Finds objects in one picture."""

    def open(self) -> DetectorInfo:
        """Load the model, run it once, and say on what it really runs.

        Raises:
            ModelError: the file is not ours, or the device cannot be had.
        """
        ...

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        """Detections in pixels of `image_bgr`, and the times of its own stages.

        Raises:
            ModelError: the session failed.
        """
        ...

    def close(self) -> None:
        """Let go of the session and its memory."""
        ...


class Recorder(Protocol):
    """Writes pictures to one file.

    The file takes its size from the first picture, and its clock from the
    timestamps: the first is time zero.
    """

    @property
    def path(self) -> str:
        """Where the recording goes."""
        ...

    def open(self, info: VideoInfo) -> None:
        """Check that the file can be written, and get ready.

        Raises:
            RecordingError: it cannot; nothing is left behind.
        """
        ...

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        """Encode one picture, taken at `timestamp_s` on the source's clock.

        Raises:
            RecordingError: disk full, or the like; what was written is kept.
        """
        ...

    def close(self) -> RecordingInfo | None:
        """Finish the file; None when nothing was written (no file is left)."""
        ...
