"""A recording that the window makes says what the window shows, in its language."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.drawing.lettering import Lettering
from app.drawing.overlay import draw, draw_card
from app.drawing.style import PLAIN
from app.drawing.viewport import place
from app.gui.picture.boxes import (
    Tabs,
    letter_px_on_screen,
    line_px_on_screen,
    paint_detections,
)
from app.gui.picture.counting import paint_scene
from app.gui.picture.lettering import lettered, mark_words, window_lettering
from app.pipeline.interfaces import VideoSource
from app.scene import Mark, Scene
from app.types import Detections, Viewport
from tests.fakes import FakeSource
from tests.gui.conftest import Bench
from tests.gui.languages.test_languages import spoken as spoken  # a fixture

pytestmark = pytest.mark.gui

SIZE_WH = (960, 720)
NAMES = ("chair", "cat")
FOUND = Detections(
    boxes_xyxy=np.array([[100, 100, 300, 250], [500, 300, 800, 600]], np.float32),
    scores=np.array([0.9, 0.6], np.float32),
    class_ids=np.array([0, 1], np.int64),
)
LINE = Mark(np.array([[50.0, 650.0], [450.0, 650.0]]), False, "Tür: 3 in, 12 out")


def shown() -> NDArray[np.uint8]:
    """What the window paints over a black picture of its own size, (H, W, 3)."""
    placement = place(Viewport(SIZE_WH), SIZE_WH)
    assert placement.scale == 1.0
    image = QImage(*SIZE_WH, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    font = QApplication.font()
    letter_px = letter_px_on_screen(SIZE_WH, placement, 1.0, 1.0)
    line_px = line_px_on_screen(SIZE_WH, placement, PLAIN)
    paint_scene(
        painter,
        Scene((LINE,)),
        placement=placement,
        tabs=Tabs(font, 0.8 * letter_px),
        line_px=line_px,
    )
    paint_detections(
        painter,
        FOUND,
        class_names=NAMES,
        placement=placement,
        tabs=Tabs(font, letter_px),
        line_px=line_px,
        style=PLAIN,
    )
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(*SIZE_WH[::-1], 4)
    return pixels[..., :3].copy()


@pytest.mark.parametrize("spoken", ["de", "ja"], indirect=True)
def test_what_is_recorded_says_what_the_window_shows(
    spoken: str, qapp: QApplication
) -> None:
    mark_words.cache_clear()
    lettering = window_lettering(qapp.font())
    drawn: list[NDArray[np.uint8]] = []

    def record() -> None:
        black = np.zeros((*SIZE_WH[::-1], 3), np.uint8)
        scene = Scene((LINE,))
        for _ in range(2):  # painted, then kept
            drawn.append(
                draw(
                    black,
                    FOUND,
                    class_names=NAMES,
                    fps=None,
                    style=PLAIN,
                    scene=scene,
                    lettering=lettering,
                )
            )

    thread = threading.Thread(target=record)  # as the pipeline's
    thread.start()
    thread.join(30)
    expected = shown()
    for x, y in ((100, 60), (500, 260)):  # above each box, and a box's own edge
        assert expected[y : y + 50, x : x + 90].max() == 255
        for recorded in drawn:
            window = slice(y, y + 50), slice(x, x + 90)
            assert np.array_equal(recorded[window], expected[window])
    word = {
        "de": "Tür: 3 hinein, 12 hinaus",
        "ja": "Tür\N{FULLWIDTH COLON}入 3、出 12",
    }[spoken]
    assert mark_words(LINE.text) == word
    near = slice(656, 668), slice(254, 330)  # amid the tab: lines are OpenCV's
    assert 0 in expected[near]
    assert 255 in expected[near]
    assert np.array_equal(drawn[0][near], expected[near])
    mark_words.cache_clear()


@pytest.mark.parametrize("spoken", ["de", "ja"], indirect=True)
def test_a_camera_that_is_quiet_says_so_in_the_language(
    spoken: str, qapp: QApplication
) -> None:
    lettering = window_lettering(qapp.font())
    source, written = FakeSource(1), list[tuple[object, str]]()

    def letter_source(source: VideoSource, letters: Lettering) -> VideoSource:
        written.append((source, letters.since_words("13:23:45")))
        return source

    plain = replace(
        Bench(sources={"cam": source}).factories(),
        letter=lambda _: draw,
        letter_source=letter_source,
    )
    assert lettered(plain, lettering).make_source("cam") is source
    said = {"de": "Kein Bild seit 13:23:45", "ja": "13:23:45 から映像がありません"}
    assert written == [(source, said[spoken])]
    grey = np.full((240, 320, 3), 90, np.uint8)
    card = draw_card(grey, "13:23:45", lettering=lettering)
    assert not np.array_equal(card, draw_card(grey, "13:23:45"))


def test_a_name_that_nobody_counted_at_stays_as_it_is() -> None:
    assert mark_words("parking: old") == "parking: old"
