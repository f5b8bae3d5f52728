"""What app.whole_file promises: all of a file or nothing of it, and one writer."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import whole_file as module
from app.whole_file import hold, whole_file, write_whole
from tests.python import ROOT


def test_what_fails_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_whole(path, "old")

    def fail() -> None:
        with whole_file(path) as own:
            own.write_text("half of the n")
            assert path.read_text() == "old"
            assert (own.parent, own.suffix) == (tmp_path, ".json")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == "old"
    write_whole(path, "néw")
    assert path.read_bytes() == "néw".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_the_longest_name_that_a_disk_takes_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "below" / ("ü" * 125 + ".json")  # 255 bytes
    write_whole(path, "text")
    assert path.read_text() == "text"
    assert list(path.parent.iterdir()) == [path]


def in_another_process(path: Path) -> str:
    """Whether it may write there: what it says."""
    code = (
        "import sys; from app.whole_file import hold\n"
        "with open(sys.argv[1], 'ab') as file:\n"
        "    try: hold(file)\n"
        "    except BlockingIOError as error: print(error.strerror)\n"
        "    else: print('mine')\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip()


def test_one_process_writes_until_it_closes(tmp_path: Path) -> None:
    path = tmp_path / "a.part"
    with path.open("wb") as file:
        hold(file)
        assert in_another_process(path) == "another process writes it"
    assert in_another_process(path) == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="of flock")
def test_a_disk_without_locks_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", without)
    with (tmp_path / "a.part").open("wb") as file:
        hold(file)
        assert file.write(b"text") == 4


class ReplacesLate:
    """As Windows does while somebody reads: not at first."""

    def __init__(self, refuse: int) -> None:
        self.left = refuse

    def __call__(self, own: Path, path: Path) -> None:
        if self.left:
            self.left -= 1
            raise PermissionError(errno.EACCES, "it is read", str(path))
        Path(own).rename(path)


def test_where_it_may_not_be_replaced_the_old_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere than on Windows, to try again would change nothing."""
    if os.name == "nt":
        pytest.skip("is another's there")
    path = tmp_path / "a.json"
    write_whole(path, "old")
    monkeypatch.setattr(os, "replace", ReplacesLate(1))
    with pytest.raises(PermissionError):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("refuse", [3, 10**9], ids=["for a moment", "for ever"])
def test_on_windows_it_is_tried_until_the_reader_is_done(
    refuse: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, own = tmp_path / "a.json", tmp_path / "own"
    path.write_text("old")
    own.write_text("new")
    # pathlib must not be told: it would make Windows' paths.
    monkeypatch.setattr(module, "os", WindowsOs(ReplacesLate(refuse)))
    ticks = iter(range(10**6))
    monkeypatch.setattr(module, "monotonic", lambda: next(ticks) / 100)
    if refuse == 3:
        module._replace(own, path)
        assert path.read_text() == "new"
    else:
        with pytest.raises(PermissionError):
            module._replace(own, path)
        assert path.read_text() == "old"


class WindowsOs:
    """`os`, as far as files are replaced with it."""

    name = "nt"

    def __init__(self, replace: ReplacesLate) -> None:
        self.replace = replace
