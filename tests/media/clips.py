"""Videos made on the spot, each frame with its number drawn in."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

BITS = 10  # numbers below 1024


def numbered_picture(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W, 3): one black or white column a bit, on the upper half; red below.

    Columns this wide survive any compression; the halves tell up from down.
    """
    width, height = size_wh
    picture = np.zeros((height, width, 3), np.uint8)
    for bit in range(BITS):
        if number >> bit & 1:
            left, right = (width * b // BITS for b in (bit, bit + 1))
            picture[: height // 2, left:right] = 255
    picture[height // 2 :, :, 2] = 200
    return picture


def read_number(picture: NDArray[np.uint8]) -> int:
    """The number that `numbered_picture` drew."""
    height, width = picture.shape[:2]
    columns = [(2 * bit + 1) * width // (2 * BITS) for bit in range(BITS)]
    return sum(
        int(picture[height // 4, x].mean() > 127) << b for b, x in enumerate(columns)
    )


def write_video(
    path: Path,
    times_s: Sequence[float],
    *,
    size_wh: tuple[int, int] = (160, 90),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: Fraction = Fraction(25),
    options: dict[str, str] | None = None,
    time_base: Fraction = Fraction(1, 12_800),
    pixel_aspect: Fraction | None = None,
    matrix: int | None = None,
    draw: Callable[[int, tuple[int, int]], NDArray[np.uint8]] = numbered_picture,
    container_options: dict[str, str] | None = None,
) -> Path:
    """A video of pictures shown at `times_s`, numbered if nothing else is drawn.

    `matrix` is FFmpeg's number for what made YUV of RGB; None: it is not said.
    """
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size_wh
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = time_base
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if matrix is not None:
            stream.codec_context.colorspace = matrix
        for number, time_s in enumerate(times_s):
            frame = VideoFrame.from_ndarray(draw(number, size_wh), "bgr24")
            frame = frame.reformat(format=pix_fmt)
            frame.pts = round(time_s / time_base)
            frame.time_base = time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
