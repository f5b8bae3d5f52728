"""When sound is heard, and how loud: what the window asks of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.errors import UserError
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.pipeline.transport import SoundTrack
from app.settings import Settings
from app.types import VideoInfo
from tests.fakes import FakeFile
from tests.gui.conftest import Bench, make_window
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui


@dataclass
class NotedSound:
    """What it was asked for."""

    path: Path
    may_play: Callable[[], bool]
    say: Callable[[Exception], object]
    volume: float
    found: Callable[[tuple[SoundTrack, ...], int], object]
    track: int | None
    followed_s: list[float] = field(default_factory=list)
    is_closed: bool = False

    def follow(self, timestamp_s: float, shown_at_s: float) -> None:
        self.followed_s.append(timestamp_s)

    def close(self) -> None:
        self.is_closed = True


class FakeFilm(FakeFile):
    """One that is a file somewhere."""

    def open(self) -> VideoInfo:
        return replace(super().open(), path="film.mp4")


@pytest.fixture
def sounds() -> list[NotedSound]:
    return []


@pytest.fixture
def window(
    player: Player,
    bench: Bench,
    sounds: list[NotedSound],
    qtbot: QtBot,
    tmp_path: Path,
) -> MainWindow:
    def make(
        path: Path,
        *,
        may_play: Callable[[], bool],
        say: Callable[[Exception], object],
        found: Callable[[tuple[SoundTrack, ...], int], object],
        volume: float,
        track: int | None,
    ) -> NotedSound:
        sounds.append(NotedSound(path, may_play, say, volume, found, track))
        return sounds[-1]

    window = make_window(
        player, bench, tmp_path, replace(bench.factories(), make_sound=make)
    )
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def playing(window: MainWindow, bench: Bench, until: Until) -> Gate:
    gate = Gate()
    bench.sources["film"] = FakeFilm(3, before=gate)
    window.open_source("film")
    until(lambda: window.video.has_image)
    return gate


def test_a_file_is_heard_at_its_own_speed_while_it_plays(
    window: MainWindow, playing: Gate, sounds: list[NotedSound], until: Until
) -> None:
    (sound,) = sounds
    player = window._player
    assert sound.path == Path("film.mp4")
    assert sound.followed_s == [0.0]
    assert sound.may_play()
    player.set_speed(2.0)
    assert not sound.may_play()
    player.set_speed(1.0)
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert not sound.may_play()
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert sound.may_play()
    window.close_source()
    playing.open()
    until(lambda: sound.is_closed and not player.is_running)


def test_keys_make_it_silent_and_louder_and_that_is_kept(
    window: MainWindow, playing: Gate, sounds: list[NotedSound], tmp_path: Path
) -> None:
    (sound,) = sounds
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(window, Qt.Key.Key_M)
    assert (sound.volume, window.actions_.mute.isChecked()) == (0.0, True)
    assert window._player.settings.muted
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_Down, control)
    assert sound.volume == pytest.approx(0.8**2)  # even steps to an ear
    assert not window.actions_.mute.isChecked()
    for _ in range(9):
        QTest.keyClick(window, Qt.Key.Key_Up, control)
    window._player.settings.save(tmp_path / "kept.json")
    kept = Settings.load(tmp_path / "kept.json")
    assert (sound.volume, kept.volume, kept.muted) == (1.0, 100, False)
    playing.open()


def test_what_can_be_heard_can_be_turned_with_the_mouse(
    window: MainWindow, playing: Gate, sounds: list[NotedSound], until: Until
) -> None:
    controls = window.sound_controls
    assert controls.volume.isHidden()  # nobody knows yet whether it has any sound
    sounds[0].found((("", "eng"),), 0)
    until(controls.volume.isVisible)
    assert controls.tracks.isHidden()
    controls.volume.setSliderPosition(50)
    assert sounds[0].volume == pytest.approx(0.5**2)
    QTest.mouseClick(controls.silence, Qt.MouseButton.LeftButton)
    assert (sounds[0].volume, controls.volume.value()) == (0.0, 0)
    QTest.mouseClick(controls.silence, Qt.MouseButton.LeftButton)
    assert (sounds[0].volume, controls.volume.value()) == (0.25, 50)
    window.resize(640, 480)
    assert window.width() == 640
    assert controls.volume.isHidden()  # it has keys
    window.close_source()
    playing.open()
    until(lambda: not window._player.is_running)
    window.resize(1280, 780)
    assert controls.volume.isHidden()


def test_of_several_tracks_another_can_be_heard(
    window: MainWindow, playing: Gate, sounds: list[NotedSound], until: Until
) -> None:
    tracks = ("", "deu"), ("Commentary", "eng"), ("", "")
    sounds[0].found(tracks, 0)
    until(window.sound_controls.tracks.isVisible)
    offered = window.sound_controls.tracks.menu().actions()
    assert [action.text() for action in offered] == [
        *("Deutsch", "Commentary, English", "Track 3"),
    ]
    assert [action.isChecked() for action in offered] == [True, False, False]
    offered[1].trigger()
    assert sounds[0].is_closed
    assert [(sound.path, sound.track) for sound in sounds] == [
        (Path("film.mp4"), None),
        (Path("film.mp4"), 1),
    ]
    playing.open()


def test_why_nothing_is_heard_is_said_once_and_quietly(
    window: MainWindow, playing: Gate, sounds: list[NotedSound]
) -> None:
    said = []
    for _ in range(2):
        sounds[0].say(UserError("No sound device.", "Plug one in."))
        said.append(window.status.currentMessage())
        window.status.clearMessage()
    assert said == ["No sound device. Plug one in.", ""]
    assert window.notice.text == ""
    playing.open()
