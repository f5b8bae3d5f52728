"""A model of a few bytes that keeps our contract."""

import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

METADATA = {
    "format": "mobilenet-ssd/1",
    "class_names": json.dumps(["blue", "green", "red"]),
    "input_size_wh": "8,6",
    "color_order": "BGR",
}


def tiny_model(path: Path, **metadata: str | None) -> Path:
    """Write a model whose scores are the mean of each channel, over 255.

    One anchor; its box is x1 .1, y1 .2, x2 .6, y2 .9 whatever the picture.

    Args:
        path: the file.
        metadata: other than `METADATA`; None leaves a key out.
    """
    constants: dict[str, NDArray[np.generic]] = {
        "boxes_value": np.array([[[0.1, 0.2, 0.6, 0.9]]], np.float32),
        "axes": np.array([2, 3], np.int64),
        "weights": np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1) / 255,
        "shape": np.array([1, 1, 3], np.int64),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Identity", ["boxes_value"], ["boxes"]),
            helper.make_node("Cast", ["images"], ["float"], to=TensorProto.FLOAT),
            helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
            helper.make_node("Conv", ["planes", "weights"], ["unit"]),
            helper.make_node("ReduceMean", ["unit", "axes"], ["mean"], keepdims=0),
            helper.make_node("Reshape", ["mean", "shape"], ["scores"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, [1, 6, 8, 3])],
        [
            helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1, 1, 4]),
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 1, 3]),
        ],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    kept = {k: v for k, v in (METADATA | metadata).items() if v is not None}
    helper.set_model_props(model, kept)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path
