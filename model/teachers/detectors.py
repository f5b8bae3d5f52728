"""Bigger detectors that label what nobody labelled: what each takes and answers.

All are of COCO's 80 classes. Which one a file is, its form tells.
"""

from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from model.errors import WeightsError
from model.network.config import COCO_CLASS_NAMES

# Boxes (N, 4) in pixels, x1 y1 x2 y2; scores (N,); class ids (N,).
Finds = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]

_REMEDY = (
    "Choose a YOLOX or a DEIMv2 .onnx file for COCO, or a NanoDet-Plus .param file "
    "with its .bin beside it."
)


class Teacher(Protocol):
    """Finds objects on a photo.

    Attributes:
        class_names: indexed by the class ids of its finds.
    """

    class_names: tuple[str, ...]

    def find(self, image_bgr: NDArray[np.uint8], *, least_score: float) -> Finds:
        """Objects whose score is above `least_score`."""


def open_teacher(path: Path, *, threads: int = 0) -> Teacher:
    """The teacher in `path`.

    Args:
        path: an .onnx file, or NanoDet's .param file.
        threads: of one picture; 0 for what suits its engine.

    Raises:
        WeightsError: there is no such file, or it is none of the three.
    """
    if not path.is_file():
        raise WeightsError(f"There is no teacher {path}.", _REMEDY)
    if path.suffix == ".param":
        return NanodetTeacher(path, threads=threads)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # ORT raises its own types, and none is public
        raise WeightsError(f"The teacher {path} cannot be loaded.", _REMEDY) from error
    names = {output.name for output in session.get_outputs()}
    if {"labels", "boxes", "scores"} <= names:
        return DeimTeacher(session, path.name)
    return YoloxTeacher(session, path.name)


class YoloxTeacher:
    """A YOLOX, as its authors export it to ONNX.

    The graph takes (1, 3, S, S) float32, BGR in 0..255, and gives (1, N, 85):
    centre and logarithmic size in cells, objectness, class scores.

    Source: Megvii-BaseDetection/YOLOX, demo/ONNXRuntime and yolox/utils/demo_utils.py;
    exps/default/yolox_nano.py and yolox/data/data_augment.py.
    """

    class_names = COCO_CLASS_NAMES
    _STRIDES = (8, 16, 32)
    _GROUND = 114
    _NMS_IOU = 0.65

    def __init__(self, session: ort.InferenceSession, name: str) -> None:
        """Take a session.

        Raises:
            WeightsError: not a YOLOX of that form.
        """
        self._session = session
        graph_input = session.get_inputs()[0]
        self._name = graph_input.name
        self._side = graph_input.shape[-1]
        rows = session.get_outputs()[0].shape
        if rows[-1] != 5 + len(self.class_names) or not isinstance(self._side, int):
            raise WeightsError(
                f"{name} is not a teacher that is known here: it answers {rows}.",
                _REMEDY,
            )
        self._grid, self._stride = _centres(self._side, self._STRIDES)

    def find(self, image_bgr: NDArray[np.uint8], *, least_score: float) -> Finds:
        """Objects above `least_score`, after NMS."""
        height, width = image_bgr.shape[:2]
        scale = min(self._side / height, self._side / width)
        square = np.full((self._side, self._side, 3), self._GROUND, np.uint8)
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
        return _best(boxes, scores, least_score=least_score, iou=self._NMS_IOU)


class DeimTeacher:
    """A DEIMv2, as its authors export it to ONNX: it needs no NMS.

    The graph takes "images" (1, 3, S, S) float32, RGB in 0..1, stretched, and
    "orig_target_sizes" (1, 2) int64, the width and height that its boxes are in.

    Source: Intellindust-AI-Lab/DEIMv2, tools/inference/onnx_inf.py.
    """

    class_names = COCO_CLASS_NAMES

    def __init__(self, session: ort.InferenceSession, name: str) -> None:
        """Take a session.

        Raises:
            WeightsError: not a DEIMv2 of that form.
        """
        self._session = session
        shapes = {value.name: value.shape for value in session.get_inputs()}
        side = shapes.get("images", [0])[-1]
        if shapes.keys() != {"images", "orig_target_sizes"} or not isinstance(
            side, int
        ):
            raise WeightsError(
                f"{name} is not a DEIMv2 of a fixed size: it takes {shapes}.", _REMEDY
            )
        self._side = side

    def find(self, image_bgr: NDArray[np.uint8], *, least_score: float) -> Finds:
        """Objects above `least_score`, best first."""
        height, width = image_bgr.shape[:2]
        small = cv2.resize(image_bgr, (self._side, self._side))
        pixels = small[..., ::-1].transpose(2, 0, 1)[np.newaxis].astype(np.float32)
        labels, boxes, scores = self._session.run(
            ["labels", "boxes", "scores"],
            {
                "images": pixels / 255,
                "orig_target_sizes": np.array([[width, height]], np.int64),
            },
        )
        kept = scores[0] > least_score
        limit = np.array([width, height] * 2)
        return (
            np.clip(boxes[0][kept].astype(np.float64), 0, limit),
            scores[0][kept].astype(np.float64),
            labels[0][kept].astype(np.int64),
        )


