"""What a file cuts off its pictures: Matroska's PixelCrop, MP4's clean aperture.

Decoders do not know of it, and PyAV does not pass it on.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from app.types import ImageBgr

# Source: RFC 9559, section 5.1 (Matroska) and RFC 8794 (EBML).
_EBML, _SEGMENT, _CLUSTER = 0x1A45DFA3, 0x18538067, 0x1F43B675
_TRACKS, _TRACK, _TRACK_TYPE, _VIDEO = 0x1654AE6B, 0xAE, 0x83, 0xE0
_BOTTOM, _TOP, _LEFT, _RIGHT = 0x54AA, 0x54BB, 0x54CC, 0x54DD
_CONTENTS, _CONTENT_ID, _CONTENT_POSITION = 0x114D9B74, 0x53AB, 0x53AC
_IS_VIDEO = 1
# Headers are smaller, and a file that says otherwise is torn.
_MAX_HEADER_BYTES = 2**24


@dataclass(frozen=True, slots=True)
class Cropping:
    """Pixels cut off at each side, as the pictures are stored."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def apply(self, image_bgr: ImageBgr, scale_xy: tuple[float, float]) -> ImageBgr:
        """The part that is left, a view; all of it where nothing would be.

        Args:
            image_bgr: (H, W, 3).
            scale_xy: what it was enlarged by.
        """
        height, width = image_bgr.shape[:2]
        scale_x, scale_y = scale_xy
        left, right = round(self.left * scale_x), width - round(self.right * scale_x)
        top, bottom = round(self.top * scale_y), height - round(self.bottom * scale_y)
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            return image_bgr
        return image_bgr[top:bottom, left:right]


