"""Finds objects with a MobileNet-SSD in an .onnx file."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from app.detection.devices.machine import Machine
from app.detection.engines.engine import Engine, first_line
from app.detection.engines.session import Wish, open_engine
from app.detection.model_file import ModelContract, read_contract
from app.detection.postprocess import postprocess
from app.errors import ModelError
from app.settings import Settings
from app.types import (
    Detections,
    DetectorInfo,
    ImageBgr,
    PendingDetections,
    StageTimes,
)

# The first run allocates, and on a GPU chooses its kernels; the second and third still
# settle clocks and caches.
WARM_UP_RUNS = 3


class OnnxDetector:
    """Runs a model file made by `build_model.py`, on whatever device.

    The graph takes `images` (1, H, W, 3) uint8, blue green red, and gives
    `boxes` (1, A, 4) float32, x1 y1 x2 y2 in [0, 1], and `scores` (1, A, C)
    float32 in [0, 1] of the C foreground classes. NMS is ours.
    """

    def __init__(
        self,
        path: Path,
        *,
        device: str = "auto",
        threads: int | None = None,
        precision: str | None = None,
        is_strict: bool = False,
        machine: Machine | None = None,
    ) -> None:
        """Nothing is loaded until `open`.

        Args:
            path: the .onnx file; without that suffix, the copy of it that suits the
                device (see `app.detection.model_file.copy_for`).
            device: one of `app.settings.DEVICES`; this and the next three are as in
                `app.detection.engines.session.Wish`.
            threads: of the CPU.
            precision: for OpenVINO.
            is_strict: this device, or none.
            machine: what is installed here.
        """
        self._path = path
        self._wish = Wish(device, threads, precision, is_strict)
        self._machine = machine or Machine()
        self._engine: Engine | None = None
        self._input_size_wh = (0, 0)

    def favour_throughput(self) -> None:
        """Before `open`: share the CPU's threads among several pictures at a time."""
        self._wish = replace(self._wish, throughput=True)

    @property
    def depth(self) -> int:
        """How many pictures may be begun before the first is answered."""
        return self._engine.facts.depth if self._engine is not None else 1

    def open(self) -> DetectorInfo:
        """Load the model, check that it is ours, and run it until it is warm.

        Raises:
            ModelError: the file is not ours, or the device cannot be had.
        """
        engine, problem, model = open_engine(self._path, self._wish, self._machine)
        try:
            contract = read_contract(model.name, engine.metadata)
            self._warm_up(engine, contract, model.name)
        except ModelError:
            engine.close()
            raise
        self._engine = engine
        self._input_size_wh = contract.input_size_wh
        facts = engine.facts
        return DetectorInfo(
            model_name=model.name,
            class_names=contract.class_names,
            input_size_wh=contract.input_size_wh,
            provider=facts.provider,
            note=problem.reason if problem else "",
            remedy=problem.remedy if problem else "",
            precision=facts.precision,
            device_share=facts.device_share,
            threads=facts.threads,
            weights_id=contract.weights_id,
        )

    def _warm_up(self, engine: Engine, contract: ModelContract, name: str) -> None:
        """Run a few times, so that the first frame is as quick as the next."""
        width, height = contract.input_size_wh
        images = np.full((1, height, width, 3), 127, np.uint8)
        for _ in range(max(WARM_UP_RUNS, engine.facts.depth)):
            with _told(engine, f"{name} does not run."):
                boxes, scores = engine.run(images)
        anchors, classes = boxes.shape[1], len(contract.class_names)
        if boxes.shape != (1, anchors, 4) or scores.shape != (1, anchors, classes):
            raise ModelError(
                f"{name} answers boxes {boxes.shape} and scores {scores.shape} "
                f"for its {classes} class names.",
                "Build it again with: python build_model.py",
            )
        if not (np.isfinite(boxes).all() and np.isfinite(scores).all()):
            raise ModelError(
                f"{name} answers with what is not a number.", "Choose another device."
            )

    def settle(self) -> None:
        """Record the CUDA graph anew, where there is one: each thread has its own.

        Once to settle, once to record; else the first frames of a run would.
        """
        engine = self._engine
        if engine is None or not engine.facts.has_graph:
            return
        width, height = self._input_size_wh
        for _ in range(2):
            with _told(engine, "The CUDA graph could not be recorded."):
                engine.run(np.zeros((1, height, width, 3), np.uint8))

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        """Detections in pixels of `image_bgr`, (H, W, 3) uint8.

        Raises:
            ModelError: the session failed.
        """
        return self.begin(image_bgr, settings)()

    def begin(self, image_bgr: ImageBgr, settings: Settings) -> PendingDetections:
        """The same, as a call that waits for it, to be asked for in this order.

        At most `depth` may be begun and not asked for.
        """
        started_s = time.perf_counter()
        # A plain stretch, linear, as the network was trained with.
        resized = np.asarray(
            cv2.resize(image_bgr, self._input_size_wh, interpolation=cv2.INTER_LINEAR),
            np.uint8,
        )
        prepared_s = time.perf_counter()
        assert self._engine is not None, "not open"
        engine, problem = self._engine, f"The model {self._path.name} stopped working."
        with _told(engine, problem):
            answer = engine.begin(resized[np.newaxis])
        height, width = image_bgr.shape[:2]

        def finish() -> tuple[Detections, StageTimes]:
            with _told(engine, problem):
                boxes, scores = answer()
            inferred_s = time.perf_counter()
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

        return finish

    def close(self) -> None:
        """Let go of the session and its memory."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


@contextmanager
def _told(engine: Engine, problem: str) -> Iterator[None]:
    """Let what the engine raises be an error for people."""
    try:
        yield
    except Exception as error:
        raise ModelError(
            problem, f"{engine.facts.provider} says: {first_line(error)}"
        ) from error
