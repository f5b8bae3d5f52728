"""What app.drawing.labels promises."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.drawing.labels import place_labels

BOUNDS = (0, 0, 300, 200)


def places(
    boxes: list[tuple[float, float, float, float]], size: tuple[int, int] = (40, 10)
) -> list[tuple[float, float]]:
    answer = place_labels(np.array(boxes), np.array([size] * len(boxes)), BOUNDS)
    return [(x, y) for x, y in answer.tolist()]


def test_a_label_stands_above_its_box_on_the_left() -> None:
    assert places([(50, 60, 150, 120)]) == [(50, 50)]


def test_where_another_is_it_goes_inside_then_below_then_to_the_right() -> None:
    box = (50.0, 60.0, 150.0, 120.0)
    # Above, inside, below, above on the right (150 - 40), and then the first again.
    assert places([box] * 5) == [(50, 50), (50, 60), (50, 120), (110, 50), (50, 50)]


def test_labels_that_only_touch_do_not_cover() -> None:
    assert places([(50, 60, 80, 90), (90, 60, 120, 90)]) == [(50, 50), (90, 50)]


def test_labels_make_way_for_a_sign() -> None:
    sign = (0.0, 0.0, 100.0, 30.0)
    boxes = np.array([(0, 0, 300, 200), (5, 3, 20, 12), (105, 20, 200, 100)])
    found = place_labels(
        boxes, np.tile([40, 10], (3, 1)), BOUNDS, kept_clear_xyxy=[sign]
    )
    # The whole picture: inside at its foot. In the corner: below the sign. Beside it:
    # above the box, as ever.
    assert found.tolist() == [[0, 190], [5, 30], [105, 10]]


def test_nothing_found_needs_no_place() -> None:
    none = place_labels(np.zeros((0, 4)), np.zeros((0, 2)), BOUNDS)
    assert none.shape == (0, 2)


def test_a_label_too_large_begins_at_the_edge() -> None:
    assert places([(50, 60, 150, 120)], size=(400, 10)) == [(0, 50)]


corners = st.tuples(st.floats(-50, 350), st.floats(-50, 250))
sizes = st.tuples(st.integers(10, 90), st.integers(8, 30))


# Fewer and smaller than usual: a fault is found as well, and shrunk in seconds.
@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(corners, corners, sizes), min_size=1, max_size=12))
def test_a_label_takes_the_first_place_where_no_earlier_one_is(
    cases: list[tuple[tuple[float, float], tuple[float, float], tuple[int, int]]],
) -> None:
    boxes = np.array([(*a, *b) for a, b, _ in cases])
    sizes_wh = np.array([size for _, _, size in cases])
    found = place_labels(boxes, sizes_wh, BOUNDS)
    ends = found + sizes_wh
    for i, ((x1, y1, x2, y2), size) in enumerate(zip(boxes, sizes_wh, strict=True)):
        width, height = size
        wanted = [(x1, y1 - height), (x1, y1), (x1, y2), (x2 - width, y1 - height)]
        places = np.clip(wanted, 0, BOUNDS[2:] - size)
        covers = [
            ((place < ends[:i]) & (place + size > found[:i])).all(axis=1).any()
            for place in places
        ]
        expected = places[covers.index(False)] if False in covers else places[0]
        assert np.array_equal(found[i], expected)


@given(st.lists(st.tuples(corners, corners), min_size=1, max_size=12))
def test_labels_stay_inside(
    pairs: list[tuple[tuple[float, float], tuple[float, float]]],
) -> None:
    for x, y in places([(*a, *b) for a, b in pairs]):
        assert 0 <= x <= 300 - 40
        assert 0 <= y <= 200 - 10
