"""From what the user typed to a source."""

import glob
import re
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import SourceError
from app.media.sources import stream_input
from app.media.sources.cameras.camera_input import CameraInput
from app.media.sources.cameras.camera_modes import parse_mode
from app.media.sources.cameras.listing import (
    Camera,
    Remembered,
    camera_number,
    cameras_called,
    list_cameras,
    node_of,
    title_of,
)
from app.media.sources.cameras.v4l2 import is_camera
from app.media.sources.faulty import KINDS, FaultyCamera, endless, random_faults
from app.media.sources.file_source import FileSource
from app.media.sources.files.names import is_address, is_there, path_of
from app.media.sources.files.pipe_source import PipeSource
from app.media.sources.live_source import LiveSource, Patience
from app.media.sources.photo_source import (
    SEQUENCE_FPS,
    PhotoSource,
    natural_order,
    numbered_files,
    photos_in,
)
from app.media.sources.pictures.photo import is_photo, is_photo_inside
from app.media.sources.public_names import public_name, redact
from app.media.sources.screen_input import ScreenInput
from app.media.sources.stream_input import StreamInput
from app.media.sources.synthetic import SyntheticInput
from app.types import CameraMode

__all__ = ["file_source", "is_photos", "make_source", "short_name"]

SCREEN, TEST, ANY_FAULT = "screen", "test", "faults"
# A sensor's noise changes every picture: one that stays for so long is a driver
# that hangs.
_CAMERA_PATIENCE = Patience(freeze_s=1.5, is_exclusive=True)
# "Logi C920 [1-2:1.0]"
_TOLD_APART = re.compile(r" \[[^\[\]/]+\]$")
_VIRTUAL_PATIENCE = Patience(is_exclusive=True)


def make_source(
    text: str,
    wish: CameraMode = CameraMode(),  # noqa: B008 - frozen
) -> LiveSource | FileSource | PipeSource | PhotoSource:
    """What `text` names; nothing is opened yet.

    A number or a camera's name is that camera, "Logi C920@1280x720/30/MJPG" asks
    it for that; "screen" is the first monitor, "screen:2" the second; "test" is a
    pattern, "test:frozen" a camera that fails so; an address is a stream, a path a
    file. A folder is its photos, and so are a pattern ("*.jpg") and several lines;
    "img%04d.png" is a video of the pictures so numbered.

    Args:
        text: as typed.
        wish: what to ask a camera for where `text` does not say.

    Raises:
        SourceError: it is nothing at all, an address of an unknown kind, no
            photos, or a camera's name that several have.
    """
    if not text.strip():
        raise SourceError(
            "No source was named.", "Give a camera's number, a file or an address."
        )
    if "\0" in text:
        raise SourceError("That is no name of anything.", "Check what was pasted.")
    if is_address(text):
        return _stream(text.strip())
    if len(lines := _lines(text)) > 1 and not is_there(path_of(text)):
        return _several([path_of(line) for line in lines])
    return _device(text, wish) or _from_path(path_of(text))


def file_source(text: str) -> FileSource | PhotoSource:
    """The video or photo called `text`, which is taken as it stands.

    No pattern, camera, address or list: a file may be called "test", or hold a line
    break.
    """
    path = Path(text)
    return PhotoSource([path], name=path.name) if is_photo(path) else FileSource(path)


def short_name(text: str) -> str:
    """Of what `text` names, for a title or a file's name; holds no password."""
    if is_address(text):
        try:
            return urlsplit(redact(text.strip())).hostname or "stream"
        except ValueError:  # no address at all; to open it says so
            return "stream"
    if not text.strip():
        return ""
    if not is_there(path_of(text)):
        text = _lines(text)[0]
    device, _ = _split_mode(text)
    # What Windows forbids, and what would break a line.
    return re.sub(r'[<>:"|?*\s]+', " ", path_of(device).stem).strip()


def is_photos(text: str) -> bool:
    """Whether `make_source` would make photos of it, to be kept as such.

    Raises:
        SourceError: as `make_source`.
    """
    source = make_source(text)
    return isinstance(source, PhotoSource) and source.is_stills


def _stream(url: str) -> LiveSource:
    stream_input.check_address(url)
    return LiveSource(
        lambda: StreamInput(url),
        name=public_name(url),
        patience=stream_input.patience_for(url),
    )


