"""A bigger detector labels what nobody labelled.

Its finds become labels with a score: above `SURE_SCORE` objects to learn, with
that score as the target (a soft label); below, places where nothing is known.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from model.errors import DatasetError, WeightsError
from model.network.config import COCO_CLASS_NAMES
from model.training.dataset import voc_name

# YOLOX's own: exps/default/yolox_nano.py and yolox/data/data_augment.py.
_STRIDES = (8, 16, 32)
_GROUND = 114
_NMS_IOU = 0.65
PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}


class YoloxTeacher:
    """A YOLOX for COCO's 80 classes, as its authors export it to ONNX.

    The graph takes (1, 3, S, S) float32, BGR in 0..255, and gives (1, N, 85):
    centre and logarithmic size in cells, objectness, class scores.

    Source: Megvii-BaseDetection/YOLOX, demo/ONNXRuntime and yolox/utils/demo_utils.py.
    """

    class_names = COCO_CLASS_NAMES

    def __init__(self, path: Path) -> None:
        """Load it.

        Raises:
            WeightsError: not a YOLOX of that form.
        """
        try:
            self._session = ort.InferenceSession(
                str(path), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ORT raises its own types, and none is public
            raise WeightsError(
                f"The teacher {path} cannot be loaded.", "Choose a YOLOX .onnx file."
            ) from error
        (graph_input,) = self._session.get_inputs()
        self._name = graph_input.name
        self._side = graph_input.shape[-1]
        rows = self._session.get_outputs()[0].shape
        if rows[-1] != 5 + len(self.class_names) or not isinstance(self._side, int):
            raise WeightsError(
                f"{path.name} is not a YOLOX for COCO: it answers {rows}.",
                "Choose a YOLOX .onnx file of a fixed size.",
            )
        grids, strides = [], []
        for stride in _STRIDES:
            cells = self._side // stride
            y, x = np.meshgrid(np.arange(cells), np.arange(cells), indexing="ij")
            grids.append(np.stack([x, y], axis=-1).reshape(-1, 2))
            strides.append(np.full((cells * cells, 1), stride))
        self._grid, self._stride = np.concatenate(grids), np.concatenate(strides)

    def find(
        self, image_bgr: NDArray[np.uint8], *, least_score: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Boxes (N, 4) in pixels, scores (N,) and class ids (N,) after NMS."""
        height, width = image_bgr.shape[:2]
        scale = min(self._side / height, self._side / width)
        square = np.full((self._side, self._side, 3), _GROUND, np.uint8)
        small = cv2.resize(image_bgr, (int(width * scale), int(height * scale)))
        square[: small.shape[0], : small.shape[1]] = small
        rows = self._session.run(
            None, {self._name: square.transpose(2, 0, 1)[np.newaxis].astype(np.float32)}
        )[0][0].astype(np.float64)
        centre = (rows[:, :2] + self._grid) * self._stride / scale
        half = np.exp(rows[:, 2:4]) * self._stride / scale / 2
        limit = np.array([width, height] * 2)
        boxes = np.clip(np.concatenate([centre - half, centre + half], 1), 0, limit)
        scores = rows[:, 4:5] * rows[:, 5:]
        which, class_ids = np.nonzero(scores > least_score)
        scores, boxes = scores[which, class_ids], boxes[which]
        if not len(scores):
            return boxes, scores, class_ids
        xywh = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
        rows_kept = cv2.dnn.NMSBoxesBatched(
            xywh.tolist(),
            scores.tolist(),
            class_ids.tolist(),
            least_score,
            _NMS_IOU,
        )
        kept = np.asarray(rows_kept, np.int64)
        return boxes[kept], scores[kept], class_ids[kept]


def label(
    teacher: YoloxTeacher,
    source: Path,
    target: Path,
    class_names: Sequence[str],
    *,
    least_score: float,
    replace_partial: bool = False,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = lambda items: items,
) -> int:
    """Write COCO instances of `source` to `target`, with the teacher's finds.

    What people labelled completely (`exhaustive_class_names`, or everything where
    a photo names none) is left as it is.

    Args:
        teacher: labels the rest.
        source: a COCO folder, or a folder of pictures without labels.
        target: a .json file.
        class_names: for pictures without labels: what to look for.
        least_score: weaker finds are background.
        replace_partial: drop people's labels where only some classes are complete.
        progress: wraps the photos.

    Returns:
        How many labels the teacher gave.

    Raises:
        DatasetError: there are no pictures, or the labels cannot be read.
    """
    truth, folder = read_instances(source, class_names)
    ids = {voc_name(c["name"]): c["id"] for c in truth["categories"]}
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
    for image in progress(truth["images"]):
        picture = cv2.imread(str(folder / image["file_name"]))
        if picture is None:
            raise DatasetError(f"The photo {image['file_name']} cannot be read.")
        image["height"], image["width"] = picture.shape[:2]
        by_people = {voc_name(n) for n in image.get("exhaustive_class_names", ids)}
        own = {name for name in map(voc_name, teacher.class_names) if name in ids}
        left = own - by_people
        image["teacher_class_names"] = sorted(left)
        # Whoever reads the file from elsewhere must find the picture.
        image["file_name"] = str((folder / image["file_name"]).resolve())
        found = teacher.find(np.asarray(picture, np.uint8), least_score=least_score)
        for box, score, class_id in zip(*found, strict=True):
            name = voc_name(teacher.class_names[class_id])
            if name in left:
                number += 1
                x1, y1, x2, y2 = (round(float(v), 2) for v in box)
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


def read_instances(source: Path, class_names: Sequence[str]) -> tuple[Any, Path]:
    """COCO instances of `source`, and the folder of their pictures.

    A folder of pictures without labels makes instances of its own.

    Raises:
        DatasetError: there are no pictures, or the labels are damaged.
    """
    instances = source / "instances.json"
    if instances.is_file():
        try:
            return json.loads(instances.read_text(encoding="utf-8")), source / "images"
        except ValueError as error:
            raise DatasetError(f"The labels {instances} are damaged.") from error
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
