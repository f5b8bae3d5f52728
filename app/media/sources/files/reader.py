"""Decodes a file's pictures, from its start or from a keyframe on."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.errors import SourceError
from app.media.sources.files.packets import packets_of
from app.media.sources.files.pipe import Pipe
from app.media.sources.pictures.cropping import Cropping, cropping_of
from app.media.sources.pictures.shown import Shown
from app.media.sources.pictures.stream_choice import (
    choose_video,
    leave_out_others,
    rate_of,
)
from app.media.steady_clock import SteadyClock, starts_anew

log = logging.getLogger(__name__)

NOT_A_VIDEO = "Choose a video such as .mp4, .mkv, .mov, .avi or .webm."
# Where the keyframe that was found lies too late, look so much earlier.
_EARLIER_S = (0.0, 1.0, 4.0, 16.0, 64.0, 256.0)
_DEFAULT_RATE = Fraction(25)
# A clock that begins later than this is a piece cut out of something longer, and
# what the header calls its length may be where it ends.
_LATE_START_S = 1.0
# What DivX and Xvid write into the first picture where they pack two into one
# piece ("packed bitstream"): the file's times belong to the pieces then.
_PACKED = re.compile(rb"DivX\d+(?:b|Build)\d+p")


@contextmanager
def explained(name: str) -> Iterator[None]:
    """What fails in it becomes a sentence about the file `name`.

    Raises:
        SourceError: something did.
    """
    try:
        yield
    except SourceError:
        raise
    except PermissionError as error:  # PyAV's is one too
        raise SourceError(
            f"{name} may not be read.", "Check the file's permissions."
        ) from error
    except (av.FFmpegError, OSError) as error:
        raise SourceError(
            f"{name} is not a video that can be played, or is damaged.", NOT_A_VIDEO
        ) from error


@dataclass(frozen=True, eq=False, slots=True)
class Picture:
    """One as it was decoded.

    Attributes:
        decoded: not yet as it is to be seen.
        index: in the file, from 0; an estimate after a jump.
        time_s: from the file's first picture.
    """

    decoded: VideoFrame
    index: int
    time_s: float


class Reader:
    """Decodes the pictures of a file, or of what comes out of a pipe.

    Attributes:
        rate: pictures a second; None when the file does not say.
        shown: turns them into what is to be seen.
        damage: what could not be read, for people; empty as long as all could.
    """

    def __init__(self, source: Path | Pipe) -> None:
        """Open it.

        Raises:
            SourceError: it has no picture, or none that can be decoded here.
            OSError: it cannot be read; av's errors are among them.
        """
        self._source = source
        self._container, self._stream = _open(source)
        stream = self._stream
        self.rate = rate_of(stream)
        number = list(self._container.streams.video).index(stream)
        self.shown = Shown(
            pixel_aspect=stream.sample_aspect_ratio,
            cropping=(
                cropping_of(source, number) if isinstance(source, Path) else Cropping()
            ),
            keeps_size=True,
        )
        self.damage = ""
        self._said: set[str] = set()
        self._unreadable = 0
        self._interval_s = float(1 / (self.rate or _DEFAULT_RATE))
        kind = self._container.format.name
        # AVI numbers pictures as they are decoded, which is not as they are shown.
        self._has_times = kind != "avi" or stream.codec_context.name != "h264"
        self._may_be_packed = kind == "avi" and stream.codec_context.name == "mpeg4"
        # An MPEG program stream gives guesses up to the second keyframe.
        self._guesses_at_first = kind == "mpeg"
        self._clock = self._new_clock()
        self._start_s = 0.0
        self._last: Picture | None = None
        self._own_duration: float | None = None
        self._decoded: Iterator[VideoFrame] = iter(())

    def begin(self) -> Picture | None:
        """The file's first picture; `read` goes on from there."""
        self._clock = self._new_clock()
        self._decoded = self._decode()
        first = next(self._decoded, None)
        if first is None:
            return None
        self._has_times = self._has_times and first.time is not None
        self._start_s = first.time or 0.0
        self._own_duration = self._own_duration_s()
        self._last = Picture(first, 0, 0.0)
        return self._last

    def begin_before(self, time_s: float) -> Picture | None:
        """A picture at `time_s` or before, with as little decoding as can be."""
        # Where its clock leaps, a time of the file may stand for several pictures.
        if self._has_times and not self._clock.has_leapt:
            for earlier_s in _EARLIER_S:
                if time_s < earlier_s or not self._jump(time_s - earlier_s):
                    break
                first = self._read_after_jump()
                if first is not None and first.time_s <= time_s:
                    return first
        self._container.close()
        self._container, self._stream = _open(self._source)
        return self.begin()

    def read(self) -> Picture | None:
        """The next picture; None at the end."""
        assert self._last is not None
        decoded = next(self._decoded, None)
        if decoded is None:
            self._check_end(self._last)
            return None
        last = self._last
        if not self._has_times:
            time_s = (last.index + 1) * self._interval_s
        elif decoded.pts is None:  # one interval after the one before it
            time_s = last.time_s + self._interval_s
        else:  # one that falls back a little stays where it was; see `SteadyClock`
            time_s = max(decoded.time - self._start_s, last.time_s)
        self._last = Picture(decoded, last.index + 1, time_s)
        return self._last

    def keyframe_before(self, time_s: float) -> float | None:
        """When the last keyframe up to `time_s` is shown, if the file tells."""
        entries, base = self._stream.index_entries, self._stream.time_base
        assert base is not None
        if not self._has_times or self._clock.has_leapt:
            return None
        found = entries.search_timestamp(round((time_s + self._start_s) / base))
        if found < 0 or found >= len(entries):
            return None
        return float(entries[found].timestamp * base) - self._start_s

    @property
    def guesses_its_length(self) -> bool:
        """Whether `length` is a difference of times, between which they may leap."""
        return self._container.format.name in ("mpegts", "mpeg")

    def length(self) -> tuple[int | None, float | None]:
        """Number of pictures (an estimate) and seconds, as far as the file says."""
        duration_s = self._own_duration
        if duration_s is None and self._container.duration is not None:
            duration_s = self._container.duration / av.time_base
        count = self._stream.frames or None
        if count is None and duration_s is not None and self.rate is not None:
            count = round(duration_s * self.rate)
        return count, duration_s

    def take_troubles(self) -> list[str]:
        """What there is to say of it, as sentences; each kind once."""
        name = self._source.name
        troubles = {
            "damage": f"{name} is damaged: {self.damage}." if self.damage else "",
            "colours": f"{name} {self.shown.trouble}." if self.shown.trouble else "",
        }
        new = {kind: text for kind, text in troubles.items() if text}
        told = [text for kind, text in new.items() if kind not in self._said]
        self._said |= set(new)
        return told

    def close(self) -> None:
        """Let go of the file."""
        # It holds us as we hold it, and with us the decoder's 60 MB of pictures.
        self._decoded = iter(())
        self._container.close()

    def _own_duration_s(self) -> float | None:
        """Of the pictures alone: sound may well be longer."""
        stream = self._stream
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        duration_s: float | None = None
        with suppress(KeyError, ValueError):  # Matroska: 00:00:04.000000000
            hours, minutes, seconds = stream.metadata["DURATION"].split(":")
            duration_s = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
        if self._start_s < _LATE_START_S or not isinstance(self._source, Path):
            return duration_s
        found_s = _length_from_end(self._source, self._start_s)
        # A torn file ends before the end it speaks of.
        return max(found_s, (duration_s or 0.0) - self._start_s) or None

    def _jump(self, time_s: float) -> bool:
        base = self._stream.time_base
        assert base is not None
        ticks = round((time_s + self._start_s) / base)
        try:
            self._container.seek(ticks, stream=self._stream, backward=True)
        except (av.FFmpegError, OSError) as error:
            log.debug("%s cannot be searched: %s", self._source, error)
            return False
        self._clock.forget_last()
        self._decoded = self._decode()
        return True

    def _new_clock(self) -> SteadyClock:
        return SteadyClock(
            leaps_ahead=starts_anew(self._container), interval_s=self._interval_s
        )

    def _read_after_jump(self) -> Picture | None:
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
            self._last = Picture(decoded, index, time_s)
            return self._last
        return None

    def _decode(self) -> Iterator[VideoFrame]:
        is_torn = False
        try:
            for packet in packets_of(self._container, [self._stream]):
                is_torn = packet.is_corrupt or (is_torn and not packet.size)
                if self._may_be_packed and packet.size:
                    self._may_be_packed = False
                    self._has_times = not _PACKED.search(bytes(packet))
                self._clock.steady(packet)
                try:
                    yield from packet.decode()
                except av.FFmpegError as error:
                    log.debug("%s: %s", self._source, error)
                    self._unreadable += 1
                    self.damage = f"{self._unreadable} pieces of it cannot be read"
        except (av.FFmpegError, OSError) as error:
            log.debug("%s ends early: %s", self._source, error)
            is_torn = True
        if is_torn and self._last is not None:
            self.damage = f"it breaks off at {_clock(self._last.time_s)}"

    def _check_end(self, last: Picture) -> None:
        duration_s = self._own_duration
        if duration_s is None or self._clock.has_leapt:
            return
        stays_s = float((last.decoded.duration or 0) * (last.decoded.time_base or 0))
        missing_s = duration_s - last.time_s - max(stays_s, self._interval_s)
        if missing_s > max(1.0, 0.02 * duration_s):  # headers round, and are kind
            self.damage = (
                f"it breaks off at {_clock(last.time_s)} of {_clock(duration_s)}"
            )


