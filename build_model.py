"""Makes the .onnx file that the app runs, and measures how good it is.

Builds the concrete parts; what they do is in `model/`.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.console import print_any_name
from app.errors import UserError
from model.errors import BuildError, WeightsError

if TYPE_CHECKING:
    from app.settings import Settings

ROOT = Path(__file__).resolve().parent
MODEL = ROOT / "assets" / "models" / "mobilenet_ssd.onnx"
CLIP = ROOT / "assets" / "bikes.mp4"
BUNDLED = ROOT / "assets" / "weights"

STEP_BAR = "{desc:<12}{bar:30} {elapsed}"
FAMILIES = ("caffe-voc", "tf-coco", "keras-voc")

CLASSES_HELP = "cat,dog or a file with a name a line (default: those the dataset names)"

EXAMPLES = """\
examples:
  python build_model.py                       the bundled weights, where there are any
  python build_model.py convert ssd_mobilenet_v1.tflite
                                              weights you have, for python main.py
  python build_model.py convert mobilenet_iter_73000.caffemodel -o voc.onnx
  python build_model.py fetch voc0712         chuanqi305's weights, from the web
  python build_model.py convert ssd.tflite --int8 --fp16
                                              and copies for CPUs and for GPUs
  python build_model.py summary --alpha 0.5   what a network costs
  python build_model.py evaluate mine.onnx photos/
                                              AP on photos/images and
                                              photos/instances.json (COCO format)
  python build_model.py dataset check photos/ what is wrong with labelled photos
  python build_model.py train photos/ --val more/ --classes cat,dog --out run/
                                              learn your own classes, from the
                                              bundled weights; then convert
                                              run/best.keras
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code (2: something the user can mend)."""
    options = _parse(argv)
    # TensorFlow reads it when it is imported, which happens below this line only.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        if options.command == "evaluate":
            return _evaluate(options)
        if options.command == "summary":
            return _summary(options)
        if options.command == "dataset":
            actions = {"check": _check_dataset, "label": _label}
            return actions[options.action](options)
        if options.command == "train":
            return _train(options)
        if options.command == "fetch":
            options.weights = _fetch(options.name)
        return _convert(options)
    except (BuildError, UserError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="build_model.py",
        description="Make the model that main.py runs, or measure one.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(
        command="convert", weights=None, output=MODEL, check_images=None
    )
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND"
    )

    convert = commands.add_parser(
        "convert", help="weights to .onnx, checked against Keras"
    )
    convert.add_argument(
        "weights",
        type=Path,
        nargs="?",
        help="a .tflite, .pb, .caffemodel, .hdf5 or .keras file (default: the bundled)",
    )
    fetch = commands.add_parser("fetch", help="download published weights, and convert")
    fetch.add_argument("name", choices=["voc0712"], help="chuanqi305's, mAP 72.7")
    for command in (convert, fetch):
        _add_output_options(command)

    evaluate = commands.add_parser("evaluate", help="average precision on photos")
    evaluate.add_argument(
        "model", type=Path, help="an .onnx file of ours, or weights to run in Keras"
    )
    _add_dataset_options(evaluate)
    evaluate.add_argument(
        "--limit", type=int, metavar="N", help="look at the first N photos only"
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON")
    evaluate.add_argument(
        "--plot", type=Path, metavar="P.png", help="precision over recall, by class"
    )

    dataset = commands.add_parser("dataset", help="look after labelled photos")
    actions = dataset.add_subparsers(dest="action", required=True)
    check = actions.add_parser("check", help="find broken pictures and boxes")
    _add_dataset_options(check)
    check.add_argument("--classes", metavar="NAMES", help=CLASSES_HELP)

    label = actions.add_parser(
        "label",
        help="let a bigger detector label what nobody did",
        description="Writes COCO labels with the teacher's finds added, to train on. "
        "Classes that people labelled completely are left as they are.",
    )
    label.add_argument(
        "dataset", type=Path, help="a COCO folder, or a folder of pictures"
    )
    label.add_argument(
        "--teacher", type=Path, required=True, metavar="YOLOX.onnx", help="of COCO"
    )
    label.add_argument("--out", type=Path, required=True, metavar="LABELS.json")
    label.add_argument(
        "--classes", metavar="NAMES", help="for pictures without labels (default: VOC)"
    )
    label.add_argument(
        "--least-score",
        type=float,
        default=0.15,
        metavar="P",
        help="weaker finds are background; between here and 0.5 nothing is said of "
        "the place (default: %(default)s)",
    )

    label.add_argument(
        "--replace-partial",
        action="store_true",
        help="where people labelled some classes only, drop what they labelled",
    )

    _add_train_options(
        commands.add_parser(
            "train",
            help="learn from labelled photos",
            description="Trains a MobileNet-SSD. Stopped at any time, it goes on "
            "with --resume as if it had not been.",
        )
    )

    summary = commands.add_parser("summary", help="what a network costs, by layer")
    summary.add_argument("--family", choices=FAMILIES, default="caffe-voc")
    summary.add_argument(
        "--alpha", type=float, default=1.0, metavar="A", help="width multiplier"
    )
    summary.add_argument("--activation", choices=["relu", "relu6"])
    summary.add_argument(
        "--last-layer",
        choices=["convolution", "global-average-pooling"],
        default="convolution",
    )
    summary.add_argument(
        "--labels", type=Path, metavar="FILE", help="class names, a line each"
    )
    summary.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(argv)


def _add_dataset_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "dataset",
        type=Path,
        nargs="+",
        help="a folder with images/ and instances.json (COCO), a .json file, or a "
        "VOC folder",
    )
    parser.add_argument(
        "--split",
        default="trainval",
        metavar="NAME",
        help="which list of a VOC folder (default: %(default)s)",
    )


def _add_train_options(train: argparse.ArgumentParser) -> None:
    _add_dataset_options(train)
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


def _add_output_options(convert: argparse.ArgumentParser) -> None:
    convert.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help="class names, a line each, in the order of the weights' outputs "
        "(default: VOC's 20 or COCO's 80)",
    )
    convert.add_argument(
        "-o",
        "--output",
        type=Path,
        default=MODEL,
        metavar="OUT.onnx",
        help="default: %(default)s",
    )
    convert.add_argument(
        "--check-images",
        type=Path,
        metavar="DIR",
        help="photos to compare Keras and ONNX Runtime on, besides noise",
    )

    convert.add_argument(
        "--int8",
        action="store_true",
        help="also write OUT.int8.onnx: 8 bits, for CPUs",
    )
    convert.add_argument(
        "--calibrate",
        type=Path,
        metavar="DIR",
        help="photos that --int8 finds its ranges on (default: the bundled clip)",
    )
    convert.add_argument(
        "--fp16",
        action="store_true",
        help="also write OUT.fp16.onnx: half precision, for GPUs",
    )


def _fetch(name: str) -> Path:
    from platformdirs import user_cache_path
    from tqdm import tqdm

    from model.weights.fetch import PUBLISHED, fetch

    published = PUBLISHED[name]
    print(f"Fetching {published.title}", flush=True)
    with tqdm(unit="B", unit_scale=True, disable=None) as progress:

        def show(done: int, total: int | None) -> None:
            progress.total = total
            progress.update(done - progress.n)

        return fetch(
            published,
            user_cache_path("mobilenet-ssd-live") / "weights",
            on_progress=show,
        )


def _convert(options: argparse.Namespace) -> int:
    path = options.weights or _bundled_weights()
    output: Path = options.output
    if output.suffix != ".onnx":
        raise BuildError(f"{output} is not a name for a model.", "End it in .onnx.")
    images = _photos(options.check_images) if options.check_images else []
    class_names = _class_names(options.labels)
    from tqdm import tqdm

    from model.weights import load_into, read_weights

    with _quiet_tensorflow():
        weights = read_weights(path, class_names)
        from model.network.network import build_network
        from model.onnx_file.export import STEPS, export_onnx

    print(f"Read {weights.source}; exporting and comparing with Keras ...", flush=True)
    network = build_network(weights.config, folded=True)
    load_into(network, weights)
    with tqdm(STEPS, disable=None, bar_format=STEP_BAR) as steps:

        def show(step: str) -> None:
            steps.set_description(step)
            steps.update()

        difference = export_onnx(
            network,
            weights.config,
            output,
            weights_source=weights.source,
            weights_sha256=weights.sha256,
            images=images,
            on_step=show,
        )
    config = weights.config
    print(
        f"Wrote {output}: {config.family}, alpha {config.alpha:g}, "
        f"{len(config.class_names)} classes, {output.stat().st_size / 1e6:.1f} MB; "
        f"ONNX Runtime and Keras differ by {difference:.1g} at most."
    )
    _write_variants(options)
    return 0


@contextlib.contextmanager
def _quiet_tensorflow() -> Iterator[None]:
    """Keep what TensorFlow's C++ says while it is loaded off the terminal.

    It writes to the file descriptor before any of its log levels is heeded.
    """
    sys.stderr.flush()
    with tempfile.TemporaryFile() as sink:
        terminal = os.dup(2)
        os.dup2(sink.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


def _bundled_weights() -> Path:
    from model.weights import READABLE

    found = sorted(p for p in BUNDLED.glob("*") if p.suffix in READABLE)
    if not found:
        raise WeightsError(
            "This copy carries no weights yet.",
            "Name yours: python build_model.py convert path/to/ssd_mobilenet_v1.tflite",
        )
    return found[0]


def _class_names(path: Path | None) -> tuple[str, ...] | None:
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BuildError(f"The class names in {path} cannot be read.") from error
    names = tuple(line.strip() for line in lines if line.strip())
    if names[:1] == ("background",):
        names = names[1:]
    if not names or len(set(names)) != len(names):
        raise BuildError(f"{path} must hold different names, a line each.")
    return names


def _photos(folder: Path) -> list[Any]:
    import cv2

    pictures = [cv2.imread(str(path)) for path in sorted(folder.glob("*.jpg"))]
    found = [
        cv2.resize(picture, (300, 300)) for picture in pictures if picture is not None
    ]
    if not found:
        raise BuildError(f"There is no .jpg photo in {folder}.", "Name another folder.")
    return found


def _clip_frames() -> list[Any]:
    import cv2

    from app.media.sources.file_source import FileSource

    clip = FileSource(CLIP)
    clip.open()
    try:
        frames = [frame.image_bgr for frame in clip.frames() if frame.index % 4 == 0]
    finally:
        clip.close()
    return [cv2.resize(frame, (300, 300)) for frame in frames]


def _write_variants(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from model.onnx_file.variants import write_fp16, write_int8

    output: Path = options.output
    if options.int8:
        images = _photos(options.calibrate) if options.calibrate else _clip_frames()
        target = output.with_suffix(".int8.onnx")
        progress = partial(tqdm, desc="quantising", unit=" photos", disable=None)
        write_int8(output, target, images=images, progress=progress)
        print(f"Wrote {target}: {target.stat().st_size / 1e6:.1f} MB")
    if options.fp16:
        target = output.with_suffix(".fp16.onnx")
        write_fp16(output, target)
        print(f"Wrote {target}: {target.stat().st_size / 1e6:.1f} MB")


def _evaluate(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from model.evaluation.evaluate import evaluate
    from model.training.dataset import read_dataset

    detect, class_names = _detect_with(options.model)
    dataset = read_dataset(options.dataset, split=options.split)
    report = evaluate(
        detect,
        class_names,
        dataset,
        limit=options.limit,
        progress=partial(tqdm, unit=" photos", disable=None),
    )
    if options.plot:
        from model.evaluation.plots import write_precision_recall

        write_precision_recall(report, options.plot)
    if options.json:
        print(json.dumps(asdict(report), indent=2))
        return 0
    print(f"{options.model.name} on {report.image_count} photos of {dataset.name}")
    sizes = ", ".join(f"{k} {_percent(v)}" for k, v in report.ap_by_size.items())
    print(
        f"AP {_percent(report.ap)}   AP50 {_percent(report.ap50)}   AP by size: {sizes}"
    )
    print(
        f"VOC07 mAP {_percent(report.voc07_map)}   "
        f"VOC mAP {_percent(report.voc_map)}   {report.ms_per_photo:.1f} ms a photo"
    )
    print(f"{'class':<16}{'AP50':>7}{'objects':>9}  {'taken for':<24}")
    columns = [*dataset.class_names, "nothing"]
    for row, name in enumerate(dataset.class_names):
        others = sorted(
            (-count, columns[k])
            for k, count in enumerate(report.confusion[row])
            if count and k != row
        )
        taken = ", ".join(f"{other} {-count}" for count, other in others[:4])
        print(
            f"{name:<16}{_percent(report.ap50_by_class[name]):>7}"
            f"{report.objects_by_class[name]:>9}  {taken}"
        )
    return 0


def _detect_with(path: Path) -> tuple[Any, tuple[str, ...]]:
    """What finds objects with the model in `path`, and the names of its classes."""
    if path.suffix != ".onnx":
        with _quiet_tensorflow():
            from model.network.network import build_network
            from model.weights import load_into, read_weights

            weights = read_weights(path)
            network = build_network(weights.config, folded=True)
            load_into(network, weights)
        return _keras_detect(network, weights.config), weights.config.class_names
    # The app's own detector: what is measured is what users get.
    from app.detection.onnx_detector import OnnxDetector

    detector = OnnxDetector(path, device="cpu")
    info = detector.open()

    def detect(image_bgr: Any) -> Any:  # noqa: ANN401 - arrays in, arrays out
        found, _ = detector.detect(image_bgr, _evaluation_settings())
        return found.boxes_xyxy, found.scores, found.class_ids

    return detect, info.class_names


def _evaluation_settings() -> "Settings":
    """Down to low scores, as AP asks for; NMS as TensorFlow evaluates it."""
    from app.settings import Settings

    return Settings(score_threshold=0.01, iou_threshold=0.5, max_detections=100)


def _keras_detect(network: Any, config: Any) -> Any:  # noqa: ANN401
    """As `_detect_with`, of a network in Keras; post-processed as in the app."""
    import cv2
    import numpy as np

    from app.detection.postprocess import postprocess
    from model.network.network import build_detector

    detector = build_detector(network, config)
    settings = _evaluation_settings()

    def detect(image_bgr: Any) -> Any:  # noqa: ANN401
        resized = cv2.resize(image_bgr, (300, 300), interpolation=cv2.INTER_LINEAR)
        answer = detector.predict_on_batch(resized[np.newaxis])
        found = postprocess(
            np.asarray(answer["boxes"])[0],
            np.asarray(answer["scores"])[0],
            size_wh=image_bgr.shape[1::-1],
            score_threshold=settings.score_threshold,
            iou_threshold=settings.iou_threshold,
            max_detections=settings.max_detections,
        )
        return found.boxes_xyxy, found.scores, found.class_ids

    return detect


def _check_dataset(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from model.training.dataset import check_dataset, read_dataset

    dataset = read_dataset(
        options.dataset, _listed_classes(options.classes), split=options.split
    )
    progress = partial(tqdm, unit=" photos", disable=None)
    health = check_dataset(dataset, progress=progress)
    print(f"{len(dataset.photos)} photos of {dataset.name}")
    print(f"{'class':<16}{'objects':>9}{'photos':>9}")
    for name, count in health.objects_by_class.items():
        print(f"{name:<16}{count:>9}{health.photos_by_class[name]:>9}")
    for problem in health.problems:
        print(problem)
    print(f"{len(health.problems) or 'No'} problems.")
    return 2 if health.problems else 0


def _label(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from model.network.config import VOC_CLASS_NAMES
    from model.training.teacher import YoloxTeacher, label

    count = label(
        YoloxTeacher(options.teacher),
        options.dataset,
        options.out,
        _listed_classes(options.classes) or VOC_CLASS_NAMES,
        least_score=options.least_score,
        replace_partial=options.replace_partial,
        progress=partial(tqdm, unit=" photos", disable=None),
    )
    print(f"Wrote {options.out}: {count} labels are the teacher's.")
    return 0


def _listed_classes(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    if Path(text).is_file():
        return _class_names(Path(text))
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names or len(set(names)) != len(names):
        raise BuildError(f"--classes must be different names, not {text!r}.")
    return names


def _train(options: argparse.Namespace) -> int:
    from model.training.dataset import read_dataset

    class_names = _listed_classes(options.classes)
    dataset = read_dataset(options.dataset, class_names, split=options.split)
    run: Path = options.out
    _claim_run(run, options)
    val = (
        read_dataset([options.val], dataset.class_names, split=options.val_split)
        if options.val
        else None
    )
    with _quiet_tensorflow():
        import keras

        keras.config.set_dtype_policy(options.precision)
        from model.evaluation.evaluate import evaluate
        from model.training.augment import Augmentation
        from model.training.train import Recipe, train
    network, config = _start(options, dataset.class_names)
    try:
        recipe = Recipe(
            epochs=options.epochs,
            steps_per_epoch=options.steps_per_epoch,
            batch_size=options.batch_size,
            learning_rate=options.learning_rate,
            weight_decay=options.weight_decay,
            ema_momentum=options.ema_momentum,
            seed=options.seed,
            loss=options.loss
            or ("focal" if config.score_function == "sigmoid" else "multibox"),
            augmentation=Augmentation(
                photometric=options.photometric,
                mosaic=options.mosaic,
                expand=options.expand,
                expand_limit=options.expand_limit,
                crop=options.crop,
            ),
            frozen_blocks=options.freeze,
            keep_start=options.keep_start,
            validate_every=options.validate_every,
        )
    except ValueError as error:
        raise BuildError(f"It cannot be trained like that: {error}.") from error

    def validate(trained: Any) -> tuple[float, dict[str, float]]:  # noqa: ANN401
        assert val is not None
        detect = _keras_detect(trained, config)
        report = evaluate(detect, config.class_names, val)
        ap, ap50 = report.ap or 0.0, report.ap50 or 0.0
        by_class = {f"ap50_{k}": v for k, v in report.ap50_by_class.items() if v}
        return ap, {"ap": ap, "ap50": ap50, **by_class}

    def draw_samples(epoch: int, trained: Any) -> None:  # noqa: ANN401
        if epoch % options.samples_every == 0 or epoch == options.epochs:
            _write_samples(
                _keras_detect(trained, config),
                config.class_names,
                [photo.path for photo in (val or dataset).photos[:12]],
                run / "samples" / f"epoch {epoch:03d}.png",
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
        run,
        validate=validate if val else None,
        on_epoch=draw_samples,
    )
    scored = [row for row in history if "score" in row]
    if scored:
        best = max(scored, key=lambda row: row["score"])
        print(
            f"Best: epoch {best['epoch']:.0f}, AP {_percent(best['ap'])}, "
            f"AP50 {_percent(best['ap50'])}"
        )
    print(f"Use it: python build_model.py convert {run / 'best.keras'}")
    return 0


def _claim_run(run: Path, options: argparse.Namespace) -> None:
    """Keep the options beside the run, so that it only goes on with the same."""
    apart = ("resume", "command", "weights", "output", "check_images")
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
) -> tuple[Any, Any]:
    with _quiet_tensorflow():
        from model.network import config as configs
        from model.training.start import from_imagenet, from_scratch, from_weights
        from model.weights import read_weights

        if options.start not in ("scratch", "imagenet"):
            path = Path(options.start) if options.start else _bundled_weights()
            return from_weights(read_weights(path), class_names)
        make = getattr(configs, options.family.replace("-", "_"))
        try:
            config = make(class_names=class_names, alpha=options.alpha)
        except ValueError as error:
            raise BuildError(f"There is no such network: {error}.") from error
        begin = from_scratch if options.start == "scratch" else from_imagenet
        return begin(config), config


def _write_samples(
    detect: Any,  # noqa: ANN401
    class_names: tuple[str, ...],
    paths: list[Path],
    target: Path,
) -> None:
    """A sheet of photos with what is found on them, four in a row."""
    import cv2
    import numpy as np

    from app.drawing.overlay import draw
    from app.types import Detections

    tiles = []
    for path in paths:
        image = cv2.imread(str(path))
        boxes, scores, class_ids = detect(image)
        shown = scores > 0.4
        found = Detections(boxes[shown], scores[shown], class_ids[shown])
        drawn = draw(np.asarray(image), found, class_names=class_names, fps=None)
        scale = 320 / max(drawn.shape[:2])
        small = cv2.resize(drawn, None, fx=scale, fy=scale)
        tile = np.full((320, 320, 3), 32, np.uint8)
        tile[: small.shape[0], : small.shape[1]] = small
        tiles.append(tile)
    tiles += [np.full_like(tiles[0], 32)] * (-len(tiles) % 4)
    rows = [np.hstack(tiles[k : k + 4]) for k in range(0, len(tiles), 4)]
    target.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(target), np.vstack(rows))


def _summary(options: argparse.Namespace) -> int:
    class_names = _class_names(options.labels)
    with _quiet_tensorflow():
        from model.network import config as configs
        from model.network.network import build_network
        from model.network.summary import is_backbone, summarize, total
        from model.network.vgg import build_vgg16_ssd300

        make = getattr(configs, options.family.replace("-", "_"))
        try:
            config = make(alpha=options.alpha)
            if class_names is not None:
                config = replace(config, class_names=class_names)
            config = replace(config, last_layer=options.last_layer)
            if options.activation is not None:
                config = replace(
                    config, activation=options.activation, neck_activation=None
                )
        except ValueError as error:
            raise BuildError(f"There is no such network: {error}.") from error
        ours = summarize(build_network(config))
        vgg = summarize(build_vgg16_ssd300(len(config.class_names) + 1))
    compared = {
        name: {
            "all": total(costs),
            "backbone": total([cost for cost in costs if is_backbone(cost.name)]),
        }
        for name, costs in (("mobilenet_ssd", ours), ("vgg16_ssd300", vgg))
    }
    if options.json:
        layers = [asdict(cost) for cost in ours]
        print(json.dumps({"layers": layers, "totals": compared}, indent=2))
        return 0
    print(f"{'layer':<20}{'output':>16}{'parameters':>12}{'Mmadds':>9}{'KiB out':>9}")
    for cost in ours:
        shape = " x ".join(str(side) for side in cost.output_shape)
        print(
            f"{cost.name:<20}{shape:>16}{cost.parameters:>12,}"
            f"{cost.multiply_adds / 1e6:>9.1f}{cost.activation_bytes / 1024:>9.0f}"
        )
    print()
    for part in ("backbone", "all"):
        small, big = (compared[n][part] for n in ("mobilenet_ssd", "vgg16_ssd300"))
        print(
            f"{part}: {small['parameters'] / 1e6:.2f} M parameters, "
            f"{small['multiply_adds'] / 1e9:.2f} G multiply-adds, "
            f"{small['activation_bytes'] / 2**20:.1f} MiB of outputs; "
            f"VGG16-SSD300 {big['parameters'] / 1e6:.2f} M, "
            f"{big['multiply_adds'] / 1e9:.2f} G, "
            f"{big['activation_bytes'] / 2**20:.1f} MiB: "
            f"1/{big['multiply_adds'] / small['multiply_adds']:.1f} "
            "of its multiply-adds"
        )
    return 0


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


if __name__ == "__main__":
    print_any_name()
    sys.exit(main())
