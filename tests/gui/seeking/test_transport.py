"""What a person can do with the bar under a file, and with the keys."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot

from app.gui.playing.player import Player
from app.gui.seeking.transport_bar import REST_MS, TransportBar
from app.gui.window import MainWindow
from app.media.sources.photo_source import PhotoSource
from app.settings import Settings
from app.types import Detections, ImageBgr, StageTimes
from tests.fakes import FakeDetector, FakeFile, FakeSource, number_of
from tests.gui.conftest import Bench
from tests.gui.drops import drop, files
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui

COUNT, FPS = 100, 25
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def shown(window: MainWindow) -> int:
    assert window.video.result is not None
    return number_of(window.video.result.frame.image_bgr)


def click(slider: QSlider, share: float) -> None:
    """Press and let go at that share of the slider's way."""
    grab(slider, share)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=place_on(slider, share))


def grab(slider: QSlider, share: float) -> None:
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=place_on(slider, share))


def place_on(slider: QSlider, share: float) -> QPoint:
    return QPoint(round(8 + share * (slider.width() - 16)), slider.height() // 2)


@pytest.fixture
def at_start(window: MainWindow, bench: Bench, until: Until) -> FakeFile:
    """A file of four seconds, paused on its first frame."""
    source = FakeFile(COUNT, fps=FPS)
    bench.sources["clip"] = source
    window.open_source("clip")
    until(lambda: window._player.can_seek)
    window._player.step(1)
    until(lambda: window.video.has_image and window.transport.isVisible())
    QTest.keyClick(window, Qt.Key.Key_Home)
    until(lambda: bool(source.sought) and shown(window) == 0)
    window.dials.refresh()
    return source


def test_a_live_source_has_no_bar(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    assert not window.transport.isVisible()
    bench.sources["0"] = FakeSource(10**6, is_live=True)
    window.open_source("0")
    until(lambda: window.video.has_image)
    assert not window.transport.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Right)
    assert not window._player.is_paused


def test_the_bar_goes_with_its_file(
    window: MainWindow, at_start: FakeFile, bench: Bench, until: Until
) -> None:
    assert window.transport.isVisible()
    bench.sources["0"] = FakeSource(10**6, is_live=True)
    window.open_source("0")
    until(lambda: not window.transport.isVisible())
    until(lambda: window.video.has_image)
    assert not window.transport.isVisible()


def test_the_arrows_step_and_the_place_follows(
    window: MainWindow, at_start: FakeFile, until: Until
) -> None:
    assert window.transport.place.text() == "0:00.000 #0 / 0:04"
    for key, number in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_End, COUNT - 1),
        (Qt.Key.Key_Left, COUNT - 2),
        (Qt.Key.Key_Home, 0),
    ):
        QTest.keyClick(window, key)
        until(lambda number=number: shown(window) == number)  # type: ignore[misc] # bound now
    QTest.keyClick(window, Qt.Key.Key_End)
    until(lambda: window.transport.place.text() == "0:03.960 #99 / 0:04")
    assert window.transport.position.value() == 3960


def test_the_buttons_step_too(
    window: MainWindow, at_start: FakeFile, until: Until
) -> None:
    window.transport.next.click()
    until(lambda: shown(window) == 1)
    window.transport.previous.click()
    until(lambda: shown(window) == 0)
    assert window._player.is_paused


def test_the_arrows_leave_the_score_to_whom_has_the_focus(
    window: MainWindow, at_start: FakeFile
) -> None:
    before = window.sections.detection.score.value()
    QTest.keyClick(window.sections.detection.score, Qt.Key.Key_Right)
    assert window.sections.detection.score.value() == before + 1
    assert shown(window) == 0


def test_the_arrows_step_though_the_slider_has_the_focus(
    window: MainWindow, at_start: FakeFile, until: Until
) -> None:
    slider = window.transport.position
    assert slider.focusPolicy() & Qt.FocusPolicy.TabFocus
    QTest.keyClick(slider, Qt.Key.Key_Right)
    until(lambda: shown(window) == 1)
    QTest.keyClick(slider, Qt.Key.Key_Up)  # a second on, from 0.04
    until(lambda: shown(window) == 26)
    QTest.keyClick(slider, Qt.Key.Key_PageUp)  # five: to the last
    until(lambda: shown(window) == COUNT - 1)


