"""The steps of `benchmarks/gpu.py`: each asks one thing of a device, and answers it."""

import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from app.detection.devices.choices import why_not
from app.detection.devices.machine import Machine
from app.detection.engines.engine import Engine
from app.detection.engines.ort_engine import PROVIDERS, open_ort
from app.detection.engines.pool import EnginePool
from app.detection.onnx_detector import OnnxDetector
from app.drawing.overlay import draw
from app.errors import ModelError
from app.pipeline.events import Finished, PipelineEvent, StageFailed
from app.pipeline.pipeline import Pipeline
from app.settings import Settings
from app.types import Frame, ImageBgr, VideoInfo
from benchmarks.machine import resident_mib

FRAMES, PHOTOS, SWITCHES, THREADS = 1_000, 200, 20, 10
SOURCES, SOURCE_FRAMES = (1, 8, 32), 60
SOURCE_WH = (1280, 720)
WAIT_S = 50.0
_FILL_BYTES = 2**28
Answer = dict[str, str]
Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked about.

    Attributes:
        device: "cuda", "tensorrt" or "cpu".
        models: files; the first is float32.
        photos: a folder of them; None: noise with soft shapes.
    """

    device: str
    models: tuple[Path, ...]
    photos: Path | None = None


def versions(wanted: Wanted) -> Answer:
    """Who is here."""
    problem = why_not(wanted.device, Machine())
    return {
        "ONNX Runtime": onnxruntime.__version__,
        "providers": ", ".join(onnxruntime.get_available_providers()),
        "GPU": _smi("name,driver_version,memory.total") or "nvidia-smi says nothing",
        "can be had": "yes" if problem is None else problem.reason,
    }


def speed(wanted: Wanted) -> Answer:
    """A picture at a time: bytes up, network, boxes and scores down."""
    answer = {}
    for path in wanted.models:
        for with_graph in (False, True):
            engine = _engine(wanted, path, with_graph=with_graph)
            picture = _noise(engine)
            began_s = time.perf_counter()
            engine.run(picture)
            first_ms = 1e3 * (time.perf_counter() - began_s)
            before = _memory()
            times_ms = []
            for _ in range(FRAMES):
                began_s = time.perf_counter()
                engine.run(picture)
                times_ms.append(1e3 * (time.perf_counter() - began_s))
            graph = "graph" if engine.facts.has_graph else "no graph"
            share = engine.facts.device_share or 0.0
            p95 = float(np.percentile(times_ms, 95))
            answer[f"{path.name}, {graph}"] = (
                f"p50 {statistics.median(times_ms):.3f} ms, p95 {p95:.3f} ms, first "
                f"{first_ms:.1f} ms, {share:.0%} of nodes, {engine.facts.precision}; "
                f"{before} -> {_memory()}"
            )
            engine.close()
    return answer


def equality(wanted: Wanted) -> Answer:
    """Scores beside the first model's on the CPU, with a graph and without."""
    on_cpu = open_ort(wanted.models[0], "cpu", threads=1)
    pictures = [_fitted(photo, on_cpu) for photo in _photos(wanted)]
    expected = [on_cpu.run(picture)[1] for picture in pictures]
    on_cpu.close()
    answer = {"photos": str(len(pictures))}
    for path in wanted.models:
        for with_graph in (False, True):
            engine = _engine(wanted, path, with_graph=with_graph)
            apart = [
                float(np.abs(engine.run(picture)[1] - scores).max())
                for picture, scores in zip(pictures, expected, strict=True)
            ]
            graph = "graph" if engine.facts.has_graph else "no graph"
            answer[f"{path.name}, {graph}"] = (
                f"scores differ by {max(apart):.5f} at most, {np.mean(apart):.5f} mean"
            )
            engine.close()
    return answer


def threads(wanted: Wanted) -> Answer:
    """Opened on one thread, used on another, as the app does."""
    image_bgr = next(iter(_photos(wanted)))
    before, firsts_ms = _memory(), []
    for _ in range(THREADS):
        detector = OnnxDetector(wanted.models[0], device=wanted.device)
        detector.open()

        def use(own: OnnxDetector = detector) -> None:
            own.settle()
            began_s = time.perf_counter()
            own.detect(image_bgr, Settings())
            firsts_ms.append(1e3 * (time.perf_counter() - began_s))
            own.close()

        thread = threading.Thread(target=use)
        thread.start()
        thread.join(WAIT_S)
    return {
        "the first picture": f"{statistics.median(firsts_ms):.2f} ms, "
        f"at most {max(firsts_ms):.2f}",
        "memory": f"{before} -> {_memory()}",
    }


def sources(wanted: Wanted) -> Answer:
    """Pipelines side by side, with one model in memory."""
    pool, answer = EnginePool(), {}
    for count in SOURCES:
        detectors = [
            OnnxDetector(wanted.models[0], device=wanted.device, open_engine=pool.open)
            for _ in range(count)
        ]
        began_s = time.monotonic()
        frames = _run_all(detectors)
        spent_s = time.monotonic() - began_s
        answer[f"{count} sources"] = f"{frames / spent_s:.0f} a second, {_memory()}"
    return answer


