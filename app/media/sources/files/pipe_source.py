"""Frames of a video that another program writes into a named pipe."""

import time
from collections.abc import Iterator
from pathlib import Path

from app.errors import SourceError
from app.media.sources.files.pipe import Pipe
from app.media.sources.files.reader import NOT_A_VIDEO, Picture, Reader, explained
from app.types import Frame, VideoInfo


class PipeSource:
    """Each frame once, in order, as of a file; but nobody can go back in it.

    Nothing is lost: a program that writes faster than we read has to wait.
    """

    is_live = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pipe: Pipe | None = None
        self._reader: Reader | None = None
        self._first: Picture | None = None

    def open(self) -> VideoInfo:
        """Wait for the first frame.

        Raises:
            SourceError: nobody writes, or no video.
        """
        name = self._path.name
        try:
            with explained(name):
                self._pipe = Pipe(self._path)
                self._reader = reader = Reader(self._pipe)
                self._first = first = reader.begin()
                if first is None:
                    raise SourceError(f"{name} holds no frame.", NOT_A_VIDEO)
                height, width = reader.shown.bgr(first.decoded).shape[:2]
        except BaseException:
            self.close()
            raise
        return VideoInfo(
            name=name,
            size_wh=(width, height),
            fps=reader.rate,
            frame_count=None,
            duration_s=None,
            is_live=False,
        )

    def frames(self) -> Iterator[Frame]:
        """Every frame until the writer is done."""
        reader, picture = self._reader, self._first
        if reader is None:
            raise ValueError("frames() needs open() first")
        self._first = None
        while picture is not None:
            yield Frame(
                image_bgr=reader.shown.bgr(picture.decoded),
                index=picture.index,
                timestamp_s=picture.time_s,
                captured_at_s=time.monotonic(),
            )
            picture = reader.read()

    def stop(self) -> None:
        """End `open` and `frames` at once; from any thread."""
        pipe = self._pipe
        if pipe is not None:
            pipe.stop()

    def take_warnings(self) -> list[str]:
        """What turned out to be damaged, or cannot be shown as meant; said once."""
        return [] if self._reader is None else self._reader.take_troubles()

    def close(self) -> None:
        """Let go of the pipe."""
        reader, self._reader = self._reader, None
        pipe, self._pipe = self._pipe, None
        self._first = None
        if reader is not None:
            reader.close()
        if pipe is not None:
            pipe.close()
