"""What TensorFlow's detection API calls the network's layers and classes."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.network.config import COCO_CLASS_IDS_AND_NAMES, COCO_CLASS_NAMES, SsdConfig
from model.network.names import BLOCK_COUNT, EXTRA_NAMES
from model.weights.values import check_class_names

BACKBONE = "FeatureExtractor/MobilenetV1/"
# Outputs of a COCO class head per anchor: id 0 (unused) to 90, ten of them gaps.
COCO_ID_COUNT = 91


def convolutions(config: SsdConfig) -> dict[str, str]:
    """Our layer names to TensorFlow's; those of the backbone without `BACKBONE`.

    The extra layers carry their width in the file; see `without_width`.
    """
    names = {"conv0": "MobilenetV1/Conv2d_0"}
    for number in range(1, BLOCK_COUNT + 1):
        names[f"conv{number}_dw"] = f"MobilenetV1/Conv2d_{number}_depthwise"
        names[f"conv{number}"] = f"MobilenetV1/Conv2d_{number}_pointwise"
    for number, name in enumerate(EXTRA_NAMES, start=2):
        names[f"{name}_1"] = f"Conv2d_13_pointwise_1_Conv2d_{number}_1x1"
        names[f"{name}_2"] = f"Conv2d_13_pointwise_2_Conv2d_{number}_3x3_s2"
    for number, layer in enumerate(config.anchor_layers):
        predictor = f"BoxPredictor_{number}"
        names[f"{layer.feature}_mbox_loc"] = f"{predictor}/BoxEncodingPredictor"
        names[f"{layer.feature}_mbox_conf"] = f"{predictor}/ClassPredictor"
    return names


def without_width(name: str) -> str:
    """`.._2_3x3_s2_384/weights` to `.._2_3x3_s2/weights`."""
    return re.sub(r"(_1x1|_3x3_s2)_\d+(?=/|$)", r"\1", name)


def tf_class_names(
    path: Path, id_count: int, class_names: tuple[str, ...] | None
) -> tuple[str, ...]:
    """The foreground classes of a head with `id_count` sigmoid outputs an anchor.

    Raises:
        WeightsError: names are needed, or do not fit.
    """
    if class_names is None and id_count == COCO_ID_COUNT:
        return COCO_CLASS_NAMES  # 80: ten of the ids are gaps
    return check_class_names(path, id_count - 1, class_names, default=())


def real_classes(
    array: NDArray[np.float32], id_count: int, config: SsdConfig
) -> NDArray[np.float32]:
    """(..., anchors * ids) to (..., anchors * classes): unused ids fall out.

    Sigmoid outputs do not depend on each other, so this changes no score.
    """
    if config.class_names == COCO_CLASS_NAMES and id_count == COCO_ID_COUNT:
        ids = [coco_id for coco_id, _ in COCO_CLASS_IDS_AND_NAMES]
    else:
        ids = list(range(1, id_count))
    by_anchor = array.reshape(*array.shape[:-1], -1, id_count)
    return by_anchor[..., ids].reshape(*array.shape[:-1], -1)
