"""Lines and zones under the mouse; on a picture of 400 x 200 at twice its size."""

import pytest

from app.drawing.viewport import place
from app.gui.counting.shapes import (
    Canvas,
    Grip,
    free_name,
    grip_at,
    moved,
    snapped,
    upright,
    with_corner,
)
from app.tracking.rules import Line, Rules, Zone
from app.types import Viewport

LINE = Line("L1", (0.25, 0.5), (0.75, 0.5))
ZONE = Zone("Z1", ((0.1, 0.2), (0.3, 0.2), (0.3, 0.6)))


@pytest.fixture
def canvas() -> Canvas:
    """800 x 400 pixels of a screen with two a point: a point is 1/400, 1/200."""
    return Canvas(place(Viewport((800, 400)), (400, 200)), (400, 200), 2.0)


def test_what_is_held_is_a_point_of_the_selected_rule_or_all_of_one(
    canvas: Canvas,
) -> None:
    rules = Rules((LINE,), (ZONE,))
    end = (0.75, 0.5)
    assert grip_at(rules, end, canvas) == Grip("L1")
    assert grip_at(rules, end, canvas, selected="L1") == Grip("L1", 1)
    # The 9 points are 9/400 across and 9/200 up.
    assert grip_at(rules, (0.5, 0.544), canvas) == Grip("L1")
    assert grip_at(rules, (0.5, 0.546), canvas) is None
    assert grip_at(rules, (0.772, 0.5), canvas) == Grip("L1")
    assert grip_at(rules, (0.773, 0.5), canvas) is None
    # A zone's last side goes back to its first corner.
    assert grip_at(rules, (0.2, 0.4), canvas) == Grip("Z1")


def test_a_point_snaps_to_the_nearest_other_one_before_the_edge(canvas: Canvas) -> None:
    others = [(0.02, 0.1), (0.03, 0.1)]
    assert snapped((0.028, 0.1), others, canvas) == (0.03, 0.1)
    assert snapped((0.02, 0.3), others, canvas) == (0.0, 0.3)
    assert snapped((0.99, 0.97), (), canvas) == (1.0, 1.0)
    assert snapped((0.5, 0.5), others, canvas) == (0.5, 0.5)


def test_upright_is_what_is_nearer_on_the_screen(canvas: Canvas) -> None:
    """0.1 of 400 points is more than 0.15 of 200."""
    assert upright((0.6, 0.65), (0.5, 0.5), canvas) == (0.6, 0.5)
    assert upright((0.6, 0.75), (0.5, 0.5), canvas) == (0.5, 0.75)


def test_a_corner_that_would_leave_no_line_stays(canvas: Canvas) -> None:
    assert with_corner(LINE, 0, LINE.to_xy) is LINE
    assert with_corner(LINE, 0, (0.1, 0.1)) == Line("L1", (0.1, 0.1), (0.75, 0.5))


def test_a_rule_is_moved_as_far_as_the_picture_goes() -> None:
    shifted = moved(LINE, (0.5, -0.2))
    assert isinstance(shifted, Line)
    assert shifted.from_xy == pytest.approx((0.5, 0.3))
    assert shifted.to_xy == pytest.approx((1.0, 0.3))


def test_a_name_is_the_first_that_is_free() -> None:
    assert free_name(Rules(), "L") == "L1"
    other = Line("L3", (0.0, 0.0), (1.0, 1.0))
    assert free_name(Rules((LINE, other)), "L") == "L2"
