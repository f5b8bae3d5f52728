"""A clip that goes on while something lasts: a recording that began earlier."""

import errno
import os
from pathlib import Path

import av
from av.video.stream import VideoStream

from app.errors import RecordingError
from app.media.clips.kept import Kept
from app.media.clips.lines import Lines, name_lines
from app.media.recording.encoder import TIME_BASE
from app.media.recording.finishing import finish
from app.media.recording.muxer import FRAGMENTED, Muxer
from app.media.recording.part_file import Origin, PartHandle
from app.sidecar import SidecarHeader
from app.types import RecordingInfo

EVENT = "event"  # in the sidecar's settings: why there is a clip


class EventClip:
    """Written as a recording is: what a crash leaves is mended at the next start."""

    def __init__(
        self,
        path: Path,
        stream: VideoStream,
        *,
        interval: int,
        header: SidecarHeader,
    ) -> None:
        """Create it.

        Args:
            path: what it is to be called.
            stream: of the encoder that makes the pictures.
            interval: how long a picture stays, in ticks.
            header: of its sidecar.

        Raises:
            OSError: the folder cannot be written to, or the like.
        """
        self._interval = interval
        self._handle = PartHandle.new(path)
        part = self._handle.part
        self._first: int | None = None
        self._error: Exception | None = None
        try:
            origin = Origin("", 0.0, float(interval * TIME_BASE))
            self._muxer = Muxer(
                part, stream, options=FRAGMENTED, comment=origin.to_text()
            )
            self._lines = Lines(part, header)
        except BaseException:
            self._handle.close()
            raise

    def write(self, kept: Kept) -> None:
        """Add a picture, and what was found in it; `finish` tells what failed."""
        if self._error is None:
            try:
                self._write(kept)
            except (av.FFmpegError, OSError) as error:
                self._error = error

    def _write(self, kept: Kept) -> None:
        picture = kept.picture
        if self._first is None:
            self._first = picture.pts
        self._lines.write(kept)
        self._muxer.write(picture, stays=self._interval, shift=self._first)

    def finish(self) -> RecordingInfo:
        """Give it its name; from any thread, once nothing more is written.

        Raises:
            RecordingError: it could not be finished; its part stays.
        """
        part = self._handle.part
        try:
            try:
                self._muxer.close()
            except (av.FFmpegError, OSError):
                pass  # the end is missing then; what is there is not
            finally:
                self._lines.close()
            made = finish(self._handle)
            if made is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            threshold = self._lines.score_threshold
            name_lines(part, made.path, made.count, score_threshold=threshold)
        except OSError as error:
            raise RecordingError(
                f"The clip {part.name} could not be finished: {error.strerror}.",
                "What there is of it is recovered at the next start.",
            ) from error
        notes = made.notes
        if self._error is not None:
            reason = getattr(self._error, "strerror", None) or self._error
            notes = (*notes, f"It was ended early: {reason}.")
        return RecordingInfo(
            str(made.path), made.count, 0, made.duration_s, notes=notes
        )
