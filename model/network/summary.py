"""What a network costs, layer by layer."""

from dataclasses import dataclass
from math import prod

import keras
from keras import layers


@dataclass(frozen=True, slots=True)
class LayerCost:
    """One convolution for one picture, with all that is folded into it.

    Attributes:
        name: the layer's.
        output_shape: (height, width, channels).
        parameters: of the layer and the batch norm behind it.
        multiply_adds: additions of bias and batch norm are not counted.
        activation_bytes: of its output in float32.
    """

    name: str
    output_shape: tuple[int, int, int]
    parameters: int
    multiply_adds: int
    activation_bytes: int


def summarize(network: keras.Model) -> list[LayerCost]:
    """The cost of every convolution of `network`, in order."""
    names = {layer.name for layer in network.layers}
    costs = []
    for layer in network.layers:
        if not isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            continue
        height, width, channels = layer.output.shape[1:]
        kernel = layer.kernel
        # (h, w, in, out): each output number sums h * w * in products; depthwise
        # (h, w, in, 1): h * w products.
        is_depthwise = isinstance(layer, layers.DepthwiseConv2D)
        products = prod(kernel.shape[:2]) * (1 if is_depthwise else kernel.shape[2])
        parameters = layer.count_params()
        if f"{layer.name}_bn" in names:
            parameters += network.get_layer(f"{layer.name}_bn").count_params()
        outputs = height * width * channels
        costs.append(
            LayerCost(
                name=layer.name,
                output_shape=(height, width, channels),
                parameters=parameters,
                multiply_adds=outputs * products,
                activation_bytes=4 * outputs,
            )
        )
    return costs


def total(costs: list[LayerCost]) -> dict[str, int]:
    """Sums over all layers."""
    return {
        "parameters": sum(cost.parameters for cost in costs),
        "multiply_adds": sum(cost.multiply_adds for cost in costs),
        "activation_bytes": sum(cost.activation_bytes for cost in costs),
    }


def is_backbone(name: str) -> bool:
    """True for the layers up to conv13 of MobileNet, or fc7 of VGG16."""
    first = name.removesuffix("_dw").removesuffix("_sep")
    vgg = {f"conv{block}_{k}" for block in range(1, 6) for k in range(1, 4)}
    return first in {f"conv{n}" for n in range(14)} | vgg | {"fc6", "fc7"}
