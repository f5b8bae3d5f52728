"""The network's convolutions by name; needs no Keras."""

from model.network.config import SsdConfig

BLOCK_COUNT = 13
EXTRA_NAMES = ("conv14", "conv15", "conv16", "conv17")
# From this block on layers are the detector's own, behind ImageNet's MobileNet.
FIRST_OF_NECK = 12
CHANNELS_OF_CONV13 = 1024  # at alpha 1


def convolution_names(config: SsdConfig) -> list[str]:
    """Every layer with weights, batch norms folded in: backbone, extras, heads."""
    names = ["conv0"]
    for number in range(1, BLOCK_COUNT + 1):
        is_separable = config.separable_neck and number >= FIRST_OF_NECK
        names += [f"conv{number}_dw"]
        names += [f"conv{number}_sep"] if is_separable else []
        names += [f"conv{number}"]
    for name in EXTRA_NAMES:
        if name == "conv17" and config.last_layer == "global-average-pooling":
            continue
        names += [f"{name}_1", f"{name}_2"]
    for layer in config.anchor_layers:
        names += [f"{layer.feature}_mbox_loc", f"{layer.feature}_mbox_conf"]
    return names
