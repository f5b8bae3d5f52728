"""Weights from files people have: one reader a format, one way into the network."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.errors import WeightsError
from model.network.config import VOC_CLASS_NAMES, SsdConfig

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
    return read(path, class_names)


def check_class_names(
    path: Path,
    count: int,
    class_names: tuple[str, ...] | None,
    *,
    default: tuple[str, ...] = VOC_CLASS_NAMES,
) -> tuple[str, ...]:
    """The names of the `count` foreground classes in `path`.

    Args:
        path: the file, for the message.
        count: how many it tells apart.
        class_names: as the user gave them; None for none.
        default: what they are called if nobody says.

    Raises:
        WeightsError: names are needed, or do not fit.
    """
    names = default if class_names is None else class_names
    if len(names) != count:
        given = "none" if class_names is None else str(len(class_names))
        raise WeightsError(
            f"{path.name} tells {count} classes apart, and {given} were named.",
            "Name them, a line each, with: --labels FILE",
        )
    return names


def folded_arrays(
    kernel: NDArray[np.float32],
    bias: NDArray[np.float32],
    *,
    gamma: NDArray[np.float32],
    beta: NDArray[np.float32],
    mean: NDArray[np.float32],
    variance: NDArray[np.float32],
    epsilon: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel and bias that do what convolution and batch norm did.

    `gamma * (k * x + bias - mean) / sqrt(variance + epsilon) + beta`, sorted by x.

    Args:
        kernel: (h, w, in, out), or depthwise (h, w, in, 1).
        bias: (out,) of the convolution itself; zeros where it has none.
        gamma: (out,).
        beta: (out,).
        mean: (out,).
        variance: (out,).
        epsilon: added to the variance.
    """
    gain = gamma / np.sqrt(variance + np.float32(epsilon))
    is_depthwise = kernel.shape[-1] == 1 and kernel.shape[-2] == len(gain)
    folded = kernel * (gain[:, None] if is_depthwise else gain)
    return folded.astype(np.float32), ((bias - mean) * gain + beta).astype(np.float32)


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
