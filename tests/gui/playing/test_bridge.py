"""What app.gui.playing.bridge promises."""

import threading

import pytest
from pytestqt.qtbot import QtBot

from app.gui.playing.bridge import PipelineBridge

pytestmark = pytest.mark.gui


def test_a_busy_gui_gets_one_wake_for_many_results(qtbot: QtBot) -> None:
    bridge = PipelineBridge(7)
    wakes: list[int] = []
    bridge.result_ready.connect(wakes.append)

    def produce() -> None:
        for _ in range(200):
            bridge.notify()

    worker = threading.Thread(target=produce)
    with qtbot.waitSignal(bridge.result_ready, timeout=1000):
        worker.start()
        worker.join()  # the GUI thread is busy here
    assert wakes == [7]
    bridge.taken()
    with qtbot.waitSignal(bridge.result_ready, timeout=1000):
        bridge.notify()
    assert wakes == [7, 7]
