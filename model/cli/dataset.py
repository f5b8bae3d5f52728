"""`build_model.py dataset`: looks after labelled photos."""

import argparse
from functools import partial
from pathlib import Path

from app.cli.options import count as count_of
from model.cli.options import (
    CLASSES_HELP,
    Commands,
    add_dataset_options,
    listed_classes,
)


def add_parser(commands: Commands) -> None:
    """What it can be told."""
    dataset = commands.add_parser("dataset", help="look after labelled photos")
    actions = dataset.add_subparsers(dest="action", required=True)
    check = actions.add_parser("check", help="find broken pictures and boxes")
    add_dataset_options(check)
    check.add_argument("--classes", metavar="NAMES", help=CLASSES_HELP)
    check.set_defaults(run=_check)

    label = actions.add_parser(
        "label",
        help="let bigger detectors label what nobody did",
        description="Writes COCO labels with the teachers' finds added, to train on. "
        "Classes that people labelled completely are left as they are.",
    )
    label.add_argument(
        "dataset", type=Path, help="a COCO folder, or a folder of pictures"
    )
    label.add_argument(
        "--teacher",
        type=Path,
        required=True,
        nargs="+",
        metavar="FILE",
        help="a YOLOX or a DEIMv2 .onnx, or a NanoDet-Plus .param; the finds of "
        "several are fused: surer where they agree",
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
    label.add_argument(
        "--beside-people",
        action="store_true",
        help="also where people labelled everything, add what overlaps none of their "
        "boxes: for lists that leave difficult objects out",
    )
    label.set_defaults(run=_label)

    pick = actions.add_parser(
        "pick",
        help="choose some of the photos, by a seed",
        description="Writes COCO labels of some photos: so many, to hold them out, or "
        "as many as give each class its share.",
    )
    pick.add_argument("dataset", type=Path, help="a COCO folder, or a .json file")
    how = pick.add_mutually_exclusive_group(required=True)
    how.add_argument("--count", type=count_of, metavar="N", help="so many")
    how.add_argument(
        "--photos-per-class",
        type=count_of,
        metavar="N",
        help="all that show a class of which there are not N yet",
    )
    pick.add_argument("--seed", type=int, default=0, metavar="N")
    pick.add_argument("--out", type=Path, required=True, metavar="LABELS.json")
    pick.add_argument(
        "--rest", type=Path, metavar="LABELS.json", help="where the others go"
    )
    pick.set_defaults(run=_pick)


def _check(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from model.dataset.health import check_dataset
    from model.dataset.read import read_dataset

    dataset = read_dataset(
        options.dataset, listed_classes(options.classes), split=options.split
    )
    progress = partial(tqdm, unit=" photos", disable=None)
    health = check_dataset(dataset, progress=progress)
    print(f"{len(dataset.photos)} photos of {dataset.name}")
    print(f"{'class':<16}{'objects':>9}{'photos':>9}")
    for name, count in health.objects_by_class.items():
        print(f"{name:<16}{count:>9}{health.photos_by_class[name]:>9}")
    for sentence in (*dataset.notes, *health.problems):
        print(sentence)
    print(f"{len(health.problems) or 'No'} problems.")
    return 2 if health.problems else 0


def _label(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from model.network.config import VOC_CLASS_NAMES
    from model.teachers.detectors import open_teacher
    from model.teachers.label import label

    count = label(
        [open_teacher(path) for path in options.teacher],
        options.dataset,
        options.out,
        listed_classes(options.classes) or VOC_CLASS_NAMES,
        least_score=options.least_score,
        replace_partial=options.replace_partial,
        beside_people=options.beside_people,
        progress=partial(tqdm, unit=" photos", disable=None),
    )
    print(f"Wrote {options.out}: {count} labels are the teachers'.")
    return 0


def _pick(options: argparse.Namespace) -> int:
    from model.dataset.pick import pick_count, pick_per_class, read_truth, write_picked

    truth, _ = read_truth(options.dataset)
    picked = (
        pick_count(truth, options.count, seed=options.seed)
        if options.count
        else pick_per_class(truth, options.photos_per_class, seed=options.seed)
    )
    rest = {image["id"] for image in truth["images"]} - {*picked}
    for path, ids in ((options.out, picked), (options.rest, rest)):
        if path is not None:
            print(f"Wrote {path}: {write_picked(options.dataset, path, ids)} photos.")
    return 0
