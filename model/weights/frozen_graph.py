"""Reads TensorFlow's SSD MobileNet v1 from a frozen graph of the detection zoo.

A frozen graph (.pb) is a `GraphDef` whose variables have become constants. Only
the constants are read; no operation in it is run.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import WeightsError
from model.network.config import tf_coco
from model.network.folding import folded_arrays
from model.network.names import CHANNELS_OF_CONV13
from model.weights.tf_names import (
    BACKBONE,
    convolutions,
    real_classes,
    tf_class_names,
    without_width,
)
from model.weights.values import Weights

_REMEDY = "Choose the frozen_inference_graph.pb of TensorFlow's ssd_mobilenet_v1."
_NORM = ("gamma", "beta", "moving_mean", "moving_variance")


def read_frozen_graph(
    path: Path, class_names: tuple[str, ...] | None = None
) -> Weights:
    """The weights in `path`, with its batch norms folded in.

    Args:
        path: the file.
        class_names: foreground classes; COCO's 80 if None.

    Raises:
        WeightsError: not a frozen graph, or of a model of another kind.
    """
    constants = {without_width(k): v for k, v in read_constants(path).items()}
    last = constants.get(f"{BACKBONE}MobilenetV1/Conv2d_13_pointwise/weights")
    head = constants.get("BoxPredictor_0/ClassPredictor/biases")
    if last is None or head is None:
        raise WeightsError(f"{path.name} is not an SSD MobileNet v1.", _REMEDY)
    id_count = len(head) // tf_coco().anchor_layers[0].anchors_per_cell
    config = tf_coco(
        class_names=tf_class_names(path, id_count, class_names),
        alpha=last.shape[-1] / CHANNELS_OF_CONV13,
    )
    layers = {}
    for name, convolution in convolutions(config).items():
        if name.endswith(("_mbox_loc", "_mbox_conf")):
            kernel = _get(path, constants, f"{convolution}/weights")
            bias = _get(path, constants, f"{convolution}/biases")
            if name.endswith("_mbox_conf"):
                kernel = real_classes(kernel, id_count, config)
                bias = real_classes(bias, id_count, config)
            layers[name] = (kernel, bias)
            continue
        scope = BACKBONE + convolution
        kind = "depthwise_weights" if name.endswith("_dw") else "weights"
        kernel = _get(path, constants, f"{scope}/{kind}")
        gamma, beta, mean, variance = (
            _get(path, constants, f"{scope}/BatchNorm/{part}") for part in _NORM
        )
        layers[name] = folded_arrays(
            kernel,
            np.zeros_like(beta),
            gamma=gamma,
            beta=beta,
            mean=mean,
            variance=variance,
            epsilon=config.batch_norm_epsilon,
        )
    return Weights(config, layers, path.name)


def read_constants(path: Path) -> dict[str, NDArray[np.float32]]:
    """Every float constant of a frozen graph by name.

    Raises:
        WeightsError: not a frozen graph, or a damaged one.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.framework import graph_pb2
    from tensorflow.python.framework import tensor_util

    graph = graph_pb2.GraphDef()
    try:
        graph.ParseFromString(path.read_bytes())
    except DecodeError as error:
        raise WeightsError(f"{path.name} is not a frozen graph.", _REMEDY) from error
    found = {}
    for node in graph.node:
        if node.op == "Const" and node.attr["dtype"].type == 1:  # DT_FLOAT
            try:
                array = tensor_util.MakeNdarray(node.attr["value"].tensor)
            except (ValueError, TypeError) as error:
                raise WeightsError(
                    f"The constant {node.name} in {path.name} is damaged.", _REMEDY
                ) from error
            found[re.sub(r"/read$", "", node.name)] = array
    return found


def _get(
    path: Path, constants: Mapping[str, NDArray[np.float32]], name: str
) -> NDArray[np.float32]:
    if name not in constants:
        raise WeightsError(f"{path.name} has no constant {name}.", _REMEDY)
    return constants[name]
