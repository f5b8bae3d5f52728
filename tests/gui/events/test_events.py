"""The window keeps the past, saves it, lists it and tells of events: a real ring."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.cli.parts import Parts
from app.cli.watching.window import event_parts
from app.errors import RecordingError, UserError
from app.gui.languages.speaking import LANGUAGES
from app.gui.look.theme import LIGHT, ThemeKeeper
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.media.clips.listing import list_clips
from app.pipeline.clip_rule import ClipWish
from app.pipeline.interfaces import Watches
from app.settings import Settings
from app.types import Detections, Frame, ImageBgr, StageTimes
from tests.fakes import FakeDetector, FakeSource
from tests.gui.conftest import Bench, make_window
from tests.gui.languages.test_languages import spoken as spoken  # fixtures
from tests.gui.pictures.test_pictures import looks as looks
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture
from tests.media.numbered import numbered, numbers_in
from tests.pipeline.test_replay import CROSSING, Scripted

pytestmark = pytest.mark.gui


class Camera(FakeSource):
    """Sixty numbered pictures as fast as they are taken; then it waits to be closed."""

    def __init__(self) -> None:
        super().__init__(0, is_live=True)
        self._over = threading.Event()
        self.given = 0

    def frames(self) -> Iterator[Frame]:
        for index in range(10_000):
            if self._over.wait(0.005):
                return
            self.given = index
            yield Frame(numbered(index), index, index / 25, index / 25)

    def stop(self) -> None:
        self._over.set()


def watch(window: MainWindow, bench: Bench, until: Until) -> Camera:
    bench.sources["camera"] = camera = Camera()
    window.open_source("camera")
    until(lambda: window.video.has_image and window.toolbar.badge.text() == "CPU")
    return camera


def keep(window: MainWindow, seconds: int) -> None:
    box = window.events.rows.seconds
    row = box.findData(seconds)
    box.setCurrentIndex(row)
    box.activated.emit(row)


def press(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(window.scene, key)


def test_what_was_seen_before_is_saved_by_a_key_and_listed(
    window: MainWindow, bench: Bench, until: Until, tmp_path: Path
) -> None:
    watch(window, bench, until)
    assert not window.events.sign.isVisible()
    keep(window, 10)
    until(lambda: window.events.sign.isVisible())
    until(lambda: window.events.sign.text() != "0 s ready")
    until(lambda: "MB" in window.events.rows.held.text())
    assert window.events.rows.held.text().startswith("Holds ")
    press(window, Qt.Key.Key_B)
    until(lambda: window.notice.text.startswith("Saved the last 0:"))
    (clip,) = (tmp_path / "recordings").glob("*.mp4")
    assert str(clip) in window.notice.text
    assert " replay 20" in clip.name
    numbers = numbers_in(clip)
    assert numbers == sorted(set(numbers))
    press(window, Qt.Key.Key_E)
    dock = window.events.dock
    until(lambda: dock.isVisible() and dock.list.count() == 1)
    until(lambda: not dock.without_picture())
    assert dock.list.item(0).text().startswith("Replay\n20")
    window.close_source()


class OneBox(FakeDetector):
    """Finds a person in the middle of every picture."""

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        _, times = super().detect(image_bgr, settings)
        box = np.array([[50, 30, 110, 80]], np.float32)
        return Detections(box, np.array([0.9], np.float32), np.zeros(1, int)), times


def pictures_of(path: Path) -> list[NDArray[np.int64]]:
    with av.open(str(path)) as container:
        return [
            frame.to_ndarray(format="bgr24").astype(int)
            for frame in container.decode(video=0)
        ]


def test_of_a_replay_an_annotated_copy_is_made(
    player: Player, bench: Bench, until: Until, tmp_path: Path, qtbot: QtBot
) -> None:
    """By the app's own parts: the clip stays clean, the copy has its boxes."""
    bench.events = event_parts(Parts().factories())
    bench.detectors["cpu"] = OneBox()
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    window.show()
    watch(window, bench, until)
    keep(window, 10)
    until(lambda: window.events.sign.isVisible())
    until(lambda: window.events.sign.text() != "0 s ready")
    press(window, Qt.Key.Key_B)
    until(lambda: window.notice.text.startswith("Saved the last 0:"))
    (clip,) = (tmp_path / "recordings").glob("*.mp4")
    before = clip.read_bytes()
    window.close_source()
    press(window, Qt.Key.Key_E)
    dock = window.events.dock
    until(lambda: dock.isVisible() and dock.list.count() == 1)
    assert not dock.copy.isEnabled()
    item = dock.list.visualItemRect(dock.list.item(0)).center()
    QTest.mouseClick(dock.list.viewport(), Qt.MouseButton.LeftButton, pos=item)
    for copy in (
        clip.with_name(f"{clip.stem} boxes.mp4"),
        clip.with_name(f"{clip.stem} boxes (2).mp4"),
    ):
        QTest.mouseClick(dock.copy, Qt.MouseButton.LeftButton)
        until(lambda copy=copy: window.notice.text == f"Saved {copy}")  # type: ignore[misc] # of the loop
        assert clip.read_bytes() == before
        clean, drawn = pictures_of(clip), pictures_of(copy)
        assert len(drawn) == len(clean) > 10
        for one, other in zip(clean, drawn, strict=True):
            changed = np.abs(one - other).max(axis=2) > 60
            assert changed[78:81, 60:110].any()  # the box's lower edge
            assert not changed[85:].any()
            assert not changed[:, 125:].any()


