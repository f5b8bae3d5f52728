"""What a person can do in the window."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.errors import ModelError, RecordingError
from app.gui.playing.closing import CloseQuestion
from app.gui.playing.keeper import new_recording
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.settings import Settings
from tests.fakes import WAIT_S, FakeDetector, FakeRecorder, FakeSource
from tests.gui.conftest import Bench, make_window
from tests.gui.drops import drop, files
from tests.gui.playing.test_player import Gate

pytestmark = pytest.mark.gui
WAIT_MS = int(1000 * WAIT_S)


@pytest.fixture
def until(qtbot: QtBot) -> Callable[[Callable[[], bool]], None]:
    return lambda claim: qtbot.waitUntil(claim, timeout=WAIT_MS)


Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def playing(window: MainWindow, bench: Bench, until: Until) -> Gate:
    """A file that shows its first frame and then waits at the gate."""
    gate = Gate()
    bench.sources["clip"] = FakeSource(3, before=gate)
    window.open_source("clip")
    until(lambda: window.video.has_image and window.toolbar.badge.text() == "CPU")
    return gate


def test_first_it_says_what_to_do(window: MainWindow) -> None:
    assert not window.video.has_image
    assert window.toolbar.badge.text() == "Idle"
    assert not window.actions_.record.isEnabled()
    assert not window.actions_.pause.isEnabled()
    assert window.windowTitle() == "MobileNet-SSD Live"


def test_a_file_plays_and_its_end_can_be_played_again(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["clip"] = FakeSource(3)
    window.open_source("clip")
    until(lambda: window.notice.text == "The end.")
    assert window.video.has_image  # the last picture stays
    assert window.windowTitle() == "fake - MobileNet-SSD Live"
    assert window.status.source.text() == "fake  6 x 4"
    window.notice._action.click()
    until(lambda: len(bench.made) == 2)
    until(lambda: window.notice.text == "The end.")


def test_a_wrong_source_is_said_and_the_window_goes_on(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    window.open_source("nothing")
    until(lambda: window.page.title.text() == "There is no nothing.")
    assert window.page.text.text() == "Name another."
    bench.sources["nothing"] = FakeSource(3)
    window.page.click("Try again")
    until(lambda: window.notice.text == "The end.")


def test_a_wrong_source_leaves_what_plays(
    window: MainWindow, playing: Gate, until: Until
) -> None:
    window.open_source("nothing")
    until(lambda: window.notice.text == "There is no nothing. Name another.")
    assert window.notice.kind == "error"
    assert window.video.isVisible()
    assert window._player.source_text == "clip"
    playing.open()
    until(lambda: not window._player.is_running)


def test_without_a_model_one_is_asked_for_and_then_it_plays(
    window: MainWindow, bench: Bench, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ModelError("There is no model file m.onnx.", "Choose another.")

    bench.sources["clip"] = FakeSource(3)
    bench.detectors["cpu"] = FakeDetector(on_open=missing)
    window.open_source("clip")
    until(lambda: "no model file" in window.page.title.text())
    assert window.page.command.text == bench.build.shown
    until(lambda: not window._player.is_running)
    bench.detectors.clear()
    monkeypatch.setattr(
        "app.gui.opening.opener.QFileDialog.getOpenFileName",
        lambda *_: ("/other.onnx", ""),
    )
    window.page.click("Open model…")
    until(lambda: window.notice.text == "The end.")
    assert bench.made[-1] == ("other.onnx", "cpu")


def test_an_unexpected_error_can_be_copied(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    def bug(_: int) -> None:
        raise ZeroDivisionError("oh no")

    bench.sources["clip"] = FakeSource(3)
    bench.detectors["cpu"] = FakeDetector(before=bug)
    window.open_source("clip")
    until(lambda: "oh no" in window.page.text.text())
    window.page.copy_details.click()
    assert "ZeroDivisionError: oh no" in QGuiApplication.clipboard().text()


def test_space_pauses_and_goes_on(
    window: MainWindow, playing: Gate, player: Player
) -> None:
    seen = []
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_Space)
        seen.append((player.is_paused, window.actions_.pause.text()))
    assert seen == [(True, "Resume"), (False, "Pause")]
    playing.open()


def test_a_click_records_and_another_finishes(
    window: MainWindow, playing: Gate, bench: Bench, until: Until, tmp_path: Path
) -> None:
    assert window.actions_.record.isEnabled()
    window.actions_.record.trigger()
    until(lambda: window.actions_.record.text() == "Stop recording")
    assert window.status.recording.isVisible()
    playing.open()
    until(lambda: "Recorded" in window.notice.text)
    path, recorder = bench.recorders[0]
    assert path.parent == tmp_path / "recordings"
    assert path.suffix == ".mp4"
    assert str(path) in window.notice.text
    assert recorder.closed_by == "record"
    assert window.actions_.record.text() == "Record"
    assert not window.status.recording.isVisible()


def test_s_saves_the_picture_that_is_shown_on_another_thread(
    window: MainWindow, playing: Gate, bench: Bench, until: Until, tmp_path: Path
) -> None:
    assert window.video.result is not None
    frame = window.video.result.frame
    QTest.keyClick(window, Qt.Key.Key_S)
    until(lambda: len(bench.snapshots) == 1)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: len(bench.snapshots) == 2)
    (boxed, plain) = bench.snapshots
    assert plain is frame.image_bgr
    assert boxed is not plain  # drawn on a copy
    assert bench.saved_by == {"errands"}
    path = str(tmp_path / "recordings" / "snapshot.png")
    until(lambda: path in window.notice.text)
    playing.open()


def test_a_snapshot_that_cannot_be_saved_is_said(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    bench.snapshot_error = RecordingError("The disk is full.", "Make room.")
    window.actions_.snapshot.trigger()
    until(lambda: window.notice.text == "The disk is full. Make room.")
    assert window.notice.kind == "error"
    playing.open()


def test_without_a_picture_there_is_nothing_to_save(
    window: MainWindow, bench: Bench
) -> None:
    assert not window.actions_.snapshot.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_S)
    assert not bench.snapshots


def test_two_recordings_in_one_second_have_two_names(tmp_path: Path) -> None:
    first = new_recording(tmp_path)
    first.touch()
    assert first != new_recording(tmp_path)


def test_a_recording_that_fails_is_said_and_the_show_goes_on(
    window: MainWindow, playing: Gate, bench: Bench, player: Player, until: Until
) -> None:
    def full() -> None:
        raise RecordingError("The disk is full.", "Make room.")

    bench.make_recorder = lambda: FakeRecorder(on_open=full)
    window.actions_.record.trigger()
    until(lambda: window.notice.text == "The disk is full. Make room.")
    assert player.is_running
    assert window.actions_.record.text() == "Record"
    playing.open()


def choose(window: MainWindow, device: str, until: Until) -> None:
    box = window.sections.backend.device
    until(lambda: box.findData(device) >= 0)
    index = box.findData(device)
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_the_badge_is_what_runs_not_what_was_asked_for(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    is_loading = threading.Event()

    def load() -> None:
        assert is_loading.wait(WAIT_S)

    bench.detectors["auto"] = FakeDetector(on_open=load)  # a CPU, as all fakes are
    choose(window, "auto", until)
    assert window.toolbar.badge.text() == "Switching…"
    assert not window.sections.backend.device.isEnabled()
    is_loading.set()
    until(lambda: window.toolbar.badge.text() == "CPU")
    assert window.sections.backend.device.isEnabled()
    assert window.sections.backend.device.currentData() == "auto"
    playing.open()


def test_a_gpu_that_cannot_be_had_puts_the_selector_back_and_says_why(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    def fail() -> None:
        raise ModelError("The model cannot run on the GPU: no driver.", "Choose CPU.")

    bench.detectors["cuda"] = FakeDetector(on_open=fail)
    choose(window, "cuda", until)
    until(lambda: "no driver" in window.notice.text)
    assert window.sections.backend.device.currentData() == "cpu"
    assert window.toolbar.badge.text() == "CPU"
    playing.open()


def test_the_score_slider_reaches_the_detector(
    window: MainWindow, player: Player
) -> None:
    window.sections.detection.score.setValue(73)
    assert player.settings.score_threshold == pytest.approx(0.73)
    assert window.sections.detection.score.value_label.text() == "73 %"


def test_the_camera_menu_names_the_cameras(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    def titles() -> list[str]:
        return [action.text() for action in window.opener.camera_menu.actions()]

    bench.cameras = [(0, "Integrated Camera"), (2, "Logi C920")]
    window.opener.camera_menu.aboutToShow.emit()
    until(lambda: titles()[:2] == ["Integrated Camera", "Logi C920"])
    bench.cameras = []
    window.opener.camera_menu.aboutToShow.emit()
    until(lambda: titles()[0] == "No camera found")
    assert not window.opener.camera_menu.actions()[0].isEnabled()


def test_a_camera_is_opened_by_its_title_from_the_menu(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.cameras = [(0, "Integrated Camera"), (2, "Logi C920")]
    bench.sources["Logi C920"] = FakeSource(3, is_live=True)
    window.opener.camera_menu.aboutToShow.emit()
    until(lambda: len(window.opener.camera_menu.actions()) == 4)
    window.opener.camera_menu.actions()[1].trigger()
    until(lambda: bench.sources["Logi C920"].opened_by == "capture")


def test_a_camera_that_is_pulled_out_is_waited_for_calmly(
    window: MainWindow, bench: Bench, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.gui.bars.messages.BACK_AGAIN_MS", 200)
    gates = [Gate() for _ in range(6)]
    bench.sources["0"] = FakeSource(6, is_live=True, before=lambda i: gates[i](i))
    bench.sources["0"].gaps = {1: "Logi was unplugged.", 2: "Logi is busy."}
    window.open_source("0")
    for gate in gates[:2]:
        gate.open()
    until(lambda: window.notice.text.startswith("Logi was unplugged. It goes on"))
    assert window.notice.kind == "warning"
    gates[2].open()
    until(lambda: window.notice.text.startswith("Logi is busy."))
    gates[3].open()
    until(lambda: window.notice.text.startswith("Back again after"))
    assert window.notice.kind == "info"
    until(lambda: not window.notice.text)
    for gate in gates[4:]:
        gate.open()
    until(lambda: not window._player.is_running)


def test_a_dropped_file_plays(window: MainWindow, bench: Bench, until: Until) -> None:
    path = str(Path("/videos/clip.mp4"))
    bench.sources[path] = FakeSource(3)
    assert drop(window, files(path))
    until(lambda: bench.sources[path].opened_by == "capture")


def test_settings_and_size_come_back(
    window: MainWindow, bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    window.sections.detection.score.setValue(31)
    window.resize(780, 600)  # the offscreen screen is 800 wide
    window.close()
    window._player.chores.stop(WAIT_S)
    settings = Settings.load(tmp_path / "settings.json")
    assert settings.score_threshold == pytest.approx(0.31)
    player = Player(bench.factories(), settings=settings, model_path=Path("m.onnx"))
    again = make_window(player, bench, tmp_path)
    qtbot.addWidget(again)
    assert again.sections.detection.score.value() == 31
    assert (again.width(), again.height()) == (780, 600)
    again.close()
    assert player.shut_down(WAIT_S) == []


@pytest.fixture
def recording(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> Iterator[threading.Event]:
    """A recording whose disk is slow: it goes on when the event is set."""
    is_writing, may_go_on = threading.Event(), threading.Event()

    def slow(_: int) -> None:
        is_writing.set()
        assert may_go_on.wait(WAIT_S)

    bench.make_recorder = lambda: FakeRecorder(before=slow)
    window.actions_.record.trigger()
    until(lambda: window._player.is_recording)
    playing.open()
    until(is_writing.is_set)
    yield may_go_on
    may_go_on.set()


def test_closing_while_recording_asks_once_and_finishes_the_file(
    window: MainWindow, recording: threading.Event, bench: Bench, until: Until
) -> None:
    window.close()
    window.close()
    questions = window.findChildren(CloseQuestion)
    assert len(questions) == 1
    assert window.isVisible()
    questions[0].finish.click()
    assert not window.isVisible()
    _, recorder = bench.recorders[0]
    assert recorder.closed_by == ""
    recording.set()
    until(lambda: recorder.closed_by == "record")
    until(lambda: not window._player.is_recording)


def test_escape_goes_on_recording(
    window: MainWindow, recording: threading.Event, player: Player, until: Until
) -> None:
    window.close()
    (question,) = window.findChildren(CloseQuestion)
    QTest.keyClick(question, Qt.Key.Key_Escape)
    assert player.is_recording
    assert window.isVisible()
    until(lambda: not window.findChildren(CloseQuestion))
    window.close()  # a change of mind asks again
    assert window.findChildren(CloseQuestion)


def test_nothing_is_asked_once_the_recording_has_ended_by_itself(
    window: MainWindow, recording: threading.Event, until: Until
) -> None:
    window.close()
    recording.set()  # the file ends, too
    until(lambda: not window.isVisible())


def test_a_signal_finishes_the_recording_unasked(
    window: MainWindow, recording: threading.Event, bench: Bench, until: Until
) -> None:
    window.close_without_asking()
    assert not window.findChildren(CloseQuestion)
    recording.set()
    until(lambda: bench.recorders[0][1].closed_by == "record")
    until(lambda: not window._player.is_running)


def test_closing_is_prompt_though_a_camera_hangs(
    window: MainWindow, player: Player, bench: Bench, qtbot: QtBot
) -> None:
    gate = Gate()
    bench.sources["hangs"] = FakeSource(3, is_live=True, before=gate)
    with qtbot.waitSignal(player.opened, timeout=WAIT_MS):
        window.open_source("hangs")
    assert window.close()
    gate.open()


def test_controls_have_names_for_those_who_cannot_see_them(window: MainWindow) -> None:
    for widget in (
        window.sections.backend.device,
        window.toolbar.badge,
        window.sections.detection.score,
        window.video,
    ):
        assert widget.accessibleName()


def test_a_paused_picture_is_scaled_beside_the_window_when_it_is_zoomed(
    window: MainWindow, playing: Gate, player: Player, qtbot: QtBot
) -> None:
    """The window's own thread only copies: also where no new frame comes."""
    with qtbot.waitSignal(  # a window that has just opened may be scaled once more
        player.rescaled,
        timeout=WAIT_MS,
        check_params_cb=lambda _, screen: screen.viewport.zoom > 1,
    ) as rescaled:
        window.actions_.zoom_in.trigger()
    assert window.video.result is not None
    frame, screen = rescaled.args
    assert frame is window.video.result.frame
    assert screen.viewport == window.video.viewport
    assert screen.viewport.zoom > 1
    playing.open()


def test_shift_and_arrows_move_the_zoomed_picture(
    window: MainWindow, playing: Gate
) -> None:
    shift = Qt.KeyboardModifier.ShiftModifier
    before = window.video.viewport
    QTest.keyClick(window, Qt.Key.Key_Right, shift)
    assert window.video.viewport == before  # all of it is seen
    window.actions_.zoom_in.trigger()
    zoomed = window.video.viewport
    QTest.keyClick(window, Qt.Key.Key_Right, shift)
    assert window.video.viewport.center_xy[0] > zoomed.center_xy[0]
    QTest.keyClick(window, Qt.Key.Key_Up, shift)
    assert window.video.viewport.center_xy[1] < zoomed.center_xy[1]
    playing.open()
