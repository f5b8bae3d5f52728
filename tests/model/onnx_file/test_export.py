"""What model.onnx_file.export promises; also CI's model build in miniature."""

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime as ort
import pytest
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from app.detection.onnx_metadata import read_metadata
from model.errors import ExportError
from model.network.config import SsdConfig, caffe_voc, tf_coco
from model.network.network import build_detector, build_network, fold_batch_norms
from model.onnx_file import export
from model.onnx_file.export import TOLERANCE, export_onnx
from tests.model.network.test_network import randomize

export_made_up = partial(export_onnx, weights_source="made up", weights_sha256="0" * 64)


def build(config: SsdConfig) -> tuple[keras.Model, SsdConfig]:
    config = replace(config, alpha=0.125, class_names=("person", "car"))
    keras.utils.set_random_seed(1)
    return randomize(build_network(config)), config


@pytest.fixture(scope="module", params=[caffe_voc(), tf_coco()], ids=["caffe", "tf"])
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, SsdConfig]:
    network, config = build(request.param)
    path = tmp_path_factory.mktemp("export") / "new folder" / "small.onnx"
    difference = export_made_up(network, config, path)
    assert difference <= TOLERANCE
    assert [p.name for p in path.parent.iterdir()] == ["small.onnx"]
    return path, config


def test_the_file_says_all_the_app_needs(exported: tuple[Path, SsdConfig]) -> None:
    path, config = exported
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["format"] == "mobilenet-ssd/1"
    assert json.loads(metadata["class_names"]) == ["person", "car"]
    assert metadata["input_size_wh"] == "300,300"
    assert metadata["color_order"] == "BGR"
    assert metadata["family"] == config.family
    assert metadata["weights_sha256"] == "0" * 64
    (images,) = session.get_inputs()
    assert (images.name, images.shape, images.type) == (
        "images",
        [1, 300, 300, 3],
        "tensor(uint8)",
    )
    outputs = {o.name: o.shape for o in session.get_outputs()}
    assert outputs == {"boxes": [1, 1917, 4], "scores": [1, 1917, 2]}


def test_what_was_measured_of_thresholds_is_told(
    exported: tuple[Path, SsdConfig], tmp_path: Path
) -> None:
    network, config = build(tf_coco())
    told = '{"best": 0.55, "photos": 7, "rows": [[0.55, 0.8, 0.5]]}'
    export_made_up(network, config, tmp_path / "m.onnx", thresholds=told)
    assert read_metadata(tmp_path / "m.onnx")["thresholds"] == told
    assert "thresholds" not in read_metadata(exported[0])


def test_the_graph_has_no_nms_no_batch_norm_and_one_opset(
    exported: tuple[Path, SsdConfig],
) -> None:
    model = onnx.load(exported[0])
    kinds = {node.op_type for node in model.graph.node}
    assert not kinds & {"NonMaxSuppression", "BatchNormalization", "Loop", "If"}
    assert [(o.domain, o.version) for o in model.opset_import if not o.domain] == [
        ("", export.OPSET)
    ]


def test_the_reference_evaluator_agrees(exported: tuple[Path, SsdConfig]) -> None:
    """ONNX's own Python, slow and independent of ONNX Runtime."""
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (1, 300, 300, 3), np.uint8)
    session = ort.InferenceSession(str(exported[0]), providers=["CPUExecutionProvider"])
    fast = session.run(["boxes", "scores"], {"images": images})
    slow = ReferenceEvaluator(str(exported[0])).run(
        ["boxes", "scores"], {"images": images}
    )
    for one, other in zip(fast, slow, strict=True):
        assert np.ptp(one) > 0.01
        assert np.abs(one - other).max() <= TOLERANCE


