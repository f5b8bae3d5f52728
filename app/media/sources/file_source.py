"""Frames of a video file, each once, in order, when the file says."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.errors import SourceError
from app.types import Frame, ImageBgr, VideoInfo

log = logging.getLogger(__name__)

# Decoded pictures kept for stepping back: 20 of full HD, 5 of 4K.
RECENT_BYTES = 64 * 2**20
# A file that does not say how long it is gets read through once, up to this size.
MAX_SCANNED_BYTES = 2**30
# Where the keyframe that was found lies too late, look so much earlier.
_EARLIER_S = (0.0, 1.0, 4.0, 16.0, 64.0, 256.0)
_FAR_S = 1e6
# No further than this is decoded on where a jump might do; keyframes are closer.
_AHEAD_S = 10.0
_DEFAULT_RATE = Fraction(25)

_NOT_A_VIDEO = "Choose a video such as .mp4, .mkv, .mov, .avi or .webm."


@dataclass(frozen=True, eq=False, slots=True)
class _Picture:
    decoded: VideoFrame
    index: int
    time_s: float  # from the file's first picture


class FileSource:
    """Reads a video with FFmpeg (PyAV): upright, with square pixels.

    Damage does not cost what is good: unreadable pieces are passed over, a torn
    file ends where it is torn, and `take_warnings` says so.
    """

    is_live = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: _Reader | None = None
        # Neighbours in the file; `_next` is what comes next, or their number when
        # that must be decoded first.
        self._recent: deque[_Picture] = deque()
        self._next = 0
        self._has_warned = False
        self._duration_s: float | None = None

    def open(self) -> VideoInfo:
        """Open the file and decode its first frame, so that a bad one fails here.

        Raises:
            SourceError: it is missing, a folder, no video, or has no picture.
        """
        path = self._path
        try:
            self._check_file()
            self._reader = reader = _Reader(path)
            first = reader.begin()
            if first is None:
                raise SourceError(f"{path.name} holds no frame.", _NOT_A_VIDEO)
            self._recent, self._next = deque([first]), 0
            return self._info(reader, first)
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

    def frames(self) -> Iterator[Frame]:
        """Every frame from where the source stands to the last that decodes."""
        reader = self._opened()
        while self._next < len(self._recent) or self._decode_one(reader):
            picture = self._recent[self._next]
            self._next += 1
            yield Frame(
                image_bgr=_to_bgr(picture.decoded, reader.pixel_aspect),
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
        """What turned out to be damaged; said once."""
        reader = self._reader
        if reader is None or self._has_warned or not reader.damage:
            return []
        self._has_warned = True
        return [f"{self._path.name} is damaged: {reader.damage}."]

    def close(self) -> None:
        """Let go of the file."""
        reader, self._reader = self._reader, None
        self._recent.clear()
        if reader is not None:
            reader.close()

    def _opened(self) -> "_Reader":
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
        if path.stat().st_size == 0:
            raise SourceError(f"{path.name} is empty.", _NOT_A_VIDEO)

    def _decode_one(self, reader: "_Reader") -> bool:
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

    def _is_just_ahead(self, reader: "_Reader", timestamp_s: float) -> bool:
        """Whether to decode on is the shorter way: no keyframe lies between."""
        newest_s = self._recent[-1].time_s
        if not newest_s <= timestamp_s <= newest_s + _AHEAD_S:
            return False
        keyframe_s = reader.keyframe_before(timestamp_s)
        return keyframe_s is not None and keyframe_s <= newest_s

    def _info(self, reader: "_Reader", first: _Picture) -> VideoInfo:
        count, duration_s = reader.length()
        if duration_s is None and self._path.stat().st_size <= MAX_SCANNED_BYTES:
            count, duration_s = _scan(self._path)
        self._duration_s = duration_s
        height, width = _to_bgr(first.decoded, reader.pixel_aspect).shape[:2]
        return VideoInfo(
            name=self._path.name,
            size_wh=(width, height),
            fps=reader.rate,
            frame_count=count,
            duration_s=duration_s,
            is_live=False,
            path=str(self._path.resolve()),
        )


class _Reader:
    """Decodes a file's pictures, from its start or from a keyframe on.

    Attributes:
        rate: pictures a second; None when the file does not say.
        pixel_aspect: width of a pixel over its height.
        damage: what could not be read, for people; empty as long as all could.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container, self._stream = _open(path)
        stream = self._stream
        self.rate: Fraction | None = stream.average_rate or stream.guessed_rate or None
        self.pixel_aspect = _pixel_aspect(stream)
        self.damage = ""
        self._unreadable = 0
        self._interval_s = float(1 / (self.rate or _DEFAULT_RATE))
        kind = self._container.format.name
        # AVI numbers pictures as they are decoded, which is not as they are shown.
        self._has_times = kind != "avi" or stream.codec_context.name != "h264"
        # An MPEG program stream gives guesses up to the second keyframe.
        self._guesses_at_first = kind == "mpeg"
        self._start_s = 0.0
        self._last: _Picture | None = None
        self._decoded: Iterator[VideoFrame] = iter(())

    def begin(self) -> _Picture | None:
        """The file's first picture; `read` goes on from there."""
        self._decoded = self._decode()
        first = next(self._decoded, None)
        if first is None:
            return None
        self._has_times = self._has_times and first.time is not None
        self._start_s = first.time or 0.0
        self._last = _Picture(first, 0, 0.0)
        return self._last

    def begin_before(self, time_s: float) -> _Picture | None:
        """A picture at `time_s` or before, with as little decoding as can be."""
        if self._has_times:
            for earlier_s in _EARLIER_S:
                if time_s < earlier_s or not self._jump(time_s - earlier_s):
                    break
                first = self._read_after_jump()
                if first is not None and first.time_s <= time_s:
                    return first
        self._container.close()
        self._container, self._stream = _open(self._path)
        return self.begin()

    def read(self) -> _Picture | None:
        """The next picture; None at the end."""
        assert self._last is not None
        decoded = next(self._decoded, None)
        if decoded is None:
            self._check_end(self._last)
            return None
        last = self._last
        # A picture without a time comes one interval after the one before it; a
        # time that falls back (a spliced file) stays where it was.
        time_s = last.time_s + self._interval_s
        if self._has_times and decoded.time is not None:
            time_s = max(decoded.time - self._start_s, last.time_s)
        self._last = _Picture(decoded, last.index + 1, time_s)
        return self._last

    def keyframe_before(self, time_s: float) -> float | None:
        """When the last keyframe up to `time_s` is shown, if the file tells."""
        entries, base = self._stream.index_entries, self._stream.time_base
        assert base is not None
        if not self._has_times:
            return None
        found = entries.search_timestamp(round((time_s + self._start_s) / base))
        if found < 0 or found >= len(entries):
            return None
        return float(entries[found].timestamp * base) - self._start_s

    def length(self) -> tuple[int | None, float | None]:
        """Number of pictures (an estimate) and seconds, as far as the file says."""
        duration_s = self._own_duration_s()
        if duration_s is None and self._container.duration is not None:
            duration_s = self._container.duration / av.time_base
        count = self._stream.frames or None
        if count is None and duration_s is not None and self.rate is not None:
            count = round(duration_s * self.rate)
        return count, duration_s

    def close(self) -> None:
        # It holds us as we hold it, and with us the decoder's 60 MB of pictures.
        self._decoded = iter(())
        self._container.close()

    def _own_duration_s(self) -> float | None:
        """Of the pictures alone: sound may well be longer."""
        stream = self._stream
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        try:  # Matroska: 00:00:04.000000000
            hours, minutes, seconds = stream.metadata["DURATION"].split(":")
            return 3600 * int(hours) + 60 * int(minutes) + float(seconds)
        except (KeyError, ValueError):
            return None

    def _jump(self, time_s: float) -> bool:
        base = self._stream.time_base
        assert base is not None
        ticks = round((time_s + self._start_s) / base)
        try:
            self._container.seek(ticks, stream=self._stream, backward=True)
        except (av.FFmpegError, OSError) as error:
            log.debug("%s cannot be searched: %s", self._path.name, error)
            return False
        self._decoded = self._decode()
        return True

    def _read_after_jump(self) -> _Picture | None:
        keyframes = 0
        for decoded in self._decoded:
            keyframes += decoded.key_frame
            if self._guesses_at_first and keyframes < 2:
                continue
            if decoded.pts is None:
                return None
            time_s = decoded.time - self._start_s
            # Its number is an estimate where the rate varies.
            index = max(0, round(time_s / self._interval_s))
            self._last = _Picture(decoded, index, time_s)
            return self._last
        return None

    def _decode(self) -> Iterator[VideoFrame]:
        is_torn = False
        try:
            for packet in _packets(self._container, self._stream):
                is_torn = packet.is_corrupt or (is_torn and not packet.size)
                try:
                    yield from packet.decode()
                except av.FFmpegError as error:
                    log.debug("%s: %s", self._path.name, error)
                    self._unreadable += 1
                    self.damage = f"{self._unreadable} pieces of it cannot be read"
        except (av.FFmpegError, OSError) as error:
            log.debug("%s ends early: %s", self._path.name, error)
            is_torn = True
        if is_torn and self._last is not None:
            self.damage = f"it breaks off at {_clock(self._last.time_s)}"

    def _check_end(self, last: _Picture) -> None:
        duration_s = self._own_duration_s()
        if duration_s is None:
            return
        stays_s = float((last.decoded.duration or 0) * (last.decoded.time_base or 0))
        missing_s = duration_s - last.time_s - max(stays_s, self._interval_s)
        if missing_s > max(1.0, 0.02 * duration_s):  # headers round, and are kind
            self.damage = (
                f"it breaks off at {_clock(last.time_s)} of {_clock(duration_s)}"
            )


