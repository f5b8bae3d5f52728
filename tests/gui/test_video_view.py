"""What app.gui.video_view promises."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.gui.video_view import BACKGROUND, VideoView, fit

pytestmark = pytest.mark.gui


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((640, 272), (0, 30, 400, 170)),  # wide: 400 * 272 / 640 = 170
        ((100, 200), (142.5, 0, 115, 230)),  # upright: 230 / 2 = 115
        ((4000, 2300), (0, 0, 400, 230)),
    ],
)
def test_the_picture_is_as_large_as_fits_and_centred(
    size: tuple[int, int], expected: tuple[float, float, float, float]
) -> None:
    rect = fit(QSizeF(*size), QRectF(0, 0, 400, 230))
    assert rect.getRect() == pytest.approx(expected)


def test_corners_and_colors_are_where_they_belong(qtbot: QtBot) -> None:
    """A picture with four different corners, in a widget twice its size."""
    image = np.zeros((180, 320, 3), np.uint8)
    corners = {
        (0, 0): (255, 0, 0),  # blue, green, red: top left is blue
        (0, -1): (0, 255, 0),
        (-1, 0): (0, 0, 255),
        (-1, -1): (0, 255, 255),
    }
    for (row, column), bgr in corners.items():
        rows = slice(0, 90) if row == 0 else slice(90, None)
        columns = slice(0, 160) if column == 0 else slice(160, None)
        image[rows, columns] = bgr
    view = VideoView()
    qtbot.addWidget(view)
    view.resize(640, 400)  # 20 pixels of bar above and below
    view.show_image(image)
    assert view.has_image
    shown = view.grab().toImage()
    ratio = shown.devicePixelRatio()

    def at(x: int, y: int) -> QColor:
        return shown.pixelColor(int(x * ratio), int(y * ratio))

    assert at(10, 30) == QColor(0, 0, 255)
    assert at(630, 30) == QColor(0, 255, 0)
    assert at(10, 370) == QColor(255, 0, 0)
    assert at(630, 370) == QColor(255, 255, 0)
    assert at(320, 5) == BACKGROUND
    assert at(320, 395) == BACKGROUND


def test_words_take_the_pictures_place(qtbot: QtBot) -> None:
    view = VideoView()
    qtbot.addWidget(view)
    view.show_image(np.full((90, 160, 3), 255, np.uint8))
    view.show_text("Open a camera", "or a file")
    assert not view.has_image
    shown = view.grab().toImage()
    assert shown.pixelColor(2, 2) == BACKGROUND
    colors = {
        shown.pixel(x, y) for x in range(shown.width()) for y in range(shown.height())
    }
    assert len(colors) > 10  # there is text on it
