"""Labelled photos: VOC devkit folders and COCO instances, read into one form."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cv2
import numpy as np
from numpy.typing import NDArray

from model.errors import DatasetError
from model.network.config import VOC_CLASS_NAMES

# VOC's words for what COCO calls otherwise.
VOC_NAMES = {
    "airplane": "aeroplane",
    "couch": "sofa",
    "dining table": "diningtable",
    "motorcycle": "motorbike",
    "potted plant": "pottedplant",
    "tv": "tvmonitor",
}
_REMEDY = (
    "It should be a folder with images/ and instances.json (COCO), or a VOC "
    "folder with Annotations/ and JPEGImages/."
)
# A teacher's find below this score is neither an object nor background.
SURE_SCORE = 0.5


def voc_name(name: str) -> str:
    """`name` as VOC calls it: COCO's "couch" and VOC's "sofa" are one class."""
    return VOC_NAMES.get(name, name)


@dataclass(frozen=True, eq=False, slots=True)
class Photo:
    """One photo and what is known of it.

    Attributes:
        path: the picture file.
        size_wh: width and height in pixels, as the labels say.
        boxes_xyxy: (N, 4) float32, in pixels.
        class_ids: (N,) int64, into the dataset's class names.
        areas: (N,) float32 in square pixels: of the outline where there is one.
        scores: (N,) float32: 1 where people labelled, else a teacher's score.
        is_difficult: (N,) bool: VOC does not score these.
        is_ignored: (N,) bool: neither an object to find nor background: a crowd
            under one box, or a teacher's unsure find.
        is_known: (C,) bool: every object of the class on this photo is labelled.
    """

    path: Path
    size_wh: tuple[int, int]
    boxes_xyxy: NDArray[np.float32]
    class_ids: NDArray[np.int64]
    areas: NDArray[np.float32]
    scores: NDArray[np.float32]
    is_difficult: NDArray[np.bool_]
    is_ignored: NDArray[np.bool_]
    is_known: NDArray[np.bool_]

    def __post_init__(self) -> None:
        n = len(self.boxes_xyxy)
        for name in ("class_ids", "areas", "scores", "is_difficult", "is_ignored"):
            if (shape := getattr(self, name).shape) != (n,):
                raise ValueError(f"{name} must have shape {(n,)}, got {shape}")


@dataclass(frozen=True, eq=False, slots=True)
class Dataset:
    """Photos labelled with one list of classes.

    Attributes:
        name: where it came from, for messages.
        class_names: indexed by class id.
        photos: in the order of the files.
    """

    name: str
    class_names: tuple[str, ...]
    photos: tuple[Photo, ...]


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
            that the datasets name themselves. COCO's and VOC's words are one.
        split: which of VOC's lists of photos.

    Raises:
        DatasetError: one cannot be read, or holds none of the classes.
    """
    paths = list(paths)
    readers = [reader for path in paths for reader in _readers(path, split)]
    if class_names is None:
        named = (voc_name(n) for names, _ in readers for n in names)
        class_names = tuple(dict.fromkeys(named))
    names = tuple(class_names)
    ids = {voc_name(name): number for number, name in enumerate(names)}
    photos = [photo for _, read in readers for photo in read(ids)]
    title = ", ".join(str(path) for path in paths)
    if not photos:
        raise DatasetError(f"There are no photos in {title}.", _REMEDY)
    if not any(len(photo.class_ids) for photo in photos):
        raise DatasetError(
            f"No object of {', '.join(names)} is labelled in {title}.",
            "Check the class names.",
        )
    return Dataset(title, names, tuple(photos))


_Ids = dict[str, int]
_Read = Callable[[_Ids], list[Photo]]


def _readers(path: Path, split: str) -> list[tuple[list[str], _Read]]:
    """The class names of each dataset at `path`, and what reads its photos."""
    if (path / "Annotations").is_dir():
        return [(list(VOC_CLASS_NAMES), lambda ids: _read_voc(path, split, ids))]
    years = sorted(path.glob("VOC*/Annotations"))
    if years:
        return [found for year in years for found in _readers(year.parent, split)]
    if path.suffix == ".json":
        folder = path.parent / "images"
        return [_coco_reader(path, folder if folder.is_dir() else path.parent)]
    return [_coco_reader(path / "instances.json", path / "images")]


def _coco_reader(path: Path, folder: Path) -> tuple[list[str], _Read]:
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
        categories = {c["id"]: c["name"] for c in truth["categories"]}
        names = [categories[key] for key in sorted(categories)]
        if not all(isinstance(name, str) for name in names):
            raise TypeError("a class name must be text")
        for key in ("images", "annotations"):
            truth[key]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{path.parent} is not a COCO dataset: {path.name} is missing or damaged.",
            _REMEDY,
        ) from error

    def read(ids: _Ids) -> list[Photo]:
        try:
            return _read_coco(truth, categories, folder, ids)
        except (KeyError, TypeError, ValueError) as error:
            is_missing = isinstance(error, KeyError)
            what = f"lacks {error}" if is_missing else f"is wrong ({error})"
            raise DatasetError(
                f"{path} is damaged: an image or a label {what}.", _REMEDY
            ) from error

    return names, read


