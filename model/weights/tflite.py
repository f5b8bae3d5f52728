"""Reads TensorFlow's SSD MobileNet v1 from a .tflite file, quantised or not.

The file is a flatbuffer of tensors; batch norms are folded into the convolutions
already. Nothing in it is executed.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import WeightsError
from model.network.config import SsdConfig, tf_coco
from model.network.names import CHANNELS_OF_CONV13
from model.weights.tf_names import (
    BACKBONE,
    convolutions,
    real_classes,
    tf_class_names,
    without_width,
)
from model.weights.values import Weights

_REMEDY = "Choose a .tflite file of TensorFlow's SSD MobileNet v1 (COCO)."
_KERNEL = re.compile(
    r"/(weights_quant/FakeQuantWithMinMaxVars|weights|depthwise_weights)$"
)
_BIAS = re.compile(r"/(Conv2D_Fold_bias|depthwise_Fold_bias|Conv2D_bias|BiasAdd_bias)$")


def read_tflite(path: Path, class_names: tuple[str, ...] | None = None) -> Weights:
    """The weights of the SSD in `path`, dequantised.

    Args:
        path: the file.
        class_names: foreground classes; COCO's 80 if None.

    Raises:
        WeightsError: not a TFLite file, or a model of another kind.
    """
    tensors = read_constants(path)
    kernels, biases = _by_convolution(tensors)
    config, id_count = _config(path, kernels, class_names)
    layers = {}
    for name, convolution in convolutions(config).items():
        kernel, bias = kernels.get(convolution), biases.get(convolution)
        if kernel is None or bias is None:
            what = "kernel" if kernel is None else "bias"
            raise WeightsError(
                f"{path.name} has no {what} called {convolution}, "
                f"for layer {name} of the network.",
                _REMEDY,
            )
        # (out, h, w, in) to (h, w, in, out); depthwise (1, h, w, in) to (h, w, in, 1)
        kernel = kernel.transpose(1, 2, 3, 0)
        if name.endswith("_mbox_conf"):
            kernel = real_classes(kernel, id_count, config)
            bias = real_classes(bias, id_count, config)
        layers[name] = (kernel, bias)
    return Weights(config, layers, path.name)


def read_constants(path: Path) -> dict[str, NDArray[np.float32]]:
    """Every constant tensor of a .tflite file by name, as real numbers.

    A quantised value q stands for scale * (q - zero_point).

    Raises:
        WeightsError: not a TFLite file, or a damaged one.
    """
    data = path.read_bytes()
    if data[4:8] != b"TFL3":
        raise WeightsError(f"{path.name} is not a TensorFlow Lite file.", _REMEDY)
    # TensorFlow's own reader of the format, generated from its schema.
    from tensorflow.lite.python import schema_py_generated as schema

    try:
        model = schema.ModelT.InitFromPackedBuf(data, 0)
        (graph,) = model.subgraphs
        constants = {}
        for tensor in graph.tensors:
            buffer = model.buffers[tensor.buffer].data
            if buffer is None or len(buffer) == 0:
                continue
            name = tensor.name.decode()
            array = _array(schema, tensor, buffer)
            if array is not None:
                constants[name] = array
    except Exception as error:
        # Any: the generated reader trusts its offsets, so damage can raise anything.
        raise WeightsError(f"{path.name} is damaged.", _REMEDY) from error
    return constants


def _array(
    schema: Any,  # noqa: ANN401 - generated module
    tensor: Any,  # noqa: ANN401
    buffer: NDArray[np.uint8],
) -> NDArray[np.float32] | None:
    kinds = {
        schema.TensorType.FLOAT32: np.float32,
        schema.TensorType.FLOAT16: np.float16,
        schema.TensorType.UINT8: np.uint8,
        schema.TensorType.INT8: np.int8,
        schema.TensorType.INT32: np.int32,
    }
    if tensor.type not in kinds:
        return None
    stored = np.frombuffer(bytes(buffer), kinds[tensor.type]).reshape(tensor.shape)
    quantization = tensor.quantization
    if quantization is None or quantization.scale is None:
        return stored.astype(np.float32)
    scale = np.asarray(quantization.scale, np.float64)
    zero_point = np.asarray(quantization.zeroPoint, np.float64)
    if len(scale) > 1:  # one per channel of one axis
        shape = [1] * stored.ndim
        shape[quantization.quantizedDimension] = len(scale)
        scale, zero_point = scale.reshape(shape), zero_point.reshape(shape)
    return (scale * (stored - zero_point)).astype(np.float32)


def _by_convolution(
    tensors: dict[str, NDArray[np.float32]],
) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]]]:
    """Kernels and biases by the name of their convolution.

    The extra layers carry their width in the name; it is cut off.
    """
    found: tuple[dict[str, NDArray[np.float32]], ...] = ({}, {})
    for name, array in tensors.items():
        for pattern, into in zip((_KERNEL, _BIAS), found, strict=True):
            if pattern.search(name):
                convolution = pattern.sub("", name).removeprefix(BACKBONE)
                into[without_width(convolution)] = array
    return found[0], found[1]


def _config(
    path: Path,
    kernels: dict[str, NDArray[np.float32]],
    class_names: tuple[str, ...] | None,
) -> tuple[SsdConfig, int]:
    """The network, and the number of ids its class heads tell apart."""
    last = kernels.get("MobilenetV1/Conv2d_13_pointwise")
    head = kernels.get("BoxPredictor_0/ClassPredictor")
    if last is None or head is None:
        raise WeightsError(f"{path.name} is not an SSD MobileNet v1.", _REMEDY)
    id_count = len(head) // tf_coco().anchor_layers[0].anchors_per_cell
    config = tf_coco(
        class_names=tf_class_names(path, id_count, class_names),
        alpha=len(last) / CHANNELS_OF_CONV13,
    )
    return config, id_count
