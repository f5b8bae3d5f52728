"""What app.hiding.cover promises: nothing of what is covered can be had back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.hiding.cover import (
    MOST_BLOCKS,
    SMALLEST_BLOCK_PX,
    cover,
    cover_whole,
)
from app.hiding.regions import Ints
from app.types import ImageBgr

HEIGHT, WIDTH = 90, 160


def picture(seed: int) -> ImageBgr:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


@st.composite
def boxes(draw: st.DrawFn) -> Ints:
    """Some boxes inside the picture, overlapping or not."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        x1, y1 = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1))
        x2, y2 = draw(st.integers(x1 + 1, WIDTH)), draw(st.integers(y1 + 1, HEIGHT))
        found.append((x1, y1, x2, y2))
    return np.array(found, np.int64)


def inside(boxes_xyxy: Ints) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    for x1, y1, x2, y2 in boxes_xyxy.tolist():
        mask[y1:y2, x1:x2] = True
    return mask


@pytest.mark.parametrize("mode", ["solid", "outline"])
@settings(max_examples=30, deadline=None)
@given(found=boxes(), seed=st.integers(0, 99))
def test_nothing_inside_a_box_makes_any_difference(
    mode: str, found: Ints, seed: int
) -> None:
    one, other = picture(seed), picture(seed)
    other[inside(found)] = picture(seed + 100)[inside(found)]
    assert (cover(one, found, mode) == cover(other, found, mode)).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 99), width=st.integers(9, 160), height=st.integers(9, 90))
def test_a_change_inside_a_block_that_keeps_its_mean_changes_nothing(
    seed: int, width: int, height: int
) -> None:
    """By a grid that is written down here: pixels are shuffled inside each block."""
    rng = np.random.default_rng(seed)
    x1, y1 = (
        int(rng.integers(0, WIDTH - width + 1)),
        int(rng.integers(0, HEIGHT - height + 1)),
    )
    box = np.array([[x1, y1, x1 + width, y1 + height]])
    one, other = picture(seed), picture(seed)
    side = max(8, int(np.ceil(max(width, height) / 8)))
    for top in range(y1, y1 + height, side):
        for left in range(x1, x1 + width, side):
            bottom, right = min(top + side, y1 + height), min(left + side, x1 + width)
            block = other[top:bottom, left:right].reshape(-1, 3)
            other[top:bottom, left:right] = rng.permutation(block).reshape(
                bottom - top, right - left, 3
            )
    covered = cover(one, box, "pixel")
    assert (covered == cover(other, box, "pixel")).all()
    # And each block is one colour of 4 bits: its mean's.
    first = one[y1 : y1 + min(side, height), x1 : x1 + min(side, width)]
    expected = np.floor(first.reshape(-1, 3).mean(axis=0) + 0.5) // 16 * 17
    assert (covered[y1, x1] == expected).all()


@pytest.mark.parametrize("size_wh", [(8, 8), (20, 60), (64, 64), (160, 90), (100, 7)])
def test_there_are_at_most_eight_blocks_across(size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    covered = cover(picture(3), np.array([[0, 0, width, height]]), "pixel")
    for line in (covered[0, :width], covered[:height, 0]):
        changes = np.flatnonzero((np.diff(line.astype(int), axis=0) != 0).any(axis=1))
        assert len(changes) + 1 <= MOST_BLOCKS
        assert (np.diff(changes) >= SMALLEST_BLOCK_PX).all()


@settings(max_examples=30, deadline=None)
@given(found=boxes(), mode=st.sampled_from(["solid", "pixel", "outline"]))
def test_outside_the_boxes_and_in_the_picture_that_was_given_nothing_changes(
    found: Ints, mode: str
) -> None:
    before, given_one = picture(1), picture(1)
    covered = cover(given_one, found, mode)
    assert (given_one == before).all()
    assert (covered[~inside(found)] == before[~inside(found)]).all()


@settings(max_examples=30, deadline=None)
@given(found=boxes(), seed=st.integers(0, 20))
def test_a_box_inside_another_tells_no_more_than_that_other(
    found: Ints, seed: int
) -> None:
    """Else many grids over one face would add up to a finer one."""
    whole = np.array([[0, 0, WIDTH, HEIGHT]])
    once = cover(picture(seed), whole, "pixel")
    both = np.concatenate([found, whole])
    again = cover(once, found, "pixel")
    assert (cover(picture(seed), both, "pixel") == again).all() or (
        (found == whole).all(axis=1).any()
    )


@pytest.mark.parametrize("mode", ["solid", "outline"])
def test_a_frame_that_nobody_looked_at_is_covered_whole(mode: str) -> None:
    covered = cover_whole(picture(5), mode)
    assert (covered == cover_whole(picture(6), mode)).all()
    assert covered.shape == (HEIGHT, WIDTH, 3)


def test_there_is_no_blur() -> None:
    with pytest.raises(ValueError, match="mode must be solid, pixel or outline"):
        cover(picture(1), np.array([[0, 0, 9, 9]]), "blur")
