"""Smaller, faster copies of a model file: 8 bit integers, and half precision.

Both keep the inputs, outputs and metadata of the file they are made from; only
the arithmetic inside changes. `variant` in the metadata says which it is.
"""

import contextlib
import io
import logging
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from model.errors import ExportError

FLOAT, FLOAT16 = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16

# Four choices of 33 to 99 photos gave an AP50 of 0.484 to 0.507 (float32: 0.485).
ENOUGH_IMAGES = 64

# A bias may fill so much of 32 bits; products of 8 bits over 1024 channels come to
# 2 ** 25 at most.
MOST_OF_A_SUM = 2**30


# How far scores may move, by copy. Of 40 photos of COCO and OpenImages the worst of
# all scores moved by 0.25 in the bundled int8 copy, in fp16 ones by 0.004; a sum that
# ran over moved one by 0.59.
LARGEST_MOVE = {"int8": 0.45, "fp16": 0.05}


class _Images(CalibrationDataReader):  # type: ignore[misc] # untyped base
    def __init__(self, images: Iterable[NDArray[np.uint8]]) -> None:
        self._left = iter(images)

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        image = next(self._left, None)
        return None if image is None else {"images": image[np.newaxis]}


def write_int8(
    source: Path,
    target: Path,
    *,
    images: Sequence[NDArray[np.uint8]],
    progress: Callable[
        [Sequence[NDArray[np.uint8]]], Iterable[NDArray[np.uint8]]
    ] = lambda images: images,
) -> None:
    """Quantise the convolutions of `source`: 8 bit weights per channel, activations.

    Activations are unsigned: with signed ones the same network ran at half the
    speed. Ranges come from `images`, without their rarest 0.001 %, which costs
    less accuracy than the plain minimum and maximum (AP50 0.479 on the same photos).

    Args:
        source: a float32 model file of ours.
        target: the .onnx file to write; replaced if it is there.
        images: (300, 300, 3) uint8 BGR photos of what the model will see; some
            are enough.
        progress: wraps those that are used, to show how far it is.

    Raises:
        ExportError: no images, the copy answers otherwise, or the file cannot be
            written.
    """
    if not images:
        raise ExportError(
            "int8 needs photos to find its ranges.", "Name a folder: --calibrate DIR"
        )

    def write(part: Path) -> None:
        with contextlib.redirect_stdout(io.StringIO()):  # it reports on itself
            quantize_static(
                source,
                part,
                _Images(progress(images[:ENOUGH_IMAGES])),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=["Conv", "Relu", "Clip"],
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=CalibrationMethod.Percentile,
            )
        model = onnx.load(part)
        _leave_room_for_sums(model.graph)
        onnx.save(model, part)

    _write_variant("int8", source, target, write, images[:ENOUGH_IMAGES])


def _leave_room_for_sums(graph: onnx.GraphProto) -> None:
    """Make weights coarser where a bias alone almost fills its 32 bits.

    ONNX Runtime's kernels add the products to the bias in 32 bits. Its quantiser
    only sees to it that the bias fits; where a channel's weights are tiny beside
    its bias, the sum ran over and a score of 0.01 became one of 0.60.
    """
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    made_by = {node.output[0]: node for node in graph.node}

    def read(name: str) -> NDArray[np.generic]:
        return onnx.numpy_helper.to_array(tensors[name])

    for node in graph.node:
        parts = [made_by[name] for name in node.input[1:3] if name in made_by]
        if node.op_type != "Conv" or len(parts) < 2:
            continue
        weight, weight_scale = parts[0].input[:2]
        bias, bias_scale = parts[1].input[:2]
        excess = np.abs(read(bias).astype(np.float64)) / MOST_OF_A_SUM
        factor = np.maximum(excess, 1.0)
        if factor.max() == 1.0:
            continue
        per_row = factor.reshape(-1, 1, 1, 1)
        for name, values in (
            (weight, np.round(read(weight) / per_row)),
            (weight_scale, read(weight_scale) * factor),
            (bias, np.round(read(bias) / factor)),
            (bias_scale, read(bias_scale) * factor),
        ):
            changed = values.astype(read(name).dtype)
            tensors[name].CopyFrom(onnx.numpy_helper.from_array(changed, name))


