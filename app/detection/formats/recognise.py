"""Which kind of detector a file is, from its metadata, its inputs and one answer.

A kind is a builder in `KINDS`: it looks at what the file shows of itself, and gives
the layout, or None where it is another kind. docs/models.md has the table for people.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.detection.engines.engine import Tensor
from app.detection.formats import readers
from app.detection.formats.class_names import (
    COCO,
    COCO_BY_ID,
    names_beside,
    names_in,
    usual_names,
)
from app.detection.formats.layout import Candidates, Layout, Outputs
from app.errors import ModelError

STRIDES = (8, 16, 32)
STRIDES_P6 = (8, 16, 32, 64)
# A DETR does without NMS, and leaves some doubles all the same. DEIMv2-Femto on 600
# photos of VOC, AP / AP50 / person AP50: without 0.475 / 0.655 / 0.844, at 0.5 0.467 /
# 0.652 / 0.850, at 0.6 0.475 / 0.663 / 0.852.
DETR_NMS_IOU = 0.6
# Where a file takes pictures of any size.
USUAL_SIDE = 640
_DTYPES = ("uint8", "float32", "float16")

# A picture's array, and the other inputs by name -> the answer by name.
Run = Callable[[NDArray[Any], Mapping[str, NDArray[Any]]], Outputs]


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """What a file shows of itself.

    Attributes:
        name: of the file.
        class_names: from its metadata or a file beside it; empty where nobody says.
        size_wh: of the picture that it takes.
        takes: how that picture's array is laid out: fields of `Layout`.
        outputs: its answer to a grey picture.
    """

    name: str
    class_names: tuple[str, ...]
    size_wh: tuple[int, int]
    takes: Mapping[str, Any]
    outputs: Outputs

    def names_for(self, count: int) -> tuple[str, ...]:
        """`count` class names.

        Raises:
            ModelError: there are names, but not so many.
        """
        if self.class_names and len(self.class_names) != count:
            raise ModelError(
                f"{self.name} knows {count} classes, and there are "
                f"{len(self.class_names)} class names for it.",
                "Mend the file of names beside it, or its metadata.",
            )
        return self.class_names or usual_names(count)

    def alone(self) -> NDArray[Any] | None:
        """The only output, where there is one of three dimensions."""
        arrays = list(self.outputs.values())
        if len(arrays) == 1 and arrays[0].ndim == 3 and arrays[0].shape[0] == 1:
            return arrays[0]
        return None

    def layout(self, kind: str, class_names: tuple[str, ...], **more: Any) -> Layout:  # noqa: ANN401 - fields of Layout
        """A layout for this file's input."""
        return Layout(
            kind=kind,
            class_names=class_names,
            input_size_wh=self.size_wh,
            **(dict(self.takes) | more),
        )


