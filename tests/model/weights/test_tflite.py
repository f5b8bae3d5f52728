"""What model.weights.tflite promises: TensorFlow's detections, out of Keras."""

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from model.errors import WeightsError
from model.network.boxes import pairwise_iou
from model.network.config import COCO_CLASS_IDS_AND_NAMES, tf_coco
from model.network.network import DecodeBoxes, build_detector, build_network
from model.weights.read import read_weights
from model.weights.tflite import read_constants
from model.weights.values import Weights, load_into

COCO_NAME = dict(COCO_CLASS_IDS_AND_NAMES)


@pytest.fixture(scope="module")
def interpreter(tflite_path: Path) -> Any:  # noqa: ANN401 - untyped
    import tensorflow as tf

    with warnings.catch_warnings():
        # Its successor is a package of its own; here it is an oracle only.
        warnings.filterwarnings("ignore", r"(?s).*tf\.lite\.Interpreter", UserWarning)
        interpreter = tf.lite.Interpreter(str(tflite_path))
    interpreter.allocate_tensors()
    return interpreter


@pytest.fixture(scope="module")
def detector(coco_weights: Weights) -> keras.Model:
    network = build_network(coco_weights.config, folded=True)
    load_into(network, coco_weights)
    return build_detector(network, coco_weights.config)


def test_the_file_says_which_network_it_is(coco_weights: Weights) -> None:
    assert coco_weights.config == tf_coco(alpha=0.75)
    assert coco_weights.source.endswith(".tflite")
    assert len(coco_weights.sha256) == 64
    assert coco_weights.sha256 == replace(coco_weights, source="else").sha256


def test_constants_are_the_interpreters(interpreter: Any, tflite_path: Path) -> None:  # noqa: ANN401
    ours = read_constants(tflite_path)
    compared = 0
    for detail in interpreter.get_tensor_details():
        scales = detail["quantization_parameters"]["scales"]
        if detail["name"] not in ours or len(scales) != 1:
            continue
        zero = detail["quantization_parameters"]["zero_points"][0]
        stored = interpreter.get_tensor(detail["index"]).astype(np.float64)
        theirs = (stored - zero) * float(scales[0])
        assert np.allclose(ours[detail["name"]], theirs, rtol=1e-6), detail["name"]
        compared += 1
    # 27 backbone, 8 extra and 12 head convolutions, a kernel and a bias each; anchors
    assert compared == 2 * (27 + 8 + 12) + 1


def test_detections_are_the_interpreters(
    interpreter: Any,  # noqa: ANN401
    detector: keras.Model,
    photos: list[NDArray[np.uint8]],
    tflite_path: Path,
) -> None:
    """Every detection it is sure of (> 0.5): same class, IoU >= 0.9, score +- 0.1.

    It computes in 8 bits, and its anchors are rounded too, to steps of 0.00645 of
    the picture: a box 12 pixels wide may be off by one because of that alone. So
    small boxes agree only when ours are decoded with its rounded anchors. Seen on
    144 photos: 555 of 556 so (the other has IoU 0.8998), 475 with exact anchors.
    """
    rounded = read_constants(tflite_path)["anchors"][:, [1, 0, 3, 2]]
    decode = DecodeBoxes(rounded.tolist(), tf_coco().variances, "yxhw")
    network = detector.get_layer("mobilenet_ssd")
    compared = compared_exact = 0
    for image in photos:
        answer = detector(image[np.newaxis])
        exact_xyxy = keras.ops.convert_to_numpy(answer["boxes"])[0]
        our_scores = keras.ops.convert_to_numpy(answer["scores"])[0]
        codes = network(image[np.newaxis].astype(np.float32))["loc"]
        rounded_xyxy = keras.ops.convert_to_numpy(decode(codes))[0]
        for box, name, score in zip(*run_interpreter(interpreter, image), strict=True):
            if score <= 0.5:
                continue
            column = our_scores[:, tf_coco().class_names.index(name)]
            is_near = np.abs(column - score) <= 0.1
            overlap = pairwise_iou(box[np.newaxis], rounded_xyxy[is_near])
            assert overlap.max(initial=0) >= 0.9, (name, score, box)
            compared += 1
            if min(box[2:] - box[:2]) >= 0.1:
                overlap = pairwise_iou(box[np.newaxis], exact_xyxy[is_near])
                assert overlap.max(initial=0) >= 0.9, (name, score, box)
                compared_exact += 1
    assert compared >= 60
    assert compared_exact >= 40


