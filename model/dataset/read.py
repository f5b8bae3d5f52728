"""VOC devkit folders and COCO instances, read into one form."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from model.dataset.coco import REMEDY, CocoLabels
from model.dataset.names import class_key, distinct
from model.dataset.photo import Dataset
from model.dataset.voc import VocLabels
from model.errors import DatasetError

_Labels = CocoLabels | VocLabels


def read_dataset(
    paths: Iterable[Path],
    class_names: Sequence[str] | None = None,
    *,
    split: str = "trainval",
) -> Dataset:
    """Every photo of the datasets at `paths`, as one dataset.

    Args:
        paths: folders with `images/` and `instances.json`; .json files with the
            pictures in `images/` beside them or right beside them; or VOC folders
            (VOCdevkit/VOC2007), or a VOCdevkit of several years.
        class_names: labels of other classes are left out; None for the classes
            that the datasets name themselves. COCO's and VOC's words are one, and
            capitals do not matter.
        split: which of VOC's lists of photos.

    Raises:
        DatasetError: one cannot be read, or holds none of the classes.
    """
    paths = list(paths)
    parts = [part for path in paths for part in _parts(path, split)]
    named = [name for part in parts for name in part.class_names]
    names = distinct(named) if class_names is None else tuple(class_names)
    ids = {class_key(name): number for number, name in enumerate(names)}
    if len(ids) < len(names):
        raise DatasetError(
            f"Two of the classes {', '.join(names)} are one.", "Leave one of them out."
        )
    photos = [photo for part in parts for photo in part.read(ids)]
    title = ", ".join(str(path) for path in paths)
    if not photos:
        raise DatasetError(f"There are no photos in {title}.", REMEDY)
    if not any(len(photo.class_ids) for photo in photos):
        raise DatasetError(
            f"No object of {', '.join(names)} is labelled in {title}.",
            "Its labels name " + (", ".join(distinct(named)) or "no class") + ".",
        )
    notes = [note for part in parts for note in part.notes]
    notes += [
        f'The labels say "{name}"; it is taken for "{names[ids[class_key(name)]]}".'
        for name in dict.fromkeys(named)
        if class_key(name) in ids
        and _differ_in_capitals(name.strip(), names[ids[class_key(name)]])
    ]
    return Dataset(title, names, tuple(photos), tuple(notes))


def _differ_in_capitals(a: str, b: str) -> bool:
    return a != b and a.casefold() == b.casefold()


def _parts(path: Path, split: str) -> list[_Labels]:
    """The labels of each dataset at `path`."""
    if (path / "Annotations").is_dir():
        return [VocLabels(path, split)]
    years = sorted(path.glob("VOC*/Annotations"))
    if years:
        return [part for year in years for part in _parts(year.parent, split)]
    if path.suffix == ".json":
        folder = path.parent / "images"
        return [CocoLabels(path, folder if folder.is_dir() else path.parent)]
    return [CocoLabels(path / "instances.json", path / "images")]
