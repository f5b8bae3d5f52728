"""Which tiles of a picture deserve a closer look, where not all can have one.

Live, a frame has so many milliseconds. They go to the tiles in which something small
was found or something moves; the others get their turn now and then, so that nobody
who stands still in a corner stays unseen.
"""

import time
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from app.detection.looks import Look, are_seen_best
from app.types import Detections, ImageBgr

# What a frame adds to the claim of a tile, until it is looked at: for each thing found
# there, so many at most, for motion in all of it, and for just being there.
OF_A_FIND, MOST_FINDS, OF_MOTION, OF_ANY = 1.0, 3, 4.0, 0.5
# Motion is looked for in a picture so small: each of its pixels is the mean of a patch.
COARSE_WH, PATCH_PX = (64, 36), 4
# So many grey levels more or less than the picture as a whole are motion, not noise.
MOVED = 8.0
# What a look takes is what it took lately, the last frame counting so much.
OF_THE_LAST = 0.2


class Budget:
    """How many looks a frame has time for; used by one thread."""

    def __init__(self) -> None:
        self._look_s = 0.0
        self._begun_s = 0.0

    def begin(self) -> None:
        """A frame's first look is about to begin."""
        self._begun_s = time.perf_counter()

    def has_room(self, budget_ms: float, *, asked: int, answered: int) -> bool:
        """Whether one more look would be answered in time.

        Args:
            budget_ms: what all of the frame may take.
            asked: looks that were begun.
            answered: those of them that are over.
        """
        spent_s = time.perf_counter() - self._begun_s
        look_s = max(self._look_s, spent_s / answered if answered else 0.0)
        return spent_s + look_s * (asked - answered + 1) <= budget_ms / 1e3

    def end(self, looks: int) -> None:
        """So many there were, and everything around them is done."""
        look_s = (time.perf_counter() - self._begun_s) / looks
        known_s = self._look_s or look_s
        self._look_s = (1 - OF_THE_LAST) * known_s + OF_THE_LAST * look_s


class Attention:
    """Remembers what was seen in each tile, frame after frame; used by one thread."""

    def __init__(self) -> None:
        self._tiles: tuple[Look, ...] = ()
        self._claims = np.zeros(0)
        self._finds = np.zeros(0)
        self._before: NDArray[np.float32] | None = None

    def order(self, image_bgr: ImageBgr, tiles: Sequence[Look]) -> list[int]:
        """The places of all tiles, the one with the greatest claim first.

        Law: one that is never looked at is the first some day, whatever goes on in
        the others; each of those loses its claim by the look that it gets.
        """
        if tuple(tiles) != self._tiles:  # another size, or another detail
            self._tiles, self._before = tuple(tiles), None
            self._claims, self._finds = np.zeros(len(tiles)), np.zeros(len(tiles))
        finds = OF_A_FIND * np.minimum(self._finds, MOST_FINDS)
        self._claims += finds + OF_MOTION * self._motion(image_bgr) + OF_ANY
        order = np.argsort(-self._claims, kind="stable")
        return [int(place) for place in order]

    def learn(
        self,
        detections: Detections,
        looked: Sequence[int],
        size_wh: tuple[int, int],
        input_size_wh: tuple[int, int],
    ) -> None:
        """Take in what came of it.

        Args:
            detections: of all looks, in pixels of the picture.
            looked: the places of the tiles that were looked at.
            size_wh: of the picture.
            input_size_wh: what the network sees.
        """
        boxes = detections.boxes_xyxy
        for place, tile in enumerate(self._tiles):
            corner = np.array([tile.left, tile.top] * 2, np.float32)
            far = np.array([tile.right, tile.bottom], np.float32)
            inside = (boxes[:, :2] >= corner[:2]) & (boxes[:, 2:] <= far)
            own = boxes[inside.all(axis=1)] - corner
            count = are_seen_best(own, tile, size_wh, input_size_wh).sum()
            if place in looked:
                self._claims[place] = 0
                self._finds[place] = count
            else:  # whom only a closer look finds may be there still
                self._finds[place] = max(self._finds[place], count)

    def _motion(self, image_bgr: ImageBgr) -> NDArray[np.float64]:
        """(T,) of each tile, the share of it that is not as it was."""
        size_wh = COARSE_WH[0] * PATCH_PX, COARSE_WH[1] * PATCH_PX
        # Nearest first: it looks at few pixels of the many.
        small = cv2.resize(image_bgr, size_wh, interpolation=cv2.INTER_NEAREST)
        gray = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        now = cv2.resize(gray, COARSE_WH, interpolation=cv2.INTER_AREA).astype(
            np.float32
        )
        before, self._before = self._before, now
        if before is None:
            return np.zeros(len(self._tiles))
        change = now - before
        moved = np.abs(change - np.median(change)) > MOVED  # a cloud is no motion
        height, width = image_bgr.shape[:2]
        to_coarse = np.array([COARSE_WH[0] / width, COARSE_WH[1] / height])
        shares = []
        for tile in self._tiles:
            left, top = np.floor((tile.left, tile.top) * to_coarse).astype(int)
            right, bottom = np.ceil((tile.right, tile.bottom) * to_coarse).astype(int)
            shares.append(moved[top:bottom, left:right].mean())
        return np.array(shares)