def test_without_a_past_it_says_so_and_keeps_what_comes(
    window: MainWindow, bench: Bench, player: Player, until: Until
) -> None:
    watch(window, bench, until)
    press(window, Qt.Key.Key_B)
    until(lambda: window.notice.text.startswith("Nothing is kept of what was before"))
    window.notice._action.click()
    assert player.settings.replay_s == 30
    until(lambda: window.events.sign.isVisible())
    press(window, Qt.Key.Key_B)
    until(lambda: window.notice.text.startswith("Saved the last"))
    keep(window, 0)  # what was kept is forgotten
    until(lambda: not window.events.sign.isVisible())
    stats = player.stats()
    assert stats is not None
    assert stats.replay is None
    window.close_source()


def test_a_save_that_fails_says_so_and_can_be_tried_again(
    window: MainWindow, bench: Bench, until: Until, tmp_path: Path
) -> None:
    watch(window, bench, until)
    keep(window, 10)
    until(lambda: window.events.sign.isVisible())
    until(lambda: window.events.sign.text() != "0 s ready")
    folder = tmp_path / "recordings"
    folder.write_text("no folder")
    window.events.sign.click()
    until(lambda: "cannot be saved" in window.notice.text)
    assert window.notice._action.text() == "Try again"
    folder.unlink()
    window.notice._action.click()
    until(lambda: window.notice.text.startswith("Saved the last"))
    assert len(list(folder.glob("*.mp4"))) == 1
    window.close_source()


def test_a_file_is_its_own_replay(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["clip"] = FakeSource(3, before=lambda _: None)
    keep(window, 10)
    window.open_source("clip")
    until(lambda: window.notice.text == "The end.")
    assert not window.events.sign.isVisible()
    assert window.events.rows.held.isHidden()


class Alerting:
    """Who is told, and what he was."""

    names = ["webhook"]  # noqa: RUF012 - of a test

    def __init__(self) -> None:
        self.told: list[object] = []
        self.watched: list[str] = []
        self.error: UserError | None = None

    def try_out(self, name: str) -> str:
        if self.error is not None:
            raise self.error
        return f"the {name} of {threading.current_thread().name}"

    def watch(self, name: str) -> None:
        self.watched.append(name)

    def notify_with(self, notify: Callable[[str, str], bool]) -> None:
        assert notify("a", "b") in (True, False)  # wherever this runs

    def beep_with(self, beep: Callable[[], bool]) -> None: ...

    def say_with(self, say: Callable[[str], object]) -> None:
        self.say = say


@pytest.fixture
def crossed(
    player: Player,
    bench: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Alerting], MainWindow]:
    """A window of rules: who crosses a line in picture 30 becomes a clip."""

    def make(alerting: Alerting) -> MainWindow:
        watcher: Watches = Scripted(30)
        factories = replace(bench.factories(), make_watcher=lambda: watcher)
        monkeypatch.setattr(player, "_factories", factories)
        clips = ClipWish(CROSSING, tmp_path / "clips", tell=alerting.told.append)
        bench.events = replace(event_parts(factories, clips=clips), alerting=alerting)
        window = make_window(player, bench, tmp_path)
        window.show()
        return window

    return make


