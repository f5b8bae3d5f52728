"""Batches without end, each a function of the seed and its own number.

Nothing is remembered from batch to batch, so training goes on at any step as if
it had never stopped.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.dataset.photo import Dataset, read_picture, usable
from model.network.anchors import make_anchors_cxcywh
from model.network.config import INPUT_SIZE_WH, SsdConfig
from model.training.augment import Augmentation, Example, augment, example_of
from model.training.losses import pack
from model.training.targets import make_targets

# Pictures of an augmented one: a mosaic's.
_GROUP = 4


class TrainingStream:
    """Augmented pictures and their targets, by number.

    Every photo comes once in each round of `len(dataset.photos)` numbers, in an
    order of that round's own.
    """

    def __init__(
        self,
        dataset: Dataset,
        config: SsdConfig,
        augmentation: Augmentation,
        *,
        seed: int,
        cache_bytes: int = 2 * 10**9,
    ) -> None:
        """Nothing is read before it is asked for.

        Args:
            dataset: what to learn from.
            config: the network that is to learn.
            augmentation: how the photos are changed.
            seed: of every choice.
            cache_bytes: decoded photos kept in memory.
        """
        self._photos = tuple(usable(photo) for photo in dataset.photos)
        self._config = config
        self._augmentation = augmentation
        self._seed = seed
        self._anchors = make_anchors_cxcywh(config)
        self._cache: dict[int, NDArray[np.uint8]] = {}
        self._cache_left = cache_bytes
        self._order = lru_cache(maxsize=2)(self._make_order)

    def __len__(self) -> int:
        """Pictures in a round."""
        return len(self._photos)

    def example(self, number: int) -> Example:
        """Picture `number` of the endless row of them.

        Raises:
            DatasetError: a photo cannot be read.
        """
        round_number, place = divmod(number, len(self))
        order = self._order(round_number)
        rng = np.random.default_rng([self._seed, 1, number])
        others = rng.integers(len(self), size=_GROUP - 1).tolist()
        is_mosaic_possible = self._augmentation.mosaic > 0
        chosen = [order[place], *(others if is_mosaic_possible else ())]
        return augment(
            [self._load(index) for index in chosen],
            self._augmentation,
            rng,
            size_wh=INPUT_SIZE_WH,
        )

    def item(
        self, number: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
        """Picture (300, 300, 3) uint8 BGR, and its targets as `pack` makes them."""
        example = self.example(number)
        targets = make_targets(example, self._anchors, self._config)
        return example.image_bgr, *pack(targets)

    def batches(self, batch_size: int, *, first_step: int = 0) -> Any:  # noqa: ANN401
        """A `tf.data.Dataset` of what `fit` takes, from batch `first_step` on.

        Elements are (B, 300, 300, 3) float32 pictures, and a dict of the packed
        targets of "loc" and "logits".
        """
        import tensorflow as tf

        first = first_step * batch_size
        numbers = tf.data.Dataset.range(first, np.iinfo(np.int64).max)
        width, height = INPUT_SIZE_WH
        shapes = (
            (height, width, 3),
            (len(self._anchors), 5),
            (len(self._anchors), 2 * len(self._config.class_names)),
        )

        def load(number: Any) -> Any:  # noqa: ANN401
            arrays = tf.numpy_function(
                self.item, [number], (tf.uint8, tf.float32, tf.float32)
            )
            for array, shape in zip(arrays, shapes, strict=True):
                array.set_shape(shape)
            return arrays

        def name(images: Any, loc: Any, logits: Any) -> Any:  # noqa: ANN401
            return tf.cast(images, tf.float32), {"loc": loc, "logits": logits}

        return (
            numbers.map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
            .batch(batch_size, drop_remainder=True)
            .map(name)
            .prefetch(tf.data.AUTOTUNE)
        )

    def _make_order(self, round_number: int) -> list[int]:
        rng = np.random.default_rng([self._seed, 0, round_number])
        return [int(index) for index in rng.permutation(len(self))]

    def _load(self, index: int) -> Example:
        photo = self._photos[index]
        image = self._cache.get(index)
        if image is None:
            image = read_picture(photo)
            if self._cache_left >= image.nbytes:
                self._cache_left -= image.nbytes
                self._cache[index] = image
        return example_of(photo, image)