def switches(wanted: Wanted) -> Answer:
    """From the CPU to the device and back."""
    image_bgr = next(iter(_photos(wanted)))
    before, times_ms = _memory(), []
    for number in range(SWITCHES):
        device = wanted.device if number % 2 else "cpu"
        began_s = time.perf_counter()
        detector = OnnxDetector(wanted.models[0], device=device)
        detector.open()
        detector.detect(image_bgr, Settings())
        detector.close()
        times_ms.append(1e3 * (time.perf_counter() - began_s))
    return {
        "a switch": f"{statistics.median(times_ms[1::2]):.0f} ms to {wanted.device}, "
        f"{statistics.median(times_ms[::2]):.0f} to the CPU",
        "memory": f"{before} -> {_memory()}",
    }


def hidden(wanted: Wanted) -> Answer:
    """What is said where no GPU is to be seen (CUDA_VISIBLE_DEVICES is empty)."""
    if wanted.device == "cpu":
        return {"left out": "it needs a GPU"}
    return {"it says": _refusal(wanted)}


def full(wanted: Wanted) -> Answer:
    """What is said where the card has no memory left."""
    if wanted.device == "cpu":
        return {"left out": "it needs a GPU"}
    taken, size = [], _FILL_BYTES
    while size >= 2**20:
        try:
            taken.append(
                onnxruntime.OrtValue.ortvalue_from_shape_and_type(
                    [size], np.uint8, "cuda", 0
                )
            )
        except Exception:  # noqa: BLE001 - full, whatever it is called
            size //= 2
    return {"taken": f"{len(taken)} pieces, {_memory()}", "it says": _refusal(wanted)}


def leaving(wanted: Wanted) -> Answer:
    """The process ends while a thread still computes: its exit code tells."""
    engine = _engine(wanted, wanted.models[0], with_graph=True)
    picture, began = _noise(engine), threading.Event()

    def compute() -> None:
        while True:
            engine.run(picture)
            began.set()

    threading.Thread(target=compute, daemon=True).start()
    return {"busy": str(began.wait(WAIT_S))}


STEPS: dict[str, Callable[[Wanted], Answer]] = {
    step.__name__: step
    for step in (
        *(versions, speed, equality, threads, sources),
        *(switches, hidden, full, leaving),
    )
}


def _engine(wanted: Wanted, path: Path, *, with_graph: bool) -> Engine:
    engine = open_ort(path, wanted.device, threads=1, with_graph=with_graph)
    if engine.facts.provider != PROVIDERS[wanted.device]:
        raise RuntimeError(f"{path.name} runs on {engine.facts.provider}")
    return engine


def _refusal(wanted: Wanted) -> str:
    try:
        OnnxDetector(wanted.models[0], device=wanted.device).open()
    except ModelError as error:
        return str(error)
    raise RuntimeError("it was opened all the same")


def _size_of(engine: Engine) -> tuple[int, int]:
    width, height = (int(n) for n in engine.metadata["input_size_wh"].split(","))
    return width, height


def _noise(engine: Engine) -> Image:
    width, height = _size_of(engine)
    shape = (1, height, width, 3)
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def _fitted(image_bgr: ImageBgr, engine: Engine) -> Image:
    return np.asarray(cv2.resize(image_bgr, _size_of(engine)), np.uint8)[np.newaxis]


def _photos(wanted: Wanted) -> Iterator[ImageBgr]:
    """Those that are given, as often as it takes."""
    files = sorted(wanted.photos.glob("*.jpg")) if wanted.photos is not None else []
    for number in range(PHOTOS):
        if files:
            if (read := cv2.imread(str(files[number % len(files)]))) is not None:
                yield np.asarray(read, np.uint8)
        else:
            small = np.random.default_rng(number).integers(0, 256, (9, 16, 3), np.uint8)
            yield np.asarray(cv2.resize(small, (640, 360)), np.uint8)


class _Memory:
    """A file that is in memory: as fast as it is asked."""

    is_live = False

    def __init__(self) -> None:
        width, height = SOURCE_WH
        shape = (4, height, width, 3)
        self._pictures = np.random.default_rng(1).integers(0, 256, shape, np.uint8)

    def open(self) -> VideoInfo:
        return VideoInfo("memory", SOURCE_WH, Fraction(25), SOURCE_FRAMES, None, False)

    def frames(self) -> Iterator[Frame]:
        for number in range(SOURCE_FRAMES):
            picture = self._pictures[number % len(self._pictures)]
            yield Frame(picture, number, number / 25, time.monotonic())

    def close(self) -> None:
        pass


def _run_all(detectors: list[OnnxDetector]) -> int:
    """Frames of a pipeline around each, all at the same time."""
    ended = threading.Semaphore(0)
    errors: list[Exception] = []

    def on_event(event: PipelineEvent) -> None:
        if isinstance(event, StageFailed):
            errors.append(event.error)
        elif isinstance(event, Finished):
            ended.release()

    pipelines = [
        Pipeline(_Memory(), own, draw=draw, settings=Settings(), on_event=on_event)
        for own in detectors
    ]
    for pipeline in pipelines:
        pipeline.start()
    for _ in pipelines:
        if not ended.acquire(timeout=WAIT_S):
            raise TimeoutError("a pipeline does not end")
    if errors:
        raise errors[0]
    return sum(pipeline.stats().frame_count for pipeline in pipelines)


def _memory() -> str:
    used = _smi("memory.used").split()
    on_gpu = f", GPU {used[0]} MiB" if used and used[0].isdecimal() else ""
    return f"process {resident_mib():.0f} MiB{on_gpu}"


def _smi(query: str) -> str:
    """What nvidia-smi says of the first GPU; "" where it says nothing."""
    command = ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader,nounits"]
    try:
        told: Any = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return str(told.stdout).strip().splitlines()[0] if told.stdout.strip() else ""
