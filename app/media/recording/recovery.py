"""Recordings that were cut off, by a crash or a power cut, made whole."""

import logging
from collections.abc import Callable
from pathlib import Path

import av

from app.errors import RecordingError
from app.media.recording.part_file import (
    SUFFIX,
    PartHandle,
    finish,
    free_name,
    path_of,
)

log = logging.getLogger(__name__)


def find_unfinished(folder: Path) -> list[Path]:
    """The parts in `folder` that nobody is writing any more, by name."""
    found = []
    for part in sorted(folder.glob(f".*{SUFFIX}")):
        # A sidecar in the making ends so too, and is its export's to go on with.
        if path_of(part).suffix.lower() not in (".mp4", ".mov", ".mkv"):
            continue
        try:
            PartHandle(part).close()
        except OSError:
            continue
        found.append(part)
    return found


def recover(part: Path) -> Path | None:
    """Make a plain video of `part`, beside it; the part is removed then.

    It gets the name it was meant to have or, where that is taken, a free one.
    None when it holds no picture.

    Raises:
        RecordingError: it is being written, or cannot be copied; it stays.
    """
    try:
        handle = PartHandle(part)
    except OSError as error:
        raise RecordingError(f"{part.name} is in use.", "Stop it first.") from error
    target = free_name(path_of(part))
    try:
        count, duration_s = finish(part, target) if handle.size() else (0, 0.0)
    except (av.FFmpegError, OSError) as error:
        raise RecordingError(
            f"The unfinished recording {part} cannot be recovered: {error}.",
            "It was left as it is.",
        ) from error
    finally:
        handle.close()
    part.unlink()
    if not count:
        return None
    log.info("%s: %s frames, %.2f s recovered", target, count, duration_s)
    return target


def recover_all(folder: Path, *, say: Callable[[str], None]) -> list[Path]:
    """Recover what is unfinished in `folder`, one sentence each.

    Returns:
        The videos that came of it.
    """
    recovered = []
    for part in find_unfinished(folder):
        try:
            path = recover(part)
        except RecordingError as error:
            say(str(error))
            continue
        if path is not None:
            recovered.append(path)
            say(f"A recording was cut off; what there is of it is in {path}")
    return recovered
