"""The same network in every runtime, speed beside accuracy.

To compare files of your own: python -m benchmarks.inference MODEL.onnx ...
"""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from app.detection.postprocess import postprocess
from app.types import Detections
from benchmarks.context import Context
from benchmarks.kit import Sample, as_data, digits, figures, take_turns, times_as_fast
from benchmarks.ours import evenly, read_clip
from benchmarks.report import Bars, Section, Table, Target
from benchmarks.worker import AbsentError, Worker
from model.network.boxes import pairwise_iou

REFERENCE = "ONNX Runtime fp32"
OURS = "the app, int8"
OPENVINO_INT8 = "OpenVINO int8"
ORT_INT8 = "ONNX Runtime int8"
NOISE = 0.03
NCNN = "ncnn"
YOLOX = "YOLOX-nano, ONNX Runtime"
# Of the reference's detections, what a peer finds again: same class, this overlap.
SAME_IOU, SHOWN_SCORE = 0.5, 0.5

Ask = Callable[[NDArray[np.uint8]], Detections]


def run(context: Context) -> Section:
    """Every runtime that is there, in turns; then how alike they answer."""
    section = Section("inference", "Inference of the same network", TEXT)
    with ExitStack() as stack:
        workers = _open(context, stack, section.notes)
        samples = take_turns(
            {name: worker.turn for name, worker in workers.items()},
            budget_s=context.seconds(40),
        )
        found = {name: _ask(worker) for name, worker in workers.items()}
        own = {n: ask for n, ask in found.items() if n not in (YOLOX, NCNN)}
        if NCNN in workers:
            section.notes.append(NCNN_NOTE)
        provider = workers[OURS].ask("provider")
        section.notes.append(f"The app runs it on {provider}.")
        agreements = _agreements(
            own, evenly(read_clip(context.clip)[1], context.count(24))
        )
        aps = _average_precisions(context, workers, found)
    rows = []
    for name, rounds in samples.items():
        agreement = agreements.get(name)
        rows.append(
            (
                name,
                str(figures(rounds)),
                f"{times_as_fast(rounds, samples[REFERENCE]):.2f}x",
                digits(figures(rounds).core_ms),
                "" if agreement is None else f"{agreement:.1%}",
                "" if aps.get(name) is None else f"{aps[name]:.3f}",
            )
        )
    section.tables.append(Table(COLUMNS, rows))
    section.plots.append(
        Bars(
            "Inference of one picture (shorter is better)",
            "ms, median",
            {name: figures(rounds).median_ms for name, rounds in samples.items()},
        )
    )
    section.targets += [
        _target("Inference on the CPU takes no longer than", OURS, samples),
        _target("In int8 ONNX Runtime alone takes no longer than", ORT_INT8, samples),
    ]
    section.data = {
        "times": as_data(samples),
        "agreement": agreements,
        "average_precision": aps,
    }
    return section


TEXT = (
    "One picture, 300 x 300, batch 1; all threads each runtime wants, one process "
    "each, in turns. *found again*: of the boxes that ONNX Runtime shows in float32 "
    "on the bundled clip, those this one shows too (same class, IoU above "
    f"{SAME_IOU}). AP: COCO's, on labelled photos where those are at hand."
)
NCNN_NOTE = (
    "ncnn: pnnx loses the graph's backward slices when it converts, so its boxes are "
    "wrong (its scores are right); only its speed is compared."
)
COLUMNS = ("", "ms (middle half)", "speed", "core ms", "found again", "AP")


def _open(context: Context, stack: ExitStack, notes: list[str]) -> dict[str, Worker]:
    peers = "benchmarks.peers:"
    tflite = context.folder / "network.tflite"
    wanted: dict[str, tuple[object, ...]] = {
        REFERENCE: (f"{peers}OnnxRuntime", context.model),
        OURS: (f"{peers}App", context.int8),
        ORT_INT8: (f"{peers}OnnxRuntime", context.int8),
        "OpenCV DNN": (f"{peers}OpenCv", context.model),
        "LiteRT (XNNPACK)": (f"{peers}LiteRt", tflite),
        "OpenVINO f32": (f"{peers}OpenVino", context.model, "f32"),
        "OpenVINO bf16": (f"{peers}OpenVino", context.model, "bf16"),
        OPENVINO_INT8: (f"{peers}OpenVino", context.int8, "f32"),
        NCNN: (f"{peers}Ncnn", context.model, context.folder),
        "Keras predict_on_batch": (f"{peers}Keras", context.weights, "on_batch"),
        "Keras predict": (f"{peers}Keras", context.weights, "predict"),
    }
    if context.shared is None:
        notes.append(f"{YOLOX}: its file is not at hand here.")
    else:
        wanted[YOLOX] = (
            f"{peers}YoloxNano",
            context.shared / "weights" / "yolox_nano.onnx",
        )
    with Worker("benchmarks.inference:TfliteMaker") as maker:
        maker.ask("write", context.weights, tflite)
    workers = {}
    for name, (maker_name, *arguments) in wanted.items():
        try:
            worker = Worker(str(maker_name), *arguments)
        except AbsentError as absent:
            notes.append(f"{name}: {absent}.")
        else:
            workers[name] = stack.enter_context(worker)
    return workers


