"""Whether a picture moves."""

import numpy as np

from app.types import ImageBgr

_LINES = 32  # compared of a picture: enough that noise shows, and quickly done
_PLAIN = 16  # a spread of values that a covered lens stays below


class Still:
    """For how long a picture has not changed by a single bit.

    A sensor's noise changes every picture; a driver that hangs repeats its last
    one. A lens that is covered, or a picture that never changed since the
    connection was made (a logo), is no sign of that.
    """

    def __init__(self) -> None:
        self._last: ImageBgr | None = None
        self._since_s = 0.0
        self._has_changed = False

    def seconds(self, image_bgr: ImageBgr, now_s: float) -> float:
        """0 for a picture that moves, or is none to judge by."""
        step = max(1, min(image_bgr.shape[:2]) // _LINES)
        sample = image_bgr[::step, ::step]
        if self._last is None or not np.array_equal(sample, self._last):
            self._has_changed = self._last is not None
            # A copy: a view would keep the whole picture.
            self._last, self._since_s = sample.copy(), now_s
        is_plain = bool(np.ptp(sample) < _PLAIN)
        return 0.0 if is_plain or not self._has_changed else now_s - self._since_s
