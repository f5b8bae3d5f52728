"""Folders that jobs work in, gone with them; those of killed jobs, with the next."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.whole_file import hold

_SCRATCH, _HELD = "mobilenet-ssd-export-", "held"
# A folder may be older than that before somebody holds it, but not by so much.
_SURELY_HELD_AFTER_S = 60.0


@contextmanager
def own_scratch() -> Iterator[Path]:
    """A folder of one job's own; those of jobs that were killed here are removed."""
    with tempfile.TemporaryDirectory(prefix=_SCRATCH) as name:
        folder = Path(name)
        with (folder / _HELD).open("wb") as held:
            hold(held)
            if _is_held(folder / _HELD):  # else nothing tells who is alive
                for other in folder.parent.glob(f"{_SCRATCH}*"):
                    if not _is_held(other / _HELD):
                        _remove(other)
            yield folder


def _is_held(file: Path) -> bool:
    """Whether a job is at work there, as far as can be told."""
    try:
        with file.open("r+b") as opened:
            hold(opened)
            return _is_fresh(file)
    except FileNotFoundError:  # not there yet; or killed before it was
        return _is_fresh(file.parent)
    except OSError:  # held, or not ours to touch
        return True


def _is_fresh(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < _SURELY_HELD_AFTER_S
    except OSError:  # removed meanwhile
        return True


def _remove(scratch: Path) -> None:
    if (scratch / _HELD).exists():
        shutil.rmtree(scratch, ignore_errors=True)
    else:  # whoever it belongs to: nothing is in it, or it stays
        with suppress(OSError):
            scratch.rmdir()
