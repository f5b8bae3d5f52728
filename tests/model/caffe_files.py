"""Caffemodels made up: MobileNet-SSD with random weights, in either form.

The numbers come from a generator whose stream NumPy has frozen, so a file made
here is the same everywhere: `tools/caffe_goldens.py` shows it to OpenCV.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.weights.caffe_schema import NetParameter

CLASS_COUNT = 20
SEED = 20181123
INPUTS = (32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024)
OUTPUTS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
EXTRAS = (
    ("conv14", 1024, 256, 512),
    ("conv15", 512, 128, 256),
    ("conv16", 256, 128, 256),
    ("conv17", 256, 64, 128),
)
HEADS = (
    ("conv11", 512, 3),
    ("conv13", 1024, 6),
    ("conv14_2", 512, 6),
    ("conv15_2", 256, 6),
    ("conv16_2", 256, 6),
    ("conv17_2", 128, 6),
)


def write_caffemodel(path: Path, *, form: str, class_count: int = CLASS_COUNT) -> Path:
    """Write a "train" or "deploy" caffemodel of random weights to `path`."""
    random = np.random.RandomState(SEED)
    net = NetParameter(name="MobileNet-SSD")

    def add(name: str, *blobs: NDArray[np.float64]) -> None:
        layer = net.layer.add(name=name, type="made up")
        for blob in blobs:
            _fill(layer.blobs.add(), blob)

    def convolution(name: str, shape: tuple[int, int, int, int]) -> None:
        outputs, inputs, height, width = shape
        kernel = random.normal(0, np.sqrt(2 / (inputs * height * width)), shape)
        if form == "deploy":
            add(name, kernel, random.normal(0, 0.2, outputs))
            return
        add(name, kernel)
        count = 999.98  # Caffe's moving average of ones, nearly full
        mean, variance = random.normal(0, 0.2, outputs), random.uniform(0.5, 2, outputs)
        add(f"{name}/bn", mean * count, variance * count, np.array([count]))
        gamma, beta = random.uniform(0.7, 1.3, outputs), random.normal(0, 0.2, outputs)
        add(f"{name}/scale", gamma, beta)

    convolution("conv0", (32, 3, 3, 3))
    for number, (inputs, outputs) in enumerate(zip(INPUTS, OUTPUTS, strict=True), 1):
        convolution(f"conv{number}/dw", (inputs, 1, 3, 3))
        convolution(f"conv{number}", (outputs, inputs, 1, 1))
    for name, inputs, narrow, wide in EXTRAS:
        convolution(f"{name}_1", (narrow, inputs, 1, 1))
        convolution(f"{name}_2", (wide, narrow, 3, 3))
    for name, inputs, anchors in HEADS:
        for kind, per_anchor in (("loc", 4), ("conf", class_count + 1)):
            outputs = anchors * per_anchor
            # Few enough scores above the threshold that no limit but NMS bites.
            kernel = random.normal(0, 0.85 / np.sqrt(inputs), (outputs, inputs, 1, 1))
            add(f"{name}_mbox_{kind}", kernel, random.normal(0, 0.5, outputs))
    path.write_bytes(net.SerializeToString())
    return path


def make_picture() -> NDArray[np.uint8]:
    """(300, 300, 3) uint8 BGR: a gradient each way and noise, alike everywhere."""
    random = np.random.RandomState(SEED + 1)
    y, x = np.mgrid[0:300, 0:300]
    smooth = np.stack([x * 0.8, y * 0.8, (x + y) * 0.4], axis=-1)
    noise = random.randint(-40, 41, (300, 300, 3))
    return np.clip(smooth + noise, 0, 255).astype(np.uint8)


def _fill(blob: Any, array: NDArray[np.float64]) -> None:  # noqa: ANN401
    blob.shape.dim.extend(array.shape)
    blob.data.extend(array.astype(np.float32).ravel().tolist())