def cropping_of(path: Path, number: int) -> Cropping:
    """Of the video stream `number`, counted from 0 among its like."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            file.seek(0)
            if start[:4] == _EBML.to_bytes(4, "big"):
                found = list(_in_matroska(file))
            elif start[4:8] == b"ftyp":
                found = list(_in_mp4(file))
            else:
                return Cropping()
    except (OSError, ValueError, IndexError, struct.error, ZeroDivisionError):
        return Cropping()
    return found[number] if number < len(found) else Cropping()


class _Element(NamedTuple):
    kind: int
    start: int
    end: int


def _in_matroska(file: BinaryIO) -> Iterator[Cropping]:
    """Of each video track, in their order."""
    file_end = file.seek(0, 2)
    for segment in _elements(file, 0, file_end):
        if segment.kind != _SEGMENT:
            continue
        tracks = _tracks_of(file, segment)
        if tracks is not None and tracks.end - tracks.start < _MAX_HEADER_BYTES:
            for track in _elements(file, tracks.start, tracks.end):
                if track.kind == _TRACK:
                    yield from _of_track(file, track)
        return


def _tracks_of(file: BinaryIO, segment: _Element) -> _Element | None:
    """Before the pictures, or where the list of contents says."""
    listed: dict[int, int] = {}
    for part in _elements(file, segment.start, segment.end):
        if part.kind == _TRACKS:
            return part
        if part.kind == _CONTENTS:
            for entry in _elements(file, part.start, part.end):
                values = {
                    value.kind: _number(file, value)
                    for value in _elements(file, entry.start, entry.end)
                }
                if _CONTENT_ID in values and _CONTENT_POSITION in values:
                    listed[values[_CONTENT_ID]] = values[_CONTENT_POSITION]
        if part.kind == _CLUSTER:
            break
    if _TRACKS not in listed:
        return None
    start = segment.start + listed[_TRACKS]
    found = next(_elements(file, start, segment.end), None)
    return found if found is not None and found.kind == _TRACKS else None


def _of_track(file: BinaryIO, track: _Element) -> Iterator[Cropping]:
    parts = {part.kind: part for part in _elements(file, track.start, track.end)}
    if _TRACK_TYPE not in parts or _number(file, parts[_TRACK_TYPE]) != _IS_VIDEO:
        return
    sides = dict.fromkeys((_LEFT, _TOP, _RIGHT, _BOTTOM), 0)
    if _VIDEO in parts:
        for part in _elements(file, parts[_VIDEO].start, parts[_VIDEO].end):
            if part.kind in sides:
                sides[part.kind] = _number(file, part)
    yield Cropping(*sides.values())


def _elements(file: BinaryIO, start: int, end: int) -> Iterator[_Element]:
    while start < end:
        file.seek(start)
        kind, id_length = _variable(file, keeps_marker=True)
        size, size_length = _variable(file, keeps_marker=False)
        content = start + id_length + size_length
        is_unknown = size == (1 << 7 * size_length) - 1  # up to its parent's end
        start = end if is_unknown else min(end, content + size)
        yield _Element(kind, content, start)


def _variable(file: BinaryIO, *, keeps_marker: bool) -> tuple[int, int]:
    """A number of variable length and how many bytes it takes (RFC 8794, 4)."""
    first = file.read(1)[0]
    length = 9 - first.bit_length()
    if length > 8:
        raise ValueError("no number begins with eight zero bits")
    value = first if keeps_marker else first & ((1 << 8 - length) - 1)
    return int.from_bytes(bytes([value]) + file.read(length - 1), "big"), length


def _number(file: BinaryIO, element: _Element) -> int:
    file.seek(element.start)
    return int.from_bytes(file.read(min(8, element.end - element.start)), "big")


# What leads to the clean aperture, and how many bytes of its own precede its boxes.
_MP4_PATH = ((b"mdia", 0), (b"minf", 0), (b"stbl", 0), (b"stsd", 8))
_SAMPLE_ENTRY_BYTES = 78  # ISO 14496-12, 12.1.3: a visual sample entry


def _in_mp4(file: BinaryIO) -> Iterator[Cropping]:
    """Of each video track, in their order."""
    file_end = file.seek(0, 2)
    for _, start, end in _boxes(file, 0, file_end, b"moov"):
        for _, track_start, track_end in _boxes(file, start, end, b"trak"):
            yield from _of_mp4_track(file, track_start, track_end)


def _of_mp4_track(file: BinaryIO, start: int, end: int) -> Iterator[Cropping]:
    for kind, header in _MP4_PATH:
        box = next(_boxes(file, start, end, kind), None)
        if box is None:
            return
        if kind == b"mdia":
            handler = next(_boxes(file, box[1], box[2], b"hdlr"), box)
            file.seek(handler[1] + 8)
            if file.read(4) != b"vide":
                return
        start, end = box[1] + header, box[2]
    _, entry_start, entry_end = next(_boxes(file, start, end), (b"", start, end))
    file.seek(entry_start + 24)
    width, height = struct.unpack(">HH", file.read(4))
    aperture = next(
        _boxes(file, entry_start + _SAMPLE_ENTRY_BYTES, entry_end, b"clap"), None
    )
    if aperture is None:
        yield Cropping()
        return
    file.seek(aperture[1])
    n = struct.unpack(">IIIIiIiI", file.read(32))
    kept_w, kept_h = n[0] / n[1], n[2] / n[3]
    # The offset is that of the middle, from the picture's (12.1.4.1).
    left = round((width - kept_w) / 2 + n[4] / n[5])
    top = round((height - kept_h) / 2 + n[6] / n[7])
    yield Cropping(
        left, top, width - left - round(kept_w), height - top - round(kept_h)
    )


def _boxes(
    file: BinaryIO, start: int, end: int, wanted: bytes = b""
) -> Iterator[tuple[bytes, int, int]]:
    """Kind, and where its content starts and ends."""
    while start + 8 <= end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        content = start + 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            content += 8
        box_end = end if size == 0 else min(end, start + size)
        if box_end < content:
            return
        if not wanted or kind == wanted:
            yield kind, content, box_end
        start = box_end
