"""What model.weights.frozen_graph promises, on graphs written in the zoo's layout."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from model.errors import WeightsError
from model.network.config import COCO_CLASS_IDS_AND_NAMES, SsdConfig, tf_coco
from model.network.network import build_network
from model.weights.frozen_graph import read_frozen_graph
from model.weights.read import read_weights
from model.weights.values import load_into
from tests.model.network.test_network import randomize

RNG = np.random.default_rng(5)
BACKBONE = "FeatureExtractor/MobilenetV1/"


def write_graph(path: Path, constants: dict[str, NDArray[np.float32]]) -> Path:
    from tensorflow.core.framework import graph_pb2
    from tensorflow.python.framework import tensor_util

    graph = graph_pb2.GraphDef()
    for name, array in constants.items():
        node = graph.node.add(name=name, op="Const")
        node.attr["dtype"].type = 1
        node.attr["value"].tensor.CopyFrom(tensor_util.make_tensor_proto(array))
    graph.node.add(name="image_tensor", op="Placeholder")
    path.write_bytes(graph.SerializeToString())
    return path


def constants_of(
    network: keras.Model, config: SsdConfig, coco_ids: bool
) -> dict[str, NDArray[np.float32]]:
    """A network's weights as the detection API's names and shapes have them."""
    names = {"conv0": "MobilenetV1/Conv2d_0"}
    for k in range(1, 14):
        names[f"conv{k}_dw"] = f"MobilenetV1/Conv2d_{k}_depthwise"
        names[f"conv{k}"] = f"MobilenetV1/Conv2d_{k}_pointwise"
    for k, name in enumerate(("conv14", "conv15", "conv16", "conv17"), start=2):
        for half, what in ((1, "1x1"), (2, "3x3_s2")):
            width = network.get_layer(f"{name}_{half}").kernel.shape[-1]
            names[f"{name}_{half}"] = (
                f"Conv2d_13_pointwise_{half}_Conv2d_{k}_{what}_{width}"
            )
    found = {}
    for ours, theirs in names.items():
        (kernel,) = network.get_layer(ours).get_weights()
        kind = "depthwise_weights" if ours.endswith("_dw") else "weights"
        found[f"{BACKBONE}{theirs}/{kind}"] = kernel
        norm = network.get_layer(f"{ours}_bn").get_weights()
        for part, array in zip(
            ("gamma", "beta", "moving_mean", "moving_variance"), norm, strict=True
        ):
            found[f"{BACKBONE}{theirs}/BatchNorm/{part}"] = array
    for k, layer in enumerate(config.anchor_layers):
        for kind, predictor in (("loc", "BoxEncoding"), ("conf", "Class")):
            kernel, bias = network.get_layer(
                f"{layer.feature}_mbox_{kind}"
            ).get_weights()
            if kind == "conf":
                kernel, bias = (with_gaps(a, config, coco_ids) for a in (kernel, bias))
            found[f"BoxPredictor_{k}/{predictor}Predictor/weights"] = kernel
            found[f"BoxPredictor_{k}/{predictor}Predictor/biases"] = bias
    return found


def with_gaps(
    array: NDArray[np.float32], config: SsdConfig, coco_ids: bool
) -> NDArray[np.float32]:
    """Put the class columns where their ids are, and noise into the gaps."""
    count = len(config.class_names)
    ids = [i for i, _ in COCO_CLASS_IDS_AND_NAMES] if coco_ids else range(1, count + 1)
    total = 91 if coco_ids else count + 1
    by_anchor = array.reshape(*array.shape[:-1], -1, count)
    wide = RNG.normal(0, 9, (*by_anchor.shape[:-1], total)).astype(np.float32)
    wide[..., list(ids)] = by_anchor
    return wide.reshape(*array.shape[:-1], -1)


@pytest.mark.parametrize("class_names", [None, ("face", "mask")], ids=["COCO", "own"])
def test_a_frozen_graph_gives_back_the_network_it_was(
    tmp_path: Path, class_names: tuple[str, ...] | None
) -> None:
    config = tf_coco(alpha=0.25)
    if class_names:
        config = replace(config, class_names=class_names)
    network = randomize(build_network(config))
    path = write_graph(
        tmp_path / "frozen.pb", constants_of(network, config, class_names is None)
    )
    weights = read_weights(path, class_names)
    assert weights.config == config
    again = build_network(config, folded=True)
    load_into(again, weights)
    pixels = RNG.uniform(0, 255, (1, 300, 300, 3)).astype(np.float32)
    before, after = network(pixels, training=False), again(pixels)
    for name in ("loc", "logits"):
        one, other = (keras.ops.convert_to_numpy(x[name]) for x in (before, after))
        assert np.abs(one - other).max() < 1e-4


def test_what_is_no_such_graph_is_said(tmp_path: Path) -> None:
    text = tmp_path / "text.pb"
    text.write_text("this is not a graph")
    with pytest.raises(WeightsError, match=r"text\.pb is not"):
        read_frozen_graph(text)
    other = write_graph(tmp_path / "other.pb", {"weights": np.zeros(3, np.float32)})
    with pytest.raises(WeightsError, match="is not an SSD MobileNet v1"):
        read_frozen_graph(other)


def test_a_constant_with_more_numbers_than_its_shape_is_named(tmp_path: Path) -> None:
    from tensorflow.core.framework import graph_pb2

    graph = graph_pb2.GraphDef()
    node = graph.node.add(name="weights", op="Const")
    node.attr["dtype"].type = 1
    tensor = node.attr["value"].tensor
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=2)
    tensor.float_val.extend([1.0, 2.0, 3.0])
    path = tmp_path / "a.pb"
    path.write_bytes(graph.SerializeToString())
    with pytest.raises(WeightsError, match=r"The constant weights in a\.pb is damaged"):
        read_frozen_graph(path)


def test_a_constant_that_is_missing_is_named(tmp_path: Path) -> None:
    config = replace(tf_coco(alpha=0.25), class_names=("face",))
    constants = constants_of(build_network(config), config, coco_ids=False)
    gone = f"{BACKBONE}MobilenetV1/Conv2d_5_depthwise/BatchNorm/gamma"
    del constants[gone]
    path = write_graph(tmp_path / "frozen.pb", constants)
    with pytest.raises(WeightsError, match=f"has no constant {gone}"):
        read_frozen_graph(path, ("face",))
    with pytest.raises(WeightsError, match="1 classes apart, and none were named"):
        read_frozen_graph(path)