def test_a_graph_that_answers_differently_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, config = build(caffe_voc())
    path = tmp_path / "small.onnx"
    path.write_text("the one before")
    convert = export._convert

    def convert_wrongly(detector: keras.Model, part: Path) -> None:
        convert(detector, part)
        model = onnx.load(part)
        biggest = max(model.graph.initializer, key=lambda t: int(np.prod(t.dims)))
        array = onnx.numpy_helper.to_array(biggest) * np.float32(1.1)
        biggest.CopyFrom(onnx.numpy_helper.from_array(array, biggest.name))
        onnx.save(model, part)

    monkeypatch.setattr(export, "_convert", convert_wrongly)
    with pytest.raises(ExportError, match="ONNX Runtime differs from Keras by"):
        export_made_up(network, config, path)
    assert path.read_text() == "the one before"
    assert [p.name for p in tmp_path.iterdir()] == ["small.onnx"]


@pytest.fixture(scope="module")
def right(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[keras.Model, Path]:
    """A detector, and its graph."""
    network, config = build(tf_coco())
    path = tmp_path_factory.mktemp("right") / "right.onnx"
    export_made_up(network, config, path)
    return build_detector(fold_batch_norms(network, config), config), path


def altered(path: Path, target: Path, *nodes: onnx.NodeProto, output: str) -> Path:
    """The graph with `nodes` behind it, which take `before` and give `output`."""
    model = onnx.load(path)
    for node in model.graph.node:
        node.output[:] = ["before" if name == output else name for name in node.output]
    model.graph.node.extend(nodes)
    onnx.save(model, target)
    return target


@pytest.mark.parametrize("output", ["boxes", "scores"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_wrong_answer_among_right_ones_is_seen(
    right: tuple[keras.Model, Path], tmp_path: Path, output: str, place: int
) -> None:
    """The worst picture and output count, not the last: only on black it is wrong."""
    detector, path = right
    node = onnx.helper.make_node
    wrong = altered(
        path,
        tmp_path / "wrong.onnx",
        node("Cast", ["images"], ["as_float"], to=onnx.TensorProto.FLOAT),
        node("ReduceMax", ["as_float"], ["brightest"], keepdims=0),
        node("Neg", ["brightest"], ["darkest"]),
        node("Exp", ["darkest"], ["is_black"]),  # exp(0) = 1, exp(-90) = 0
        node("Add", ["before", "is_black"], [output]),
        output=output,
    )
    gray = np.full((300, 300, 3), 90, np.uint8)
    images = [gray, gray, gray]
    images[place] = np.zeros_like(gray)
    assert export.compare(detector, wrong, images) == pytest.approx(1, abs=1e-3)
    assert export.compare(detector, wrong, [gray]) <= TOLERANCE


@pytest.mark.parametrize("output", ["boxes", "scores"])
def test_what_is_no_number_is_no_agreement(
    right: tuple[keras.Model, Path],
    tmp_path: Path,
    output: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    detector, path = right
    node = onnx.helper.make_node
    wrong = altered(
        path,
        tmp_path / "wrong.onnx",
        node("Sub", ["before", "before"], ["zero"]),
        node("Div", ["zero", "zero"], [output]),
        output=output,
    )
    assert export.compare(detector, wrong, []) == np.inf
    monkeypatch.setattr(export, "_convert", lambda _, part: shutil.copy(wrong, part))
    with pytest.raises(ExportError, match="differs from Keras by inf"):
        export_made_up(*build(tf_coco()), tmp_path / "new.onnx")
    assert not (tmp_path / "new.onnx").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    network, config = build(caffe_voc())
    with pytest.raises(ExportError, match="cannot be written"):
        export_made_up(network, config, tmp_path / "file" / "m.onnx")


def test_real_weights_on_real_photos(
    tflite_path: Path, photos: list[NDArray[np.uint8]], tmp_path: Path
) -> None:
    from model.weights.read import read_weights
    from model.weights.values import load_into

    weights = read_weights(tflite_path)
    network = build_network(weights.config, folded=True)
    load_into(network, weights)
    difference = export_onnx(
        network,
        weights.config,
        tmp_path / "coco.onnx",
        weights_source=weights.source,
        weights_sha256=weights.sha256,
        images=photos[:7],
    )
    assert difference <= 1e-5  # a tenth of what would stop a build
