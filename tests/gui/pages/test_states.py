"""Every page that stands in for a picture, and the way on from it."""

import json
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.errors import ModelError, SourceError
from app.gui.pages.model_builder import BuildCommand, ModelBuilder
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from tests.fakes import WAIT_S, FakeDetector, FakeFile, FakeSource
from tests.gui.conftest import Bench, make_window
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import WAIT_MS, Until
from tests.gui.test_window import playing as playing  # fixtures
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui


def texts(window: MainWindow) -> list[str]:
    return [button.text().strip() for button in window.page.buttons]


# --- first start, cameras -----------------------------------------------------


def test_first_one_click_plays_the_clip(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["clip.mp4"] = FakeSource(3)
    assert window.page.isVisible()
    window.page.click("Play the street clip")
    until(lambda: window.video.isVisible())
    until(lambda: window.notice.text == "The end.")


def test_a_camera_that_is_plugged_in_becomes_a_button(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    until(lambda: window.page.title.text() == "No camera found")
    assert texts(window)[0] == "Play the street clip"
    bench.cameras = [(0, "Logi C920")]
    bench.sources["Logi C920"] = FakeSource(3, is_live=True)
    until(lambda: texts(window)[0] == "Logi C920")
    assert window.page.title.text() == "What do you want to watch?"
    window.page.click("Logi C920")
    until(lambda: bench.sources["Logi C920"].opened_by == "capture")
    assert window.sections.source.camera.findData("Logi C920") > 0


def test_what_is_already_open_is_not_disturbed_by_a_new_camera(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    bench.cameras = [(0, "Logi C920")]
    window.watch.wake()  # it looks less often while something plays
    until(lambda: window.sections.source.camera.count() == 2)
    assert window.video.isVisible()
    playing.open()


def test_a_closed_source_leads_back_to_the_start(
    window: MainWindow, playing: Gate, until: Until
) -> None:
    window.actions_.close_source.trigger()
    playing.open()
    until(lambda: not window._player.is_running)
    assert window.page.isVisible()
    assert window.windowTitle() == "MobileNet-SSD Live"
    assert not window.notice.text
    assert window.toolbar.badge.text() == "Idle"


def test_nothing_plays_unasked_and_the_last_source_is_one_click_away(
    player: Player, bench: Bench, qtbot: QtBot, until: Until, tmp_path: Path
) -> None:
    bench.cameras = [(0, "Logi C920")]
    bench.sources["Logi C920"] = camera = FakeSource(3, is_live=True)
    bench.sources["/videos/holiday.mp4"] = FakeSource(3)
    recent = ["/videos/holiday.mp4", "Logi C920"]
    (tmp_path / "recent.json").write_text(json.dumps(recent))
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    window.show()
    until(lambda: window.watch.has_looked)
    until(lambda: texts(window)[:2] == ["Go on with holiday.mp4", "Logi C920"])
    assert window.page.text.text().startswith("Drop a video")
    assert window.page.isVisible()
    assert not player.is_running
    assert not camera.opened_by  # no light goes on
    window.page.click("Go on with holiday.mp4")
    until(lambda: window.notice.text == "The end.")
    window.close_source()
    window.opener.remember("Logi C920")
    window.close_source()
    assert texts(window)[:2] == ["Go on with Logi C920", "Play the street clip"]


# --- opening ------------------------------------------------------------------


def test_a_slow_source_is_waited_for_and_can_be_given_up(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    gate = Gate()
    bench.sources["Logi"] = FakeSource(3, is_live=True, on_open=lambda: gate(1))
    window.open_source("Logi")
    until(lambda: window.page.title.text() == "Opening Logi")
    assert window.page.state.is_waiting
    window.page.click("Cancel")
    assert "street clip" in texts(window)[0]
    gate.open()
    until(lambda: not window._player.is_running)
    assert window.page.isVisible()  # what came too late is not shown


def test_a_slow_first_start_can_be_moved_to_the_cpu(
    window: MainWindow, player: Player, bench: Bench, until: Until
) -> None:
    gate = Gate()
    bench.detectors["cuda"] = FakeDetector(on_open=lambda: gate(1))
    bench.sources["clip"] = FakeSource(3)
    until(lambda: window.sections.backend.device.count() == 4)
    player.use_device("cuda")
    player._patience.setInterval(20)
    window.open_source("clip")
    until(lambda: window.page.title.text() == "Loading the detector")
    assert window.page.text.text().startswith("NVIDIA GPU (CUDA) is made ready.")
    window.page.click("Use the CPU instead")
    until(lambda: window.notice.text == "The end.")
    assert bench.made[-1] == ("m.onnx", "cpu")
    assert window.sections.backend.device.currentData() == "cpu"
    gate.open()


def test_a_place_that_hangs_holds_up_neither_the_window_nor_the_next_source(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    gate = Gate()
    make = bench.factories().make_source

    def slow(text: str) -> FakeSource:
        if text == "//nas/video.mp4":
            gate(1)
        source = make(text)
        assert isinstance(source, FakeSource)
        return source

    object.__setattr__(window._player._factories, "make_source", slow)
    bench.sources |= {"//nas/video.mp4": FakeSource(3), "clip": FakeSource(3)}
    window.open_source("//nas/video.mp4")
    until(lambda: window.page.title.text() == "Opening video.mp4")
    window.open_source("clip")
    until(lambda: window.notice.text == "The end.")
    gate.open()
    assert window._player.source_text == "clip"


def test_a_source_that_fails_can_be_tried_again(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    def busy() -> None:
        raise SourceError("Logi is busy.", "Close the other program.")

    bench.sources["Logi"] = FakeSource(3, is_live=True, on_open=busy)
    window.open_source("Logi")
    until(lambda: window.page.title.text() == "Logi is busy.")
    assert window.page.text.text() == "Close the other program."
    until(lambda: not window._player.is_running)
    bench.sources["Logi"] = FakeSource(3, is_live=True)
    window.page.click("Try again")
    until(lambda: window.video.has_image)


def test_a_failure_amid_the_show_leaves_the_last_picture(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    def broken(index: int) -> None:
        if index == 2:
            raise SourceError("The file is damaged.", "Get another copy.")

    bench.sources["clip"] = FakeSource(3, before=broken)
    window.open_source("clip")
    until(lambda: window.notice.text == "The file is damaged. Get another copy.")
    assert window.video.isVisible()
    until(lambda: not window._player.is_running)
    assert window.notice.kind == "error"


# --- the end ------------------------------------------------------------------


def test_at_the_end_of_a_file_it_says_so_until_it_goes_on(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["clip"] = FakeFile(4)
    window.open_source("clip")
    until(lambda: window.notice.text == "The end.")
    window.notice._action.click()  # "Play again"
    until(lambda: bench.sources["clip"].sought[-1:] == [0.0])  # type: ignore[attr-defined] # a FakeFile
    until(lambda: window.notice.text == "The end.")
    window.actions_.pause.trigger()
    assert not window.notice.text


def test_at_the_last_of_some_photos_nothing_is_said(
    window: MainWindow, bench: Bench, until: Until, player: Player
) -> None:
    bench.sources["photos"] = FakeFile(2, is_stills=True)
    window.open_source("photos")
    until(lambda: player.can_seek and window.video.has_image)
    player.seek(99.0)
    until(
        lambda: window.video.result is not None and window.video.result.frame.index == 1
    )
    assert not window.notice.text


# --- no model -----------------------------------------------------------------


def missing() -> None:
    raise ModelError("There is no model file m.onnx.", "Build one.")


def python(code: str, model: Path, *, can_run: bool = True) -> BuildCommand:
    return BuildCommand(
        sys.executable, ("-u", "-c", code), model, "make it", can_run=can_run
    )


@pytest.fixture
def without_model(
    player: Player, bench: Bench, qtbot: QtBot, until: Until, tmp_path: Path
) -> MainWindow:
    """A window that found no model, and can build one at the third line of input."""
    code = "print('Reading weights'); print('Exporting ...', flush=True); input()"
    bench.build = python(code, tmp_path / "built.onnx")
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    window.show()
    bench.sources["clip"] = FakeSource(3)
    bench.detectors["cpu"] = FakeDetector(on_open=missing)
    window.open_source("clip")
    until(lambda: window.page.title.text() == "There is no model file m.onnx.")
    until(lambda: not player.is_running)
    return window


@pytest.fixture
def building(without_model: MainWindow, until: Until) -> MainWindow:
    """The same, at the second line of a build."""
    without_model.page.click("Build it from the bundled weights")
    until(lambda: without_model.page.text.text() == "Exporting ...")
    return without_model


def test_a_missing_model_is_built_and_then_it_plays(
    without_model: MainWindow, bench: Bench, until: Until
) -> None:
    window = without_model
    assert window.page.command.text == "make it"
    window.page.click("Build it from the bundled weights")
    assert window.page.state.is_waiting
    until(lambda: window.page.text.text() == "Exporting ...")
    bench.detectors.clear()
    window.builder._process.write(b"go on\n")
    until(lambda: window.notice.text == "The end.")
    assert bench.made[-1] == ("built.onnx", "cpu")


def test_a_model_that_fails_before_the_source_is_open_is_told_all_the_same(
    window: MainWindow, bench: Bench, until: Until, player: Player
) -> None:
    gate = Gate()
    bench.sources["clip"] = FakeSource(3, on_open=lambda: gate(1))
    bench.detectors["cpu"] = FakeDetector(on_open=missing)
    window.open_source("clip")
    until(lambda: window.page.title.text() == "There is no model file m.onnx.")
    gate.open()
    until(lambda: not player.is_running)
    assert window.page.title.text() == "There is no model file m.onnx."


def test_a_build_can_be_cancelled_and_begun_again(
    without_model: MainWindow, until: Until
) -> None:
    window = without_model
    window.page.click("Build it from the bundled weights")
    until(lambda: window.builder.is_running)
    window.page.click("Cancel")
    until(lambda: window.page.title.text() == "The model was not built")
    assert window.page.text.text() == "It was cancelled."
    window.page.click("Build again")
    until(lambda: window.page.text.text() == "Exporting ...")


def test_closing_ends_the_build(without_model: MainWindow, until: Until) -> None:
    window = without_model
    window.page.click("Build it from the bundled weights")
    until(lambda: window.builder.is_running)
    window.close()
    assert not window.builder.is_running


def test_what_a_failed_build_wrote_can_be_copied(qtbot: QtBot, tmp_path: Path) -> None:
    builder = ModelBuilder(python("print('no room'); raise SystemExit(2)", tmp_path))
    with qtbot.waitSignal(builder.failed, timeout=WAIT_MS) as failed:
        builder.start()
    assert failed.args == ["no room"]


def test_a_failed_build_shows_its_last_line(building: MainWindow, until: Until) -> None:
    window = building
    window.builder._process.closeWriteChannel()  # input() fails: EOFError
    until(lambda: window.page.title.text() == "The model was not built")
    assert window.page.text.text().startswith("EOFError")
    window.page.copy_details.click()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("Reading weights\nExporting ...")
    assert copied.splitlines()[-1] == window.page.text.text()


def test_a_build_that_fails_unwatched_changes_no_other_page(
    building: MainWindow, until: Until
) -> None:
    window = building
    window.close_source()
    welcome = ["Go on with clip", "Play the street clip"]
    until(lambda: texts(window)[:2] == welcome)
    window.builder._process.closeWriteChannel()
    until(lambda: not window.builder.is_running)
    assert texts(window)[:2] == welcome


def test_a_program_that_is_not_there_fails_too(qtbot: QtBot, tmp_path: Path) -> None:
    command = BuildCommand("/no/such/python", (), tmp_path, "", can_run=True)
    builder = ModelBuilder(command)
    with qtbot.waitSignal(builder.failed, timeout=WAIT_MS) as failed:
        builder.start()
    assert failed.args is not None
    assert failed.args[0]


def test_where_it_cannot_be_built_the_command_is_all_there_is(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["clip"] = FakeSource(3)
    bench.detectors["cpu"] = FakeDetector(on_open=missing)
    window.open_source("clip")
    until(lambda: window.page.title.text() == "There is no model file m.onnx.")
    assert texts(window) == ["Open model…"]
    window.page.command.copy.click()
    assert QGuiApplication.clipboard().text() == bench.build.shown


# --- nothing slow on the window's thread --------------------------------------


def test_opening_listing_and_saving_are_done_elsewhere(
    window: MainWindow, player: Player, bench: Bench, until: Until, tmp_path: Path
) -> None:
    threads: dict[str, str] = {}

    def note(name: str) -> None:
        threads[name] = threading.current_thread().name

    factories = bench.factories()

    def make_source(text: str) -> FakeSource:
        note("make source")
        source = factories.make_source(text)
        assert isinstance(source, FakeSource)
        return source

    object.__setattr__(player._factories, "make_source", make_source)
    window.watch._list_cameras = lambda: note("cameras") or []  # type: ignore[func-returns-value] # None
    window.watch.look()
    bench.sources["clip"] = FakeSource(3)
    window.open_source("clip")
    until(lambda: window.notice.text == "The end.")
    window.saver.save()
    until(lambda: len(threads) == 2)
    player.chores.stop(WAIT_S)
    assert set(threads.values()) == {"errands"}
