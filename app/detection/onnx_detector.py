"""Finds objects with the network in an .onnx file."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.detection.attention import Attention, Budget
from app.detection.devices.machine import Machine
from app.detection.engines.engine import Answer, Engine, first_line
from app.detection.engines.ort_engine import PROVIDERS
from app.detection.engines.session import Opened, Wish, open_engine
from app.detection.formats.layout import Candidates, Layout, Outputs
from app.detection.formats.readers import read_shares
from app.detection.formats.recognise import recognise
from app.detection.looks import Look, looks_at, merged
from app.detection.model_file import ModelContract, read_contract
from app.detection.postprocess import best, suppress
from app.detection.remote.client import Patience, RemoteEngine
from app.errors import DeviceError, ModelError
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
OURS = "MobileNet-SSD"
OpenEngine = Callable[[Path, Wish, Machine], Opened]


class OnnxDetector:
    """Runs a model file on whatever device.

    Those that `build_model.py` makes take `images` (1, H, W, 3) uint8, blue green red,
    and give `boxes` (1, A, 4) float32, x1 y1 x2 y2 in [0, 1], and `scores` (1, A, C)
    float32 in [0, 1] of the C foreground classes. NMS is ours. Those of other makers
    are recognised: see `app.detection.formats.recognise`.
    """

    def __init__(
        self,
        path: Path,
        *,
        device: str = "auto",
        threads: int | None = None,
        precision: str | None = None,
        is_strict: bool = False,
        kind: str = "",
        machine: Machine | None = None,
        patience: Patience | None = None,
        open_engine: OpenEngine = open_engine,
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
            kind: of a model that is not ours, where it is not what it looks like.
            machine: what is installed here.
            patience: with a server, where the model is elsewhere.
            open_engine: a pool's, where several detectors are to share one model.
        """
        self._open_engine = open_engine
        self._path = path
        self._wish = Wish(device, threads, precision, is_strict, patience=patience)
        self._machine = machine or Machine()
        self._kind = kind
        self._engine: Engine | None = None
        self._layout: Layout | None = None
        self._closer = 0  # pictures begun that are to be looked at closer
        self._attention, self._budget = Attention(), Budget()

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
        opened = self._open_engine(self._path, self._wish, self._machine)
        engine, problem, model = opened
        try:
            layout, contract = self._read(engine, model)
            self._warm_up(engine, layout, model.name)
        except ModelError:
            engine.close()
            raise
        self._engine, self._layout = engine, layout
        facts = engine.facts
        return DetectorInfo(
            model_name=model.name,
            class_names=layout.class_names,
            input_size_wh=layout.input_size_wh,
            provider=facts.provider,
            note=problem.reason if problem else "",
            remedy=problem.remedy if problem else "",
            precision=facts.precision,
            device_share=facts.device_share,
            threads=facts.threads,
            weights_id=contract.weights_id if contract else "",
            kind=layout.kind,
            thresholds=contract.thresholds if contract else None,
        )

    def _read(self, engine: Engine, model: Path) -> tuple[Layout, ModelContract | None]:
        """How to talk to it, and what it says of itself, if it is ours."""
        if "format" in engine.metadata and not self._kind:
            contract = read_contract(model.name, engine.metadata)
            layout = _our_layout(contract.class_names, contract.input_size_wh)
            return layout, contract

        def run(picture: NDArray[Any], fixed: Mapping[str, NDArray[Any]]) -> Outputs:
            engine.fixed = fixed
            return _named(engine, engine.run(picture))

        layout = recognise(model, engine.metadata, engine.inputs, run, kind=self._kind)
        return layout, None

    def _warm_up(self, engine: Engine, layout: Layout, name: str) -> None:
        """Run a few times, so that the first frame is as quick as the next."""
        width, height = layout.input_size_wh
        images = layout.prepare(np.full((height, width, 3), 127, np.uint8))
        for _ in range(max(WARM_UP_RUNS, engine.facts.depth)):
            with _told(engine, f"{name} does not run."):
                answer = engine.run(images)
        if layout.kind == OURS:
            boxes, scores = answer
            anchors, classes = boxes.shape[1], len(layout.class_names)
            if boxes.shape != (1, anchors, 4) or scores.shape != (1, anchors, classes):
                raise ModelError(
                    f"{name} answers boxes {boxes.shape} and scores {scores.shape} "
                    f"for its {classes} class names.",
                    "Build it again with: python build_model.py",
                )
        if not all(np.isfinite(array).all() for array in answer):
            raise ModelError(
                f"{name} answers with what is not a number.", "Choose another device."
            )

    def settle(self) -> None:
        """Record the CUDA graph anew, where there is one: each thread has its own.

        Once to settle, once to record; else the first frames of a run would.
        """
        engine, layout = self._engine, self._layout
        if engine is None or layout is None or not engine.facts.has_graph:
            return
        width, height = layout.input_size_wh
        images = layout.prepare(np.zeros((height, width, 3), np.uint8))
        for _ in range(2):
            with _told(engine, "The CUDA graph could not be recorded."):
                engine.run(images)

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
        if settings.detail == 1 and not self._closer:
            return self._begin_whole(image_bgr, settings)
        # All its looks when it is asked for: they fill the lanes by themselves, and
        # while one is outstanding, no other picture may be under way.
        self._closer += 1

        def look() -> tuple[Detections, StageTimes]:
            self._closer -= 1
            return self._look_closer(image_bgr, settings)

        return look

    def _begin_whole(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> PendingDetections:
        layout = self._loaded()[1]
        started_s = time.perf_counter()
        prepared = layout.prepare(image_bgr)
        prepared_s = time.perf_counter()
        answer = self._ask(prepared)

        def finish() -> tuple[Detections, StageTimes]:
            outputs = answer()
            inferred_s = time.perf_counter()
            found = layout.read(outputs, settings.score_threshold)
            found = _in_picture(found, layout, _size_of(image_bgr))
            if layout.least_nms_iou < 1:
                detections = _suppressed(found, settings, layout.least_nms_iou)
            else:
                everything = np.arange(len(found.scores))
                detections = best(
                    found, everything, max_detections=settings.max_detections
                )
            finished_s = time.perf_counter()
            return detections, StageTimes(
                preprocess_ms=1e3 * (prepared_s - started_s),
                inference_ms=1e3 * (inferred_s - prepared_s),
                postprocess_ms=1e3 * (finished_s - inferred_s),
            )

        return finish

    def _look_closer(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        """The picture and its tiles, as many at a time as the engine takes.

        Where there is a budget, only as many tiles as it has time for.
        """
        engine, layout = self._loaded()
        size_wh, budget_ms = _size_of(image_bgr), settings.detail_budget_ms
        looks = looks_at(size_wh, settings.detail)
        begun_s = time.perf_counter()
        self._budget.begin()
        order: Sequence[int] = range(len(looks) - 1)
        if budget_ms:
            order = self._attention.order(image_bgr, looks[1:])
        prepare_s = read_s = 0.0
        begun: list[Look] = []
        answers = deque[Callable[[], Outputs]]()
        found: list[Candidates] = []

        def read_oldest() -> None:
            nonlocal read_s
            outputs = answers.popleft()()
            answered_s = time.perf_counter()
            one = layout.read(outputs, settings.score_threshold)
            found.append(_in_picture(one, layout, begun[len(found)].size_wh))
            read_s += time.perf_counter() - answered_s

        for look in (looks[0], *(looks[1 + place] for place in order)):
            if len(answers) == engine.facts.depth:
                read_oldest()
            if begun and budget_ms:
                counts = {"asked": len(begun), "answered": len(found)}
                if not self._budget.has_room(budget_ms, **counts):
                    break
            started_s = time.perf_counter()
            prepared = layout.prepare(look.of(image_bgr))
            prepare_s += time.perf_counter() - started_s
            begun.append(look)
            answers.append(self._ask(prepared))
        while answers:
            read_oldest()
        merging_s = time.perf_counter()
        together = merged(found, begun, size_wh, layout.input_size_wh)
        # Even where the network needs none: two looks find the same thing.
        detections = _suppressed(together, settings)
        if budget_ms:
            looked = order[: len(begun) - 1]
            self._attention.learn(detections, looked, size_wh, layout.input_size_wh)
            self._budget.end(len(begun))
        finished_s = time.perf_counter()
        read_s += finished_s - merging_s
        return detections, StageTimes(
            preprocess_ms=1e3 * prepare_s,
            inference_ms=1e3 * (finished_s - begun_s - prepare_s - read_s),
            postprocess_ms=1e3 * read_s,
        )

    def _loaded(self) -> tuple[Engine, Layout]:
        assert self._engine is not None, "not open"
        assert self._layout is not None
        return self._engine, self._layout

    def _ask(self, prepared: NDArray[Any]) -> Callable[[], Outputs]:
        """Begin with an input; the outputs by name hold until the next is begun."""
        engine, _ = self._loaded()
        problem = f"The model {self._path.name} stopped working."
        with _told(engine, problem):
            answer = engine.begin(prepared)

        def outputs() -> Outputs:
            with _told(engine, problem):
                return _named(engine, answer())

        return outputs

    def close(self) -> None:
        """Let go of the session and its memory."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def _our_layout(class_names: tuple[str, ...], size_wh: tuple[int, int]) -> Layout:
    def read(outputs: Outputs, least: float) -> Candidates:
        return read_shares(outputs["boxes"], outputs["scores"], size_wh, least)

    return Layout(
        kind=OURS,
        class_names=class_names,
        input_size_wh=size_wh,
        read=read,
        is_planes=False,
        dtype="uint8",
        is_rgb=False,
    )


def _named(engine: Engine, answer: Answer) -> Outputs:
    names = (tensor.name for tensor in engine.outputs)
    return dict(zip(names, answer, strict=True))


def _in_picture(
    found: Candidates, layout: Layout, size_wh: tuple[int, int]
) -> Candidates:
    """In pixels of the picture, clipped to it."""
    boxes = layout.place(size_wh).back(found.boxes_xyxy)
    limit = np.array(size_wh * 2, np.float32)
    return replace(found, boxes_xyxy=np.clip(boxes, 0, limit))


def _size_of(image_bgr: ImageBgr) -> tuple[int, int]:
    height, width = image_bgr.shape[:2]
    return width, height


def _suppressed(
    found: Candidates, settings: Settings, least_iou: float = 0.0
) -> Detections:
    return suppress(
        found,
        iou_threshold=max(settings.iou_threshold, least_iou),
        max_detections=settings.max_detections,
    )


@contextmanager
def _told(engine: Engine, problem: str) -> Iterator[None]:
    """Let what the engine raises be an error for people."""
    try:
        yield
    except Exception as error:
        if isinstance(engine, RemoteEngine):  # no device here is to blame
            raise ModelError(
                f"{problem} {first_line(error)}.",
                "Look whether its server runs; with --meanwhile this machine steps in.",
            ) from error
        is_cpu = engine.facts.provider == PROVIDERS["cpu"]
        kind = ModelError if is_cpu else DeviceError
        raise kind(
            problem, f"{engine.facts.provider} says: {first_line(error)}."
        ) from error
