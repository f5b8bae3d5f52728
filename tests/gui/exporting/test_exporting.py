"""Export in the window: real child processes, real files, a tiny model."""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.gui.exporting.dialog import ExportDialog, Phase
from app.gui.exporting.exporting import Exporting
from app.gui.exporting.question import TakenQuestion
from app.gui.playing.closing import CloseQuestion
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.settings import Settings
from app.sidecar import read_sidecar, read_torn
from app.tracking.rules import Rules
from tests.detection.conftest import MakeModel
from tests.detection.conftest import make_model as make_model  # a fixture
from tests.gui.conftest import Bench, make_window
from tests.media.numbered import make_video, numbers_in
from tests.python import ROOT

pytestmark = pytest.mark.gui
WAIT_MS = 60_000
SHORT, LONG = 12, 800
GONE_S = 10.0  # 5 where no other tests run


@pytest.fixture
def window(
    bench: Bench, qtbot: QtBot, tmp_path: Path, make_model: MakeModel
) -> Iterator[MainWindow]:
    """A window whose exports are done by the real command line."""
    player = Player(
        bench.factories(), settings=Settings(device="cpu"), model_path=make_model()
    )
    command_line = sys.executable, str(ROOT / "main.py")
    window = make_window(player, bench, tmp_path, command_line=command_line)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.closing.close_without_asking()
    qtbot.waitUntil(lambda: window.closing.is_closed, timeout=WAIT_MS)
    player.shut_down(5.0)


def opened(window: MainWindow, *files: Path) -> ExportDialog:
    """The dialog, by its key, with these files in it."""
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(ExportDialog)
    assert isinstance(dialog, ExportDialog)
    dialog.add_files([str(file) for file in files])
    return dialog


def click(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload] # a widget


def short(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return make_video(path, [n / 25 for n in range(SHORT)], audio=None)


def test_files_are_exported_a_bad_one_is_named_and_nothing_is_written_over(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    good, bad = short(tmp_path / "in" / "good.mp4"), tmp_path / "in" / "bad.mp4"
    bad.write_bytes(b"no video" * 100)
    out = tmp_path / "recordings" / "Exported"
    out.mkdir(parents=True)
    (out / "good.mp4").write_bytes(b"somebody's")
    dialog = opened(window, bad, good)
    assert dialog.folder.text() == str(out)
    click(dialog.csv)
    click(dialog.start)
    qtbot.waitUntil(lambda: bool(dialog.findChild(TakenQuestion)), timeout=WAIT_MS)
    assert window.isEnabled()
    question = dialog.findChild(TakenQuestion)
    assert isinstance(question, TakenQuestion)
    assert "good (2).mp4" in question.informativeText()
    click(question.beside)
    qtbot.waitUntil(
        lambda: "Exported videos: 1 of 2" in window.notice.text, timeout=WAIT_MS
    )
    assert (out / "good.mp4").read_bytes() == b"somebody's"
    assert numbers_in(out / "good (2).mp4") == list(range(SHORT))
    _, frames = read_sidecar(out / "good (2).jsonl")
    assert len(frames) == SHORT
    assert (out / "good (2).csv").exists()
    said = dialog.states
    assert "bad.mp4" in said[0]
    assert said[1] == "Done: good (2).mp4"
    assert window.notice.kind == "warning"
    assert dialog.phase is Phase.IDLE


def test_what_was_begun_is_gone_on_with_after_closing_within_5_seconds(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    video = tmp_path / "long.mp4"
    make_video(video, [n / 25 for n in range(LONG)], audio=None)
    dialog = opened(window, video)
    click(dialog.start)
    qtbot.waitUntil(lambda: "%" in "".join(dialog.states), timeout=WAIT_MS)
    assert window.exporting.status.isVisible()

    assert not window.close()
    question = window.findChild(CloseQuestion)
    assert isinstance(question, CloseQuestion)
    assert "0 of 1 videos are done" in question.text()
    began_s = time.monotonic()
    click(question.finish)
    qtbot.waitUntil(lambda: window.closing.is_closed, timeout=WAIT_MS)
    assert time.monotonic() - began_s < GONE_S

    out = tmp_path / "recordings" / "Exported"
    _, known = read_torn(out / ".long.jsonl.part")
    assert 0 < len(known) < LONG

    window.closing.is_closing = window.closing.is_closed = False  # the next start
    again = Exporting(window, window._player, rules=Rules)
    again.show()
    begun = window.findChildren(ExportDialog)[-1]
    qtbot.waitUntil(lambda: begun.phase is Phase.BEGUN, timeout=WAIT_MS)
    click(begun.resume)
    qtbot.waitUntil(lambda: begun.states == ["Done: long.mp4"], timeout=WAIT_MS)
    assert numbers_in(out / "long.mp4") == list(range(LONG))
    qtbot.waitUntil(lambda: not (tmp_path / "exporting.jsonl").exists())


def test_nobody_who_is_hidden_is_exported(window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(window, tmp_path / "a b.mp4")
    assert dialog.start.isEnabled()
    window._player.update_settings(
        replace(window._player.settings, covered_class_names=("person",))
    )
    assert not dialog.start.isEnabled()
    assert "person is hidden" in dialog.refusal.text
    assert "--class person --out" in dialog.refusal.command.text
