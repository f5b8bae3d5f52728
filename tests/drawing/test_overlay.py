"""What app.drawing.overlay promises."""

import colorsys
import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from app.drawing.overlay import class_color_bgr, draw
from app.drawing.style import Style, class_color_rgb
from app.types import Detections

NAMES = ("person", "car", "bicycle")


def one(box: tuple[float, float, float, float], class_id: int = 0) -> Detections:
    return Detections(
        boxes_xyxy=np.array([box], np.float32),
        scores=np.array([0.87], np.float32),
        class_ids=np.array([class_id], np.int64),
    )


def test_the_picture_given_stays_as_it_is() -> None:
    image = np.full((90, 160, 3), 40, np.uint8)
    before = image.copy()
    drawn = draw(image, one((20, 40, 100, 80)), class_names=NAMES, fps=25.0)
    assert np.array_equal(image, before)
    assert drawn.shape == image.shape
    assert not np.array_equal(drawn, image)


def test_nothing_found_and_no_fps_draws_nothing() -> None:
    image = np.full((90, 160, 3), 40, np.uint8)
    drawn = draw(image, Detections.empty(), class_names=NAMES, fps=None)
    assert np.array_equal(drawn, image)
    assert drawn is not image


def test_the_frame_runs_along_the_inside_of_the_box() -> None:
    """x2 and y2 are exclusive: (20, 40, 100, 80) colours columns 20 to 99."""
    image = np.zeros((90, 160, 3), np.uint8)
    drawn = draw(image, one((20, 40, 100, 80), 1), class_names=NAMES, fps=None)
    color = np.array(class_color_bgr(1))
    row = (drawn[70] == color).all(axis=-1)
    assert (row.nonzero()[0].min(), row.nonzero()[0].max()) == (20, 99)
    column = (drawn[:, 60] == color).all(axis=-1)
    assert column.nonzero()[0].max() == 79


def test_the_best_lies_on_top() -> None:
    """Two boxes share their left edge: it is of the better one's colour."""
    both = Detections(
        boxes_xyxy=np.array([[20, 40, 100, 80], [20, 30, 60, 85]], np.float32),
        scores=np.array([0.9, 0.6], np.float32),
        class_ids=np.array([0, 1], np.int64),
    )
    image = np.zeros((90, 160, 3), np.uint8)
    drawn = draw(image, both, class_names=NAMES, fps=None)
    assert tuple(drawn[70, 20].tolist()) == class_color_bgr(0)
    assert tuple(drawn[83, 20].tolist()) == class_color_bgr(1)


@pytest.mark.parametrize(
    "box",
    [(0, 0, 10, 10), (150, 80, 160, 90), (0, 0, 160, 90), (5, 5, 5, 5)],
    ids=["top left", "bottom right", "whole", "no area"],
)
def test_labels_stay_inside_the_picture(box: tuple[float, float, float, float]) -> None:
    image = np.zeros((90, 160, 3), np.uint8)
    drawn = draw(image, one(box, 2), class_names=NAMES, fps=None)
    # The tab is filled: more of its colour than the frame alone would need.
    colored = (drawn == np.array(class_color_bgr(2))).all(axis=-1)
    assert colored.sum() > 200


def test_fps_stands_in_the_top_left_corner_on_white() -> None:
    image = np.zeros((90, 160, 3), np.uint8)
    drawn = draw(image, Detections.empty(), class_names=NAMES, fps=25.4)
    assert (drawn[0, 0] == 255).all()
    assert not drawn[45:, 80:].any()


def test_classes_differ_and_black_text_is_readable_on_each() -> None:
    """WCAG contrast of black on a colour is (L + 0.05) / 0.05; 4.5 is readable."""
    colors = [class_color_bgr(i) for i in range(80)]
    assert len(set(colors)) == 80
    for blue, green, red in colors:
        channels = np.array([red, green, blue]) / 255
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        luminance = float(linear @ [0.2126, 0.7152, 0.0722])
        assert (luminance + 0.05) / 0.05 >= 4.5


