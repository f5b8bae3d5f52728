"""What a training is made of besides its recipe, kept so that it goes on exactly."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np

from model.errors import BuildError


class Averages(keras.callbacks.Callback):
    """Of all that changes: weights, as the optimizer keeps them, and statistics.

    The moving statistics of batch norms are those of the weights as they are, not
    of their averages, so they are averaged alike.

    Attributes:
        start: what the trainable variables and the statistics were at first.
        statistics: their averages.
    """

    def __init__(self, network: keras.Model, momentum: float) -> None:
        super().__init__()
        self._network = network
        self._momentum = momentum
        self._variables = [*network.trainable_variables, *_moving(network)]
        self.start = _arrays(self._variables)
        self.statistics = _arrays(_moving(network))

    def on_train_batch_end(
        self,
        batch: int,  # noqa: ARG002
        logs: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> None:
        """Let the statistics follow."""
        now = _arrays(_moving(self._network))
        for average, value in zip(self.statistics, now, strict=True):
            average += (1 - self._momentum) * (value - average)

    @contextmanager
    def applied(self, keep_start: float) -> Iterator[None]:
        """Within, the network has the averages, mixed with `keep_start` of its start.

        Args:
            keep_start: the share of what was there before the training.
        """
        optimizer = self._network.optimizer
        # Where keras.callbacks.SwapEMAWeights takes them from.
        averages = [
            *_arrays(
                getattr(
                    optimizer, "inner_optimizer", optimizer
                )._model_variables_moving_average
            ),
            *self.statistics,
        ]
        own = _arrays(self._variables)
        for variable, average, first in zip(
            self._variables, averages, self.start, strict=True
        ):
            variable.assign(keep_start * first + (1 - keep_start) * average)
        try:
            yield
        finally:
            for variable, array in zip(self._variables, own, strict=True):
                variable.assign(array)


def _moving(network: keras.Model) -> list[Any]:
    """The moving statistics of its batch norms, frozen ones left out."""
    return [
        variable
        for layer in network.layers
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
        for variable in (layer.moving_mean, layer.moving_variance)
    ]


def _arrays(variables: Iterable[Any]) -> list[Any]:
    """Copies of what they hold."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


class RunState:
    """Weights, optimizer and history of a run, in one file that is never half."""

    def __init__(self, run: Path, network: keras.Model, averages: Averages) -> None:
        self.run = run
        self.averages = averages
        self._path = run / "state.npz"
        self._variables = [*network.variables, *network.optimizer.variables]

    @property
    def exists(self) -> bool:
        """Whether there is a training to go on with."""
        return self._path.exists()

    def save(self, history: list[dict[str, float]]) -> None:
        """Keep everything, and the history so far."""
        arrays = {f"v{n}": array for n, array in enumerate(_arrays(self._variables))}
        arrays |= {f"s{n}": array for n, array in enumerate(self.averages.start)}
        arrays |= {f"m{n}": array for n, array in enumerate(self.averages.statistics)}
        part = self._path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, history=json.dumps(history), **arrays)
        part.replace(self._path)

    def restore(self) -> list[dict[str, float]]:
        """Put everything back; the history so far."""
        averages = self.averages
        try:
            with self._path.open("rb") as file, np.load(file) as saved:
                history: list[dict[str, float]] = json.loads(str(saved["history"]))
                arrays = [saved[f"v{n}"] for n in range(len(self._variables))]
                averages.start = [saved[f"s{n}"] for n in range(len(averages.start))]
                averages.statistics = [
                    saved[f"m{n}"] for n in range(len(averages.statistics))
                ]
            for variable, array in zip(self._variables, arrays, strict=True):
                variable.assign(array)
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise BuildError(
                f"The training in {self.run} is damaged, or of another network.",
                "Choose another folder with --out.",
            ) from error
        return history
