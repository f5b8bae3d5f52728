"""Files with the inputs and outputs that other makers' exports have, and no network."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Arrays = Mapping[str, NDArray[Any]]
_TYPES = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "uint8": TensorProto.UINT8,
    "int64": TensorProto.INT64,
}


def write_model(
    path: Path,
    picture: tuple[str, Sequence[int | str], str],
    outputs: Arrays,
    *,
    sizes: str = "",
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """A file that answers the same to every picture.

    Args:
        path: of the file.
        picture: name, shape (a word: any length) and type of its input.
        outputs: what it answers.
        sizes: name of a second input, (1, 2) int64; added to "boxes" times 0.
        metadata: of the file.
    """
    name, shape, kind = picture
    inputs = [helper.make_tensor_value_info(name, _TYPES[kind], shape)]
    nodes = [
        # Something has to use the picture, or it is taken away.
        helper.make_node("Cast", [name], ["as_float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["as_float"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
    ]
    if sizes:
        inputs.append(helper.make_tensor_value_info(sizes, TensorProto.INT64, [1, 2]))
    told = []
    for output, array in outputs.items():
        to = _TYPES[str(array.dtype)]
        nodes += [
            helper.make_node("Cast", ["nothing"], [f"{output}_0"], to=to),
            helper.make_node("Add", [f"{output}_value", f"{output}_0"], [output]),
        ]
        told.append(helper.make_tensor_value_info(output, to, array.shape))
    constants = {f"{name}_value": array for name, array in outputs.items()}
    constants["zero"] = np.array(0, np.float32)
    graph = helper.make_graph(
        nodes,
        "made by a test",
        inputs,
        told,
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    helper.set_model_props(model, dict(metadata or {}))
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def names(*class_names: str) -> dict[str, str]:
    """Metadata as Ultralytics writes it: a Python dict."""
    return {"names": str(dict(enumerate(class_names)))}


def json_names(*class_names: str) -> dict[str, str]:
    """Metadata as a list in JSON."""
    return {"names": json.dumps(class_names)}
