"""What a person can see and choose in the side panel."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.errors import ModelError
from app.gui.pages.advice import Advice
from app.gui.panel.recording_section import SPLIT_MB, SPLIT_MINUTES
from app.gui.panel.section import ValueSlider
from app.gui.panel.settings_history import MERGE_S
from app.gui.playing.keeper import size_of
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.pipeline.events import Difference, Tryout
from app.settings import Settings
from app.thresholds import Thresholds
from app.types import (
    CameraMode,
    Detections,
    DetectorInfo,
    ImageBgr,
    StageTimes,
    VideoInfo,
)
from tests.fakes import WAIT_S, FakeDetector, FakeSource
from tests.gui.conftest import Bench, make_window
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import playing as playing  # fixtures
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui


class Finder(FakeDetector):
    """Finds two people and a car in every picture."""

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        _, times = super().detect(image_bgr, settings)
        found = Detections(
            np.array([[0, 0, 2, 2], [2, 0, 4, 2], [0, 2, 4, 4]], np.float32),
            np.array([0.9, 0.8, 0.7], np.float32),
            np.array([0, 0, 1], np.int64),
        )
        return found, times


@pytest.fixture
def finding(window: MainWindow, bench: Bench, until: Until) -> MainWindow:
    """A file held at its end, in which something was found."""
    bench.detectors["cpu"] = Finder()
    bench.sources["clip"] = FakeSource(3)
    window.open_source("clip")
    until(lambda: window.notice.text == "The end.")
    return window


# --- the panel itself ---------------------------------------------------------


def test_f9_hides_it_and_that_is_remembered(
    window: MainWindow, player: Player, bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    assert window.panel.isVisible()
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert not window.panel.isVisible()
    assert not window.actions_.panel.isChecked()
    window.sections.overlay.fold(True)
    window.close()
    player.chores.stop(WAIT_S)
    again = make_window(player, bench, tmp_path)
    qtbot.addWidget(again)
    again.show()
    assert not again.panel.isVisible()
    again.actions_.panel.trigger()
    assert again.panel.isVisible()
    assert again.panel.folded == ["overlay"]


def test_a_section_folds_by_mouse_and_by_key(window: MainWindow) -> None:
    section = window.sections.detection
    QTest.mouseClick(section.heading, Qt.MouseButton.LeftButton)
    assert section.is_folded
    assert not section.score.isVisible()
    assert section.heading.accessibleName() == "Detection, folded"
    section.heading.setFocus()
    QTest.keyClick(section.heading, Qt.Key.Key_Space)
    assert not section.is_folded


def test_what_is_chosen_once_is_a_line_at_first(
    player: Player, bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    assert window.panel.folded == ["hiding", "source", "model"]
    assert window.sections.model.heading.text() == "Model:  m.onnx"
    info = DetectorInfo(
        "ssd_int8.onnx", ("a",), (300, 300), "OpenVINO CPU", precision="int8"
    )
    window.sections.model.show_detector(info, file_name="")
    window.sections.model.show_speed(11.6)
    heading = window.sections.model.heading
    assert heading.text() == "ssd_int8 · OpenVINO · 12 ms"
    assert heading.accessibleName() == "Model, folded"
    window.sections.model.fold(False)
    assert window.sections.model.heading.text() == "Model"
    long = "a" * 200
    window.sections.source.summarize(long)
    shown = window.sections.source.heading.text()
    assert shown.startswith("Source:  a")
    assert len(shown) < len(long)


def test_a_double_click_on_its_name_takes_a_slider_back(
    window: MainWindow, player: Player
) -> None:
    usual = player.settings
    for section in (window.sections.detection, window.sections.overlay):
        for slider in section.findChildren(ValueSlider):
            slider.setValue(slider.maximum())
        for name in section.findChildren(QLabel):
            QTest.mouseDClick(name, Qt.MouseButton.LeftButton)
    assert player.settings == replace(usual, threshold_chosen=False)


def test_the_badge_in_the_toolbar_leads_to_the_backend(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.resize(1000, 500)
    window.panel.hide()
    window.sections.model.fold(True)
    QTest.mouseClick(window.toolbar.badge, Qt.MouseButton.LeftButton)
    assert window.panel.isVisible()
    section = window.sections.model
    assert not section.is_folded
    # All of it is seen, though it was a line at the very end.
    qtbot.waitUntil(lambda: section.visibleRegion().boundingRect() == section.rect())


def test_tab_goes_through_it_from_top_to_bottom(finding: MainWindow) -> None:
    scroller = finding.panel.scroller
    inside = scroller.widget()
    assert inside is not None
    widget: QWidget = finding.panel.first_heading
    heights, seen = [], 0
    while inside.isAncestorOf(widget):
        heights.append(widget.mapTo(inside, QPoint(0, widget.height() // 2)).y())
        seen += 1
        widget = _next_by_tab(widget)
    assert seen > 25
    rows = [y for i, y in enumerate(heights) if not i or abs(y - heights[i - 1]) > 8]
    assert rows == sorted(rows)


def test_every_control_in_it_has_a_name(finding: MainWindow) -> None:
    inside = finding.panel.scroller.widget()
    assert inside is not None
    for widget in inside.findChildren(QWidget):
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus or widget.isHidden():
            continue
        if widget.objectName().startswith("qt_") or widget.window() is not finding:
            continue  # inner parts of Qt's own
        text = widget.accessibleName() or getattr(widget, "text", lambda: "")()
        assert text, f"{widget} in {widget.parent()}"


def _next_by_tab(widget: QWidget) -> QWidget:
    following = widget.nextInFocusChain()
    assert following is not None
    is_stop = (
        following.isVisible()
        and following.isEnabled()
        and bool(following.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and following.focusProxy() is None
    )
    return following if is_stop else _next_by_tab(following)


# --- thresholds, overlay, undo ------------------------------------------------


def test_thresholds_reach_the_detector_at_once(
    window: MainWindow, player: Player
) -> None:
    section = window.sections.detection
    section.score.setValue(73)
    section.iou.setValue(20)
    section.most.setValue(7)
    settings = player.settings
    assert (settings.score_threshold, settings.iou_threshold) == (0.73, 0.2)
    assert settings.max_detections == 7
    assert section.score.value_label.text() == "73 %"


def test_the_overlay_is_chosen(window: MainWindow, player: Player) -> None:
    section = window.sections.overlay
    section.line.setValue(10)
    section.label.setValue(0)
    section.fill.setValue(5)
    section.scores.click()
    section.fps.click()
    style = player.settings.style
    assert (style.line_scale, style.label_scale, style.fill_opacity) == (2.0, 0.0, 0.25)
    assert not style.with_scores
    assert not player.settings.draw_fps
    assert section.label.value_label.text() == "none"


def test_a_drag_is_undone_in_one_go_and_done_again(
    window: MainWindow, player: Player
) -> None:
    section = window.sections.detection
    for value in range(51, 81):
        section.score.setValue(value)
    section.iou.setValue(10)
    undo = Qt.KeyboardModifier.ControlModifier
    redo = undo | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_Z, undo)
    assert player.settings == Settings(
        device="cpu", score_threshold=0.8, threshold_chosen=True
    )
    assert window.status.currentMessage() == "Undone: merging of boxes"
    QTest.keyClick(window, Qt.Key.Key_Z, undo)
    assert player.settings.score_threshold == 0.5
    assert section.score.value() == 50
    assert not window.actions_.undo.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_Z, redo)
    assert player.settings.score_threshold == 0.8
    assert section.score.value() == 80


def test_two_changes_with_a_pause_between_are_two(
    window: MainWindow, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr("app.gui.panel.settings_history.time.monotonic", lambda: now_s)
    window.sections.detection.score.setValue(60)
    now_s += MERGE_S + 0.1
    window.sections.detection.score.setValue(70)
    window.actions_.undo.trigger()
    assert player.settings.score_threshold == 0.6


def test_a_drag_that_takes_its_time_is_one_change(
    window: MainWindow, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr("app.gui.panel.settings_history.time.monotonic", lambda: now_s)
    for value in (60, 65, 70, 75):
        window.sections.detection.score.setValue(value)
        now_s += 0.8 * MERGE_S
    window.actions_.undo.trigger()
    assert player.settings.score_threshold == 0.5


def test_a_change_that_was_taken_back_by_hand_is_none(window: MainWindow) -> None:
    window.sections.detection.score.setValue(60)
    window.sections.detection.score.setValue(50)
    assert not window.actions_.undo.isEnabled()


def test_a_models_own_threshold_is_begun_with_and_what_to_expect_is_said(
    window: MainWindow, player: Player, bench: Bench, until: Until
) -> None:
    told = Thresholds(0.55, 737, ((0.2, 0.1, 0.9), (0.55, 0.77, 0.6), (0.8, 0.9, 0.2)))
    section, gate = window.sections.detection, Gate()
    assert not section.expected.isVisible()
    bench.detectors["cpu"] = FakeDetector(thresholds=told)
    bench.detectors["cuda"] = FakeDetector()
    bench.sources["clip"] = FakeSource(3, before=gate)
    window.open_source("clip")
    until(lambda: section.score.value() == 55)
    assert player.settings == Settings(device="cpu", score_threshold=0.55)
    assert not window.actions_.undo.isEnabled()  # nobody did anything
    assert section.expected.text() == "About 77 % right, 60 % of all found"
    assert "737 labelled photos" in section.expected.toolTip()
    section.score.setValue(80)
    assert section.expected.text() == "About 90 % right, 20 % of all found"
    section.score.setValue(55)  # its own again
    assert not player.settings.threshold_chosen
    section.score.setValue(30)
    window.sections.backend.device_chosen.emit("cuda")
    until(lambda: not player.is_switching)
    assert player.settings.score_threshold == 0.3  # what was chosen stays
    assert not section.expected.isVisible()
    gate.open()


def test_undo_leaves_the_device_alone(
    window: MainWindow, playing: Gate, player: Player, until: Until
) -> None:
    window.sections.detection.score.setValue(60)
    window.sections.backend.device_chosen.emit("cuda")
    until(lambda: not player.is_switching)
    window.actions_.undo.trigger()
    assert player.settings.device == "cuda"
    assert player.settings.score_threshold == 0.5
    playing.open()


def test_a_section_goes_back_to_what_was_at_first_in_one_step(
    window: MainWindow, player: Player
) -> None:
    sections, before = window.sections, player.settings
    for section in (sections.detection, sections.overlay, sections.recording):
        assert section.reset.isHidden()
    sections.detection.score.setValue(80)
    sections.detection.iou.setValue(10)
    sections.overlay.fill.setValue(5)
    QTest.mouseClick(sections.detection.reset, Qt.MouseButton.LeftButton)
    assert player.settings == replace(before, fill_opacity=0.25)  # the others stay
    assert sections.detection.reset.isHidden()
    assert sections.overlay.reset.isVisible()
    assert sections.overlay.reset.accessibleName() == "Reset Overlay"
    window.actions_.undo.trigger()
    assert player.settings.score_threshold == 0.8
    assert player.settings.iou_threshold == 0.1


def test_a_models_own_threshold_is_no_change_before_it_runs(
    window: MainWindow, player: Player
) -> None:
    """Of the last model, from the settings' file."""
    player.update_settings(replace(player.settings, score_threshold=0.55))
    assert window.sections.detection.reset.isHidden()
    player.update_settings(replace(player.settings, threshold_chosen=True))
    window.sections.detection.reset.click()
    assert player.settings.score_threshold == 0.5


