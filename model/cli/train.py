"""`build_model.py train`: learn from labelled photos."""

import argparse
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from model.cli.detecting import keras_detect
from model.cli.evaluate import percent
from model.cli.options import (
    CLASSES_HELP,
    FAMILIES,
    Commands,
    add_dataset_options,
    bundled_weights,
    config_of,
    listed_classes,
)
from model.cli.quiet import quiet_tensorflow
from model.errors import BuildError

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

    from model.evaluation.evaluate import Detect
    from model.network.config import SsdConfig
    from model.training.train import Recipe


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    train = commands.add_parser(
        "train",
        help="learn from labelled photos",
        description="Trains a MobileNet-SSD. Stopped at any time, it goes on "
        "with --resume as if it had not been.",
    )
    train.set_defaults(run=run)
    add_dataset_options(train)
    train.add_argument(
        "--val", type=Path, metavar="DATASET", help="photos that choose the best"
    )
    train.add_argument("--val-split", default="test", metavar="NAME")
    train.add_argument("--classes", metavar="NAMES", help=CLASSES_HELP)
    train.add_argument(
        "--start",
        default="",
        metavar="FROM",
        help="a weights file, 'imagenet' or 'scratch' (default: the bundled weights)",
    )
    train.add_argument(
        "--family",
        choices=FAMILIES,
        default="tf-coco",
        help="of a network from scratch or ImageNet (default: %(default)s)",
    )
    train.add_argument("--alpha", type=float, default=1.0, metavar="A")
    train.add_argument(
        "--out",
        type=Path,
        default=Path("runs") / "train",
        metavar="DIR",
        help="where everything goes (default: %(default)s)",
    )
    train.add_argument("--resume", action="store_true", help="go on with the run there")
    train.add_argument(
        "--despite-faults",
        action="store_true",
        help="train where `dataset check` finds faults: boxes are cut at the edges, "
        "and left out where nothing is left of them",
    )
    train.add_argument("--epochs", type=int, default=60, metavar="N")
    train.add_argument("--batch-size", type=int, default=32, metavar="N")
    train.add_argument("--steps-per-epoch", type=int, metavar="N")
    train.add_argument("--learning-rate", type=float, default=3e-4, metavar="R")
    train.add_argument("--weight-decay", type=float, default=1e-4, metavar="R")
    train.add_argument("--ema-momentum", type=float, default=0.99, metavar="M")
    train.add_argument(
        "--loss",
        choices=("multibox", "focal"),
        help="default: focal for sigmoid scores, else multibox",
    )
    train.add_argument(
        "--mosaic", type=float, default=0.3, metavar="P", help="how often, 0 to 1"
    )
    for change, default in (("photometric", 1.0), ("expand", 0.5), ("crop", 0.85)):
        train.add_argument(
            f"--{change}", type=float, default=default, metavar="P", help="likewise"
        )
    train.add_argument(
        "--expand-limit",
        type=float,
        default=2.0,
        metavar="X",
        help="zoom out so far (default: %(default)s; the SSD paper's is 4)",
    )
    train.add_argument(
        "--freeze",
        type=int,
        default=-1,
        metavar="N",
        help="keep conv0 and the first N blocks as they are",
    )
    train.add_argument(
        "--kept-copies",
        type=int,
        default=0,
        metavar="K",
        help="with --freeze 1 to 10: the frozen blocks see K changed copies of every "
        "photo once, and the rest learns from what they said: several times as fast",
    )
    train.add_argument(
        "--hold",
        type=float,
        default=0.0,
        metavar="W",
        help="with --kept-copies: weight of the start's own answers as a target beside "
        "the labels, so that less is forgotten",
    )
    train.add_argument(
        "--keep-start",
        type=float,
        default=0.0,
        metavar="P",
        help="share of the start's weights in the result, 0 to 1: for small datasets "
        "of classes that the start knows already",
    )
    train.add_argument("--seed", type=int, default=0, metavar="N")
    train.add_argument(
        "--precision",
        choices=("float32", "mixed_bfloat16", "mixed_float16"),
        default="float32",
    )
    train.add_argument(
        "--validate-every", type=int, default=1, metavar="N", help="epochs"
    )
    train.add_argument(
        "--samples-every",
        type=int,
        default=5,
        metavar="N",
        help="epochs from one sheet of pictures to the next",
    )


