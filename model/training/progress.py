"""How far a training is."""

import os
import time
from typing import Any

import keras
from tqdm import tqdm


class Progress(keras.callbacks.Callback):
    """A bar an epoch; where nobody watches, a line."""

    def __init__(self, steps: int, batch_size: int) -> None:
        """Nothing is shown yet.

        Args:
            steps: batches in an epoch.
            batch_size: pictures in a batch.
        """
        super().__init__()
        self._steps = steps
        self._batch_size = batch_size
        self._started_s = 0.0
        self._bar: Any = None

    @property
    def images_per_s(self) -> float:
        """Of this epoch, so far."""
        return float(self._bar.n) / max(1e-9, time.monotonic() - self._started_s)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """A new bar."""
        self._started_s = time.monotonic()
        self._bar = tqdm(
            total=self._steps * self._batch_size,
            desc=f"epoch {epoch + 1}",
            unit=" images",
            # A bar that is disabled does not count, and we read its count.
            file=None if os.isatty(2) else _Nowhere(),
            leave=False,
        )

    def on_train_batch_end(
        self,
        batch: int,  # noqa: ARG002
        logs: dict[str, Any] | None = None,
    ) -> None:
        """The bar is a batch longer."""
        self._bar.set_postfix_str(_figures(logs or {}), refresh=False)
        self._bar.update(self._batch_size)

    def close(self, row: dict[str, float], *, epochs_left: int) -> None:
        """End the epoch's bar, and leave a line instead."""
        self._bar.close()
        left_s = epochs_left * (time.monotonic() - self._started_s)
        tqdm.write(
            f"epoch {row['epoch']}/{row['epoch'] + epochs_left}: {_figures(row)}, "
            f"{row['images_per_s']:.0f} images/s, {_minutes(left_s)} to go"
        )


class _Nowhere:
    def write(self, _: str) -> None:
        """Drop it."""

    def flush(self) -> None:
        """Nothing is held back."""


def _figures(logs: dict[str, Any]) -> str:
    names = {
        "loc_loss": "boxes",
        "logits_loss": "classes",
        "loc_positives": "positives",
        "ap": "AP",
        "ap50": "AP50",
    }
    return ", ".join(f"{n} {logs[k]:.3g}" for k, n in names.items() if k in logs)


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    return (
        f"{minutes // 60} h {minutes % 60:02d} min"
        if minutes >= 60
        else f"{minutes} min"
    )
