"""Parts made whole: pictures and sound into a plain file, in bounded memory."""

import errno
import heapq
import logging
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import av
from av.container import InputContainer
from av.packet import Packet as AnyPacket
from av.video.stream import VideoStream

from app.local_files import is_same_file
from app.media.recording.muxer import FORMATS
from app.media.recording.part_file import (
    Origin,
    PartHandle,
    free_names,
    give_name,
    path_of,
    remove_mark,
    temporary_of,
)
from app.media.recording.source_sound import SourceSound
from app.media.sources.files.reader import name_for_ffmpeg

log = logging.getLogger(__name__)

Packet: TypeAlias = "AnyPacket[Any]"  # generic in the stubs only

ROOM_FOR_INDEX_BYTES = 2**20
_BOXES = {b"ftyp", b"moov", b"moof", b"mdat", b"mfra", b"free"}


@dataclass(frozen=True, slots=True)
class Survey:
    """What a part holds, up to where it is torn.

    Attributes:
        count: whole pictures.
        first: when the first is shown, in ticks.
        last: when the last is shown, in ticks.
        time_base: seconds a tick.
        median: of the intervals, in ticks; None of less than two pictures.
        stays: how long the last one says that it stays, in ticks.
        origin: where it comes from.
    """

    count: int
    first: int
    last: int
    time_base: Fraction
    median: float | None
    stays: int
    origin: Origin

    @property
    def shown_s(self) -> float:
        """From the first to the last picture."""
        return float((self.last - self.first) * self.time_base)

    @property
    def lasts_s(self) -> float:
        """With the last one."""
        return self.shown_s + float(self.stays * self.time_base)


@dataclass(frozen=True, slots=True)
class Finished:
    """A file that was made of a part.

    Attributes:
        path: the name that it got.
        count: its pictures.
        duration_s: its length.
        notes: what was left out or is not as wished, as sentences.
    """

    path: Path
    count: int
    duration_s: float
    notes: tuple[str, ...] = ()


def finish(
    handle: PartHandle,
    *,
    origin: Origin | None = None,
    overwrite: bool = False,
) -> Finished | None:
    """Make a plain file of a part, with the sound of its source; the part is gone.

    Nothing is encoded but sound that the file cannot hold. The file appears whole
    and on the disk, or not at all. Where there is no room for it, or no way, the part
    itself gets the name: a fragmented MP4 plays too, without sound.

    Args:
        handle: of the part; it is closed.
        origin: where the part comes from, if that is known better than it says.
        overwrite: replace a file of that name, unless it is the source itself.

    Returns:
        None when the part holds no picture; then there is no file.

    Raises:
        OSError: neither can be done, and the part stays; av's errors are among them.
    """
    part, path = handle.part, path_of(handle.part)
    try:
        survey = survey_of(part) if handle.size() else None
        if survey is None:
            if handle.size() > ROOM_FOR_INDEX_BYTES:
                raise OSError(errno.EIO, "it holds no pictures that could be read")
            handle.remove()
            return None
        said_by = None if origin else part
        origin = origin or survey.origin
        notes: list[str] = []
        if overwrite and origin.source and is_same_file(Path(origin.source), path):
            overwrite = False
            notes.append(f"{path.name} is the original, and was left alone.")
        temporary = temporary_of(part)
        try:
            duration_s = _make(
                part, temporary, survey, SourceSound(origin, said_by=said_by), notes
            )
            if duration_s is None:
                # An MP4, whatever was wished.
                path = path.with_suffix(".mp4")
                handle.let_rename()
                name = _name(part, path, notes, overwrite=overwrite)
                remove_mark(name, origin)
                duration_s = survey.lasts_s
            else:
                name = _name(temporary, path, notes, overwrite=overwrite)
                handle.remove()
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        return Finished(name, survey.count, duration_s, tuple(notes))
    finally:
        handle.close()


def survey_of(part: Path) -> Survey | None:
    """Read through `part`; None when it holds no picture.

    Raises:
        OSError: it cannot be read; av's errors are among them.
    """
    if not _boxes_end(part):
        return None
    intervals = Counter[int]()
    count = first = last = stays = 0
    time_base = Fraction(1)
    with _opened(part) as container:
        origin = Origin.from_text(container.metadata.get("comment", ""))
        for packet in _whole_packets(container, _pictures(container)):
            assert packet.pts is not None
            time_base = packet.time_base
            if count:
                intervals[packet.pts - last] += 1
            else:
                first = packet.pts
            count, last, stays = count + 1, packet.pts, packet.duration or 0
    if not count:
        return None
    median = _median(intervals)
    return Survey(count, first, last, time_base, median, stays, origin)