def _device(text: str, wish: CameraMode) -> LiveSource | None:
    """The camera or pattern; None where it is neither, or a file of that name."""
    device, mode = _split_mode(text.strip())
    wish = mode or wish
    if (number := camera_number(path_of(device))) is not None:
        device = str(number)
    if not device.isdecimal() and is_there(path_of(text)):
        return None
    name, _, detail = device.partition(":")
    if name == TEST:
        return _test_camera(detail, wish)
    if name == SCREEN and (detail or "1").isdecimal():
        number = int(detail or "1")
        return LiveSource(lambda: ScreenInput(number, fps=wish.fps), name="Screen")
    cameras = list_cameras()
    camera = _camera(device, cameras)
    if camera is None:
        # Nobody calls a file so: a mode behind it, or what tells twins apart.
        if mode or _TOLD_APART.search(device):
            raise _nothing_called(device)
        return None
    remembered = Remembered(camera, cameras)
    is_size_typed = mode is not None or wish.size_wh != CameraMode().size_wh
    return LiveSource(
        lambda: CameraInput(remembered, wish, size_first=is_size_typed),
        name=camera.name,
        patience=_VIRTUAL_PATIENCE if camera.is_virtual else _CAMERA_PATIENCE,
    )


def _test_camera(fault: str, wish: CameraMode) -> LiveSource:
    fps = max(1, round(wish.fps))
    if not fault:
        return LiveSource(
            lambda: SyntheticInput(size_wh=wish.size_wh, fps=fps), name="Test pattern"
        )
    if fault not in (ANY_FAULT, *KINDS):
        raise SourceError(
            f"The test camera knows no fault called {fault}.",
            f"Use one of {', '.join(KINDS)}, or {ANY_FAULT}.",
        )
    faults = random_faults(seed=0) if fault == ANY_FAULT else endless(fault)
    width, height = wish.size_wh
    camera = FaultyCamera(
        faults, sizes_wh=(wish.size_wh, (width * 3 // 4, height)), fps=fps
    )
    return LiveSource(camera.connect, name="Test camera", patience=_CAMERA_PATIENCE)


def _camera(device: str, cameras: list[Camera]) -> Camera | None:
    if device.isdecimal():
        number = int(device)
        listed = [camera for camera in cameras if camera.number == number]
        if not listed and is_camera(node_of(number)) is False:
            titles = ", ".join(title_of(camera, cameras) for camera in cameras)
            raise SourceError(
                f"{node_of(number)} gives no pictures: it is another part of a camera, "
                "or none.",
                f"There are: {titles}." if titles else "Plug one in.",
            )
        # One that is not listed may exist all the same; to open it tells.
        return listed[0] if listed else Camera(number, f"Camera {number}")
    called = cameras_called(device, cameras)
    if len(called) > 1:
        titles = ", ".join(title_of(camera, cameras) for camera in called)
        raise SourceError(
            f"Several cameras are called {device}.", f"Name one of them: {titles}."
        )
    return called[0] if called else None


def _lines(text: str) -> list[str]:
    """Several files, as the window names them; only a line feed parts them."""
    return [line for line in re.split(r"\r?\n", text) if line.strip()]


def _split_mode(text: str) -> tuple[str, CameraMode | None]:
    """What stands before and after the last @; all of it where that is no mode."""
    device, at, behind = text.rpartition("@")
    mode = parse_mode(behind) if at else None
    return (device.strip(), mode) if mode else (text, None)


def _from_path(path: Path) -> FileSource | PipeSource | PhotoSource:
    if is_there(path):
        if path.is_dir():
            return _folder(path)
        if path.is_fifo():
            return PipeSource(path)
        if is_photo(path) or is_photo_inside(path):
            return PhotoSource([path], name=path.name)
        return FileSource(path)
    if pictures := numbered_files(path):
        return PhotoSource(pictures, name=path.name, fps=SEQUENCE_FPS)
    if glob.has_magic(str(path)):
        matches = [Path(match) for match in glob.glob(str(path), recursive=True)]  # noqa: PTH207 - "**" anywhere
        if not matches:
            raise SourceError(f"Nothing matches {path}.", "Check the pattern.")
        if len(matches) == 1:
            return _from_path(matches[0])
        return _several(matches, name=path.name)
    if not path.suffix and len(path.parts) == 1:
        raise _nothing_called(str(path))
    return FileSource(path)  # says that it is missing


def _nothing_called(name: str) -> SourceError:
    return SourceError(
        f"There is no camera and no file called {name}.",
        "Check the name, and that the camera is plugged in.",
    )


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
