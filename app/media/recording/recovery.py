"""Recordings that were cut off, by a crash or a power cut, made whole."""

import logging
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from app.errors import RecordingError, SidecarError
from app.media.clips.lines import discard_lines, lines_of, name_lines
from app.media.recording.finishing import Finished, finish, origin_of
from app.media.recording.muxer import FORMATS
from app.media.recording.part_file import (
    SUFFIX,
    PartHandle,
    give_name,
    is_claim,
    is_held,
    is_others,
    is_ours,
    part_of,
    path_of,
    temporary_of,
)
from app.sidecar import read_header

log = logging.getLogger(__name__)


class _InUseError(RecordingError):
    def __init__(self, part: Path) -> None:
        super().__init__(f"{part.name} is in use.", "Stop it first.")


def find_unfinished(folder: Path) -> list[Path]:
    """The parts in `folder` that are ours, and that nobody is writing, by name."""
    found = []
    with suppress(OSError):
        for part in sorted(folder.glob(f".*{SUFFIX}")):
            # A sidecar in the making ends so too, and is its export's to go on with.
            if path_of(part).suffix.lower() not in FORMATS:
                continue
            with suppress(OSError):
                if part.is_file() and is_ours(part) and not is_others(part):
                    PartHandle.of(part).close()
                    found.append(part)
    return found


def recover(part: Path) -> Path | None:
    """Make a plain video of `part`, beside it; the part is removed then.

    It gets the name it was meant to have or, where that is taken, a free one.
    None when it holds no picture.

    Raises:
        RecordingError: it is being written, or cannot be copied; it stays.
    """
    recovered = _recover(part)
    return recovered.path if recovered else None


def recover_all(folder: Path, *, say: Callable[[str], None]) -> list[Path]:
    """Recover what is unfinished in `folder`, one sentence each.

    One part that cannot be recovered keeps no other from it. Of several processes
    that try, one recovers.

    Returns:
        The videos that came of it.
    """
    recovered = []
    for part in find_unfinished(folder):
        try:
            made = _recover(part)
        except _InUseError:
            continue  # another process was faster
        except RecordingError as error:
            say(str(error))
            continue
        if made is not None:
            recovered.append(made.path)
            text = f"A recording was cut off; what there is of it is in {made.path}"
            say(". ".join([text, *made.notes]) if made.notes else text)
    return recovered


def discard_earlier(path: Path, *, made_from: str | None) -> None:
    """Remove parts of `path` that nobody is writing, made of that file.

    What is in them is about to be made again; what came from a camera is kept. Of
    one that was cut off before its first byte nobody can say where it came from.
    """
    for number in count(1):
        part = part_of(path, number=number)
        if not made_from or not part.exists():
            return
        with suppress(OSError, ValueError):
            if is_ours(part) and not is_others(part):
                handle = PartHandle.of(part)
                try:
                    if not handle.size() or origin_of(part).source == made_from:
                        handle.remove()
                        discard_lines(part)
                finally:
                    handle.close()


def _recover(part: Path) -> Finished | None:
    try:
        handle = PartHandle.of(part)
    except OSError as error:
        raise _InUseError(part) from error
    try:
        _check(part)
        if is_claim(part):
            _clear_up(part)
            handle.remove()
            return None
        made = finish(handle)
    except RecordingError:
        raise
    except Exception as error:
        # Whatever FFmpeg makes of a damaged file: the next one is another matter.
        raise RecordingError(
            f"The unfinished recording {part} cannot be recovered: {error}.",
            "It was left as it is.",
        ) from error
    finally:
        handle.close()
    if made is None:
        discard_lines(part)
    else:
        name_lines(part, made.path, made.count)  # of a clip, or of a clean recording
        log.info("%s: %s frames, %.2f s", made.path, made.count, made.duration_s)
    return made


def _clear_up(part: Path) -> None:
    """Of a replay whose save was killed: its clip is there under its name, or not.

    Where it is, its sidecar gets its name, too; all else is removed.
    """
    lines = lines_of(part)
    try:
        # The clip's own file goes by its name alone, before the sidecar has one.
        if not temporary_of(part).exists():
            clip = part.with_name(Path(read_header(lines).source).name)
            if clip.is_file():
                give_name(lines, clip.with_suffix(".jsonl"))
    except (OSError, SidecarError):
        pass  # it has one, or was cut off
    temporary_of(part).unlink(missing_ok=True)
    lines.unlink(missing_ok=True)


def _check(part: Path) -> None:
    if not is_ours(part) or is_others(part):
        raise RecordingError(f"{part.name} is no recording of ours.", "Leave it alone.")
    with suppress(OSError, ValueError):
        first = origin_of(part).first_part
        if first and first != part.name and is_held(part.with_name(Path(first).name)):
            raise _InUseError(part)
