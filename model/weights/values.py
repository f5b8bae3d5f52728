"""What a reader of weights finds, and how it gets into a network."""

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

_OTHER = "Name another file, or the network that it is of."

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
            f"missing {missing or 'nothing'}, unknown {unknown or 'nothing'}.",
            _OTHER,
        )
    for name, layer in wanted.items():
        arrays = weights.layers[name]
        shapes = [tuple(array.shape) for array in arrays]
        expected = [tuple(variable.shape) for variable in layer.weights]
        if shapes != expected:
            raise WeightsError(
                f"{weights.source}: layer {name} has shapes {shapes}, "
                f"the network wants {expected}.",
                _OTHER,
            )
        layer.set_weights(arrays)
