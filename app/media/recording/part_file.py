"""Recordings in the making: how they are named, marked and locked.

A recording is written as a fragmented MP4 called `.NAME.part`, readable up to its
last fragment whatever happens, and becomes a plain file NAME when it is finished
(see `finishing`). A mark inside tells it from what others call so.
"""

import errno
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import BinaryIO, Self

SUFFIX = ".part"
MARK = "MobileNet-SSD Live recording/1 "
# The mark is nearer to the start than this.
_HEADER_BYTES = 2**16
# Where on Windows the lock lies: past any byte that a reader would ask for.
_LOCKED_BYTE = 2**62
# Where there are no locks, a part untouched for so long is nobody's any more.
UNLOCKED_REST_S = 3600.0
_MOST_PARTS = 1000
_HELD = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}


@dataclass(frozen=True, slots=True)
class Origin:
    """What a part says of itself, so that it can be finished without us.

    Attributes:
        source: the video file it was made from; "" for a live source.
        first_s: the first picture's time on the clock of that file's frames.
        interval_s: how long a picture stays, where nothing better is known.
        first_part: of a recording in several files, the name of the first one's
            part: as long as that is held, so is this one.
    """

    source: str
    first_s: float
    interval_s: float
    first_part: str = ""

    def to_text(self) -> str:
        """The mark and JSON, for the file's comment."""
        return MARK + json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The inverse of `to_text`; a damaged one tells nothing."""
        try:
            values = json.loads(text.removeprefix(MARK))
            return cls(
                str(values["source"]),
                float(values["first_s"]),
                float(values["interval_s"]),
                str(values["first_part"]),
            )
        except (ValueError, KeyError, TypeError):
            return cls("", 0.0, 0.0)

    def without_source(self) -> Self:
        """The same of a recording that has no use for its source."""
        return replace(self, source="")


def part_of(path: Path, *, number: int = 1) -> Path:
    """Under which name `path` is written; further ones where that is taken."""
    further = f".~{number}" if number > 1 else ""
    return path.with_name(f".{path.name}{further}{SUFFIX}")


def path_of(part: Path) -> Path:
    """The inverse of `part_of`."""
    name = part.name.removeprefix(".").removesuffix(SUFFIX)
    return part.with_name(re.sub(r"\.~\d+$", "", name))


def free_names(path: Path) -> Iterator[Path]:
    """`path`, "path (2)", "path (3)" ... as far as they are not there."""
    for number in count(1):
        name = path.name if number == 1 else f"{path.stem} ({number}){path.suffix}"
        free = path.with_name(name)
        if not os.path.lexists(free):
            yield free


def free_name(path: Path) -> Path:
    """The first of `free_names`."""
    return next(free_names(path))


def is_ours(part: Path) -> bool:
    """Whether it bears our mark; an empty one holds nothing of anybody's."""
    with part.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    return not header or MARK.encode() in header


def is_claim(part: Path) -> bool:
    """Whether it bears the mark and nothing else (see `PartHandle.claim`)."""
    with part.open("rb") as file:
        return file.read(len(MARK)) == MARK.encode()


def temporary_of(part: Path) -> Path:
    """Where the file is made that is to take the place of `part`."""
    return part.with_suffix(".tmp")


def is_others(part: Path) -> bool:
    """Whether it is another user's, and theirs to finish."""
    if sys.platform == "win32":
        return False
    return os.geteuid() not in (0, part.stat().st_uid)


def forget_source(part: Path, origin: Origin) -> None:
    """Write over `origin` in `part`, which is being written: no sound for this one.

    Raises:
        OSError: it cannot be written to.
    """
    _replace_text(part, origin.to_text(), origin.without_source().to_text())


def remove_mark(part: Path, origin: Origin) -> None:
    """Write over `origin` in `part`, which becomes a file as it is.

    Raises:
        OSError: it cannot be written to.
    """
    for known in (origin, origin.without_source()):
        _replace_text(part, known.to_text(), "")


