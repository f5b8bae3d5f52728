"""Several videos, or a folder of them, are played one after another."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.errors import SourceError
from app.gui.window import MainWindow
from app.types import VideoInfo
from tests.fakes import FakeFile, FakeSource
from tests.gui.conftest import Bench
from tests.gui.drops import drop, files
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui


class Broken(FakeFile):
    def open(self) -> VideoInfo:
        raise SourceError("broken.mp4 is no video.", "Open another one.")


@pytest.fixture
def three(window: MainWindow, bench: Bench) -> list[FakeFile]:
    """a.mp4, b.mp4 and c.mp4 in the folder /films; b is broken."""
    found = [FakeFile(1000), Broken(1), FakeFile(1000)]
    for name, source in zip("abc", found, strict=True):
        bench.sources[str(Path(f"/films/{name}.mp4"))] = source
    window.play_list._list_items = lambda text: (
        [str(Path(f"/films/{name}.mp4")) for name in "abc"]
        if Path(text) == Path("/films")
        else text.splitlines()
    )
    return found


def said_by_page(window: MainWindow) -> str:
    return f"{window.page.title.text()} {window.page.text.text()}"


def plays(window: MainWindow, name: str) -> bool:
    return window._player.source_text.endswith(name) and window.video.has_image


def test_a_folder_plays_to_its_end_and_what_is_broken_is_named(
    window: MainWindow, three: list[FakeFile], bench: Bench, until: Until
) -> None:
    bench.sources[str(Path("/films/a.mp4"))] = FakeFile(4)
    opened: list[str] = []
    window.play_list.wanted.connect(opened.append)
    assert drop(window, files("/films"))
    until(lambda: plays(window, "c.mp4"))  # by itself
    until(
        lambda: window.notice.text == "b.mp4 was passed over: broken.mp4 is no video."
    )
    assert [Path(text).name for text in opened] == ["a.mp4", "b.mp4", "c.mp4"]
    assert window.transport.item.text() == "3 of 3"
    assert "(3 of 3)" in window.windowTitle()
    assert window.opener._recent.names == [str(Path("/films"))]


def test_keys_and_buttons_go_through_the_list_and_stop_at_its_ends(
    window: MainWindow, three: list[FakeFile], until: Until
) -> None:
    window.open_source("/films")
    until(lambda: plays(window, "a.mp4"))
    QTest.keyClick(window, Qt.Key.Key_Less)
    assert window.play_list.place == "1 of 3"
    window.actions_.next_item.trigger()  # over the broken one
    until(lambda: plays(window, "c.mp4"))
    QTest.keyClick(window, Qt.Key.Key_Greater)
    assert window.play_list.place == "3 of 3"
    until(lambda: window.transport.isVisible())
    back = window.transport._list[0]
    QTest.mouseClick(back, Qt.MouseButton.LeftButton)
    until(lambda: plays(window, "a.mp4"))


def test_where_all_are_broken_the_last_one_says_why(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    text = "/films/x.mp4\n/films/y.mp4"
    for line in text.splitlines():
        bench.sources[line] = Broken(1)
    window.play_list._list_items = str.splitlines
    window.open_source(text)
    until(lambda: window.scene.is_page and "is no video" in said_by_page(window))


def test_what_stands_alone_ends_the_list(
    window: MainWindow, three: list[FakeFile], bench: Bench, until: Until
) -> None:
    window.open_source("/films")
    until(lambda: plays(window, "a.mp4"))
    bench.sources["0"] = FakeSource(10**6, is_live=True)
    window.open_source("0")
    until(lambda: plays(window, "0"))
    assert window.play_list.place == ""
    assert not window.actions_.next_item.isEnabled()
    window.open_source("/films")
    window.close_source()  # while it is still looked for
    assert window.play_list.count == 0
