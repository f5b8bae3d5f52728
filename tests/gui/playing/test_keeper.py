"""The recording clock is the length of the file, and nothing is lost without a word."""

import threading
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from app.errors import RecordingError
from app.gui.playing.keeper import title_of
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.pipeline.errands import CAPACITY
from app.types import VideoInfo
from tests.fakes import WAIT_S, FakeFile, FakeRecorder, FakeSource
from tests.gui.conftest import Bench
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import playing as playing  # fixtures
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui


@pytest.fixture
def film(window: MainWindow, bench: Bench, until: Until) -> FakeFile:
    """A file of five seconds that waits at its first frame."""
    source = FakeFile(125)
    bench.sources["film"] = source
    window.open_source("film")
    until(lambda: window.video.has_image)
    window.actions_.pause.trigger()
    return source


def has_frame(window: MainWindow, index: int) -> bool:
    result = window.video.result
    return result is not None and result.frame.index == index


def has(items: list[tuple[int, float]], count: int) -> bool:
    return len(items) >= count


def elapsed(window: MainWindow) -> str:
    window.dials.refresh_status()
    return window.status.recording.text()


def record_a_frame(
    window: MainWindow, bench: Bench, player: Player, until: Until
) -> None:
    """Of a paused file: begun, written, and finished."""
    window.actions_.record.trigger()
    until(lambda: player.is_recording)
    player.step(1)
    until(lambda: bool(bench.recorders[0][1].written))
    window.actions_.record.trigger()
    until(lambda: "Recorded" in window.notice.text)


def test_a_paused_file_is_not_recorded_and_says_so(
    window: MainWindow, film: FakeFile, player: Player, until: Until
) -> None:
    window.actions_.record.trigger()
    until(lambda: player.is_recording)
    assert elapsed(window) == "❚❚ 0:00"
    assert window.status.recording.property("held") == "true"
    assert window.sections.recording.state.text().startswith("Waiting, 0:00")
    window.actions_.record.trigger()
    until(lambda: not player.is_recording)
    assert "Nothing was recorded" in window.notice.text
    assert window.notice.kind == "warning"


def test_the_clock_is_the_length_of_what_is_written(
    window: MainWindow, film: FakeFile, bench: Bench, player: Player, until: Until
) -> None:
    window.actions_.record.trigger()
    until(lambda: player.is_recording)
    written = bench.recorders[0][1].written
    for count in range(1, 31):  # 30 frames at 25 a second are 1.2 s
        player.step(1)
        until(partial(has, written, count))
    assert elapsed(window) == "❚❚ 0:01"
    assert window.windowTitle().startswith("● fake - ")
    assert window.actions_.record.iconText() == "Stop 0:01"  # the toolbar's button
    assert window.video._marks.texts()[0][0] == "❚❚ 0:01"
    window.actions_.record.trigger()
    until(lambda: "Recorded 0:01" in window.notice.text)
    assert window.windowTitle().startswith("fake - ")
    assert window.actions_.record.iconText() == "Record"


def test_a_finished_recording_can_be_played_and_its_path_copied(
    window: MainWindow, film: FakeFile, bench: Bench, player: Player, until: Until
) -> None:
    record_a_frame(window, bench, player, until)
    path = str(bench.recorders[0][0])
    bench.sources[path] = FakeFile(2)
    buttons = {b.text(): b for b in window.notice.findChildren(QPushButton)}
    buttons["Copy path"].click()
    assert QGuiApplication.clipboard().text() == path
    buttons["Play"].click()
    until(lambda: player.source_text == path and player.info is not None)


def test_a_paused_camera_goes_on_being_recorded(
    window: MainWindow, bench: Bench, player: Player, until: Until
) -> None:
    gates = [Gate() for _ in range(40)]
    bench.sources["0"] = FakeSource(40, is_live=True, before=lambda i: gates[i](i))
    window.open_source("0")
    until(lambda: window.video.has_image)
    window.actions_.record.trigger()
    until(lambda: bool(bench.recorders) and bench.recorders[0][1].opened_by != "")
    window.actions_.pause.trigger()
    for count, gate in enumerate(gates[:35]):
        gate.open()
        until(partial(has, bench.recorders[0][1].written, count))
    assert elapsed(window) == "● 0:01"
    assert window.status.recording.property("held") == "false"
    for gate in gates:
        gate.open()
    until(lambda: not player.is_running)


def test_the_last_recording_is_no_news_once_another_begins(
    window: MainWindow, film: FakeFile, player: Player, bench: Bench, until: Until
) -> None:
    record_a_frame(window, bench, player, until)
    window.actions_.record.trigger()
    until(lambda: player.is_recording)
    assert not window.notice.text


# --- names ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "is_live", "title"),
    [
        ("holiday 1.mp4", False, "holiday 1"),
        ("Logi C920", True, "Logi C920"),
        ("cam.example:8554/a?b", True, "cam.example 8554 a b"),
        ("..", False, ""),
        ("a" * 300, True, "a" * 50),
    ],
)
def test_a_file_is_called_by_what_it_shows(
    name: str, is_live: bool, title: str
) -> None:
    info = VideoInfo(name, (6, 4), None, None, None, is_live=is_live)
    assert title_of(info) == title


