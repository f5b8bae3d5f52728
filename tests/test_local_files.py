"""What app.local_files promises."""

import os
from pathlib import Path

import pytest

from app.local_files import is_same_file, local_file

posix_only = pytest.mark.skipif(os.name != "posix", reason="asks a POSIX file system")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"video")
    return path


def test_one_file_has_many_names(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.mp4").symlink_to(clip)
    (tmp_path / "second.mp4").hardlink_to(clip)
    names = ("clip.mp4", "sub/../clip.mp4", "link.mp4", "second.mp4")
    assert all(is_same_file(tmp_path / name, clip) for name in names)
    (tmp_path / "copy.mp4").write_bytes(clip.read_bytes())
    assert not is_same_file(tmp_path / "copy.mp4", clip)


def test_what_is_not_there_yet_is_known_by_its_name(tmp_path: Path) -> None:
    assert is_same_file(tmp_path / "new.mp4", tmp_path / "sub" / ".." / "new.mp4")
    assert not is_same_file(tmp_path / "new.mp4", tmp_path / "other.mp4")
    (tmp_path / "round.mp4").symlink_to("round.mp4")
    assert not is_same_file(tmp_path / "round.mp4", tmp_path / "other.mp4")


def test_a_plain_file_is_found_from_where_it_is_named(
    clip: Path, tmp_path: Path
) -> None:
    beside = tmp_path / "out" / "a.jsonl"
    beside.parent.mkdir()
    assert local_file(str(clip), beside=beside) == clip
    assert local_file("../clip.mp4", beside=beside) == clip
    assert local_file("clip.mp4", beside=clip) == clip
    assert local_file("clip.mp4", beside=beside) is None


@pytest.mark.parametrize(
    "text",
    [
        *("http://127.0.0.1:9/a.mp4", "rtsp://host/a", "file:///etc/passwd", "0"),
        *("screen", "test", "Logi C920", "", ".", "\0", "x" * 5000),
        *("\\\\host\\share\\a.mp4", "//host/share/a.mp4", "\\/host\\share\\a.mp4"),
        *("\\\\?\\UNC\\host\\share\\a.mp4", " \\\\host\\share", "concat:a.mp4|b.mp4"),
    ],
)
def test_what_is_no_plain_file_is_none(clip: Path, text: str) -> None:
    assert local_file(text, beside=clip) is None


@posix_only
def test_a_share_is_never_asked_for(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> None:
        raise AssertionError("the file system was asked")

    monkeypatch.setattr(Path, "is_file", asked)
    assert local_file("//host/share/a.mp4", beside=clip) is None


@posix_only
def test_devices_pipes_and_links_to_themselves_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "round.mp4").symlink_to("round.mp4")
    (tmp_path / "device.mp4").symlink_to(os.devnull)
    beside = tmp_path / "a.jsonl"
    for name in ("pipe.mp4", "round.mp4", "device.mp4", os.devnull):
        assert local_file(name, beside=beside) is None, name
