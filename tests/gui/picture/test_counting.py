"""Lines and trails are painted where they are in the picture."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.drawing.viewport import place
from app.gui.picture.boxes import Tabs
from app.gui.picture.counting import paint_scene
from app.scene import NO_SCENE, Mark, Scene, Trail
from app.types import Viewport

pytestmark = pytest.mark.gui
BLACK = QColor(0, 0, 0)


def painted(scene: Scene) -> QImage:
    """A picture of 100 x 50 in a view of 200 x 100."""
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(BLACK)
    painter = QPainter(image)
    placement = place(Viewport((200, 100)), (100, 50))
    tabs = Tabs(QFont(), 6)
    paint_scene(painter, scene, placement=placement, tabs=tabs, line_px=2)
    painter.end()
    return image


def test_a_line_and_its_arrow_are_where_they_are_counted(qtbot: QtBot) -> None:
    line = Mark(np.array([[50.0, 5.0], [50.0, 45.0]]), False, "L1", in_xy=(-1.0, 0.0))
    image = painted(Scene(marks=(line,)))
    assert image.pixelColor(100, 20) == QColor(255, 255, 255)
    assert image.pixelColor(90, 50) == QColor(255, 255, 255)  # the arrow, to the left
    assert image.pixelColor(60, 20) == BLACK
    assert image.pixelColor(100, 98) == BLACK


def test_words_at_the_edge_are_all_in_the_picture(qtbot: QtBot) -> None:
    line = Mark(np.array([[95.0, 5.0], [95.0, 45.0]]), False, "Z1: 3 inside")
    assert painted(Scene(marks=(line,))).pixelColor(165, 51) == QColor(255, 255, 255)


def test_words_stand_below_those_that_are_there(qtbot: QtBot) -> None:
    ends_xy = np.array([[50.0, 5.0], [50.0, 45.0]])
    lines = tuple(Mark(ends_xy, False, name) for name in ("L1", "L2"))
    _, height = Tabs(QFont(), 6).size_wh("L1")
    image = painted(Scene(marks=lines))
    assert image.pixelColor(103, 50 + height + 1) == QColor(255, 255, 255)


def test_a_trail_has_the_colour_of_its_class(qtbot: QtBot) -> None:
    trail = Trail(np.array([[10.0, 40.0], [90.0, 40.0]]), class_id=3)
    image = painted(Scene(trails=(trail,)))
    assert image.pixelColor(100, 80) != BLACK
    assert image.pixelColor(100, 60) == BLACK


def test_nothing_is_painted_of_nothing(qtbot: QtBot) -> None:
    assert painted(NO_SCENE).pixelColor(100, 50) == BLACK
