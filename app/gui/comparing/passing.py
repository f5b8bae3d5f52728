"""The frames that pass on the window, as a source that can be kept."""

from collections.abc import Iterator

from app.pipeline.slot import Slot, SlotClosedError
from app.types import Frame, VideoInfo

# Frames that wait while one is written; more would be a disk that does not answer.
CAPACITY = 60


class PassingFrames:
    """A source of what is shown from now on; the window hands it in."""

    is_live = True

    def __init__(self, info: VideoInfo) -> None:
        """Nothing was handed in yet; `info` is of what plays."""
        self._info = info
        self._slot = Slot[Frame](drop_oldest=True, capacity=CAPACITY)

    def hand_in(self, frame: Frame) -> bool:
        """One more; never waits. False where nobody wants any more."""
        try:
            self._slot.put(frame)
        except SlotClosedError:
            return False
        return True

    def end(self) -> None:
        """No more will come."""
        self._slot.close()

    def open(self) -> VideoInfo:
        """What plays."""
        return self._info

    def frames(self) -> Iterator[Frame]:
        """What is handed in, until the end."""
        yield from self._slot

    def close(self) -> None:
        """Nobody wants any more."""
        self._slot.close()
