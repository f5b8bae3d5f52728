"""What app.media.sources.make promises."""

import itertools
from fractions import Fraction
from pathlib import Path

import pytest

from app.errors import SourceError
from app.media.sources import make as sources
from app.media.sources.cameras import listing as cameras_module
from app.media.sources.cameras.listing import Camera, list_titles
from app.media.sources.faulty import KINDS, Fault, FaultyCamera
from app.media.sources.file_source import FileSource
from app.media.sources.live_source import LiveSource
from app.media.sources.make import is_photos, make_source, short_name
from app.media.sources.synthetic import read_number
from app.types import CameraMode


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [
        Camera(0, "Integrated Camera"),
        Camera(2, "Logi C920"),
        Camera(4, "Twin", port="usb/1-1"),
        Camera(6, "Twin", port="usb/1-2"),
    ]
    for module in (sources, cameras_module):
        monkeypatch.setattr(module, "list_cameras", lambda: there)


@pytest.mark.usefixtures("cameras")
def test_a_number_or_a_name_is_a_camera_and_the_rest_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = list_titles()
    assert listed == [
        (0, "Integrated Camera"),
        (2, "Logi C920"),
        (4, "Twin [1-1]"),
        (6, "Twin [1-2]"),
    ]
    titles = [title for _, title in listed]
    for text in (*titles, "0", " 12 ", "logi c920", "Logi C920@640x480/15/MJPG"):
        assert isinstance(make_source(text), LiveSource)
    for text in ("clip.mp4", "~/clip.mp4", "0.mp4", "file:///tmp/clip.mp4", "a/Logi"):
        assert isinstance(make_source(text), FileSource)
    monkeypatch.chdir(tmp_path)
    for name in ("Logi C920", "test", "test@64x48"):  # a file of that name is meant
        Path(name).write_bytes(b"x")
        assert isinstance(make_source(name), FileSource)


@pytest.mark.usefixtures("cameras")
def test_a_camera_that_is_not_there_or_not_the_only_one_is_said() -> None:
    with pytest.raises(SourceError, match="no camera and no file called Logitech"):
        make_source("Logitech")
    with pytest.raises(SourceError, match=r"called twin.*Twin \[1-1\], Twin \[1-2\]"):
        make_source("twin")


@pytest.mark.parametrize(
    ("text", "size_wh", "fps"),
    [
        ("test", (64, 48), 9),
        ("test@96x72", (96, 72), 30),
        ("test@96x72/5", (96, 72), 5),
    ],
)
def test_what_is_asked_of_a_device_stands_behind_its_name(
    text: str, size_wh: tuple[int, int], fps: float
) -> None:
    source = make_source(text, CameraMode((64, 48), 9))
    info = source.open()
    source.close()
    assert (info.size_wh, info.fps) == (size_wh, Fraction(fps))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "No source was named"),
        ("   ", "No source was named"),
        ("ftp://user:secret@host/1", "ftp:// is no kind of address"),
        ("gopher://x", "gopher:// is no kind of address"),
        ("rtsp://[::1/live", "The address cannot be understood"),
        ("a\0b.mp4", "no name of anything"),
    ],
)
def test_what_cannot_be_opened_is_said_without_the_password(
    text: str, sentence: str
) -> None:
    with pytest.raises(SourceError, match=sentence) as caught:
        make_source(text)
    assert "secret" not in str(caught.value)
    assert caught.value.remedy


def test_a_pattern_for_those_without_a_camera() -> None:
    source = make_source("test", CameraMode((320, 240), 100))
    assert source.open().size_wh == (320, 240)
    assert not is_photos("test")
    frames = list(itertools.islice(source.frames(), 3))
    numbers = [read_number(x.image_bgr) for x in frames]
    assert len(numbers) == 3
    assert numbers == sorted(numbers)
    source.close()


@pytest.mark.parametrize("kind", [*KINDS, "faults"])
def test_a_camera_whose_faults_can_be_looked_at(kind: str) -> None:
    source = make_source(f"test:{kind}@96x72/50")
    assert source.open().size_wh == (96, 72)
    assert not next(source.frames()).gap
    source.close()


def test_a_test_camera_that_does_not_open_says_so() -> None:
    camera = FaultyCamera(iter([Fault("hangs", 0.0, 0.2)]))
    with pytest.raises(SourceError, match="test camera does not open"):
        camera.connect().open()


def test_an_unknown_fault_names_the_known_ones() -> None:
    with pytest.raises(SourceError, match=r"called lazy.*unplugged, busy.* or faults"):
        make_source("test:lazy")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rtsp://user:secret@cam.local:554/live?token=1", "cam.local"),
        ("/films/holiday.mp4", "holiday"),
        ("a.jpg\nb.jpg", "a"),
        ("rtsp://[::1/live", "stream"),
        ("~nobody-of-that-name/a.mp4", "a"),
        ("Logi: C920@640x480/15", "Logi C920"),  # a colon is no name on Windows
    ],
)
def test_a_title_holds_no_secret(text: str, name: str) -> None:
    assert short_name(text) == name


def test_a_home_of_nobody_is_a_file_that_is_not_there() -> None:
    with pytest.raises(SourceError):
        make_source("~nobody-of-that-name/a.mp4").open()
