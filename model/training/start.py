"""Where training starts: somebody's detector, ImageNet's backbone, or nothing."""

import math
from dataclasses import replace

import keras
import numpy as np
from numpy.typing import NDArray

from model.errors import WeightsError
from model.network.config import SsdConfig
from model.network.network import BLOCKS, build_network
from model.training.dataset import voc_name
from model.weights.values import Weights, load_into

# What an untrained head answers: objects are rare (focal loss paper,
# arXiv 1708.02002, section 3.3).
PRIOR_SCORE = 0.01


def from_weights(
    weights: Weights, class_names: tuple[str, ...]
) -> tuple[keras.Model, SsdConfig]:
    """The network of `weights` for other classes; what classes share is kept.

    Its batch norms are folded and stay so: with the few pictures of a batch and
    of a small dataset, their statistics would only get worse.

    Args:
        weights: as read from a file.
        class_names: the classes to learn; a head's outputs are kept for those
            that the weights know by COCO's or VOC's name, and begin as
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
    known = {voc_name(name): k for k, name in enumerate(old.class_names, background)}
    for column, class_name in enumerate(new.class_names, background):
        source = known.get(voc_name(class_name))
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


def from_imagenet(config: SsdConfig) -> keras.Model:
    """As `from_scratch`, with the backbone of Keras' MobileNet.

    Raises:
        WeightsError: Keras publishes none of this width, or cannot fetch it.
    """
    network = from_scratch(config)
    try:
        backbone = keras.applications.MobileNet(
            input_shape=(224, 224, 3), alpha=config.alpha, include_top=False
        )
        copy_backbone(backbone, network)
    except Exception as error:  # ValueError for a width, others for the network
        raise WeightsError(
            f"Keras' ImageNet weights cannot be had: {error}",
            "Start from a weights file instead: --start FILE",
        ) from error
    return network


def copy_backbone(mobilenet: keras.Model, network: keras.Model) -> None:
    """Weights of `keras.applications.MobileNet` into our layers of that name."""
    names = {"conv1": "conv0"}
    for number in range(1, len(BLOCKS) + 1):
        names[f"conv_dw_{number}"] = f"conv{number}_dw"
        names[f"conv_pw_{number}"] = f"conv{number}"
    for theirs, ours in names.items():
        for suffix in ("", "_bn"):
            source = mobilenet.get_layer(f"{theirs}{suffix}")
            network.get_layer(f"{ours}{suffix}").set_weights(source.get_weights())
