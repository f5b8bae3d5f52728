"""What app.drawing.screen promises."""

import numpy as np
import pytest

from app.drawing.screen import scale_for_screen
from app.drawing.viewport import place
from app.types import ImageBgr, Viewport


def quartered(width: int, height: int) -> ImageBgr:
    """Blue, green, red and yellow, from the top left to the bottom right."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = (255, 0, 0)
    image[: height // 2, width // 2 :] = (0, 255, 0)
    image[height // 2 :, : width // 2] = (0, 0, 255)
    image[height // 2 :, width // 2 :] = (0, 255, 255)
    return image


@pytest.mark.parametrize(
    "view", [(320, 400), (1000, 90), (2000, 900), (33, 17), (1, 1)], ids=str
)
@pytest.mark.parametrize("zoom", [1.0, 1.7, 9.0])
def test_it_has_the_size_of_the_target_and_its_corners_in_place(
    view: tuple[int, int], zoom: float
) -> None:
    image = quartered(642, 274)
    viewport = Viewport(view, zoom)
    shown = scale_for_screen(image, viewport)
    width, height = place(viewport, (642, 274)).target_size_wh
    assert shown.shape == (height, width, 4)
    if min(width, height) > 8:
        assert shown[0, 0, :3].tolist() == [255, 0, 0]
        assert shown[0, -1, :3].tolist() == [0, 255, 0]
        assert shown[-1, 0, :3].tolist() == [0, 0, 255]
        assert shown[-1, -1, :3].tolist() == [0, 255, 255]


def test_small_pictures_of_large_ones_do_not_flicker() -> None:
    """Rows white and black in turn are grey from afar, whatever the scale."""
    image = np.zeros((1080, 1920, 3), np.uint8)
    image[::2] = 255
    shown = scale_for_screen(image, Viewport((500, 300)))
    assert np.abs(shown[..., :3].astype(int) - 127).max() <= 2


def test_the_frame_itself_stays_as_it_is() -> None:
    image = quartered(64, 40)
    before = image.copy()
    shown = scale_for_screen(image, Viewport((64, 40)))
    assert np.array_equal(image, before)
    assert np.array_equal(shown[..., :3], before)
    assert not np.shares_memory(shown, image)
