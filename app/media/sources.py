"""From what the user typed to a source."""

from pathlib import Path

from app.errors import SourceError
from app.media.camera_source import CameraSource, list_cameras
from app.media.file_source import FileSource

__all__ = ["list_cameras", "make_source"]


def make_source(text: str) -> CameraSource | FileSource:
    """A camera for a number, a file for a path; nothing is opened yet.

    Raises:
        SourceError: it is a network address, or nothing at all.
    """
    text = text.strip()
    if not text:
        raise SourceError("No source was named.", "Give a camera's number or a file.")
    if text.isdecimal():
        return CameraSource(int(text))
    if "://" in text and not text.lower().startswith("file://"):
        raise SourceError(
            "Network streams cannot be opened yet.", "Open a camera or a video file."
        )
    return FileSource(Path(text.removeprefix("file://")).expanduser())
