"""What a camera can do, and which of it serves a wish best."""

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from app.media.sources.cameras.v4l2 import SYSTEM_IOCTL, Ioctl
from app.types import CameraMode

# Source: linux/videodev2.h, as gcc on x86-64 lays it out; the same on ARM.
_ENUM_FORMATS, _ENUM_SIZES, _ENUM_RATES = 0xC0405602, 0xC02C564A, 0xC034564B
_CAPTURE = _DISCRETE = 1
# Where a camera names a range, these are offered out of it.
_COMMON_SIZES_WH = ((320, 240), (640, 480), (1280, 720), (1920, 1080), (3840, 2160))
_MAX_ENTRIES = 256  # against a driver that never says "no more"
# What OpenCV can turn into pictures; uncompressed ones first.
_READABLE = ("YUYV", "UYVY", "NV12", "NV21", "YU12", "YV12", "BGR3", "RGB3", "GREY")
COMPRESSED = ("MJPG", "JPEG")


def parse_mode(text: str) -> CameraMode | None:
    """The inverse of `str(mode)`; rate and format may be missing.

    None where it is no mode.
    """
    size, *rest = text.strip().split("/")
    width, by, height = size.lower().partition("x")
    if not by or not (width.isdecimal() and height.isdecimal()) or len(rest) > 2:
        return None
    mode = CameraMode((int(width), int(height)))
    for part in rest:
        if part.replace(".", "", 1).isdecimal():
            mode = replace(mode, fps=float(part))
        elif len(part) == 4 and part.isalnum():
            mode = replace(mode, pixel_format=part.upper())
        else:
            return None
    return mode if min(*mode.size_wh, mode.fps) > 0 else None


def best_mode(
    modes: list[CameraMode], wish: CameraMode, *, size_first: bool = False
) -> CameraMode | None:
    """The one that gives the most of the wish; None where there is none.

    Formats that compress are taken where they give more pixels or frames: they
    cost time and detail.

    Args:
        modes: what is offered.
        wish: what is asked for.
        size_first: that very size, where it is offered, at whatever rate.
    """
    if wish.pixel_format:
        asked = [mode for mode in modes if mode.pixel_format == wish.pixel_format]
        modes = asked or modes
    if size_first:
        asked = [mode for mode in modes if mode.size_wh == wish.size_wh]
        modes = asked or modes
    wished_area = wish.size_wh[0] * wish.size_wh[1]

    def value(mode: CameraMode) -> tuple[float, ...]:
        area = mode.size_wh[0] * mode.size_wh[1]
        pixels = min(area / wished_area, 1.0)
        rate = min(mode.fps / wish.fps, 1.0)
        return (
            pixels * rate,
            rate,
            -abs(area - wished_area),
            -int(mode.size_wh != wish.size_wh),
            -int(mode.pixel_format in COMPRESSED),
            -abs(mode.fps - wish.fps),
        )

    return max(modes, key=value, default=None)


def list_modes(node: Path, *, ioctl: Ioctl = SYSTEM_IOCTL) -> list[CameraMode]:
    """What the camera at `node` (Linux) offers; [] where it does not say.

    Opens it, so it may block as long as its driver likes.
    """
    try:
        fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return []
    try:
        return [
            CameraMode(size_wh, fps, pixel_format)
            for pixel_format in _formats(fd, ioctl)
            if pixel_format in _READABLE + COMPRESSED
            for size_wh in _sizes(fd, ioctl, pixel_format)
            for fps in _rates(fd, ioctl, pixel_format, size_wh)
        ]
    finally:
        os.close(fd)


def _formats(fd: int, ioctl: Ioctl) -> list[str]:
    entries = _enumerate(fd, ioctl, _ENUM_FORMATS, struct.pack("<II56x", 0, _CAPTURE))
    return [entry[44:48].decode("ascii", "replace") for entry in entries]


def _sizes(fd: int, ioctl: Ioctl, pixel_format: str) -> list[tuple[int, int]]:
    request = struct.pack("<I4s36x", 0, pixel_format.encode())
    found: list[tuple[int, int]] = []
    for entry in _enumerate(fd, ioctl, _ENUM_SIZES, request):
        kind, *sides = struct.unpack_from("<I6I", entry, 8)
        if kind == _DISCRETE:
            found.append((sides[0], sides[1]))
            continue
        min_w, max_w, _, min_h, max_h, _ = sides
        return [
            (width, height)
            for width, height in _COMMON_SIZES_WH
            if min_w <= width <= max_w and min_h <= height <= max_h
        ]
    return found


def _rates(
    fd: int, ioctl: Ioctl, pixel_format: str, size_wh: tuple[int, int]
) -> list[float]:
    """Frames a second; of a range the highest alone."""
    request = struct.pack("<I4sII36x", 0, pixel_format.encode(), *size_wh)
    rates = []
    for entry in _enumerate(fd, ioctl, _ENUM_RATES, request):
        kind, seconds, parts = struct.unpack_from("<III", entry, 16)
        if seconds:
            rates.append(round(parts / seconds, 2))
        if kind != _DISCRETE:
            break
    return rates


def _enumerate(fd: int, ioctl: Ioctl, code: int, request: bytes) -> Iterator[bytearray]:
    """The driver's answers to `request` for index 0, 1, 2 ... until it errs."""
    with suppress(OSError):
        for index in range(_MAX_ENTRIES):
            entry = bytearray(request)
            struct.pack_into("<I", entry, 0, index)
            ioctl(fd, code, entry)
            yield entry
