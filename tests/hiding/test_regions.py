"""What app.hiding.regions promises."""

import numpy as np
import pytest

from app.hiding.follow import is_meant
from app.hiding.regions import (
    Floats,
    Ints,
    Seen,
    in_pixels,
    regions_now,
    regions_of,
    widened,
)
from app.types import Detections

NONE = np.zeros((0, 4))


def seen(*sights: tuple[float, tuple[float, ...], int]) -> Seen:
    times, boxes, ids = zip(*sights, strict=True) if sights else ((), NONE, ())
    return Seen(
        np.array(times, np.float64),
        np.array(boxes, np.float64).reshape(-1, 4),
        np.array(ids, np.int64),
    )


def holds(outer_xyxy: Floats, inner_xyxy: Floats | tuple[float, ...]) -> bool:
    inner = np.array(inner_xyxy)
    return bool(
        ((outer_xyxy[:, :2] <= inner[:2]) & (outer_xyxy[:, 2:] >= inner[2:]))
        .all(axis=1)
        .any()
    )


def test_a_box_is_widened_by_a_fifth_on_each_side() -> None:
    """100 x 50 at (200, 100): 20 and 10 pixels on each side."""
    box = np.array([[200.0, 100, 300, 150]])
    wide = widened(box, np.zeros((1, 4)), np.zeros(1), np.zeros(1))
    assert wide.tolist() == [[180, 90, 320, 160]]


def test_and_by_its_motion_and_by_how_long_it_was_not_seen() -> None:
    """At 200 px/s to the right, unseen for 0.5 s: it may be 100 px further on.

    From 200 to 400; 20 px of margin, 0.5 * 0.5 of 100 px for what nobody saw, and 0.1 s
    of motion: 65 px on each side. Upright nothing moves: 10 + 12.5 px.
    """
    box = np.array([[200.0, 100, 300, 150]])
    speed = np.array([[200.0, 0, 200, 0]])
    wide = widened(box, speed, np.array([0.5]), np.array([0.5]))
    assert wide.tolist() == [[135, 77.5, 465, 172.5]]


def test_in_a_file_a_track_is_covered_half_a_second_before_and_after() -> None:
    times_s = np.arange(40) / 10
    regions = regions_of(
        seen((1.0, (10, 20, 30, 60), 1), (2.0, (10, 20, 30, 60), 1)), times_s
    )
    covered = {place for place in range(40) if len(regions.of(place))}
    assert covered == set(range(5, 26))  # 0.5 s to 2.5 s


def test_a_gap_is_filled_with_where_it_must_have_been() -> None:
    """From x 10 to x 110 in a second: in the middle at x 60."""
    times_s = np.arange(11) / 10
    regions = regions_of(
        seen((0.0, (10, 20, 30, 60), 1), (1.0, (110, 20, 130, 60), 1)), times_s
    )
    assert holds(regions.of(5), (60, 20, 80, 60))
    assert not holds(regions.of(5), (10, 20, 30, 60))
    assert holds(regions.of(2), (30, 20, 50, 60))


def test_who_has_no_track_is_covered_around_his_time_as_well() -> None:
    times_s = np.arange(20) / 10
    regions = regions_of(
        seen((1.0, (10, 20, 30, 60), 0), (1.0, (90, 20, 110, 60), 0)), times_s
    )
    assert [len(regions.of(place)) for place in range(20)] == [0] * 5 + [2] * 11 + [
        0
    ] * 4


@pytest.mark.parametrize("seed", range(5))
def test_whatever_was_seen_is_covered_where_it_was_seen(seed: int) -> None:
    """In a file and live, in the same words."""
    rng = np.random.default_rng(seed)
    times_s = np.sort(rng.uniform(0, 5, 60))
    places = np.sort(rng.integers(0, 60, 80))
    corners = rng.uniform(0, 300, (80, 2))
    boxes = np.hstack([corners, corners + rng.uniform(5, 90, (80, 2))])
    ids = rng.permutation(80) % 7  # a track may be in a frame once only
    keep = np.ones(80, bool)
    for place in range(60):
        for track in range(1, 7):
            keep[np.flatnonzero((places == place) & (ids == track))[1:]] = False
    all_seen = Seen(times_s[places], boxes, ids).where(keep)
    regions = regions_of(all_seen, times_s)
    for place, box in zip(places[keep], boxes[keep], strict=True):
        assert holds(regions.of(place), box)
        past = all_seen.where(all_seen.times_s <= times_s[place])
        now = regions_now(past, times_s[place], since_s=times_s[place] - 0.5)
        assert holds(now, box)


def test_live_a_track_is_held_for_as_long_as_was_said_and_goes_on() -> None:
    """At 100 px/s it has got 40 px further in 0.4 s."""
    past = seen((0.0, (10, 20, 30, 60), 1), (0.1, (20, 20, 40, 60), 1))
    assert holds(regions_now(past, 0.5, since_s=0.0), (60, 20, 80, 60))
    assert len(regions_now(past, 0.7, since_s=0.2)) == 0
    assert len(regions_now(seen(), 0.7, since_s=0.2)) == 0


def pixels(*box: float) -> Ints:
    return in_pixels(np.array([box], np.float64), (160, 90))


def test_every_pixel_that_a_box_touches_is_covered() -> None:
    assert pixels(20.9, 30.2, 40.1, 50.0).tolist() == [[20, 30, 41, 50]]


def test_what_nearly_reaches_the_edge_reaches_it() -> None:
    """A tenth of 40 x 60 is 4 and 6 pixels."""
    assert pixels(3, 5, 43, 65).tolist() == [[0, 0, 43, 65]]
    assert pixels(117, 25, 157, 85).tolist() == [[117, 25, 160, 90]]


def test_what_is_outside_is_nothing() -> None:
    assert len(pixels(170, 10, 190, 20)) == 0
    assert pixels(-30, 10, 20, 40).tolist() == [[0, 10, 20, 40]]


def test_of_two_boxes_on_one_person_both_hide_him() -> None:
    """One is followed, 20 x 40; a weak one on it, 20 x 60, IoU 2/3, reaches farther.

    A weak one elsewhere is nobody's, and one at 0.1 or less is nothing.
    """
    found = Detections(
        np.array(
            [[50, 50, 70, 90], [50, 50, 70, 110], [150, 50, 170, 90], [50, 50, 70, 95]],
            np.float32,
        ),
        np.array([0.4, 0.2, 0.2, 0.09], np.float32),
        np.zeros(4, np.int64),
    )
    assert is_meant(found, [0]).tolist() == [True, True, False, False]
    assert is_meant(found, [1]).tolist() == [False] * 4
