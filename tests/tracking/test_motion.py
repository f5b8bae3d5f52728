"""What app.tracking.motion promises: a Kalman filter of each coordinate."""

import numpy as np
import pytest

from app.tracking.motion import (
    ACCELERATION_SIGMA,
    FIRST_SPEED_SIGMA,
    MEASURED_SIGMA,
    Motion,
)

HEIGHT = 50.0  # stays, and with it every deviation


def test_it_is_the_textbooks_filter() -> None:
    """With matrices, as Bar-Shalom has them (5.2.3): F, Q, H, S, W."""
    rng = np.random.default_rng(3)
    motion = Motion.at(np.array([[100.0, 40.0, 30.0, HEIGHT]]))
    state = np.array([100.0, 0.0])  # of x: place and speed
    covariance = np.diag([MEASURED_SIGMA, FIRST_SPEED_SIGMA]) ** 2 * HEIGHT**2
    seen = np.array([[1.0, 0.0]])
    for elapsed, noise in ((0.04, 1.0), (0.04, 2.0), (0.2, 1.0), (0.04, 1.0)):
        moved = np.array([[1.0, elapsed], [0.0, 1.0]])
        added = np.array([[elapsed**3 / 3, elapsed**2 / 2], [elapsed**2 / 2, elapsed]])
        state = moved @ state
        covariance = moved @ covariance @ moved.T
        covariance += added * (ACCELERATION_SIGMA * HEIGHT) ** 2
        motion.step(elapsed)

        x = float(100 + rng.normal(0, 5))
        spread = seen @ covariance @ seen.T + (MEASURED_SIGMA * HEIGHT * noise) ** 2
        gain = covariance @ seen.T / spread
        state = state + gain[:, 0] * (x - state[0])
        covariance = covariance - gain @ spread @ gain.T
        box = np.array([[x, 40.0, 30.0, HEIGHT]])
        motion.see(np.array([0]), box, np.array([noise]))

        found = motion.state[:, 0, 0]  # place, speed, and the three of the matrix
        expected = [*state, covariance[0, 0], covariance[0, 1], covariance[1, 1]]
        assert found.tolist() == pytest.approx(expected, rel=1e-9)
