"""Recordings in the making: how they are named, locked, and made whole.

A recording is written as a fragmented MP4 called `.NAME.part`, readable up to its
last fragment whatever happens, and becomes a plain file NAME when it is finished.
"""

import errno
import heapq
import itertools
import json
import logging
import os
import shutil
import statistics
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet as AnyPacket
from av.video.stream import VideoStream

log = logging.getLogger(__name__)

Packet: TypeAlias = "AnyPacket[Any]"  # generic in the stubs only

SUFFIX = ".part"
ROOM_FOR_INDEX_BYTES = 2**20
# The comment is nearer to the start than this.
_HEADER_BYTES = 2**16
# Where on Windows the lock lies: past any byte that a reader would ask for.
_LOCKED_BYTE = 2**62


@dataclass(frozen=True, slots=True)
class Origin:
    """What a part says of itself, so that it can be finished without us.

    Attributes:
        source: the video file it was made from; "" for a live source.
        first_s: the first picture's time on the clock of that file's frames.
        interval_s: how long a picture stays, where nothing better is known.
    """

    source: str
    first_s: float
    interval_s: float

    def to_text(self) -> str:
        """JSON, for the file's comment."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Origin":
        """The inverse of `to_text`; a stranger's comment tells nothing."""
        try:
            values = json.loads(text)
            return cls(
                str(values["source"]),
                float(values["first_s"]),
                float(values["interval_s"]),
            )
        except (ValueError, KeyError, TypeError):
            return cls("", 0.0, 0.0)


def part_of(path: Path) -> Path:
    """Under which name `path` is written."""
    return path.with_name(f".{path.name}{SUFFIX}")


def path_of(part: Path) -> Path:
    """The inverse of `part_of`."""
    return part.with_name(part.name.removeprefix(".").removesuffix(SUFFIX))


def free_name(path: Path) -> Path:
    """`path`, or the first of "path (2)", "path (3)" ... that is not there."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free


def forget_source(part: Path, origin: Origin) -> None:
    """Write over `origin` in `part`, which is being written: no sound for this one.

    Raises:
        OSError: it cannot be written to.
    """
    before = origin.to_text().encode()
    after = Origin("", origin.first_s, origin.interval_s).to_text().encode()
    with part.open("r+b") as file:
        at = file.read(_HEADER_BYTES).find(before)
        if at >= 0:
            file.seek(at)
            file.write(after.ljust(len(before)))


class PartHandle:
    """Holds a part: nobody else finishes it until we close it, or die."""

    def __init__(self, part: Path) -> None:
        """Take hold of `part`.

        Raises:
            BlockingIOError: another one holds it.
        """
        self._file: BinaryIO = part.open("ab")
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            raise BlockingIOError(
                errno.EAGAIN, "is being written", str(part)
            ) from error

    def sync(self) -> None:
        """Bring what was written onto the disk itself."""
        os.fsync(self._file.fileno())

    def size(self) -> int:
        """Bytes written so far."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Let go."""
        self._file.close()


def _lock(file: BinaryIO) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def finish(part: Path, target: Path) -> tuple[int, float]:
    """Copy the pictures of `part` and the sound of its source into `target`.

    Nothing is encoded. `target` appears whole and on the disk, or not at all.

    Returns:
        How many pictures it has, and its length in seconds. (0, 0.0) and no
        `target` when `part` holds no picture.

    Raises:
        OSError: the disk is full, or the like; av's errors are among them.
    """
    # Asked first: PyAV leaks the file when its header does not fit on the disk.
    room = part.stat().st_size + ROOM_FOR_INDEX_BYTES
    if shutil.disk_usage(target.parent).free < room:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        count, duration_s = _copy(part, temporary, target.suffix.lower())
        if count:
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(temporary, target)  # noqa: PTH105 - atomic everywhere
        return count, duration_s
    finally:
        temporary.unlink(missing_ok=True)


def measure(part: Path) -> tuple[int, float]:
    """How many whole pictures `part` holds, and how long they last together."""
    with av.open(str(part), metadata_errors="replace") as container:
        packets = list(_whole_packets(container, _pictures(container)))
    if not packets:
        return 0, 0.0
    ticks = (packets[-1].pts or 0) - (packets[0].pts or 0) + (packets[-1].duration or 0)
    return len(packets), float(ticks * packets[0].time_base)


