"""One picture into a file."""

import time
from pathlib import Path

import cv2

from app.errors import RecordingError
from app.media.recording.part_file import free_name
from app.types import ImageBgr

SUFFIXES = (".png", ".jpg")


def save_picture(
    image_bgr: ImageBgr,
    folder: Path,
    *,
    title: str = "snapshot",
    kind: str = "",
    suffix: str = ".png",
) -> Path:
    """Write a picture into `folder`, named "TITLE date time KIND".

    Nothing is overwritten; the folder is made where it is missing.

    Raises:
        RecordingError: it cannot be written.
    """
    if suffix not in SUFFIXES:
        raise ValueError(f"suffix must be one of {SUFFIXES}, got {suffix!r}")
    options = [cv2.IMWRITE_JPEG_QUALITY, 95] if suffix == ".jpg" else []
    _, data = cv2.imencode(suffix, image_bgr, options)
    name = f"{title} {time.strftime('%Y-%m-%d %H.%M.%S')} {kind}".strip()
    path = free_name(folder / f"{name}{suffix}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Not cv2.imwrite: on Windows it cannot write to every name.
        with path.open("xb") as file:
            file.write(data.tobytes())
    except OSError as error:
        raise RecordingError(
            f"The snapshot {path} cannot be written: {error.strerror}.",
            "Choose another folder.",
        ) from error
    return path