def origin_of(part: Path) -> Origin:
    """What `part` says of itself.

    Raises:
        OSError: it cannot be read; av's errors are among them.
    """
    with _opened(part) as container:
        return Origin.from_text(container.metadata.get("comment", ""))


def _median(numbers: Counter[int]) -> float | None:
    """Of how many of each there are."""
    total = numbers.total()
    if not total:
        return None
    middle: list[int] = []
    seen = 0
    for number in sorted(numbers):
        for at in ((total - 1) // 2, total // 2):
            if seen <= at < seen + numbers[number]:
                middle.append(number)
        seen += numbers[number]
    return sum(middle) / 2


def _make(
    part: Path, temporary: Path, survey: Survey, sound: SourceSound, notes: list[str]
) -> float | None:
    """Write `temporary`, with sound or else without; its length, None: it failed."""
    suffix = path_of(part).suffix.lower()
    reasons = []
    for its_sound in (sound, sound.none()):
        try:
            # Asked first: PyAV leaks the file when its header does not fit.
            room = part.stat().st_size + ROOM_FOR_INDEX_BYTES
            if shutil.disk_usage(part.parent).free < room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(temporary))
            with its_sound:
                duration_s = _copy(part, temporary, suffix, survey, its_sound)
                said = its_sound.sum_up()
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
        except Exception as error:  # noqa: BLE001 - the pictures come first
            log.info("%s cannot be made: %s", temporary, error)
            reasons.append(_reason(error))
        else:
            if reasons:
                notes.append(f"It has no sound: {reasons[0]}.")
            notes += said
            return duration_s
    notes.append(
        f"It was left as it was recorded, in pieces and without sound: {reasons[-1]}."
    )
    return None


def _copy(
    part: Path, temporary: Path, suffix: str, survey: Survey, sound: SourceSound
) -> float:
    """Packet by packet; twice as long as that is the index, in memory."""
    base = survey.time_base
    stays_s, is_end = sound.last_interval(sound.first_s + survey.shown_s)
    if stays_s is None:
        # Live: as long as most others did; a gap in it is no measure.
        median = survey.median
        stays_s = sound.interval_s if median is None else float(median * base)
    duration_s = survey.shown_s + stays_s
    with (
        _opened(part) as container,
        av.open(
            name_for_ffmpeg(temporary),
            "w",
            format=FORMATS[suffix],
            options={"movflags": "+faststart"} if suffix != ".mkv" else {},
        ) as out,
    ):
        video = _pictures(container)
        copy = out.add_stream_from_template(video)
        copy.time_base = base
        sound.add_to(out)
        whole = islice(_whole_packets(container, video), survey.count)
        streams = [whole, sound.packets(end_s=None if is_end else duration_s)]
        for packet in heapq.merge(*streams, key=_decoding_time):
            if packet.stream is not video:
                sound.mux(out, packet)
                continue
            if packet.pts == survey.last:
                packet.duration = max(1, round(stays_s / base))
            packet.stream = copy
            out.mux(packet)
    return duration_s


def _name(file: Path, path: Path, notes: list[str], *, overwrite: bool) -> Path:
    """Give it its name, or one like it where that cannot be had."""
    if overwrite:
        try:
            os.replace(file, path)  # noqa: PTH105 - atomic everywhere
        except OSError as error:
            notes.append(f"{path.name} could not be replaced: {_reason(error)}.")
        else:
            return path
    for name in free_names(path):
        with suppress(FileExistsError):  # in this very moment
            give_name(file, name)
            break
    return name


def _opened(part: Path) -> InputContainer:
    """A part to read; one that is torn where FFmpeg will not have it, up to there."""
    name = name_for_ffmpeg(part)
    try:
        return av.open(name, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        log.info("%s is read up to where it is torn: %s", part, error)
        name = f"subfile,,start,0,end,{_boxes_end(part)},,:{name}"
        return av.open(name, metadata_errors="replace")


def _boxes_end(part: Path) -> int:
    """Where the boxes of an MP4 end, or stop making sense; 0 where none is pictures."""
    size, at, has_pictures = part.stat().st_size, 0, False
    with part.open("rb") as file:
        while at + 16 <= size:
            file.seek(at)
            header = file.read(16)
            kind, length = header[4:8], int.from_bytes(header[:4], "big")
            if length == 1:
                length = int.from_bytes(header[8:], "big")
            is_torn = at + length > size
            if kind not in _BOXES or length < 8 or (is_torn and kind != b"mdat"):
                break
            has_pictures = has_pictures or kind == b"mdat"
            at += length
    return min(at, size) if has_pictures else 0


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


def _decoding_time(packet: Packet) -> Fraction:
    return (packet.dts if packet.dts is not None else packet.pts or 0) * (
        packet.time_base
    )


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:].rstrip(".")