def test_a_reset_hides_nobody_less(window: MainWindow, player: Player) -> None:
    window.changes.change("hiding", covered_class_names=("person",), cover_unseen=False)
    window.sections.hiding.reset.click()
    assert player.settings.cover_unseen
    assert player.settings.covered_class_names == ("person",)


def test_what_is_seldom_wanted_is_behind_more(window: MainWindow) -> None:
    section = window.sections.detection
    assert section.score.isVisible()
    assert not section.iou.isVisible()
    QTest.mouseClick(section.further.button, Qt.MouseButton.LeftButton)
    assert section.iou.isVisible()
    assert section.most.text() == "100 boxes"


# --- classes ------------------------------------------------------------------


def test_classes_are_called_as_people_write_them_and_kept_as_data_has_them(
    window: MainWindow, player: Player
) -> None:
    section = window.sections.classes
    names = ("pottedplant", "tvmonitor", "aeroplane", "traffic_light", "sofa")
    section.show_classes(names)
    model = section.model
    assert [model.index(row).data() for row in range(5)] == [
        *("potted plant", "TV", "airplane", "traffic light", "sofa"),
    ]
    for typed in ("potted p", "pottedplant"):
        section.search.setText(typed)
        assert not section.list.isHidden()
        section.none.click()
        assert player.settings.hidden_class_names == ("pottedplant",)
        section.all.click()
    section.search.clear()
    section.list.doubleClicked.emit(section.list.model().index(1, 0))
    assert set(names) - set(player.settings.hidden_class_names) == {"tvmonitor"}


