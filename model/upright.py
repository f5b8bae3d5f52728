"""Photos that were turned after somebody labelled them, put right again.

Some published copies of OpenImages hold photos turned by any angle about their
centre, on a canvas of their own size with black corners, while the labels went
through quarter turns and mirrorings of their own. The black corners tell the
angle, up to half a turn; a detector that finds the labelled objects tells the rest.
"""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from model.augment import GRAY
from model.boxes import pairwise_iou
from model.dataset import voc_name
from model.errors import DatasetError
from model.teacher import read_instances

Boxes = NDArray[np.float64]

# JPEG leaves some light where there was none.
_BLACK = 24
# Pixels of the longer side for the search by degrees, and for its refinement.
_COARSE_SIDE, _FINE_SIDE = 160, 400
# Fewer black pixels than this share beyond the supposed edges are no corners.
_LEAST_CORNERS = 0.002
# A photo is sure when its labels and the finds on it agree by so much ...
_LEAST_AGREEMENT = 0.03
# ... and whatever agrees by this share of it puts the boxes in the same places.
_RIVAL_SHARE, _SAME_IOU = 0.8, 0.6
# A find that overlaps a label less says nothing for it.
_LEAST_IOU = 0.3
_TEACHER_SCORE = 0.03
# Boxes seen less are neither objects nor background; seen hardly at all, nothing.
_SEEN, _HARDLY_SEEN = 0.65, 0.1
# What a label was cut by may be put back from a find that overlaps the rest so well.
_COMPLETING_IOU = 0.6
# Ends of a long picture this black are what a quarter turn left of it.
_ENDS_BLACK = 0.9


class Teacher(Protocol):
    """What finds objects: a `YoloxTeacher`."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Indexed by class id."""

    def find(
        self, image_bgr: NDArray[np.uint8], *, least_score: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Boxes (N, 4) in pixels, scores (N,) and class ids (N,)."""


@dataclass(frozen=True, eq=False, slots=True)
class Labels:
    """What people labelled on a photo.

    Attributes:
        boxes_xyxy: (N, 4) in pixels.
        class_names: N names, as VOC calls them.
        seen_xyxy: (4,) the part of the picture in which they looked.
    """

    boxes_xyxy: Boxes
    class_names: tuple[str, ...]
    seen_xyxy: Boxes


@dataclass(frozen=True, eq=False, slots=True)
class Finds:
    """What the teacher found: boxes (M, 4) in pixels, scores (M,), M class names."""

    boxes_xyxy: Boxes
    scores: NDArray[np.float64]
    class_names: tuple[str, ...]


def find_tilt(image_bgr: NDArray[np.uint8]) -> float | None:
    """By how many degrees the picture was turned counter-clockwise, in [0, 180).

    None without black corners. Half a turn more leaves the same corners, and of a
    square picture a quarter turn does.
    """
    coarse, score = _best_tilt(image_bgr, np.arange(0.0, 180.0), _COARSE_SIDE)
    if score < _LEAST_CORNERS:
        return None
    fine, _ = _best_tilt(image_bgr, coarse + np.arange(-1.5, 1.75, 0.25), _FINE_SIDE)
    return fine % 180.0


def _best_tilt(
    image_bgr: NDArray[np.uint8], angles: NDArray[np.float64], side: int
) -> tuple[float, float]:
    """The angle whose corners are the largest black ones, and their share."""
    height, width = image_bgr.shape[:2]
    scale = side / max(height, width)
    size_wh = max(8, round(width * scale)), max(8, round(height * scale))
    is_black = (image_bgr.max(axis=2) < _BLACK).astype(np.float32)
    black = cv2.resize(is_black, size_wh, interpolation=cv2.INTER_AREA)
    # A lit pixel in a corner speaks louder than a dark one: photos are dark, too.
    scores = [
        float(np.sum(_corners(size_wh, angle) * (9 * black - 8))) / black.size
        for angle in angles.tolist()
    ]
    best = int(np.argmax(scores))
    return float(angles[best]), scores[best]


@lru_cache(maxsize=4096)
def _corners(size_wh: tuple[int, int], degrees: float) -> NDArray[np.float32]:
    """1 where a picture turned by `degrees` leaves its canvas empty, else 0."""
    white = np.ones(size_wh[::-1], np.float32)
    return 1 - np.asarray(turn(white, degrees, ground=0), np.float32)


def turn(image: Any, degrees: float, *, ground: Any = GRAY) -> Any:  # noqa: ANN401
    """The picture turned counter-clockwise about its centre, on its own canvas."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    return cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=ground
    )


