"""Trains a network: losses, schedule, checkpoints that go on exactly.

A run is a folder: `best.keras` (by validation), `last.keras`, `history.jsonl` (a
line an epoch), `state.npz` (all that the next epoch depends on), `logs/` for
TensorBoard, `samples/` with pictures of what it finds.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from model.dataset.photo import Dataset
from model.network.config import SsdConfig
from model.training.augment import Augmentation
from model.training.kept import KeptStream, split_network
from model.training.losses import LossName, box_loss, class_loss, holding, positives
from model.training.progress import Progress
from model.training.state import Averages, RunState
from model.training.stream import TrainingStream
from model.weights.own import save_own

# Of the SSD paper and of TensorFlow's configs: one is worth as much as the other.
_CLIP_NORM = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to train.

    Attributes:
        epochs: rounds.
        steps_per_epoch: batches in a round; None for once through the dataset.
        batch_size: pictures in a batch.
        learning_rate: at its height, after the warm-up; a cosine leads down.
        warmup_epochs: from nothing up to there.
        weight_decay: of AdamW.
        ema_momentum: of the average of the weights that is validated and kept.
        seed: of everything random.
        loss: "multibox" or "focal".
        augmentation: of the pictures.
        frozen_blocks: conv0 and so many blocks stay as they are.
        keep_start: share of the start's weights in what is validated and kept;
            little data teaches a little and makes forget much, and on the straight
            line between both is better than either (WiSE-FT, arXiv 2109.01903).
        validate_every: epochs from one validation to the next.
        kept_copies: changed copies of each photo that the frozen blocks see once,
            for the rest to learn from; 0 for new ones in every round.
        hold: weight of the start's own answers as a target, beside the labels; for
            kept copies only.
    """

    epochs: int = 60
    steps_per_epoch: int | None = None
    batch_size: int = 32
    learning_rate: float = 1e-3
    warmup_epochs: float = 1.0
    weight_decay: float = 5e-4
    ema_momentum: float = 0.995
    seed: int = 0
    loss: LossName = "multibox"
    augmentation: Augmentation = Augmentation()  # noqa: RUF009 - frozen
    frozen_blocks: int = -1
    keep_start: float = 0.0
    validate_every: int = 1
    kept_copies: int = 0
    hold: float = 0.0

    def __post_init__(self) -> None:
        if self.hold and not self.kept_copies:
            raise ValueError("the start's answers are held for kept copies only")


# What a validation says of a network: the figure to be best at, and others to log.
Validate = Callable[[keras.Model], tuple[float, dict[str, float]]]


