"""The numbers that a person can read and copy."""

import json
import re
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.gui.window import MainWindow
from tests.fakes import FakeSource
from tests.gui.conftest import Bench
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui


def has_numbers(window: MainWindow) -> bool:
    return len(window.history.timeline(time.monotonic()).ages_s) > 0


@pytest.fixture
def on_air(window: MainWindow, bench: Bench, until: Until) -> Gate:
    """A camera whose first frame was painted, and whose third waits at the gate."""
    gate = Gate()
    bench.sources["0"] = FakeSource(
        3, is_live=True, before=lambda i: gate(i) if i == 2 else None
    )
    window.open_source("0")
    until(lambda: has_numbers(window))
    return gate


def test_the_status_bar_tells_rate_and_delay_and_the_rest_on_demand(
    window: MainWindow, on_air: Gate, until: Until
) -> None:
    window.dials.refresh_status()
    rates = window.status.rates
    assert re.fullmatch(r"Live: [\d,]+ fps · [\d,]+ ms delay", rates.text())
    told = rates.toolTip().splitlines()
    assert [line.split()[1] for line in told[:3]] == ["camera", "detector", "window"]
    assert "one in twenty" in told[3]
    assert told[4].startswith("Skipped")
    assert rates.accessibleDescription() == rates.toolTip()
    on_air.open()


def test_the_numbers_can_be_copied(window: MainWindow, on_air: Gate) -> None:
    QTest.keyClick(
        window,
        Qt.Key.Key_C,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    numbers = json.loads(QGuiApplication.clipboard().text())
    assert sum(numbers["stages_ms"].values()) == pytest.approx(
        numbers["latency_mean_ms"], abs=0.05
    )
    assert numbers["stages_ms"]["show"] > 0
    on_air.open()


def test_another_source_begins_with_no_numbers(
    window: MainWindow, on_air: Gate, bench: Bench, until: Until
) -> None:
    on_air.open()
    gate = Gate()
    bench.sources["next"] = FakeSource(3, is_live=True, before=lambda _: gate(1))
    window.open_source("next")
    until(lambda: window._player.source_text == "next")
    assert not has_numbers(window)
    gate.open()
