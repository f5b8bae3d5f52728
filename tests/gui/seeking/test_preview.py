"""What stands over the bar where the mouse is: of a file of its own."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtTest import QTest

from app.gui.seeking.peek import Peek
from app.gui.window import MainWindow
from app.media.sources.file_source import FileSource
from app.types import Frame
from tests.fakes import FakeFile
from tests.gui.conftest import Bench
from tests.gui.seeking.test_transport import place_on
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds, lighter from frame to frame, one keyframe in all."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25, options={"g": "250"})
        stream.width, stream.height = 64, 32
        stream.time_base = Fraction(1, 25)
        for number in range(100):
            picture = np.full((32, 64, 3), 20 + 2 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, "bgr24")
            frame.pts = number
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


@pytest.fixture
def peek() -> Iterator[Peek]:
    peek = Peek(lambda text: FileSource(Path(text)))
    yield peek
    peek.close()


@pytest.mark.parametrize("at_s", [3.0, 1.0, 3.9])
def test_the_small_picture_is_of_that_time(
    clip: Path, peek: Peek, at_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.gui.seeking.peek.ENOUGH_S", 60.0)  # a machine may be busy
    image = peek.look(str(clip), at_s, is_off=lambda: False, size_wh=QSize(32, 32))
    assert image is not None
    assert image.size() == QSize(32, 16)
    assert image.pixelColor(9, 9).green() == pytest.approx(20 + 50 * at_s, abs=4)


def test_what_nobody_wants_any_more_is_not_read_to_its_end(
    clip: Path, peek: Peek
) -> None:
    asked: list[int] = []

    def is_off() -> bool:
        asked.append(1)
        return len(asked) > 10

    size_wh = QSize(32, 32)
    assert peek.look(str(clip), 3.9, is_off=is_off, size_wh=size_wh) is None
    assert len(asked) < 20  # of 97 frames that are on the way there


def test_hovering_shows_time_and_picture_and_disturbs_nothing(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    played, peeked = FakeFile(100), FakeFile(100)
    readers: list[str] = []

    def noted(_: float) -> None:
        readers.append(threading.current_thread().name)

    peeked._on_seek = noted
    bench.sources["clip"] = played
    window.open_source("clip")
    until(lambda: window._player.can_seek and window.video.has_image)
    window._player.pause()
    until(lambda: window.transport.isVisible())
    bench.sources["clip"] = peeked
    slider = window.transport.position
    preview = window.previewing.preview
    for share in (0.1, 0.3, 0.5):  # on the way
        QTest.mouseMove(slider, place_on(slider, share))
        assert preview.isVisible()
    assert preview.time.text().startswith("0:0")
    until(lambda: preview.picture.isVisible())
    assert set(readers) == {"errands"}
    assert 1.9 < peeked.sought[-1] < 2.1
    assert (played.sought, window._player.is_paused) == ([], True)
    count = len(peeked.sought)
    window.previewing.leave()
    place = place_on(slider, 0.5)
    slider.hovered.emit(slider.value_at(place.x()), place.x())
    assert preview.picture.isVisible()  # at once: it is kept
    assert len(peeked.sought) == count


class Empty(FakeFile):
    """A file that ends before its end."""

    def frames(self) -> Iterator[Frame]:
        return iter(())


def test_where_no_picture_is_nobody_looks_again_until_the_mouse_moves(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["clip"] = FakeFile(100)
    window.open_source("clip")
    until(lambda: window._player.can_seek and window.video.has_image)
    until(lambda: window.transport.isVisible())
    bench.sources["clip"] = peeked = Empty(100)
    slider, previewing = window.transport.position, window.previewing
    for count, share in enumerate((0.5, 0.7), 1):
        x = place_on(slider, share).x()
        slider.hovered.emit(slider.value_at(x), x)  # no mouse stays behind
        until(lambda: len(peeked.sought) == count and not previewing._is_reading)  # noqa: B023 - asked at once
        assert not previewing._rest.isActive()
        assert previewing.preview.isVisible()
        assert not previewing.preview.picture.isVisible()


def test_where_somebody_is_hidden_the_time_stands_alone(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["clip"] = FakeFile(100)
    window.open_source("clip")
    until(lambda: window.transport.isVisible())
    window.changes.change("hiding", covered_class_names=("person",))
    bench.sources["clip"] = peeked = FakeFile(100)
    slider = window.transport.position
    for share in (0.2, 0.6):
        QTest.mouseMove(slider, place_on(slider, share))
    window.previewing._go_on()
    assert window.previewing.preview.isVisible()
    assert not window.previewing.preview.picture.isVisible()
    assert peeked.sought == []
