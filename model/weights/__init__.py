"""Weights from files people have: one reader a format, one way into the network."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.config import SsdConfig
from model.errors import WeightsError

if TYPE_CHECKING:  # a wrong file name should not cost loading TensorFlow
    import keras

LayerArrays = Mapping[str, tuple[NDArray[np.float32], ...]]


@dataclass(frozen=True, eq=False, slots=True)
class Weights:
    """What a reader found.

    Attributes:
        config: the network they are for.
        layers: layer name to its arrays, in Keras' order and layout: kernel
            (h, w, in, out), depthwise (h, w, in, 1), then the bias. Batch norms
            are folded in.
        source: the file's name.
    """

    config: SsdConfig
    layers: LayerArrays
    source: str

    @property
    def sha256(self) -> str:
        """Of every array as little-endian float32, in the order of layer names."""
        digest = hashlib.sha256()
        for name in sorted(self.layers):
            for array in self.layers[name]:
                digest.update(np.ascontiguousarray(array, "<f4").tobytes())
        return digest.hexdigest()


def read_weights(path: Path) -> Weights:
    """Weights of the file at `path`, told by its suffix.

    Raises:
        WeightsError: no such file, another format, or not a MobileNet-SSD.
    """
    if path.is_dir():
        raise WeightsError(f"{path} is a folder, not a weights file.", _CHOOSE)
    if not path.is_file():
        raise WeightsError(f"There is no file {path}.", "Check the name.")
    if path.suffix.lower() != ".tflite":
        raise WeightsError(
            f"{path.name} is of a kind that cannot be read yet.", _CHOOSE
        )
    from model.weights.tflite import read_tflite

    return read_tflite(path)


_CHOOSE = "Choose a .tflite file of TensorFlow's SSD MobileNet v1."


def load_into(network: "keras.Model", weights: Weights) -> None:
    """Put `weights` into a folded network, layer by layer.

    Raises:
        WeightsError: a layer is missing, unknown or of another shape; it is named.
    """
    wanted = {layer.name: layer for layer in network.layers if layer.weights}
    missing = sorted(wanted.keys() - weights.layers.keys())
    unknown = sorted(weights.layers.keys() - wanted.keys())
    if missing or unknown:
        raise WeightsError(
            f"{weights.source} does not fit the network: "
            f"missing {missing or 'nothing'}, unknown {unknown or 'nothing'}."
        )
    for name, layer in wanted.items():
        arrays = weights.layers[name]
        shapes = [tuple(array.shape) for array in arrays]
        expected = [tuple(variable.shape) for variable in layer.weights]
        if shapes != expected:
            raise WeightsError(
                f"{weights.source}: layer {name} has shapes {shapes}, "
                f"the network wants {expected}."
            )
        layer.set_weights(arrays)
