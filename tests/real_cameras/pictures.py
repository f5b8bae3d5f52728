"""What the USB camera shows: colour bars, a moving square, a number in blocks."""

import struct
from pathlib import Path

import cv2
import numpy as np

from app.types import ImageBgr

COUNT, BITS = 64, 6  # numbers come round
# Blue, green, red of the eight bars, from left to right.
BARS_BGR = (
    *((255, 255, 255), (0, 255, 255), (255, 255, 0), (0, 255, 0)),
    *((255, 0, 255), (0, 0, 255), (255, 0, 0), (0, 0, 0)),
)
# Format, width, height and how many pictures of each are made.
MADE = (
    *(("MJPG", 640, 480, COUNT), ("MJPG", 1024, 577, 16), ("MJPG", 322, 242, COUNT)),
    *(("YUYV", 320, 240, COUNT), ("YUYV", 640, 480, 16)),
)


def picture(width: int, height: int, number: int) -> ImageBgr:
    """(H, W, 3): the number on top, a square that moves below it, then the bars."""
    image = np.zeros((height, width, 3), np.uint8)
    for index, colour in enumerate(BARS_BGR):
        left, right = index * width // 8, (index + 1) * width // 8
        image[height // 3 :, left:right] = colour
    side = height // 8
    for bit in range(BITS):
        image[:side, bit * side : (bit + 1) * side] = 255 * (number >> bit & 1)
    left = side + number * (width - 3 * side) // COUNT
    image[side + 8 : 2 * side, left : left + side] = (60, 120, 220)
    return image


def read_number(image: ImageBgr) -> int:
    """What `picture` wrote."""
    side = image.shape[0] // 8
    columns = [bit * side + side // 2 for bit in range(BITS)]
    return sum(
        int(image[side // 2, x].mean() > 127) << bit for bit, x in enumerate(columns)
    )


def largest_difference(image: ImageBgr) -> float:
    """Of any bar's middle from its colour, in levels."""
    height, width = image.shape[:2]
    worst = 0.0
    for index, colour in enumerate(BARS_BGR):
        left, right = int((index + 0.3) * width / 8), int((index + 0.7) * width / 8)
        seen = np.median(image[height // 2 :, left:right], axis=(0, 1))
        worst = max(worst, float(np.abs(seen - np.array(colour)).max()))
    return worst


def yuyv(image: ImageBgr) -> bytes:
    """BT.601 in TV range, as cameras send it uncompressed: Y U Y V."""
    blue, green, red = (image[..., i].astype(np.float64) for i in range(3))
    luma = 16 + 0.257 * red + 0.504 * green + 0.098 * blue
    packed = np.empty((*image.shape[:2], 2), np.uint8)
    packed[..., 0] = luma.round()
    for first, chroma in (
        (0, 128 - 0.148 * red - 0.291 * green + 0.439 * blue),
        (1, 128 + 0.439 * red - 0.368 * green - 0.071 * blue),
    ):
        packed[:, first::2, 1] = ((chroma[:, 0::2] + chroma[:, 1::2]) / 2).round()
    return packed.tobytes()


def write_all(folder: Path) -> None:
    """A file for each of `MADE`: count and sizes (32 bits each), then the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for pixel_format, width, height, count in MADE:
        made = []
        for number in range(count):
            image = picture(width, height, number)
            if pixel_format == "MJPG":
                quality = [cv2.IMWRITE_JPEG_QUALITY, 80]
                made.append(cv2.imencode(".jpg", image, quality)[1].tobytes())
            else:
                made.append(yuyv(image))
        sizes = struct.pack(f"<{1 + count}I", count, *map(len, made))
        path = folder / f"{pixel_format}-{width}x{height}.bin"
        path.write_bytes(sizes + b"".join(made))
