"""Frames of a video file, each once, in order, when the file says."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from app.errors import SourceError
from app.media.sources.files.reader import (
    NOT_A_VIDEO,
    Picture,
    Reader,
    explained,
    scan,
)
from app.types import Frame, VideoInfo

# Decoded pictures kept for stepping back: 20 of full HD, 5 of 4K.
RECENT_BYTES = 64 * 2**20
# A file that does not say how long it is gets read through once, up to this size.
MAX_SCANNED_BYTES = 2**30
# And one of which that is a guess, up to this: it takes a quarter of a second.
QUICKLY_SCANNED_BYTES = 2**26
_FAR_S = 1e6
# No further than this is decoded on where a jump might do; keyframes are closer.
_AHEAD_S = 10.0


class FileSource:
    """Reads a video with FFmpeg (PyAV): upright, with square pixels.

    Damage does not cost what is good: unreadable pieces are passed over, a torn
    file ends where it is torn, and `take_warnings` says so.
    """

    is_live = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: Reader | None = None
        # Neighbours in the file; `_next` is what comes next, or their number when
        # that must be decoded first.
        self._recent: deque[Picture] = deque()
        self._next = 0
        self._duration_s: float | None = None

    def open(self) -> VideoInfo:
        """Open the file and decode its first frame, so that a bad one fails here.

        Raises:
            SourceError: it is missing, a folder, no video, or has no picture.
        """
        try:
            with explained(self._path.name):
                self._check_file()
                self._reader = reader = Reader(self._path)
                first = reader.begin()
                if first is None:
                    raise SourceError(f"{self._path.name} holds no frame.", NOT_A_VIDEO)
                self._recent, self._next = deque([first]), 0
                return self._info(reader, first)
        except BaseException:
            self.close()
            raise

    def frames(self) -> Iterator[Frame]:
        """Every frame from where the source stands to the last that decodes."""
        reader = self._opened()
        while self._next < len(self._recent) or self._decode_one(reader):
            picture = self._recent[self._next]
            self._next += 1
            yield Frame(
                image_bgr=reader.shown.bgr(picture.decoded),
                index=picture.index,
                timestamp_s=picture.time_s,
                captured_at_s=time.monotonic(),
            )

    def seek(
        self, timestamp_s: float, *, is_enough: Callable[[], bool] = lambda: False
    ) -> None:
        """Let `frames` go on with the frame on show at `timestamp_s`, exactly.

        Before the first frame that is the first, past the end the last.

        Args:
            timestamp_s: on the clock of `Frame.timestamp_s`; may be infinite.
            is_enough: asked on the way from the keyframe to that frame; once
                true, the frame reached by then is taken.
        """
        reader = self._opened()
        if not self._recent[0].time_s <= timestamp_s < self._recent[-1].time_s:
            if not self._is_just_ahead(reader, timestamp_s):
                end_s = _FAR_S if self._duration_s is None else self._duration_s
                first = reader.begin_before(min(max(0.0, timestamp_s), end_s))
                if first is None:
                    return  # no longer readable: stay where we are
                self._recent = deque([first])
            while self._recent[-1].time_s <= timestamp_s and not is_enough():
                if not self._decode_one(reader):
                    break
        on_show = [p.time_s <= timestamp_s for p in self._recent]
        self._next = max(0, sum(on_show) - 1)

    def take_warnings(self) -> list[str]:
        """What turned out to be damaged, or cannot be shown as meant; said once."""
        return [] if self._reader is None else self._reader.take_troubles()

    def close(self) -> None:
        """Let go of the file."""
        reader, self._reader = self._reader, None
        self._recent.clear()
        if reader is not None:
            reader.close()

    def _opened(self) -> Reader:
        if self._reader is None:
            raise ValueError("frames() and seek() need open() first")
        return self._reader

    def _check_file(self) -> None:
        path = self._path
        if path.is_dir():
            raise SourceError(
                f"{path} is a folder, not a video.", "Choose a file in it."
            )
        if not path.exists():
            raise SourceError(f"There is no file {path}.", "Check the name.")
        if not path.is_file():
            raise SourceError(
                f"{path} is a device or a socket, not a video.", "Choose a file."
            )
        if path.stat().st_size == 0:
            raise SourceError(f"{path.name} is empty.", NOT_A_VIDEO)

    def _decode_one(self, reader: Reader) -> bool:
        """Whether there was another; the oldest make room for it."""
        picture = reader.read()
        if picture is None:
            return False
        recent = self._recent
        recent.append(picture)
        size = sum(plane.buffer_size for plane in picture.decoded.planes)
        while len(recent) > max(2, RECENT_BYTES // size):
            recent.popleft()
        self._next = len(recent) - 1
        return True

    def _is_just_ahead(self, reader: Reader, timestamp_s: float) -> bool:
        """Whether to decode on is the shorter way: no keyframe lies between."""
        newest_s = self._recent[-1].time_s
        if not newest_s <= timestamp_s <= newest_s + _AHEAD_S:
            return False
        keyframe_s = reader.keyframe_before(timestamp_s)
        return keyframe_s is not None and keyframe_s <= newest_s

    def _info(self, reader: Reader, first: Picture) -> VideoInfo:
        count, duration_s = reader.length()
        size = self._path.stat().st_size
        is_small = reader.guesses_its_length and size <= QUICKLY_SCANNED_BYTES
        if is_small or (duration_s is None and size <= MAX_SCANNED_BYTES):
            count, duration_s = scan(self._path)
        self._duration_s = duration_s
        height, width = reader.shown.bgr(first.decoded).shape[:2]
        return VideoInfo(
            name=self._path.name,
            size_wh=(width, height),
            fps=reader.rate,
            frame_count=count,
            duration_s=duration_s,
            is_live=False,
            path=str(self._path.resolve()),
        )
