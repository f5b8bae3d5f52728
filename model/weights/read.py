"""Which reader is for which file."""

from pathlib import Path

import numpy as np

from model.errors import WeightsError
from model.weights.values import Weights

READABLE = {
    ".tflite": "TensorFlow's SSD MobileNet v1, quantised or not",
    ".pb": "a frozen graph of the same",
    ".caffemodel": "chuanqi305's MobileNet-SSD, train or deploy form",
    ".hdf5": "the article's ssd_kerasV2, saved by Keras 2.1",
    ".h5": "the same; .weights.h5 may also be ours",
    ".keras": "ours",
}
_CHOOSE = "Choose one of " + ", ".join(READABLE) + "."


def read_weights(path: Path, class_names: tuple[str, ...] | None = None) -> Weights:
    """Weights of the file at `path`, told by its suffix.

    Args:
        path: the file.
        class_names: foreground classes; the family's own if None.

    Raises:
        WeightsError: no such file, another format, or not a MobileNet-SSD.
    """
    if path.is_dir():
        raise WeightsError(f"{path} is a folder, not a weights file.", _CHOOSE)
    if not path.is_file():
        raise WeightsError(f"There is no file {path}.", "Check the name.")
    match path.suffix.lower():
        case ".tflite":
            from model.weights.tflite import read_tflite as read
        case ".pb":
            from model.weights.frozen_graph import read_frozen_graph as read
        case ".caffemodel":
            from model.weights.caffemodel import read_caffemodel as read
        case ".keras":
            from model.weights.own import read_own as read
        case ".h5" | ".hdf5":
            from model.weights.own import is_own, read_own
            from model.weights.ssd_keras import read_ssd_keras

            read = read_own if is_own(path) else read_ssd_keras
        case suffix:
            raise WeightsError(
                f"{path.name}: weights cannot be read from {suffix or 'such'} files.",
                _CHOOSE,
            )
    weights = read(path, class_names)
    for name, arrays in weights.layers.items():
        if not all(np.isfinite(array).all() for array in arrays):
            raise WeightsError(
                f"{path.name}: layer {name} holds what is no number.",
                "Take an earlier checkpoint: a training that ran away leaves such.",
            )
    return weights
