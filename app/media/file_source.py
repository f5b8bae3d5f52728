"""Frames of a video file, each once, in order, when the file says."""

import logging
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.errors import SourceError
from app.types import Frame, ImageBgr, VideoInfo

log = logging.getLogger(__name__)

_NOT_A_VIDEO = "Choose a video such as .mp4, .mkv, .mov, .avi or .webm."


class FileSource:
    """Reads a video with FFmpeg (PyAV), rotated as its metadata asks.

    A damaged tail does not cost the frames before it: they are given, then the
    source ends as if the file did, with one warning in the log.
    """

    is_live = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: InputContainer | None = None
        self._first: VideoFrame | None = None

    def open(self) -> VideoInfo:
        """Open the file and decode its first frame, so that a bad one fails here.

        Raises:
            SourceError: it is missing, a folder, no video, or has no picture.
        """
        path = self._path
        try:
            self._check_file()
            self._container = av.open(str(path))
            if not self._container.streams.video:
                raise SourceError(
                    f"{path.name} has sound, but no picture.", _NOT_A_VIDEO
                )
            stream = self._container.streams.video[0]
            stream.thread_type = "AUTO"
            self._first = next(self._container.decode(stream), None)
        except SourceError:
            self.close()
            raise
        except PermissionError as error:  # PyAV's is one too
            self.close()
            raise SourceError(
                f"{path.name} may not be read.", "Check the file's permissions."
            ) from error
        except (av.FFmpegError, OSError) as error:
            self.close()
            raise SourceError(
                f"{path.name} is not a video that can be played, or is damaged.",
                _NOT_A_VIDEO,
            ) from error
        if self._first is None:
            self.close()
            raise SourceError(f"{path.name} holds no frame.", _NOT_A_VIDEO)
        return self._info(stream, self._first)

    def frames(self) -> Iterator[Frame]:
        """Every frame from the first to the last that can be decoded."""
        container, first = self._container, self._first
        if container is None or first is None:
            raise ValueError("frames() needs open() first")
        stream = container.streams.video[0]
        interval_s = float(1 / (_rate(stream) or Fraction(25)))
        start_s = last_s = first.time or 0.0
        for index, decoded in enumerate(self._decode(first)):
            # A frame without a time comes one interval after the one before it;
            # a time that falls back (a spliced file) stays where it was.
            fallback_s = last_s + interval_s if index else last_s
            last_s = max(fallback_s if decoded.time is None else decoded.time, last_s)
            yield Frame(
                image_bgr=_to_bgr(decoded),
                index=index,
                timestamp_s=last_s - start_s,
                captured_at_s=time.monotonic(),
            )

    def close(self) -> None:
        """Let go of the file."""
        container, self._container, self._first = self._container, None, None
        if container is not None:
            container.close()

    def _check_file(self) -> None:
        path = self._path
        if path.is_dir():
            raise SourceError(
                f"{path} is a folder, not a video.", "Choose a file in it."
            )
        if not path.exists():
            raise SourceError(f"There is no file {path}.", "Check the name.")
        if path.stat().st_size == 0:
            raise SourceError(f"{path.name} is empty.", _NOT_A_VIDEO)

    def _decode(self, first: VideoFrame) -> Iterator[VideoFrame]:
        assert self._container is not None
        yield first
        try:
            yield from self._container.decode(self._container.streams.video[0])
        except (av.FFmpegError, OSError) as error:
            log.warning("%s ends early, it is damaged: %s", self._path.name, error)

    def _info(self, stream: VideoStream, first: VideoFrame) -> VideoInfo:
        assert self._container is not None
        fps = _rate(stream)
        duration_s: float | None = None
        if stream.duration is not None and stream.time_base is not None:
            duration_s = float(stream.duration * stream.time_base)
        elif self._container.duration is not None:
            duration_s = self._container.duration / av.time_base
        count = stream.frames or None
        if count is None and duration_s is not None and fps is not None:
            count = round(duration_s * fps)
        height, width = _to_bgr(first).shape[:2]
        return VideoInfo(
            name=self._path.name,
            size_wh=(width, height),
            fps=fps,
            frame_count=count,
            duration_s=duration_s,
            is_live=False,
            path=str(self._path.resolve()),
        )


def _rate(stream: VideoStream) -> Fraction | None:
    return stream.average_rate or stream.guessed_rate or None


def _to_bgr(frame: VideoFrame) -> ImageBgr:
    """(H, W, 3) uint8 as it is to be seen; colours by the frame's own tags."""
    image_bgr = frame.to_ndarray(format="bgr24")
    quarter_turns = round(frame.rotation / 90) % 4  # counter-clockwise, as np.rot90
    if quarter_turns:
        image_bgr = np.rot90(image_bgr, quarter_turns)
    return np.ascontiguousarray(image_bgr, dtype=np.uint8)
