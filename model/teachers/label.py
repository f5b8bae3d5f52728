"""Bigger detectors label what nobody labelled.

Their finds become labels with a score: above `SURE_SCORE` objects to learn, with
that score as the target (a soft label); below, places where nothing is known.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model.dataset.coco import find_picture, instances_of
from model.dataset.names import class_key
from model.errors import DatasetError
from model.network.boxes import pairwise_iou
from model.teachers.detectors import Teacher
from model.teachers.fusion import fuse

# A find that overlaps a person's box by more is of what that person labelled.
SAME_IOU = 0.5


def label(
    teachers: Sequence[Teacher],
    source: Path,
    target: Path,
    class_names: Sequence[str],
    *,
    least_score: float,
    replace_partial: bool = False,
    beside_people: bool = False,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = lambda items: items,
) -> int:
    """Write COCO instances of `source` to `target`, with the teachers' finds.

    What people labelled completely (`exhaustive_class_names`, or everything where
    a photo names none) is left as it is.

    Args:
        teachers: label the rest; the finds of several are fused.
        source: a COCO folder, or a folder of pictures without labels.
        target: a .json file.
        class_names: for pictures without labels: what to look for.
        least_score: weaker finds are background.
        replace_partial: drop people's labels where only some classes are complete.
        beside_people: add what the teachers find where people drew no box, also of
            classes that are said to be complete: VOC leaves out what is "difficult",
            and lists of its boxes leave out more.
        progress: wraps the photos.

    Returns:
        How many labels the teachers gave.

    Raises:
        DatasetError: there are no pictures, or the labels cannot be read.
    """
    truth, folder = instances_of(source, class_names)
    ids = {class_key(c["name"]): c["id"] for c in truth["categories"]}
    number = max((a.get("id", 0) for a in truth["annotations"]), default=0)
    if replace_partial:
        partial = {
            image["id"]: image
            for image in truth["images"]
            if len(image.get("exhaustive_class_names", ids)) < len(ids)
        }
        for image in partial.values():
            image["exhaustive_class_names"] = []
        truth["annotations"] = [
            a for a in truth["annotations"] if a["image_id"] not in partial
        ]
    before = len(truth["annotations"])
    peoples = _boxes_by_photo(truth["annotations"]) if beside_people else {}
    # All are of the same classes, in the same order: COCO's.
    taught = [class_key(name) for name in teachers[0].class_names]
    for image in progress(truth["images"]):
        path = find_picture(folder, image["file_name"])
        picture = cv2.imread(str(path))
        if picture is None:
            raise DatasetError(
                f"The photo {image['file_name']} cannot be read.",
                "Replace it, or take it out of the labels.",
            )
        height, width = picture.shape[:2]
        # People's boxes may be for another size of it; the teachers' follow them.
        image.setdefault("width", width)
        image.setdefault("height", height)
        scale = np.tile([image["width"] / width, image["height"] / height], 2)
        by_people = {class_key(n) for n in image.get("exhaustive_class_names", ids)}
        own = {name for name in taught if name in ids}
        left = own if beside_people else own - by_people
        image["teacher_class_names"] = sorted(own - by_people)
        # Whoever reads the file from elsewhere must find the picture.
        image["file_name"] = str(path.resolve())
        pixels = np.asarray(picture, np.uint8)
        # What one alone is unsure of may be sure when another agrees.
        answers = [t.find(pixels, least_score=least_score) for t in teachers]
        found = answers[0] if len(answers) == 1 else fuse(answers)
        drawn = peoples.get(image["id"], np.zeros((0, 4)))
        overlaps = pairwise_iou(found[0] * scale, drawn).max(axis=-1, initial=0.0)
        for box, score, class_id, overlap in zip(*found, overlaps, strict=True):
            name = taught[class_id]
            if name in left and score > least_score and overlap <= SAME_IOU:
                number += 1
                x1, y1, x2, y2 = (round(float(v), 2) for v in box * scale)
                truth["annotations"].append(
                    {
                        "id": number,
                        "image_id": image["id"],
                        "category_id": ids[name],
                        "bbox": [x1, y1, x2 - x1, y2 - y1],
                        "area": (x2 - x1) * (y2 - y1),
                        "score": round(float(score), 3),
                    }
                )
    target.write_text(json.dumps(truth), encoding="utf-8")
    return len(truth["annotations"]) - before


def _boxes_by_photo(annotations: Sequence[Any]) -> dict[Any, NDArray[np.float64]]:
    """(N, 4) corners of what people drew on each photo, places to ignore left out."""
    boxes: dict[Any, list[list[float]]] = {}
    for a in annotations:
        if not a.get("iscrowd", 0):
            x, y, width, height = a["bbox"]
            boxes.setdefault(a["image_id"], []).append([x, y, x + width, y + height])
    return {key: np.array(rows, np.float64) for key, rows in boxes.items()}