def quarter_turned(boxes_xyxy: Boxes, quarters: int, size_wh: tuple[int, int]) -> Boxes:
    """(N, 4) boxes turned counter-clockwise about the centre, and cut at the edges."""
    centre = np.array([size_wh[0], size_wh[1]] * 2) / 2
    boxes = boxes_xyxy - centre
    for _ in range(quarters % 4):  # (x, y) comes to (y, -x)
        boxes = boxes[:, [1, 2, 3, 0]] * [1, -1, 1, -1]
    return np.clip(boxes + centre, 0, 2 * centre)


def symmetries(labels: Labels, size_wh: tuple[int, int]) -> list[Labels]:
    """The labels as they are and mirrored, each turned by quarters: eight of them.

    Of a picture that is not square, a quarter turn has taken the ends from sight.
    """
    boxes = np.vstack([labels.boxes_xyxy, labels.seen_xyxy])
    mirrored = boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [size_wh[0], 0, size_wh[0], 0]
    turned = [
        quarter_turned(side, quarters, size_wh)
        for side in (boxes, mirrored)
        for quarters in range(4)
    ]
    return [replace(labels, boxes_xyxy=t[:-1], seen_xyxy=t[-1]) for t in turned]


def agreement(labels: Labels, finds: Finds) -> float:
    """How well the finds speak for the labels: 0 not at all, up to 0.7 a label."""
    if not len(labels.boxes_xyxy) or not len(finds.scores):
        return 0.0
    iou = pairwise_iou(labels.boxes_xyxy, _within(finds.boxes_xyxy, labels.seen_xyxy))
    is_same = np.array(labels.class_names)[:, None] == np.array(finds.class_names)
    worth = np.clip(iou - _LEAST_IOU, 0, None) * finds.scores * is_same
    return float(worth.max(axis=1).sum())


def _within(boxes_xyxy: Boxes, region_xyxy: Boxes) -> Boxes:
    return np.clip(boxes_xyxy, np.tile(region_xyxy[:2], 2), np.tile(region_xyxy[2:], 2))


@dataclass(frozen=True, eq=False, slots=True)
class Option:
    """A way to put a photo right: turn it back by `degrees`, and take `labels`."""

    degrees: float
    labels: Labels
    finds: Finds
    worth: float


def choose(
    tilts: Iterable[float],
    labels: Labels,
    size_wh: tuple[int, int],
    find: Callable[[float], Finds],
) -> Option | None:
    """The way on which labels and finds agree; None if they do not tell it.

    Args:
        tilts: how far the photo may have been turned; they differ by quarters.
        labels: as they stand in the file.
        size_wh: of the photo.
        find: looks for objects on the photo, turned back by so many degrees.
    """
    finds = find(0.0)
    stands = Option(0.0, labels, finds, agreement(labels, finds))
    options = []
    for degrees in tilts:
        finds = find(degrees)
        for turned in symmetries(labels, size_wh):
            worth = agreement(turned, finds)
            options.append(Option(degrees, turned, finds, worth))
    best = max(options, key=lambda option: option.worth)
    if max(best.worth, stands.worth) < _LEAST_AGREEMENT:
        return None
    if stands.worth >= best.worth:
        return stands
    for rival in options:
        if rival.worth > _RIVAL_SHARE * best.worth:
            quarters = round((rival.degrees - best.degrees) / 90)
            boxes = quarter_turned(rival.labels.boxes_xyxy, quarters, size_wh)
            iou = np.diag(pairwise_iou(best.labels.boxes_xyxy, boxes))
            if iou.mean() < _SAME_IOU:
                return None
    return best


