"""What app.detection.formats.readers promises of wild answers."""

import numpy as np

from app.detection.formats.readers import read_yolox


def test_a_size_beyond_all_numbers_is_a_large_box_and_no_warning() -> None:
    """16 + 4 + 1 cells of 32 x 32; e to the 1000 is more than any float."""
    rows = np.zeros((1, 21, 6), np.float32)
    rows[0, 3] = [0.0, 0.0, 1000.0, 0.0, 0.9, 0.8]
    found = read_yolox(rows, (32, 32), 0.5)
    assert found.scores.tolist() == [np.float32(0.9) * np.float32(0.8)]
    assert np.isfinite(found.boxes_xyxy).all()
    assert found.boxes_xyxy[0, 2] > 1e6
