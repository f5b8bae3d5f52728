"""How well a detector does on labelled photos, by COCO's and by VOC's measure."""

import contextlib
import io
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from model.dataset.names import class_key
from model.dataset.photo import Dataset, Photo, read_picture
from model.errors import DatasetError
from model.evaluation.confusion import LEAST_SCORE, Compared, confusion_matrix
from model.evaluation.voc_map import Find, Truth, VocAp, average_precision

SIZES = ("small", "medium", "large")
THRESHOLDS = tuple(n / 20 for n in range(1, 20))

# image (H, W, 3) uint8 BGR -> boxes (N, 4) in pixels, x1 y1 x2 y2; scores (N,);
# class ids (N,)
Detect = Callable[
    [NDArray[np.uint8]],
    tuple[
        NDArray[np.floating[Any]], NDArray[np.floating[Any]], NDArray[np.integer[Any]]
    ],
]


@dataclass(frozen=True, slots=True)
class Report:
    """Average precision, each in [0, 1]; None where there is nothing to find.

    Attributes:
        ap: mean over classes and IoU 0.50:0.05:0.95.
        ap50: mean over classes at IoU 0.5.
        ap_by_size: `ap` of objects small (< 32 x 32 pixels), medium, large
            (> 96 x 96).
        ap50_by_class: by class name.
        objects_by_class: how many labelled objects each class has.
        unknown_class_names: of the dataset, not the detector's: they do not count.
        image_count: photos looked at.
        voc07_map: mean over classes of VOC2007's eleven-point AP; difficult
            objects do not count.
        voc_map: the same by the area under the curve, as from VOC2010 on.
        precision_by_class: at recall 0, 0.01 ... 1 and IoU 0.5.
        confusion: true class by found class, above a score of 0.4; the last row
            is "nothing there", the last column "not found".
        ms_per_photo: of `detect`, all its stages.
        by_threshold: score threshold, precision and recall of what scores more, at
            IoU 0.5 and over all classes together; up to where nothing does.
    """

    ap: float | None
    ap50: float | None
    ap_by_size: dict[str, float | None]
    ap50_by_class: dict[str, float | None]
    objects_by_class: dict[str, int]
    unknown_class_names: tuple[str, ...]
    image_count: int
    voc07_map: float | None
    voc_map: float | None
    precision_by_class: dict[str, list[float]]
    confusion: list[list[int]]
    ms_per_photo: float
    by_threshold: list[tuple[float, float, float]]


def evaluate(
    detect: Detect,
    class_names: Sequence[str],
    dataset: Dataset,
    *,
    limit: int | None = None,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = lambda items: items,
) -> Report:
    """Run `detect` over the photos of a dataset.

    Only classes that are labelled completely on a photo count on it: of the
    others nothing is known, so neither finding nor missing one says anything. Nor do
    classes that the detector was never taught.

    Args:
        detect: answers all it finds, down to low scores.
        class_names: indexed by its class ids; COCO's or VOC's words.
        dataset: the photos; labels made for another size of a photo are scaled.
        limit: look at the first so many photos only.
        progress: wraps the photos, to show how far it is.

    Raises:
        DatasetError: a photo cannot be read, its labels are not of it as it is
            shown, or the detector knows none of the classes.
    """
    ids = {class_key(name): number for number, name in enumerate(dataset.class_names)}
    # What the dataset does not know has no id there.
    own_ids = np.array([ids.get(class_key(name), -1) for name in class_names])
    is_taught = np.isin(np.arange(len(dataset.class_names)), own_ids)
    if not is_taught.any():
        raise DatasetError(
            f"The detector knows no class of {dataset.name}: "
            f"{', '.join(dataset.class_names)}.",
            f"It knows {', '.join(class_names)}.",
        )
    photos = [
        replace(photo, is_known=photo.is_known & is_taught)
        for photo in dataset.photos[:limit]
    ]
    found: list[dict[str, Any]] = []
    spent_s = 0.0
    for number, photo in enumerate(progress(photos)):
        picture = read_picture(photo)
        started_s = time.perf_counter()
        boxes, scores, class_ids = detect(picture)
        spent_s += time.perf_counter() - started_s
        width, height = photo.size_wh
        scale = np.array([width, height] * 2) / np.tile(picture.shape[1::-1], 2)
        for box, score, class_id in zip(
            (np.asarray(boxes, float).reshape(-1, 4) * scale).tolist(),
            np.asarray(scores, float).tolist(),
            own_ids[class_ids].tolist(),
            strict=True,
        ):
            if class_id >= 0 and photo.is_known[class_id]:
                x1, y1, x2, y2 = box
                found.append(
                    {
                        "image_id": number + 1,
                        "category_id": class_id + 1,
                        "bbox": [x1, y1, x2 - x1, y2 - y1],
                        "score": score,
                    }
                )
    dataset_ids = range(len(dataset.class_names))
    aps = [_voc_ap(photos, found, class_id) for class_id in dataset_ids]
    known = [ap for ap in aps if ap is not None]
    by_photo: list[list[dict[str, Any]]] = [[] for _ in photos]
    for f in found:
        by_photo[f["image_id"] - 1].append(f)
    compared = (_compared(*pair) for pair in zip(photos, by_photo, strict=True))
    return Report(
        **_coco_figures(_as_coco(photos, dataset.class_names), found),
        unknown_class_names=tuple(
            name
            for name, taught in zip(dataset.class_names, is_taught, strict=True)
            if not taught
        ),
        image_count=len(photos),
        voc07_map=sum(ap.eleven_point for ap in known) / len(known) if known else None,
        voc_map=sum(ap.all_point for ap in known) / len(known) if known else None,
        confusion=confusion_matrix(compared, len(dataset.class_names)).tolist(),
        ms_per_photo=1e3 * spent_s / max(1, len(photos)),
    )


