"""What model.network.network promises."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from model.network.anchors import make_anchors_cxcywh
from model.network.boxes import decode
from model.network.config import SsdConfig, caffe_voc, tf_coco
from model.network.network import (
    ClassScores,
    DecodeBoxes,
    ReverseChannels,
    build_detector,
    build_network,
    fold_batch_norms,
)

RNG = np.random.default_rng(0)
# Side and channels of each layer's output at alpha 1. Source: chuanqi305's
# deploy.prototxt, and the MobileNet paper's table 1 at 300 pixels.
OUTPUTS = {
    "conv0": (150, 32),
    "conv1": (150, 64),
    "conv2": (75, 128),
    "conv4": (38, 256),
    "conv6": (19, 512),
    "conv11": (19, 512),
    "conv12": (10, 1024),
    "conv13": (10, 1024),
    "conv14_2": (5, 512),
    "conv15_2": (3, 256),
    "conv16_2": (2, 256),
    "conv17_2": (1, 128),
}


def small(config: SsdConfig) -> SsdConfig:
    return replace(config, alpha=0.125, class_names=("person", "car"))


def randomize(network: keras.Model) -> keras.Model:
    """Weights and batch norm statistics that matter, and stay in range."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            count = layer.gamma.shape[0]
            layer.set_weights(
                [
                    RNG.uniform(0.5, 1.5, count),
                    RNG.normal(0, 0.5, count),
                    RNG.normal(0, 0.5, count),
                    RNG.uniform(0.5, 2, count),
                ]
            )
        elif layer.name.endswith(("_loc", "_conf")) and layer.weights:
            kernel, bias = layer.get_weights()
            layer.set_weights([kernel, RNG.normal(0, 1, bias.shape)])
    return network


@pytest.mark.parametrize("make", [caffe_voc, tf_coco], ids=["caffe", "tf"])
def test_layers_have_the_papers_sizes(make) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    config = make()
    network = build_network(config)
    for name, (side, channels) in OUTPUTS.items():
        shape = network.get_layer(f"{name}_{config.activation}").output.shape
        assert shape == (None, side, side, channels), name
    assert network.output["loc"].shape == (None, 1917, 4)
    assert network.output["logits"].shape == (None, 1917, config.logit_count)


def test_caffes_network_has_its_parameters() -> None:
    """Counted by hand from the table of layers, as chuanqi305's train form has them.

    Extra convolutions: 1024 * 256 + 9 * 256 * 512 + 512 * 128 + 9 * 128 * 256 +
    256 * 128 + 9 * 128 * 256 + 256 * 64 + 9 * 64 * 128 = 2,220,032.
    """
    pointwise_in = (32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024)
    pointwise_out = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
    convolutions = 9 * 3 * 32 + 9 * sum(pointwise_in)  # conv0 and the depthwise
    convolutions += sum(i * o for i, o in zip(pointwise_in, pointwise_out, strict=True))
    convolutions += 2_220_032
    norms = 32 + sum(pointwise_in) + sum(pointwise_out)
    norms += 256 + 512 + 128 + 256 + 128 + 256 + 64 + 128
    heads = sum(
        (channels + 1) * anchors * (4 + 21)
        for channels, anchors in (
            (512, 3),
            (1024, 6),
            (512, 6),
            (256, 6),
            (256, 6),
            (128, 6),
        )
    )
    assert build_network(caffe_voc()).count_params() == convolutions + 4 * norms + heads


def test_the_two_paddings_differ_as_they_should() -> None:
    """At stride 2 on 300, Caffe's first window starts at -1, TensorFlow's at 0.

    A kernel that picks its top left tap then sees padding under Caffe, the first
    pixel under TensorFlow.
    """
    seen = {}
    for name, config in (("caffe", caffe_voc()), ("tf", tf_coco())):
        plain = replace(
            small(config), input_scale=1.0, input_offset=0.0, color_order="BGR"
        )
        network = build_network(plain, folded=True)
        kernel, bias = network.get_layer("conv0").get_weights()
        kernel[:], bias[:] = 0, 0
        kernel[0, 0, 0, 0] = 1
        network.get_layer("conv0").set_weights([kernel, bias])
        probe = keras.Model(network.input, network.get_layer("conv0").output)
        pixels = np.zeros((1, 300, 300, 3), np.float32)
        pixels[0, 0, 0, 0] = 5
        seen[name] = float(keras.ops.convert_to_numpy(probe(pixels))[0, 0, 0, 0])
    assert seen == {"caffe": 0, "tf": 5}


