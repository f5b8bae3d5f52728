"""One training step of MobileNet-SSD beside one of VGG16-SSD300.

The article says that its MobileNet-SSD trains about 1.3 times as fast as VGG16-SSD
on a GPU, and clearly faster on a CPU.
"""

from typing import Any

import numpy as np

from benchmarks.context import Context
from benchmarks.kit import as_data, figures, take_turns, times_as_fast
from benchmarks.report import Section, Table
from benchmarks.worker import Worker

OURS, VGG = "MobileNet-SSD", "VGG16-SSD300"
BATCH_SIZE = 4
TEXT = (
    f"One step of {BATCH_SIZE} pictures, forward and back. Both networks see the same "
    "noise and the same kind of loss (mean squares): what differs is the network."
)


def run(context: Context) -> Section:
    """Both networks take turns at a step, each in its own process."""
    section = Section("training", "Training beside VGG16-SSD300", TEXT)
    maker = "benchmarks.training:Step"
    with Worker(maker, OURS) as ours, Worker(maker, VGG) as vgg:
        samples = take_turns(
            {OURS: ours.turn, VGG: vgg.turn}, budget_s=context.seconds(20)
        )
    section.tables.append(
        Table(
            ("", "ms a step (middle half)", "pictures a second", "speed"),
            [
                (
                    name,
                    str(figures(own)),
                    f"{1e3 * BATCH_SIZE / figures(own).median_ms:.1f}",
                    f"{times_as_fast(own, samples[VGG]):.1f}x",
                )
                for name, own in samples.items()
            ],
        )
    )
    section.data = as_data(samples)
    return section


class Step:
    """A network, a batch, and one step of training on it."""

    def __init__(self, name: str) -> None:
        import keras

        from model.network.config import caffe_voc
        from model.network.network import build_network
        from model.network.vgg import build_vgg16_ssd300

        network: Any = (
            build_network(caffe_voc()) if name == OURS else build_vgg16_ssd300()
        )
        rng = np.random.default_rng(0)
        self._pixels = rng.uniform(0, 255, (BATCH_SIZE, 300, 300, 3)).astype(np.float32)
        answer = network.predict_on_batch(self._pixels)
        self._targets = keras.tree.map_structure(np.zeros_like, answer)
        losses = keras.tree.map_structure(lambda _: "mean_squared_error", answer)
        network.compile(keras.optimizers.SGD(1e-6), losses, jit_compile=False)
        self._network = network

    def __call__(self) -> None:
        """One step."""
        self._network.train_on_batch(self._pixels, self._targets)
