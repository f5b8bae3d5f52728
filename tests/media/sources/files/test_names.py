"""What app.media.sources.files.names promises: odd names are names, too."""

import os
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from app.errors import SourceError
from app.media.sources.file_source import FileSource
from app.media.sources.files.names import is_address, path_of
from app.media.sources.make import make_source, short_name
from tests.media.clips import read_number, write_video

ODD_NAMES = [
    "2024-01-01T12:30:05.mp4",  # FFmpeg takes what is before the colon for a protocol
    "http:clip.mp4",
    "pipe:0",
    " two blanks .mp4 ",
    "tab\t.mp4",
    "line\nbreak.mp4",
    "line\r\nbreak.mp4",
    "line\u2028separator.mp4",
    "vertical\vtab.mp4",
    "no\u00a0break\u00a0",
    "50% off.mp4",
    "a%20b.mp4",
    "100%d.mp4",
    "clip [1].mp4",
    "what?*.mp4",
    "-start.mp4",
    "~home.mp4",
    "file",
    "quote'\".mp4",
    "back\\slash.mp4",
    "Ünïcode 映画 🎬.mp4",
    "e\u0301.mp4",
    "#hash?query=1.mp4",
    "test:frozen.mp4",
    "x" * 250 + ".mp4",
]
pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows forbids such names"
)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    return write_video(path, [i / 25 for i in range(3)]).read_bytes()


def plays(text: str) -> bool:
    source = make_source(text)
    assert isinstance(source, FileSource)
    source.open()
    numbers = [read_number(frame.image_bgr) for frame in source.frames()]
    source.close()
    return numbers == [0, 1, 2]


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_a_file_of_any_name_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(video)
    assert plays(str(tmp_path / name))
    monkeypatch.chdir(tmp_path)
    assert plays(name)
    assert plays((tmp_path / name).as_uri())
    assert plays(f"file://{tmp_path / name}")  # typed by hand, not encoded
    assert plays(f"FILE://localhost{quote(str(tmp_path / name))}")
    title = short_name(name)
    assert title.isprintable()
    assert not set('<>:"|?*') & set(title)


def test_blanks_that_were_pasted_along_are_taken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video: bytes
) -> None:
    (tmp_path / "my clip.mp4").write_bytes(video)
    monkeypatch.chdir(tmp_path)
    for text in ("  my clip.mp4\n", "\tmy clip.mp4 ", "file:my%20clip.mp4"):
        assert plays(text)


def test_a_name_that_is_no_text_plays(tmp_path: Path, video: bytes) -> None:
    path = tmp_path / os.fsdecode(b"f\xfcr.mp4")
    path.write_bytes(video)
    assert plays(str(path))


def test_somebodys_home_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video: bytes
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "clip.mp4").write_bytes(video)
    assert plays("~/clip.mp4")
    assert path_of("~nobody-of-that-name/clip.mp4").name == "clip.mp4"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://camera/live", True),
        (" RTSP://camera/live", True),
        ("file:///clip.mp4", False),
        ("FILE:///clip.mp4", False),
        ("12:30.mp4", False),
        ("C:\\clips\\clip.mp4", False),
    ],
)
def test_an_address_is_told_from_a_name(text: str, expected: bool) -> None:
    assert is_address(text) is expected


def test_a_file_address_of_nothing_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"There is no file .*no such\.mp4"):
        make_source(f"{tmp_path.as_uri()}/no%20such.mp4").open()
