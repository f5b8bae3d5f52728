"""A recording that the window makes says what the window shows, in its language."""

import threading

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.drawing.overlay import draw
from app.drawing.style import PLAIN
from app.drawing.viewport import place
from app.gui.picture.boxes import (
    Tabs,
    letter_px_on_screen,
    line_px_on_screen,
    paint_detections,
)
from app.gui.picture.counting import paint_scene
from app.gui.picture.lettering import mark_words, window_lettering
from app.scene import Mark, Scene
from app.types import Detections, Viewport
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
    word = {"de": "Tür: 3 hinein, 12 hinaus", "ja": "Tür: 入 3、出 12"}[spoken]
    assert mark_words(LINE.text) == word
    near = slice(656, 668), slice(254, 330)  # amid the tab: lines are OpenCV's
    assert 0 in expected[near]
    assert 255 in expected[near]
    assert np.array_equal(drawn[0][near], expected[near])
    mark_words.cache_clear()


def test_a_name_that_nobody_counted_at_stays_as_it_is() -> None:
    assert mark_words("parking: old") == "parking: old"
