"""An export whose child process says what a test wrote down for it."""

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.export.job import ExportJob
from app.gui.exporting import exporting
from app.gui.exporting.dialog import ExportDialog, Phase
from app.gui.exporting.question import TakenQuestion
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.whole_file import write_whole
from tests.fakes import WAIT_S
from tests.gui.conftest import Bench, make_window

pytestmark = pytest.mark.gui
WAIT_MS = int(1000 * WAIT_S)

# At each command: what to say, and whether to wait until nobody listens any more.
CHILD = """
import pathlib, sys
here = pathlib.Path(__file__).parent
for stream, kind in ((sys.stdout, "out"), (sys.stderr, "err")):
    said = here / f"{sys.argv[1]}.{kind}"
    stream.write(said.read_text("utf-8") if said.exists() else "")
    stream.flush()
if (here / f"{sys.argv[1]}.waits").exists():
    sys.stdin.read()
"""


class Child:
    """What the next processes will say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "child.py"
        self.path.write_text(CHILD, "utf-8")

    def says(
        self, command: str, *lines: str, errors: str = "", waits: bool = False
    ) -> None:
        out = "".join(f"{line}\n" for line in lines)
        (self.folder / f"{command}.out").write_text(out, "utf-8")
        (self.folder / f"{command}.err").write_text(errors, "utf-8")
        mark = self.folder / f"{command}.waits"
        mark.touch() if waits else mark.unlink(missing_ok=True)

    def plans(self, *names: str, errors: str = "", waits: bool = False) -> None:
        jobs = [
            ExportJob(
                *(str(self.folder / name), str(self.folder / "out" / name), "m.onnx")
            ).to_json()
            for name in names
        ]
        self.says("plan", *jobs, errors=errors, waits=waits)


def done(job: int, name: str) -> str:
    return ended(job, "done", out=name, frame_count=9)


def ended(
    job: int, state: str, *, out: str = "", frame_count: int = 0, message: str = ""
) -> str:
    told = {"job": job, "state": state, "out": out, "message": message}
    return json.dumps({**told, "frame_count": frame_count})


@pytest.fixture
def child(tmp_path: Path) -> Child:
    folder = tmp_path / "child"
    folder.mkdir()
    return Child(folder)


@pytest.fixture
def command_line(child: Child) -> tuple[str, ...]:
    return (sys.executable, "-S", str(child.path))


@pytest.fixture
def window(
    player: Player,
    bench: Bench,
    qtbot: QtBot,
    tmp_path: Path,
    command_line: tuple[str, ...],
) -> Iterator[MainWindow]:
    window = make_window(player, bench, tmp_path, command_line=command_line)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.closing.close_without_asking()
    qtbot.waitUntil(lambda: window.closing.is_closed, timeout=WAIT_MS)


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> ExportDialog:
    """Opened by its key, with a file in it."""
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(ExportDialog)
    assert isinstance(dialog, ExportDialog)
    dialog.add_files([str(tmp_path / "a.mp4")])
    return dialog


def click(button: object) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload] # a widget


def wait_for(qtbot: QtBot, dialog: ExportDialog, phase: Phase) -> None:
    qtbot.waitUntil(lambda: dialog.phase is phase, timeout=WAIT_MS)


@pytest.mark.parametrize(
    ("errors", "reason"),
    [
        ("error: There is no a.mp4.\nerror: b is empty.\n", "There is no a.mp4. b is"),
        ("Traceback\nModuleNotFoundError: numpy\n", "ModuleNotFoundError: numpy"),
        ("", "Nothing was exported."),
    ],
)
def test_where_nothing_can_be_done_it_says_why_and_can_be_begun_again(
    dialog: ExportDialog, child: Child, qtbot: QtBot, errors: str, reason: str
) -> None:
    child.says("plan", "a library that prints", "[1]", '{"no": "job"}', errors=errors)
    click(dialog.start)
    assert not dialog.start.isVisible()
    wait_for(qtbot, dialog, Phase.IDLE)
    assert dialog.progress.text().startswith(reason)
    assert dialog.start.isEnabled()


@pytest.mark.parametrize("command_line", [("/nowhere/python",)])
def test_a_program_that_cannot_be_started_is_no_riddle(
    dialog: ExportDialog, qtbot: QtBot
) -> None:
    click(dialog.start)
    wait_for(qtbot, dialog, Phase.IDLE)
    said = dialog.progress.text()
    assert said.startswith("Nothing was exported. ")
    assert "No such file" in said or "cannot find" in said  # in the system's words


def test_who_cancels_while_it_looks_gets_no_export(
    window: MainWindow, dialog: ExportDialog, child: Child, qtbot: QtBot
) -> None:
    """It has found its jobs, and ends by itself before it is killed."""
    child.plans("a.mp4", waits=True)
    child.says("export", done(0, "a.mp4"))
    click(dialog.start)
    qtbot.waitUntil(lambda: bool(window.exporting._planned), timeout=WAIT_MS)
    click(dialog.cancel)
    wait_for(qtbot, dialog, Phase.IDLE)
    assert dialog.progress.text() == "Nothing was exported."
    assert dialog.states == [""]
    assert not window.exporting.status.isVisible()


def test_who_cancels_before_there_is_a_process_gets_none(
    dialog: ExportDialog, child: Child, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is slow to keep what is to be done."""
    is_kept = threading.Event()

    def slowly(path: Path, text: str) -> None:
        assert is_kept.wait(WAIT_S)
        write_whole(path, text)

    monkeypatch.setattr(exporting, "write_whole", slowly)
    child.plans("a.mp4")
    child.says("export", done(0, "a.mp4"))
    click(dialog.start)
    wait_for(qtbot, dialog, Phase.RUNNING)
    click(dialog.cancel)
    is_kept.set()
    wait_for(qtbot, dialog, Phase.BEGUN)
    assert dialog.states == ["Stopped; can be gone on with"]


