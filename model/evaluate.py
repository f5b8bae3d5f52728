"""How well a detector does on labelled photos, by COCO's own measure."""

import contextlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from model.errors import DatasetError

# VOC's words for what COCO calls otherwise.
VOC_NAMES = {
    "airplane": "aeroplane",
    "couch": "sofa",
    "dining table": "diningtable",
    "motorcycle": "motorbike",
    "potted plant": "pottedplant",
    "tv": "tvmonitor",
}
SIZES = ("small", "medium", "large")

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
        image_count: photos looked at.
    """

    ap: float | None
    ap50: float | None
    ap_by_size: dict[str, float | None]
    ap50_by_class: dict[str, float | None]
    objects_by_class: dict[str, int]
    image_count: int


def evaluate(
    detect: Detect,
    class_names: Sequence[str],
    folder: Path,
    *,
    limit: int | None = None,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = lambda items: items,
) -> Report:
    """Run `detect` over a folder with `images/` and a COCO `instances.json`.

    Where a photo names its `exhaustive_class_names`, only those classes count on
    it: nothing is known of the others, so neither finding nor missing one says
    anything.

    Args:
        detect: answers all it finds, down to low scores.
        class_names: indexed by its class ids; COCO's or VOC's words.
        folder: the dataset.
        limit: look at the first so many photos only.
        progress: wraps the photos, to show how far it is.

    Raises:
        DatasetError: the folder is no such dataset, or a photo cannot be read.
    """
    truth = _read_instances(folder)
    images = truth["images"][:limit]
    categories = {c["name"]: c["id"] for c in truth["categories"]}
    counted = {
        image["id"]: {
            categories[name]
            for name in image.get("exhaustive_class_names", categories)
            if name in categories
        }
        for image in images
    }
    annotations = [
        {"iscrowd": 0, **annotation}
        for annotation in truth["annotations"]
        if annotation["category_id"] in counted.get(annotation["image_id"], ())
    ]
    category_ids = np.array(
        [categories.get(VOC_NAMES.get(name, name), -1) for name in class_names]
    )
    found = []
    for image in progress(images):
        picture = cv2.imread(str(folder / "images" / image["file_name"]))
        if picture is None:
            raise DatasetError(
                f"The photo {image['file_name']} of {folder} cannot be read.",
                "Mend the dataset.",
            )
        boxes, scores, class_ids = detect(np.asarray(picture, np.uint8))
        for box, score, category_id in zip(
            np.asarray(boxes, float).tolist(),
            np.asarray(scores, float).tolist(),
            category_ids[class_ids].tolist(),
            strict=True,
        ):
            if category_id in counted[image["id"]]:
                x1, y1, x2, y2 = box
                found.append(
                    {
                        "image_id": image["id"],
                        "category_id": category_id,
                        "bbox": [x1, y1, x2 - x1, y2 - y1],
                        "score": score,
                    }
                )
    dataset = {
        "info": {},
        "images": images,
        "annotations": annotations,
        "categories": truth["categories"],
    }
    return _score(dataset, found)


def _read_instances(folder: Path) -> Any:  # noqa: ANN401 - JSON
    path = folder / "instances.json"
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
        for key in ("images", "annotations", "categories"):
            truth[key]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{folder} is not a COCO dataset: {path.name} is missing or damaged.",
            "It should hold images/ and instances.json.",
        ) from error
    return truth


def _score(dataset: dict[str, Any], found: list[dict[str, Any]]) -> Report:
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
    return Report(
        ap=_mean(precision[..., 0]),
        ap50=_mean(precision[0, ..., 0]),
        ap_by_size={
            size: _mean(precision[..., number])
            for number, size in enumerate(SIZES, start=1)
        },
        ap50_by_class={
            name: _mean(precision[0, :, number, 0]) for number, name in enumerate(names)
        },
        objects_by_class=counts,
        image_count=len(dataset["images"]),
    )


def _mean(precision: NDArray[np.floating[Any]]) -> float | None:
    known = precision[precision > -1]
    return float(known.mean()) if known.size else None
