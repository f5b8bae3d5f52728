"""The small stages of a frame at 720p, against supervision and against memory."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.detection.postprocess import postprocess
from app.drawing.overlay import draw
from app.drawing.style import PLAIN
from app.settings import Settings
from app.types import Detections, ImageBgr
from benchmarks.context import Context
from benchmarks.export import annotated
from benchmarks.kit import Sample, as_data, digits, figures, take_turns, turn_of
from benchmarks.ours import Loaded, evenly, read_clip
from benchmarks.peers import OnnxRuntime
from benchmarks.report import Section, Table, Target

SIZE_WH = (1280, 720)
PRE = "resize to the network's input"
POST = "threshold and NMS"
DRAW = "overlay: copy and draw"
WINDOW = "conversion to the window's image"
PEER_NMS = "supervision: threshold and NMS"
PEER_DRAW = "supervision: copy, boxes, labels"
PEER_WINDOW = "BGR to RGB, then QImage"
COPY = "copying the picture (memory floor)"
LIMIT_MS = 1.0

TEXT = (
    "One frame of the bundled clip at 1280 x 720 with what is found in it, one thread "
    "each. The floor is one copy of the picture: whatever touches every pixel once "
    "cannot be faster."
)


def run(context: Context) -> Section:
    """Each stage, its counterpart and the floor, in turns."""
    section = Section("stages", "Around the network: resize, NMS, drawing", TEXT)
    case = Case(context)
    calls = case.ours() | case.floor() | case.peers(section.notes)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        turns = {name: turn_of(call, least_s=0.02) for name, call in calls.items()}
        samples = take_turns(turns, budget_s=context.seconds(15))
    finally:
        cv2.setNumThreads(threads)
    floor_ms = figures(samples[COPY]).median_ms
    section.tables.append(
        Table(
            ("", "ms (middle half)", "of a copy"),
            [
                (name, str(figures(s)), f"{figures(s).median_ms / floor_ms:.2f}")
                for name, s in samples.items()
            ],
        )
    )
    section.notes.append(
        f"{len(case.found)} boxes are drawn, of {case.candidates} candidates above the "
        f"threshold; the copy moves {2 * case.image_bgr.nbytes / floor_ms / 1e6:.1f} "
        "GB/s."
    )
    section.targets.append(_target(samples))
    section.data = {"times": as_data(samples)}
    return section


def _target(samples: dict[str, list[Sample]]) -> Target:
    parts = {name: figures(samples[name]).median_ms for name in (PRE, POST, DRAW)}
    total_ms = sum(parts.values())
    named = " + ".join(digits(ms) for ms in parts.values())
    return Target(
        f"Resize, NMS and drawing together take at most {LIMIT_MS:g} ms at 720p",
        f"{digits(total_ms)} ms ({named})",
        total_ms <= LIMIT_MS,
    )


class Case:
    """A frame at 720p, the network's answer to it, and what was found."""

    def __init__(self, context: Context) -> None:
        detector, settings = Loaded(context.model), Settings()
        pictures = evenly(read_clip(context.clip)[1], 25)
        busiest = max(pictures, key=lambda p: len(detector.detect(p, settings)[0]))
        self.image_bgr: ImageBgr = np.asarray(
            cv2.resize(busiest, SIZE_WH, interpolation=cv2.INTER_CUBIC), np.uint8
        )
        self.class_names = detector.info.class_names
        small = np.asarray(cv2.resize(self.image_bgr, (300, 300)), np.uint8)
        self.boxes, self.scores = OnnxRuntime(context.model).answer(small)
        self.candidates = int((self.scores > 0.5).sum())
        self.found = self._postprocess()

    def ours(self) -> dict[str, Callable[[], object]]:
        """What the app does to every frame."""
        return {
            PRE: lambda: cv2.resize(self.image_bgr, (300, 300)),
            POST: self._postprocess,
            DRAW: lambda: draw(
                self.image_bgr,
                self.found,
                class_names=self.class_names,
                fps=25.0,
                style=PLAIN,
            ),
            WINDOW: lambda: window_image(self.image_bgr),
        }

    def floor(self) -> dict[str, Callable[[], object]]:
        """What cannot be undercut, and what most do."""
        target = np.empty_like(self.image_bgr)
        return {
            COPY: lambda: np.copyto(target, self.image_bgr),
            PEER_WINDOW: lambda: window_image_by_copy(self.image_bgr),
        }

    def peers(self, notes: list[str]) -> dict[str, Callable[[], object]]:
        """The same steps in supervision, where it is there."""
        try:
            import supervision as sv
        except ModuleNotFoundError:
            notes.append("supervision: not installed.")
            return {}
        boxes, labels = sv.BoxAnnotator(), sv.LabelAnnotator()
        return {
            PEER_NMS: lambda: supervision_nms(sv, self.boxes, self.scores),
            PEER_DRAW: lambda: annotated(
                sv, boxes, labels, self.image_bgr, self.found, self.class_names
            ),
        }

    def _postprocess(self) -> Detections:
        return postprocess(
            self.boxes,
            self.scores,
            size_wh=SIZE_WH,
            score_threshold=0.5,
            iou_threshold=0.45,
            max_detections=100,
        )


def supervision_nms(
    sv: Any,  # noqa: ANN401
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
) -> object:
    """Threshold and per-class NMS on the network's answer, as its users do it."""
    anchor_ids, class_ids = np.nonzero(scores > 0.5)
    width, height = SIZE_WH
    detections = sv.Detections(
        xyxy=boxes[anchor_ids] * np.array([width, height] * 2, np.float32),
        confidence=scores[anchor_ids, class_ids],
        class_id=class_ids,
    )
    return detections.with_nms(threshold=0.45)


def window_image(image_bgr: ImageBgr) -> QImage:
    """As the window takes it: no pixel is touched before it is painted."""
    height, width = image_bgr.shape[:2]
    return QImage(image_bgr.data, width, height, 3 * width, QImage.Format.Format_BGR888)


def window_image_by_copy(image_bgr: ImageBgr) -> QImage:
    """As most tutorials do it."""
    rgb = np.ascontiguousarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB))
    height, width = rgb.shape[:2]
    image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()
