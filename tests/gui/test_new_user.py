"""What somebody new to the window runs into, one promise each."""

import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QCursor, QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QMenu,
    QPushButton,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.errors import ModelError, SourceError
from app.gui.opening.address_dialog import AddressDialog
from app.gui.pages.model_builder import BuildCommand, ModelBuilder
from app.gui.picture.marks import Marks
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.settings import Settings
from tests.fakes import FakeDetector, FakeFile, FakeSource
from tests.gui.conftest import Bench, make_window
from tests.gui.drops import drop, files
from tests.gui.playing.test_keeper import film as film  # fixtures
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import playing as playing
from tests.gui.test_window import until as until

pytestmark = pytest.mark.gui


# --- the title, counts and signs tell of what is on show (B6, B8, B12) --------


def test_after_a_failed_open_nothing_of_the_last_source_is_left(
    window: MainWindow, playing: Gate, bench: Bench, until: Until
) -> None:
    def broken() -> None:
        raise SourceError("b.mp4 is damaged.", "Choose another.")

    window.sections.classes.show_counts([2, 1])
    bench.sources["b.mp4"] = FakeSource(3, on_open=broken)
    window.open_source("b.mp4")
    playing.open()
    until(lambda: window.page.title.text() == "b.mp4 is damaged.")
    assert window.windowTitle() == "MobileNet-SSD Live"
    counts = [window.sections.classes.model._counts]
    assert counts == [[0, 0]]


def test_full_screen_says_that_it_records_and_that_it_is_held(
    window: MainWindow, film: FakeFile, player: Player, until: Until
) -> None:
    assert window.video._marks == Marks(is_held=True)
    window.actions_.full_screen.trigger()
    assert [text for text, _ in window.video._marks.texts()] == ["❚❚"]
    window.actions_.record.trigger()
    until(lambda: player.is_recording)
    window.dials.refresh_status()
    assert [text for text, _ in window.video._marks.texts()] == ["❚❚ 0:00"]
    window.actions_.leave_full_screen.trigger()
    assert [text for text, _ in window.video._marks.texts()] == ["❚❚ 0:00"]


def test_no_rate_is_told_while_nothing_moves(
    window: MainWindow, film: FakeFile, until: Until, player: Player
) -> None:
    window.dials.refresh()
    assert window.status.rates.isHidden()
    player.step(1)
    until(lambda: window.video.result is not None and window.video.result.fps == 0)
    assert window.video.result is not None
    assert window.video._sign(window.video.result) == ""


# --- ways out (B13, B14, B15, B26, B28, B30) ---------------------------------


def test_a_mistyped_model_offers_the_bundled_one_and_builds_nothing(
    player: Player, bench: Bench, until: Until, qtbot: QtBot, tmp_path: Path
) -> None:
    def missing() -> None:
        raise ModelError("There is no model file m.onnx.", "Choose another.")

    bundled = tmp_path / "bundled.onnx"
    bench.build = BuildCommand("no", ("no",), Path("b"), "no", True, bundled=bundled)
    window = make_window(player, bench, tmp_path)
    qtbot.addWidget(window)
    bench.sources["clip"] = FakeSource(3)
    bench.detectors["cpu"] = FakeDetector(on_open=missing)
    window.open_source("clip")
    until(lambda: "no model file" in window.page.title.text())
    assert [button.text() for button in window.page.buttons] == [
        "Use the bundled model",
        "Open model…",
    ]
    until(lambda: not player.is_running)
    bench.detectors.clear()
    window.page.click("Use the bundled model")
    until(lambda: window.notice.text == "The end.")
    assert bench.made[-1] == ("bundled.onnx", "cpu")


def test_weights_are_no_video_and_end_nothing(
    window: MainWindow, playing: Gate, player: Player
) -> None:
    assert drop(window, files("/my models/net v2.keras"))
    assert window.notice.text.startswith("net v2.keras holds weights")
    window.notice._action.click()
    assert QGuiApplication.clipboard().text() == (
        'python build_model.py convert "/my models/net v2.keras" -o MODEL.onnx'
    )
    assert player.source_text == "clip"
    playing.open()


@pytest.mark.parametrize(
    ("text", "first"),
    [("/a/b.mp4", "Open file…"), ("rtsp://host/x", "Try again"), ("0", "Try again")],
)
def test_what_can_help_is_offered_first(
    text: str, first: str, window: MainWindow, bench: Bench, until: Until
) -> None:
    def broken() -> None:
        raise SourceError("It is broken.", "Choose another.")

    bench.sources[text] = FakeSource(3, on_open=broken)
    window.open_source(text)
    until(lambda: window.page.title.text() == "It is broken.")
    primary = [b.text() for b in window.page.buttons if b.property("primary")]
    assert primary == [first]


