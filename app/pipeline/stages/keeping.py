"""What the pipeline asks of what keeps clean pictures: replays, clips, recordings.

As the other `interfaces`: each is used by one thread, but for what says otherwise.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Protocol, runtime_checkable

from app.types import Found, ImageBgr, RecordingInfo, ReplayHeld


@runtime_checkable
class RecordsClean(Protocol):
    """What a recorder can besides, if it wants pictures without boxes."""

    def write_clean(
        self, image_bgr: ImageBgr, timestamp_s: float, found: Found
    ) -> None:
        """As `Recorder.write`, of a picture without boxes, and what was found in it."""
        ...

    def write_encoded(self, encoded: object) -> None:
        """Instead of pictures: what `Replay.add` made of them, from a key picture on.

        Raises:
            RecordingError: as `Recorder.write`.
        """
        ...


class Clip(Protocol):
    """One that nothing more is written to."""

    def finish(self) -> RecordingInfo:
        """Give it its name; from any thread, and it may take a while.

        Raises:
            RecordingError: it cannot; what there is of it is kept.
        """
        ...


class Replay(Protocol):
    """Keeps the last seconds of a live source (see `app.media.recording.replay`).

    `add` and `close` are called on one thread, the others on any.
    """

    def add(
        self,
        image_bgr: ImageBgr,
        timestamp_s: float,
        found: Found,
        *,
        fps: Fraction | None = None,
        is_key: bool = False,
    ) -> Sequence[object]:
        """Keep a picture without boxes; where `is_key`, a clip may begin with it.

        Returns:
            What was encoded, for `RecordsClean.write_encoded`.

        Raises:
            RecordingError: it cannot be encoded.
        """
        ...

    @property
    def held(self) -> ReplayHeld:
        """How much there is."""
        ...

    def save(self, path: Path, *, seconds: float | None = None) -> RecordingInfo:
        """Write it to `path`, or the last so many seconds; it is kept all the same.

        Raises:
            RecordingError: nothing is kept, or it cannot be written.
        """
        ...

    def begin_clip(self, path: Path, *, seconds: float, event: str) -> None:
        """Begin a clip of `event` with the last so many seconds; `add` goes on with it.

        Raises:
            RecordingError: it cannot be written.
        """
        ...

    def end_clip(self) -> Clip | None:
        """The clip that was on, if any; on the thread of `add`."""
        ...

    def clear(self) -> None:
        """Forget what is kept; it begins anew with the next key picture."""
        ...

    def close(self) -> None:
        """Let go of it all; `add` begins anew."""
        ...
