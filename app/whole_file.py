"""Files that are there whole or not at all, whoever else writes them."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import BinaryIO

# Windows lets nobody replace a file that somebody is just reading.
_TRY_AGAIN_S = 1.0


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name to write to; what is there at the end of the block becomes `path`.

    The name is nobody else's, in the same folder, and keeps the suffix. Where the
    block fails, `path` is as it was, and nothing is left behind. Once it is `path`,
    it is on the disk: a power cut leaves the old one or the new one.

    Raises:
        OSError: it cannot be written, or not have its name.
    """
    # A name that is long already must not become too long.
    stem = os.fsencode(path.stem)[:100].decode("utf-8", "replace")
    own = path.with_name(f".{stem}.{os.getpid()}-{os.urandom(4).hex()}{path.suffix}")
    try:
        yield own
        with own.open("rb+") as file:
            os.fsync(file.fileno())
        _replace(own, path)
    finally:
        own.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write `text` in UTF-8; the folder is made where it is missing.

    Raises:
        OSError: as `whole_file`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as own:
        own.write_text(text, encoding="utf-8")


def hold(file: BinaryIO) -> None:
    """Keep other processes of ours from writing to an open file, until it is closed.

    Where the disk knows no locks, nothing happens.

    Raises:
        BlockingIOError: another one holds it.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            at = file.tell()
            file.seek(2**62)  # where nothing is: what is there stays readable
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(at)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
            raise BlockingIOError(error.errno, "another process writes it") from error


def _replace(own: Path, path: Path) -> None:
    due_s = monotonic() + _TRY_AGAIN_S
    while True:
        try:
            os.replace(own, path)  # noqa: PTH105 - atomic on every platform
            return
        except PermissionError:
            if os.name != "nt" or monotonic() > due_s:
                raise
