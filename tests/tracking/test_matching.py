"""What app.tracking.matching and motion promise."""

import numpy as np

from app.tracking.matching import overlaps
from app.tracking.motion import Motion


def test_overlaps_are_those_worked_by_hand() -> None:
    """30 x 10 and 50 x 20 share 20 x 6: 120 / (300 + 1000 - 120)."""
    ours = np.array([[10, 20, 40, 30], [0, 0, 4, 8]], np.float64)
    theirs = np.array([[20, 24, 70, 44], [10, 20, 40, 30], [0, 2, 2, 8]], np.float64)
    np.testing.assert_allclose(
        overlaps(ours, theirs), [[120 / 1180, 1, 0], [0, 0, 12 / 32]]
    )


def test_what_is_twice_as_large_may_be_twice_as_far_off() -> None:
    """Every deviation is in heights of the box, so variances go with its square."""
    boxes_cxcywh = np.array([[50, 60, 20, 40], [150, 90, 70, 30]], np.float64)
    one, twice = Motion.at(boxes_cxcywh), Motion.at(2 * boxes_cxcywh)
    for elapsed in (0.0, 0.3):
        one.step(elapsed)
        twice.step(elapsed)
        np.testing.assert_allclose(twice.state[2:], 4 * one.state[2:])
        assert (one.state[2] > 0).all()
        assert (one.state[4, :, :2] > 0).all()


def test_a_box_moves_on_unseen_but_stays_as_large() -> None:
    """Wider by 10 and further by 6 within a tenth: by then it is 66 further on."""
    motion = Motion.at(np.array([[50, 60, 20, 40]], np.float64))
    motion.step(0.1)
    motion.see(np.array([0]), np.array([[56, 60, 30, 40.0]]), np.array([0.0]))
    motion.step(1.0)
    x, y, width, height = motion.place[0]
    assert x > 90
    assert (y, width, height) == (60, 30, 40)