def _replace_text(part: Path, before: str, after: str) -> None:
    old = before.encode()
    with part.open("r+b") as file:
        at = file.read(_HEADER_BYTES).find(old)
        if at >= 0:
            file.seek(at)
            file.write(after.encode().ljust(len(old)))


class PartHandle:
    """Holds a part: nobody else finishes it until we close it, or die."""

    def __init__(self, part: Path, *, mode: str = "ab") -> None:
        """Take hold of `part`, opened in that mode; it is created where it is not.

        Raises:
            BlockingIOError: another one holds it.
            FileExistsError: it was to be a new one, or was finished meanwhile.
            OSError: it is gone, or may not be written to.
        """
        self.part = part
        self._file: BinaryIO = part.open(mode)  # type: ignore[assignment] # all modes are binary
        try:
            if not _lock(self._file) and mode != "xb":
                self._check_rest()
            # Whoever held it before may have finished it meanwhile.
            if not os.path.samestat(os.fstat(self._file.fileno()), part.stat()):
                raise FileExistsError(errno.EEXIST, "was finished", str(part))
        except BaseException:
            self._file.close()
            raise

    @classmethod
    def of(cls, part: Path) -> Self:
        """Take hold of a part that is there.

        Raises:
            BlockingIOError: another one holds it.
            OSError: it is gone, or may not be written to.
        """
        return cls(part, mode="r+b")

    @classmethod
    def new(cls, path: Path) -> Self:
        """The first part of `path` that nobody else uses.

        Raises:
            OSError: the folder cannot be written to, or the like.
        """
        for number in range(1, _MOST_PARTS):
            # Another one's, or recovered in this very moment.
            with suppress(FileExistsError, BlockingIOError):
                return cls(part_of(path, number=number), mode="xb")
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))

    def claim(self) -> None:
        """Mark an empty part, which stays one: what is made beside it is ours.

        Raises:
            OSError: the disk is full, or the like.
        """
        self._file.write(MARK.encode())
        self._file.flush()

    def sync(self) -> None:
        """Bring what was written onto the disk itself."""
        os.fsync(self._file.fileno())

    def size(self) -> int:
        """Bytes written so far."""
        return os.fstat(self._file.fileno()).st_size

    def remove(self) -> None:
        """Remove the part, and let go.

        Raises:
            OSError: it cannot be removed.
        """
        try:
            self.let_rename()
            self.part.unlink()
        finally:
            self.close()

    def let_rename(self) -> None:
        """Let go where nothing that is open can be renamed or removed: Windows."""
        if sys.platform == "win32":
            self.close()

    def close(self) -> None:
        """Let go."""
        self._file.close()

    def _check_rest(self) -> None:
        rests_s = time.time() - os.fstat(self._file.fileno()).st_mtime
        if rests_s < UNLOCKED_REST_S:
            raise BlockingIOError(errno.EAGAIN, "may be in use", str(self.part))


def is_held(part: Path) -> bool:
    """Whether somebody writes or finishes `part`; one that is gone is not."""
    try:
        PartHandle.of(part).close()
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def give_name(file: Path, path: Path) -> None:
    """Rename `file` to `path`, and replace nothing.

    Raises:
        FileExistsError: something has that name.
        OSError: it cannot be had.
    """
    if sys.platform == "win32":
        file.rename(path)
        return
    try:
        path.hardlink_to(file)
    except FileExistsError:
        raise
    except OSError:  # no links here, as on FAT: nearly as good
        path.open("xb").close()
        try:
            file.replace(path)
        except BaseException:
            path.unlink()
            raise
    else:
        file.unlink()


def _lock(file: BinaryIO) -> bool:
    """Lock `file`, or say that there are no locks here (as on some network drives).

    Raises:
        BlockingIOError: another one holds it.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _HELD:
            return False
        raise BlockingIOError(
            errno.EAGAIN, "is being written", str(file.name)
        ) from error
    return True
