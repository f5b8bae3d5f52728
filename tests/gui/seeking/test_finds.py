"""The strip along the bar, the finds that it leads to, and the part that is marked."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.drawing.style import class_color_rgb
from app.export.found import read_found
from app.gui.seeking.find_map import COLUMNS, NOTHING_BGRA, UNSEEN_BGRA, FindMap
from app.gui.window import MainWindow
from app.settings import Settings
from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter
from app.types import Detections, ImageBgr, StageTimes
from tests.fakes import FakeDetector, FakeFile, number_of
from tests.gui.conftest import Bench
from tests.gui.seeking.test_transport import shown
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture

pytestmark = pytest.mark.gui

SHIFT = Qt.KeyboardModifier.ShiftModifier
FPS, COUNT = 25, 250  # ten seconds
AT_ONE = 1.0005  # amid the frame of 1.000
# Frames with each class: of the second one, twice with a second between.
FOUND = {0: range(100, 120), 1: (*range(50, 60), *range(200, 210))}
NAMES = ("person", "car")  # as of `FakeDetector`


def found_in(number: int) -> Detections:
    ids = [class_id for class_id, frames in FOUND.items() if number in frames]
    boxes = np.tile(np.array([1, 1, 3, 3], np.float32), (len(ids), 1))
    scores = np.full(len(ids), 0.9, np.float32)
    return Detections(boxes, scores, np.array(ids, np.int64))


class Finder(FakeDetector):
    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        _, times = super().detect(image_bgr, settings)
        found = found_in(number_of(image_bgr))
        return (found if settings.score_threshold < 0.9 else Detections.empty()), times


@pytest.fixture
def at_start(window: MainWindow, bench: Bench, until: Until) -> FakeFile:
    source = FakeFile(COUNT, fps=FPS)
    bench.sources["clip.mp4"] = source
    bench.detectors["cpu"] = Finder()
    window.open_source("clip.mp4")
    until(lambda: window._player.can_seek)
    window._player.step(1)
    until(lambda: window.video.has_image and window.transport.isVisible())
    QTest.keyClick(window, Qt.Key.Key_Home)
    until(lambda: shown(window) == 0)
    window.dials.refresh()
    return source


def test_each_class_has_its_colour_where_it_is() -> None:
    found = FindMap(2, COLUMNS - 1, gap=10)
    found.add(7, [])
    found.add(300, [1])
    found.add(500, [0, 1])
    both = found.picture([0, 1])
    person, car = ((*class_color_rgb(c)[::-1], 255) for c in (0, 1))
    assert [tuple(both[0, x]) for x in (6, 7, 300)] == [
        UNSEEN_BGRA,
        NOTHING_BGRA,
        car,
    ]
    assert [tuple(both[row, 500]) for row in (0, -1)] == [person, car]
    alone = found.picture([0])
    assert tuple(alone[0, 300]) == NOTHING_BGRA
    found.add(301, [1])
    found.paint(both, [0, 1], slice(301, 302))
    assert (both == found.picture([0, 1])).all()


def test_what_comes_back_is_found_anew() -> None:
    found = FindMap(2, 1000, gap=50)
    for place in (100, 120, 160, 300, 310):
        found.add(place, [1])
    found.add(110, [])
    assert found.add(110, [0]) is not None  # looked at again, with another threshold
    assert found.add(110, [0]) is None
    assert [found.after(p, [1]) for p in (0, 100, 299, 300)] == [100, 300, 300, None]
    assert [found.before(p, [1]) for p in (100, 101, 310)] == [None, 100, 300]
    assert found.after(100, [0, 1]) == 110


def known_after(window: MainWindow, place: int) -> int | None:
    assert window.finds._map is not None
    return window.finds._map.after(place, [1])


def test_keys_lead_from_find_to_find_and_it_is_filled_in_as_it_plays(
    window: MainWindow, at_start: FakeFile, until: Until
) -> None:
    QTest.keyClick(window, Qt.Key.Key_N)
    assert "What was not played is not known" in window.status.currentMessage()
    for number in (50, 51, 100, 200):
        window._player.seek(number / FPS)
        until(lambda number=number: shown(window) == number)  # type: ignore[misc] # bound now
    QTest.keyClick(window, Qt.Key.Key_N, SHIFT)
    until(lambda: shown(window) == 100)
    assert window.status.currentMessage() == "person  0:04.000"
    QTest.keyClick(window, Qt.Key.Key_N, SHIFT)
    until(lambda: shown(window) == 50)
    classes = window.sections.classes
    classes.list.setCurrentIndex(classes.list.model().index(1, 0))
    QTest.keyClick(window, Qt.Key.Key_N)  # a car: past the person
    until(lambda: shown(window) == 200)
    classes.all.click()  # any will do
    QTest.keyClick(window, Qt.Key.Key_N, SHIFT)
    until(lambda: shown(window) == 100)


def test_another_threshold_or_model_begins_anew(
    window: MainWindow, at_start: FakeFile, bench: Bench, until: Until
) -> None:
    window._player.seek(2.0)
    until(lambda: shown(window) == 50)
    assert known_after(window, 0) == 2000
    window.sections.detection.score.setValue(95)
    until(lambda: window.finds._map is not None and bool(window.finds._map._known))
    assert known_after(window, 0) is None
    window.sections.detection.score.setValue(40)
    until(lambda: known_after(window, 0) == 2000)
    bench.detectors["cpu"] = FakeDetector(name="other.onnx")
    window.use_model(Path("other.onnx"))
    until(lambda: window.finds._model == "other.onnx")
    assert known_after(window, 0) is None


def sidecar(path: Path, *, model: str) -> Path:
    header = SidecarHeader(
        "clip.mp4", (6, 4), model, "", NAMES, {"score_threshold": 0.05}
    )
    with SidecarWriter(path, header) as writer:
        for number in range(COUNT):
            writer.write(FrameDetections(number, number / FPS, found_in(number)))
    return path


def test_a_sidecar_is_read_up_to_where_it_is_cut_off(tmp_path: Path) -> None:
    path = sidecar(tmp_path / "clip.jsonl", model="fake.onnx")
    found = read_found(path)
    assert len(found.times_s) == COUNT
    assert found.places[found.class_ids == 0].tolist() == list(FOUND[0])
    path.write_bytes(path.read_bytes()[:-30])
    assert len(read_found(path).times_s) == COUNT - 1


@pytest.mark.parametrize("model", ["fake.onnx", "another.onnx"])
def test_what_an_export_found_is_known_at_once_if_it_was_this_model(
    window: MainWindow,
    bench: Bench,
    until: Until,
    tmp_path: Path,
    model: str,
) -> None:
    path = sidecar(tmp_path / "clip.jsonl", model=model)
    window.finds._find_sidecar = lambda _: path
    bench.sources["clip.mp4"] = FakeFile(COUNT, fps=FPS)
    bench.detectors["cpu"] = Finder()
    window.open_source("clip.mp4")
    until(lambda: window.finds._known is not None and window.finds._map is not None)
    assert known_after(window, 7000) == (8000 if model == "fake.onnx" else None)


# --- in and out --------------------------------------------------------------


def test_in_and_out_mark_a_part_that_the_player_tells(
    window: MainWindow, at_start: FakeFile, until: Until
) -> None:
    def go(number: int) -> None:
        window._player.seek(number / FPS)
        until(lambda: shown(window) == number)

    go(50)
    QTest.keyClick(window, Qt.Key.Key_I)
    assert window._player.part_s == pytest.approx((2.0, 10.0), abs=0.03)
    go(74)
    QTest.keyClick(window, Qt.Key.Key_O)
    assert window._player.part_s == pytest.approx((2.0, 2.98), abs=0.001)
    assert window.transport.position._part == (2000, 2960)
    go(20)
    QTest.keyClick(window, Qt.Key.Key_O)  # before its beginning, which goes
    assert window._player.part_s == pytest.approx((0.0, 0.82), abs=0.001)
    QTest.keyClick(window, Qt.Key.Key_I, SHIFT)
    assert window._player.part_s is None
    assert window.transport.position._part is None


def test_the_part_is_played_alone_only_if_asked(
    window: MainWindow, at_start: FakeFile, until: Until
) -> None:
    player = window._player
    window.part._begin, window.part._end = 1000, 1200
    window.part._apply()
    player.seek(1.0)
    until(lambda: shown(window) == 25)
    player.resume()
    until(lambda: shown(window) > 32)  # past its end
    window.actions_.part_alone.trigger()
    until(lambda: player.is_paused and shown(window) == 30)  # its last
    QTest.keyClick(window, Qt.Key.Key_Space)  # again, from its beginning
    until(lambda: at_start.sought[-1] == AT_ONE)
    until(lambda: player.is_paused and shown(window) == 30)
    window.actions_.loop.trigger()
    before = at_start.sought.count(AT_ONE)
    player.resume()
    until(lambda: at_start.sought.count(AT_ONE) >= before + 2)
