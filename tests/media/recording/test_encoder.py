"""What app.media.recording.encoder promises of pictures of any size."""

from pathlib import Path

import av
import numpy as np
import pytest

from app.media.recording.encoder import Encoder
from app.media.recording.muxer import Muxer

COLOURS_BGR = np.array(
    [[[200, 60, 60], [60, 200, 60]], [[60, 60, 200], [200, 200, 60]]]
)


@pytest.mark.parametrize("size_wh", [(480, 270), (482, 272), (66, 274), (1280, 718)])
@pytest.mark.parametrize("is_frugal", [False, True])
def test_each_corner_keeps_its_place_and_its_colour(
    tmp_path: Path, size_wh: tuple[int, int], is_frugal: bool
) -> None:
    """Also where half the height is odd."""
    width, height = size_wh
    image_bgr = np.repeat(COLOURS_BGR, height // 2, axis=0).astype(np.uint8)
    image_bgr = np.repeat(image_bgr, width // 2, axis=1)
    encoder = Encoder(
        image_bgr, 0.0, fps=None, quality=1, is_live=False, is_frugal=is_frugal
    )
    muxer = Muxer(tmp_path / "a.mp4", encoder.stream)
    for picture in [*encoder.encode(image_bgr, 0.0), *encoder.finish()]:
        muxer.write(picture, stays=encoder.interval)
    muxer.close()
    encoder.close()
    with av.open(str(tmp_path / "a.mp4")) as container:
        shown = next(container.decode(video=0)).to_ndarray(format="bgr24")
    assert shown.shape == (height, width, 3)
    for rows in (slice(0, 8), slice(-8, None)):
        for columns in (slice(0, 8), slice(-8, None)):
            wanted = image_bgr[rows, columns].astype(int)
            assert np.abs(shown[rows, columns].astype(int) - wanted).max() <= 8
