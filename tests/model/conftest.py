"""Small networks and the weights people have."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.weights.values import Weights

TFLITE = "coco_ssd_mobilenet_v1_0.75_300_quant.tflite"


@pytest.fixture(scope="session")
def tflite_path(shared_data: Path) -> Path:
    """TensorFlow's COCO SSD MobileNet v1, alpha 0.75, quantised."""
    return shared_data / "weights" / TFLITE


@pytest.fixture(scope="session")
def coco_weights(tflite_path: Path) -> Weights:
    """The same, read by us."""
    from model.weights.tflite import read_tflite

    return read_tflite(tflite_path)


@pytest.fixture(scope="session")
def photos(shared_data: Path) -> list[NDArray[np.uint8]]:
    """Real photos as the network sees them: (300, 300, 3) uint8 BGR."""
    paths = sorted((shared_data / "voc2007_test_samples").glob("*.jpg"))
    paths += sorted((shared_data / "detection" / "val" / "images").glob("*.jpg"))[:20]
    pictures = [cv2.imread(str(path)) for path in paths]
    return [
        np.asarray(cv2.resize(picture, (300, 300)), np.uint8)
        for picture in pictures
        if picture is not None
    ]