def test_a_click_goes_to_that_place(
    window: MainWindow, at_start: FakeFile, until: Until
) -> None:
    click(window.transport.position, 0.5)
    until(lambda: abs(shown(window) - COUNT // 2) <= 2)
    at_s = at_start.sought[-1]
    assert at_s == pytest.approx(2.0, abs=0.1)
    assert shown(window) == int(at_s * FPS)
    click(window.transport.position, 1.0)
    until(lambda: shown(window) == COUNT - 1)
    click(window.transport.position, 0.0)
    until(lambda: shown(window) == 0)


def test_dragging_shows_the_way_and_letting_go_the_very_frame(
    window: MainWindow, at_start: FakeFile, until: Until, bench: Bench
) -> None:
    asked: list[tuple[float, bool]] = []
    window.transport.sought.connect(lambda at, exact: asked.append((at, exact)))
    slider = window.transport.position
    grab(slider, 0.2)
    until(lambda: abs(shown(window) - 20) <= 3)
    for share in (0.3, 0.5, 0.7):
        QTest.mouseMove(slider, place_on(slider, share))
    until(lambda: abs(shown(window) - 70) <= 3)
    assert not any(exact for _, exact in asked)
    assert window.transport.place.text().startswith("0:02.")
    assert slider.isSliderDown()
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=place_on(slider, 0.7))
    assert asked[-1][1]
    until(lambda: shown(window) == int(asked[-1][0] * FPS))
    assert window._player.is_paused  # as it was


def test_a_hand_that_rests_sees_the_very_frame(
    window: MainWindow, at_start: FakeFile, until: Until
) -> None:
    asked: list[bool] = []
    window.transport.sought.connect(lambda _, exact: asked.append(exact))
    grab(window.transport.position, 0.4)
    assert asked == [False]
    until(lambda: asked == [False, True])
    assert REST_MS < 250  # or nobody would rest so long
    QTest.mouseRelease(window.transport.position, Qt.MouseButton.LeftButton)


def test_what_played_before_a_drag_plays_after_it(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["clip"] = FakeFile(100_000, fps=FPS)
    window.open_source("clip")
    until(lambda: window.video.has_image)
    grab(window.transport.position, 0.5)
    states = [window._player.is_paused]
    QTest.mouseRelease(window.transport.position, Qt.MouseButton.LeftButton)
    states.append(window._player.is_paused)
    assert states == [True, False]
    until(lambda: shown(window) > 40_000)
    assert window.actions_.pause.text() == "Pause"


def test_at_its_end_the_last_frame_stays_and_play_begins_anew(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    source = FakeFile(4, fps=FPS)
    bench.sources["clip"] = source
    window.open_source("clip")
    until(lambda: window.actions_.pause.text() == "Play")
    until(lambda: shown(window) == 3)
    assert window.transport.isVisible()
    until(lambda: window.notice.text == "The end.")
    QTest.keyClick(window, Qt.Key.Key_Left)
    until(lambda: shown(window) == 2)
    assert not window.notice.text
    QTest.keyClick(window, Qt.Key.Key_End)
    until(lambda: shown(window) == 3)
    QTest.keyClick(window, Qt.Key.Key_Space)
    until(lambda: source.sought[-1] == 0.0)
    until(lambda: window.actions_.pause.text() == "Play" and shown(window) == 3)


def test_a_recording_ends_with_the_file(
    window: MainWindow, bench: Bench, until: Until, at_start: FakeFile
) -> None:
    window.actions_.record.trigger()
    until(lambda: window.actions_.record.text() == "Stop recording")
    QTest.keyClick(window, Qt.Key.Key_End)
    until(lambda: shown(window) == COUNT - 1)
    QTest.keyClick(window, Qt.Key.Key_Left)
    QTest.keyClick(window, Qt.Key.Key_Space)
    until(lambda: "Recorded" in window.notice.text)
    _, recorder = bench.recorders[0]
    times_s = [time_s for _, time_s in recorder.written]
    assert times_s == sorted(times_s)
    assert recorder.written[-1][0] == COUNT - 1


def test_shift_l_loops_and_the_choice_holds_for_the_next_file(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    QTest.keyClick(window, Qt.Key.Key_L, SHIFT)
    assert window.actions_.loop.isChecked()
    source = FakeFile(3, fps=FPS)
    bench.sources["clip"] = source
    window.open_source("clip")
    until(lambda: source.sought.count(0.0) >= 2)
    QTest.keyClick(window, Qt.Key.Key_L, SHIFT)
    until(lambda: window.actions_.pause.text() == "Play")
    assert not window.actions_.loop.isChecked()


def test_the_speed_is_chosen_and_holds_for_the_next_file(
    window: MainWindow, player: Player, at_start: FakeFile, bench: Bench, until: Until
) -> None:
    speed = window.transport.speed
    texts = [speed.itemText(i) for i in range(speed.count())]
    assert texts == ["0.25x", "0.5x", "1x", "1.5x", "2x", "4x"]
    assert speed.currentText() == "1x"
    QTest.keyClick(speed, Qt.Key.Key_End)
    assert player.speed == 4.0
    assert player._pipeline is not None
    assert player._pipeline._transport.speed == 4.0
    bench.sources["next"] = FakeFile(5)
    window.open_source("next")
    until(lambda: window.video.has_image)
    assert player._pipeline._transport.speed == 4.0


@pytest.fixture
def photos(window: MainWindow, bench: Bench, until: Until) -> FakeFile:
    source = FakeFile(12, is_stills=True)
    bench.sources["photos"] = source
    window.open_source("photos")
    until(lambda: window.video.has_image and window.actions_.pause.text() == "Play")
    return source


def test_photos_are_counted_named_and_turned_over(
    window: MainWindow, photos: FakeFile, until: Until
) -> None:
    assert window.transport.place.text() == "1 of 12"
    assert window.transport.speed.isHidden()
    assert window.transport.next.toolTip() == "Next photo (Right)"
    QTest.keyClick(window, Qt.Key.Key_Right)
    until(lambda: shown(window) == 1)
    window.transport.next.click()
    until(lambda: window.transport.place.text() == "3 of 12")
    assert window.status.source.text() == "2.jpg  6 x 4"
    QTest.keyClick(window, Qt.Key.Key_End)
    until(lambda: window.transport.place.text() == "12 of 12")
    for value in (0, 5, 11):
        window.transport.position.setSliderPosition(value)
        until(lambda value=value: shown(window) == value)  # type: ignore[misc] # bound now


def test_a_threshold_shows_on_the_photo_that_holds(
    window: MainWindow, photos: FakeFile, until: Until
) -> None:
    before = window.video.result
    window.sections.detection.score.setValue(77)
    until(lambda: window.video.result is not before)
    assert shown(window) == 0


def test_one_photo_alone_has_no_bar(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["photo"] = FakeFile(1, is_stills=True)
    window.open_source("photo")
    until(lambda: window.video.has_image)
    assert not window.transport.isVisible()


def test_several_dropped_photos_are_opened_together(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    paths = [str(Path(f"/photos/{name}.jpg")) for name in "abc"]
    bench.sources["\n".join(paths)] = source = FakeFile(3, is_stills=True)
    assert drop(window, files(*paths))
    until(lambda: source.opened_by == "capture")


def test_several_files_can_be_chosen(
    window: MainWindow,
    bench: Bench,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench.sources["a.jpg\nb.jpg"] = source = FakeFile(2, is_stills=True)
    monkeypatch.setattr(
        "app.gui.opening.opener.QFileDialog.getOpenFileNames",
        lambda *_, **__: (["a.jpg", "b.jpg"], ""),
    )
    window.actions_.open_file.trigger()
    until(lambda: source.opened_by == "capture")


def test_what_is_damaged_is_said(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    source = FakeFile(3)
    source.warnings.append("clip is damaged: it breaks off at 0:01.")
    bench.sources["clip"] = source
    window.open_source("clip")
    until(lambda: window.notice.text == "clip is damaged: it breaks off at 0:01.")
    assert window.notice.kind == "warning"


def test_full_screen_the_bar_lies_over_the_picture_and_goes_when_the_mouse_rests(
    window: MainWindow, at_start: FakeFile, until: Until
) -> None:
    QTest.keyClick(window, Qt.Key.Key_F)
    until(lambda: window.transport.isVisible())
    # Not over the bar, wherever an earlier test left it.
    QTest.mouseMove(window.video, QPoint(30, 40))
    window.fading._rest.setInterval(1)  # nobody waits so long
    window.fading._rest.start()
    until(lambda: not window.transport.isVisible())
    assert window.video.cursor().shape() == Qt.CursorShape.BlankCursor
    size = window.video.size()
    QTest.keyClick(window, Qt.Key.Key_Right)
    until(lambda: shown(window) == 1)
    window.fading._rest.setInterval(60_000)
    for at in (QPoint(50, 60), QPoint(90, 80)):
        QTest.mouseMove(window.video, at)
    until(lambda: window.transport.isVisible())
    assert window.video.cursor().shape() != Qt.CursorShape.BlankCursor
    assert window.video.size() == size  # the bar takes nothing of it
    bar, center = window.transport.geometry(), window.fading._center.rect()
    assert (bar.bottom(), bar.width()) == (center.bottom(), center.width())
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.transport.isVisible()
    assert window.transport.position.value() == 40
    until(lambda: window.video.geometry().bottom() < window.transport.geometry().top())


def test_from_the_start_the_keys_are_the_pictures(
    window: MainWindow, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: window.focusWidget() is window.scene)


def test_every_control_has_a_name_and_can_be_reached_by_keys(
    window: MainWindow, at_start: FakeFile
) -> None:
    bar: TransportBar = window.transport
    for widget in (bar.previous, bar.next, bar.position, bar.speed):
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


class Counting(FakeDetector):
    """Finds as many cars as the frame's number says."""

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        number = number_of(image_bgr)
        _, times = super().detect(image_bgr, settings)
        boxes = np.tile(np.array([1, 1, 3, 3], np.float32), (number, 1))
        ids = np.ones(number, np.int64)
        return Detections(boxes, np.full(number, 0.9, np.float32), ids), times


def test_the_counts_are_of_the_frame_on_show_however_fast_one_steps(
    window: MainWindow, bench: Bench, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.gui.dials.COUNTS_EVERY_S", 60.0)  # nobody waits so long
    bench.sources["clip"] = FakeFile(9, fps=FPS, is_stills=True)
    bench.detectors["cpu"] = Counting()
    window.open_source("clip")
    until(lambda: window.video.has_image)
    for number in (1, 2, 3):
        window._player.step(1)
        until(partial(shows, window, number))
        assert window.sections.classes.model._counts == [0, number]


def shows(window: MainWindow, number: int) -> bool:
    return window.video.has_image and shown(window) == number


def test_hours_are_counted_too(window: MainWindow) -> None:
    bar = window.transport
    bar._duration_s = 3725.0
    assert bar._place_texts(61_000, 7)[0] == "1:01.000 #7 / 1:02:05"


@pytest.mark.parametrize(
    ("typed", "frame"),
    [("2.5", 62), ("0:02.5", 62), ("0:0:2,52", 63), ("#77", 77), ("#1200", 99)],
)
def test_a_time_that_is_typed_is_gone_to(
    window: MainWindow, at_start: FakeFile, until: Until, typed: str, frame: int
) -> None:
    QTest.keyClick(window, Qt.Key.Key_G, CTRL)
    field = window.transport.place
    until(lambda: field.typed.hasFocus())
    QTest.keyClicks(field.typed, typed)
    QTest.keyClick(field.typed, Qt.Key.Key_Return)
    until(lambda: shown(window) == frame)
    assert not field.is_typing
    assert field.text().startswith(f"0:0{frame / FPS:.3f} #{frame} ")


@pytest.mark.parametrize("typed", ["soon", "1:75", "#", "", "1:2:3:4", "-3"])
def test_nonsense_is_said_to_be_none_and_esc_leaves_it(
    window: MainWindow, at_start: FakeFile, until: Until, typed: str
) -> None:
    field = window.transport.place
    before = len(at_start.sought)
    QTest.mouseClick(field.stop, Qt.MouseButton.LeftButton)
    until(lambda: field.typed.hasFocus())
    field.typed.clear()
    QTest.keyClicks(field.typed, typed)
    QTest.keyClick(field.typed, Qt.Key.Key_Return)
    assert window.notice.text == (
        f"“{typed}” is no time: type 1:23.5, 83.5 or, for a frame, #1200."
    )
    assert field.is_typing
    QTest.keyClick(field.typed, Qt.Key.Key_Escape)
    assert field.currentWidget() is not field.typed
    assert len(at_start.sought) == before


def test_a_photo_is_gone_to_by_its_number(
    window: MainWindow, photos: FakeFile, until: Until
) -> None:
    window.transport.place.begin()
    QTest.keyClicks(window.transport.place.typed, "7")
    QTest.keyClick(window.transport.place.typed, Qt.Key.Key_Return)
    until(lambda: window.transport.place.text() == "7 of 12")


def test_a_photo_that_is_left_out_is_not_counted(
    window: MainWindow, bench: Bench, until: Until, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(5)]
    for path in paths:
        Image.new("RGB", (6, 4)).save(path)
    paths[1].write_bytes(b"no picture")
    bench.sources["photos"] = PhotoSource(paths, name="photos")  # type: ignore[assignment] # the real one
    window.open_source("photos")
    until(lambda: window.transport.place.text() == "1 of 5")
    QTest.keyClick(window, Qt.Key.Key_Right)
    until(lambda: window.transport.place.text() == "2 of 4")
    assert window.video.result is not None
    assert window.video.result.frame.index == 2
    window.transport.place.begin()
    QTest.keyClicks(window.transport.place.typed, "3")
    QTest.keyClick(window.transport.place.typed, Qt.Key.Key_Return)
    until(lambda: window.transport.place.text() == "3 of 4")
    assert window.video.result.frame.index == 3


def test_the_keys_of_players_skip_and_pause(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    bench.sources["clip"] = FakeFile(7500, fps=FPS)  # five minutes
    window.open_source("clip")
    until(lambda: window._player.can_seek and window.video.has_image)
    QTest.keyClick(window, Qt.Key.Key_K)
    until(lambda: window._player.is_paused)
    QTest.keyClick(window, Qt.Key.Key_Home)
    until(lambda: shown(window) == 0)
    window.dials.refresh()
    none = Qt.KeyboardModifier.NoModifier
    for key, modifier, at_s in (
        (Qt.Key.Key_Right, CTRL, 60),
        (Qt.Key.Key_L, none, 70),
        (Qt.Key.Key_Right, SHIFT, 75),
        (Qt.Key.Key_J, none, 65),
        (Qt.Key.Key_Left, SHIFT, 60),
        (Qt.Key.Key_Left, CTRL, 0),
        (Qt.Key.Key_J, none, 0),  # no further than the beginning
    ):
        QTest.keyClick(window, key, modifier)
        until(lambda at_s=at_s: shown(window) == at_s * FPS)  # type: ignore[misc] # bound now
    QTest.keyClick(window, Qt.Key.Key_Period)
    until(lambda: shown(window) == 1)
    QTest.keyClick(window, Qt.Key.Key_Comma)
    until(lambda: shown(window) == 0)


def test_closer_shift_and_arrows_move_the_picture_alone(
    window: MainWindow, at_start: FakeFile
) -> None:
    window.video.zoom_in()
    before, sought = window.video.viewport, len(at_start.sought)
    QTest.keyClick(window, Qt.Key.Key_Right, SHIFT)
    assert window.video.viewport != before
    assert len(at_start.sought) == sought