class TfliteMaker:
    """Converts in a process of its own, so that TensorFlow is gone afterwards."""

    def __call__(self) -> None:
        """Nothing to time."""

    def write(self, weights: Path, target: Path) -> None:
        """See `write_tflite`."""
        from benchmarks.peers import write_tflite

        write_tflite(weights, target)


def _ask(worker: Worker, *, score: float = 0.01) -> Ask:
    """A detector of the worker's network: the app's own steps around it."""

    def detect(image_bgr: NDArray[np.uint8]) -> Detections:
        resized = cv2.resize(image_bgr, (300, 300), interpolation=cv2.INTER_LINEAR)
        boxes, scores = worker.ask("answer", resized)
        height, width = image_bgr.shape[:2]
        return postprocess(
            boxes,
            scores,
            size_wh=(width, height),
            score_threshold=score,
            iou_threshold=0.5,
            max_detections=100,
        )

    return detect


def _agreements(
    detectors: dict[str, Ask], frames: list[NDArray[np.uint8]]
) -> dict[str, float]:
    """By name, the share of the reference's shown boxes that it shows too."""
    reference = [detectors[REFERENCE](frame) for frame in frames]
    shares = {}
    for name, detect in detectors.items():
        pairs = zip(reference, (detect(frame) for frame in frames), strict=True)
        counts = [found_again(theirs, own) for theirs, own in pairs]
        total = sum(shown for _, shown in counts)
        shares[name] = sum(again for again, _ in counts) / max(1, total)
    return shares


def found_again(reference: Detections, other: Detections) -> tuple[int, int]:
    """How many of the reference's shown boxes `other` shows too, and how many it has.

    Each box of `other` counts for one at most, best first.
    """
    shown = np.flatnonzero(reference.scores > SHOWN_SCORE)
    free = set(np.flatnonzero(other.scores > SHOWN_SCORE).tolist())
    iou = pairwise_iou(reference.boxes_xyxy, other.boxes_xyxy)
    again = 0
    for i in shown.tolist():
        same = [
            (float(iou[i, j]), j)
            for j in free
            if reference.class_ids[i] == other.class_ids[j]
        ]
        best, j = max(same, default=(0.0, -1))
        if best > SAME_IOU:
            free.discard(j)
            again += 1
    return again, len(shown)


def _average_precisions(
    context: Context, workers: dict[str, Worker], found: dict[str, Ask]
) -> dict[str, float | None]:
    """AP on the labelled photos; nothing where there are none."""
    folder = None if context.shared is None else context.shared / "detection" / "val"
    if folder is None or not folder.is_dir():
        return {}
    from model.dataset.read import read_dataset
    from model.evaluation.evaluate import evaluate
    from model.network.config import COCO_CLASS_NAMES, VOC_CLASS_NAMES

    dataset = read_dataset([folder])
    limit = None if context.scale >= 1 else context.count(137, least=10)
    aps = {}
    for name in workers:
        # Keras predict answers as predict_on_batch does, slowly.
        if name in (NCNN, "Keras predict"):
            continue

        def detect(image_bgr: NDArray[np.uint8], name: str = name) -> tuple[Any, ...]:
            if name == YOLOX:
                answer: tuple[Any, ...] = workers[name].ask("find", image_bgr)
                return answer
            own = found[name](image_bgr)
            return own.boxes_xyxy, own.scores, own.class_ids

        names = COCO_CLASS_NAMES if name == YOLOX else VOC_CLASS_NAMES
        aps[name] = evaluate(detect, names, dataset, limit=limit).ap
    return aps


def _target(promise: str, name: str, samples: dict[str, list[Sample]]) -> Target:
    text = f"{promise} OpenVINO's in int8"
    if OPENVINO_INT8 not in samples:
        return Target(text, "OpenVINO is not here", None)
    ratio = times_as_fast(samples[name], samples[OPENVINO_INT8])
    own, theirs = figures(samples[name]), figures(samples[OPENVINO_INT8])
    # Where it is OpenVINO itself that runs, two equal things differ by noise.
    return Target(
        text,
        f"{ratio:.2f} times as fast as it ({digits(own.median_ms)} and "
        f"{digits(theirs.median_ms)} ms)",
        ratio >= 1 - NOISE,
        why="seven eighths are convolutions; what was tried of ONNX Runtime's settings "
        "made it no faster with the same answers",
    )


def main(paths: list[Path]) -> int:
    """Print medians and ratios of model files; the first is what others are beside."""
    with ExitStack() as stack:
        samples = take_turns(
            {
                path.name: stack.enter_context(
                    Worker("benchmarks.peers:OnnxRuntime", path)
                ).turn
                for path in paths
            },
            budget_s=10,
        )
    for name, rounds in samples.items():
        ratio = times_as_fast(rounds, samples[paths[0].name])
        sys.stdout.write(f"{name:<36}{figures(rounds)!s:>24} ms{ratio:>8.2f}x\n")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
