"""What app.gui.look.window_memory promises."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from app.gui.look.window_memory import SETTLE_MS, WindowMemory
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from tests.gui.conftest import Bench, make_window

pytestmark = pytest.mark.gui


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    return tmp_path / "window.ini"


@pytest.fixture
def settled(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window on the screen, where the screen put it."""
    qtbot.waitExposed(window)
    qtbot.wait(2 * SETTLE_MS)  # its own timer, and no event of ours
    return window


def close(window: MainWindow, ini: Path) -> None:
    window.memory.look(window, window.panel)()


def values(ini: Path) -> dict[str, object]:
    store = QSettings(str(ini), QSettings.Format.IniFormat)
    return {name: store.value(name) for name in store.allKeys()}


def test_an_untouched_window_writes_nothing_over_what_another_one_wrote(
    settled: MainWindow, ini: Path
) -> None:
    store = QSettings(str(ini), QSettings.Format.IniFormat)
    store.setValue("folded", "overlay")
    store.sync()
    del store
    close(settled, ini)
    assert values(ini) == {"folded": "overlay"}


def test_what_was_changed_is_there_the_next_time(
    settled: MainWindow,
    ini: Path,
    player: Player,
    bench: Bench,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    settled.resize(790, 654)
    close(settled, ini)
    assert set(values(ini)) >= {"geometry"}
    again = make_window(player, bench, tmp_path)
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (790, 654)


def test_a_window_closed_at_once_keeps_its_size_too(
    window: MainWindow, ini: Path
) -> None:
    window.resize(790, 654)
    close(window, ini)
    assert "geometry" in values(ini)


def test_a_file_that_is_no_settings_is_as_none(
    tmp_path: Path, player: Player, bench: Bench, ini: Path, qtbot: QtBot
) -> None:
    ini.write_bytes(b"\x00[General\ngeometry=@ByteArray(\xff\n")
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    assert window.width() == 1280
    assert isinstance(window.memory, WindowMemory)
