"""Where boxes go: constant velocity, seen through noise, for many boxes at once.

Only the centre has a speed. Sizes wander: the box of somebody who walks is twice as
wide in one step as in the next, and said for a moment to be getting narrower, it
would soon have no width.

With noise that is the same in every direction, a Kalman filter of a box falls into
four of two numbers each (a place and its speed), so a step is a handful of vector
expressions and nothing is inverted.

Source: Kalman filter with the white noise acceleration model, Bar-Shalom et al.,
"Estimation with Applications to Tracking and Navigation", 6.3.2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# As shares of the box's height, and per keeping time, so that a slower clock with a
# longer memory is the same tracker.
MEASURED_SIGMA = 0.05
ACCELERATION_SIGMA = 2.0
FIRST_SPEED_SIGMA = 2.0
SIZE_SIGMA = 0.25
SMALLEST_PX = 1.0


@dataclass(eq=False, slots=True)
class Motion:
    """T boxes on their way, as columns (x, y of the centre, width, height).

    Attributes:
        state: (5, T, 4): the place in pixels, the speed in pixels per keeping time,
            the variance of the place, its covariance with the speed, and the variance
            of the speed; the last two are 0 for sizes. One array: with few boxes each
            call of NumPy counts.
    """

    state: Floats

    @classmethod
    def at(cls, boxes_cxywh: Floats) -> "Motion":
        """First sight of these boxes: nothing is known of their speed."""
        height = np.maximum(boxes_cxywh[:, 3:], SMALLEST_PX)
        state = np.zeros((5, *boxes_cxywh.shape))
        state[0] = boxes_cxywh
        state[2] = (MEASURED_SIGMA * height) ** 2
        state[4, :, :2] = (FIRST_SPEED_SIGMA * height) ** 2
        return cls(state)

    @property
    def place(self) -> Floats:
        """(T, 4), pixels."""
        place: Floats = self.state[0]
        return place

    def step(self, elapsed: float) -> None:
        """Let time pass, in keeping times."""
        place, speed, place_var, both_var, speed_var = self.state
        height = np.maximum(place[:, 3:], SMALLEST_PX)
        faster_var = elapsed * speed_var
        place += elapsed * speed
        place_var += elapsed * (2 * both_var + faster_var)
        both_var += faster_var
        grown = np.zeros((3, 1, 4))
        moved = np.array([elapsed**3 / 3, elapsed**2 / 2, elapsed])
        grown[:, 0, :2] = (ACCELERATION_SIGMA**2 * moved)[:, None]
        grown[0, 0, 2:] = SIZE_SIGMA**2 * elapsed
        self.state[2:] += grown * height**2

    def see(self, rows: NDArray[np.intp], boxes_cxywh: Floats, noise: Floats) -> None:
        """Correct `rows` by what was measured of them.

        Args:
            rows: (R,).
            boxes_cxywh: (R, 4).
            noise: (R,) how many times less sure than usual each is.
        """
        height = np.maximum(boxes_cxywh[:, 3:], SMALLEST_PX)
        state = self.state[:, rows]
        sigma = MEASURED_SIGMA * height * noise[:, None]
        gains = state[2:4] / (state[2] + sigma**2)  # of place and speed
        state[:2] += gains * (boxes_cxywh - state[0])
        state[4] -= gains[1] * state[3]
        state[2:4] *= 1 - gains[0]
        self.state[:, rows] = state

    def where(self, stays: NDArray[np.bool_]) -> "Motion":
        """Those for which `stays`, (T,), is true."""
        return Motion(self.state[:, stays])

    def and_(self, more: "Motion") -> "Motion":
        """These, then those."""
        return Motion(np.concatenate([self.state, more.state], axis=1))

    def boxes_xyxy(self) -> Floats:
        """(T, 4), where the boxes are by now."""
        centre, size_wh = self.place[:, :2], self.place[:, 2:]
        half = np.maximum(size_wh, SMALLEST_PX) / 2
        boxes = np.empty_like(self.place)
        np.subtract(centre, half, out=boxes[:, :2])
        np.add(centre, half, out=boxes[:, 2:])
        return boxes


def xyxy_to_cxywh(boxes_xyxy: Floats) -> Floats:
    """(N, 4) corners as centre, width and height."""
    first, last = boxes_xyxy[:, :2], boxes_xyxy[:, 2:]
    boxes = np.empty_like(boxes_xyxy)
    np.add(first, last, out=boxes[:, :2])
    boxes[:, :2] /= 2
    np.subtract(last, first, out=boxes[:, 2:])
    return boxes