def _voc_ap(
    photos: Sequence[Photo], found: list[dict[str, Any]], class_id: int
) -> VocAp | None:
    truth = {}
    for number, photo in enumerate(photos):
        if photo.is_known[class_id]:
            own = photo.class_ids == class_id
            truth[number + 1] = Truth(
                photo.boxes_xyxy[own],
                photo.is_difficult[own] | photo.is_ignored[own],
            )
    finds = [
        Find(f["image_id"], f["score"], _corners(f["bbox"]))
        for f in found
        if f["category_id"] == class_id + 1
    ]
    return average_precision(finds, truth)


def _compared(photo: Photo, found: list[dict[str, Any]]) -> Compared:
    own = [f for f in found if f["score"] > LEAST_SCORE]
    own.sort(key=lambda f: -f["score"])
    known = photo.is_known[photo.class_ids]
    return Compared(
        photo.boxes_xyxy[known],
        photo.class_ids[known],
        (photo.is_difficult | photo.is_ignored)[known],
        np.array([_corners(f["bbox"]) for f in own], float).reshape(-1, 4),
        np.array([f["category_id"] - 1 for f in own], np.int64),
    )


def _corners(xywh: list[float]) -> tuple[float, float, float, float]:
    x, y, width, height = xywh
    return x, y, x + width, y + height


def _as_coco(photos: Sequence[Photo], class_names: Sequence[str]) -> dict[str, Any]:
    """The labels as pycocotools takes them; ids count from 1."""
    annotations: list[dict[str, Any]] = []
    for number, photo in enumerate(photos):
        for row, class_id in enumerate(photo.class_ids.tolist()):
            if photo.is_known[class_id]:
                x1, y1, x2, y2 = photo.boxes_xyxy[row].astype(float).tolist()
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": number + 1,
                        "category_id": class_id + 1,
                        "bbox": [x1, y1, x2 - x1, y2 - y1],
                        "area": float(photo.areas[row]),
                        # COCO has no difficult ones; to VOC neither finding nor
                        # missing them counts.
                        "iscrowd": int(photo.is_ignored[row] | photo.is_difficult[row]),
                    }
                )
    return {
        "info": {},
        "images": [{"id": number + 1} for number in range(len(photos))],
        "annotations": annotations,
        "categories": [
            {"id": number + 1, "name": name} for number, name in enumerate(class_names)
        ],
    }


def _coco_figures(
    dataset: dict[str, Any], found: list[dict[str, Any]]
) -> dict[str, Any]:
    """The fields of a `Report` that pycocotools knows."""
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools chats
        truth = COCO()
        truth.dataset = dataset
        truth.createIndex()
        # loadRes refuses an empty list.
        results = truth.loadRes(found) if found else COCO()
        if not found:
            results.dataset = {**dataset, "annotations": []}
            results.createIndex()
        coco = COCOeval(truth, results, "bbox")
        coco.evaluate()
        coco.accumulate()
    # precision: (IoU, recall, class, size, most detections); -1 where no object is
    precision = coco.eval["precision"][..., -1]
    names = [category["name"] for category in truth.loadCats(truth.getCatIds())]
    counts = {
        name: sum(
            not a["iscrowd"]
            for a in truth.loadAnns(truth.getAnnIds(catIds=[category_id]))
        )
        for name, category_id in zip(names, truth.getCatIds(), strict=True)
    }
    return {
        "ap": _mean(precision[..., 0]),
        "ap50": _mean(precision[0, ..., 0]),
        "ap_by_size": {
            size: _mean(precision[..., number])
            for number, size in enumerate(SIZES, start=1)
        },
        "ap50_by_class": {
            name: _mean(precision[0, :, number, 0]) for number, name in enumerate(names)
        },
        "precision_by_class": {
            name: np.maximum(precision[0, :, number, 0], 0.0).tolist()
            for number, name in enumerate(names)
        },
        "objects_by_class": counts,
        "by_threshold": _by_threshold(coco),
    }


def _by_threshold(coco: COCOeval) -> list[tuple[float, float, float]]:
    """What pycocotools paired at its first IoU, 0.5, and in objects of all sizes."""
    every_size = coco.params.areaRng[0]
    count, scores, is_right = 0, [0.0], [False]
    for e in coco.evalImgs:
        if e is not None and e["aRng"] == every_size:
            count += int(np.sum(np.equal(e["gtIgnore"], 0)))
            counted = np.equal(e["dtIgnore"][0], 0)
            scores += np.array(e["dtScores"])[counted].tolist()
            is_right += (e["dtMatches"][0] > 0)[counted].tolist()
    right_scores = np.array(scores)[is_right]
    rows = []
    for threshold in THRESHOLDS:
        shown = int(np.sum(np.greater(scores, threshold)))
        hits = int(np.sum(right_scores > threshold))
        if shown:
            rows.append((threshold, hits / shown, hits / max(1, count)))
    return rows


def best_threshold(rows: Sequence[tuple[float, float, float]]) -> float:
    """Where precision and recall are best together, by their harmonic mean (F1).

    Of equals it is the highest.
    """
    return max((p * r / max(1e-9, p + r), threshold) for threshold, p, r in rows)[1]


def _mean(precision: NDArray[np.floating[Any]]) -> float | None:
    known = precision[precision > -1]
    return float(known.mean()) if known.size else None
