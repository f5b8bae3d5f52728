"""Which way up a picture stands, and whether it is a mirror image."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from app.types import ImageBgr


@dataclass(frozen=True, slots=True)
class Orientation:
    """Rows and columns swapped first, and then turned over.

    Attributes:
        is_transposed: rows become columns.
        is_mirrored: then left becomes right.
        is_upside_down: then up becomes down.
    """

    is_transposed: bool = False
    is_mirrored: bool = False
    is_upside_down: bool = False

    @classmethod
    def of(cls, frame: VideoFrame) -> Self:
        """As the file, or the picture itself, asks for it."""
        # Not `frame.side_data`: the frame keeps it as it keeps the frame, and whatever
        # was looked at stays, megabytes each, until Python looks for circles.
        side_data = SideDataContainer(frame)  # type: ignore[call-arg] # its stub forgets
        try:
            matrix = np.frombuffer(bytes(side_data[Type.DISPLAYMATRIX]), np.int32)
        except (KeyError, ValueError):
            return cls()
        return cls.from_matrix(matrix) if matrix.size == 9 else cls()

    @classmethod
    def from_matrix(cls, matrix: NDArray[np.int32]) -> Self:
        """Of a display matrix; other angles than quarter turns as the nearest.

        A pixel at (x, y) goes to (a x + c y, b x + d y).

        Args:
            matrix: (9,), a b u c d v x y w.

        Source: ISO 14496-12, 6.2.2.
        """
        a, b, _, c, d = (int(value) for value in matrix[:5])
        if abs(a) + abs(d) >= abs(b) + abs(c):
            return cls(is_mirrored=a < 0, is_upside_down=d < 0)
        return cls(is_transposed=True, is_mirrored=c < 0, is_upside_down=b < 0)

    def apply(self, image_bgr: ImageBgr) -> ImageBgr:
        """A view, where it is not upright already."""
        if self.is_transposed:
            image_bgr = image_bgr.transpose(1, 0, 2)
        if self.is_mirrored:
            image_bgr = image_bgr[:, ::-1]
        return image_bgr[::-1] if self.is_upside_down else image_bgr
