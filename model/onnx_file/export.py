"""Keras to ONNX: the graph, its metadata, and the proof that it answers alike."""

import json
import math
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from model.errors import ExportError
from model.network.config import INPUT_SIZE_WH, SsdConfig
from model.network.network import build_detector, fold_batch_norms

FORMAT = "mobilenet-ssd/1"
# Read by ONNX Runtime 1.8 (2021) and later, and by OpenCV's and OpenVINO's readers.
OPSET = 17
# Both compute in float32 and differ only in the order of their sums. Boxes and
# scores lie in [0, 1]; the largest difference seen on photos was 4e-6, and a wrong
# padding, channel order or anchor moves them by 1e-2 and more.
TOLERANCE = 1e-4
STEPS = ("converting", "checking", "comparing")


def export_onnx(
    network: keras.Model,
    config: SsdConfig,
    path: Path,
    *,
    weights_source: str,
    weights_sha256: str,
    thresholds: str = "",
    images: Sequence[NDArray[np.uint8]] = (),
    on_step: Callable[[str], None] = lambda _: None,
) -> float:
    """Write `network` to `path` as an ONNX file that the app runs.

    It gets its name only when ONNX Runtime has been seen to answer as Keras does.

    Args:
        network: from `build_network`, with or without batch norms.
        config: the same that built it.
        path: the .onnx file; replaced if it is there.
        weights_source: where the weights are from, for the metadata.
        weights_sha256: their hash, for the metadata.
        thresholds: what `evaluate --thresholds` wrote of them, for the metadata;
            empty where nobody measured it.
        images: (300, 300, 3) uint8 BGR each, to compare on, besides noise.
        on_step: told the name of each of `STEPS` as it begins.

    Returns:
        The largest difference seen between the two, over boxes and scores.

    Raises:
        ExportError: the two differ by more than `TOLERANCE`, or the file cannot
            be written; `path` is left as it was.
    """
    detector = build_detector(fold_batch_norms(network, config), config)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            part = Path(folder) / path.name
            on_step("converting")
            _convert(detector, part)
            on_step("checking")
            told = {"weights_source": weights_source, "weights_sha256": weights_sha256}
            if thresholds:
                told["thresholds"] = thresholds
            _finish(part, config, told)
            on_step("comparing")
            difference = compare(detector, part, images)
            if not difference <= TOLERANCE:  # nor if it is no number
                raise ExportError(
                    f"ONNX Runtime differs from Keras by {difference:.2g}, "
                    f"more than {TOLERANCE:g}; nothing was written.",
                    "Please report this with the weights you used.",
                )
            os.replace(part, path)  # noqa: PTH105 - atomic everywhere
    except OSError as error:
        raise ExportError(
            f"{path} cannot be written: {error.strerror}.", "Choose another folder."
        ) from error
    return difference


def compare(
    detector: keras.Model, path: Path, images: Sequence[NDArray[np.uint8]]
) -> float:
    """The largest difference between Keras and ONNX Runtime on noise and `images`."""
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
    width, height = INPUT_SIZE_WH
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    difference = 0.0
    for image in (noise, *images):
        batch = image[np.newaxis]
        expected = detector(batch, training=False)
        answers = session.run(["boxes", "scores"], {"images": batch})
        for name, answer in zip(("boxes", "scores"), answers, strict=True):
            wanted = keras.ops.convert_to_numpy(expected[name])
            gap = float(np.abs(wanted - answer).max())
            # max() keeps a number whatever NaN it is given second.
            difference = max(difference, math.inf if math.isnan(gap) else gap)
    return difference


def _convert(detector: keras.Model, path: Path) -> None:
    width, height = INPUT_SIZE_WH
    images = keras.InputSpec(dtype="uint8", shape=(1, height, width, 3), name="images")
    with warnings.catch_warnings():
        # Keras' patch of tf2onnx asks NumPy 2 for a name it no longer has.
        warnings.filterwarnings("ignore", "In the future `np.object`", FutureWarning)
        detector.export(
            str(path),
            format="onnx",
            input_signature=[images],
            opset_version=OPSET,
            verbose=False,
        )


def _finish(path: Path, config: SsdConfig, told: dict[str, str]) -> None:
    """Write what the file says of itself: of its network, and what is `told`."""
    model = onnx.load(path)
    _fold_pads(model.graph)
    width, height = INPUT_SIZE_WH
    onnx.helper.set_model_props(
        model,
        {
            "format": FORMAT,
            "family": config.family,
            "class_names": json.dumps(config.class_names),
            "input_size_wh": f"{width},{height}",
            "color_order": "BGR",
            "box_format": "xyxy in [0, 1]",
            "score_function": config.score_function,
            "alpha": f"{config.alpha:g}",
            **told,
        },
    )
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def _fold_pads(graph: onnx.GraphProto) -> None:
    """Give each Pad's zeros to the Conv behind it, which pads for nothing."""
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    readers = Counter(name for node in graph.node for name in node.input)
    pads = {node.output[0]: node for node in graph.node if node.op_type == "Pad"}
    for conv in graph.node:
        pad = pads.get(conv.input[0]) if conv.op_type == "Conv" else None
        if pad is None or readers[pad.output[0]] != 1:
            continue
        amounts = constants[pad.input[1]].reshape(2, 4)  # begin, end; N C H W
        value = constants[pad.input[2]] if len(pad.input) > 2 and pad.input[2] else 0
        own = {a.name: onnx.helper.get_attribute_value(a) for a in conv.attribute}
        is_plain = own.get("auto_pad", b"NOTSET") == b"NOTSET"
        if amounts[:, :2].any() or np.any(value) or not is_plain:
            continue
        total = np.reshape(own.get("pads", [0, 0, 0, 0]), (2, 2)) + amounts[:, 2:]
        kept = [a for a in conv.attribute if a.name != "pads"]
        del conv.attribute[:]
        conv.attribute.extend(kept)
        conv.attribute.append(
            onnx.helper.make_attribute("pads", total.ravel().tolist())
        )
        conv.input[0] = pad.input[0]
        graph.node.remove(pad)
    used = {name for node in graph.node for name in node.input}
    unused = [t for t in graph.initializer if t.name not in used]
    for tensor in unused:
        graph.initializer.remove(tensor)