def train(
    network: keras.Model,
    config: SsdConfig,
    dataset: Dataset,
    recipe: Recipe,
    run: Path,
    *,
    validate: Validate | None = None,
    on_epoch: Callable[[int, keras.Model], None] | None = None,
) -> list[dict[str, float]]:
    """Train `network`, or go on with the training in the folder `run`.

    Args:
        network: where to start from; a run that goes on replaces its weights.
        config: of the network.
        dataset: what to learn.
        recipe: how; that of a run that goes on must be the same.
        run: its folder; made if there is none.
        validate: judges the averaged weights; without it the last are the best.
        on_epoch: told the number and the averaged network after every epoch.

    Returns:
        A row of figures for each epoch of the run, first to last.

    Raises:
        BuildError: the run is another training's.
        DatasetError: a photo cannot be read.
    """
    stream = TrainingStream(dataset, config, recipe.augmentation, seed=recipe.seed)
    steps = recipe.steps_per_epoch or max(1, len(stream) // recipe.batch_size)
    _freeze(network, recipe.frozen_blocks)
    learner, source = _learner(network, config, stream, recipe, run)
    logits_loss = class_loss(config, recipe.loss)
    if recipe.kept_copies:
        logits_loss = holding(config, logits_loss, recipe.hold)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=recipe.learning_rate,
        warmup_steps=max(1, round(recipe.warmup_epochs * steps)),
        decay_steps=max(1, round((recipe.epochs - recipe.warmup_epochs) * steps)),
        alpha=0.01,
    )
    optimizer = keras.optimizers.AdamW(
        schedule,
        weight_decay=recipe.weight_decay,
        global_clipnorm=_CLIP_NORM,
        use_ema=True,
        ema_momentum=recipe.ema_momentum,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    keras.utils.set_random_seed(recipe.seed)
    learner.compile(
        optimizer=optimizer,
        loss={"loc": box_loss, "logits": logits_loss},
        metrics={"loc": [positives]},
        # On CPUs XLA's convolutions take eight times as long as TensorFlow's own.
        jit_compile="auto" if _has_gpu() else False,
    )
    # In half precision Keras wraps it, to scale the loss.
    learner.optimizer.build(learner.trainable_variables)
    state = RunState(run, learner, Averages(learner, recipe.ema_momentum))
    history = state.restore() if state.exists else []
    if len(history) < recipe.epochs:
        progress = Progress(steps, recipe.batch_size)
        after = _AfterEpoch(
            state, history, network, config, recipe, progress, validate, on_epoch
        )
        learner.fit(
            source.batches(recipe.batch_size, first_step=len(history) * steps),
            steps_per_epoch=steps,
            initial_epoch=len(history),
            epochs=recipe.epochs,
            shuffle=False,
            verbose=0,
            callbacks=[progress, state.averages, after, *_tensorboard(run)],
        )
    return history


def _learner(
    network: keras.Model,
    config: SsdConfig,
    stream: TrainingStream,
    recipe: Recipe,
    run: Path,
) -> tuple[keras.Model, TrainingStream | KeptStream]:
    """What is fitted, all of `network` or what follows its frozen part, and to what."""
    run.mkdir(parents=True, exist_ok=True)
    if not recipe.kept_copies:
        return network, stream
    trunk, rest = split_network(network, config, recipe.frozen_blocks)
    kept = KeptStream(
        stream, trunk, rest, run / "kept", copies=recipe.kept_copies, seed=recipe.seed
    )
    return rest, kept


class _AfterEpoch(keras.callbacks.Callback):
    """Validates the averaged weights and keeps the best; then keeps everything."""

    def __init__(
        self,
        state: RunState,
        history: list[dict[str, float]],
        network: keras.Model,
        config: SsdConfig,
        recipe: Recipe,
        progress: Progress,
        validate: Validate | None,
        on_epoch: Callable[[int, keras.Model], None] | None,
    ) -> None:
        super().__init__()
        self._state = state
        self._history = history
        self._network = network  # of which the model that is fitted may be a part
        self._config = config
        self._recipe = recipe
        self._progress = progress
        self._validate = validate
        self._on_epoch = on_epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        row = {"epoch": epoch + 1, **{k: float(v) for k, v in (logs or {}).items()}}
        row["images_per_s"] = self._progress.images_per_s
        run = self._state.run
        is_last = epoch + 1 == self._recipe.epochs
        with self._state.averages.applied(self._recipe.keep_start):
            is_due = is_last or (epoch + 1) % self._recipe.validate_every == 0
            if self._validate is not None and is_due:
                row["score"], figures = self._validate(self._network)
                row |= figures
            best = max((r.get("score", -1.0) for r in self._history), default=-1.0)
            if row.get("score", 0.0) >= best or self._validate is None:
                _replace_own(self._network, self._config, run / "best.keras")
            if is_last:
                _replace_own(self._network, self._config, run / "last.keras")
            if self._on_epoch is not None:
                self._on_epoch(epoch + 1, self._network)
        self._history.append(row)
        self._state.save(self._history)
        lines = "".join(f"{json.dumps(r)}\n" for r in self._history)
        (run / "history.jsonl").write_text(lines, encoding="utf-8")
        self._progress.close(row, epochs_left=self._recipe.epochs - epoch - 1)


def _replace_own(network: keras.Model, config: SsdConfig, path: Path) -> None:
    part = path.with_name(f"part-{path.name}")
    save_own(network, config, part)
    part.replace(path)


def _freeze(network: keras.Model, blocks: int) -> None:
    """Keep conv0 and the first `blocks` blocks as they are; none if negative."""
    names = [
        "conv0",
        *(
            f"conv{n}{part}"
            for n in range(1, blocks + 1)
            for part in ("_dw", "_sep", "")
        ),
    ]
    for name in names if blocks >= 0 else ():
        for suffix in ("", "_bn"):
            if any(layer.name == f"{name}{suffix}" for layer in network.layers):
                network.get_layer(f"{name}{suffix}").trainable = False


def _has_gpu() -> bool:
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.list_physical_devices("GPU"))
    return any(
        "cpu" not in device.lower() for device in keras.distribution.list_devices()
    )


def _tensorboard(run: Path) -> list[keras.callbacks.Callback]:
    try:
        import tensorboard  # noqa: F401
    except ImportError:
        return []
    return [keras.callbacks.TensorBoard(run / "logs")]
