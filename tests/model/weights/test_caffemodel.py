"""What model.weights.caffemodel promises: Caffe's answers, out of Keras and ONNX.

The answers were asked of OpenCV 4, which runs Caffe's own files; see
tools/caffe_goldens.py.
"""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from app.detection.onnx_detector import OnnxDetector
from app.settings import Settings
from model.errors import WeightsError
from model.network.config import VOC_CLASS_NAMES, caffe_voc
from model.network.network import build_network
from model.onnx_file.export import export_onnx
from model.weights.caffe_schema import NetParameter
from model.weights.caffemodel import read_caffemodel
from model.weights.read import read_weights
from model.weights.values import Weights, load_into
from tests.model.caffe_files import make_picture, write_caffemodel

GOLDENS = Path(__file__).parent / "goldens"
STEP = 5  # as in tools/caffe_goldens.py
# Both are float32; sums of up to 1024 products in another order.
TOLERANCE = 1e-4


@pytest.fixture(scope="module", params=["train", "deploy"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def golden(form: str) -> dict[str, NDArray[np.float32]]:
    with np.load(GOLDENS / f"opencv4_{form}.npz") as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="module")
def weights(form: str, tmp_path_factory: pytest.TempPathFactory) -> Weights:
    path = tmp_path_factory.mktemp("caffe") / f"{form}.caffemodel"
    return read_weights(write_caffemodel(path, form=form))


@pytest.fixture(scope="module")
def network(weights: Weights) -> keras.Model:
    network = build_network(weights.config, folded=True)
    load_into(network, weights)
    return network


def test_the_file_says_which_network_it_is(weights: Weights) -> None:
    assert weights.config == caffe_voc()


def rename(path: Path, target: Path, names: dict[str, str]) -> Path:
    net = NetParameter()
    net.ParseFromString(path.read_bytes())
    for layer in net.layer:
        layer.name = names.get(layer.name, layer.name)
    target.write_bytes(net.SerializeToString())
    return target


@pytest.mark.parametrize("end", ["_new", "-new", "_custom_2", "new"])
def test_heads_of_ones_own_training_may_have_other_names(
    form: str, tmp_path: Path, end: str
) -> None:
    """So that Caffe trains them anew: chuanqi305/MobileNet-SSD#2, #4 and #12."""
    path = write_caffemodel(tmp_path / "a.caffemodel", form=form)
    heads = [
        f"{name}_mbox_{kind}"
        for name in ("conv11", "conv13", "conv14_2", "conv15_2", "conv16_2", "conv17_2")
        for kind in ("loc", "conf")
    ]
    own = read_weights(path)
    named = {head: f"{head}{end}" for head in heads if head.endswith("conf")}
    other = read_weights(rename(path, tmp_path / "b.caffemodel", named))
    assert other.sha256 == own.sha256
    assert other.layers.keys() == own.layers.keys()


def test_of_two_heads_for_one_place_none_is_taken(tmp_path: Path) -> None:
    path = write_caffemodel(tmp_path / "a.caffemodel", form="deploy")
    names = {"conv13_mbox_loc": "conv13_mbox_conf_old"}
    with pytest.raises(WeightsError, match="conv13_mbox"):
        read_weights(rename(path, tmp_path / "b.caffemodel", names))


def test_raw_outputs_are_opencvs(
    network: keras.Model, golden: dict[str, NDArray[np.float32]]
) -> None:
    answer = network(make_picture()[np.newaxis].astype(np.float32))
    for name in ("loc", "logits"):
        ours = keras.ops.convert_to_numpy(answer[name]).ravel()[::STEP]
        assert np.ptp(golden[name]) > 1
        assert np.abs(ours - golden[name]).max() <= TOLERANCE, name


def test_detections_are_opencvs(
    network: keras.Model,
    weights: Weights,
    golden: dict[str, NDArray[np.float32]],
    tmp_path: Path,
) -> None:
    """Through our ONNX file and the app's own NMS, with deploy.prototxt's numbers."""
    path = tmp_path / "caffe.onnx"
    export_onnx(
        network,
        weights.config,
        path,
        weights_source=weights.source,
        weights_sha256=weights.sha256,
        images=[make_picture()],
    )
    detector = OnnxDetector(path, device="cpu")
    assert detector.open().class_names == VOC_CLASS_NAMES
    settings = Settings(score_threshold=0.25, iou_threshold=0.45, max_detections=100)
    found, _ = detector.detect(make_picture(), settings)
    theirs = golden["detections"]  # class (background is 0), score, corners in [0, 1]
    theirs = theirs[np.argsort(-theirs[:, 1], kind="stable")]
    assert len(found) == len(theirs) > 20
    assert np.abs(found.scores - theirs[:, 1]).max() <= TOLERANCE
    assert (found.class_ids + 1 == theirs[:, 0]).all()
    assert np.abs(found.boxes_xyxy / 300 - theirs[:, 2:]).max() <= TOLERANCE


def rewritten(path: Path, change: str, layer: str) -> Path:
    """The deploy form with one layer "dropped", "renamed" or "cut"."""
    net = NetParameter()
    net.ParseFromString(write_caffemodel(path, form="deploy").read_bytes())
    (target,) = [entry for entry in net.layer if entry.name == layer]
    if change == "dropped":
        net.layer.remove(target)
    elif change == "doubled":
        net.layer.add().CopyFrom(target)
        net.layer[-1].name = f"{layer}/twin"
    else:
        del target.blobs[0].data[-1]
    path.write_bytes(net.SerializeToString())
    return path


@pytest.mark.parametrize(
    ("change", "layer", "sentence"),
    [
        ("dropped", "conv7/dw", "has no layer conv7/dw"),
        ("dropped", "conv11_mbox_conf", "has no layer conv11_mbox_conf"),
        ("dropped", "conv13", "has no layer conv13"),
        ("doubled", "conv3", "has layers that MobileNet-SSD has not: conv3/twin"),
        ("cut", "conv14_2", "layer conv14_2 has 1179647 numbers for shape"),
    ],
)
def test_the_layer_that_is_wrong_is_named(
    tmp_path: Path, change: str, layer: str, sentence: str
) -> None:
    path = rewritten(tmp_path / "odd.caffemodel", change, layer)
    with pytest.raises(WeightsError, match=sentence) as caught:
        read_caffemodel(path)
    assert caught.value.remedy


def test_the_number_of_classes_is_the_files(tmp_path: Path) -> None:
    path = write_caffemodel(tmp_path / "two.caffemodel", form="deploy", class_count=2)
    assert read_caffemodel(path, ("face", "mask")).config == replace(
        caffe_voc(), class_names=("face", "mask")
    )
    with pytest.raises(
        WeightsError, match="tells 2 classes apart, and none were named"
    ):
        read_caffemodel(path)
    with pytest.raises(WeightsError, match="2 classes apart, and 3 were named"):
        read_caffemodel(path, ("a", "b", "c"))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"this is not a caffemodel", "is not a caffemodel, or is damaged"),
        (b"", "holds no layer with weights"),
    ],
)
def test_what_is_no_caffemodel_is_said(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    path = tmp_path / "text.caffemodel"
    path.write_bytes(data)
    with pytest.raises(WeightsError, match=sentence):
        read_caffemodel(path)


def test_a_truncated_download_is_said(tmp_path: Path) -> None:
    path = write_caffemodel(tmp_path / "cut.caffemodel", form="deploy")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(WeightsError, match="is not a caffemodel, or is damaged"):
        read_caffemodel(path)


def test_a_layer_whose_name_is_no_text_is_named_as_far_as_it_is(tmp_path: Path) -> None:
    path = write_caffemodel(tmp_path / "a.caffemodel", form="deploy")
    data = path.read_bytes()
    at = data.index(b"conv13_mbox_loc")
    path.write_bytes(data[:at] + b"\xff" + data[at + 1 :])
    with pytest.raises(WeightsError, match="conv13_mbox_loc"):
        read_weights(path)
