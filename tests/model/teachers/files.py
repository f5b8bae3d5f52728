"""Teachers made up for tests: they answer the same whatever they see."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from model.network.config import COCO_CLASS_NAMES

SIDE = 64  # cells: 8 x 8, 4 x 4, 2 x 2


def make_yolox(path: Path, *found: tuple[int, str, float], outputs: int = 85) -> Path:
    """Answers the same whatever it sees: (row, class name, score) each."""
    rows = np.zeros((1, 84, outputs), np.float32)
    for row, name, score in found:
        rows[0, row, 2:4] = np.log(2.0)  # two cells wide and high
        rows[0, row, 4] = 1.0
        rows[0, row, 5 + COCO_CLASS_NAMES.index(name)] = score
    nodes = [
        onnx.helper.make_node(
            "Constant", [], ["rows"], value=onnx.numpy_helper.from_array(rows)
        ),
        onnx.helper.make_node("ReduceMax", ["images"], ["most"], keepdims=0),
        onnx.helper.make_node("Sub", ["most", "most"], ["zero"]),
        onnx.helper.make_node("Add", ["rows", "zero"], ["output"]),
    ]

    def value(name: str, shape: list[int]) -> Any:  # noqa: ANN401
        return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)

    graph = onnx.helper.make_graph(
        nodes,
        "yolox",
        [value("images", [1, 3, SIDE, SIDE])],
        [value("output", [1, 84, outputs])],
    )
    opset = [onnx.helper.make_opsetid("", 13)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


def make_deim(
    path: Path,
    *found: tuple[tuple[float, float, float, float], str, float],
    side: int | str = 32,
) -> Path:
    """(box in fractions, class name, score) each; boxes come in pixels, as asked."""
    arrays: dict[str, NDArray[Any]] = {
        "fractions": np.array([[box for box, _, _ in found]], np.float32),
        "kinds": np.array([[COCO_CLASS_NAMES.index(n) for _, n, _ in found]], np.int64),
        "sure": np.array([[score for _, _, score in found]], np.float32),
    }
    node = onnx.helper.make_node
    nodes = [
        node("Cast", ["orig_target_sizes"], ["wh"], to=onnx.TensorProto.FLOAT),
        node("Concat", ["wh", "wh"], ["whwh"], axis=1),
        node("Mul", ["fractions", "whwh"], ["boxes"]),
        node("Identity", ["kinds"], ["labels"]),
        # The brightest value seen, so that a picture in 0..255 would give itself away.
        node("ReduceMax", ["images"], ["most"], keepdims=0),
        node("Mul", ["sure", "most"], ["scores"]),
    ]
    float_, int_ = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    info = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes,
        "deim",
        [
            info("images", float_, [1, 3, side, side]),
            info("orig_target_sizes", int_, [1, 2]),
        ],
        [
            info("labels", int_, [1, len(found)]),
            info("boxes", float_, [1, len(found), 4]),
            info("scores", float_, [1, len(found)]),
        ],
        [onnx.numpy_helper.from_array(a, name) for name, a in arrays.items()],
    )
    opset = [onnx.helper.make_opsetid("", 13)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path
