"""Work done as somebody else, in a child process: files of two users for real."""

import os
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ALICE, BOB = 54_321, 54_322


@contextmanager
def shared_folder() -> Iterator[Path]:
    """A folder that all may write to, and where each keeps their own (as /tmp)."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can be two users")
    with tempfile.TemporaryDirectory(dir="/tmp") as outer:
        folder = Path(outer) / "shared"
        folder.mkdir()
        Path(outer).chmod(0o755)
        folder.chmod(0o1777)
        yield folder


def as_user(user_id: int, work: Callable[[], object]) -> None:
    """Do `work` as that user, and fail where it fails."""
    with warnings.catch_warnings():
        # Newer Pythons warn of threads; the child uses none that was there.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(user_id)
            os.setuid(user_id)
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - printed, and seen in the exit code
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