@pytest.mark.parametrize("make", [caffe_voc, tf_coco], ids=["caffe", "tf"])
def test_folding_changes_nothing_but_rounding(make) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    config = small(make())
    network = randomize(build_network(config))
    folded = fold_batch_norms(network, config)
    assert not any("_bn" in layer.name for layer in folded.layers)
    pixels = RNG.uniform(0, 255, (2, 300, 300, 3)).astype(np.float32)
    before, after = network(pixels, training=False), folded(pixels, training=False)
    for name in ("loc", "logits"):
        one, other = (keras.ops.convert_to_numpy(x[name]) for x in (before, after))
        assert np.abs(one).max() > 0.1
        assert np.allclose(one, other, atol=1e-4)
        again = fold_batch_norms(folded, config)(pixels, training=False)[name]
        assert np.array_equal(keras.ops.convert_to_numpy(again), other)


@pytest.mark.parametrize("make", [caffe_voc, tf_coco], ids=["caffe", "tf"])
def test_boxes_are_decoded_as_numpy_does(make) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    config = make()
    anchors = make_anchors_cxcywh(config)
    loc = RNG.normal(0, 2, (1, 1917, 4)).astype(np.float32)
    layer = DecodeBoxes(anchors.tolist(), config.variances, config.box_code_order)
    codes = loc if config.box_code_order == "xywh" else loc[..., [1, 0, 3, 2]]
    expected = np.clip(decode(codes, anchors, variances=config.variances), 0, 1)
    assert np.allclose(keras.ops.convert_to_numpy(layer(loc)), expected, atol=1e-5)


def test_scores_are_of_the_foreground_only() -> None:
    """Softmax of ln 1, ln 2, ln 5 is 1/8, 2/8, 5/8; sigmoid of 0 is a half."""
    softmax = ClassScores("softmax")(np.log([[[1.0, 2.0, 5.0]]]))
    assert keras.ops.convert_to_numpy(softmax)[0, 0].tolist() == pytest.approx(
        [2 / 8, 5 / 8]
    )
    sigmoid = ClassScores("sigmoid")(np.array([[[0.0, np.log(3)]]]))
    assert keras.ops.convert_to_numpy(sigmoid)[0, 0].tolist() == pytest.approx(
        [0.5, 0.75]
    )


def test_pixels_come_blue_first_and_each_family_sees_them_its_own_way() -> None:
    """Blue 0, green 51, red 255.

    Caffe keeps the order: (x - 127.5) * .007843. TensorFlow wants red first, and
    x / 127.5 - 1: red 1, green -.6, blue -1.
    """
    pixels = np.full((1, 300, 300, 3), (0, 51, 255), np.float32)
    for config, expected in (
        (caffe_voc(), [-0.9999825, -0.5999895, 0.9999825]),
        (tf_coco(), [1.0, -0.6, -1.0]),
    ):
        network = build_network(small(config))
        scaled = keras.Model(network.input, network.get_layer("scaled").output)
        seen = keras.ops.convert_to_numpy(scaled(pixels))[0, 150, 200]
        assert seen.tolist() == pytest.approx(expected, abs=1e-5)


def test_the_detector_hands_the_camera_pixels_on_as_they_are() -> None:
    config = small(tf_coco())
    network = randomize(build_network(config))
    images = RNG.integers(0, 256, (1, 300, 300, 3), np.uint8)
    found = build_detector(network, config)(images)
    codes = network(images.astype(np.float32), training=False)
    scores = ClassScores("sigmoid")(codes["logits"])
    assert np.array_equal(
        keras.ops.convert_to_numpy(found["scores"]), keras.ops.convert_to_numpy(scores)
    )


def test_our_layers_are_saved_and_read_without_running_code() -> None:
    for layer in (
        ReverseChannels(),
        DecodeBoxes([[0.5, 0.5, 1.0, 1.0]], (0.1, 0.1, 0.2, 0.2), "yxhw"),
        ClassScores("sigmoid"),
    ):
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()