def test_classes_are_listed_with_colours_and_counts(finding: MainWindow) -> None:
    model = finding.sections.classes.model
    assert model.names == ("person", "car")
    assert finding.sections.classes.list.isVisible()
    counts = [model.index(row).data(Qt.ItemDataRole.UserRole) for row in (0, 1)]
    assert counts == [2, 1]
    swatch = model.index(0).data(Qt.ItemDataRole.DecorationRole)
    middle = swatch.pixmap(30, 30).toImage().pixelColor(15, 15)
    # Class 0: hue 0.98, saturation 0.55, value 1: in the last sixth of the circle,
    # (1, 1 - 0.55, 1 - 0.55 * 0.88) * 255.
    assert (middle.red(), middle.green(), middle.blue()) == (255, 115, 132)


def test_its_section_is_no_higher_than_what_it_says(
    window: MainWindow, finding: MainWindow
) -> None:
    window.resize(1280, 1600)
    section = window.sections.classes
    names = tuple(f"class {number}" for number in range(20))

    def height() -> int:
        for _ in range(4):
            QApplication.processEvents()
        return section.height()

    section.show_classes(names)
    with_list = height()
    assert section.list.geometry().top() - section.search.geometry().bottom() < 12
    section.fold(True)
    folded = height()
    section.fold(False)
    section.show_classes(())
    without = height()
    assert folded < without < 120 < with_list


