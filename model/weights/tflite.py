"""Reads TensorFlow's SSD MobileNet v1 from a .tflite file, quantised or not.

The file is a flatbuffer of tensors; batch norms are folded into the convolutions
already. Nothing in it is executed.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.config import COCO_CLASS_IDS_AND_NAMES, SsdConfig, tf_coco
from model.errors import WeightsError
from model.network import BLOCKS, EXTRAS
from model.weights import Weights

# Channels of a class head per anchor: ids 0 (unused) to 90, ten of them gaps.
COCO_ID_COUNT = 91

_REMEDY = "Choose a .tflite file of TensorFlow's SSD MobileNet v1 (COCO)."
_BACKBONE = "FeatureExtractor/MobilenetV1/"
_KERNEL = re.compile(
    r"/(weights_quant/FakeQuantWithMinMaxVars|weights|depthwise_weights)$"
)
_BIAS = re.compile(r"/(Conv2D_Fold_bias|depthwise_Fold_bias|Conv2D_bias|BiasAdd_bias)$")


def read_tflite(path: Path) -> Weights:
    """The weights of the SSD in `path`, dequantised.

    Of the 91 sigmoid outputs, the 80 of real COCO classes are kept: they do not
    depend on each other, so this changes no score.

    Raises:
        WeightsError: not a TFLite file, or a model of another kind.
    """
    tensors = read_constants(path)
    kernels, biases = _by_convolution(tensors)
    config = _config(path, kernels)
    layers = {}
    for name, convolution in _tf_names(config).items():
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
            kernel, bias = _real_classes(kernel), _real_classes(bias)
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
                convolution = pattern.sub("", name).removeprefix(_BACKBONE)
                into[re.sub(r"(_1x1|_3x3_s2)_\d+$", r"\1", convolution)] = array
    return found[0], found[1]


def _config(path: Path, kernels: dict[str, NDArray[np.float32]]) -> SsdConfig:
    last = kernels.get("MobilenetV1/Conv2d_13_pointwise")
    head = kernels.get("BoxPredictor_0/ClassPredictor")
    if last is None or head is None:
        raise WeightsError(f"{path.name} is not an SSD MobileNet v1.", _REMEDY)
    anchors_per_cell = tf_coco().anchor_layers[0].anchors_per_cell
    id_count = len(head) / anchors_per_cell
    if id_count != COCO_ID_COUNT:
        raise WeightsError(
            f"{path.name} tells {id_count:g} classes apart, "
            f"not the {COCO_ID_COUNT} ids of COCO.",
            _REMEDY,
        )
    return tf_coco(alpha=len(last) / BLOCKS[-1][1])


def _tf_names(config: SsdConfig) -> dict[str, str]:
    """Our layer names to TensorFlow's convolutions."""
    names = {"conv0": "MobilenetV1/Conv2d_0"}
    for number in range(1, len(BLOCKS) + 1):
        names[f"conv{number}_dw"] = f"MobilenetV1/Conv2d_{number}_depthwise"
        names[f"conv{number}"] = f"MobilenetV1/Conv2d_{number}_pointwise"
    for number, (name, _, _) in enumerate(EXTRAS, start=2):
        names[f"{name}_1"] = f"Conv2d_13_pointwise_1_Conv2d_{number}_1x1"
        names[f"{name}_2"] = f"Conv2d_13_pointwise_2_Conv2d_{number}_3x3_s2"
    for number, layer in enumerate(config.anchor_layers):
        predictor = f"BoxPredictor_{number}"
        names[f"{layer.feature}_mbox_loc"] = f"{predictor}/BoxEncodingPredictor"
        names[f"{layer.feature}_mbox_conf"] = f"{predictor}/ClassPredictor"
    return names


def _real_classes(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """(..., anchors * 91) to (..., anchors * 80)."""
    ids = [coco_id for coco_id, _ in COCO_CLASS_IDS_AND_NAMES]
    by_anchor = array.reshape(*array.shape[:-1], -1, COCO_ID_COUNT)
    return by_anchor[..., ids].reshape(*array.shape[:-1], -1)
