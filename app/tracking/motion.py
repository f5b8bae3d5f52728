"""Where boxes go: constant velocity, seen through noise, for many boxes at once.

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
SMALLEST_PX = 1.0


@dataclass(eq=False, slots=True)
class Motion:
    """T boxes on their way, as columns (x, y of the centre, width, height).

    Attributes:
        place: (T, 4) pixels.
        speed: (T, 4) pixels per keeping time.
        place_var: (T, 4) variance of `place`.
        both_var: (T, 4) covariance of `place` and `speed`.
        speed_var: (T, 4) variance of `speed`.
    """

    place: Floats
    speed: Floats
    place_var: Floats
    both_var: Floats
    speed_var: Floats

    @classmethod
    def at(cls, boxes_cxywh: Floats) -> "Motion":
        """First sight of these boxes: nothing is known of their speed."""
        height = np.maximum(boxes_cxywh[:, 3:], SMALLEST_PX)
        ones = np.ones_like(boxes_cxywh)
        return cls(
            place=boxes_cxywh,
            speed=0 * ones,
            place_var=(MEASURED_SIGMA * height) ** 2 * ones,
            both_var=0 * ones,
            speed_var=(FIRST_SPEED_SIGMA * height) ** 2 * ones,
        )

    def step(self, elapsed: float) -> None:
        """Let time pass, in keeping times."""
        height = np.maximum(self.place[:, 3:], SMALLEST_PX)
        noise = (ACCELERATION_SIGMA * height) ** 2
        self.place += self.speed * elapsed
        self.place_var += elapsed * (2 * self.both_var + elapsed * self.speed_var)
        self.place_var += noise * elapsed**3 / 3
        self.both_var += elapsed * self.speed_var + noise * elapsed**2 / 2
        self.speed_var += noise * elapsed

    def see(self, rows: NDArray[np.intp], boxes_cxywh: Floats, noise: Floats) -> None:
        """Correct `rows` by what was measured of them.

        Args:
            rows: (R,).
            boxes_cxywh: (R, 4).
            noise: (R,) how many times less sure than usual each is.
        """
        height = np.maximum(boxes_cxywh[:, 3:], SMALLEST_PX)
        place_var, both_var = self.place_var[rows], self.both_var[rows]
        sigma = MEASURED_SIGMA * height * noise[:, None]
        total_var = place_var + sigma**2
        place_gain, speed_gain = place_var / total_var, both_var / total_var
        surprise = boxes_cxywh - self.place[rows]
        self.place[rows] += place_gain * surprise
        self.speed[rows] += speed_gain * surprise
        self.place_var[rows] = (1 - place_gain) * place_var
        self.both_var[rows] = (1 - place_gain) * both_var
        self.speed_var[rows] -= speed_gain * both_var

    def where(self, stays: NDArray[np.bool_]) -> "Motion":
        """Those for which `stays`, (T,), is true."""
        return Motion(*(column[stays] for column in self._columns()))

    def and_(self, more: "Motion") -> "Motion":
        """These, then those."""
        pairs = zip(self._columns(), more._columns(), strict=True)
        return Motion(*(np.concatenate(pair) for pair in pairs))

    def boxes_xyxy(self) -> Floats:
        """(T, 4), where the boxes are by now."""
        half = np.maximum(self.place[:, 2:], SMALLEST_PX) / 2
        return np.hstack([self.place[:, :2] - half, self.place[:, :2] + half])

    def _columns(self) -> tuple[Floats, ...]:
        return (
            *(self.place, self.speed),
            *(self.place_var, self.both_var, self.speed_var),
        )


def xyxy_to_cxywh(boxes_xyxy: Floats) -> Floats:
    """(N, 4) corners as centre, width and height."""
    size_wh = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    return np.hstack([(boxes_xyxy[:, :2] + boxes_xyxy[:, 2:]) / 2, size_wh])