def test_before_a_model_runs_there_are_none(window: MainWindow) -> None:
    assert not window.sections.classes.list.isVisible()
    assert "once it runs" in window.sections.classes.summary.text()


def test_a_class_is_hidden_yet_counted(finding: MainWindow, player: Player) -> None:
    section = finding.sections.classes
    section.list.setCurrentIndex(_row(finding, "person"))
    QTest.keyClick(section.list, Qt.Key.Key_Space)
    assert player.settings.hidden_class_names == ("person",)
    assert section.summary.text() == "Hidden, yet counted: 1 of 2."
    assert section.model.index(0).data(Qt.ItemDataRole.UserRole) == 2
    assert player.is_paused is False  # Space was the list's
    finding.actions_.undo.trigger()
    assert not player.settings.hidden_class_names


def test_all_none_and_only_this(finding: MainWindow, player: Player) -> None:
    section = finding.sections.classes
    finding.changes.change("", hidden_class_names=("zebra",))  # another model's
    section.none.click()
    assert set(player.settings.hidden_class_names) == {"zebra", "person", "car"}
    section.all.click()
    assert player.settings.hidden_class_names == ("zebra",)
    section.list.setCurrentIndex(_row(finding, "car"))
    section.only.click()
    assert set(player.settings.hidden_class_names) == {"zebra", "person"}


def test_a_double_click_or_enter_shows_one_alone(
    finding: MainWindow, player: Player
) -> None:
    section = finding.sections.classes
    section.list.doubleClicked.emit(_row(finding, "person"))
    assert player.settings.hidden_class_names == ("car",)
    section.list.setCurrentIndex(_row(finding, "car"))
    QTest.keyClick(section.list, Qt.Key.Key_Return)
    assert player.settings.hidden_class_names == ("person",)


def test_a_class_is_found_by_a_part_of_its_name(finding: MainWindow) -> None:
    section = finding.sections.classes
    section.search.setFocus()
    QTest.keyClicks(section.search, "ERS")  # no shortcut takes them
    model = section.list.model()
    assert [model.index(i, 0).data() for i in range(model.rowCount())] == ["person"]


def _row(window: MainWindow, name: str) -> QModelIndex:
    model = window.sections.classes.list.model()
    rows = (model.index(i, 0) for i in range(model.rowCount()))
    return next(index for index in rows if index.data() == name)


# --- source and model ---------------------------------------------------------


