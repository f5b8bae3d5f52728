"""What app.gui.playing.player promises."""

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.errors import ModelError, SourceError
from app.gui.playing import player as player_module
from app.gui.playing.player import Player
from tests.fakes import WAIT_S, FakeDetector, FakeSource
from tests.gui.conftest import Bench

pytestmark = pytest.mark.gui
WAIT_MS = int(1000 * WAIT_S)


class Gate:
    """Holds a source before its second frame until it is opened.

    Attributes:
        was_reached: somebody stands before it, or did.
    """

    def __init__(self) -> None:
        self._open = threading.Event()
        self.was_reached = False

    def __call__(self, index: int) -> None:
        if index > 0:
            self.was_reached = True
            assert self._open.wait(WAIT_S)

    def open(self) -> None:
        self._open.set()


def test_a_file_plays_to_its_end(player: Player, bench: Bench, qtbot: QtBot) -> None:
    bench.sources["clip"] = FakeSource(5)
    with qtbot.waitSignals(
        [player.opened, player.detector_opened, player.finished], timeout=WAIT_MS
    ):
        player.open("clip")
    assert not player.is_running
    assert player.detector_info is not None
    assert player.detector_info.device == "CPU"


def test_a_source_that_cannot_be_is_reported(
    player: Player, bench: Bench, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(player.failed, timeout=WAIT_MS) as failed:
        player.open("nothing")
    assert failed.args is not None
    assert str(failed.args[1]) == "There is no nothing. Name another."
    assert not player.is_running


def test_another_source_starts_when_the_one_before_has_ended(
    player: Player, bench: Bench, qtbot: QtBot
) -> None:
    first, second = FakeSource(10**6, is_live=True), FakeSource(3)
    bench.sources |= {"first": first, "second": second}
    with qtbot.waitSignal(player.result_ready, timeout=WAIT_MS):
        player.open("first")
    with qtbot.waitSignal(player.finished, timeout=WAIT_MS):
        player.open("second")
    assert first.closed_by == "capture"
    assert second.opened_by == "capture"
    assert player.source_text == "second"


def test_a_camera_that_hangs_holds_nobody_up(
    player: Player, bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    bench.sources["hangs"] = FakeSource(3, is_live=True, before=gate)
    bench.sources["clip"] = FakeSource(3)
    player._patience.setInterval(20)
    with qtbot.waitSignal(player.opened, timeout=WAIT_MS):
        player.open("hangs")
    with qtbot.waitSignal(player.finished, timeout=WAIT_MS):
        player.open("clip")
    names: list[str] = []
    player.opened.connect(lambda info: names.append(info.name))
    hanging = bench.sources["hangs"]
    gate.open()  # what the abandoned run says now is nobody's business
    qtbot.waitUntil(lambda: hanging.closed_by == "capture", timeout=WAIT_MS)
    assert names == []
    assert not player.is_running


def test_a_run_that_was_left_is_still_told_at_the_end(
    player: Player, bench: Bench, qtbot: QtBot
) -> None:
    """Whoever ends the process has to know of it, whatever has played since."""
    gate = Gate()
    bench.sources["hangs"] = FakeSource(3, is_live=True, before=gate)
    bench.sources["clip"] = FakeSource(3)
    player._patience.setInterval(20)
    with qtbot.waitSignal(player.opened, timeout=WAIT_MS):
        player.open("hangs")
    with qtbot.waitSignal(player.finished, timeout=WAIT_MS):
        player.open("clip")
    assert player.shut_down(1.0) == ["capture"]
    hanging = bench.sources["hangs"]
    gate.open()
    qtbot.waitUntil(lambda: hanging.closed_by == "capture", timeout=WAIT_MS)


def test_switching_the_device_tells_what_runs(
    player: Player, bench: Bench, qtbot: QtBot
) -> None:
    gate = Gate()
    bench.sources["clip"] = FakeSource(3, before=gate)
    bench.detectors["cuda"] = FakeDetector(name="on the gpu")
    with qtbot.waitSignal(player.detector_opened, timeout=WAIT_MS):
        player.open("clip")
    with qtbot.waitSignal(player.detector_opened, timeout=WAIT_MS):
        player.use_device("cuda")
        assert player.is_switching
    info = player.detector_info
    assert info is not None
    assert info.model_name == "on the gpu"
    assert player.settings.device == "cuda"
    assert bench.made == [("m.onnx", "cpu"), ("m.onnx", "cuda")]
    gate.open()


def test_a_switch_that_fails_leaves_the_choice_at_what_runs(
    player: Player, bench: Bench, qtbot: QtBot
) -> None:
    def fail() -> None:
        raise ModelError("no GPU")

    gate = Gate()
    bench.sources["clip"] = FakeSource(3, before=gate)
    bench.detectors["cuda"] = FakeDetector(on_open=fail)
    with qtbot.waitSignal(player.detector_opened, timeout=WAIT_MS):
        player.open("clip")
    with qtbot.waitSignal(player.detector_failed, timeout=WAIT_MS):
        player.use_device("cuda")
    assert player.settings.device == "cpu"
    assert not player.is_switching
    gate.open()


def test_a_model_that_fails_leaves_the_one_before(
    player: Player, bench: Bench, qtbot: QtBot
) -> None:
    gate = Gate()
    bench.sources["clip"] = FakeSource(3, before=gate)
    with qtbot.waitSignal(player.detector_opened, timeout=WAIT_MS):
        player.open("clip")

    def fail() -> None:
        raise ModelError("another kind")

    bench.detectors["cpu"] = FakeDetector(on_open=fail)
    with qtbot.waitSignal(player.detector_failed, timeout=WAIT_MS):
        player.use_model(Path("other.onnx"))
    assert player.model_path == Path("m.onnx")
    gate.open()


def test_a_failing_stage_is_reported_and_another_source_plays(
    player: Player, bench: Bench, qtbot: QtBot
) -> None:
    def unplugged(index: int) -> None:
        if index == 2:
            raise SourceError("The camera was unplugged.")

    bench.sources["camera"] = FakeSource(9, before=unplugged)
    bench.sources["clip"] = FakeSource(2)
    with qtbot.waitSignals([player.failed, player.finished], timeout=WAIT_MS):
        player.open("camera")
    with qtbot.waitSignals([player.opened, player.finished], timeout=WAIT_MS):
        player.open("clip")


def test_shutting_down_names_what_hangs(
    player: Player, bench: Bench, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    bench.sources["hangs"] = FakeSource(3, is_live=True, before=gate)
    with qtbot.waitSignal(player.opened, timeout=WAIT_MS):
        player.open("hangs")
    assert player.shut_down(0.05) == ["capture"]
    gate.open()
    assert player.shut_down(WAIT_S) == []


def test_what_was_still_looked_for_is_not_played_after_shutting_down(
    player: Player, bench: Bench, qapp: QApplication
) -> None:
    bench.sources["clip"] = FakeSource(5)
    player.open("clip")
    assert player.shut_down(WAIT_S) == []  # it was found meanwhile; nobody was told yet
    qapp.processEvents()
    assert not player.is_running


def test_patience_is_shorter_than_a_persons() -> None:
    assert player_module.PATIENCE_MS <= 3000