def test_a_snapshot_carries_the_photos_name_and_whether_it_has_boxes(
    window: MainWindow, bench: Bench, until: Until, player: Player
) -> None:
    bench.sources["photos"] = FakeFile(3, is_stills=True)
    window.open_source("photos")
    until(lambda: window.video.has_image)
    player.step(1)
    until(lambda: has_frame(window, 1))
    window.actions_.snapshot.trigger()
    window.actions_.plain_snapshot.trigger()
    until(lambda: len(bench.titles) == 2)
    assert bench.titles == [("1", "boxes"), ("1", "")]


# --- one errand does not hold up another --------------------------------------


@pytest.fixture
def stuck(player: Player) -> Iterator[threading.Event]:
    """A driver that lists no camera before the event is set, again and again."""
    may_go_on = threading.Event()

    def hang() -> None:
        assert may_go_on.wait(WAIT_S)

    for chores in (player.chores.looking, player.chores.mending):
        while chores.run(hang, or_else=lambda _: None):
            pass
    yield may_go_on
    may_go_on.set()


def test_a_driver_that_hangs_holds_up_no_snapshot_and_no_setting(
    window: MainWindow,
    playing: Gate,
    stuck: threading.Event,
    bench: Bench,
    until: Until,
) -> None:
    window.saver._timer.setInterval(10)
    window.actions_.snapshot.trigger()
    window.sections.detection.score.setValue(77)
    until(lambda: len(bench.snapshots) == 1)
    until(window.saver._path.exists)
    assert not stuck.is_set()
    playing.open()


def test_a_snapshot_that_cannot_be_taken_now_is_said(
    window: MainWindow, playing: Gate, player: Player, until: Until
) -> None:
    may_go_on = threading.Event()
    hung = 0
    while player.chores.pictures.run(
        lambda: may_go_on.wait(WAIT_S), or_else=lambda _: None
    ):
        hung += 1
    assert 0 < hung <= CAPACITY  # a picture may be being scaled
    window.actions_.snapshot.trigger()
    until(lambda: "was not taken. Try again in a moment." in window.notice.text)
    may_go_on.set()
    playing.open()


def test_settings_that_find_the_disk_busy_are_saved_later(
    window: MainWindow, player: Player, until: Until
) -> None:
    may_go_on = threading.Event()
    while player.chores.saving.run(
        lambda: may_go_on.wait(WAIT_S), or_else=lambda _: None
    ):
        pass
    window.saver._timer.setInterval(20)
    window.sections.detection.score.setValue(77)
    window.saver.save()
    assert window.saver._timer.isActive()
    may_go_on.set()
    until(window.saver._path.exists)
    assert '"score_threshold": 0.77' in window.saver._path.read_text()


def test_a_folder_that_cannot_be_made_is_said_and_another_try_is_free(
    window: MainWindow, film: FakeFile, player: Player, until: Until
) -> None:
    window.keeper.folder.parent.mkdir(parents=True, exist_ok=True)
    window.keeper.folder.touch()  # a file of that name
    for _ in range(2):
        window.actions_.record.trigger()
        until(lambda: "cannot be made" in window.notice.text)
        assert not player.is_recording
        window.notice.dismiss()
    window.keeper.folder.unlink()
    window.actions_.record.trigger()
    until(lambda: player.is_recording)


def test_a_disk_that_does_not_answer_begins_no_recording(
    window: MainWindow, film: FakeFile, bench: Bench, player: Player, until: Until
) -> None:
    may_go_on = threading.Event()

    def hang() -> None:
        assert may_go_on.wait(WAIT_S)

    player.chores.saving.run(hang, or_else=lambda _: None)
    window.actions_.record.trigger()
    window.actions_.record.trigger()  # impatient: it is one recording, all the same
    while player.chores.saving.run(hang, or_else=lambda _: None):
        pass
    may_go_on.set()
    until(lambda: player.is_recording)
    assert len(bench.recorders) == 1
    window.actions_.record.trigger()
    until(lambda: not player.is_recording)
    may_go_on.clear()
    while player.chores.saving.run(hang, or_else=lambda _: None):
        pass
    window.actions_.record.trigger()
    until(lambda: "The disk does not answer" in window.notice.text)
    may_go_on.set()
    assert not player.is_recording


def test_a_recorder_that_cannot_be_had_is_said(
    window: MainWindow, film: FakeFile, bench: Bench, player: Player, until: Until
) -> None:
    def none() -> FakeRecorder:
        raise RecordingError("There is no encoder.", "Install one.")

    bench.make_recorder = none
    window.actions_.record.trigger()
    until(lambda: window.notice.text == "There is no encoder. Install one.")
    assert not player.is_recording
    assert window.status.recording.isHidden()


def test_a_disk_that_hangs_under_a_recording_says_what_becomes_of_it(
    window: MainWindow, bench: Bench, player: Player, until: Until
) -> None:
    gate, disk = Gate(), Gate()
    bench.sources["0"] = FakeSource(9, is_live=True, before=gate)
    bench.make_recorder = lambda: FakeRecorder(before=disk)
    window.open_source("0")
    until(lambda: window.video.has_image)
    window.actions_.record.trigger()
    until(lambda: player.is_recording)
    player._patience.setInterval(20)
    gate.open()
    until(lambda: disk.was_reached)
    player.close()
    until(lambda: "so the recording could not be finished" in window.notice.text)
    assert not player.is_recording
    assert not player.is_running
    assert window.status.recording.isHidden()
    disk.open()
    until(lambda: bench.recorders[0][1].closed_by != "")