def show_upright(
    image_bgr: NDArray[np.uint8], degrees: float
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The picture turned back, gray where nothing is left, and what is left (H, W).

    A quarter turn on the way has left the ends of a long picture black.
    """
    picture = turn(image_bgr, -degrees)
    size_wh = (image_bgr.shape[1], image_bgr.shape[0])
    left = np.array(turn(1 - _corners(size_wh, degrees), -degrees, ground=0))
    square = _central_square(size_wh)
    is_end = np.ones(left.shape, bool)
    is_end[square[1] : square[3], square[0] : square[2]] = False
    is_end &= left > 0.5
    if is_end.any() and (picture[is_end].max(axis=1) < _BLACK).mean() > _ENDS_BLACK:
        left[is_end] = 0
    picture[left < 0.5] = GRAY
    return picture, (left >= 0.5).astype(np.float32)


def _central_square(size_wh: tuple[int, int]) -> list[int]:
    side = min(size_wh)
    x, y = ((length - side) // 2 for length in size_wh)
    return [x, y, x + side, y + side]


@dataclass(frozen=True, eq=False, slots=True)
class Mended:
    """Labels that fit what is left of a photo.

    Attributes:
        boxes_xyxy: (N, 4) in pixels.
        class_names: N names.
        is_ignored: (N,) bool: too little is left of it to learn from.
    """

    boxes_xyxy: Boxes
    class_names: tuple[str, ...]
    is_ignored: NDArray[np.bool_]


def mend_labels(option: Option, left: NDArray[np.float32]) -> Mended:
    """The labels of `option`, completed by its finds and cut to what is left.

    Args:
        option: from `choose`.
        left: (H, W), 1 where the photo is left, else 0.
    """
    labels = option.labels
    boxes, is_whole = _complete(labels, option.finds, (left.shape[1], left.shape[0]))
    kept, names, ignored = [], [], []
    for box, name, whole in zip(boxes, labels.class_names, is_whole, strict=True):
        x1, y1 = np.floor(box[:2]).astype(int)
        x2, y2 = np.ceil(box[2:]).astype(int)
        part = left[y1:y2, x1:x2]
        if not part.size or part.mean() < _HARDLY_SEEN:
            continue
        rows, columns = (np.flatnonzero(part.any(axis=axis)) for axis in (1, 0))
        rest = [x1 + columns[0], y1 + rows[0], x1 + columns[-1] + 1, y1 + rows[-1] + 1]
        kept.append([*np.maximum(box[:2], rest[:2]), *np.minimum(box[2:], rest[2:])])
        names.append(name)
        ignored.append(not whole or bool(part.mean() < _SEEN))
    return Mended(
        np.array(kept, float).reshape(-1, 4), tuple(names), np.array(ignored, bool)
    )


def _complete(
    labels: Labels, finds: Finds, size_wh: tuple[int, int]
) -> tuple[Boxes, NDArray[np.bool_]]:
    """Boxes that the labels' own canvas cut, longer by finds; which are whole now."""
    boxes = labels.boxes_xyxy.copy()
    inside = np.abs(labels.seen_xyxy - [0, 0, *size_wh]) > 1
    is_cut = (np.abs(boxes - labels.seen_xyxy) < 1.5) & inside
    is_whole = np.asarray(~is_cut.any(axis=1), bool)
    if is_whole.all() or not len(finds.scores):
        return boxes, is_whole
    overlaps = pairwise_iou(boxes, _within(finds.boxes_xyxy, labels.seen_xyxy))
    overlaps *= np.array(labels.class_names)[:, None] == np.array(finds.class_names)
    for row in np.flatnonzero(~is_whole):
        best = int(overlaps[row].argmax())
        if overlaps[row, best] >= _COMPLETING_IOU:
            boxes[row] = np.where(is_cut[row], finds.boxes_xyxy[best], boxes[row])
            is_whole[row] = True
    return boxes, is_whole


def unseen_ends(labels: Labels, size_wh: tuple[int, int]) -> list[list[float]]:
    """Boxes of the parts of the picture in which nobody looked for objects."""
    x1, y1, x2, y2 = labels.seen_xyxy.tolist()
    width, height = size_wh
    ends = [[0, 0, x1, height], [x2, 0, width, height]]
    ends += [[0, 0, width, y1], [0, y2, width, height]]
    return [end for end in ends if end[2] - end[0] > 1 and end[3] - end[1] > 1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many photos stood upright, were put right, or were left out."""

    untouched: int
    mended: int
    left_out: int


def upright(
    teacher: Teacher,
    source: Path,
    target: Path,
    *,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = lambda items: items,
) -> Outcome:
    """Write a COCO dataset like `source` in which every photo stands upright.

    A turned photo is left out when labels and finds do not tell how it belongs;
    one without labels always is. What a photo has lost is gray, and labels lie
    where a good part of the object is left.

    Args:
        teacher: finds objects of the labelled classes.
        source: a folder with images/ and instances.json.
        target: a folder to write the same into.
        progress: wraps the photos.

    Raises:
        DatasetError: `source` cannot be read, or `target` is there already.
    """
    truth, folder = read_instances(source, ())
    if target.exists():
        raise DatasetError(f"{target} is there already.", "Choose another folder.")
    (target / "images").mkdir(parents=True)
    by_image: dict[int, list[Any]] = {image["id"]: [] for image in truth["images"]}
    for annotation in truth["annotations"]:
        by_image[annotation["image_id"]].append(annotation)
    names = {c["id"]: voc_name(c["name"]) for c in truth["categories"]}
    images, annotations = [], []
    mended_count = 0
    for image in progress(truth["images"]):
        path = folder / image["file_name"]
        written = target / "images" / path.name
        read = cv2.imread(str(path))
        if read is None:
            raise DatasetError(f"The photo {path} cannot be read.")
        picture, own = np.asarray(read, np.uint8), by_image[image["id"]]
        tilts = _tilts(picture)
        option = _option(teacher, picture, tilts, _labels_of(own, names, picture))
        if tilts and option is None:
            continue
        if option is None or option.degrees == 0:
            shutil.copyfile(path, written)
        else:
            mended_count += 1
            picture, left = show_upright(picture, option.degrees)
            cv2.imwrite(str(written), picture)
            known = image.get("exhaustive_class_names", names.values())
            own = _annotations(image["id"], mend_labels(option, left), names)
            own += _unseen(image["id"], option.labels, picture, known, names)
        images.append({**image, "file_name": path.name})
        annotations += own
    for number, annotation in enumerate(annotations, start=1):
        annotation["id"] = number
    text = json.dumps({**truth, "images": images, "annotations": annotations})
    (target / "instances.json").write_text(text, encoding="utf-8")
    untouched_count = len(images) - mended_count
    return Outcome(untouched_count, mended_count, len(truth["images"]) - len(images))


def _tilts(image_bgr: NDArray[np.uint8]) -> list[float]:
    """Every turn that may have left the picture's black corners; none without."""
    tilt = find_tilt(image_bgr)
    if tilt is None:
        return []
    height, width = image_bgr.shape[:2]
    is_square = abs(width - height) < 0.02 * max(width, height)
    return [tilt + more for more in ((0, 90, 180, 270) if is_square else (0, 180))]


def _labels_of(
    annotations: list[Any], names: dict[int, str], image_bgr: NDArray[np.uint8]
) -> Labels:
    boxes = np.array([a["bbox"] for a in annotations], float).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    height, width = image_bgr.shape[:2]
    return Labels(
        boxes,
        tuple(names[a["category_id"]] for a in annotations),
        np.array([0, 0, width, height], float),
    )


def _option(
    teacher: Teacher,
    image_bgr: NDArray[np.uint8],
    tilts: list[float],
    labels: Labels,
) -> Option | None:
    if not tilts or not labels.class_names:
        return None

    def find(degrees: float) -> Finds:
        picture = turn(image_bgr, -degrees)
        boxes, scores, ids = teacher.find(picture, least_score=_TEACHER_SCORE)
        return Finds(
            boxes, scores, tuple(voc_name(teacher.class_names[k]) for k in ids)
        )

    return choose(tilts, labels, (image_bgr.shape[1], image_bgr.shape[0]), find)


def _annotations(image_id: int, mended: Mended, names: dict[int, str]) -> list[Any]:
    ids = {name: key for key, name in names.items()}
    return [
        _annotation(image_id, ids[name], box.tolist(), is_ignored=bool(is_ignored))
        for box, name, is_ignored in zip(
            mended.boxes_xyxy, mended.class_names, mended.is_ignored, strict=True
        )
    ]


def _unseen(
    image_id: int,
    labels: Labels,
    image_bgr: NDArray[np.uint8],
    known: Iterable[str],
    names: dict[int, str],
) -> list[Any]:
    """Where nobody looked, there is nothing to say about any class."""
    ids = {name: key for key, name in names.items()}
    ends = unseen_ends(labels, (image_bgr.shape[1], image_bgr.shape[0]))
    return [
        _annotation(image_id, ids[voc_name(name)], end, is_ignored=True)
        for end in ends
        for name in known
    ]


def _annotation(
    image_id: int, category_id: int, xyxy: list[float], *, is_ignored: bool
) -> dict[str, Any]:
    x1, y1, x2, y2 = (round(value, 2) for value in xyxy)
    return {
        "image_id": image_id,
        "category_id": category_id,
        "bbox": [x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)],
        "area": round((x2 - x1) * (y2 - y1), 1),
        "iscrowd": int(is_ignored),
    }
