"""The MobileNet-SSD as Keras networks: to be trained, and to be exported.

Layer names are chuanqi305's Caffe names with "/" written as "_" (Keras refuses
slashes): conv0, conv1_dw, conv1 ... conv17_2, and <feature>_mbox_loc and _conf.
"""

from typing import Any, Literal

import keras
import numpy as np
from keras import layers, ops

from model.network.anchors import make_anchors_cxcywh
from model.network.config import INPUT_SIZE_WH, SsdConfig
from model.network.folding import folded_arrays
from model.network.names import FIRST_OF_NECK

# Stride and channels (at alpha 1) of the depthwise-separable blocks 1 to 13.
# Source: MobileNet paper (arXiv 1704.04861), table 1.
BLOCKS = (
    (1, 64),
    (2, 128),
    (1, 128),
    (2, 256),
    (1, 256),
    (2, 512),
    *((1, 512),) * 5,
    (2, 1024),
    (1, 1024),
)
# Channels (at alpha 1) of the 1x1 and the 3x3 stride 2 convolution of each pair.
EXTRAS = (
    ("conv14", 256, 512),
    ("conv15", 128, 256),
    ("conv16", 128, 256),
    ("conv17", 64, 128),
)


def build_network(config: SsdConfig, *, folded: bool = False) -> keras.Model:
    """The network from pixels to codes, for training and for loading weights.

    Args:
        config: which MobileNet-SSD.
        folded: convolutions have a bias and no batch norm follows.

    Returns:
        A model from (B, 300, 300, 3) float32 BGR in 0..255 to a dict of
        "loc": (B, A, 4) float32 box codes in the config's order, and
        "logits": (B, A, C) float32, with the background first under softmax.
    """
    width, height = INPUT_SIZE_WH
    pixels = keras.Input((height, width, 3), name="pixels")
    x = (
        ReverseChannels(name="to_rgb")(pixels)
        if config.color_order == "RGB"
        else pixels
    )
    x = layers.Rescaling(config.input_scale, config.input_offset, name="scaled")(x)
    conv = _Convolutions(config, folded=folded)
    x = conv(x, "conv0", config.depth(32), stride=2)
    by_name = {}
    for number, (stride, channels) in enumerate(BLOCKS, start=1):
        conv.is_neck_padding = number >= FIRST_OF_NECK
        if config.separable_neck and number >= FIRST_OF_NECK:
            x = conv(x, f"conv{number}_dw", None, stride=stride, is_linear=True)
            conv.is_neck_activation = True
            x = conv(x, f"conv{number}_sep", x.shape[-1], kernel=1)
        else:
            x = conv(x, f"conv{number}_dw", None, stride=stride)
        conv.is_neck_activation = number >= FIRST_OF_NECK - 1
        x = conv(x, f"conv{number}", config.depth(channels), kernel=1)
        by_name[f"conv{number}"] = x
    for name, narrow, wide in EXTRAS:
        if name == "conv17" and config.last_layer == "global-average-pooling":
            x = layers.GlobalAveragePooling2D(keepdims=True, name="conv17_pool")(x)
        else:
            x = conv(x, f"{name}_1", config.depth(narrow), kernel=1)
            x = conv(x, f"{name}_2", config.depth(wide), stride=2)
        by_name[f"{name}_2"] = x

    locs: list[Any] = []
    logits: list[Any] = []
    for layer in config.anchor_layers:
        features = by_name[layer.feature]
        count = layer.anchors_per_cell
        rows = layer.grid_size**2 * count
        for kind, channels, outputs in (
            ("loc", 4, locs),
            ("conf", config.logit_count, logits),
        ):
            name = f"{layer.feature}_mbox_{kind}"
            head = layers.Conv2D(count * channels, 1, name=name)(features)
            outputs.append(layers.Reshape((rows, channels), name=f"{name}_rows")(head))
    return keras.Model(
        pixels,
        {
            "loc": layers.Concatenate(axis=1, name="loc")(locs),
            "logits": layers.Concatenate(axis=1, name="logits")(logits),
        },
        name="mobilenet_ssd",
    )


def build_detector(network: keras.Model, config: SsdConfig) -> keras.Model:
    """What is exported: from camera pixels to boxes and scores, without NMS.

    Args:
        network: from `build_network(config)`.
        config: the same.

    Returns:
        A model from "images" (1, 300, 300, 3) uint8 BGR to a dict of "boxes"
        (1, A, 4) float32, corners x1 y1 x2 y2 in [0, 1], and "scores" (1, A, C)
        float32 of the C foreground classes.
    """
    width, height = INPUT_SIZE_WH
    images = keras.Input(
        batch_shape=(1, height, width, 3), dtype="uint8", name="images"
    )
    codes = network(ops.cast(images, "float32"), training=False)
    anchors = make_anchors_cxcywh(config)
    boxes = DecodeBoxes(
        anchors.tolist(),
        config.variances,
        config.box_code_order,
        name="boxes",
        dtype="float32",  # half precision tells only every 2048th of a picture apart
    )
    scores = ClassScores(config.score_function, name="scores", dtype="float32")
    return keras.Model(
        images,
        {"boxes": boxes(codes["loc"]), "scores": scores(codes["logits"])},
        name="mobilenet_ssd_detector",
    )


