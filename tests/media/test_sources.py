"""What app.media.sources promises."""

import itertools
from pathlib import Path

import pytest

from app.errors import SourceError
from app.media import sources
from app.media.camera_input import CameraWish
from app.media.cameras import Camera
from app.media.file_source import FileSource
from app.media.live_source import LiveSource
from app.media.sources import is_photos, list_cameras, make_source, short_name
from app.media.synthetic import read_number


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [Camera(0, "Integrated Camera"), Camera(2, "Logi C920")]
    monkeypatch.setattr(sources, "_list_cameras", lambda: there)


@pytest.mark.usefixtures("cameras")
def test_a_number_or_a_name_is_a_camera_and_the_rest_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list_cameras() == [(0, "Integrated Camera"), (2, "Logi C920")]
    for text in ("0", " 12 ", "Logi C920", "logi c920"):
        assert isinstance(make_source(text), LiveSource)
    for text in ("clip.mp4", "~/clip.mp4", "0.mp4", "file:///tmp/clip.mp4", "Logi"):
        assert isinstance(make_source(text), FileSource)
    monkeypatch.chdir(tmp_path)
    for name in ("Logi C920", "test"):  # a file of that name is meant
        Path(name).write_bytes(b"x")
        assert isinstance(make_source(name), FileSource)


@pytest.mark.parametrize("text", ["", "   ", "ftp://user:secret@host/1", "gopher://x"])
def test_what_cannot_be_opened_is_said_without_the_password(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        make_source(text)
    assert "secret" not in str(caught.value)
    assert caught.value.remedy


def test_a_pattern_for_those_without_a_camera() -> None:
    source = make_source("test", CameraWish((320, 240), 100))
    assert source.open().size_wh == (320, 240)
    assert not is_photos("test")
    frames = list(itertools.islice(source.frames(), 3))
    numbers = [read_number(x.image_bgr) for x in frames]
    assert len(numbers) == 3
    assert numbers == sorted(numbers)
    source.close()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rtsp://user:secret@cam.local:554/live?token=1", "cam.local"),
        ("/films/holiday.mp4", "holiday"),
        ("a.jpg\nb.jpg", "a"),
    ],
)
def test_a_title_holds_no_secret(text: str, name: str) -> None:
    assert short_name(text) == name
