"""HEIC and AVIF photos made of tiles, as phones write them.

FFmpeg compresses each tile; the container around them is written here, by hand.

Source: ISO 23008-12 (HEIF), 6.6.2.3 for the grid, and ISO 14496-12 for the boxes.
"""

import io
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

from app.types import ImageBgr

_VPS, _SPS, _PPS = 32, 33, 34  # ITU-T H.265, table 7-1


@dataclass(frozen=True)
class Kind:
    """How the tiles of one kind of file are compressed."""

    codec: str
    format: str
    unpack: Callable[[bytes], tuple[bytes, bytes]]
    config_box: bytes
    item_type: bytes
    brand: bytes
    options: dict[str, str]


def write_grid(
    path: Path, image_bgr: ImageBgr, kind: Kind, tile: int, turns: int = 0
) -> Path:
    """A photo of square tiles of `tile` pixels; the last ones stand over.

    Args:
        path: the file.
        image_bgr: the photo.
        kind: of file.
        tile: side of one, in pixels.
        turns: to be turned so often by a quarter, counter-clockwise, to be upright.
    """
    height, width = image_bgr.shape[:2]
    columns, rows = -(-width // tile), -(-height // tile)
    padded = np.zeros((rows * tile, columns * tile, 3), np.uint8)
    padded[:height, :width] = image_bgr
    tiles = [
        _compressed(padded[y : y + tile, x : x + tile], kind)
        for y in range(0, rows * tile, tile)
        for x in range(0, columns * tile, tile)
    ]
    grid = struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)
    items = [*(data for _, data in tiles), grid]
    config, _ = tiles[0]
    count = len(tiles)
    properties = [
        _box(kind.config_box, config),
        _box(b"ispe", struct.pack(">III", 0, tile, tile)),
        _box(b"ispe", struct.pack(">III", 0, width, height)),
        _box(b"irot", bytes([turns])),
        _box(b"pixi", struct.pack(">IBBBB", 0, 3, 8, 8, 8)),
    ]
    of_items = [(1, 2, 5)] * count + [(3, 4, 5)]
    meta = [
        _box(b"hdlr", struct.pack(">II4s12xB", 0, 0, b"pict", 0)),
        _box(b"pitm", struct.pack(">IH", 0, count + 1)),
        _box(
            b"iinf",
            struct.pack(">IH", 0, count + 1),
            *(
                _box(b"infe", struct.pack(">IHH4sB", 2 << 24, number + 1, 0, item, 0))
                for number, item in enumerate([kind.item_type] * count + [b"grid"])
            ),
        ),
        _box(
            b"iref",
            struct.pack(">I", 0),
            _box(
                b"dimg",
                struct.pack(f">HH{count}H", count + 1, count, *range(1, count + 1)),
            ),
        ),
        _box(
            b"iprp",
            _box(b"ipco", *properties),
            _box(
                b"ipma",
                struct.pack(">II", 0, count + 1),
                *(
                    # The decoder's setup must be understood, hence the high bit.
                    struct.pack(">HB", number + 1, len(of_item))
                    + bytes(i | (0x80 if i in (1, 4) else 0) for i in of_item)
                    for number, of_item in enumerate(of_items)
                ),
            ),
        ),
    ]
    brands = _box(b"ftyp", kind.brand, struct.pack(">I", 0), b"mif1miaf", kind.brand)
    places = 8 + 4 + 4 + (count + 1) * 14
    start = len(brands) + 8 + 4 + sum(map(len, meta)) + places + 8
    iloc = struct.pack(">IBBH", 0, 0x44, 0, count + 1)
    for number, data in enumerate(items):
        iloc += struct.pack(">HHHII", number + 1, 0, 1, start, len(data))
        start += len(data)
    whole = _box(b"meta", struct.pack(">I", 0), *meta, _box(b"iloc", iloc))
    path.write_bytes(brands + whole + _box(b"mdat", *items))
    return path


def _compressed(tile_bgr: ImageBgr, kind: Kind) -> tuple[bytes, bytes]:
    """The decoder's setup and the picture, as an item holds them."""
    memory = io.BytesIO()
    with av.open(memory, "w", format=kind.format) as out:
        stream = out.add_stream(kind.codec, rate=25, options=kind.options)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = tile_bgr.shape[:2]
        stream.pix_fmt = "yuv420p"
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(tile_bgr), format="bgr24")
        frame = frame.reformat(format="yuv420p", dst_color_range=ColorRange.MPEG)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return kind.unpack(memory.getvalue())


def _from_hevc(data: bytes) -> tuple[bytes, bytes]:
    """Source: ISO 14496-15, 8.3.2.1.2 (hvcC); ITU-T H.265, 7.3.2.1 (VPS)."""
    units = [unit for unit in re.split(b"\0{2,3}\1", data) if unit]
    arrays, slices = b"", b""
    for unit in units:
        kind = unit[0] >> 1 & 0x3F
        if kind in (_VPS, _SPS, _PPS):
            arrays += struct.pack(">BHH", 0x80 | kind, 1, len(unit)) + unit
        elif kind < _VPS:
            slices += struct.pack(">I", len(unit)) + unit
    vps = next(unit for unit in units if unit[0] >> 1 & 0x3F == _VPS)
    profile_tier_level = vps.replace(b"\0\0\3", b"\0\0")[6:18]
    head = b"\1" + profile_tier_level + bytes.fromhex("f000fcfdf8f800000f03")
    return head + arrays, slices


def _from_mp4(data: bytes) -> tuple[bytes, bytes]:
    at = data.index(b"av1C")
    (size,) = struct.unpack_from(">I", data, at - 4)
    return data[at + 4 : at - 4 + size], dict(_boxes(data))[b"mdat"]


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + size]
        at += size


def _box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


HEIC = Kind(
    "libx265",
    "hevc",
    _from_hevc,
    b"hvcC",
    b"hvc1",
    b"heic",
    {"x265-params": "log-level=none:info=0"},
)
AVIF = Kind("libsvtav1", "mp4", _from_mp4, b"av1C", b"av01", b"avif", {"preset": "10"})