def _copy(part: Path, temporary: Path, suffix: str) -> tuple[int, float]:
    with av.open(str(part), metadata_errors="replace") as container:
        video = _pictures(container)
        origin = Origin.from_text(container.metadata.get("comment", ""))
        packets = list(_whole_packets(container, video))
        if not packets:
            return 0, 0.0
        time_base = packets[0].time_base
        first, last = packets[0].pts, packets[-1].pts
        assert first is not None
        assert last is not None
        with _Source(origin) as source:
            until_s = origin.first_s + float((last - first) * time_base)
            stays_s, is_end = source.last_interval(until_s)
            if stays_s is None:
                # Live: as long as most others did; a gap in it is no measure.
                times = [packet.pts or 0 for packet in packets]
                intervals = [b - a for a, b in itertools.pairwise(times)]
                stays_s = (
                    float(statistics.median(intervals) * time_base)
                    if intervals
                    else origin.interval_s
                )
            packets[-1].duration = max(1, round(stays_s / time_base))
            duration_s = float((last - first) * time_base) + stays_s
            with av.open(
                str(temporary),
                "w",
                format="matroska" if suffix == ".mkv" else suffix[1:],
                options={"movflags": "+faststart"} if suffix != ".mkv" else {},
            ) as out:
                copy = out.add_stream_from_template(video)
                copy.time_base = time_base
                streams = [_given(packets, copy)]
                streams += source.audio(out, None if is_end else duration_s)
                for packet in heapq.merge(*streams, key=_decoding_time):
                    out.mux(packet)
    return len(packets), duration_s


def _pictures(container: InputContainer) -> VideoStream:
    """The stream with the pictures; OSError where damage has left none."""
    for video in container.streams.video:
        if getattr(video, "codec_context", None) is not None:
            return video
    raise OSError("it holds no pictures that could be decoded")


def _whole_packets(container: InputContainer, video: VideoStream) -> Iterator[Packet]:
    """Up to where the file was torn off."""
    try:
        for packet in container.demux(video):
            if packet.pts is None:
                continue  # the end
            if packet.is_corrupt:
                return
            yield packet
    except (av.FFmpegError, OSError) as error:
        log.info("%s is torn: %s", container.name, error)


def _given(packets: list[Packet], stream: VideoStream) -> Iterator[Packet]:
    for packet in packets:
        packet.stream = stream
        yield packet


def _decoding_time(packet: Packet) -> Fraction:
    return (packet.dts if packet.dts is not None else packet.pts or 0) * (
        packet.time_base
    )


class _Source:
    """The file that a recording was made from, where there is one."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._container: InputContainer | None = None
        self._start_s = 0.0

    def __enter__(self) -> "_Source":
        if self._origin.source:
            try:
                self._container = av.open(
                    self._origin.source, metadata_errors="replace"
                )
                # As FileSource counts: its first picture is time zero.
                first = next(self._container.decode(video=0))
                self._start_s = first.time or 0.0
            except (av.FFmpegError, OSError, StopIteration, IndexError) as error:
                log.warning("no sound from %s: %s", self._origin.source, error)
                self.__exit__()
        return self

    def __exit__(self, *_: object) -> None:
        container, self._container = self._container, None
        if container is not None:
            container.close()

    def last_interval(self, last_s: float) -> tuple[float | None, bool]:
        """How long the picture at `last_s` stays, and whether it is the last one.

        None where there is no file to ask.
        """
        if not self._origin.source:
            return None, False
        nominal_s = self._origin.interval_s
        if self._container is None:
            return nominal_s, True
        video = self._container.streams.video[0]
        at_s = last_s + self._start_s
        following_s, stays_s = float("inf"), nominal_s
        try:
            self._container.seek(int(max(0.0, at_s) * av.time_base), backward=True)
            for packet in self._container.demux(video):
                if packet.pts is None:
                    continue
                time_s = float(packet.pts * packet.time_base) - at_s
                if abs(time_s) < 1e-4 and packet.duration:
                    stays_s = float(packet.duration * packet.time_base)
                elif time_s >= 1e-4:
                    following_s = min(following_s, time_s)
                    # Pictures come in decoding order: look a little further.
                    if time_s > following_s + 1.0:
                        break
        except (av.FFmpegError, OSError) as error:
            log.info("%s: %s", self._origin.source, error)
        is_end = following_s == float("inf")
        return (stays_s if is_end else following_s), is_end

    def audio(
        self, out: OutputContainer, end_s: float | None
    ) -> list[Iterator[Packet]]:
        """The packets of each audio stream, unchanged but for when they come."""
        if self._container is None:
            return []
        copies = {}
        for stream in self._container.streams.audio:
            name = stream.codec_context.codec.canonical_name
            if name in out.supported_codecs:
                copies[stream.index] = out.add_stream_from_template(stream)
            else:
                log.warning("%s sound does not fit into this kind of file", name)
        if not copies:
            return []
        return [self._audio_packets(copies, end_s)]

    def _audio_packets(
        self, copies: dict[int, AudioStream], end_s: float | None
    ) -> Iterator[Packet]:
        # Opened anew: a seek to the start would pass by what comes before zero.
        assert self._container is not None
        self._container.close()
        self._container = av.open(self._origin.source, metadata_errors="replace")
        offset_s = self._start_s + self._origin.first_s
        wanted = [self._container.streams[index] for index in copies]
        for packet in self._container.demux(wanted):
            if packet.pts is None or packet.dts is None:
                continue
            time_s = float(packet.pts * packet.time_base) - offset_s
            if self._origin.first_s > 0 and time_s < 0:
                continue
            if end_s is not None and time_s >= end_s:
                continue
            shift = round(offset_s / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = copies[packet.stream_index]
            yield packet
