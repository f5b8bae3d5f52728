"""From what the user typed to a source."""

import glob
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import SourceError
from app.media import stream_input
from app.media.camera_input import CameraInput, CameraWish
from app.media.cameras import Camera, Remembered
from app.media.cameras import list_cameras as _list_cameras
from app.media.file_source import FileSource
from app.media.live_source import LiveSource, Patience
from app.media.photo_source import (
    SEQUENCE_FPS,
    PhotoSource,
    is_photo,
    natural_order,
    numbered_files,
    photos_in,
)
from app.media.stream_input import StreamInput
from app.media.synthetic import SyntheticInput

__all__ = ["is_photos", "list_cameras", "make_source", "short_name"]

TEST = "test"
# A sensor's noise changes every picture: one that stays for so long is a driver
# that hangs.
_CAMERA_PATIENCE = Patience(freeze_s=1.5)


def list_cameras() -> list[tuple[int, str]]:
    """(number, name) of each camera, without opening any; fast enough for a menu."""
    return [(camera.number, camera.name) for camera in _list_cameras()]


def make_source(
    text: str,
    wish: CameraWish = CameraWish(),  # noqa: B008 - frozen
) -> LiveSource | FileSource | PhotoSource:
    """What `text` names; nothing is opened yet.

    A number or a camera's name is that camera, an address a stream, "test" a
    pattern, a path a file. A folder is its photos, and so are a pattern ("*.jpg")
    and several lines; "img%04d.png" is a video of the pictures so numbered.

    Args:
        text: as typed.
        wish: what to ask a camera for.

    Raises:
        SourceError: it is nothing at all, an address of an unknown kind, no
            photos, or a camera's number and there is none.
    """
    text = text.strip()
    if not text:
        raise SourceError(
            "No source was named.", "Give a camera's number, a file or an address."
        )
    if "://" in text and not text.lower().startswith("file://"):
        return _stream(text)
    if len(lines := text.splitlines()) > 1:
        return _several([_path(line) for line in lines])
    if text == TEST and not Path(text).exists():
        return LiveSource(
            lambda: SyntheticInput(size_wh=wish.size_wh, fps=wish.fps),
            name="Test pattern",
        )
    if (camera := _camera(text, wish)) is not None:
        return camera
    return _from_path(_path(text))


def short_name(text: str) -> str:
    """Of what `text` names, for a title or a file's name; holds no password."""
    if "://" in text and not text.lower().startswith("file://"):
        return urlsplit(text).hostname or "stream"
    return _path(text.strip().splitlines()[0]).stem if text.strip() else ""


def is_photos(text: str) -> bool:
    """Whether `make_source` would make photos of it, to be kept as such.

    Raises:
        SourceError: as `make_source`.
    """
    source = make_source(text)
    return isinstance(source, PhotoSource) and source.is_stills


def _stream(url: str) -> LiveSource:
    scheme = urlsplit(url).scheme.lower()
    if scheme not in stream_input.SCHEMES:
        raise SourceError(
            f"{scheme}:// is no kind of address that can be opened.",
            f"Use one of {', '.join(stream_input.SCHEMES)}.",
        )
    return LiveSource(
        lambda: StreamInput(url),
        name=stream_input.public_name(url),
        patience=stream_input.patience_for(url),
    )


def _camera(text: str, wish: CameraWish) -> LiveSource | None:
    cameras = _list_cameras()
    if text.isdecimal():
        number = int(text)
        listed = [camera for camera in cameras if camera.number == number]
        # One that is not listed may exist all the same; to open it tells.
        camera = listed[0] if listed else Camera(number, f"Camera {number}")
    else:
        named = [c for c in cameras if c.name.casefold() == text.casefold()]
        if not named or _is_there(_path(text)):
            return None
        camera = named[0]
    remembered = Remembered(camera, cameras)
    return LiveSource(
        lambda: CameraInput(remembered, wish),
        name=camera.name,
        patience=_CAMERA_PATIENCE,
    )


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
