"""What model.training.samples promises: a sheet one can judge a training by."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.training.samples import LEAST_SCORE, write_samples

BLUES = (200, 160, 120, 80, 40)  # of photo 1 to 5, so that none is taken for another


def photos(folder: Path) -> list[Path]:
    """Wide ones, 640 x 320, but for the last: 160 x 320."""
    paths = []
    for number, blue in enumerate(BLUES):
        width = 160 if number == 4 else 640
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), np.full((320, width, 3), (blue, 0, 0), np.uint8))
        paths.append(path)
    return paths


def mark_left_half(
    image_bgr: NDArray[np.uint8], *, least_score: float
) -> NDArray[np.uint8]:
    assert least_score == LEAST_SCORE
    drawn = image_bgr.copy()
    drawn[:, : drawn.shape[1] // 2, 2] = 255
    return drawn


def test_each_photo_has_its_tile_whole_and_as_it_was_drawn(tmp_path: Path) -> None:
    target = tmp_path / "samples" / "epoch 001.png"
    write_samples(mark_left_half, photos(tmp_path), target)
    sheet = cv2.imread(str(target))
    assert sheet is not None
    assert sheet.shape == (2 * 320, 4 * 320, 3)  # five of them: two rows of four
    for number, blue in enumerate(BLUES[:4]):
        left = number * 320
        # 640 x 320 becomes 320 x 160, at the top of the tile.
        assert sheet[159, left].tolist() == [blue, 0, 255]
        assert sheet[159, left + 319].tolist() == [blue, 0, 0]
        assert sheet[160, left].tolist() == [32, 32, 32]
    assert sheet[639, 79].tolist() == [BLUES[4], 0, 255]  # 160 x 320 stays
    assert sheet[639, 159].tolist() == [BLUES[4], 0, 0]
    assert (sheet[320:, 160:] == 32).all()
