"""Clean pictures and what was found in them, encoded once for all who keep them."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from app.media.recording.encoder import (
    KEY_EVERY_S,
    TIME_BASE,
    EncodedPicture,
    Encoder,
    place_in,
)
from app.types import Found, ImageBgr

# What a picture costs besides its packet: objects of Python and NumPy, roughly.
_OBJECTS_BYTES = 1000


@dataclass(frozen=True, eq=False, slots=True)
class Kept:
    """A picture, and what was found in it.

    Attributes:
        picture: its packet.
        found: None of one that is repeated, in a gap of hours.
        encoder: which made the packet; it may be closed by now.
    """

    picture: EncodedPicture
    found: Found | None
    encoder: Encoder

    @property
    def size(self) -> int:
        """About what it takes, in bytes."""
        found = self.found.detections if self.found else None
        arrays = 0 if found is None else found.boxes_xyxy.nbytes + 12 * len(found)
        return len(self.picture.data) + arrays + _OBJECTS_BYTES

    @property
    def timestamp_s(self) -> float:
        """When it is shown, on the clock that the encoder was given."""
        return self.encoder.first_s + float(self.picture.pts * TIME_BASE)


class CleanEncoder:
    """An encoder whose packets come with what was found in their pictures.

    Attributes:
        encoder: what encodes.
    """

    def __init__(
        self,
        image_bgr: ImageBgr,
        timestamp_s: float,
        *,
        fps: Fraction | None,
        encoder: str,
        quality: int,
        is_live: bool,
        key_every_s: float = KEY_EVERY_S,
    ) -> None:
        """Get ready as `Encoder` does; live, the CPU is spared rather than bytes."""
        self.encoder = Encoder(
            image_bgr,
            timestamp_s,
            fps=fps,
            encoder=encoder,
            quality=quality,
            is_live=is_live,
            key_every_s=key_every_s,
            is_frugal=is_live,
        )
        self._waiting: dict[int, Found] = {}  # for their packets, by time

    def encode(
        self,
        image_bgr: ImageBgr,
        timestamp_s: float,
        found: Found,
        *,
        is_key: bool = False,
    ) -> list[Kept]:
        """What is ready now; see `Encoder.encode`."""
        pictures = self.encoder.encode(image_bgr, timestamp_s, is_key=is_key)
        placed = _placed(found, image_bgr, self.encoder.size_wh)
        self._waiting[self.encoder.last_pts] = placed
        return self._kept(pictures)

    def finish(self) -> list[Kept]:
        """What it still holds."""
        return self._kept(self.encoder.finish())

    def close(self) -> None:
        """Let go of the encoder."""
        self.encoder.close()

    def _kept(self, pictures: list[EncodedPicture]) -> list[Kept]:
        return [
            Kept(picture, self._waiting.pop(picture.pts, None), self.encoder)
            for picture in pictures
        ]


def _placed(found: Found, image_bgr: ImageBgr, size_wh: tuple[int, int]) -> Found:
    """With the boxes where the picture is in one of that size."""
    left, top, (width, height) = place_in(size_wh, image_bgr)
    rows, columns = image_bgr.shape[:2]
    if (left, top, width, height) == (0, 0, columns, rows):
        return found
    scale = np.array([width / columns, height / rows] * 2, np.float32)
    shift = np.array([left, top] * 2, np.float32)
    boxes = found.detections.boxes_xyxy * scale + shift
    return replace(found, detections=replace(found.detections, boxes_xyxy=boxes))
