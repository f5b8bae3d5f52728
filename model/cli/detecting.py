"""Something that finds objects, of a model file or of a network in Keras."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.cli.quiet import quiet_tensorflow

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

    from app.settings import Settings
    from model.evaluation.evaluate import Detect
    from model.network.config import SsdConfig


def detect_with(
    path: Path, *, detail: int = 1, least_score: float = 0.01
) -> "tuple[Detect, tuple[str, ...]]":
    """What finds objects with the model in `path`, and the names of its classes.

    Args:
        path: the model; its network in Keras looks at whole pictures alone.
        detail: see `app.settings.Settings`.
        least_score: what an .onnx file finds must score more; AP asks for 0.01.
    """
    if path.suffix != ".onnx":
        with quiet_tensorflow():
            from model.network.network import build_network
            from model.weights.read import read_weights
            from model.weights.values import load_into

            weights = read_weights(path)
            network = build_network(weights.config, folded=True)
            load_into(network, weights)
        return keras_detect(network, weights.config), weights.config.class_names
    # The app's own detector: what is measured is what users get.
    from app.detection.onnx_detector import OnnxDetector

    detector = OnnxDetector(path, device="cpu")
    info = detector.open()
    settings = replace(
        _evaluation_settings(), detail=detail, score_threshold=least_score
    )

    def detect(image_bgr: "NDArray[np.uint8]") -> Any:  # noqa: ANN401 - arrays
        found, _ = detector.detect(image_bgr, settings)
        return found.boxes_xyxy, found.scores, found.class_ids

    return detect, info.class_names


def keras_detect(network: "keras.Model", config: "SsdConfig") -> "Detect":
    """As `detect_with`, of a network in Keras; post-processed as in the app."""
    import cv2
    import numpy as np

    from app.detection.postprocess import postprocess
    from model.network.network import build_detector

    detector = build_detector(network, config)
    settings = _evaluation_settings()

    def detect(image_bgr: "NDArray[np.uint8]") -> Any:  # noqa: ANN401 - arrays
        resized = cv2.resize(image_bgr, (300, 300), interpolation=cv2.INTER_LINEAR)
        answer = detector.predict_on_batch(resized[np.newaxis])
        found = postprocess(
            np.asarray(answer["boxes"])[0],
            np.asarray(answer["scores"])[0],
            size_wh=image_bgr.shape[1::-1],
            score_threshold=settings.score_threshold,
            iou_threshold=settings.iou_threshold,
            max_detections=settings.max_detections,
        )
        return found.boxes_xyxy, found.scores, found.class_ids

    return detect


def _evaluation_settings() -> "Settings":
    """Down to low scores, as AP asks for; NMS as TensorFlow evaluates it."""
    from app.settings import Settings

    return Settings(score_threshold=0.01, iou_threshold=0.5, max_detections=100)
