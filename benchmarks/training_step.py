"""One training step of MobileNet-SSD beside one of VGG16-SSD300, in one run.

usage: python benchmarks/training_step.py [BATCH_SIZE]

The article says that its MobileNet-SSD trains about 1.3 times as fast as VGG16-SSD
on a GPU, and clearly faster on a CPU. Both networks see the same noise and the
same kind of loss (mean squares): what differs is the network.
"""

import os
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from model.config import caffe_voc
from model.network import build_network
from model.vgg import build_vgg16_ssd300

ROUNDS = 5


def main(batch_size: int) -> int:
    """Print medians and the ratio; the networks take turns."""
    rng = np.random.default_rng(0)
    pixels = rng.uniform(0, 255, (batch_size, 300, 300, 3)).astype(np.float32)
    networks = {
        "MobileNet-SSD": build_network(caffe_voc()),
        "VGG16-SSD300": build_vgg16_ssd300(),
    }
    targets = {}
    for name, network in networks.items():
        answer = network.predict_on_batch(pixels)
        targets[name] = keras.tree.map_structure(np.zeros_like, answer)
        losses: Any = keras.tree.map_structure(lambda _: "mean_squared_error", answer)
        network.compile(keras.optimizers.SGD(1e-6), losses, jit_compile=False)
        network.train_on_batch(pixels, targets[name])  # traces the graph
    times_s: dict[str, list[float]] = {name: [] for name in networks}
    for _ in range(ROUNDS):
        for name, network in networks.items():
            started_s = time.perf_counter()
            network.train_on_batch(pixels, targets[name])
            times_s[name].append(time.perf_counter() - started_s)
    ours, vgg = (statistics.median(values) for values in times_s.values())
    for name, median_s in zip(networks, (ours, vgg), strict=True):
        per_s = batch_size / median_s
        sys.stdout.write(f"{name:<16}{median_s:>8.2f} s a step{per_s:>8.1f} images/s\n")
    sys.stdout.write(f"MobileNet-SSD trains {vgg / ours:.1f} times as fast.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 4))