def test_who_cancels_can_go_on_with_it(
    window: MainWindow, dialog: ExportDialog, child: Child, qtbot: QtBot, tmp_path: Path
) -> None:
    child.plans("a.mp4", "b.mp4", errors="error: c.mp4 is no video.\n")
    running = '{"job": 0, "done": 7, "total": 0}'
    child.says("export", running, errors="noise\n", waits=True)
    click(dialog.start)
    qtbot.waitUntil(lambda: dialog.states == ["7 frames", "Waits"], timeout=WAIT_MS)
    assert window.notice.text == "c.mp4 is no video."
    assert window.exporting.status.isVisible()
    assert window.exporting.is_running
    click(dialog.cancel)
    wait_for(qtbot, dialog, Phase.BEGUN)
    assert dialog.states == ["Stopped; can be gone on with"] * 2
    assert dialog.progress.text() == "Exported videos: 0 of 2."
    assert not window.exporting.status.isVisible()
    assert window.notice.text == "c.mp4 is no video."  # who cancelled knows of it

    child.says("export", done(0, "a.mp4"), ended(1, "skipped"))
    click(dialog.resume)
    wait_for(qtbot, dialog, Phase.IDLE)
    assert dialog.states == ["Done: a.mp4", "Was done already"]
    assert window.notice.text.startswith("Exported videos: 2 of 2.")
    qtbot.waitUntil(lambda: not (tmp_path / "exporting.jsonl").exists())


def test_one_that_dies_is_said_and_can_be_gone_on_with(
    window: MainWindow, dialog: ExportDialog, child: Child, qtbot: QtBot
) -> None:
    child.plans("a.mp4", "b.mp4", "c.mp4")
    child.says(
        "export",
        ended(0, "failed", message="The disk is full."),
        ended(1, "cancelled"),
        errors="loading\rMemoryError\n",
    )
    click(dialog.start)
    wait_for(qtbot, dialog, Phase.BEGUN)
    assert dialog.states == [
        "Failed: The disk is full.",
        "Stopped; can be gone on with",
        "The export ended by itself: MemoryError",
    ]
    assert dialog.resume.isVisible()
    told = "Exported videos: 0 of 3. 1 failed; the list says why."
    assert dialog.progress.text() == told
    assert window.notice.text.startswith(told)
    assert window.notice.kind == "warning"


def test_what_cannot_be_kept_is_not_begun(
    dialog: ExportDialog, child: Child, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "exporting.jsonl").mkdir()
    child.plans("a.mp4")
    child.says("export", done(0, "a.mp4"))
    click(dialog.start)
    wait_for(qtbot, dialog, Phase.IDLE)
    assert dialog.progress.text().startswith("What is to be done cannot be kept: ")
    assert dialog.states == ["Waits"]


def test_who_does_not_want_another_name_gets_nothing(
    dialog: ExportDialog, child: Child, qtbot: QtBot
) -> None:
    taken = child.folder / "out" / "a.mp4"
    taken.parent.mkdir()
    taken.write_bytes(b"somebody's")
    child.plans("a.mp4")
    click(dialog.start)
    qtbot.waitUntil(lambda: bool(dialog.findChild(TakenQuestion)), timeout=WAIT_MS)
    question = dialog.findChild(TakenQuestion)
    assert isinstance(question, TakenQuestion)
    QTest.keyClick(question, Qt.Key.Key_Escape)
    wait_for(qtbot, dialog, Phase.IDLE)
    assert dialog.progress.text() == "Nothing was exported."
    assert taken.read_bytes() == b"somebody's"


def test_the_folder_is_shown_or_named(
    window: MainWindow,
    dialog: ExportDialog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Path] = []

    def nobody_can(url: QUrl) -> bool:
        asked.append(Path(url.toLocalFile()))
        return False

    monkeypatch.setattr(QDesktopServices, "openUrl", nobody_can)
    dialog.folder.setText(f" {tmp_path / 'elsewhere'} ")
    click(dialog.show_folder)
    assert asked == [tmp_path / "elsewhere"]
    assert str(tmp_path / "elsewhere") in window.notice.text
