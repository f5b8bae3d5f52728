"""COCO instances: one JSON file, and a folder of pictures."""

import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np

from model.dataset.names import class_key
from model.dataset.photo import Photo, flags
from model.errors import DatasetError

REMEDY = (
    "It should be a folder with images/ and instances.json (COCO), or a VOC "
    "folder with Annotations/ and JPEGImages/."
)
# A teacher's find below this score is neither an object nor background.
SURE_SCORE = 0.5


class CocoLabels:
    """The labels of one COCO file.

    Attributes:
        class_names: those of its categories, in the order of their ids.
        notes: what was not taken as it was written; more after `read`.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        """Read the file, and no picture.

        Args:
            path: the .json file.
            folder: of the pictures.

        Raises:
            DatasetError: it is missing, or not COCO's.
        """
        self._path = path
        self._folder = folder
        self.notes: list[str] = []
        try:
            # Bytes: a byte order mark, or UTF-16, is heeded.
            self._truth: Any = json.loads(path.read_bytes())
            self._categories: dict[Any, str] = {
                c["id"]: c["name"] for c in self._truth["categories"]
            }
            self.class_names = [
                self._categories[key] for key in sorted(self._categories)
            ]
            if not all(isinstance(name, str) for name in self.class_names):
                raise TypeError("a class name must be text")
            for key in ("images", "annotations"):
                self._truth[key]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DatasetError(
                f"{path.parent} is not a COCO dataset: {path.name} is missing or "
                "damaged.",
                REMEDY,
            ) from error

    def read(self, ids: dict[str, int]) -> list[Photo]:
        """Its photos, with the labels of the classes in `ids`, by class key.

        Raises:
            DatasetError: an image or a label is damaged.
        """
        try:
            return self._read(ids)
        except (KeyError, TypeError, ValueError) as error:
            is_missing = isinstance(error, KeyError)
            what = f"lacks {error}" if is_missing else f"is wrong ({error})"
            raise DatasetError(
                f"{self._path} is damaged: an image or a label {what}.", REMEDY
            ) from error

    def _read(self, ids: dict[str, int]) -> list[Photo]:
        keys = {key: class_key(name) for key, name in self._categories.items()}
        labels: dict[Any, list[Any]] = {i["id"]: [] for i in self._truth["images"]}
        outlined = 0
        for annotation in self._truth["annotations"]:
            if keys[annotation["category_id"]] in ids:
                if "bbox" not in annotation:
                    annotation["bbox"] = _box_of_outline(annotation)
                    outlined += 1
                labels[annotation["image_id"]].append(annotation)
        if outlined:
            self.notes.append(
                f"{outlined} labels in {self._path} have no bbox; their outlines' "
                "are taken."
            )
        return [self._photo(i, labels[i["id"]], ids) for i in self._truth["images"]]

    def _photo(self, image: Any, found: list[Any], ids: dict[str, int]) -> Photo:  # noqa: ANN401 - JSON
        known = [
            *image.get("exhaustive_class_names", self._categories.values()),
            *image.get("teacher_class_names", ()),
        ]
        boxes = np.array([a["bbox"] for a in found], np.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        scores = np.array([a.get("score", 1.0) for a in found], np.float32)
        path = find_picture(self._folder, image["file_name"])
        return Photo(
            path=path,
            size_wh=(
                (_side(image["width"]), _side(image["height"]))
                if {"width", "height"} <= image.keys()
                else picture_size_wh(path)
            ),
            boxes_xyxy=boxes,
            class_ids=np.array(
                [ids[class_key(self._categories[a["category_id"]])] for a in found],
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
            is_known=flags(known, ids),
        )


def find_picture(folder: Path, name: str) -> Path:
    """Where the picture that labels call `name` is.

    Tools write paths of their own machine, with either slash: of "a/b/c.jpg" we take
    the longest end that there is, in `folder` or beside it.
    """
    first = folder / name
    if _is_file(first):
        return first
    parts = PurePosixPath(name.replace("\\", "/")).parts
    for skipped in range(len(parts)):
        for root in (folder, folder.parent):
            path = root.joinpath(*parts[skipped:])
            # An absolute part would lead out of the folder.
            if not PurePosixPath(*parts[skipped:]).is_absolute() and _is_file(path):
                return path
    return first


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def picture_size_wh(path: Path) -> tuple[int, int]:
    """Of a picture whose labels do not say its size; 0, 0 if it cannot be read."""
    picture = cv2.imread(str(path)) if _is_file(path) else None
    return (0, 0) if picture is None else (picture.shape[1], picture.shape[0])


def _box_of_outline(annotation: Any) -> list[float]:  # noqa: ANN401 - JSON
    """x, y, width and height of the polygons of a label."""
    outline = annotation.get("segmentation")
    if not isinstance(outline, list) or not outline:
        raise KeyError("bbox")
    points = np.concatenate(
        [np.asarray(polygon, float).reshape(-1, 2) for polygon in outline]
    )
    low, high = points.min(axis=0), points.max(axis=0)
    box: list[float] = [*low.tolist(), *(high - low).tolist()]
    return box


def _side(value: Any) -> int:  # noqa: ANN401 - JSON
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise TypeError(f"a number for its size: {value!r}")
    return int(min(max(value, 0), 2**31))


def instances_of(source: Path, class_names: Sequence[str]) -> tuple[Any, Path]:
    """COCO instances of `source`, and the folder of their pictures.

    A folder of pictures without labels makes instances of its own.

    Raises:
        DatasetError: there are no pictures, or the labels are damaged.
    """
    instances = source / "instances.json"
    if instances.is_file():
        try:
            return json.loads(instances.read_bytes()), source / "images"
        except ValueError as error:
            raise DatasetError(
                f"The labels {instances} are damaged.", "Put a good copy there."
            ) from error
    names = sorted(p.name for p in source.glob("*") if p.suffix.lower() in PICTURES)
    if not names:
        raise DatasetError(
            f"There are no pictures in {source}.",
            "Name a folder of pictures, or one with images/ and instances.json.",
        )
    images = [
        {"id": number, "file_name": name, "exhaustive_class_names": []}
        for number, name in enumerate(names, start=1)
    ]
    categories = [
        {"id": number, "name": name} for number, name in enumerate(class_names, start=1)
    ]
    return {"images": images, "annotations": [], "categories": categories}, source


# In the order in which they are preferred.
PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
