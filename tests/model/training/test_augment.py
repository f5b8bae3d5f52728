"""What model.training.augment promises: the boxes stay where the objects go."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.training.augment import (
    Augmentation,
    Example,
    augment,
    cut,
    distort,
    expand,
    flip,
    mosaic,
    random_crop,
    resize,
)

RED, BLUE = (0, 0, 255), (255, 0, 0)


def example(
    *boxes: tuple[int, int, int, int], size_wh: tuple[int, int] = (120, 80)
) -> Example:
    """A red rectangle in each box, on black."""
    image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    for x1, y1, x2, y2 in boxes:
        image[y1:y2, x1:x2] = RED
    count = len(boxes)
    return Example(
        image,
        np.array(boxes, np.float32).reshape(-1, 4),
        np.arange(count),
        np.ones(count, np.float32),
        np.zeros(count, bool),
        np.array([[0, 0, *size_wh]], np.float32),
        np.array([[True, False]]),
    )


def redness_inside(found: Example) -> list[float]:
    """How red the picture is within each box."""

    def share(box: NDArray[np.float32]) -> float:
        x1, y1, x2, y2 = (round(float(v)) for v in box)
        return float((found.image_bgr[y1:y2, x1:x2, 2] > 128).mean())

    return [share(box) for box in found.boxes_xyxy]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["expand", "crop", "flip", "mosaic"]))
def test_boxes_follow_their_objects(seed: int, change: str) -> None:
    rng = np.random.default_rng(seed)
    before = example((10, 10, 50, 60), (70, 20, 110, 70))
    after = {
        "expand": lambda: expand(before, rng, limit=3.0),
        "crop": lambda: random_crop(before, rng),
        "flip": lambda: flip(before),
        "mosaic": lambda: mosaic([before] * 4, rng, size_wh=(240, 240)),
    }[change]()
    assert len(after.boxes_xyxy) >= 1
    assert min(redness_inside(after)) > 0.9
    limit = np.array(after.size_wh * 2)
    assert np.all((after.boxes_xyxy >= 0) & (after.boxes_xyxy <= limit))
    assert after.regions_xyxy.min() >= 0
    assert np.all(after.regions_xyxy <= limit)


def test_the_whole_chain_has_the_networks_size_and_repeats_by_seed() -> None:
    four = [example((10, 10, 50, 60))] * 4
    every = Augmentation(mosaic=0.5)
    one, again, other = (
        augment(four, every, np.random.default_rng(seed), size_wh=(300, 300))
        for seed in (3, 3, 4)
    )
    assert one.image_bgr.shape == (300, 300, 3)
    np.testing.assert_array_equal(one.image_bgr, again.image_bgr)
    np.testing.assert_array_equal(one.boxes_xyxy, again.boxes_xyxy)
    assert not np.array_equal(one.image_bgr, other.image_bgr)


def test_without_changes_it_is_a_plain_stretch() -> None:
    never = Augmentation(photometric=0, expand=0, crop=0, flip=0)
    rng = np.random.default_rng(0)
    found = augment([example((30, 20, 60, 40))], never, rng, size_wh=(300, 300))
    assert found.boxes_xyxy.tolist() == [[75, 75, 150, 150]]
    assert found.regions_xyxy.tolist() == [[0, 0, 300, 300]]


def test_a_cut_drops_objects_whose_centre_is_outside_but_no_ignored_ones() -> None:
    # The last one only touches the edge: nothing of it is left to be ignored.
    boxes = (0, 0, 20, 20), (60, 40, 100, 80), (0, 40, 50, 80), (0, 40, 40, 80)
    before = replace(example(*boxes), is_ignored=np.array([False, False, True, True]))
    after = cut(before, np.array([40, 30, 120, 80], np.float32))
    assert after.class_ids.tolist() == [1, 2]
    assert after.boxes_xyxy.tolist() == [[20, 10, 60, 50], [0, 10, 10, 50]]


def test_a_crop_overlaps_an_object_or_is_the_whole_picture() -> None:
    before = example((100, 70, 118, 78))
    for seed in range(50):
        assert len(random_crop(before, np.random.default_rng(seed)).boxes_xyxy) == 1


def test_a_picture_without_objects_can_be_cropped() -> None:
    after = random_crop(example(), np.random.default_rng(0))
    assert after.size_wh[0] < 120
    assert after.boxes_xyxy.shape == (0, 4)


def test_distortion_changes_colours_only() -> None:
    gray = np.full((4, 4, 3), (60, 120, 180), np.uint8)
    seen = [distort(gray, np.random.default_rng(seed)) for seed in range(200)]
    assert all(image.shape == gray.shape for image in seen)
    assert any(np.array_equal(image, gray) for image in seen)  # all coins said no
    means = np.array([image.mean(axis=(0, 1)) for image in seen])
    assert np.all(means.std(axis=0) > 5)
    assert all(np.ptp(image, axis=(0, 1)).max() == 0 for image in seen)


def test_hue_turns_and_keeps_black_and_white() -> None:
    ends = np.zeros((1, 2, 3), np.uint8)
    ends[0, 1] = 255
    for seed in range(40):
        dark, light = distort(ends, np.random.default_rng(seed))[0].astype(int)
        assert np.ptp(dark) == 0
        assert np.ptp(light) == 0


def test_every_mosaic_tile_keeps_what_is_known_of_it() -> None:
    known, unknown = example((10, 10, 50, 60)), example((10, 10, 50, 60))
    unknown = replace(unknown, is_known=np.array([[False, True]]))
    rng = np.random.default_rng(1)
    found = mosaic([known, unknown, known, known], rng, size_wh=(200, 200))
    assert found.is_known[:, 0].tolist() == [True, False, True, True]
    areas = np.prod(found.regions_xyxy[:, 2:] - found.regions_xyxy[:, :2], axis=-1)
    assert areas.sum() == pytest.approx(200 * 200)


def test_a_flip_turns_the_regions_with_the_picture() -> None:
    """A photo on a ground does not fill the picture: what is known goes with it."""
    before = replace(
        example((10, 10, 50, 60)),
        regions_xyxy=np.array([[10, 0, 60, 80], [60, 0, 110, 70]], np.float32),
        is_known=np.array([[True, False], [False, True]]),
    )
    after = flip(before)
    assert after.regions_xyxy.tolist() == [[60, 0, 110, 80], [10, 0, 60, 70]]
    assert after.is_known.tolist() == before.is_known.tolist()
    np.testing.assert_array_equal(flip(after).regions_xyxy, before.regions_xyxy)


@pytest.mark.parametrize("change", ["expand", "cut", "resize", "mosaic", "flip"])
def test_regions_follow_their_photos(change: str) -> None:
    """A green photo on gray: where it is green is where its region is."""
    green = replace(example(), image_bgr=np.full((80, 120, 3), (0, 200, 0), np.uint8))
    rng = np.random.default_rng(5)
    ground = expand(green, rng, limit=2.0)
    after = {
        "expand": lambda: ground,
        "cut": lambda: cut(ground, np.array([10, 5, 150, 120], np.float32)),
        "resize": lambda: resize(ground, (300, 200)),
        "mosaic": lambda: mosaic(
            [ground, example(), example(), example()], rng, size_wh=(240, 200)
        ),
        "flip": lambda: flip(ground),
    }[change]()
    is_green = (after.image_bgr[..., 1] > 180) & (after.image_bgr[..., 0] < 60)
    rows, columns = np.flatnonzero(is_green.any(1)), np.flatnonzero(is_green.any(0))
    seen = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
    np.testing.assert_allclose(after.regions_xyxy[0], seen, atol=1.5)


def test_resizing_scales_both_sides_on_their_own() -> None:
    found = resize(example((30, 20, 60, 40)), (240, 80))
    assert found.boxes_xyxy.tolist() == [[60, 20, 120, 40]]