def test_events_become_clips_in_the_window_too_and_can_be_starred(
    crossed: Callable[[Alerting], MainWindow],
    bench: Bench,
    until: Until,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    alerting = Alerting()
    window = crossed(alerting)
    qtbot.addWidget(window)
    watch(window, bench, until)
    window.actions_.events.trigger()
    dock = window.events.dock
    until(lambda: dock.list.count() == 1)
    assert "person crosses L1" in dock.list.item(0).text()
    assert len(alerting.told) == 2
    assert alerting.watched == ["fake"]
    assert not dock.star.isEnabled()
    dock.list.setCurrentRow(0)
    dock.star.click()
    until(lambda: dock.star.text() == "Take the star")
    (clip,) = list_clips(tmp_path / "clips")
    assert clip.is_starred
    assert dock.list.item(0).text().startswith("★ ")
    dock.star.click()
    until(lambda: dock.star.text() == "Star")
    assert not list_clips(tmp_path / "clips")[0].is_starred
    asked: list[str] = []
    window.events.play_wanted.connect(asked.append)
    bench.sources[str(clip.path)] = FakeSource(3)
    dock.play.click()
    until(lambda: window.notice.text == "The end.")
    assert asked == [str(clip.path)]


def test_alerts_are_tried_beside_the_window(
    crossed: Callable[[Alerting], MainWindow], until: Until, qtbot: QtBot
) -> None:
    alerting = Alerting()
    window = crossed(alerting)
    qtbot.addWidget(window)
    dock = window.events.dock
    dock.tries["webhook"].click()
    until(lambda: dock.said.text() == "the webhook of errands: it arrived.")
    alerting.error = RecordingError("Nobody answers.", "Look.")
    dock.tries["webhook"].click()
    until(lambda: dock.said.text() == "Nobody answers. Look.")
    beside = threading.Thread(target=alerting.say, args=("It is told again.",))
    beside.start()  # as an outbox would
    until(lambda: dock.said.text() == "It is told again.")
    beside.join()


def test_nobody_is_told_where_no_rules_say_so(window: MainWindow) -> None:
    assert window.events.dock.tries == {}
    assert window.events.tray is None


@pytest.mark.parametrize("spoken", list(LANGUAGES), indirect=True)
def test_the_dock_and_the_panel_take_turns_in_a_small_window(
    spoken: str, looks: ThemeKeeper, window: MainWindow, bench: Bench, until: Until
) -> None:
    looks.use(LIGHT)
    dock, panel = window.events.dock, window.panel
    window.resize(640, 480)
    watch(window, bench, until)
    window.actions_.events.trigger()
    until(lambda: panel.isHidden() and dock.isVisible())
    assert window.width() == 640
    assert window.minimumSizeHint().width() <= 640
    window.actions_.panel.trigger()
    until(lambda: dock.isHidden() and panel.isVisible())
    assert window.width() == 640
    window.actions_.events.trigger()
    until(lambda: panel.isHidden())
    window.actions_.events.trigger()  # closed: the panel is back
    until(lambda: dock.isHidden() and panel.isVisible())
    assert window.actions_.panel.isChecked()


def test_both_are_there_where_the_window_is_wide_enough(
    window: MainWindow, until: Until
) -> None:
    dock, panel = window.events.dock, window.panel
    window.resize(640, 480)
    window.actions_.events.trigger()
    until(lambda: panel.isHidden())
    window.resize(1280, 780)
    until(lambda: panel.isVisible() and dock.isVisible())
    window.resize(640, 480)  # the one asked for last stays
    until(lambda: panel.isHidden() and dock.isVisible())
    assert window.width() == 640
    window.resize(1280, 780)
    until(lambda: panel.isVisible() and dock.isVisible())
    window.actions_.full_screen.trigger()
    QApplication.processEvents()
    assert panel.isHidden()
    assert dock.isHidden()
    window.actions_.full_screen.trigger()
    until(lambda: panel.isVisible() and dock.isVisible())


def test_an_empty_list_of_events_has_no_holes(window: MainWindow, until: Until) -> None:
    dock = window.events.dock
    window.resize(1280, 1000)
    window.actions_.events.trigger()
    until(lambda: dock.isVisible() and dock.empty.height() > 200)
    body = dock.widget()
    tops = [part.mapTo(body, QPoint()).y() for part in (dock.play, dock.folder)]
    assert tops[1] - tops[0] < 60
    assert dock.play.mapTo(body, QPoint()).y() > 500  # below, as with a list


def test_the_panel_that_was_away_at_the_end_comes_back_in_the_next_session(
    player: Player, bench: Bench, qtbot: QtBot, tmp_path: Path, until: Until
) -> None:
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    window.resize(640, 480)
    window.panel.hide()  # as the window's memory has it
    window.events.dock.show()
    window.show()
    until(lambda: window.events.dock.isVisible())
    window.actions_.events.trigger()
    until(lambda: window.panel.isVisible() and window.events.dock.isHidden())