class NanodetTeacher:
    """A NanoDet-Plus in ncnn's two files.

    It takes BGR, less a mean and over a deviation, stretched to 416 x 416, and gives
    (3598, 112): 80 scores, then for each side of the box how probable it is that it
    is 0 to 7 strides away from the centre.

    Source: RangiLyu/nanodet, demo_ncnn/nanodet.cpp; files of Qengineering's
    NanoDet-Plus-ncnn-Raspberry-Pi-4.
    """

    class_names = COCO_CLASS_NAMES
    _SIDE = 416
    _STRIDES = (8, 16, 32, 64)
    _MEAN = (103.53, 116.28, 123.675)
    _DEVIATION = (57.375, 57.12, 58.395)
    _BINS = 8
    _NMS_IOU = 0.6

    def __init__(self, path: Path, *, threads: int = 0) -> None:
        """Load it.

        Raises:
            WeightsError: ncnn is not installed, or it cannot read the files.
        """
        try:
            import ncnn
        except ImportError as error:
            raise WeightsError(
                f"The teacher {path.name} needs the package ncnn.",
                "Install it with: pip install ncnn",
            ) from error
        self._ncnn = ncnn
        self._net = ncnn.Net()
        # By default one: on two cores that share their units, or with anything beside
        # it, its OpenMP threads spin for each other and take ten times as long.
        self._net.opt.num_threads = threads or 1
        weights = path.with_suffix(".bin")
        if (
            not weights.is_file()
            or self._net.load_param(str(path))
            or self._net.load_model(str(weights))
        ):
            raise WeightsError(f"The teacher {path} cannot be loaded.", _REMEDY)
        self._grid, self._stride = _centres(self._SIDE, self._STRIDES)

    def find(self, image_bgr: NDArray[np.uint8], *, least_score: float) -> Finds:
        """Objects above `least_score`, after NMS.

        Raises:
            WeightsError: the network is not a NanoDet-Plus of this form.
        """
        height, width = image_bgr.shape[:2]
        small = cv2.resize(image_bgr, (self._SIDE, self._SIDE))
        pixels = self._ncnn.Mat.from_pixels(
            np.ascontiguousarray(small),
            self._ncnn.Mat.PixelType.PIXEL_BGR,
            self._SIDE,
            self._SIDE,
        )
        pixels.substract_mean_normalize(self._MEAN, [1 / d for d in self._DEVIATION])
        run = self._net.create_extractor()
        run.input("data", pixels)
        failed, answer = run.extract("output")
        rows = np.array(answer, np.float64)
        columns = len(self.class_names) + 4 * self._BINS
        if failed or rows.shape != (len(self._grid), columns):
            raise WeightsError(
                f"The teacher answers {rows.shape}, and not "
                f"{(len(self._grid), columns)}.",
                _REMEDY,
            )
        scores, bins = np.split(rows, [len(self.class_names)], axis=1)
        chances = np.exp(bins.reshape(-1, 4, self._BINS))
        chances /= chances.sum(axis=-1, keepdims=True)
        sides = chances @ np.arange(self._BINS) * self._stride
        centre = self._grid * self._stride
        corners = np.concatenate([centre - sides[:, :2], centre + sides[:, 2:]], 1)
        scale = np.array([width / self._SIDE, height / self._SIDE] * 2)
        boxes = np.clip(corners * scale, 0, np.array([width, height] * 2))
        return _best(boxes, scores, least_score=least_score, iou=self._NMS_IOU)


def _centres(side: int, strides: tuple[int, ...]) -> tuple[Any, Any]:
    """(N, 2) column and row of every cell of every grid, and (N, 1) its stride."""
    grids, sizes = [], []
    for stride in strides:
        cells = -(-side // stride)
        y, x = np.meshgrid(np.arange(cells), np.arange(cells), indexing="ij")
        grids.append(np.stack([x, y], axis=-1).reshape(-1, 2))
        sizes.append(np.full((cells * cells, 1), stride))
    return np.concatenate(grids), np.concatenate(sizes)


def _best(
    boxes: NDArray[np.float64],
    scores: NDArray[np.float64],
    *,
    least_score: float,
    iou: float,
) -> Finds:
    """NMS by class of (N, 4) boxes with (N, C) scores."""
    which, class_ids = np.nonzero(scores > least_score)
    return suppressed((boxes[which], scores[which, class_ids], class_ids), iou=iou)


def suppressed(found: Finds, *, iou: float) -> Finds:
    """Of finds of one class that overlap by more, the best."""
    boxes, scores, class_ids = found
    if not len(scores):
        return found
    xywh = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    rows_kept = cv2.dnn.NMSBoxesBatched(
        xywh.tolist(), scores.tolist(), class_ids.tolist(), -1.0, iou
    )
    kept = np.asarray(rows_kept, np.int64)
    return boxes[kept], scores[kept], class_ids[kept]
