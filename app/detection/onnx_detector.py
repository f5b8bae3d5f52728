"""Finds objects with a MobileNet-SSD in ONNX Runtime."""

import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.detection.model_file import read_contract
from app.detection.postprocess import postprocess
from app.detection.session import open_session
from app.errors import ModelError
from app.settings import Settings
from app.types import Detections, DetectorInfo, ImageBgr, StageTimes


class OnnxDetector:
    """Runs a model file made by `build_model.py`.

    The graph takes `images` (1, H, W, 3) uint8, blue green red, and gives
    `boxes` (1, A, 4) float32, x1 y1 x2 y2 in [0, 1], and `scores` (1, A, C)
    float32 in [0, 1] of the C foreground classes. NMS is ours.
    """

    def __init__(self, path: Path, *, device: str) -> None:
        self._path = path
        self._device = device
        self._session: Any = None
        self._input_size_wh = (0, 0)

    def open(self) -> DetectorInfo:
        """Load the model, check that it is ours, and run it once.

        Raises:
            ModelError: the file is not ours, or the device cannot be had.
        """
        session, note = open_session(self._path, self._device)
        name = self._path.name
        contract = read_contract(name, session.get_modelmeta().custom_metadata_map)
        width, height = contract.input_size_wh
        try:
            boxes, scores = session.run(
                ["boxes", "scores"],
                {"images": np.zeros((1, height, width, 3), np.uint8)},
            )
        except Exception as error:
            raise ModelError(
                f"{name} does not run.",
                f"ONNX Runtime says: {str(error).strip().splitlines()[0]}",
            ) from error
        anchors, classes = boxes.shape[1], len(contract.class_names)
        if boxes.shape != (1, anchors, 4) or scores.shape != (1, anchors, classes):
            raise ModelError(
                f"{name} answers boxes {boxes.shape} and scores {scores.shape} "
                f"for its {classes} class names.",
                "Build it again with: python build_model.py",
            )
        self._session = session
        self._input_size_wh = contract.input_size_wh
        return DetectorInfo(
            model_name=name,
            class_names=contract.class_names,
            input_size_wh=contract.input_size_wh,
            provider=session.get_providers()[0],
            note=note,
        )

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        """Detections in pixels of `image_bgr`, (H, W, 3) uint8.

        Raises:
            ModelError: the session failed.
        """
        started_s = time.perf_counter()
        # A plain stretch, linear, as the network was trained with.
        resized = cv2.resize(
            image_bgr, self._input_size_wh, interpolation=cv2.INTER_LINEAR
        )
        prepared_s = time.perf_counter()
        try:
            boxes, scores = self._session.run(
                ["boxes", "scores"], {"images": resized[np.newaxis]}
            )
        except Exception as error:
            raise ModelError(
                f"The model {self._path.name} stopped working.",
                f"ONNX Runtime says: {str(error).strip().splitlines()[0]}",
            ) from error
        inferred_s = time.perf_counter()
        height, width = image_bgr.shape[:2]
        detections = postprocess(
            boxes[0],
            scores[0],
            size_wh=(width, height),
            score_threshold=settings.score_threshold,
            iou_threshold=settings.iou_threshold,
            max_detections=settings.max_detections,
        )
        finished_s = time.perf_counter()
        return detections, StageTimes(
            preprocess_ms=1e3 * (prepared_s - started_s),
            inference_ms=1e3 * (inferred_s - prepared_s),
            postprocess_ms=1e3 * (finished_s - inferred_s),
        )

    def close(self) -> None:
        """Let go of the session and its memory."""
        self._session = None
