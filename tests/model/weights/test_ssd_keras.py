"""What model.weights.ssd_keras promises.

No file of the author's is at hand, so one is written in Keras 2.1's layout from a
network put together here of Keras' own layers, after the published source.
"""

from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from model.errors import WeightsError
from model.network.config import keras_voc
from model.network.network import build_detector, build_network
from model.weights.read import read_weights
from model.weights.ssd_keras import read_ssd_keras
from model.weights.values import load_into

RNG = np.random.default_rng(21)
OUTPUTS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512)
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1)
HEADS = (
    ("conv11", 3),
    ("conv13", 6),
    ("conv14_2", 6),
    ("conv15_2", 6),
    ("conv16_2", 6),
    ("conv17_2", 6),
)


def authors_network(class_count: int) -> keras.Model:
    """SSD(input_shape, num_classes) of ssd300MobileNet.py, up to its outputs."""
    x = pixels = keras.Input((300, 300, 3))

    def padded(x: Any, layer: layers.Layer) -> Any:  # noqa: ANN401
        return layer(layers.ZeroPadding2D(1)(x))

    def norm6(x: Any, name: str) -> Any:  # noqa: ANN401
        return layers.ReLU(6.0)(layers.BatchNormalization(epsilon=1e-3, name=name)(x))

    x = padded(x, layers.Conv2D(32, 3, 2, use_bias=False, name="conv1"))
    x = norm6(x, "conv1_bn")
    for k, stride in enumerate(STRIDES, start=1):
        name = f"conv_dw_{k}"
        x = padded(x, layers.DepthwiseConv2D(3, stride, use_bias=False, name=name))
        x = norm6(x, f"{name}_bn")
        if k <= len(OUTPUTS):
            name = f"conv_pw_{k}"
            x = layers.Conv2D(OUTPUTS[k - 1], 1, use_bias=False, name=name)(x)
            x = norm6(x, f"{name}_bn")
    found = {}
    plan: tuple[tuple[str, type[layers.Layer], int, int, int], ...] = (
        ("conv11", layers.Conv2D, 512, 1, 1),
        ("conv12dw", layers.SeparableConv2D, 512, 3, 2),
        ("conv12", layers.Conv2D, 1024, 1, 1),
        ("conv13dw", layers.SeparableConv2D, 1024, 3, 1),
        ("conv13", layers.Conv2D, 1024, 1, 1),
        ("conv14_1", layers.Conv2D, 256, 1, 1),
        ("conv14_2", layers.Conv2D, 512, 3, 2),
        ("conv15_1", layers.Conv2D, 128, 1, 1),
        ("conv15_2", layers.Conv2D, 256, 3, 2),
        ("conv16_1", layers.Conv2D, 128, 1, 1),
        ("conv16_2", layers.Conv2D, 256, 3, 2),
        ("conv17_1", layers.Conv2D, 64, 1, 1),
        ("conv17_2", layers.Conv2D, 128, 3, 2),
    )
    for name, kind, channels, kernel, stride in plan:
        x = kind(channels, kernel, strides=stride, padding="same", name=name)(x)
        norm = name.replace("conv", "bn")
        x = layers.ReLU()(layers.BatchNormalization(epsilon=1e-3, name=norm)(x))
        found[name] = x
    suffix = "" if class_count == 21 else f"_{class_count}"
    locs, logits = [], []
    for name, anchors in HEADS:
        loc = layers.Conv2D(anchors * 4, 1, name=f"{name}_mbox_loc")(found[name])
        conf_name = f"{name}_mbox_conf{suffix}"
        conf = layers.Conv2D(anchors * class_count, 1, name=conf_name)(found[name])
        locs.append(layers.Reshape((-1, 4))(loc))
        logits.append(layers.Reshape((-1, class_count))(conf))
    outputs = {
        "loc": layers.Concatenate(axis=1)(locs),
        "logits": layers.Concatenate(axis=1)(logits),
    }
    network = keras.Model(pixels, outputs)
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            n = layer.gamma.shape[0]
            layer.set_weights(
                [
                    RNG.uniform(0.7, 1.3, n),
                    RNG.normal(0, 0.2, n),
                    RNG.normal(0, 0.2, n),
                    RNG.uniform(0.5, 2, n),
                ]
            )
        elif layer.weights and layer.use_bias:
            *kernels, bias = layer.get_weights()
            layer.set_weights([*kernels, RNG.normal(0, 0.3, bias.shape)])
    return network


