"""Pictures whose every corner has a colour of its own, and files made of them."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.types import ImageBgr
from tests.media.clips import write_video

# Top left, top right, bottom left, bottom right; blue, green, red.
COLOURS_BGR = {"R": (0, 0, 255), "G": (0, 255, 0), "B": (255, 0, 0), "W": (255,) * 3}
ONE = 0x10000  # in a display matrix


def cornered(size_wh: tuple[int, int] = (80, 48)) -> ImageBgr:
    """(H, W, 3): red, green above blue, white."""
    width, height = size_wh
    picture = np.zeros((height, width, 3), np.uint8)
    half_h, half_w = height // 2, width // 2
    picture[:half_h, :half_w] = COLOURS_BGR["R"]
    picture[:half_h, half_w:] = COLOURS_BGR["G"]
    picture[half_h:, :half_w] = COLOURS_BGR["B"]
    picture[half_h:, half_w:] = COLOURS_BGR["W"]
    return picture


def corners(picture: NDArray[np.uint8], at: float = 0.125) -> str:
    """Its corners' letters, in reading order: "RGBW" where it is upright.

    Looked at so far from each edge, as a share of the picture.
    """
    height, width = picture.shape[:2]
    found = ""
    for y in (round(at * height), height - 1 - round(at * height)):
        for x in (round(at * width), width - 1 - round(at * width)):
            pixel = picture[y, x].astype(int)
            found += min(
                COLOURS_BGR,
                key=lambda name: int(np.abs(pixel - COLOURS_BGR[name]).sum()),
            )
    return found


def with_matrix(path: Path, matrix: Sequence[int], target: Path) -> Path:
    """The MP4 `path` with another display matrix: a, b, c, d of its nine numbers.

    Source: ISO 14496-12, 8.3.2: 40 bytes into `tkhd`, nine 32-bit numbers.
    """
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 4 + 40
    assert struct.unpack_from(">5i", data, start) == (ONE, 0, 0, 0, ONE)
    a, b, c, d = matrix
    struct.pack_into(">5i", data, start, a, b, 0, c, d)
    target.write_bytes(data)
    return target


def cornered_video(
    path: Path, count: int = 3, *, start_s: float = 0.0, **options: object
) -> Path:
    """A video of `cornered` pictures."""
    return write_video(
        path,
        [start_s + i / 25 for i in range(count)],
        size_wh=(160, 96),
        draw=lambda _, size_wh: cornered(size_wh),
        **options,  # type: ignore[arg-type] # as write_video
    )
