"""VGG16-SSD300, to compare with: the network of the SSD paper, without weights."""

from typing import Any

import keras
from keras import layers

# Blocks of 3x3 convolutions, each followed by 2x2 pooling.
_BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
# Name, channels of the 1x1 and the 3x3 convolution, stride, padding.
_EXTRAS = (
    ("conv6", 256, 512, 2, "same"),
    ("conv7", 128, 256, 2, "same"),
    ("conv8", 128, 256, 1, "valid"),
    ("conv9", 128, 256, 1, "valid"),
)
_ANCHORS = {
    "conv4_3": 4,
    "fc7": 6,
    "conv6_2": 6,
    "conv7_2": 6,
    "conv8_2": 4,
    "conv9_2": 4,
}


def build_vgg16_ssd300(class_count: int = 21) -> keras.Model:
    """The detector with 8732 anchors that the article compares with.

    Args:
        class_count: with the background.

    Returns:
        A model from (B, 300, 300, 3) to "loc" (B, 8732, 4) and "logits"
        (B, 8732, class_count).

    Source: SSD paper (arXiv 1512.02325), figure 2; fc6 and fc7 as convolutions
    after DeepLab, pool5 3x3 with stride 1.
    """
    x = pixels = keras.Input((300, 300, 3), name="pixels")
    found: dict[str, Any] = {}

    def conv(x: Any, name: str, channels: int, kernel: int, **options: Any) -> Any:  # noqa: ANN401
        options = {"padding": "same", "activation": "relu"} | options
        found[name] = layers.Conv2D(channels, kernel, name=name, **options)(x)
        return found[name]

    for number, (count, channels) in enumerate(_BLOCKS, start=1):
        for index in range(1, count + 1):
            x = conv(x, f"conv{number}_{index}", channels, 3)
        size, stride = (3, 1) if number == 5 else (2, 2)
        x = layers.MaxPooling2D(size, stride, "same", name=f"pool{number}")(x)
    x = conv(x, "fc6", 1024, 3, dilation_rate=6)
    x = conv(x, "fc7", 1024, 1)
    for name, narrow, wide, stride, padding in _EXTRAS:
        x = conv(x, f"{name}_1", narrow, 1)
        x = conv(x, f"{name}_2", wide, 3, strides=stride, padding=padding)
    outputs: dict[str, list[Any]] = {"loc": [], "logits": []}
    for name, anchors in _ANCHORS.items():
        for kind, channels in (("loc", 4), ("logits", class_count)):
            head = conv(
                found[name], f"{name}_{kind}", anchors * channels, 3, activation=None
            )
            outputs[kind].append(layers.Reshape((-1, channels))(head))
    joined = {k: layers.Concatenate(axis=1, name=k)(v) for k, v in outputs.items()}
    return keras.Model(pixels, joined, name="vgg16_ssd300")