def write_hdf5(path: Path, network: keras.Model) -> Path:
    """As Keras 2.1's save_weights does; the MobileNet is a model inside."""
    parts = {
        "Conv2D": ("kernel", "bias"),
        "DepthwiseConv2D": ("depthwise_kernel",),
        "SeparableConv2D": ("depthwise_kernel", "pointwise_kernel", "bias"),
        "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    }
    with h5py.File(path, "w") as file:
        for layer in network.layers:
            names = parts.get(type(layer).__name__, ())
            inner = layer.name == "conv1" or layer.name.startswith(
                ("conv1_", "conv_dw", "conv_pw")
            )
            outer = "model_1" if inner else layer.name
            for name, array in zip(names, layer.get_weights(), strict=False):
                file[f"{outer}/{layer.name}/{name}:0"] = array
        file.attrs["keras_version"] = "2.1.4"
        file.attrs["backend"] = "tensorflow"
    return path


@pytest.fixture(scope="module")
def authors() -> keras.Model:
    return authors_network(21)


def test_the_authors_network_answers_alike_out_of_ours(
    authors: keras.Model, tmp_path: Path
) -> None:
    weights = read_weights(write_hdf5(tmp_path / "weights.hdf5", authors))
    assert weights.config == keras_voc()
    network = build_network(weights.config, folded=True)
    load_into(network, weights)
    image = RNG.integers(0, 256, (1, 300, 300, 3), np.uint8)
    # Keras' preprocess_input (its default, "caffe"): ImageNet's mean, blue first.
    scaled = image.astype(np.float32) - np.array([103.939, 116.779, 123.68], np.float32)
    theirs = authors(scaled, training=False)
    ours = network(image.astype(np.float32))
    for name in ("loc", "logits"):
        one, other = (keras.ops.convert_to_numpy(x[name]) for x in (theirs, ours))
        assert np.ptp(one) > 0.5
        assert np.abs(one - other).max() < 1e-3 * max(1.0, np.abs(one).max())
    boxes = keras.ops.convert_to_numpy(
        build_detector(network, weights.config)(image)["boxes"]
    )
    assert boxes.shape == (1, 1917, 4)


def test_other_classes_are_told_by_the_heads_name(tmp_path: Path) -> None:
    path = write_hdf5(tmp_path / "weights.h5", authors_network(3))
    weights = read_ssd_keras(path, ("face", "mask"))
    assert weights.config.class_names == ("face", "mask")
    with pytest.raises(WeightsError, match="2 classes apart, and none were named"):
        read_ssd_keras(path)


def test_a_layer_that_is_missing_is_named(authors: keras.Model, tmp_path: Path) -> None:
    path = write_hdf5(tmp_path / "weights.hdf5", authors)
    with h5py.File(path, "a") as file:
        del file["conv12dw/conv12dw/pointwise_kernel:0"]
    with pytest.raises(WeightsError, match="no pointwise_kernel of layer conv12dw"):
        read_ssd_keras(path)


def test_a_file_with_code_in_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = '{"layers": [{"class_name": "Lambda"}]}'
    with pytest.raises(WeightsError, match="has a Lambda layer, which is code"):
        read_weights(path)


def test_what_is_no_such_file_is_said(tmp_path: Path) -> None:
    text = tmp_path / "text.hdf5"
    text.write_text("this is not HDF5")
    with pytest.raises(WeightsError, match="is not an HDF5 file of weights"):
        read_weights(text)
    with h5py.File(tmp_path / "other.hdf5", "w") as file:
        file["dense/dense/kernel:0"] = np.zeros((3, 3))
    with pytest.raises(WeightsError, match="is not ssd_kerasV2's MobileNet"):
        read_weights(tmp_path / "other.hdf5")


def test_damage_anywhere_in_the_file_is_said(tmp_path: Path) -> None:
    """h5py tells of it by OSError, RuntimeError, KeyError, ValueError ..."""
    good = tmp_path / "good.hdf5"
    with h5py.File(good, "w") as file:
        file.create_dataset("conv11/conv11/kernel:0", data=np.zeros((1, 1, 4, 8)))
    data = good.read_bytes()
    path = tmp_path / "damaged.hdf5"
    for at in range(0, 2000, 3):
        path.write_bytes(data[:at] + b"\xff\xff" + data[at + 2 :])
        with pytest.raises(WeightsError):
            read_weights(path)