def test_each_box_carries_the_color_of_its_own_class() -> None:
    image = np.zeros((90, 320, 3), np.uint8)
    detections = Detections(
        boxes_xyxy=np.array([[10, 30, 100, 80], [200, 30, 300, 80]], np.float32),
        scores=np.array([0.9, 0.8], np.float32),
        class_ids=np.array([2, 0], np.int64),
    )
    drawn = draw(image, detections, class_names=NAMES, fps=None)
    assert tuple(drawn[70, 10]) == class_color_bgr(2)
    assert tuple(drawn[70, 200]) == class_color_bgr(0)


def test_a_style_changes_lines_and_labels() -> None:
    image = np.zeros((90, 320, 3), np.uint8)
    found = one((100, 30, 200, 80), 1)
    color = np.array(class_color_bgr(1))

    def drawn(style: Style) -> NDArray[np.bool_]:
        picture = draw(image, found, class_names=NAMES, fps=None, style=style)
        return np.asarray((picture == color).all(axis=-1))

    bare = drawn(Style(label_scale=0))
    # Nothing but the frame: 100 x 50, two pixels along each side.
    assert bare.sum() == 100 * 50 - 96 * 46
    assert drawn(Style(label_scale=0, line_scale=6)).sum() > 2 * bare.sum()
    with_score, without = drawn(Style()), drawn(Style(with_scores=False))
    assert with_score.sum() > without.sum() > bare.sum()
    with pytest.raises(ValueError, match=r"line_scale must be in \[0, 10\], got -1"):
        Style(line_scale=-1)


def test_a_fill_tints_the_inside_by_its_opacity() -> None:
    image = np.full((90, 320, 3), 100, np.uint8)
    style = Style(label_scale=0, fill_opacity=0.25)
    drawn = draw(
        image, one((100, 30, 200, 80), 1), class_names=NAMES, fps=None, style=style
    )
    expected = 0.75 * 100 + 0.25 * np.array(class_color_bgr(1))
    np.testing.assert_allclose(drawn[55, 150], expected, atol=1)
    assert (drawn[10, 10] == 100).all()


@pytest.mark.parametrize(
    "ids",
    [(1, 5, 6, 13, 14), (0, 1, 2, 3, 5, 7)],
    ids=["VOC", "COCO"],
)
def test_what_streets_are_full_of_has_colors_far_apart(ids: tuple[int, ...]) -> None:
    """People, bicycles, cars, buses, motorbikes (and trucks): hues 30 degrees apart."""
    hues = [
        colorsys.rgb_to_hsv(*(value / 255 for value in class_color_rgb(i)))[0]
        for i in ids
    ]
    for one, other in itertools.combinations(hues, 2):
        apart = abs(one - other)
        assert min(apart, 1 - apart) > 30 / 360


@pytest.mark.parametrize("size_wh", [(160, 90), (1280, 720)])
def test_a_label_that_was_drawn_before_looks_the_same(size_wh: tuple[int, int]) -> None:
    """Labels are kept; a kept one is never drawn on."""
    width, height = size_wh
    image = np.full((height, width, 3), 40, np.uint8)
    found = one((0.1 * width, 0.5 * height, 0.9 * width, 0.9 * height), 1)

    def drawn() -> NDArray[np.uint8]:
        return draw(image, found, class_names=NAMES, fps=25.0)

    first = drawn()
    again = drawn()
    again[:] = 0
    assert np.array_equal(drawn(), first)


def test_a_label_wider_than_the_picture_is_cut() -> None:
    image = np.zeros((20, 30, 3), np.uint8)
    drawn = draw(image, one((0, 0, 30, 20)), class_names=("a" * 40,), fps=None)
    assert drawn.shape == image.shape
    assert drawn.any()