def _open(path: Path) -> tuple[InputContainer, VideoStream]:
    # Old files name their titles in whatever alphabet.
    container = av.open(str(path), metadata_errors="replace")
    # A song's cover is no video.
    videos = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
    ]
    if not videos:
        container.close()
        raise SourceError(f"{path.name} has sound, but no picture.", _NOT_A_VIDEO)
    context: VideoCodecContext | None = videos[0].codec_context
    if context is None:
        container.close()
        raise SourceError(
            f"{path.name} is in a format that cannot be decoded here.",
            "Convert it to H.264, with HandBrake for example.",
        )
    videos[0].thread_type = "AUTO"
    return container, videos[0]


def _packets(
    container: InputContainer, stream: VideoStream
) -> Iterator["Packet[VideoStream]"]:  # generic in the stubs only
    """All of the stream, and the empty ones at the end that flush its decoder."""
    try:
        yield from container.demux(stream)
    except IndexError:
        # At the end PyAV 18.1 stumbles over streams that began later; now it knows.
        yield from container.demux(stream)


def _scan(path: Path) -> tuple[int | None, float | None]:
    """Number of pictures and seconds, from reading the file through undecoded."""
    container, stream = _open(path)
    count, start_s, end_s = 0, float("inf"), 0.0
    try:
        for packet in _packets(container, stream):
            if packet.size:
                count += 1
            if packet.pts is not None and packet.time_base is not None:
                at_s = float(packet.pts * packet.time_base)
                start_s = min(start_s, at_s)
                stays_s = float((packet.duration or 0) * packet.time_base)
                end_s = max(end_s, at_s + stays_s)
    except (av.FFmpegError, OSError) as error:
        log.debug("%s: %s", path.name, error)
    finally:
        container.close()
    if end_s > start_s:
        return count, end_s - start_s
    rate = stream.average_rate or stream.guessed_rate or _DEFAULT_RATE
    return (count, float(count / rate)) if count else (None, None)


def _pixel_aspect(stream: VideoStream) -> Fraction:
    aspect = stream.sample_aspect_ratio or Fraction(1)
    # Beyond these it is a slip of whoever wrote the file.
    return aspect if Fraction(1, 4) <= aspect <= 4 else Fraction(1)


def _to_bgr(frame: VideoFrame, pixel_aspect: Fraction) -> ImageBgr:
    """(H, W, 3) uint8 as it is to be seen; colours by the frame's own tags."""
    width, height = frame.width, frame.height
    if pixel_aspect > 1:  # only ever enlarged: no detail is lost
        width = round(width * pixel_aspect)
    else:
        height = round(height / pixel_aspect)
    image_bgr = frame.to_ndarray(format="bgr24", width=width, height=height)
    quarter_turns = round(frame.rotation / 90) % 4  # counter-clockwise, as np.rot90
    if quarter_turns:
        image_bgr = np.rot90(image_bgr, quarter_turns)
    return np.ascontiguousarray(image_bgr, dtype=np.uint8)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