def cells_in(size_wh: tuple[int, int], strides: Sequence[int]) -> int:
    """How many cells the grids of these strides have."""
    return sum((size_wh[0] // s) * (size_wh[1] // s) for s in strides)


def _strides_with(count: int, size_wh: tuple[int, int]) -> tuple[int, ...] | None:
    for strides in (STRIDES, STRIDES_P6):
        if count == cells_in(size_wh, strides):
            return strides
    return None


def _yolox(seen: Seen) -> Layout | None:
    rows = seen.alone()
    if rows is None or rows.shape[2] < 6:
        return None
    strides = _strides_with(rows.shape[1], seen.size_wh)
    if strides is None:
        return None
    # Exported with its decoder, centres are pixels and reach over the picture; without,
    # they are cells from their own.
    if float(np.abs(rows[0, :, :2]).max()) > max(seen.size_wh) / 2:
        read = _only(readers.read_yolov5)
        kind = "YOLOX, decoded"
    else:
        kind = "YOLOX"

        def read_cells(rows: NDArray[np.float32], least: float) -> Candidates:
            return readers.read_yolox(rows, seen.size_wh, least, strides=strides)

        read = _only(read_cells)
    names = seen.names_for(rows.shape[2] - 5)
    return seen.layout(kind, names, read=read, fit="corner", is_rgb=False, scale=1.0)


def _yolov5(seen: Seen) -> Layout | None:
    rows = seen.alone()
    if rows is None or rows.shape[2] < 6:
        return None
    three_a_cell = {3 * cells_in(seen.size_wh, s) for s in (STRIDES, STRIDES_P6)}
    if rows.shape[1] not in three_a_cell:
        return None
    names = seen.names_for(rows.shape[2] - 5)
    return seen.layout("YOLOv5", names, read=_only(readers.read_yolov5), fit="centre")


def _yolov8(seen: Seen) -> Layout | None:
    rows = seen.alone()
    if rows is None or rows.shape[1] < 5:
        return None
    if _strides_with(rows.shape[2], seen.size_wh) is None:
        return None
    names = seen.names_for(rows.shape[1] - 4)
    return seen.layout(
        "YOLOv8 or 11", names, read=_only(readers.read_yolov8), fit="centre"
    )


def _yolo_end_to_end(seen: Seen) -> Layout | None:
    rows = seen.alone()
    if rows is None or rows.shape[2] != 6:
        return None
    return seen.layout(
        "YOLO without NMS",
        seen.class_names or COCO,
        read=_only(readers.read_rows_of_six),
        fit="centre",
        least_nms_iou=1.0,
    )


def _detr(seen: Seen) -> Layout | None:
    if not {"labels", "boxes", "scores"} <= set(seen.outputs):
        return None
    if not seen.takes["fixed"]:  # boxes in pixels of a size that was told
        return None

    def read(outputs: Outputs, least: float) -> Candidates:
        return readers.read_lists(
            outputs["boxes"], outputs["scores"], outputs["labels"], least
        )

    return seen.layout(
        "DETR (RT-DETR, D-FINE, DEIM)",
        seen.class_names or COCO,
        read=read,
        least_nms_iou=DETR_NMS_IOU,
    )


def _tensorflow(seen: Seen) -> Layout | None:
    wanted = ("detection_boxes", "detection_scores", "detection_classes")
    # Exports of some years end in ":0".
    by_name = {name.partition(":")[0]: name for name in seen.outputs}
    if not set(wanted) <= set(by_name):
        return None
    names, index_of = _from_one(seen.class_names)

    def read(outputs: Outputs, least: float) -> Candidates:
        boxes, scores, class_ids = (outputs[by_name[name]] for name in wanted)
        found = readers.read_tensorflow(boxes, scores, class_ids, seen.size_wh, least)
        return _renumbered(found, index_of)

    return seen.layout(
        "TensorFlow Object Detection", names, read=read, least_nms_iou=1.0, scale=1.0
    )


def _torchvision(seen: Seen) -> Layout | None:
    boxes = scores = class_ids = ""
    for name, array in seen.outputs.items():
        if array.ndim == 2 and array.shape[1] == 4:
            boxes = name
        elif array.ndim == 1 and np.issubdtype(array.dtype, np.integer):
            class_ids = name
        elif array.ndim == 1:
            scores = name
    if len(seen.outputs) != 3 or not (boxes and scores and class_ids):
        return None
    names, index_of = _from_one(seen.class_names)

    def read(outputs: Outputs, least: float) -> Candidates:
        found = readers.read_lists(
            outputs[boxes], outputs[scores], outputs[class_ids], least
        )
        return _renumbered(found, index_of)

    return seen.layout(
        "torchvision (SSD, Faster R-CNN)", names, read=read, least_nms_iou=1.0
    )


# Asked in this order; `--format` names one.
KINDS: dict[str, Callable[[Seen], Layout | None]] = {
    "detr": _detr,
    "tensorflow": _tensorflow,
    "torchvision": _torchvision,
    "yolox": _yolox,
    "yolov5": _yolov5,
    "yolov8": _yolov8,
    "yolo-end-to-end": _yolo_end_to_end,
}


def recognise(
    path: Path,
    metadata: Mapping[str, str],
    inputs: Sequence[Tensor],
    run: Run,
    *,
    kind: str = "",
) -> Layout:
    """The layout of a model that is not ours.

    Args:
        path: the file; class names are looked for beside it.
        metadata: the file's.
        inputs: the file's.
        run: asks it.
        kind: one of `KINDS`, to overrule what would be recognised.

    Raises:
        ModelError: no kind that is known; what it takes and answers is said.
    """
    picture = _picture_among(path.name, inputs)
    size_wh, takes = _how_it_takes(path.name, picture, metadata)
    others = [tensor for tensor in inputs if tensor is not picture]
    fixed = {tensor.name: _size_for(path.name, tensor, size_wh) for tensor in others}
    takes["fixed"] = fixed
    try:
        grey = Layout("", (), size_wh, read=_no_candidates, **takes).prepare(
            np.full((size_wh[1], size_wh[0], 3), 114, np.uint8)
        )
        outputs = run(grey, fixed)
    except Exception as error:
        raise ModelError(
            f"{path.name} does not run.", "Choose another model, or another device."
        ) from error
    class_names = names_in(metadata) or names_beside(path)
    seen = Seen(path.name, class_names, size_wh, takes, outputs)
    builders = [KINDS[kind]] if kind else list(KINDS.values())
    for build in builders:
        if (layout := build(seen)) is not None:
            return layout
    answers = "; ".join(
        f"{name} {array.shape} {array.dtype}" for name, array in outputs.items()
    )
    takes_text = f"{picture.name} {_shown(picture.shape)} {picture.kind}"
    as_what = f"no {kind} model" if kind else "no detector of a kind that is known"
    raise ModelError(
        f"{path.name} is an ONNX file, but {as_what}: it takes {takes_text} and "
        f"answers {answers}.",
        f"Known are: {', '.join(KINDS)} and our own; see docs/models.md.",
    )


def _no_candidates(_outputs: Outputs, _least: float) -> Candidates:
    """No candidates: for a layout that only prepares pictures."""
    return Candidates(
        np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64)
    )


def _only(read: Callable[[Any, float], Candidates]) -> Callable[..., Candidates]:
    def read_only_output(outputs: Outputs, least: float) -> Candidates:
        (rows,) = outputs.values()
        return read(np.asarray(rows, np.float32), least)

    return read_only_output


def _from_one(
    class_names: tuple[str, ...],
) -> tuple[tuple[str, ...], Mapping[int, int]]:
    """Names, and the index of each class that is counted from 1 (0: background).

    Without names, the numbers are COCO's, with its gaps.
    """
    if class_names:
        return class_names, {i + 1: i for i in range(len(class_names))}
    return COCO, {number: i for i, number in enumerate(COCO_BY_ID)}


def _renumbered(found: Candidates, index_of: Mapping[int, int]) -> Candidates:
    indices = np.array([index_of.get(int(i), -1) for i in found.class_ids], np.int64)
    known = indices >= 0
    return Candidates(found.boxes_xyxy[known], found.scores[known], indices[known])


def _picture_among(name: str, inputs: Sequence[Tensor]) -> Tensor:
    for tensor in inputs:
        if tensor.kind in _DTYPES and len(tensor.shape) in (3, 4):
            return tensor
    told = "; ".join(f"{t.name} {_shown(t.shape)} {t.kind}" for t in inputs)
    raise ModelError(
        f"{name} is an ONNX file, but takes no picture: it takes {told}.",
        "Choose a model that detects objects in pictures.",
    )


def _how_it_takes(
    name: str, picture: Tensor, metadata: Mapping[str, str]
) -> tuple[tuple[int, int], dict[str, Any]]:
    shape = picture.shape
    has_batch = len(shape) == 4
    if has_batch and shape[0] not in (1, None):
        raise ModelError(
            f"{name} takes {shape[0]} pictures at a time.",
            "Export it for one picture (batch size 1), or for any number.",
        )
    first, middle, last = shape[-3:]
    if first == 3:
        is_planes, height, width = True, middle, last
    elif last == 3:
        is_planes, height, width = False, first, middle
    elif first is None and picture.kind != "uint8":
        is_planes, height, width = True, middle, last
    else:
        raise ModelError(
            f"{name} takes pictures of {_shown(shape)}, where no side is 3 colours.",
            "Choose a model that takes colour pictures.",
        )
    usual = _told_size(metadata)
    size_wh = (width or usual[0], height or usual[1])
    return size_wh, {
        "is_planes": is_planes,
        "has_batch": has_batch,
        "dtype": picture.kind,
    }


def _told_size(metadata: Mapping[str, str]) -> tuple[int, int]:
    """`imgsz` in the metadata is [height, width]."""
    digits = "".join(c if c.isdigit() else " " for c in metadata.get("imgsz", ""))
    sides = [int(side) for side in digits.split()]
    if len(sides) == 2 and all(0 < side <= 4096 for side in sides):
        return sides[1], sides[0]
    return USUAL_SIDE, USUAL_SIDE


def _size_for(name: str, tensor: Tensor, size_wh: tuple[int, int]) -> NDArray[Any]:
    """The picture's size, for a network that wants to hear it (RT-DETR and its kin)."""
    if tensor.kind in ("int64", "int32") and len(tensor.shape) == 2:
        return np.array([size_wh], tensor.kind)
    raise ModelError(
        f"{name} also takes {tensor.name} {_shown(tensor.shape)} {tensor.kind}, and "
        "nobody knows what that is.",
        "Choose another model, or export it with one input.",
    )


def _shown(shape: Sequence[int | None]) -> str:
    return "(" + ", ".join("?" if side is None else str(side) for side in shape) + ")"
