"""From what the user typed to a source."""

import glob
from pathlib import Path

from app.errors import SourceError
from app.media.camera_source import CameraSource, list_cameras
from app.media.file_source import FileSource
from app.media.photo_source import (
    SEQUENCE_FPS,
    PhotoSource,
    is_photo,
    natural_order,
    numbered_files,
    photos_in,
)

__all__ = ["is_photos", "list_cameras", "make_source"]


def make_source(text: str) -> CameraSource | FileSource | PhotoSource:
    """A camera for a number, a file for a path; nothing is opened yet.

    A folder is its photos, and so are a pattern ("*.jpg") and several lines;
    "img%04d.png" is a video of the pictures so numbered.

    Raises:
        SourceError: it is a network address, nothing at all, or no photos.
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
    if len(lines := text.splitlines()) > 1:
        return _several([_path(line) for line in lines])
    return _from_path(_path(text))


def is_photos(text: str) -> bool:
    """Whether `make_source` would make photos of it, to be kept as such.

    Raises:
        SourceError: as `make_source`.
    """
    source = make_source(text)
    return isinstance(source, PhotoSource) and source.is_stills


def _path(text: str) -> Path:
    return Path(text.strip().removeprefix("file://")).expanduser()


def _from_path(path: Path) -> FileSource | PhotoSource:
    if _is_there(path):
        if path.is_dir():
            return _folder(path)
        return (
            PhotoSource([path], name=path.name) if is_photo(path) else FileSource(path)
        )
    if pictures := numbered_files(path):
        return PhotoSource(pictures, name=path.name, fps=SEQUENCE_FPS)
    if glob.has_magic(str(path)):
        matches = [Path(match) for match in glob.glob(str(path), recursive=True)]  # noqa: PTH207 - "**" anywhere
        if not matches:
            raise SourceError(f"Nothing matches {path}.", "Check the pattern.")
        if len(matches) == 1:
            return _from_path(matches[0])
        return _several(matches, name=path.name)
    return FileSource(path)  # says that it is missing


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long
        return False


def _folder(folder: Path) -> PhotoSource:
    try:
        photos = photos_in(folder)
    except OSError as error:
        raise SourceError(
            f"The folder {folder} may not be read.", "Check its permissions."
        ) from error
    if not photos:
        raise SourceError(
            f"There are no photos in the folder {folder}.",
            "Choose another one, or a video in it.",
        )
    return PhotoSource(photos, name=folder.resolve().name or str(folder))


def _several(paths: list[Path], *, name: str = "") -> PhotoSource:
    photos = natural_order([path for path in paths if is_photo(path)])
    if len(photos) < len(paths):
        other = next(path for path in paths if not is_photo(path))
        raise SourceError(
            f"Several files at once must be photos, and {other.name} is none.",
            "Open it alone.",
        )
    return PhotoSource(photos, name=name or f"{len(photos)} photos")