def run_interpreter(
    interpreter: Any,  # noqa: ANN401
    image_bgr: NDArray[np.uint8],
) -> tuple[NDArray[np.float64], list[str], list[float]]:
    """Its own detections, after its own NMS."""
    interpreter.set_tensor(
        interpreter.get_input_details()[0]["index"], image_bgr[np.newaxis, ..., ::-1]
    )
    interpreter.invoke()
    boxes, ids, scores, count = (
        interpreter.get_tensor(d["index"])[0] for d in interpreter.get_output_details()
    )
    found = int(count)
    # Corners y1 x1 y2 x2; ids count from 0 where COCO's count from 1.
    xyxy = np.clip(boxes[:found][:, [1, 0, 3, 2]].astype(np.float64), 0, 1)
    names = [COCO_NAME.get(int(i) + 1, "") for i in ids[:found]]
    return xyxy, names, [float(s) for s in scores[:found]]


def test_files_of_other_kinds_are_refused(shared_data: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.tflite"
    text.write_text("this is not a model")
    whole = next((shared_data / "weights").glob("coco*.tflite")).read_bytes()
    cut = tmp_path / "cut.tflite"
    cut.write_bytes(whole[: len(whole) // 2])
    other = next((shared_data / "weights").glob("mobilenet*.tflite"))
    for path, sentence in (
        (tmp_path / "none.tflite", "There is no file"),
        (tmp_path, "is a folder, not a weights file"),
        (text, "is not a TensorFlow Lite file"),
        (cut, "cut.tflite is damaged"),
        (other, "is not an SSD MobileNet v1"),
        (shared_data / "weights" / "yolox_nano.onnx", "weights cannot be read from"),
    ):
        with pytest.raises(WeightsError, match=sentence) as caught:
            read_weights(path)
        assert caught.value.remedy


def test_a_layer_that_is_missing_or_misshapen_is_named(coco_weights: Weights) -> None:
    network = build_network(coco_weights.config, folded=True)
    layers = dict(coco_weights.layers)
    kernel, bias = layers.pop("conv7_dw")
    with pytest.raises(WeightsError, match=r"missing \['conv7_dw'\], unknown nothing"):
        load_into(network, replace(coco_weights, layers=layers))
    misshapen = {**layers, "conv7_dw": (kernel[:2], bias)}
    with pytest.raises(WeightsError, match=r"layer conv7_dw has shapes"):
        load_into(network, replace(coco_weights, layers=misshapen))
    unknown = {**coco_weights.layers, "conv99": (kernel, bias)}
    with pytest.raises(WeightsError, match=r"unknown \['conv99'\]"):
        load_into(network, replace(coco_weights, layers=unknown))


@pytest.mark.parametrize("axis", [0, 3])
def test_scales_of_channels_belong_to_their_axis(tmp_path: Path, axis: int) -> None:
    """A file of TensorFlow's schema with one kernel: a scale for each of its rows.

    Sides of one length would hide a scale on the wrong axis; only the named one is
    of the scales' length here, and the other has as many in the second case.
    """
    import flatbuffers  # type: ignore[import-untyped] # it carries no types
    from tensorflow.lite.python import schema_py_generated as schema

    stored = np.arange(3 * 1 * 2 * 3, dtype=np.int8).reshape(3, 1, 2, 3)
    scales, zeros = (
        np.array([0.5, 2.0, 10.0], np.float32),
        np.array([0, 1, 2], np.int64),
    )
    quantization = schema.QuantizationParametersT()
    quantization.scale, quantization.zeroPoint = scales, zeros
    quantization.quantizedDimension = axis
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.buffer = (
        b"kernel",
        np.array(stored.shape, np.int32),
        1,
    )
    tensor.type, tensor.quantization = schema.TensorType.INT8, quantization
    graph = schema.SubGraphT()
    graph.tensors, graph.inputs, graph.outputs = [tensor], [], []
    graph.operators = []
    full = schema.BufferT()
    full.data = np.frombuffer(stored.tobytes(), np.uint8)
    model = schema.ModelT()
    model.version, model.subgraphs = 3, [graph]
    model.buffers = [schema.BufferT(), full]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path = tmp_path / "one.tflite"
    path.write_bytes(bytes(builder.Output()))

    expected = np.zeros(stored.shape)
    for place in np.ndindex(stored.shape):
        channel = place[axis]
        expected[place] = scales[channel] * (int(stored[place]) - zeros[channel])
    np.testing.assert_allclose(read_constants(path)["kernel"], expected)
