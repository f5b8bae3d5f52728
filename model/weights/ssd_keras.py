"""Reads the article author's weights: ssd_kerasV2 `.hdf5`, written by Keras 2.1.

The layout: a group per layer, in it a dataset per array, named by the layer once
more ("conv11/conv11/kernel:0"); the MobileNet inside is a model of its own, and
its arrays carry its layers' names ("model_1/conv_dw_1/depthwise_kernel:0").
Only arrays are read; a model description in the file is not built.

Source: tanakataiki/ssd_kerasV2, model/ssd300MobileNet.py at 52e0667, and
keras/engine/topology.py of Keras 2.1 (`save_weights_to_hdf5_group`).
"""

from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from model.errors import WeightsError
from model.network.config import SsdConfig, keras_voc
from model.network.folding import folded_arrays
from model.network.names import FIRST_OF_NECK, convolution_names
from model.weights.values import Weights, check_class_names

_REMEDY = "Choose the weights of ssd_kerasV2's MobileNet, as Keras 2.1 saved them."
Arrays = dict[str, dict[str, NDArray[np.float32]]]


def read_ssd_keras(path: Path, class_names: tuple[str, ...] | None = None) -> Weights:
    """The weights in `path`, with its batch norms folded in.

    Args:
        path: the file.
        class_names: foreground classes; VOC's 20 if None.

    Raises:
        WeightsError: not such a file, one with code in it, or a layer is missing
            or of another shape; it is named.
    """
    found = read_arrays(path)
    config = _config(path, found, class_names)
    layers = {}
    for name in convolution_names(config):
        theirs, norm = _their_names(name, config)
        kernel, bias = _convolution(path, found, theirs, name)
        if name.endswith(("_mbox_loc", "_mbox_conf")) or norm is None:
            layers[name] = (kernel, bias)
            continue
        parts = [
            _get(path, found, norm, part)
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        ]
        layers[name] = folded_arrays(
            kernel,
            bias,
            gamma=parts[0],
            beta=parts[1],
            mean=parts[2],
            variance=parts[3],
            epsilon=config.batch_norm_epsilon,
        )
    return Weights(config, layers, path.name)


def read_arrays(path: Path) -> Arrays:
    """Layer name to its arrays by name ("kernel", "gamma", ...).

    Raises:
        WeightsError: not HDF5, or a whole model with a Lambda layer.
    """
    found: Arrays = {}
    try:
        with h5py.File(path) as file:
            described = file.attrs.get("model_config", b"")
            text = described.decode() if isinstance(described, bytes) else described
            if '"Lambda"' in text:
                raise WeightsError(
                    f"{path.name} has a Lambda layer, which is code that would have "
                    "to be run, so it is not read.",
                    "Choose a file of weights alone (save_weights).",
                )

            def collect(name: str, item: object) -> None:
                parts = name.split("/")
                if isinstance(item, h5py.Dataset) and len(parts) >= 2:
                    array = np.asarray(item, np.float32)
                    found.setdefault(parts[-2], {})[parts[-1].split(":")[0]] = array

            file.visititems(collect)
    except WeightsError:
        raise
    except Exception as error:  # h5py tells of damage by any type, KeyError too
        raise WeightsError(
            f"{path.name} is not an HDF5 file of weights.", _REMEDY
        ) from error
    return found


def _config(
    path: Path, found: Arrays, class_names: tuple[str, ...] | None
) -> SsdConfig:
    heads = [name for name in found if name.startswith("conv11_mbox_conf")]
    if not heads or "conv13" not in found:
        raise WeightsError(f"{path.name} is not ssd_kerasV2's MobileNet.", _REMEDY)
    anchors_per_cell = keras_voc().anchor_layers[0].anchors_per_cell
    bias = _get(path, found, heads[0], "bias")
    class_count = len(bias) // anchors_per_cell - 1  # one is background
    return keras_voc(class_names=check_class_names(path, class_count, class_names))


def _their_names(name: str, config: SsdConfig) -> tuple[str, str | None]:
    """Our layer's name to theirs, and to the batch norm behind it."""
    if name == "conv0":
        return "conv1", "conv1_bn"
    if name.endswith("_mbox_conf") and len(config.class_names) != 20:
        return f"{name}_{len(config.class_names) + 1}", None
    if name.endswith(("_mbox_loc", "_mbox_conf")):
        return name, None
    base, _, kind = name.removeprefix("conv").partition("_")
    number = int(base)
    if number >= FIRST_OF_NECK and kind == "dw":
        return f"conv{number}dw", None  # linear: the norm is behind the pointwise
    if number >= FIRST_OF_NECK and kind == "sep":
        return f"conv{number}dw", f"bn{number}dw"
    if kind == "dw":
        return f"conv_dw_{number}", f"conv_dw_{number}_bn"
    if number < FIRST_OF_NECK - 1:
        return f"conv_pw_{number}", f"conv_pw_{number}_bn"
    return name, name.replace("conv", "bn")


def _convolution(
    path: Path, found: Arrays, theirs: str, ours: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if ours.endswith("_dw"):
        kernel = _get(path, found, theirs, "depthwise_kernel")
        return kernel, np.zeros(kernel.shape[2], np.float32)
    part = "pointwise_kernel" if ours.endswith("_sep") else "kernel"
    kernel = _get(path, found, theirs, part)
    bias = found[theirs].get("bias")
    return kernel, np.zeros(kernel.shape[3], np.float32) if bias is None else bias


def _get(path: Path, found: Arrays, layer: str, part: str) -> NDArray[np.float32]:
    array = found.get(layer, {}).get(part)
    if array is None:
        raise WeightsError(f"{path.name} has no {part} of layer {layer}.", _REMEDY)
    return array
