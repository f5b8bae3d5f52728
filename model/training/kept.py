"""What the frozen part of a network says of each picture, asked once and kept.

The blocks up to the first head see the largest pictures and cost most of a step.
Where they do not learn, they answer the same whenever they are asked: so they are
asked once about every picture, and the rest learns from what they said, in a quarter
of the time. The start's own answers are kept with it, for what is not to be forgotten.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from model.errors import BuildError
from model.network.config import SsdConfig
from model.training.stream import TrainingStream

_BATCH = 16
# ReLU6 gives 0..6 and 8 bits tell 0.02 apart, as the int8 copy does all along.
_LEVELS = 255


def split_network(
    network: keras.Model, config: SsdConfig, block: int
) -> tuple[keras.Model, keras.Model]:
    """The part of `network` up to a block, and the rest; they share its layers.

    Law: `rest(trunk(pixels)) == network(pixels)`.

    Args:
        network: from `build_network(config)`.
        config: of it; its activations end at 6.
        block: the trunk's last, 1 to 10: block 11 has the first head.

    Raises:
        BuildError: another block, or activations without an end.
    """
    if not 1 <= block <= 10 or config.activation != "relu6":
        raise BuildError(
            "What the frozen part says can be kept for 1 to 10 frozen blocks with "
            f"relu6, not for {block} with {config.activation}.",
            "Choose another --freeze, or leave --kept-copies out.",
        )
    between = network.get_layer(f"conv{block}_relu6").output
    trunk = keras.Model(network.input, between)
    return trunk, keras.Model(between, network.output)


class KeptStream:
    """Changed copies of every photo, seen by the frozen part, in an order by round."""

    def __init__(
        self,
        stream: TrainingStream,
        trunk: keras.Model,
        rest: keras.Model,
        folder: Path,
        *,
        copies: int,
        seed: int,
    ) -> None:
        """Ask the network about all pictures, unless `folder` has its answers.

        Args:
            stream: its first `copies` rounds are kept.
            trunk: what is frozen.
            rest: as it is at the start.
            folder: where the answers go; made if there is none.
            copies: of each photo, each changed in its own way.
            seed: of the order.

        Raises:
            DatasetError: a photo cannot be read.
        """
        self._count = copies * len(stream)
        self._seed = seed
        self._paths = [
            folder / f"{n}.npy" for n in ("features", "loc", "logits", "held")
        ]
        done = folder / "done"
        if not done.exists():
            folder.mkdir(parents=True, exist_ok=True)
            self._ask(stream, trunk, rest)
            done.touch()
        self._arrays = [np.load(path, mmap_mode="r") for path in self._paths]

    def __len__(self) -> int:
        """Pictures in a round."""
        return self._count

    def _ask(
        self, stream: TrainingStream, trunk: keras.Model, rest: keras.Model
    ) -> None:
        from tqdm import tqdm

        kept: list[NDArray[Any]] = []
        starts = range(0, self._count, _BATCH)
        for first in tqdm(starts, desc="frozen part", unit=" batches", disable=None):
            numbers = range(first, min(first + _BATCH, self._count))
            items = [stream.item(number) for number in numbers]
            images, loc, targets = (np.stack(a) for a in zip(*items, strict=True))
            features = trunk.predict_on_batch(images.astype(np.float32))
            held = rest.predict_on_batch(features)["logits"]
            batch = [
                np.rint(features * (_LEVELS / 6)).astype(np.uint8),
                loc.astype(np.float16),
                np.rint(targets * _LEVELS).astype(np.uint8),
                held.astype(np.float16),
            ]
            if not kept:
                kept = [
                    np.lib.format.open_memmap(
                        path,
                        mode="w+",
                        dtype=array.dtype,
                        shape=(self._count, *array.shape[1:]),
                    )
                    for path, array in zip(self._paths, batch, strict=True)
                ]
            for array, rows in zip(kept, batch, strict=True):
                array[first : first + len(rows)] = rows

    def batch(self, number: int, batch_size: int) -> tuple[NDArray[np.float32], ...]:
        """Batch `number` of the endless row: features, and targets as `pack` has them.

        The start's logits follow in the last axis of those of "logits".
        """
        places = np.arange(number * batch_size, (number + 1) * batch_size)
        rounds = places // self._count
        rows = np.empty(batch_size, np.int64)
        for turn in np.unique(rounds):
            order = np.random.default_rng([self._seed, 2, turn]).permutation(
                self._count
            )
            rows[rounds == turn] = order[places[rounds == turn] % self._count]
        features, loc, targets, held = (
            array[rows].astype(np.float32) for array in self._arrays
        )
        wanted = np.concatenate([targets / _LEVELS, held], axis=-1)
        return features * np.float32(6 / _LEVELS), loc, wanted.astype(np.float32)

    def batches(self, batch_size: int, *, first_step: int = 0) -> Any:  # noqa: ANN401
        """As `TrainingStream.batches`, of features instead of pictures."""
        import tensorflow as tf

        def make() -> Iterator[Any]:
            number = first_step
            while True:
                features, loc, wanted = self.batch(number, batch_size)
                yield features, {"loc": loc, "logits": wanted}
                number += 1

        def spec(array: NDArray[Any], last: int) -> Any:  # noqa: ANN401
            return tf.TensorSpec((batch_size, *array.shape[1:-1], last), tf.float32)

        features, loc, targets, held = self._arrays
        return tf.data.Dataset.from_generator(
            make,
            output_signature=(
                spec(features, features.shape[-1]),
                {
                    "loc": spec(loc, loc.shape[-1]),
                    "logits": spec(targets, targets.shape[-1] + held.shape[-1]),
                },
            ),
        ).prefetch(2)
