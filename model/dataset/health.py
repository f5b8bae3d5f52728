"""What is wrong with labelled photos."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model.dataset.photo import Dataset, Photo, clip_boxes, is_same_shape, size_fault
from model.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong with a dataset.

    Attributes:
        problems: a sentence each, most of them about one photo.
        objects_by_class: labelled objects to learn from, ignored ones left out.
        photos_by_class: photos with at least one.
    """

    problems: tuple[str, ...]
    objects_by_class: dict[str, int]
    photos_by_class: dict[str, int]


def check_dataset(
    dataset: Dataset,
    *,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = lambda items: items,
) -> Health:
    """Decode every picture and look at every box."""
    problems = []
    objects: Counter[int] = Counter()
    photos: Counter[int] = Counter()
    seen: set[Path] = set()
    for photo in progress(dataset.photos):
        problems += _faults(photo, dataset.class_names)
        if photo.path in seen:
            problems.append(f"{photo.path.name} is labelled twice.")
        seen.add(photo.path)
        learned = photo.class_ids[~photo.is_ignored]
        objects.update(learned.tolist())
        photos.update(set(learned.tolist()))
    for class_id, class_name in enumerate(dataset.class_names):
        if not objects[class_id]:
            problems.append(f"No {class_name} is labelled anywhere.")
    names = list(enumerate(dataset.class_names))
    return Health(
        tuple(problems),
        {class_name: objects[class_id] for class_id, class_name in names},
        {class_name: photos[class_id] for class_id, class_name in names},
    )


def refuse_faults(
    dataset: Dataset,
    *,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = lambda items: items,
) -> None:
    """Refuse what `check_dataset` finds a fault in.

    Raises:
        DatasetError: with the first fault, and how many there are.
    """
    problems = check_dataset(dataset, progress=progress).problems
    if problems:
        more = f" There are {len(problems) - 1} more." if len(problems) > 1 else ""
        raise DatasetError(
            f"{dataset.name} has a fault: {problems[0]}{more}",
            "Mend the labels (see: python build_model.py dataset check), or train "
            "on what is left with: --despite-faults",
        )


def _faults(photo: Photo, class_names: tuple[str, ...]) -> list[str]:
    name = photo.path.name
    faults = []
    try:
        is_there = photo.path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        is_there = False
    if not is_there:
        faults.append(f"{name} is missing.")
    elif (image := cv2.imread(str(photo.path))) is None:
        faults.append(f"{name} is not a picture, or a broken one.")
    elif not is_same_shape(size := (image.shape[1], image.shape[0]), photo.size_wh):
        faults.append(size_fault(photo, size))
    clipped = clip_boxes(photo.boxes_xyxy, photo.size_wh)
    for box, cut, class_id in zip(
        photo.boxes_xyxy, clipped, photo.class_ids, strict=True
    ):
        what = f"{name}: the {class_names[class_id]} at {_text(box)}"
        if not np.all(cut[2:] - cut[:2] >= 1):
            faults.append(f"{what} is empty or outside.")
        elif np.abs(cut - box).max() > 1:
            faults.append(f"{what} reaches outside.")
    return faults


def _text(box: NDArray[np.float32]) -> str:
    return ", ".join(f"{value:.0f}" for value in box)
