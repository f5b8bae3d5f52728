"""What app.gui.playing.collector promises."""

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.gui.playing.collector import Collector, collect_due

pytestmark = pytest.mark.gui


@pytest.fixture
def collected() -> Iterator[list[str]]:
    """The threads that collected, in order."""
    names: list[str] = []

    def note(phase: str, _info: object) -> None:
        if phase == "stop":
            names.append(threading.current_thread().name)

    gc.enable()
    gc.callbacks.append(note)
    yield names
    gc.callbacks.remove(note)
    gc.disable()


def allocate_beside() -> None:
    """Many times what makes Python collect, on another thread."""
    kept: list[list[int]] = []
    thread = threading.Thread(target=lambda: kept.extend([n] for n in range(20_000)))
    thread.start()
    thread.join()


def test_without_it_python_collects_on_any_thread(collected: list[str]) -> None:
    allocate_beside()
    assert set(collected) - {"MainThread"}


def test_only_the_windows_thread_collects(qtbot: QtBot, collected: list[str]) -> None:
    with_it = QObject()
    collector = Collector(with_it)
    collected.clear()
    allocate_beside()
    assert collected == []
    collector.begin()
    qtbot.waitUntil(lambda: collected != [])
    allocate_beside()
    assert set(collected) == {"MainThread"}


def test_a_widget_in_a_circle_goes_on_its_own_thread(
    qtbot: QtBot, collected: list[str]
) -> None:
    with_it = QObject()
    Collector(with_it).begin()
    gone: list[bool] = []
    widget = QWidget()
    own = widget.thread()
    widget.destroyed.connect(
        lambda: gone.append(QThread.currentThread() == own),
    )
    widget.circle = [widget]  # type: ignore[attr-defined]
    del widget
    allocate_beside()
    assert gone == []
    qtbot.waitUntil(lambda: gone == [True])


def test_nothing_is_looked_at_that_is_not_due(collected: list[str]) -> None:
    gc.disable()
    gc.collect()
    collected.clear()
    collect_due()
    assert collected == []


def test_each_generation_has_its_turn(collected: list[str]) -> None:
    gc.disable()
    gc.collect()
    before = [each["collections"] for each in gc.get_stats()]
    youngest, middle, _oldest = gc.get_threshold()
    for _ in range(middle + 2):
        kept = [[n] for n in range(youngest + 100)]
        collect_due()
        del kept
    after = [each["collections"] for each in gc.get_stats()]
    assert [b - a for a, b in zip(before, after, strict=True)] == [middle + 1, 1, 0]
