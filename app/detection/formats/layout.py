"""How a model takes a picture, and how its boxes find back to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from app.types import ImageBgr

# "stretch": to the input's size, whatever the shape. The others keep the shape and fill
# up with grey: "corner" below and to the right, "centre" on both sides.
Fit = Literal["stretch", "corner", "centre"]
_GREY = 114  # YOLO's, in training and since
# Times the input: a 1080p picture of 300 pixels is, where it takes 0.8 ms more of a
# core; one of 720p is not.
LARGE = 3
Outputs = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """What an answer says above a score, before NMS.

    Attributes:
        boxes_xyxy: (N, 4) float32, pixels of the model's input.
        scores: (N,) float32 in [0, 1].
        class_ids: (N,) int64, index into the layout's class names.
    """

    boxes_xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int64]


# An answer by name, and the score above which; best `TOP_K` at most.
Read = Callable[[Outputs, float], Candidates]


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """One kind of model, with the numbers of one file.

    Attributes:
        kind: for people, e.g. "YOLOX".
        class_names: index is the class id.
        input_size_wh: of the picture the network sees.
        read: what its answer means.
        least_nms_iou: NMS lets boxes overlap this much, whatever the settings say: the
            network leaves few doubles (`DETR_NMS_IOU`), or, at 1, none.
        is_planes: colours are planes, (3, H, W); else pixels, (H, W, 3).
        has_batch: the picture's array begins with a 1.
        dtype: of the array: "uint8", "float32" or "float16".
        is_rgb: red first; else blue first.
        scale: what values of 0 to 255 are multiplied with, unless they stay uint8.
        fit: how a picture of another shape gets in.
        fixed: other inputs, the same for every picture.
    """

    kind: str
    class_names: tuple[str, ...]
    input_size_wh: tuple[int, int]
    read: Read
    least_nms_iou: float = 0.0
    is_planes: bool = True
    has_batch: bool = True
    dtype: str = "float32"
    is_rgb: bool = True
    scale: float = 1 / 255
    fit: Fit = "stretch"
    fixed: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def place(self, size_wh: tuple[int, int]) -> "Place":
        """Where a picture of that size lies in the input."""
        width, height = size_wh
        input_w, input_h = self.input_size_wh
        if self.fit == "stretch":
            return Place(
                (input_w / width, input_h / height), (0, 0), (input_w, input_h)
            )
        ratio = min(input_w / width, input_h / height)
        inside = max(1, round(width * ratio)), max(1, round(height * ratio))
        left, top = 0, 0
        if self.fit == "centre":
            left, top = (input_w - inside[0]) // 2, (input_h - inside[1]) // 2
        return Place((ratio, ratio), (left, top), inside)

    def prepare(self, image_bgr: ImageBgr) -> NDArray[Any]:
        """The model's input of a picture (H, W, 3) uint8."""
        image = self._fitted(image_bgr)
        if self.is_rgb:
            image = image[..., ::-1]
        if self.is_planes:
            image = image.transpose(2, 0, 1)
        if self.dtype != "uint8" and self.scale != 1.0:
            image = image * np.float32(self.scale)
        image = np.ascontiguousarray(image, self.dtype)
        return image[np.newaxis] if self.has_batch else image

    def _fitted(self, image_bgr: ImageBgr) -> NDArray[Any]:
        height, width = image_bgr.shape[:2]
        place = self.place((width, height))
        inside = shrunk(image_bgr, place.inside_wh)
        if place.inside_wh == self.input_size_wh:
            return inside
        input_w, input_h = self.input_size_wh
        filled = np.full((input_h, input_w, 3), _GREY, np.uint8)
        left, top = place.offset_xy
        filled[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
        return filled


def shrunk(image_bgr: ImageBgr, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture (H, W, 3) uint8 at `size_wh`: linear, as the networks were trained.

    That reads four pixels for each that it writes. Of a picture `LARGE` times as wide
    and high it leaves most unread, and with them what averages a camera's noise away;
    so such a one is halved last, by an exact mean (docs/detail.md).
    """
    width, height = size_wh
    if image_bgr.shape[1] >= LARGE * width and image_bgr.shape[0] >= LARGE * height:
        double = (2 * width, 2 * height)
        image_bgr = np.asarray(
            cv2.resize(image_bgr, double, interpolation=cv2.INTER_LINEAR)
        )
        return np.asarray(cv2.resize(image_bgr, size_wh, interpolation=cv2.INTER_AREA))
    return np.asarray(cv2.resize(image_bgr, size_wh, interpolation=cv2.INTER_LINEAR))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture lies in the input.

    Attributes:
        scale_xy: pixels of the input for one of the picture.
        offset_xy: of the picture's corner in the input.
        inside_wh: the size that the picture has there.
    """

    scale_xy: tuple[float, float]
    offset_xy: tuple[int, int]
    inside_wh: tuple[int, int]

    def back(self, boxes_xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes (N, 4) of the input, in pixels of the picture; not clipped to it."""
        offset = np.array(self.offset_xy * 2, np.float32)
        scale = np.array(self.scale_xy * 2, np.float32)
        return np.asarray((boxes_xyxy - offset) / scale, np.float32)
