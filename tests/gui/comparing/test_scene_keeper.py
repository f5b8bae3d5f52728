"""What "Keep as test" promises."""

import math
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.cli.parts import Parts
from app.gui.comparing.keep_dialog import KeepDialog
from app.gui.comparing.passing import PassingFrames
from app.gui.comparing.scene_keeper import file_name
from app.gui.window import MainWindow
from app.kept_part import KeptPart
from app.pipeline.events import ReplaySaved
from app.settings import Settings
from app.types import Frame, RecordingInfo, VideoInfo
from app.verifying.kept_test import read_expected
from tests.detection.tiny_model import tiny_model
from tests.fakes import FakeFile, FakeSource
from tests.gui.conftest import Bench
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import playing as playing  # fixtures
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui


def dialog_of(window: MainWindow) -> KeepDialog:
    (dialog,) = window.findChildren(KeepDialog)
    return dialog


def test_a_span_about_the_picture_of_a_file_is_kept(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    window.actions_.keep_test.trigger()
    dialog = dialog_of(window)
    dialog.name.setText(" gate: morning ")
    dialog.before.setValue(3.0)
    playing.open()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    until(lambda: window.notice.text.startswith("Kept "))
    ((part, _),) = bench.kept
    folder = window.keeper.folder / "tests" / "gate morning"
    # The first frame is on show: there are not three seconds before it.
    assert part == KeptPart(folder, 0.0, 5.0)
    assert window.notice.text == f"Kept {folder}: 2 frames, person 2"


@pytest.mark.usefixtures("playing")
def test_no_original_is_kept_while_people_are_hidden(window: MainWindow) -> None:
    window._player.update_settings(Settings(covered_class_names=("person",)))
    window.actions_.keep_test.trigger()
    assert not window.findChildren(KeepDialog)
    assert "who is hidden now would be seen" in window.notice.text


def test_of_a_camera_what_comes_next_is_kept(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    gate = Gate()
    bench.sources["0"] = FakeSource(60, is_live=True, before=gate)
    window.open_source("0")
    until(lambda: window.video.has_image)
    window.actions_.keep_test.trigger()
    assert not dialog_of(window).before.value()
    dialog_of(window).after.setValue(0.2)
    dialog_of(window).keep.click()
    assert "Keeping the next 0 s" in window.notice.text
    gate.open()
    until(lambda: bool(bench.kept))
    ((part, frames),) = bench.kept
    assert part.from_s == 0.0
    assert frames
    assert frames[0] > 0  # what was on show when it was asked for is past
    until(lambda: not window.scene_keeper.is_keeping)


def test_of_a_camera_whose_past_is_kept_that_becomes_the_test(
    window: MainWindow,
    bench: Bench,
    until: Until,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keeper = window.scene_keeper
    gate = Gate()
    bench.sources["0"] = FakeSource(3, is_live=True, before=gate)
    replay = str(tmp_path / "replay.mp4")
    bench.sources[replay] = FakeSource(2)
    saved: list[tuple[Path, float | None]] = []

    class Held:
        def save_replay(self, path: Path, *, seconds: float | None = None) -> None:
            saved.append((path, seconds))

    window.open_source("0")
    until(lambda: window.video.has_image)
    monkeypatch.setattr(keeper, "_pipeline", Held())
    keeper.keep("gate", at_s=9.0, before_s=4.0, after_s=0.0)
    ((path, seconds),) = saved
    assert (path.parent, seconds) == (window.keeper.folder, 4.0)
    # An event that is saved meanwhile is another clip.
    other = RecordingInfo("other.mp4", 9, 0, 9.0)
    window._player.told.emit(ReplaySaved(other))
    window._player.told.emit(
        ReplaySaved(RecordingInfo(replay, 40, 0, 4.2), was_asked=True)
    )
    until(lambda: bool(bench.kept))
    ((part, frames),) = bench.kept
    assert part.folder == window.keeper.folder / "tests" / "gate"
    assert part.for_s > 4.2
    assert frames == [0, 1]
    gate.open()


def test_what_the_dialog_asks_for_is_what_can_be_had(qtbot: QtBot) -> None:
    def rows(past_s: float, *, has_future: bool) -> list[float]:
        dialog = KeepDialog(None, name="x", past_s=past_s, has_future=has_future)
        qtbot.addWidget(dialog)
        return [box.value() for box in (dialog.before, dialog.after) if box.parent()]

    assert rows(math.inf, has_future=True) == [5.0, 5.0]  # a file
    assert rows(7.5, has_future=False) == [7.5]  # a camera's last seconds
    assert rows(0.0, has_future=True) == [10.0]  # a camera's next ones


def test_nothing_is_kept_where_nobody_says_so(
    window: MainWindow, playing: Gate, bench: Bench
) -> None:
    window.actions_.keep_test.trigger()
    dialog = dialog_of(window)
    dialog.name.setText("  ")
    assert not dialog.keep.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert not bench.kept
    playing.open()


def test_frames_that_pass_become_a_test_that_can_be_verified(tmp_path: Path) -> None:
    """Through the app's own parts: encoded, detected in, written down."""
    model = tiny_model(tmp_path / "m.onnx")
    info = VideoInfo("cam", (160, 90), None, None, None, is_live=True)
    source = PassingFrames(info)

    def hand_in() -> None:
        for number in range(10):
            image = np.full((90, 160, 3), (0, 0, 255), np.uint8)
            assert source.hand_in(Frame(image, number, number / 10, 0.0))
        source.end()

    thread = threading.Thread(target=hand_in)
    thread.start()
    keep = Parts().factories().keep_test
    assert keep is not None
    part = KeptPart(tmp_path / "scenes" / "cam", 0.0, 60.0)
    told = keep(part, source, model, Settings(device="cpu"))
    thread.join(10)
    assert told == "10 frames, red 10, by m.onnx on CPU fp32"
    assert len(read_expected(part.folder).frames) == 10
    assert not source.hand_in(Frame(np.zeros((9, 9, 3), np.uint8), 0, 0.0, 0.0))


def test_any_name_becomes_a_folder() -> None:
    assert file_name('a/b\\c: "d"') == "a b c d"
    assert file_name("..") == "test"
    assert len(file_name("x" * 500)) <= 100


def test_photos_are_no_test(window: MainWindow, bench: Bench, until: Until) -> None:
    bench.sources["photos"] = FakeFile(3, is_stills=True)
    window.open_source("photos")
    until(lambda: window.video.has_image)
    window.actions_.keep_test.trigger()
    assert not window.findChildren(KeepDialog)
    assert window.notice.text.startswith("Photos are no clip to test with.")


@pytest.mark.usefixtures("playing")
def test_what_cannot_be_kept_now_is_said(window: MainWindow, until: Until) -> None:
    may_go_on = threading.Event()
    while window._player.chores.tests.run(
        lambda: may_go_on.wait(10), or_else=lambda _: None
    ):
        pass
    window.scene_keeper.keep("gate", at_s=0.0, before_s=1.0, after_s=1.0)
    may_go_on.set()
    assert window.notice.text.startswith("Others are still being kept")


def test_the_past_of_what_plays_no_more_cannot_be_kept(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    gate = Gate()
    bench.sources["0"] = FakeSource(3, is_live=True, before=gate)
    window.open_source("0")
    until(lambda: window.video.has_image)
    # This one keeps no past: whoever asks for it is told so, and nothing is made.
    window.scene_keeper.keep("gate", at_s=9.0, before_s=4.0, after_s=0.0)
    until(lambda: window.notice.kind in ("error", "warning"))
    assert not bench.kept
    gate.open()