def run(options: argparse.Namespace) -> int:
    """Train, or go on with a training."""
    from tqdm import tqdm

    from model.dataset.health import refuse_faults
    from model.dataset.read import read_dataset

    class_names = listed_classes(options.classes)
    dataset = read_dataset(options.dataset, class_names, split=options.split)
    folder: Path = options.out
    val = (
        read_dataset([options.val], dataset.class_names, split=options.val_split)
        if options.val
        else None
    )
    for note in (*dataset.notes, *(val.notes if val else ())):
        print(note)
    if not options.despite_faults and not options.resume:
        progress = partial(tqdm, desc="checking", unit=" photos", disable=None)
        refuse_faults(dataset, progress=progress)
    _claim_run(folder, options)
    with quiet_tensorflow():
        import keras

        keras.config.set_dtype_policy(options.precision)
        from model.evaluation.evaluate import evaluate
        from model.training.samples import write_samples
        from model.training.train import train
    network, config = _start(options, dataset.class_names)
    recipe = _recipe(options, config)

    def validate(trained: "keras.Model") -> tuple[float, dict[str, float]]:
        assert val is not None
        detect = keras_detect(trained, config)
        report = evaluate(detect, config.class_names, val)
        ap, ap50 = report.ap or 0.0, report.ap50 or 0.0
        by_class = {f"ap50_{k}": v for k, v in report.ap50_by_class.items() if v}
        return ap, {"ap": ap, "ap50": ap50, **by_class}

    def draw_samples(epoch: int, trained: "keras.Model") -> None:
        if epoch % options.samples_every == 0 or epoch == options.epochs:
            detect = keras_detect(trained, config)
            write_samples(
                partial(_draw_finds, detect, config.class_names),
                [photo.path for photo in (val or dataset).photos[:12]],
                folder / "samples" / f"epoch {epoch:03d}.png",
            )

    print(
        f"Training {config.family}, alpha {config.alpha:g}, on {len(dataset.photos)} "
        f"photos of {len(config.class_names)} classes; stop with Ctrl+C, go on with "
        "--resume.",
        flush=True,
    )
    history = train(
        network,
        config,
        dataset,
        recipe,
        folder,
        validate=validate if val else None,
        on_epoch=draw_samples,
    )
    scored = [row for row in history if "score" in row]
    if scored:
        best = max(scored, key=lambda row: row["score"])
        print(
            f"Best: epoch {best['epoch']:.0f}, AP {percent(best['ap'])}, "
            f"AP50 {percent(best['ap50'])}"
        )
    print(f"Use it: python build_model.py convert {folder / 'best.keras'}")
    return 0


def _recipe(options: argparse.Namespace, config: "SsdConfig") -> "Recipe":
    from model.training.augment import Augmentation
    from model.training.losses import LossName
    from model.training.train import Recipe

    is_sigmoid = config.score_function == "sigmoid"
    fitting: LossName = "focal" if is_sigmoid else "multibox"
    try:
        return Recipe(
            epochs=options.epochs,
            steps_per_epoch=options.steps_per_epoch,
            batch_size=options.batch_size,
            learning_rate=options.learning_rate,
            weight_decay=options.weight_decay,
            ema_momentum=options.ema_momentum,
            seed=options.seed,
            loss=fitting if options.loss is None else options.loss,
            augmentation=Augmentation(
                photometric=options.photometric,
                mosaic=options.mosaic,
                expand=options.expand,
                expand_limit=options.expand_limit,
                crop=options.crop,
            ),
            frozen_blocks=options.freeze,
            keep_start=options.keep_start,
            kept_copies=options.kept_copies,
            hold=options.hold,
            validate_every=options.validate_every,
        )
    except ValueError as error:
        raise BuildError(
            f"It cannot be trained like that: {error}.", "Change that option."
        ) from error


def _claim_run(run: Path, options: argparse.Namespace) -> None:
    """Keep the options beside the run, so that it only goes on with the same."""
    apart = ("resume", "command", "run")
    told = {k: str(v) for k, v in sorted(vars(options).items()) if k not in apart}
    kept = run / "options.json"
    if not kept.exists():
        if options.resume:
            raise BuildError(f"There is no training in {run}.", "Leave --resume out.")
        run.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(told, indent=2), encoding="utf-8")
        return
    if not options.resume:
        raise BuildError(
            f"There is a training in {run} already.",
            "Go on with it by --resume, or choose another --out.",
        )
    before = json.loads(kept.read_text(encoding="utf-8"))
    changed = [name for name, value in told.items() if before.get(name) != value]
    if changed:
        raise BuildError(
            f"The training in {run} was begun with another "
            f"{', '.join(name.replace('_', '-') for name in changed)}.",
            "Go on with the same, or choose another --out.",
        )


def _start(
    options: argparse.Namespace, class_names: tuple[str, ...]
) -> "tuple[keras.Model, SsdConfig]":
    with quiet_tensorflow():
        from model.training.start import from_imagenet, from_scratch, from_weights
        from model.weights.read import read_weights

        if options.start not in ("scratch", "imagenet"):
            path = Path(options.start) if options.start else bundled_weights()
            return from_weights(read_weights(path), class_names)
        config = config_of(options.family, class_names=class_names, alpha=options.alpha)
        if options.start == "imagenet":
            return from_imagenet(config)
        return from_scratch(config), config


def _draw_finds(
    detect: "Detect",
    class_names: tuple[str, ...],
    image_bgr: "NDArray[np.uint8]",
    *,
    least_score: float,
) -> "NDArray[np.uint8]":
    """As the app draws them."""
    import numpy as np

    from app.drawing.overlay import draw
    from app.types import Detections

    boxes, scores, class_ids = detect(image_bgr)
    shown = scores > least_score
    found = Detections(
        np.asarray(boxes[shown], np.float32),
        np.asarray(scores[shown], np.float32),
        np.asarray(class_ids[shown], np.int64),
    )
    return draw(image_bgr, found, class_names=class_names, fps=None)
