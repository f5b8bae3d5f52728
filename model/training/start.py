"""Where training starts: somebody's detector, ImageNet's backbone, or nothing."""

import math
from dataclasses import replace

import keras
import numpy as np
from numpy.typing import NDArray

from model.dataset.names import class_key
from model.errors import WeightsError
from model.network.config import SsdConfig
from model.network.names import FIRST_OF_NECK
from model.network.network import BLOCKS, build_network
from model.weights.values import Weights, load_into

# What an untrained head answers: objects are rare (focal loss paper,
# arXiv 1708.02002, section 3.3).
PRIOR_SCORE = 0.01
# Of keras.applications.MobileNet: int(32 * alpha) of its narrowest, 0.25.
KERAS_LEAST_DEPTH = 8


def from_weights(
    weights: Weights, class_names: tuple[str, ...]
) -> tuple[keras.Model, SsdConfig]:
    """The network of `weights` for other classes; what classes share is kept.

    Its batch norms are folded and stay so: with the few pictures of a batch and
    of a small dataset, their statistics would only get worse.

    Args:
        weights: as read from a file.
        class_names: the classes to learn; a head's outputs are kept for those
            that the weights know by COCO's or VOC's name, in any capitals, and begin as
            "rarely there" for the others.
    """
    config = replace(weights.config, class_names=class_names)
    layers = dict(weights.layers)
    for layer in config.anchor_layers:
        name = f"{layer.feature}_mbox_conf"
        kernel, bias = layers[name]
        layers[name] = _remap_head(
            kernel, bias, layer.anchors_per_cell, weights.config, config
        )
    network = build_network(config, folded=True)
    load_into(network, Weights(config, layers, weights.source))
    return network, config


def _remap_head(
    kernel: NDArray[np.float32],
    bias: NDArray[np.float32],
    anchors_per_cell: int,
    old: SsdConfig,
    new: SsdConfig,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A class head's kernel (1, 1, in, A * logits) and bias for other classes."""
    background = int(old.score_function == "softmax")
    inputs = kernel.shape[2]
    old_kernel = kernel.reshape(inputs, anchors_per_cell, old.logit_count)
    old_bias = bias.reshape(anchors_per_cell, old.logit_count)
    new_kernel = np.zeros((inputs, anchors_per_cell, new.logit_count), np.float32)
    prior = math.log(PRIOR_SCORE / (1 - PRIOR_SCORE))
    new_bias = np.full((anchors_per_cell, new.logit_count), prior, np.float32)
    if background:
        new_kernel[..., 0], new_bias[..., 0] = old_kernel[..., 0], old_bias[..., 0]
        new_bias[..., 1:] += old_bias[..., :1]  # relative to the background's logit
    known = {class_key(name): k for k, name in enumerate(old.class_names, background)}
    for column, class_name in enumerate(new.class_names, background):
        source = known.get(class_key(class_name))
        if source is not None:
            new_kernel[..., column] = old_kernel[..., source]
            new_bias[..., column] = old_bias[..., source]
    shape = (1, 1, inputs, anchors_per_cell * new.logit_count)
    return new_kernel.reshape(shape), new_bias.ravel()


def from_scratch(config: SsdConfig) -> keras.Model:
    """A network that knows nothing, with batch norms to be trained."""
    network = build_network(config)
    prior = math.log(PRIOR_SCORE / (1 - PRIOR_SCORE))
    for layer in config.anchor_layers:
        head = network.get_layer(f"{layer.feature}_mbox_conf")
        kernel, bias = head.get_weights()
        rows = bias.reshape(layer.anchors_per_cell, config.logit_count)
        rows[:, int(config.score_function == "softmax") :] = prior
        # Small, so that the prior holds whatever the picture.
        head.set_weights([kernel * 0.1, rows.ravel()])
    return network


def from_imagenet(config: SsdConfig) -> tuple[keras.Model, SsdConfig]:
    """As `from_scratch`, with the backbone of Keras' MobileNet.

    Returns:
        The network, and its config: at alpha 0.25 Keras' first layer is narrower
        than TensorFlow's detectors have it.

    Raises:
        WeightsError: Keras publishes none of this width, or cannot fetch it.
    """
    config = replace(config, least_depth=KERAS_LEAST_DEPTH)
    network = from_scratch(config)
    try:
        backbone = keras.applications.MobileNet(
            input_shape=(224, 224, 3), alpha=config.alpha, include_top=False
        )
    except Exception as error:  # ValueError for a width, others for the network
        raise WeightsError(
            f"Keras' ImageNet weights cannot be had: {error}",
            "Start from a weights file instead: --start FILE",
        ) from error
    copy_backbone(backbone, network, config)
    return network, config


def copy_backbone(
    mobilenet: keras.Model, network: keras.Model, config: SsdConfig
) -> None:
    """Weights of `keras.applications.MobileNet` into our layers of that name.

    Law: on a picture, conv0 answers as Keras' first convolution does on that picture
    in RGB and in -1..1, but at the padded edges.
    """
    names = {}
    for number in range(1, len(BLOCKS) + 1):
        if config.separable_neck and number >= FIRST_OF_NECK:
            break  # two convolutions under one batch norm, where theirs has two
        names[f"conv_dw_{number}"] = f"conv{number}_dw"
        names[f"conv_pw_{number}"] = f"conv{number}"
    for theirs, ours in names.items():
        source = mobilenet.get_layer(theirs)
        network.get_layer(ours).set_weights(source.get_weights())
        _copy_norm(mobilenet.get_layer(f"{theirs}_bn"), network.get_layer(f"{ours}_bn"))
    kernel = mobilenet.get_layer("conv1").get_weights()[0]  # (3, 3, RGB, out)
    offset = np.broadcast_to(np.asarray(config.input_offset, np.float32), (3,))
    if config.color_order == "BGR":
        kernel = kernel[:, :, ::-1]
    # Ours sees pixel * scale + offset, theirs pixel / 127.5 - 1.
    kernel = kernel / np.float32(127.5 * config.input_scale)
    surplus = offset + np.float32(127.5 * config.input_scale)
    network.get_layer("conv0").set_weights([kernel])
    _copy_norm(
        mobilenet.get_layer("conv1_bn"),
        network.get_layer("conv0_bn"),
        surplus=np.einsum("hwio,i->o", kernel, surplus),
    )


def _copy_norm(
    theirs: keras.Layer,
    ours: keras.Layer,
    *,
    surplus: NDArray[np.float32] | None = None,
) -> None:
    """A batch norm's weights, for inputs that are larger by `surplus` (channels,)."""
    gamma, beta, mean, variance = theirs.get_weights()
    mean = mean if surplus is None else mean + surplus
    # What is added to the variance differs by family.
    ours.set_weights([gamma, beta, mean, variance + theirs.epsilon - ours.epsilon])
