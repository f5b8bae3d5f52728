"""Badge, settings and box tell the truth in every order of loads and switches."""

from pathlib import Path

import pytest

from app.errors import DeviceError, ModelError
from app.gui.playing.player import Player
from app.gui.playing.switching import Choice, Switching
from app.gui.window import MainWindow
from tests.fakes import FakeDetector, FakeSource
from tests.gui.conftest import Bench
from tests.gui.panel.test_panel import Told
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import playing as playing  # fixtures
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui

CUDA = "CUDAExecutionProvider"
NO_DRIVER = DeviceError("NVIDIA GPU (CUDA) cannot be had: no driver.", "Install one.")


def broken() -> None:
    raise NO_DRIVER


def shown(window: MainWindow) -> tuple[str, str, str]:
    """What the badge, the box and the settings say."""
    return (
        window.toolbar.badge.text(),
        window.sections.backend.device.currentData(),
        window._player.settings.device,
    )


# --- the law, without a window ------------------------------------------------


def choice(device: str) -> Choice:
    return Path("m.onnx"), device


def state(switching: Switching) -> tuple[str, str, bool]:
    """The devices that run and are wanted, and whether they differ for now."""
    return switching.running[1], switching.wanted[1], switching.is_switching


def test_of_many_switches_what_runs_is_what_took_over() -> None:
    first, second, third = FakeDetector(), FakeDetector(), FakeDetector()
    switching = Switching(choice("cpu"))
    switching.begin(first)
    switching.ask(second, choice("cuda"))
    switching.ask(third, choice("openvino"))
    switching.took_over(first)  # the first load was not over yet
    assert state(switching) == ("cpu", "openvino", True)
    switching.gave_up(second)  # nobody waits for that one any more
    assert state(switching) == ("cpu", "openvino", True)
    switching.took_over(third)
    assert state(switching) == ("openvino", "openvino", False)


def test_what_is_given_up_leaves_what_runs() -> None:
    first, second = FakeDetector(), FakeDetector()
    switching = Switching(choice("cpu"))
    switching.begin(first)
    switching.took_over(first)
    switching.ask(second, choice("cuda"))
    switching.gave_up(second)
    assert state(switching) == ("cpu", "cpu", False)


# --- in the window ------------------------------------------------------------


def test_a_switch_during_the_first_load_that_fails_leaves_what_was_loaded(
    window: MainWindow, player: Player, bench: Bench, until: Until
) -> None:
    gate, film = Gate(), Gate()
    bench.sources["clip"] = FakeSource(3, before=film)
    bench.detectors["cpu"] = FakeDetector(on_open=lambda: gate(1))
    bench.detectors["cuda"] = FakeDetector(on_open=broken)
    window.open_source("clip")
    until(lambda: gate.was_reached)
    window.sections.backend.device_chosen.emit("cuda")
    assert shown(window)[0] == "Switching…"
    gate.open()
    until(lambda: "no driver" in window.notice.text)
    assert shown(window) == ("CPU", "cpu", "cpu")
    assert not player.is_switching
    film.open()


def test_a_switch_during_the_first_load_that_goes_well_is_told_once_it_runs(
    window: MainWindow, player: Player, bench: Bench, until: Until
) -> None:
    gate, second, film = Gate(), Gate(), Gate()
    bench.sources["clip"] = FakeSource(3, before=film)
    bench.detectors["cpu"] = FakeDetector(on_open=lambda: gate(1))
    bench.detectors["cuda"] = Told(on_open=lambda: second(1), provider=CUDA)
    window.open_source("clip")
    until(lambda: gate.was_reached)
    window.sections.backend.device_chosen.emit("cuda")
    gate.open()
    until(lambda: second.was_reached)
    assert shown(window)[0] == "Switching…"
    second.open()
    until(lambda: shown(window) == ("CUDA", "cuda", "cuda"))
    film.open()


def test_a_switch_given_up_during_the_first_load_does_not_happen(
    window: MainWindow, player: Player, bench: Bench, until: Until
) -> None:
    gate, film = Gate(), Gate()
    bench.sources["clip"] = FakeSource(3, before=film)
    bench.detectors["cpu"] = FakeDetector(on_open=lambda: gate(1))
    bench.detectors["cuda"] = Told(provider=CUDA)
    window.open_source("clip")
    until(lambda: gate.was_reached)
    window.sections.backend.device_chosen.emit("cuda")
    window.sections.backend.cancel.click()
    gate.open()
    until(lambda: window.video.has_image)
    until(lambda: shown(window) == ("CPU", "cpu", "cpu"))
    assert bench.detectors["cuda"].opened == 0
    film.open()


