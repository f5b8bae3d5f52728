"""Several videos, or a folder of them: what is played one after another."""

import glob
import re
from collections.abc import Iterable
from pathlib import Path

from app.media.sources.files.names import is_address, is_there, path_of
from app.media.sources.photo_source import natural_order, photos_in
from app.media.sources.pictures.photo import is_photo
from app.media.video_files import is_video_file


def play_list(text: str) -> list[str]:
    """What `make_source` is to be asked for, one after another.

    Photos beside each other are one source, as ever; all others are one each. Of a
    folder, its photos, then its videos, and nothing of the folders in it. What is
    neither is there, too: to open it says what it is.

    Args:
        text: as typed; several files, one a line.
    """
    lines = [line for line in re.split(r"\r?\n", text) if line.strip()]
    is_name = len(lines) > 1 and is_there(path_of(text))  # which holds a line break
    if not lines or is_address(text) or is_name:
        return [text]
    if len(lines) == 1 and (found := _matching(lines[0])):
        lines = found
    items: list[str] = []
    photos: list[str] = []

    def put_photos() -> None:
        if photos:
            items.append("\n".join(photos))
            photos.clear()

    for line in lines:
        path = path_of(line)
        if is_photo(path):
            photos.append(line)
            continue
        put_photos()
        items += _of_folder(line, path) if is_there(path) and path.is_dir() else [line]
    put_photos()
    return items


def _matching(pattern: str) -> list[str]:
    """The files of a pattern that are not photos alone: those are one source."""
    path = path_of(pattern)
    if is_there(path) or not glob.has_magic(str(path)):
        return []
    found = [Path(name) for name in glob.glob(str(path), recursive=True)]  # noqa: PTH207 - "**" anywhere
    if all(map(is_photo, found)):
        return []
    return [str(one) for one in natural_order(found)]


def _of_folder(line: str, folder: Path) -> Iterable[str]:
    try:
        videos = [path for path in folder.iterdir() if _is_video(path)]
        photos = photos_in(folder)
    except OSError:
        return [line]  # to open it says why
    shown = [str(path) for path in natural_order(videos)]
    return [line, *shown] if photos or not videos else shown


def _is_video(path: Path) -> bool:
    return not path.name.startswith(".") and is_video_file(path) and path.is_file()