def write_fp16(source: Path, target: Path) -> None:
    """Half precision for GPUs, from the first convolution to the heads' last.

    Pixels are scaled, boxes decoded and scores made in float32: near 1, half
    precision tells only every 2048th of the picture apart.

    Args:
        source: a float32 model file of ours.
        target: the .onnx file to write; replaced if it is there.

    Raises:
        ExportError: the copy answers otherwise, or the file cannot be written.
    """

    def write(part: Path) -> None:
        model = onnx.load(source)
        _halve(model.graph)
        onnx.save(model, part)

    noise = np.random.default_rng(0).integers(0, 256, (4, 300, 300, 3), np.uint8)
    _write_variant("fp16", source, target, write, list(noise))


# What is computed in half precision: convolutions, and what only moves or bounds
# their answers.
_HALF = {"Conv", "Relu", "Clip", "Transpose", "Reshape", "Concat"}


def _halve(graph: onnx.GraphProto) -> None:
    """Turn the convolutions and what follows them to float16, with casts around.

    ONNX Runtime's own converter casts back and forth between every two nodes it
    is told to leave in float32.
    """
    floats = {t.name: t for t in graph.initializer if t.data_type == FLOAT}
    nodes: list[onnx.NodeProto] = []
    halved: dict[str, str] = {}  # float32 name: its float16 copy
    is_half: set[str] = set()

    def cast(name: str, suffix: str, kind: int) -> str:
        copy = f"{name}_{suffix}"
        if copy not in {output for node in nodes for output in node.output}:
            nodes.append(onnx.helper.make_node("Cast", [name], [copy], copy, to=kind))
        return copy

    def as_half(name: str) -> str:
        if name in is_half or not name:
            return name
        if name in floats and name not in halved:
            array = onnx.numpy_helper.to_array(floats[name]).astype(np.float16)
            halved[name] = f"{name}_fp16"
            graph.initializer.append(onnx.numpy_helper.from_array(array, halved[name]))
        if name in halved:
            return halved[name]
        if name in {t.name for t in graph.initializer}:  # a shape
            return name
        return cast(name, "fp16", FLOAT16)

    for node in graph.node:
        reads_half = any(name in is_half for name in node.input)
        if node.op_type == "Conv" or (node.op_type in _HALF and reads_half):
            node.input[:] = [as_half(name) for name in node.input]
            is_half.update(node.output)
        else:
            node.input[:] = [
                cast(name, "fp32", FLOAT) if name in is_half else name
                for name in node.input
            ]
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]  # types of what lies between: they are inferred anew
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def largest_move(
    source: Path, copy: Path, images: Iterable[NDArray[np.uint8]]
) -> float:
    """How far a score of any anchor and class moves at most; infinite if to NaN."""
    one, other = (_session(path) for path in (source, copy))
    names = [output.name for output in one.get_outputs()]
    worst = 0.0
    for image in images:
        batch = {"images": image[np.newaxis]}
        before, after = (
            dict(zip(names, session.run(names, batch), strict=True))
            for session in (one, other)
        )
        if not all(np.isfinite(array).all() for array in after.values()):
            return math.inf
        move = np.abs(before["scores"] - after["scores"]).max()
        worst = max(worst, float(move))
    return worst


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _write_variant(
    name: str,
    source: Path,
    target: Path,
    write: Callable[[Path], None],
    images: Iterable[NDArray[np.uint8]],
) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder, _quiet_logs():
            part = Path(folder) / target.name
            write(part)
            model = onnx.load(part)
            metadata = {p.key: p.value for p in model.metadata_props}
            onnx.helper.set_model_props(model, metadata | {"variant": name})
            onnx.checker.check_model(model, full_check=True)
            onnx.save(model, part)
            moved = largest_move(source, part, images)
            if moved > LARGEST_MOVE[name]:
                raise ExportError(
                    f"The {name} copy moves a score by {moved:.2g}, more than "
                    f"{LARGEST_MOVE[name]:g}; it was not written.",
                    "Use the model as it is, or calibrate on other photos: "
                    "--calibrate DIR",
                )
            os.replace(part, target)  # noqa: PTH105 - atomic everywhere
    except OSError as error:
        raise ExportError(
            f"{target} cannot be written: {error.strerror}.", "Choose another folder."
        ) from error


@contextlib.contextmanager
def _quiet_logs() -> Iterator[None]:
    """ONNX Runtime's tools advise on the root logger what we do not need."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
