"""Who went by, in the window: drawn, counted, moved, and checked by eye."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.drawing.viewport import place
from app.gui.counting.store import Kept, RulesStore
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from app.pipeline.interfaces import Factories, VideoSource
from app.settings import Settings
from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter
from app.tracking.events import Event
from app.tracking.rules import Line, Rules, read_rules
from app.tracking.tracker import Tracker
from app.tracking.watcher import Watcher
from app.types import Detections, Frame, ImageBgr, StageTimes, VideoInfo
from tests.fakes import FakeDetector, FakeFile, number_of
from tests.gui.conftest import Bench, make_window
from tests.gui.playing.test_player import Gate
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture
from tests.tracking.walks import SIZE_WH, boxes, standing

pytestmark = pytest.mark.gui

FRAMES = 24
CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def somebody(number: int) -> Detections:
    """Walks to the right, over the middle of the picture in frame 14."""
    return boxes(standing(60 + 10 * number, 120))


class Street(FakeFile):
    """A grey street; the frames have their numbers."""

    def open(self) -> VideoInfo:
        return replace(super().open(), size_wh=SIZE_WH)

    def frames(self) -> Iterator[Frame]:
        width, height = SIZE_WH
        for frame in super().frames():
            image_bgr = np.full((height, width, 3), 90, np.uint8)
            image_bgr[0, 0] = frame.image_bgr[0, 0]
            yield replace(frame, image_bgr=image_bgr)


class Walks(FakeDetector):
    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        super().detect(image_bgr, settings)
        return somebody(number_of(image_bgr)), StageTimes(inference_ms=1.0)


@pytest.fixture
def factories(bench: Bench) -> Factories:
    bench.detectors["cpu"] = Walks()
    played: list[str] = []

    def make_source(text: str) -> VideoSource:
        if text in played:  # read a second time, for pictures of events
            return Street(FRAMES)
        played.append(text)
        return bench.factories().make_source(text)

    return replace(
        bench.factories(),
        make_source=make_source,
        make_watcher=lambda: Watcher(knows_all=False),
        find_sidecar=lambda _: bench.sidecar,
    )


@pytest.fixture
def player(factories: Factories, qtbot: QtBot) -> Iterator[Player]:
    settings = Settings(device="cpu")
    player = Player(factories, settings=settings, model_path=Path("m.onnx"))
    yield player
    player.shut_down(5.0)


@pytest.fixture
def street(
    window: MainWindow, factories: Factories, bench: Bench, until: Until
) -> Iterator[Gate]:
    """One that shows frame 2 and then waits."""
    gate = Gate()
    bench.sources["/v/street.mp4"] = Street(
        FRAMES, before=lambda index: gate(index) if index > 2 else None
    )
    window.resize(1000, 700)
    window.open_source("/v/street.mp4")
    until(lambda: window.video.has_image)
    yield gate
    gate.open()


@pytest.fixture
def window(
    player: Player, factories: Factories, bench: Bench, qtbot: QtBot, tmp_path: Path
) -> MainWindow:
    window = make_window(player, bench, tmp_path, factories)
    qtbot.addWidget(window)
    window.show()
    return window


def at(window: MainWindow, x: float, y: float) -> QPoint:
    """Where that share of the picture is on the screen."""
    placement = place(window.video.viewport, SIZE_WH)
    ratio = window.video.devicePixelRatio()
    return QPoint(
        *(
            round((share * size * placement.scale + origin) / ratio)
            for share, size, origin in zip(
                (x, y), SIZE_WH, placement.origin_xy, strict=True
            )
        )
    )


def drag(window: MainWindow, *places: tuple[float, float]) -> None:
    spots = [at(window, *place) for place in places]
    QTest.mousePress(window.video, LEFT, pos=spots[0])
    for spot in spots[1:]:
        QTest.mouseMove(window.video, spot)
    QTest.mouseRelease(window.video, LEFT, pos=spots[-1])


def numbers(window: MainWindow) -> list[str]:
    rules = window.sections.counting.rules
    return [rules.item(row).text() for row in range(rules.count())]


def test_a_line_is_drawn_counts_and_can_be_checked(
    window: MainWindow,
    street: Gate,
    player: Player,
    factories: Factories,
    bench: Bench,
    until: Until,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    section, desk = window.sections.counting, window.counting
    QTest.mouseClick(section.line, LEFT)
    drag(window, (0.5, 0.2), (0.5, 0.6), (0.5, 0.9))
    (line,) = desk.editor.rules.lines
    assert line.from_xy == pytest.approx((0.5, 0.2), abs=0.01)
    assert line.to_xy == pytest.approx((0.5, 0.9), abs=0.01)
    assert not section.line.isChecked()
    street.open()
    until(lambda: numbers(window) == ["L1:  0 in, 1 out"])
    (event,) = desk.events
    until(lambda: section.events.model.has_picture(event))
    assert event.time_s == pytest.approx(14 / 25, abs=0.01)

    # A click on it shows the moment, and costs nothing of what was counted.
    view = section.events.view
    index = section.events.model.index(0)
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(index).center())
    source = bench.sources["/v/street.mp4"]
    assert isinstance(source, FakeFile)
    until(lambda: source.sought[-1:] == [event.time_s] and player.is_paused)
    until(lambda: (r := window.video.result) is not None and r.frame.index == 14)
    assert desk.events == (event,)
    QTest.mouseClick(section.events.wrong, LEFT)
    assert section.events.summary.text() == "1 events, of 1 looked at 0 right."

    # All of that is there again at the next start.
    until(lambda: (tmp_path / "counting.json").is_file())
    until(lambda: '"right": false' in (tmp_path / "counting.json").read_text())
    again = make_window(player, bench, tmp_path, factories)
    qtbot.addWidget(again)
    until(lambda: bool(again.counting._store.of("/v/street.mp4")))
    kept = again.counting._store.of("/v/street.mp4")
    assert kept.rules == desk.editor.rules
    assert kept.audit.of(event) is False


def test_the_mouse_draws_moves_and_removes_and_all_can_be_undone(
    window: MainWindow, street: Gate
) -> None:
    section, editor = window.sections.counting, window.counting.editor
    QTest.mouseClick(section.zone, LEFT)
    for corner in ((0.2, 0.3), (0.6, 0.3), (0.6, 0.7)):
        QTest.mouseClick(window.video, LEFT, pos=at(window, *corner))
    QTest.keyClick(window.video, Qt.Key.Key_Escape)
    assert not editor.rules  # cancelled
    assert not section.zone.isChecked()

    QTest.mouseClick(section.zone, LEFT)
    for corner in ((0.2, 0.3), (0.6, 0.3), (0.6, 0.7)):
        QTest.mouseClick(window.video, LEFT, pos=at(window, *corner))
    QTest.keyClick(window.video, Qt.Key.Key_Return)
    (zone,) = editor.rules.zones
    assert np.array(zone.polygon) == pytest.approx(
        np.array([(0.2, 0.3), (0.6, 0.3), (0.6, 0.7)]), abs=0.01
    )
    drag(window, (0.6, 0.7), (0.8, 0.8), (0.995, 0.8))  # a corner, to the edge
    assert editor.rules.zones[0].polygon[2][0] == 1.0
    drag(window, (0.4, 0.3), (0.5, 0.4))  # all of it: no further than the picture
    assert editor.rules.zones[0].polygon[2][0] == 1.0
    assert editor.rules.zones[0].polygon[0] == pytest.approx((0.2, 0.4), abs=0.01)

    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert editor.rules.zones == (zone,)
    QTest.mouseClick(window.video, LEFT, pos=at(window, 0.4, 0.3))  # takes hold of it
    QTest.keyClick(window.video, Qt.Key.Key_Delete)
    assert not editor.rules
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert editor.rules.zones == (zone,)


def test_names_classes_and_use_are_chosen_in_the_panel(
    window: MainWindow, street: Gate
) -> None:
    section, editor = window.sections.counting, window.counting.editor
    editor.add_zone(((0.1, 0.1), (0.9, 0.1), (0.5, 0.9)))
    section.name.setText("Gate")
    QTest.keyClick(section.name, Qt.Key.Key_Return)
    section.classes.menu().aboutToShow.emit()
    assert [a.text() for a in section.classes.menu().actions() if a.text()] == [
        *("all classes", "person", "car")
    ]
    section.classes.menu().actions()[2].trigger()
    section.use.setCurrentIndex(2)
    section.use.activated.emit(2)
    (zone,) = editor.rules.zones
    assert (zone.name, zone.classes, zone.use) == ("Gate", ("person",), "ignore")
    assert editor.selection == "Gate"
    editor.add_line((0.5, 0.2), (0.5, 0.8))
    section.name.setText("Gate")
    QTest.keyClick(section.name, Qt.Key.Key_Return)
    assert editor.rules.lines[0].name == "L1"
    assert "Gate" in window.notice.text


def test_a_line_over_a_file_with_a_sidecar_counts_all_of_it_wherever_it_is_moved(
    window: MainWindow, bench: Bench, until: Until, tmp_path: Path
) -> None:
    bench.sidecar = tmp_path / "street.jsonl"
    header = SidecarHeader(
        *("street.mp4", SIZE_WH, "m.onnx", ""),
        class_names=("person", "car"),
        settings={},
        tracking={"score_threshold": 0.5, "keep_s": 1.0},
    )
    tracker = Tracker()
    with SidecarWriter(bench.sidecar, header) as writer:
        for index in range(FRAMES):
            found = tracker.update(somebody(index), index / 25)
            writer.write(FrameDetections(index, index / 25, found))
    gate = Gate()
    bench.sources["/v/street.mp4"] = Street(
        FRAMES, before=lambda index: gate(index) if index else None
    )
    window.resize(1000, 700)
    window.open_source("/v/street.mp4")
    until(lambda: window.video.has_image)
    QTest.mouseClick(window.sections.counting.line, LEFT)
    drag(window, (0.5, 0.2), (0.5, 0.9))
    until(lambda: numbers(window) == ["L1:  0 in, 1 out"])  # though nothing was played
    drag(window, (0.5, 0.5), (0.9, 0.5))  # nobody comes that far
    until(lambda: numbers(window) == ["L1:  0 in, 0 out"])
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    until(lambda: numbers(window) == ["L1:  0 in, 1 out"])
    section = window.sections.counting
    assert section.state.text() == "All 0:01 of it, from street.jsonl"
    QTest.mouseClick(section.turn, LEFT)
    until(lambda: numbers(window) == ["L1:  1 in, 0 out"])
    gate.open()


def test_what_is_kept_has_no_passwords_and_a_broken_file_is_none(
    tmp_path: Path,
) -> None:
    path = tmp_path / "counting.json"
    rules = Rules(lines=(Line("L1", (0.0, 0.0), (1.0, 1.0)),))
    store = RulesStore(path, redact=lambda text: text.replace("me:secret@", ""))
    store.keep("rtsp://me:secret@host/live", Kept(rules))
    store.save()
    assert "secret" not in path.read_text()
    other = RulesStore(path, redact=str)  # another window of ours
    other.load()
    other.keep("/v/b.mp4", Kept(rules))
    store.keep("/v/a.mp4", Kept(rules))
    store.save()
    other.save()
    again = RulesStore(path, redact=str)
    again.load()
    for source in ("rtsp://host/live", "/v/a.mp4", "/v/b.mp4"):
        assert again.of(source).rules == rules
    path.write_text('{"sources": [1]}')
    broken = RulesStore(path, redact=str)
    broken.load()
    assert not broken.of("/v/a.mp4")


def test_rules_are_saved_and_opened_and_events_are_exported(
    window: MainWindow,
    street: Gate,
    until: Until,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen: list[Path] = []

    def choose(*_: object) -> tuple[str, str]:
        return str(chosen[-1]), ""

    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, choose)
    section, desk = window.sections.counting, window.counting
    QTest.mouseClick(section.line, LEFT)
    drag(window, (0.5, 0.2), (0.5, 0.6), (0.5, 0.9))
    drawn = desk.editor.rules
    chosen.append(tmp_path / "lines.json")
    section.save_wanted.emit()
    until(lambda: chosen[-1].exists() and str(chosen[-1]) in window.notice.text)
    assert read_rules(chosen[-1]) == drawn

    street.open()
    until(lambda: numbers(window) == ["L1:  0 in, 1 out"])
    chosen.append(tmp_path / "new folder" / "street.events.jsonl")
    section.export_wanted.emit()
    until(lambda: str(chosen[-1]) in window.notice.text)
    (event,) = map(json.loads, chosen[-1].read_text("utf-8").splitlines())
    assert (event["kind"], event["rule"], event["direction"]) == ("cross", "L1", "out")
    counts = json.loads(chosen[-1].with_name("street.counts.json").read_text("utf-8"))
    assert counts["L1"]["person"] == {"in": 0, "out": 1}
    assert chosen[-1].with_name("street.counts.csv").exists()

    desk.editor.put("nothing", Rules())
    chosen.append(tmp_path / "broken.json")
    chosen[-1].write_text("{")
    section.open_wanted.emit()
    until(lambda: window.notice.kind == "error")
    assert "broken.json" in window.notice.text
    assert not desk.editor.rules
    chosen.append(tmp_path / "lines.json")
    section.open_wanted.emit()
    until(lambda: desk.editor.rules == drawn)


def test_what_was_judged_is_exported_and_a_folder_that_cannot_be_is_said(
    window: MainWindow,
    street: Gate,
    until: Until,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").touch()
    chosen = tmp_path / "file" / "street.events.jsonl"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(chosen), ""))
    section, desk = window.sections.counting, window.counting
    desk.editor.add_line((0.5, 0.2), (0.5, 0.9))
    street.open()
    until(lambda: numbers(window) == ["L1:  0 in, 1 out"])
    assert section.state.text().startswith("From 0:00 to 0:0")
    section.export_wanted.emit()
    until(lambda: window.notice.kind == "error")
    assert f"{chosen} cannot be written" in window.notice.text
    section.events.view.setCurrentIndex(section.events.model.index(0))
    QTest.mouseClick(section.events.wrong, LEFT)
    chosen = tmp_path / "street.events.jsonl"
    section.export_wanted.emit()
    until(lambda: str(chosen) in window.notice.text and window.notice.kind != "error")
    (audit,) = tmp_path.glob("street.audit*")
    assert "L1" in audit.read_text("utf-8")


def test_no_picture_of_who_is_hidden_is_read_from_the_file(
    window: MainWindow, street: Gate, player: Player, until: Until
) -> None:
    events = window.sections.counting.events
    read: list[int] = []
    window.counting._pictures.read.connect(lambda event, _: read.append(event.track))
    window.counting._pictures.begin("/v/street.mp4")
    event = Event(0.4, 10, "cross", "L1", "in", 1, "person", (200.0, 100.0))
    player.update_settings(replace(player.settings, covered_class_names=("person",)))
    events.model.picture_wanted.emit(event)
    player.update_settings(replace(player.settings, covered_class_names=()))
    events.model.picture_wanted.emit(replace(event, track=2))
    until(lambda: bool(read))
    assert read == [2]
