"""One labelled photo, and many."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.dataset.names import class_key
from model.errors import DatasetError

# Of a photo's shape and its labels', width over height: more apart is another photo,
# or one that is turned. Rounded sizes of small copies differ by less.
_SHAPE_TOLERANCE = 0.03


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
        notes: a sentence for everything that was not taken as it was written.
    """

    name: str
    class_names: tuple[str, ...]
    photos: tuple[Photo, ...]
    notes: tuple[str, ...] = ()


def read_picture(photo: Photo) -> NDArray[np.uint8]:
    """The picture as it is shown, (H, W, 3) BGR, turned as its EXIF data say.

    Raises:
        DatasetError: it cannot be read, or its labels are of another picture.
    """
    picture = cv2.imread(str(photo.path))
    if picture is None:
        raise DatasetError(
            f"The photo {photo.path} cannot be read.",
            "Find all such with: python build_model.py dataset check",
        )
    size_wh = (picture.shape[1], picture.shape[0])
    if not is_same_shape(size_wh, photo.size_wh):
        raise DatasetError(
            f"{size_fault(photo, size_wh)}",
            "Find all such with: python build_model.py dataset check",
        )
    return np.asarray(picture, np.uint8)


def is_same_shape(a_wh: tuple[int, int], b_wh: tuple[int, int]) -> bool:
    """Whether a picture of one size is one of the other, but for its scale."""
    if not min(*a_wh, *b_wh) > 0:
        return False
    ratio = (a_wh[0] / a_wh[1]) / (b_wh[0] / b_wh[1])
    return 1 / (1 + _SHAPE_TOLERANCE) < ratio < 1 + _SHAPE_TOLERANCE


def size_fault(photo: Photo, size_wh: tuple[int, int]) -> str:
    """What is wrong with the labels of a picture of `size_wh`, in a sentence."""
    width, height = photo.size_wh
    said = (
        f"{photo.path.name} is {size_wh[0]} x {size_wh[1]}, its labels are for "
        f"{width} x {height}"
    )
    if is_same_shape(size_wh, (height, width)) and not is_same_shape(
        size_wh, (width, height)
    ):
        return (
            f"{said}: it is shown turned, as its EXIF data say, and was labelled as "
            "it is stored."
        )
    return f"{said}."


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


def flags(names: Iterable[str], ids: dict[str, int]) -> NDArray[np.bool_]:
    """(C,) bool: the classes that `names` names, in any spelling."""
    found = np.zeros(len(ids), bool)
    found[[ids[class_key(name)] for name in names if class_key(name) in ids]] = True
    return found