def fold_batch_norms(network: keras.Model, config: SsdConfig) -> keras.Model:
    """The same function without batch norms, for export.

    Law: the outputs are those of `network` in inference mode, but for rounding.
    """
    folded = build_network(config, folded=True)
    for layer in folded.layers:
        source = network.get_layer(layer.name) if layer.weights else None
        if source is None:
            continue
        try:
            norm = network.get_layer(f"{layer.name}_bn")
        except ValueError:  # a head, linear, or a network that is folded already
            arrays = source.get_weights()
            if len(arrays) < len(layer.weights):
                arrays.append(np.zeros(layer.bias.shape, np.float32))
            layer.set_weights(arrays)
            continue
        (kernel,) = source.get_weights()
        gamma, beta, mean, variance = norm.get_weights()
        layer.set_weights(
            folded_arrays(
                kernel,
                np.zeros_like(beta),
                gamma=gamma,
                beta=beta,
                mean=mean,
                variance=variance,
                epsilon=norm.epsilon,
            )
        )
    return folded


class _Convolutions:
    """Makes the convolutions of one network, each with batch norm and activation.

    Attributes:
        is_neck_padding: from here on 3x3 convolutions pad as the neck does.
        is_neck_activation: from here on activations are the neck's.
    """

    def __init__(self, config: SsdConfig, *, folded: bool) -> None:
        self._config = config
        self._folded = folded
        self.is_neck_padding = self.is_neck_activation = False

    def __call__(
        self,
        x: Any,  # noqa: ANN401 - a Keras tensor
        name: str,
        channels: int | None,
        *,
        kernel: int = 3,
        stride: int = 1,
        is_linear: bool = False,
    ) -> Any:  # noqa: ANN401
        """Depthwise where `channels` is None; nothing behind it if `is_linear`."""
        config = self._config
        pads = (self.is_neck_padding and config.neck_padding) or config.padding
        padding: Literal["same", "valid"] = "same"
        if pads == "one" and kernel == 3:
            x = layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
            padding = "valid"
        options = {
            "strides": stride,
            "padding": padding,
            "use_bias": self._folded,
            "name": name,
        }
        if channels is None:
            x = layers.DepthwiseConv2D(kernel, **options)(x)
        else:
            x = layers.Conv2D(channels, kernel, **options)(x)
        if is_linear:
            return x
        if not self._folded:
            epsilon = config.batch_norm_epsilon
            x = layers.BatchNormalization(epsilon=epsilon, name=f"{name}_bn")(x)
        neck = self.is_neck_activation and config.neck_activation
        activation = neck or config.activation
        return layers.Activation(activation, name=f"{name}_{activation}")(x)


@keras.saving.register_keras_serializable("mobilenet_ssd")
class ReverseChannels(layers.Layer):
    """(..., 3) BGR to RGB, and back."""

    def call(self, inputs: Any) -> Any:  # noqa: ANN401
        """The same pixels with their channels in reverse order."""
        return inputs[..., ::-1]  # one Slice in ONNX; ops.flip makes four nodes


@keras.saving.register_keras_serializable("mobilenet_ssd")
class DecodeBoxes(layers.Layer):
    """Box codes to corners in [0, 1]: `model.network.boxes.decode` inside the graph."""

    def __init__(
        self,
        anchors_cxcywh: list[list[float]],
        variances: tuple[float, float, float, float],
        code_order: str,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**kwargs)
        self._config = {
            "anchors_cxcywh": anchors_cxcywh,
            "variances": tuple(variances),
            "code_order": code_order,
        }
        anchors = np.asarray(anchors_cxcywh, np.float32)
        self._center, self._size = anchors[:, :2], anchors[:, 2:]
        scales = np.asarray(variances, np.float32)
        self._center_scale, self._size_scale = scales[:2], scales[2:]
        self._is_yx = code_order == "yxhw"

    def call(self, loc: Any) -> Any:  # noqa: ANN401
        """(B, A, 4) codes to (B, A, 4) corners x1 y1 x2 y2, clipped to [0, 1]."""
        center, size = loc[..., :2], loc[..., 2:]
        if self._is_yx:
            center, size = center[..., ::-1], size[..., ::-1]
        center = center * self._center_scale * self._size + self._center
        half = ops.exp(size * self._size_scale) * self._size / 2
        corners = ops.concatenate([center - half, center + half], axis=-1)
        return ops.clip(corners, 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        """What `__init__` needs to make it again."""
        return {**super().get_config(), **self._config}


@keras.saving.register_keras_serializable("mobilenet_ssd")
class ClassScores(layers.Layer):
    """Logits to scores of the foreground classes."""

    def __init__(self, score_function: str, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self._score_function = score_function

    def call(self, logits: Any) -> Any:  # noqa: ANN401
        """(B, A, 1 + C) under softmax or (B, A, C) under sigmoid to (B, A, C)."""
        if self._score_function == "softmax":
            return ops.softmax(logits, axis=-1)[..., 1:]
        return ops.sigmoid(logits)

    def get_config(self) -> dict[str, Any]:
        """What `__init__` needs to make it again."""
        return {**super().get_config(), "score_function": self._score_function}
