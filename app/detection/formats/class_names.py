"""What classes are called, where the model file does not say."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path

from app.errors import ModelError

# Source: the COCO 2017 annotations' `categories`, in the order of their ids.
COCO = (
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic light",
    "fire hydrant",
    "stop sign",
    "parking meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports ball",
    "kite",
    "baseball bat",
    "baseball glove",
    "skateboard",
    "surfboard",
    "tennis racket",
    "bottle",
    "wine glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "couch",
    "potted plant",
    "bed",
    "dining table",
    "toilet",
    "tv",
    "laptop",
    "mouse",
    "remote",
    "keyboard",
    "cell phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy bear",
    "hair drier",
    "toothbrush",
)
# COCO's ids run from 1 to 90, with ten gaps.
_GAPS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
COCO_BY_ID = dict(zip((i for i in range(1, 91) if i not in _GAPS), COCO, strict=True))
VOC = (
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
)


def names_in(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """From `names` in the metadata: a list, or a table by number; else none.

    Ultralytics writes a Python dict, others JSON; both are read as data.
    """
    text = metadata.get("names") or metadata.get("class_names") or ""
    for read in (json.loads, ast.literal_eval):
        try:
            names = read(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(names, dict):
            try:
                by_number = {int(number): name for number, name in names.items()}
            except (TypeError, ValueError):
                continue
            names = [by_number.get(i, f"class {i}") for i in range(max(by_number) + 1)]
        if isinstance(names, list | tuple) and names:
            return tuple(str(name) for name in names)
    return ()


def names_beside(model: Path) -> tuple[str, ...]:
    """From NAME.names (or NAME.txt) beside NAME.onnx, a name a line; else none.

    Raises:
        ModelError: there is such a file, and it cannot be read.
    """
    for suffix in (".names", ".txt"):
        path = model.with_suffix(suffix)
        if path.is_file():
            try:
                lines = path.read_text(encoding="utf-8-sig").splitlines()
            except (OSError, ValueError) as error:
                raise ModelError(
                    f"The class names in {path.name} cannot be read.",
                    "Write one name a line, as UTF-8.",
                ) from error
            return tuple(line.strip() for line in lines if line.strip())
    return ()


def usual_names(count: int) -> tuple[str, ...]:
    """COCO's for 80 classes, VOC's for 20; else "class 0" and so on."""
    for names in (COCO, VOC):
        if len(names) == count:
            return names
    return tuple(f"class {i}" for i in range(count))