def test_it_says_what_a_camera_granted_and_asks_it_for_another_mode(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    modes = (CameraMode((1920, 1080), 30, "MJPG"), CameraMode((640, 480), 30, "YUYV"))
    bench.cameras = [(0, "Logi C920")]
    for text in ("Logi C920", f"Logi C920@{modes[1]}"):
        bench.sources[text] = _Camera(modes)
    window.watch.look()
    section = window.sections.source
    until(lambda: section.camera.count() == 2)
    assert not section.mode.isVisible()
    section.camera.setCurrentIndex(1)
    section.camera.activated.emit(1)
    until(lambda: section.mode.isVisible())
    assert section.granted.text() == "6 x 4, 25 fps, MJPG"
    texts = [section.mode.itemText(i) for i in range(section.mode.count())]
    assert texts[1:] == ["1920 x 1080, 30 fps MJPG", "640 x 480, 30 fps YUYV"]
    section.mode.activated.emit(2)
    until(lambda: window._player.source_text == "Logi C920@640x480/30/YUYV")
    until(lambda: section.mode.currentIndex() == 2)
    assert section.camera.currentText() == "Logi C920"
    window.close_source()


class _Camera(FakeSource):
    def __init__(self, modes: tuple[CameraMode, ...]) -> None:
        super().__init__(10**6, is_live=True)
        self._modes = modes

    def open(self) -> VideoInfo:
        return replace(super().open(), pixel_format="MJPG", modes=self._modes)


def test_it_names_the_model_and_says_how_to_make_one(
    finding: MainWindow, bench: Bench
) -> None:
    section = finding.sections.model
    finding._player.open("clip")
    section.show_detector(
        DetectorInfo("fake.onnx", ("a", "b"), (300, 200), "CPU"), file_name=""
    )
    assert section.name.text() == "fake.onnx"
    assert section.details.text() == "Sees 300 x 200 pixels, knows 2 classes"
    section.make.click()
    assert section.advice.isVisible()
    section.advice.command.copy.click()
    assert QGuiApplication.clipboard().text() == bench.build.shown_for_own
    section.make.click()
    assert not section.advice.isVisible()


# --- backend ------------------------------------------------------------------


def test_a_device_that_cannot_be_had_says_why_and_how_to_get_it(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    section = window.sections.backend
    until(lambda: section.device.count() == 4)
    made = len(bench.made)
    section.device.setFocus()
    QTest.keyClick(section.device, Qt.Key.Key_End)  # the last: OpenVINO
    assert "CPU (OpenVINO) is not available: it is not installed" in section.advice.text
    section.advice.command.copy.click()
    assert QGuiApplication.clipboard().text() == "pip install openvino"
    assert len(bench.made) == made
    assert section.device.currentData() == "cpu"


class Told(FakeDetector):
    """Tells of itself what a test wants."""

    def __init__(
        self, *, on_open: Callable[[], None] = lambda: None, **info: object
    ) -> None:
        super().__init__(on_open=on_open)
        self._told = info

    def open(self) -> DetectorInfo:
        return replace(super().open(), **self._told)  # type: ignore[arg-type] # a test's


def test_what_was_not_had_stands_beside_the_badge_with_its_remedy(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    bench.detectors["cuda"] = Told(note="no driver", remedy="install one", threads=2)
    window.sections.backend.device_chosen.emit("cuda")
    section = window.sections.backend
    until(lambda: bool(section.advice.text))
    assert section.advice.text == "Not NVIDIA GPU (CUDA): no driver."
    assert section.advice.command.text == "install one"
    assert section.badge.text() == window.toolbar.badge.text() == "CPU"
    assert section.badge.property("badge") == "warning"
    assert section.details.text() == "CPU, threads: 2"
    playing.open()


def test_where_this_machine_stands_in_for_a_server_it_is_said_and_is_a_choice(
    window: MainWindow, player: Player
) -> None:
    section = window.sections.backend
    remote = DetectorInfo("m", ("a",), (300, 300), "Remote (gpu-box, CUDA)")
    local = DetectorInfo("m", ("a",), (300, 300), "CPU", stands_in_for="gpu-box")
    assert section.meanwhile.isHidden()  # nothing is elsewhere
    section.show_state(player.settings, remote, None, is_switching=False)
    assert section.badge.text() == "Remote"
    assert section.details.text() == "Remote (gpu-box, CUDA)"
    assert section.badge.property("badge") == "good"
    assert not section.meanwhile.isHidden()
    assert not section.meanwhile.isChecked()
    QTest.mouseClick(section.meanwhile, Qt.MouseButton.LeftButton)
    assert player.settings.meanwhile
    section.show_state(player.settings, local, None, is_switching=False)
    assert section.badge.text() == "CPU"
    window.toolbar.badge.show_detector(local, is_switching=False)
    assert window.toolbar.badge.text() == "CPU meanwhile"
    far = replace(remote, provider=f"Remote ({'far' * 20})")
    window.toolbar.badge.show_detector(far, is_switching=False)
    assert len(window.toolbar.badge.text()) == 48
    assert window.toolbar.badge.toolTip() == far.provider
    assert section.badge.property("badge") == "warning"
    assert section.advice.text.startswith("gpu-box does not answer")
    assert section.meanwhile.isChecked()


def test_only_a_command_is_offered_for_copying(qtbot: QtBot) -> None:
    advice = Advice()
    qtbot.addWidget(advice)
    advice.say("It is not there.", "pip install it")
    assert (advice.text, advice.command.text) == ("It is not there.", "pip install it")
    assert not advice.command.isHidden()
    advice.say("It is not there.", "There is nothing to mend.")
    assert advice.text == "It is not there. There is nothing to mend."
    assert advice.command.isHidden()


def test_after_a_switch_both_latencies_are_told(window: MainWindow) -> None:
    section = window.sections.backend
    info = DetectorInfo("m", ("a",), (300, 300), "CUDAExecutionProvider")
    section.show_state(
        Settings(device="cuda"),
        info,
        Tryout(
            *(42.06, 3.14, 0.984),
            (
                Difference("tvmonitor", 0.81, None),
                Difference("car", None, 0.6),
                Difference("dog", 0.9, 0.704),
            ),
        ),
        is_switching=False,
    )
    assert section.tryout.text() == (
        "Before 42.1 ms a frame, now 3.1 ms. 98 % of the boxes agree. "
        "TV 0.81 is gone, car 0.60 is new, dog 0.90 is now 0.70."
    )
    assert section.badge.property("badge") == "good"


def test_a_slow_switch_can_be_given_up_and_what_runs_goes_on(
    window: MainWindow, playing: Gate, player: Player, bench: Bench, until: Until
) -> None:
    gate = Gate()
    slow = Told(on_open=lambda: gate(1), provider="CUDAExecutionProvider")
    bench.detectors["cuda"] = slow
    section = window.sections.backend
    section.device_chosen.emit("cuda")
    assert section.cancel.isVisible()
    assert "Getting NVIDIA GPU (CUDA) ready" in section.waiting.text()
    assert window.toolbar.badge.text() == "Switching…"
    until(lambda: gate.was_reached)
    section.cancel.click()
    assert not section.cancel.isVisible()
    assert section.device.currentData() == "cpu"
    assert window.toolbar.badge.text() == "CPU"
    gate.open()
    until(lambda: slow.closed == 1)  # it was thrown away when it came
    assert player.detector_info is not None
    assert player.detector_info.device == "CPU"
    playing.open()


def test_a_switch_that_fails_after_it_was_given_up_says_nothing(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    gate = Gate()

    def fail() -> None:
        gate(1)
        raise ModelError("no GPU after all")

    slow = Told(on_open=fail)
    bench.detectors["cuda"] = slow
    window.sections.backend.device_chosen.emit("cuda")
    until(lambda: gate.was_reached)
    window.sections.backend.cancel.click()
    gate.open()
    until(lambda: slow.closed == 1)
    assert not window.notice.text
    playing.open()


# --- recording ----------------------------------------------------------------


def test_a_recording_tells_its_time_and_size(
    window: MainWindow, playing: Gate, bench: Bench, until: Until, tmp_path: Path
) -> None:
    section = window.sections.recording
    assert section.state.text() == "Not recording"
    section.button.click()
    until(lambda: section.state.text() != "Not recording")
    assert section.button.text() == "Stop recording"
    path, _ = bench.recorders[0]
    path.with_name(f".{path.name}.part").write_bytes(bytes(3_400_000))
    window.keeper._ask_size()
    until(lambda: window.keeper.state is not None and window.keeper._size_bytes > 0)
    window.dials.refresh_status()
    assert section.details.text() == "3.4 MB, nothing dropped"
    playing.open()
    until(lambda: section.state.text() == "Not recording")


def test_all_files_of_a_split_recording_count(tmp_path: Path) -> None:
    for name in ("a.mp4", "a (2).mp4", ".a (3).mp4.part", "b.mp4"):
        (tmp_path / name).write_bytes(bytes(10))
    assert size_of(tmp_path / "a.mp4") == 30


def test_what_is_recorded_and_how_it_is_split_reaches_the_recorder(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    section = window.sections.recording
    section.minutes.activated.emit(SPLIT_MINUTES.index(10))
    section.megabytes.activated.emit(SPLIT_MB.index(500))
    assert section.picture.currentText() == "with boxes"
    section.picture.activated.emit(section.picture.findText("the clean picture"))
    assert section.picture.currentText() == "the clean picture"
    window.actions_.record.trigger()
    until(lambda: bench.splits == [(10, 500)])
    assert bench.clean == [True]
    playing.open()
    until(lambda: not window._player.is_recording)


def test_a_hand_written_splitting_is_shown(window: MainWindow) -> None:
    window.sections.recording.show_settings(Settings(split_minutes=7))
    assert window.sections.recording.minutes.currentText() == "7 min"
