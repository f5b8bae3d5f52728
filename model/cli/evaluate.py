"""`build_model.py evaluate`: average precision on labelled photos."""

import argparse
import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import DETAILS
from model.cli.detecting import detect_with
from model.cli.options import Commands, add_dataset_options
from model.errors import BuildError

if TYPE_CHECKING:
    from model.dataset.photo import Dataset
    from model.evaluation.evaluate import Report


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    evaluate = commands.add_parser("evaluate", help="average precision on photos")
    evaluate.add_argument(
        "model", type=Path, help="an .onnx file of ours, or weights to run in Keras"
    )
    add_dataset_options(evaluate)
    evaluate.add_argument(
        "--limit", type=int, metavar="N", help="look at the first N photos only"
    )
    evaluate.add_argument(
        "--detail",
        type=int,
        choices=DETAILS,
        default=1,
        metavar="N",
        help="1, 2 or 3: look at parts of the photos, too (an .onnx file)",
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON")
    evaluate.add_argument(
        "--plot", type=_plot, metavar="P.png", help="precision over recall, by class"
    )
    evaluate.add_argument(
        "--thresholds",
        type=Path,
        metavar="WEIGHTS.thresholds.json",
        help="write precision and recall by score threshold, and the best one; beside "
        "the weights, `convert` puts it into the model, for the app to begin with",
    )
    evaluate.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print how good the model is, as a table or as JSON."""
    from tqdm import tqdm

    from model.dataset.read import read_dataset
    from model.evaluation.evaluate import evaluate

    if options.plot:
        # Before minutes of detecting: it may not be installed.
        from model.evaluation.plots import write_precision_recall
    for path in (options.plot, options.thresholds):
        if path is not None and not path.parent.is_dir():
            raise BuildError(f"There is no folder {path.parent}.", "Make it first.")
    if options.detail > 1 and options.model.suffix != ".onnx":
        raise BuildError(
            f"{options.model.name} cannot be looked at more closely: "
            "weights of Keras see whole pictures.",
            "Convert it first: build_model.py convert.",
        )
    detect, class_names = detect_with(options.model, detail=options.detail)
    dataset = read_dataset(options.dataset, split=options.split)
    report = evaluate(
        detect,
        class_names,
        dataset,
        limit=options.limit,
        progress=partial(tqdm, unit=" photos", disable=None),
    )
    try:
        if options.plot:
            write_precision_recall(report, options.plot)
        if options.thresholds:
            _write_thresholds(report, options.thresholds)
    except OSError as error:
        raise BuildError(
            f"{error.filename} cannot be written: {error.strerror}.",
            "Choose another folder.",
        ) from error
    if options.json:
        print(json.dumps(asdict(report), indent=2))
    else:
        _print_table(options.model.name, report, dataset)
    return 0


def _plot(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise argparse.ArgumentTypeError(f"{text} does not end in .png, .svg or .pdf")
    return path


def _write_thresholds(report: "Report", path: Path) -> None:
    from model.evaluation.evaluate import best_threshold

    if not report.by_threshold:
        raise BuildError(
            "Nothing was found, so no score threshold is better than another.",
            "Look whether the model and the photos fit each other.",
        )
    told = {
        "best": best_threshold(report.by_threshold),
        "photos": report.image_count,
        "rows": [[round(value, 3) for value in row] for row in report.by_threshold],
    }
    path.write_text(f"{json.dumps(told)}\n", encoding="utf-8")


def _print_table(name: str, report: "Report", dataset: "Dataset") -> None:
    from model.dataset.photo import usable  # loads OpenCV

    print(f"{name} on {report.image_count} photos of {dataset.name}")
    for note in dataset.notes:
        print(note)
    if report.unknown_class_names:
        print(
            "The model was not taught these classes, and they do not count: "
            f"{', '.join(report.unknown_class_names)}."
        )
    unusable = sum(len(p.class_ids) - len(usable(p).class_ids) for p in dataset.photos)
    if unusable:
        print(
            f"{unusable} labels are empty or outside of their photos, and can never be "
            "found; see: python build_model.py dataset check"
        )
    sizes = ", ".join(f"{k} {percent(v)}" for k, v in report.ap_by_size.items())
    print(
        f"AP {percent(report.ap)}   AP50 {percent(report.ap50)}   AP by size: {sizes}"
    )
    print(
        f"VOC07 mAP {percent(report.voc07_map)}   "
        f"VOC mAP {percent(report.voc_map)}   {report.ms_per_photo:.1f} ms a photo"
    )
    print(f"{'class':<16}{'AP50':>7}{'objects':>9}  {'taken for':<24}")
    columns = [*dataset.class_names, "nothing"]
    for row, class_name in enumerate(dataset.class_names):
        others = sorted(
            (-count, columns[k])
            for k, count in enumerate(report.confusion[row])
            if count and k != row
        )
        taken = ", ".join(f"{other} {-count}" for count, other in others[:4])
        print(
            f"{class_name:<16}{percent(report.ap50_by_class[class_name]):>7}"
            f"{report.objects_by_class[class_name]:>9}  {taken}"
        )


def percent(value: float | None) -> str:
    """Of a share from 0 to 1; a dash for none."""
    return "-" if value is None else f"{100 * value:.1f}"
