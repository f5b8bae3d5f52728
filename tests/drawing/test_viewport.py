"""What app.drawing.viewport promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.drawing.viewport import MAX_ZOOM, Placement, pan, place, zoom_at
from app.types import Viewport

PICTURE = (640, 272)
sizes = st.tuples(st.integers(1, 4000), st.integers(1, 3000))
shares = st.tuples(st.floats(0, 1), st.floats(0, 1))


def on_screen(placement: Placement, xy: tuple[float, float]) -> tuple[float, float]:
    (ox, oy), scale = placement.origin_xy, placement.scale
    return ox + scale * xy[0], oy + scale * xy[1]


@pytest.mark.parametrize(
    ("size", "target"),
    [
        (
            (640, 272),
            (0, 30, 400, 200),
        ),  # wide: 272 * 400 / 640 = 170, (230-170)/2 = 30
        ((100, 200), (142, 0, 258, 230)),  # upright: 230 / 2 = 115, from 142.5 to 257.5
        ((4000, 2300), (0, 0, 400, 230)),
    ],
)
def test_the_picture_is_as_large_as_fits_and_centred(
    size: tuple[int, int], target: tuple[int, int, int, int]
) -> None:
    placement = place(Viewport((400, 230)), size)
    assert placement.target_xyxy == target
    assert placement.source_xyxy == (0, 0, *size)


def test_zoomed_the_part_in_the_middle_is_seen() -> None:
    """At 4x of a picture that fits, a quarter of each side is seen: 160 x 68."""
    placement = place(Viewport((640, 272), 4.0, (0.5, 0.25)), PICTURE)
    assert placement.scale == 4.0
    assert placement.fitted_scale == 1.0
    # 272 * 0.25 = 68 is the middle row: rows 34 to 102.
    assert placement.source_xyxy == (240, 34, 400, 102)
    assert placement.target_xyxy == (0, 0, 640, 272)


def test_a_corner_cannot_be_pulled_into_the_view() -> None:
    placement = place(Viewport((640, 272), 2.0, (0.0, 1.0)), PICTURE)
    assert placement.source_xyxy == (0, 136, 320, 272)


@given(view=sizes, picture=sizes, zoom=st.floats(1, MAX_ZOOM), center=shares)
def test_source_and_target_fit_each_other_and_the_view(
    view: tuple[int, int],
    picture: tuple[int, int],
    zoom: float,
    center: tuple[float, float],
) -> None:
    placement = place(Viewport(view, zoom, center), picture)
    for axis in (0, 1):
        first, last = placement.source_xyxy[axis], placement.source_xyxy[axis + 2]
        start, end = placement.target_xyxy[axis], placement.target_xyxy[axis + 2]
        assert 0 <= first < last <= picture[axis]
        assert start < end
        origin, scale = placement.origin_xy[axis], placement.scale
        assert abs(origin + scale * first - start) <= 1
        assert abs(origin + scale * last - end) <= 1.5
        # Nothing that could be seen is left out: no bar where there is more picture.
        assert start <= 1 or first == 0
        assert end >= view[axis] - 1 or last == picture[axis]


@given(
    zoom=st.floats(1, 8),
    factor=st.floats(1, 4),
    at=st.tuples(st.integers(0, 639), st.integers(0, 271)),
)
def test_what_is_under_the_cursor_stays_there_while_zooming_in(
    zoom: float, factor: float, at: tuple[int, int]
) -> None:
    view = Viewport(PICTURE, zoom)
    before = place(view, PICTURE)
    under = tuple((at[axis] - before.origin_xy[axis]) / before.scale for axis in (0, 1))
    after = place(zoom_at(view, factor, at, PICTURE), PICTURE)
    assert on_screen(after, under) == pytest.approx(at, abs=1e-6)  # type: ignore[arg-type] # two


def test_zoom_ends_at_the_whole_picture_and_at_its_most() -> None:
    view = Viewport(PICTURE, 2.0, (0.3, 0.3))
    assert zoom_at(view, 1e-3, (5, 5), PICTURE) == Viewport(PICTURE)
    assert zoom_at(view, 1e3, (5, 5), PICTURE).zoom == MAX_ZOOM


def test_a_drag_moves_the_picture_with_the_hand() -> None:
    view = Viewport(PICTURE, 4.0)
    before, after = place(view, PICTURE), place(pan(view, (30, -8), PICTURE), PICTURE)
    moved = [a - b for a, b in zip(after.origin_xy, before.origin_xy, strict=True)]
    assert moved == pytest.approx([30, -8])
    assert pan(Viewport(PICTURE), (30, -8), PICTURE) == Viewport(PICTURE)


def test_a_viewport_says_what_is_wrong_with_it() -> None:
    with pytest.raises(ValueError, match=r"at least 1, got \(0, 3\), 1.0"):
        Viewport((0, 3))
