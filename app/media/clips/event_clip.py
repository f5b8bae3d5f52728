"""A clip that goes on while something lasts: a recording that began earlier."""

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
from av.video.stream import VideoStream

from app.errors import RecordingError, SidecarError
from app.media.recording.encoder import TIME_BASE, EncodedPicture
from app.media.recording.finishing import finish
from app.media.recording.muxer import FRAGMENTED, Muxer
from app.media.recording.part_file import Origin, PartHandle, give_name
from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter, read_header
from app.types import Detections, Found, RecordingInfo

EVENT = "event"  # in the sidecar's settings: why there is a clip
# What a picture costs besides its packet: objects of Python and NumPy, roughly.
_OBJECTS_BYTES = 1000


@dataclass(frozen=True, eq=False, slots=True)
class Kept:
    """A picture, and what was found in it.

    Attributes:
        picture: its packet.
        found: None of one that is repeated, in a gap of hours.
    """

    picture: EncodedPicture
    found: Found | None

    @property
    def size(self) -> int:
        """About what it takes, in bytes."""
        found = self.found.detections if self.found else None
        arrays = 0 if found is None else found.boxes_xyxy.nbytes + 12 * len(found)
        return len(self.picture.data) + arrays + _OBJECTS_BYTES


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
        self._class_names = header.class_names
        self._handle = PartHandle.new(path)
        part = self._handle.part
        self._lines = lines_of(part)
        self._first: int | None = None
        self._error: Exception | None = None
        self._count = 0
        try:
            origin = Origin("", 0.0, float(interval * TIME_BASE))
            self._muxer = Muxer(
                part, stream, options=FRAGMENTED, comment=origin.to_text()
            )
            self._sidecar = SidecarWriter(self._lines, header)
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
        found = kept.found
        detections = Detections.empty()
        if found is not None and found.class_names == self._class_names:
            detections = found.detections
        at_s = float((picture.pts - self._first) * TIME_BASE)
        # First the line: what a crash leaves has one for each picture, and more.
        self._sidecar.write(FrameDetections(self._count, at_s, detections))
        self._count += 1
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
                self._sidecar.close()
            made = finish(self._handle)
            if made is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            name_lines(part, made.path, made.count)
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


def lines_of(part: Path) -> Path:
    """Where the sidecar of a clip in the making is."""
    return part.with_suffix(".lines")


def name_lines(part: Path, clip: Path, count: int) -> None:
    """Make the sidecar of `clip`, of so many pictures, from the lines of its part.

    Nothing happens where there are none; they are removed.
    """
    lines = lines_of(part)
    sidecar = clip.with_suffix(".jsonl")
    try:
        _keep_lines(lines, count, clip)
        give_name(lines, sidecar)
    except (OSError, SidecarError, StopIteration):
        pass  # a clip without its sidecar is still a clip
    finally:
        with suppress(OSError):
            lines.unlink(missing_ok=True)


def _keep_lines(lines: Path, count: int, clip: Path) -> None:
    """Those of whole pictures, and the name that the clip really got."""
    header = read_header(lines)
    whole = lines.with_suffix(".whole")
    SidecarWriter(
        whole,
        SidecarHeader(
            str(clip.absolute()),
            header.size_wh,
            header.model_name,
            header.model_sha256,
            header.class_names,
            header.settings,
        ),
    ).close()
    try:
        with lines.open("rb") as source, whole.open("ab") as out:
            next(source)
            out.writelines(next(source) for _ in range(count))
        whole.replace(lines)
    finally:
        whole.unlink(missing_ok=True)
