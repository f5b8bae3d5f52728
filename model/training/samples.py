"""A sheet of photos with what is found on them, to see how a training goes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

LEAST_SCORE = 0.4
TILE_PX = 320
COLUMNS = 4
_BACKGROUND = 32


class DrawFinds(Protocol):
    """Finds objects on a photo, and draws them."""

    def __call__(
        self, image_bgr: NDArray[np.uint8], *, least_score: float
    ) -> NDArray[np.uint8]:
        """A new picture of the same size with all found above the score."""
        ...


def write_samples(draw_finds: DrawFinds, paths: Sequence[Path], target: Path) -> None:
    """Write the sheet, some photos in a row.

    Args:
        draw_finds: makes the pictures.
        paths: the photos, one at least.
        target: the picture to write; its folder is made.
    """
    tiles = [_tile(draw_finds, path) for path in paths]
    tiles += [np.full_like(tiles[0], _BACKGROUND)] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[k : k + COLUMNS]) for k in range(0, len(tiles), COLUMNS)]
    target.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(target), np.vstack(rows))


def _tile(draw_finds: DrawFinds, path: Path) -> NDArray[np.uint8]:
    image = np.asarray(cv2.imread(str(path)), np.uint8)
    drawn = draw_finds(image, least_score=LEAST_SCORE)
    scale = TILE_PX / max(drawn.shape[:2])
    small = cv2.resize(drawn, None, fx=scale, fy=scale)
    tile = np.full((TILE_PX, TILE_PX, 3), _BACKGROUND, np.uint8)
    tile[: small.shape[0], : small.shape[1]] = small
    return tile