def test_a_second_switch_that_fails_leaves_the_first(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    bench.detectors["cuda"] = Told(provider=CUDA)
    bench.detectors["openvino"] = FakeDetector(on_open=broken)
    window.sections.backend.device_chosen.emit("cuda")
    until(lambda: shown(window) == ("CUDA", "cuda", "cuda"))
    window.sections.backend.device_chosen.emit("openvino")
    until(lambda: "no driver" in window.notice.text)
    assert shown(window) == ("CUDA", "cuda", "cuda")
    playing.open()


def test_what_fails_to_load_while_another_is_chosen_makes_way_for_it(
    window: MainWindow, player: Player, bench: Bench, until: Until
) -> None:
    gate = Gate()

    def fail_late() -> None:
        gate(1)
        broken()

    bench.sources["clip"] = FakeSource(3)
    bench.detectors["cuda"] = FakeDetector(on_open=fail_late)
    player.use_device("cuda")
    window.open_source("clip")
    until(lambda: gate.was_reached)
    window.sections.backend.device_chosen.emit("cpu")
    bench.sources["clip"] = FakeSource(3)
    gate.open()
    until(lambda: window.notice.text == "The end.")
    assert bench.made[-1] == ("m.onnx", "cpu")


def test_a_device_that_fails_first_offers_the_cpu_and_no_building(
    window: MainWindow, player: Player, bench: Bench, until: Until
) -> None:
    bench.sources["clip"] = FakeSource(3)
    bench.detectors["cuda"] = FakeDetector(on_open=broken)
    player.use_device("cuda")
    window.open_source("clip")
    until(lambda: window.page.title.text() == NO_DRIVER.problem)
    assert window.page.text.text() == NO_DRIVER.remedy
    assert [b.text() for b in window.page.buttons] == ["Use the CPU", "Try again"]
    until(lambda: not player.is_running)
    assert shown(window) == ("Idle", "cuda", "cuda")
    window.page.click("Use the CPU")
    until(lambda: window.notice.text == "The end.")
    assert bench.made[-1] == ("m.onnx", "cpu")
    assert shown(window)[1:] == ("cpu", "cpu")


def test_the_panel_leads_on_from_a_device_that_failed(
    window: MainWindow, player: Player, bench: Bench, until: Until
) -> None:
    bench.sources["clip"] = FakeSource(3)
    bench.detectors["cuda"] = FakeDetector(on_open=broken)
    player.use_device("cuda")
    window.open_source("clip")
    until(lambda: window.page.title.text() == NO_DRIVER.problem)
    until(lambda: not player.is_running)
    window.sections.backend.device_chosen.emit("cpu")
    until(lambda: window.notice.text == "The end.")


def test_a_device_that_fails_while_it_plays_offers_the_cpu(
    window: MainWindow, player: Player, bench: Bench, until: Until
) -> None:
    gate = Gate()

    def crash(number: int) -> None:
        gate(number)
        if number == 1:
            broken()

    bench.sources["clip"] = FakeSource(3)
    bench.detectors["cuda"] = FakeDetector(before=crash)
    player.use_device("cuda")
    window.open_source("clip")
    until(lambda: window.video.has_image)
    gate.open()
    until(lambda: "no driver" in window.notice.text)
    until(lambda: not player.is_running)
    assert window.notice._action.text() == "Use the CPU"
    bench.sources["clip"] = FakeSource(3)
    window.notice._action.click()
    until(lambda: window.notice.text == "The end.")
    assert bench.made[-1] == ("m.onnx", "cpu")


def test_a_source_that_failed_is_not_opened_again_by_a_device(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    window.open_source("nothing")
    until(lambda: window.page.title.text() == "There is no nothing.")
    bench.sources["nothing"] = FakeSource(3)
    window.sections.backend.device_chosen.emit("cuda")
    assert not window._player.is_running


def test_a_chosen_device_is_on_the_disk_a_moment_later(
    window: MainWindow, playing: Gate, until: Until, tmp_path: Path
) -> None:
    window.saver._timer.setInterval(20)
    window.sections.backend.device_chosen.emit("cuda")
    path = tmp_path / "settings.json"
    until(lambda: path.exists() and '"device": "cuda"' in path.read_text())
    playing.open()


def test_a_model_error_still_leads_to_a_model(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    def missing() -> None:
        raise ModelError("There is no model file m.onnx.", "Choose another.")

    bench.sources["clip"] = FakeSource(3)
    bench.detectors["cpu"] = FakeDetector(on_open=missing)
    window.open_source("clip")
    until(lambda: "no model file" in window.page.title.text())
    assert "Use the CPU" not in [b.text() for b in window.page.buttons]
