"""Looking closer: the whole picture, and tiles of it, through the same network.

A network sees a few hundred pixels whatever the camera has, so what is small in a large
picture is lost on it. Tiles show it that at two or three times the size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.detection.formats.layout import Candidates
from app.types import ImageBgr

# Tiles overlap by a third of their side, so that whatever is smaller than a quarter
# stands whole in one of them, and away from its seams.
OVERLAP = 1 / 3
# A tile is at most so much longer than wide, since the networks see a square; but a
# strip gets no more than so many tiles side by side.
LONGEST = 1.5
MOST_ACROSS = 8
# A box longer than this share of its tile is better seen by a look from farther away.
LARGEST = 0.6
# A box that ends so near to a seam is cut by it: in pixels of the network's input, and
# as a share of its own length, for half a person's lower edge may be guessed that far
# off: of 505 halves in vtest.avi that 2 pixels let pass, a tenth stops 440.
SEAM_PX, SEAM_SHARE = 2.0, 0.1


@dataclass(frozen=True, slots=True)
class Look:
    """A part of the picture.

    Attributes:
        left: of the part, in pixels, as are the next three.
        top: likewise.
        right: exclusive.
        bottom: exclusive.
    """

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size_wh(self) -> tuple[int, int]:
        """Its size."""
        return self.right - self.left, self.bottom - self.top

    def of(self, image_bgr: ImageBgr) -> ImageBgr:
        """The part of that picture; no copy."""
        return image_bgr[self.top : self.bottom, self.left : self.right]


def looks_at(size_wh: tuple[int, int], detail: int) -> list[Look]:
    """The whole picture; with a detail of 2 or 3 also tiles, row by row.

    The shorter side gets `detail` tiles, the longer one so many that tiles are nearly
    square: 2 x 2 and 3 x 3 of a 4:3 picture, 3 x 2 and 4 x 3 of a 16:9 one.
    """
    whole = Look(0, 0, *size_wh)
    if detail == 1:
        return [whole]
    short, long = sorted(size_wh)
    across = detail
    longest = LONGEST * _tile_side(short, detail)
    while across < MOST_ACROSS and _tile_side(long, across) > longest:
        across += 1
    columns, rows = (across, detail) if size_wh[0] >= size_wh[1] else (detail, across)
    tiles = [
        Look(left, top, right, bottom)
        for top, bottom in _spans(size_wh[1], rows)
        for left, right in _spans(size_wh[0], columns)
    ]
    return [whole, *tiles]


def _tile_side(length: int, count: int) -> float:
    return length / (count - (count - 1) * OVERLAP)


def _spans(length: int, count: int) -> list[tuple[int, int]]:
    """`count` spans of one length that reach from 0 to `length`, evenly apart."""
    side = min(length, round(_tile_side(length, count)))
    starts = [round(i * (length - side) / (count - 1)) for i in range(count)]
    return [(start, start + side) for start in starts]


def merged(
    found: Sequence[Candidates],
    looks: Sequence[Look],
    size_wh: tuple[int, int],
    input_size_wh: tuple[int, int],
) -> Candidates:
    """All candidates in pixels of the picture, but those that another look sees better.

    Args:
        found: of each look, in pixels of that look.
        looks: the whole picture first.
        size_wh: of the picture.
        input_size_wh: what the network sees.
    """
    parts = [found[0]]
    for one, look in zip(found[1:], looks[1:], strict=True):
        kept = are_seen_best(one.boxes_xyxy, look, size_wh, input_size_wh)
        corner = np.array([look.left, look.top] * 2, np.float32)
        parts.append(
            replace(
                one,
                boxes_xyxy=one.boxes_xyxy[kept] + corner,
                scores=one.scores[kept],
                class_ids=one.class_ids[kept],
            )
        )
    return Candidates(
        np.concatenate([part.boxes_xyxy for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.class_ids for part in parts]),
    )


def are_seen_best(
    boxes_xyxy: NDArray[np.float32],
    look: Look,
    size_wh: tuple[int, int],
    input_size_wh: tuple[int, int],
) -> NDArray[np.bool_]:
    """(N,): neither cut by a seam nor large enough to be seen well from farther away.

    A seam is an edge of the tile inside the picture; at the picture's own edge nothing
    more is to be seen by anybody.
    """
    width, height = look.size_wh
    x1, y1, x2, y2 = boxes_xyxy.T
    margin_x = np.maximum(SEAM_PX * width / input_size_wh[0], SEAM_SHARE * (x2 - x1))
    margin_y = np.maximum(SEAM_PX * height / input_size_wh[1], SEAM_SHARE * (y2 - y1))
    is_cut = np.zeros(len(boxes_xyxy), np.bool_)
    if look.left > 0:
        is_cut |= x1 < margin_x
    if look.top > 0:
        is_cut |= y1 < margin_y
    if look.right < size_wh[0]:
        is_cut |= x2 > width - margin_x
    if look.bottom < size_wh[1]:
        is_cut |= y2 > height - margin_y
    is_large = (x2 - x1 > LARGEST * width) | (y2 - y1 > LARGEST * height)
    return np.asarray(~is_cut & ~is_large, np.bool_)