def _read_coco(
    truth: Any,  # noqa: ANN401 - JSON
    categories: dict[int, str],
    folder: Path,
    ids: _Ids,
) -> list[Photo]:
    labels: dict[int, list[Any]] = {image["id"]: [] for image in truth["images"]}
    for annotation in truth["annotations"]:
        if voc_name(categories[annotation["category_id"]]) in ids:
            labels[annotation["image_id"]].append(annotation)
    photos = []
    for image in truth["images"]:
        found = labels[image["id"]]
        known = [
            *image.get("exhaustive_class_names", categories.values()),
            *image.get("teacher_class_names", ()),
        ]
        boxes = np.array([a["bbox"] for a in found], np.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        scores = np.array([a.get("score", 1.0) for a in found], np.float32)
        photos.append(
            Photo(
                path=folder / image["file_name"],
                size_wh=(_side(image["width"]), _side(image["height"])),
                boxes_xyxy=boxes,
                class_ids=np.array(
                    [ids[voc_name(categories[a["category_id"]])] for a in found],
                    np.int64,
                ),
                areas=np.array(
                    [a.get("area", a["bbox"][2] * a["bbox"][3]) for a in found],
                    np.float32,
                ),
                scores=scores,
                is_difficult=np.array([a.get("difficult", 0) for a in found], bool),
                is_ignored=np.array([a.get("iscrowd", 0) for a in found], bool)
                | (scores < SURE_SCORE),
                is_known=_flags(known, ids),
            )
        )
    return photos


def _side(value: Any) -> int:  # noqa: ANN401 - JSON
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise TypeError(f"a number for its size: {value!r}")
    return int(min(max(value, 0), 2**31))


def _read_voc(folder: Path, split: str, ids: _Ids) -> list[Photo]:
    listed = folder / "ImageSets" / "Main" / f"{split}.txt"
    try:
        lines = listed.read_text(encoding="utf-8").splitlines()
        names = [line.split()[0] for line in lines if line.strip()]
    except OSError as error:
        raise DatasetError(
            f"{folder} has no list {listed.relative_to(folder)}.",
            "Name another with: --split",
        ) from error
    photos = []
    for name in names:
        path = folder / "Annotations" / f"{name}.xml"
        try:
            # Files of the user's own; expat refuses what would blow up.
            photos.append(_voc_photo(ElementTree.parse(path).getroot(), folder, ids))
        except (OSError, ElementTree.ParseError, ValueError, TypeError) as error:
            raise DatasetError(
                f"The labels {path} are missing or damaged.", "Mend the dataset."
            ) from error
    return photos


def _voc_photo(root: ElementTree.Element, folder: Path, ids: _Ids) -> Photo:
    def number(element: ElementTree.Element, path: str) -> float:
        return float(element.findtext(path) or "missing")

    objects = [
        (item, ids[voc_name(str(item.findtext("name")))])
        for item in root.iter("object")
        if voc_name(str(item.findtext("name"))) in ids
    ]
    # Pixels count from 1 and the last one belongs to the box.
    boxes = np.array(
        [
            [
                number(item, "bndbox/xmin") - 1,
                number(item, "bndbox/ymin") - 1,
                number(item, "bndbox/xmax"),
                number(item, "bndbox/ymax"),
            ]
            for item, _ in objects
        ],
        np.float32,
    ).reshape(-1, 4)
    return Photo(
        path=folder / "JPEGImages" / str(root.findtext("filename")),
        size_wh=(int(number(root, "size/width")), int(number(root, "size/height"))),
        boxes_xyxy=boxes,
        class_ids=np.array([class_id for _, class_id in objects], np.int64),
        areas=np.prod(boxes[:, 2:] - boxes[:, :2], axis=-1),
        scores=np.ones(len(boxes), np.float32),
        is_difficult=np.array(
            [item.findtext("difficult") == "1" for item, _ in objects], bool
        ),
        is_ignored=np.zeros(len(boxes), bool),
        is_known=_flags(VOC_CLASS_NAMES, ids),
    )


def _flags(names: Iterable[str], ids: _Ids) -> NDArray[np.bool_]:
    flags = np.zeros(len(ids), bool)
    flags[[ids[voc_name(name)] for name in names if voc_name(name) in ids]] = True
    return flags


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
    for photo in progress(dataset.photos):
        name = photo.path.name
        if not os.path.isfile(photo.path):  # noqa: PTH113 - says no to any odd name
            problems.append(f"{name} is missing.")
        elif (image := cv2.imread(str(photo.path))) is None:
            problems.append(f"{name} is not a picture, or a broken one.")
        elif (size := image.shape[1::-1]) != photo.size_wh:
            problems.append(
                f"{name} is {size[0]} x {size[1]}, its labels are for "
                f"{photo.size_wh[0]} x {photo.size_wh[1]}."
            )
        clipped = clip_boxes(photo.boxes_xyxy, photo.size_wh)
        for box, cut, class_id in zip(
            photo.boxes_xyxy, clipped, photo.class_ids, strict=True
        ):
            what = f"{name}: the {dataset.class_names[class_id]} at {_text(box)}"
            if np.any(cut[2:] - cut[:2] < 1):
                problems.append(f"{what} is empty or outside.")
            elif np.abs(cut - box).max() > 1:
                problems.append(f"{what} reaches outside.")
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


def usable(photo: Photo) -> Photo:
    """`photo` with its boxes cut at its edges, and without those left empty."""
    boxes = clip_boxes(photo.boxes_xyxy, photo.size_wh)
    kept = np.all(boxes[:, 2:] - boxes[:, :2] >= 1, axis=-1)
    return replace(
        photo,
        boxes_xyxy=boxes[kept],
        class_ids=photo.class_ids[kept],
        areas=photo.areas[kept],
        scores=photo.scores[kept],
        is_difficult=photo.is_difficult[kept],
        is_ignored=photo.is_ignored[kept],
    )


def clip_boxes(
    boxes_xyxy: NDArray[np.float32], size_wh: tuple[int, int]
) -> NDArray[np.float32]:
    """(N, 4) boxes in pixels, cut at the edges of a picture."""
    return np.clip(boxes_xyxy, 0, np.array([*size_wh, *size_wh], np.float32))


def _text(box: NDArray[np.float32]) -> str:
    return ", ".join(f"{value:.0f}" for value in box)
