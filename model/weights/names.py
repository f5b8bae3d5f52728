"""The network's convolutions by name; needs no Keras."""

from model.config import SsdConfig

BLOCK_COUNT = 13
EXTRA_NAMES = ("conv14", "conv15", "conv16", "conv17")
CHANNELS_OF_CONV13 = 1024  # at alpha 1


def convolution_names(config: SsdConfig) -> list[str]:
    """Every layer with weights, batch norms folded in: backbone, extras, heads."""
    names = ["conv0"]
    for number in range(1, BLOCK_COUNT + 1):
        names += [f"conv{number}_dw", f"conv{number}"]
    for name in EXTRA_NAMES:
        names += [f"{name}_1", f"{name}_2"]
    for layer in config.anchor_layers:
        names += [f"{layer.feature}_mbox_loc", f"{layer.feature}_mbox_conf"]
    return names
