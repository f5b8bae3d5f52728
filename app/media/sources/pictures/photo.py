"""A photo as it is to be seen, from a file of any kind that cameras write."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from app.types import ImageBgr

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp"),
    *(".png", ".bmp", ".webp", ".tif", ".tiff", ".jp2"),
    *(".heic", ".heif", ".hif", ".avif"),
)
# What photos begin with, whatever they are called.
_STARTS = (
    *(b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*"),
    b"\0\0\0\x0cjP  \r\n\x87\n",
)
# Of ISO's files, by what follows "ftyp": HEIC (HEVC inside) and AVIF (AV1).
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
_AVIF = (b"avif", b"avis")
# JPEGs in a row, without a container: a video, for all that it begins as a photo.
_VIDEO_SUFFIXES = (".mjpeg", ".mjpg")
_HEAD_BYTES = 16


def is_photo(path: Path) -> bool:
    """Whether its name is a photo's."""
    return path.suffix.lower() in SUFFIXES


def is_photo_inside(path: Path) -> bool:
    """Whether it begins as photos do; False where it cannot be read."""
    if path.suffix.lower() in _VIDEO_SUFFIXES:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False
    return head.startswith(_STARTS) or _brand(head) in _HEIC + _AVIF


def read_photo(path: Path) -> ImageBgr | None:
    """(H, W, 3) uint8 as it is to be seen, upright; None where it cannot be read."""
    try:
        # Not cv2.imread: on Windows it cannot read every name.
        data = path.read_bytes()
    except OSError:
        return None
    brand = _brand(data[:_HEAD_BYTES])
    if brand not in _HEIC + _AVIF:
        return _read_other(data)
    # Either may hold the other one's pictures: "mif1" is a name for both.
    readers = (_read_heic, _read_avif) if brand in _HEIC else (_read_avif, _read_heic)
    for reader in readers:
        image_bgr = reader(data)
        if image_bgr is not None:
            return image_bgr
    return None


def _brand(head: bytes) -> bytes:
    return head[8:12] if head[4:8] == b"ftyp" else b""


def _read_heic(data: bytes) -> ImageBgr | None:
    """Put together from its tiles, and turned, by libheif."""
    import pi_heif  # when there is one: it takes a while

    try:
        return _bgr(pi_heif.open_heif(io.BytesIO(data)).to_pillow())
    except Exception:  # noqa: BLE001 - of damage it raises whatever comes of it
        return None


def _read_avif(data: bytes) -> ImageBgr | None:
    """By libavif; OpenCV has it, too, but leaves photos lying as they were stored."""
    from PIL import Image, ImageOps  # likewise

    try:
        with Image.open(io.BytesIO(data), formats=["AVIF"]) as photo:
            return _bgr(ImageOps.exif_transpose(photo))
    except Exception:  # noqa: BLE001 - likewise
        return None


def _bgr(photo: "Image.Image") -> ImageBgr:
    return np.ascontiguousarray(np.asarray(photo.convert("RGB"), np.uint8)[..., ::-1])


def _read_other(data: bytes) -> ImageBgr | None:
    """All that OpenCV knows; IMREAD_COLOR turns it as its EXIF orientation asks."""
    try:
        image_bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if image_bgr is None else np.asarray(image_bgr, np.uint8)