def test_a_broken_file_leaves_what_plays(
    window: MainWindow, playing: Gate, bench: Bench, until: Until, tmp_path: Path
) -> None:
    def broken() -> None:
        raise SourceError("It is broken.", "Choose another.")

    path = tmp_path / "b.mp4"
    path.touch()
    bench.sources[str(path)] = FakeSource(3, on_open=broken)
    window.open_source(str(path))
    until(lambda: window.notice.text == "It is broken. Choose another.")
    assert window.video.has_image
    assert window._player.source_text == "clip"
    playing.open()


def test_where_nothing_shows_folders_the_path_is_not_lost(
    window: MainWindow, until: Until, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    window.messages.tell_snapshot(tmp_path / "a.png")
    window.notice._action.click()
    assert str(tmp_path / "a.png") in window.notice.text
    window.notice._action.click()
    assert QGuiApplication.clipboard().text() == str(tmp_path / "a.png")


def test_what_was_recovered_can_be_shown(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[QUrl] = []

    def open_it(url: QUrl) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_it)
    window.messages.tell_recovered(["A recording was cut off."], tmp_path)
    window.notice._action.click()
    assert opened == [QUrl.fromLocalFile(str(tmp_path))]


def test_news_of_a_file_goes_by_itself(
    window: MainWindow, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.gui.bars.messages.NEWS_MS", 20)
    window.messages.tell_snapshot(Path("/a.png"))
    assert window.notice.text == "Saved /a.png"
    until(lambda: not window.notice.text)


# --- names and folders (B9, B18, B23) ----------------------------------------


def test_enter_opens_an_address_that_is_in_the_list(
    qtbot: QtBot, window: MainWindow
) -> None:
    QGuiApplication.clipboard().setText("")
    dialog = AddressDialog(window, known=["test:unplugged"])
    chosen: list[str] = []
    dialog.chosen.connect(chosen.append)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.line.setFocus()
    QTest.keyClicks(dialog.line, "test:unplugged")
    popup = dialog.line.completer().popup()
    assert popup is not None
    qtbot.waitUntil(popup.isVisible)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert chosen == ["test:unplugged"]


def test_the_chosen_model_is_kept(
    window: MainWindow, playing: Gate, player: Player, until: Until
) -> None:
    assert player.settings.model == ""
    window.use_model(Path("/models/mine.onnx"))
    until(lambda: not player.is_switching)
    assert player.settings.model == str(Path("/models/mine.onnx"))
    window.use_model(Path("m.onnx"))  # what it was started with
    assert player.settings.model == ""
    playing.open()


def test_a_model_that_fails_is_not_kept(
    window: MainWindow, playing: Gate, player: Player, bench: Bench, until: Until
) -> None:
    def broken() -> None:
        raise ModelError("It is no model.", "Choose another.")

    bench.detectors["cpu"] = FakeDetector(on_open=broken)
    window.use_model(Path("/models/mine.onnx"))
    until(lambda: "It is no model." in window.notice.text)
    assert player.settings.model == ""
    playing.open()


def test_dialogs_begin_beside_what_was_opened_last(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    offered: list[str] = []

    def ask(
        _window: QWidget, _title: str, folder: str, filters: str, **_: object
    ) -> object:
        begun.append(folder)
        offered.append(filters)
        return [], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", ask)
    window.opener.take_text("/videos/a/b.mp4")
    window.actions_.open_file.trigger()
    assert begun == [str(Path("/videos/a"))]
    assert "(*.avi *.jpg *.mp4 *.mpg)" in offered[0]  # as the bench says


# --- words, knobs and lines that are seen whole (B14, B20, B21) ---------------


def test_how_a_model_is_made_of_ones_own_weights_is_read_whole(
    window: MainWindow, qtbot: QtBot
) -> None:
    section = window.sections.model
    section.make.click()
    command = section.advice.command
    assert command.text == window.builder.command.shown_for_own
    (line,) = command.findChildren(QLabel)
    for width in (1200, 640):
        window.resize(width, 700)
        qtbot.waitUntil(lambda: line.height() >= line.heightForWidth(line.width()))
        # Where it may break is seen by nobody.
        words = re.split(r"[ \N{ZERO WIDTH SPACE}]", line.text())
        assert max(map(line.fontMetrics().horizontalAdvance, words)) <= line.width()


@pytest.mark.parametrize(("device", "expected"), [("auto", "Auto"), ("cuda", "CUDA")])
def test_a_device_has_a_name_before_all_are_listed(
    window: MainWindow, device: str, expected: str
) -> None:
    section, settings = window.sections.backend, Settings(device=device)
    section.show_devices(())
    section.show_state(settings, None, None, is_switching=True)
    assert section.chosen == expected
    assert section.waiting.text().startswith(f"Getting {section.chosen} ready")
    section.show_state(settings, None, None, is_switching=False)


def test_the_knob_of_the_bar_is_seen_whole(window: MainWindow, film: FakeFile) -> None:
    slider = window.transport.position
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    knob = slider.style().subControlRect(
        QStyle.ComplexControl.CC_Slider,
        option,
        QStyle.SubControl.SC_SliderHandle,
        slider,
    )
    assert knob.height() >= 10
    assert slider.rect().contains(knob)


def test_a_button_whose_menu_was_left_by_esc_does_not_look_hovered(
    window: MainWindow,
) -> None:
    """B29: Qt leaves it as it was when the mouse went into the menu."""
    all_buttons: list[QToolButton | QPushButton] = [
        *window.findChildren(QToolButton),
        *window.findChildren(QPushButton),
    ]
    seen = [button for button in all_buttons if button.isVisible()]
    buttons = [button for button in seen if button.menu() is not None]
    assert len(buttons) >= 2
    for button in buttons:
        menu = button.menu()
        for is_there in (True, False):
            place = button.rect().center() if is_there else QPoint(-200, -200)
            QCursor.setPos(button.mapToGlobal(place))
            button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
            menu.popup(QPoint(0, 0))
            QTest.keyClick(menu, Qt.Key.Key_Escape)
            assert not menu.isVisible()
            assert button.underMouse() == is_there


# --- the class list (B25, REVIEW 6 and 7) ------------------------------------


@pytest.fixture
def listed(window: MainWindow) -> MainWindow:
    window.sections.classes.show_classes(("aeroplane", "bird", "bus", "sheep"))
    return window


def hidden(window: MainWindow) -> set[str]:
    return set(window._player.settings.hidden_class_names)


def test_a_letter_in_the_list_looks_for_a_name(
    listed: MainWindow, playing: Gate, bench: Bench
) -> None:
    listed.sections.classes.show_classes(("aeroplane", "bird", "bus", "sheep"))
    classes = listed.sections.classes.list
    classes.setFocus()
    for key in (Qt.Key.Key_S, Qt.Key.Key_R, Qt.Key.Key_F, Qt.Key.Key_P):
        QTest.keyClick(classes, key)
    assert not bench.snapshots
    assert not listed.isFullScreen()
    assert not listed._player.is_recording
    assert listed.plots.isHidden()
    playing.open()


def test_a_search_without_a_match_says_so_and_esc_empties_it(
    listed: MainWindow,
) -> None:
    section = listed.sections.classes
    height = section.list.height()
    section.search.setText("zebra")
    assert section.not_found.isVisible()
    assert "zebra" in section.not_found.text()
    section.show_classes(("aeroplane", "bird"))  # another model meanwhile
    assert section.list.height() > 0
    QTest.keyClick(section.search, Qt.Key.Key_Escape)
    assert section.search.text() == ""
    assert not section.not_found.isVisible()
    assert section.list.isVisible()
    assert height > 0


def test_all_and_none_are_of_what_is_listed(listed: MainWindow) -> None:
    section = listed.sections.classes
    section.search.setText("b")
    section.none.click()
    assert hidden(listed) == {"bird", "bus"}
    section.search.setText("bi")
    section.all.click()
    assert hidden(listed) == {"bus"}


def test_a_menu_that_is_older_than_the_model_hides_nothing(
    listed: MainWindow, until: Until
) -> None:
    section = listed.sections.classes
    section._show_menu(section.list.visualRect(section._found.index(3, 0)).center())
    (menu,) = section.findChildren(QMenu)
    section.show_classes(("person", "dog"))
    menu.actions()[0].trigger()  # only sheep
    assert hidden(listed) == set()
    menu.close()


def test_a_thousand_classes_do_not_block_the_window(listed: MainWindow) -> None:
    names = tuple(f"class {i}" for i in range(1000))
    section = listed.sections.classes
    started_s = time.process_time()
    section.show_classes(names)
    section.none.click()
    section.show_counts(list(range(1000)))
    listed.video.apply(listed._player.settings)
    assert time.process_time() - started_s < 1.0  # was 0.3 a listing, and quadratic


# --- small things that hold for long (REVIEW 4, 5, 9, 10) --------------------


def test_a_build_after_a_cancelled_one_is_not_killed_with_it(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.gui.pages.model_builder.KILL_AFTER_MS", 300)
    code = "import time; print('begun', flush=True); time.sleep(0.8)"
    command = BuildCommand(sys.executable, ("-c", code), tmp_path / "m", "", True)
    builder = ModelBuilder(command)
    with qtbot.waitSignal(builder.said, timeout=10_000):
        builder.start()
    with qtbot.waitSignal(builder.failed, timeout=10_000):
        builder.cancel()
    builder.start()
    with qtbot.waitSignal(builder.built, timeout=10_000):
        pass


def test_a_maximised_window_is_so_after_full_screen(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.showMaximized()
    qtbot.waitUntil(window.isMaximized)
    window.actions_.full_screen.trigger()
    qtbot.waitUntil(window.isFullScreen)
    window.actions_.leave_full_screen.trigger()
    qtbot.waitUntil(lambda: window.isMaximized() and not window.isFullScreen())


def test_a_source_that_opens_after_it_was_closed_is_not_told(
    window: MainWindow, bench: Bench, until: Until
) -> None:
    gate = Gate()
    bench.sources["late"] = FakeSource(3, is_live=True, on_open=lambda: gate(1))
    window.open_source("late")
    until(lambda: gate.was_reached)
    window.close_source()
    gate.open()
    until(lambda: not window._player.is_running)
    assert window.windowTitle() == "MobileNet-SSD Live"
    assert window.opener._recent.names == []


def test_settings_know_a_model_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    Settings(model="/m/ä.onnx").save(path)
    assert Settings.load(path).model == "/m/ä.onnx"
    with pytest.raises(ValueError, match="model must be a path"):
        Settings(model=3)  # type: ignore[arg-type]  # what a file may hold


# --- the keyboard and small windows (B16, B17) -------------------------------


def test_tab_reaches_every_button_from_the_left_to_the_right(
    window: MainWindow, film: FakeFile
) -> None:
    window.toolbar.setFocus()
    stops, seen = [*window.toolbar.stops, window.scene], []
    stops[0].setFocus(Qt.FocusReason.TabFocusReason)
    for _ in stops:
        seen.append(window.focusWidget())
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    reachable = [stop for stop in stops if stop.isEnabled()]
    assert seen[: len(reachable)] == reachable
    assert window.toolbar.badge in seen


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_the_badge_answers_to_the_keyboard(
    key: Qt.Key, window: MainWindow, film: FakeFile
) -> None:
    window.panel.hide()
    QTest.keyClick(window.toolbar.badge, key)
    assert window.panel.isVisible()


def test_in_a_small_window_every_button_is_seen(
    window: MainWindow, film: FakeFile, qtbot: QtBot
) -> None:
    window.panel.hide()
    bar = window.toolbar
    not_now = [bar.widgetForAction(a) for a in bar.actions() if not a.isVisible()]
    not_now += [b for b in window.transport.stops if b.isHidden()]  # no list plays
    for width in (1200, 640, 500, 100):
        window.resize(width, 400)
        QTest.qWait(0)
        for widget in (*window.toolbar.stops, *window.transport.stops):
            if widget in not_now:
                continue
            inside = widget.mapTo(window, widget.rect().bottomRight())
            assert widget.isVisible(), (width, widget)
            assert 0 < inside.x() < window.width(), (width, widget)
    assert window.transport.position.width() >= 90


def test_a_label_makes_way_for_the_sign_in_the_corner() -> None:
    """In pixels and on the screen alike: both ask `place_labels`."""
    from app.drawing.labels import place_labels

    sign = (0.0, 0.0, 100.0, 30.0)
    box = np.array([[0, 0, 400, 300]])
    ((x, y),) = place_labels(
        box, np.array([[80, 20]]), (0, 0, 400, 300), kept_clear_xyxy=[sign]
    )
    assert not (x < 100 and y < 30)


# --- what nobody gets to see is said ------------------------------------------


def test_covered_classes_are_named_for_as_long_as_they_are_covered(
    window: MainWindow, player: Player
) -> None:
    assert window.status.covered.isHidden()
    player.update_settings(Settings(covered_class_names=("person", "car")))
    assert not window.status.covered.isHidden()
    assert window.status.covered.text() == "Hidden: person, car"
    player.update_settings(Settings())
    assert window.status.covered.isHidden()
