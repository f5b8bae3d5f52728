"""A decoded picture as it is to be seen."""

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.video.frame import VideoFrame

from app.media.conversion import Converter
from app.media.sources.pictures.cropping import Cropping
from app.media.sources.pictures.fitting import fitted
from app.media.sources.pictures.orientation import Orientation
from app.media.sources.pictures.tone_mapping import ToneMapper, is_hdr
from app.types import ImageBgr

# FFmpeg's numbers for what turns YUV into RGB.
_BT709, _UNSPECIFIED = 1, 2
# Where nothing says so, that is BT.709 from here on, as players have it.
_HD_WIDTH, _HD_HEIGHT = 1280, 720


@dataclass(frozen=True, slots=True)
class _Kind:
    """What one set of filters serves."""

    size_wh: tuple[int, int]
    trc: int
    primaries: int


class Shown:
    """Turns pictures of one stream into what is to be seen.

    Upright and not mirrored, with square pixels, without what the file cuts off,
    HDR as SDR.

    Attributes:
        trouble: what of it could not be done, for people; empty where all could.
    """

    def __init__(
        self,
        *,
        pixel_aspect: Fraction | None = None,
        cropping: Cropping = Cropping(),  # noqa: B008 - frozen
        keeps_size: bool = False,
    ) -> None:
        """Remember what is the stream's, not a picture's.

        Args:
            pixel_aspect: width of a pixel over its height; None where nobody says.
            cropping: what the file cuts off.
            keeps_size: whether pictures of another size than the first are made to
                fit it, as FFmpeg does, but with their shape kept: boxes, lines and
                zones of a file are in pixels of one size.
        """
        aspect = pixel_aspect or Fraction(1)
        # Beyond these it is a slip of whoever wrote the file.
        self._aspect = aspect if Fraction(1, 4) <= aspect <= 4 else Fraction(1)
        self._cropping = cropping
        self._keeps_size = keeps_size
        self._size_wh: tuple[int, int] | None = None
        self._mapper: tuple[_Kind, ToneMapper] | None = None
        self._converter = Converter()
        self.trouble = ""

    def bgr(self, frame: VideoFrame) -> ImageBgr:
        """(H, W, 3) uint8, nobody else's."""
        size_wh = width, height = self._square(frame.width, frame.height)
        image_bgr = self._in_colour(frame, size_wh)
        scale_xy = width / frame.width, height / frame.height
        image_bgr = self._cropping.apply(image_bgr, scale_xy)
        image_bgr = Orientation.of(frame).apply(image_bgr)
        if self._keeps_size:
            self._size_wh = self._size_wh or (image_bgr.shape[1], image_bgr.shape[0])
            image_bgr = fitted(image_bgr, self._size_wh)
        return np.ascontiguousarray(image_bgr, dtype=np.uint8)

    def _square(self, width: int, height: int) -> tuple[int, int]:
        if self._aspect > 1:  # only ever enlarged: no detail is lost
            return round(width * self._aspect), height
        return width, round(height / self._aspect)

    def _in_colour(self, frame: VideoFrame, size_wh: tuple[int, int]) -> ImageBgr:
        is_hd = frame.width >= _HD_WIDTH or frame.height >= _HD_HEIGHT
        if frame.colorspace == _UNSPECIFIED and is_hd:
            frame.colorspace = _BT709
        try:
            return self._converted(frame, size_wh)
        except (av.FFmpegError, OSError, ValueError):
            matrix = frame.colorspace
            # Good enough to see and to detect by.
            frame.colorspace = _BT709 if is_hd else _UNSPECIFIED
            image_bgr = self._converted(frame, size_wh)
            self.trouble = (
                f"has colours of a kind (matrix {matrix}) that is not known here: they "
                "are not quite right"
            )
            return image_bgr

    def _converted(self, frame: VideoFrame, size_wh: tuple[int, int]) -> ImageBgr:
        width, height = size_wh
        if is_hdr(frame):
            kind = _Kind(size_wh, frame.color_trc, frame.color_primaries)
            bgr48 = self._converter.convert(
                frame, width=width, height=height, format="bgr48le"
            )
            return np.asarray(self._mapper_for(kind).map(bgr48).to_ndarray(), np.uint8)
        bgr = self._converter.convert(frame, width=width, height=height, format="bgr24")
        return np.asarray(bgr.to_ndarray(), np.uint8)

    def _mapper_for(self, kind: _Kind) -> ToneMapper:
        if self._mapper is None or self._mapper[0] != kind:
            mapper = ToneMapper(kind.size_wh, kind.trc, kind.primaries)
            self._mapper = (kind, mapper)
        return self._mapper[1]
