"""The anchors: fixed boxes that the network's answers are relative to.

Caffe says "prior box", the SSD paper "default box".
"""

import numpy as np
from numpy.typing import NDArray

from model.network.boxes import cxcywh_to_xyxy, xyxy_to_cxcywh
from model.network.config import SsdConfig


def make_anchors_cxcywh(config: SsdConfig) -> NDArray[np.float32]:
    """Every anchor of the network, in the order of its output rows.

    Layer by layer, then row by row of its grid, then cell by cell, then in the
    order of the layer's `sizes_and_ratios`. The centre of cell (column i, row j)
    is ((i + 0.5) / grid, (j + 0.5) / grid).

    Returns:
        (N, 4) float32: centre x, centre y, width, height, in fractions of the
        image; cut at [0, 1] when the config says so, else they may reach outside.

    Source: SSD paper (arXiv 1512.02325), section 2.2, "Choosing scales and
    aspect ratios".
    """
    layers = []
    for layer in config.anchor_layers:
        centres = (np.arange(layer.grid_size) + 0.5) / layer.grid_size
        cy, cx = np.meshgrid(centres, centres, indexing="ij")
        sizes, ratios = np.array(layer.sizes_and_ratios).T
        shape = (layer.grid_size, layer.grid_size, layer.anchors_per_cell)
        columns = (
            cx[:, :, None],
            cy[:, :, None],
            sizes * np.sqrt(ratios),
            sizes / np.sqrt(ratios),
        )
        boxes = np.stack([np.broadcast_to(c, shape) for c in columns], axis=-1)
        layers.append(boxes.reshape(-1, 4))
    anchors = np.concatenate(layers)
    if config.clip_anchors:
        anchors = xyxy_to_cxcywh(np.clip(cxcywh_to_xyxy(anchors), 0, 1))
    return anchors.astype(np.float32)