def scan(path: Path) -> tuple[int | None, float | None]:
    """Number of pictures and seconds, from reading the file through undecoded."""
    container, stream = _open(path)
    count, start_s, end_s = 0, float("inf"), 0.0
    # Asked now: when the container is closed, there is nobody to ask, and a crash.
    interval_s = float(1 / (rate_of(stream) or _DEFAULT_RATE))
    clock = SteadyClock(leaps_ahead=starts_anew(container), interval_s=interval_s)
    try:
        for packet in packets_of(container, [stream]):
            clock.steady(packet)
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
    return (count, count * interval_s) if count else (None, None)


def name_for_ffmpeg(path: Path) -> str:
    """So that it is no address: "12:30.mp4" would be one of the protocol "12"."""
    return str(path.absolute())


def _open(source: Path | Pipe) -> tuple[InputContainer, VideoStream]:
    # Old files name their titles in whatever alphabet.
    container: InputContainer = av.open(
        name_for_ffmpeg(source) if isinstance(source, Path) else source,
        mode="r",
        metadata_errors="replace",
    )
    stream = choose_video(container)
    if stream is None:
        container.close()
        raise SourceError(f"{source.name} has sound, but no picture.", NOT_A_VIDEO)
    context: VideoCodecContext | None = stream.codec_context
    if context is None:
        container.close()
        raise SourceError(
            f"{source.name} is in a format that cannot be decoded here.",
            "Convert it to H.264, with HandBrake for example.",
        )
    leave_out_others(container, stream)
    stream.thread_type = "AUTO"
    return container, stream


def _length_from_end(path: Path, start_s: float) -> float:
    """Seconds from `start_s` to where the last picture ends; 0 where nobody knows."""
    end_s = 0.0
    try:
        container, stream = _open(path)
        with container:
            if container.duration is not None:
                # Its length or its end: the later of the two is not too early.
                container.seek(container.duration, backward=True)
            for packet in packets_of(container, [stream]):
                if packet.pts is not None:
                    ticks = packet.pts + (packet.duration or 0)
                    end_s = max(end_s, float(ticks * packet.time_base))
    except (av.FFmpegError, OSError) as error:
        log.debug("%s: %s", path.name, error)
    return max(0.0, end_s - start_s)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
