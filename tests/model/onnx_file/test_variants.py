"""What model.onnx_file.variants promises, and what an exported graph consists of."""

import shutil
from argparse import Namespace
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx import version_converter
from onnx.reference import ReferenceEvaluator
from onnxruntime.quantization import quantize_static

from model.cli import convert
from model.errors import ExportError
from model.network.config import caffe_voc, tf_coco
from model.network.network import build_network
from model.onnx_file import variants
from model.onnx_file.export import export_onnx
from model.onnx_file.variants import largest_move, write_fp16, write_int8
from tests.model.network.test_network import randomize
from tests.python import ROOT

RNG = np.random.default_rng(11)
CONVOLUTIONS = 1 + 2 * 13 + 2 * 4 + 2 * 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network of either family, and its two variants."""
    folder = tmp_path_factory.mktemp("variants")
    keras.utils.set_random_seed(2)
    for name, family in (("caffe", caffe_voc()), ("tf", tf_coco())):
        config = replace(family, alpha=0.125, class_names=("person", "car"))
        network = randomize(build_network(config))
        path = folder / f"{name}.onnx"
        export_onnx(
            network, config, path, weights_source="made up", weights_sha256="0" * 64
        )
        write_int8(path, folder / f"{name}.int8.onnx", images=pictures(8))
        write_fp16(path, folder / f"{name}.fp16.onnx")
    return folder


def pictures(count: int) -> list[NDArray[np.uint8]]:
    """Smooth blobs, nearer to photos than noise is."""
    small = RNG.integers(0, 256, (count, 12, 12, 3), np.uint8)
    return [np.asarray(cv2.resize(s, (300, 300)), np.uint8) for s in small]


def run(path: Path, image: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return list(session.run(["boxes", "scores"], {"images": image[np.newaxis]}))


def histogram(path: Path) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load(path).graph.node)


@pytest.mark.parametrize(
    ("name", "activation", "slices"), [("caffe", "Relu", 3), ("tf", "Clip", 5)]
)
def test_the_graph_is_nothing_but_what_it_needs(
    folder: Path, name: str, activation: str, slices: int
) -> None:
    """No Pad, no batch norm as Mul, no Transpose but to channels first and back.

    One Transpose in; one back for each head, but for the two on the 1 x 1 grid,
    where there is nothing to turn. Mul and Add: the scaling of pixels, and the
    decoding of boxes.
    """
    found = histogram(folder / f"{name}.onnx")
    assert found["Conv"] == CONVOLUTIONS == 47
    assert found[activation] == 35
    assert found["Transpose"] == 1 + 2 * 5
    assert found["Slice"] == slices
    assert (found["Pad"], found["BatchNormalization"], found["Cast"]) == (0, 0, 1)
    assert (found["Mul"], found["Add"], found["Reshape"]) == (4, 3, 13)


@pytest.mark.parametrize("name", ["caffe", "tf"])
def test_int8_quantises_every_convolution(folder: Path, name: str) -> None:
    """Weights and bias of each dequantised, activations in 8 bits; no Relu is left."""
    path = folder / f"{name}.int8.onnx"
    found = histogram(path)
    assert found["Conv"] == CONVOLUTIONS
    assert found["Relu"] == found["Clip"] == 0
    model = onnx.load(path)
    makers = {output: node for node in model.graph.node for output in node.output}
    for node in model.graph.node:
        if node.op_type == "Conv":
            assert {makers[i].op_type for i in node.input} == {"DequantizeLinear"}
    kinds = Counter(
        tensor.data_type
        for tensor in model.graph.initializer
        if tensor.name.endswith("_quantized") and len(tensor.dims) == 4
    )
    assert kinds == {onnx.TensorProto.INT8: CONVOLUTIONS}


@pytest.mark.parametrize("name", ["caffe", "tf"])
def test_fp16_halves_the_convolutions_and_casts_only_around_them(
    folder: Path, name: str
) -> None:
    path = folder / f"{name}.fp16.onnx"
    found = histogram(path)
    # From uint8; to half before the first convolution; back for codes and logits.
    assert found["Cast"] == 4
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    kernels = [t for t in model.graph.initializer if len(t.dims) == 4]
    assert {t.data_type for t in kernels} == {onnx.TensorProto.FLOAT16}
    assert path.stat().st_size < 0.6 * (folder / f"{name}.onnx").stat().st_size


@pytest.mark.parametrize("name", ["caffe", "tf"])
@pytest.mark.parametrize(
    ("variant", "tolerance"),
    # 11 bits of mantissa through 35 layers; 8 bits are another matter.
    [("fp16", 0.02), ("int8", 0.35)],
)
def test_variants_answer_nearly_alike(
    folder: Path, name: str, variant: str, tolerance: float
) -> None:
    for image in pictures(3):
        exact = run(folder / f"{name}.onnx", image)
        nearly = run(folder / f"{name}.{variant}.onnx", image)
        for one, other in zip(exact, nearly, strict=True):
            assert one.shape == other.shape
            assert other.dtype == np.float32
            assert np.abs(one - other).max() <= tolerance


@pytest.mark.parametrize("variant", ["", ".int8", ".fp16"])
@pytest.mark.parametrize("name", ["caffe", "tf"])
def test_metadata_stays_and_the_reference_evaluator_agrees(
    folder: Path, name: str, variant: str
) -> None:
    path = folder / f"{name}{variant}.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    metadata = {p.key: p.value for p in model.metadata_props}
    assert metadata["format"] == "mobilenet-ssd/1"
    assert metadata.get("variant", "") == variant.removeprefix(".")
    (image,) = pictures(1)
    if variant == ".int8":  # the evaluator knows newer versions of its operators
        model = version_converter.convert_version(model, 21)
    slow = ReferenceEvaluator(model).run(
        ["boxes", "scores"], {"images": image[np.newaxis]}
    )
    # Rounding half steps differs between the two; it adds up in 8 and 16 bits.
    tolerance = {"": 1e-4, ".fp16": 0.02, ".int8": 0.1}[variant]
    for one, other in zip(run(path, image), slow, strict=True):
        assert np.abs(one - other).max() <= tolerance


@pytest.mark.parametrize("variant", ["", ".int8", ".fp16"])
@pytest.mark.parametrize("name", ["caffe", "tf"])
def test_opencv_reads_the_same_file_and_agrees(
    folder: Path, name: str, variant: str
) -> None:
    path = folder / f"{name}{variant}.onnx"
    # In int8 by its older engine: the graph engine of 5.0 is off by up to 0.6 on CPUs
    # with VNNI, where the older one is as near to ONNX Runtime as that is to itself.
    engine = cv2.dnn.ENGINE_CLASSIC if variant == ".int8" else cv2.dnn.ENGINE_AUTO
    net = cv2.dnn.readNetFromONNX(str(path), engine)
    (image,) = pictures(1)
    net.setInput(image[np.newaxis])
    tolerance = {"": 1e-4, ".fp16": 0.02, ".int8": 0.1}[variant]
    theirs = net.forward(["boxes", "scores"])
    for other, ours in zip(theirs, run(path, image), strict=True):
        assert np.abs(np.asarray(other).reshape(ours.shape) - ours).max() <= tolerance


def test_a_bias_far_above_its_weights_does_not_run_over(tmp_path: Path) -> None:
    """A bias of -5 beside weights of -5e-5: at their scale it needs all 32 bits.

    Every product is below zero, so each brings the sum nearer to running over. White
    gives -5 - 27 * 5e-5 = -5.00135.
    """
    weights = np.full((2, 3, 3, 3), -5e-5, np.float32)
    constants = {"weights": weights, "bias": np.full(2, -5, np.float32)}
    constants["white"] = np.array(255, np.float32)
    node = onnx.helper.make_node
    graph = onnx.helper.make_graph(
        [
            node("Cast", ["images"], ["float"], to=onnx.TensorProto.FLOAT),
            node("Div", ["float", "white"], ["unit"]),
            node("Transpose", ["unit"], ["planes"], perm=[0, 3, 1, 2]),
            node("Conv", ["planes", "weights", "bias"], ["scores"]),
        ],
        "one convolution",
        [onnx.helper.make_tensor_value_info("images", 2, [1, 8, 6, 3])],
        [onnx.helper.make_tensor_value_info("scores", 1, [1, 2, 6, 4])],
        [onnx.numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )
    path, copy = tmp_path / "m.onnx", tmp_path / "m.int8.onnx"
    onnx.save(model, path)
    white = np.full((8, 6, 3), 255, np.uint8)
    write_int8(path, copy, images=[white, np.zeros_like(white)])
    session = ort.InferenceSession(str(copy), providers=["CPUExecutionProvider"])
    scores = session.run(["scores"], {"images": white[np.newaxis]})[0]
    np.testing.assert_allclose(scores, -5.00135, atol=0.03)  # 5 / 255, and rounding


def test_int8_without_photos_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="int8 needs photos"):
        write_int8(folder / "tf.onnx", tmp_path / "x.onnx", images=[])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_varied", [True, False], ids=["varied", "all gray"])
def test_the_photos_of_calibrate_say_what_int8_is_good_for(
    tmp_path: Path, is_varied: bool
) -> None:
    """Of streets, scores move as in the copy that ships (0.25); of nothing, 0.56."""
    capture = cv2.VideoCapture(str(ROOT / "assets" / "bikes.mp4"))
    frames = [np.asarray(capture.read()[1], np.uint8) for _ in range(246)]
    capture.release()
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, frame in enumerate(frames[::27]):
        photo = frame[:, ::-1] if is_varied else np.full_like(frame, 90)
        cv2.imwrite(str(photos / f"{number}.png"), photo)
    model = tmp_path / "m.onnx"
    shutil.copy(ROOT / "assets" / "models" / "mobilenet_ssd.onnx", model)
    options = Namespace(output=model, int8=True, fp16=False, calibrate=photos)
    convert._write_variants(options)
    others = [np.asarray(cv2.resize(f, (300, 300)), np.uint8) for f in frames[5::60]]
    moved = largest_move(model, tmp_path / "m.int8.onnx", others)
    assert moved < 0.3 if is_varied else moved > 0.45


def multiply_scores(graph: onnx.GraphProto, factor: float) -> None:
    for node in graph.node:
        node.output[:] = ["before" if n == "scores" else n for n in node.output]
    constant = onnx.numpy_helper.from_array(np.array(factor, np.float32), "factor")
    graph.initializer.append(constant)
    graph.node.append(onnx.helper.make_node("Mul", ["before", "factor"], ["scores"]))


@pytest.mark.parametrize("factor", [0.0, np.nan])
def test_a_copy_that_answers_otherwise_is_not_written(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    """Whatever the tools made of it: quantisers have had sums that ran over."""
    source, target = folder / "tf.onnx", tmp_path / "copy.onnx"
    target.write_text("the one before")
    assert run(source, pictures(1)[0])[1].max() > 0.5  # there is something to lose
    halve = variants._halve

    def halve_wrongly(graph: onnx.GraphProto) -> None:
        halve(graph)
        multiply_scores(graph, factor)

    def quantize_wrongly(source: Path, part: Path, *args: Any, **options: Any) -> None:  # noqa: ANN401
        quantize_static(source, part, *args, **options)
        model = onnx.load(part)
        multiply_scores(model.graph, factor)
        onnx.save(model, part)

    monkeypatch.setattr(variants, "_halve", halve_wrongly)
    monkeypatch.setattr(variants, "quantize_static", quantize_wrongly)
    with pytest.raises(ExportError, match="The fp16 copy moves a score by"):
        write_fp16(source, target)
    with pytest.raises(ExportError, match="The int8 copy moves a score by"):
        write_int8(source, target, images=pictures(2))
    assert target.read_text() == "the one before"
