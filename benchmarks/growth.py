"""How time grows with the picture and with the boxes."""

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from app.detection.postprocess import postprocess
from app.drawing.overlay import draw
from app.drawing.style import PLAIN
from app.media.recording.recorder import Mp4Recorder
from app.settings import Settings
from app.types import Detections, ImageBgr, VideoInfo
from benchmarks.context import Context
from benchmarks.export import annotated
from benchmarks.kit import Sample, as_data, digits, figures, take_turns, turn_of
from benchmarks.ours import Loaded
from benchmarks.report import Lines, Section, Table, Target

SIZES = {
    "640 x 480": (640, 480),
    "1280 x 720": (1280, 720),
    "1920 x 1080": (1920, 1080),
    "2560 x 1440": (2560, 1440),
    "3840 x 2160": (3840, 2160),
}
BOXES = (0, 10, 50, 100, 200, 500)
BOXES_WH = (1280, 720)
TEXT = (
    "*detect* is resizing, the int8 network and NMS; *draw* the overlay with ten "
    "boxes; *record* H.264. Boxes: at 1280 x 720, all of them found, none overlapping."
)


def run(context: Context) -> Section:
    """Resolution, boxes."""
    section = Section("growth", "Growth with resolution and boxes", TEXT)
    _by_size(context, section)
    _by_boxes(context, section)
    return section


def _by_size(context: Context, section: Section) -> None:
    detector = Loaded(context.int8)
    class_names = detector.info.class_names
    settings = Settings()
    calls: dict[str, Callable[[], object]] = {}
    recorders = []
    for name, size_wh in SIZES.items():
        picture, boxes = pattern(size_wh), grid(10, size_wh)
        recorder = Mp4Recorder(context.folder / f"{name}.mp4", overwrite=True)
        recorder.open(VideoInfo(name, size_wh, Fraction(30), None, None, is_live=True))
        recorders.append(recorder)
        clock = itertools.count()
        calls |= {
            f"detect, {name}": partial(detector.detect, picture, settings),
            f"draw, {name}": partial(
                draw, picture, boxes, class_names=class_names, fps=25.0, style=PLAIN
            ),
            f"record, {name}": partial(_write_next, recorder, picture, clock),
        }
    samples: dict[str, list[Sample]] = {}
    # Recording apart: its encoder is still busy when another has its turn.
    for is_recording in (False, True):
        turns = {
            name: turn_of(call)
            for name, call in calls.items()
            if name.startswith("record") == is_recording
        }
        samples |= take_turns(turns, budget_s=context.seconds(12))
    for recorder in recorders:
        recorder.close()
    stages = ("detect", "draw", "record")
    section.tables.append(
        Table(
            ("picture", *(f"{stage}, ms" for stage in stages)),
            [
                (name, *(str(figures(samples[f"{stage}, {name}"])) for stage in stages))
                for name in SIZES
            ],
        )
    )
    section.plots.append(
        Lines(
            "A frame by its size",
            "megapixels",
            "ms",
            [w * h / 1e6 for w, h in SIZES.values()],
            {
                stage: [figures(samples[f"{stage}, {n}"]).median_ms for n in SIZES]
                for stage in stages
            },
        )
    )
    section.data["by_size"] = as_data(samples)


def _write_next(recorder: Mp4Recorder, picture: ImageBgr, clock: Iterator[int]) -> None:
    recorder.write(picture, next(clock) / 30)


def pattern(size_wh: tuple[int, int]) -> ImageBgr:
    """A picture with soft shapes and some noise, as a camera gives it."""
    width, height = size_wh
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (9, 16, 3), np.uint8)
    soft = cv2.resize(small, size_wh, interpolation=cv2.INTER_CUBIC)
    noise = rng.integers(0, 4, (height, width, 3), np.uint8)
    return np.asarray(cv2.add(soft, noise), np.uint8)


def grid(count: int, size_wh: tuple[int, int]) -> Detections:
    """`count` boxes side by side that do not touch, best score first."""
    columns = max(1, int(np.ceil(np.sqrt(count))))
    cell = np.arange(count)
    corner = np.stack([cell % columns, cell // columns], 1) / columns
    scale = np.array([*size_wh, *size_wh], np.float32)
    boxes = np.concatenate([corner + 0.1 / columns, corner + 0.9 / columns], 1)
    return Detections(
        (boxes * scale).astype(np.float32),
        np.linspace(0.99, 0.51, count, dtype=np.float32),
        (cell % 20).astype(np.int64),
    )


def _by_boxes(context: Context, section: Section) -> None:
    picture = pattern(BOXES_WH)
    names = tuple(f"class {i}" for i in range(20))
    calls: dict[str, Callable[[], object]] = {}
    for count in BOXES:
        found = grid(count, BOXES_WH)
        boxes, scores = raw_answer(found)
        calls |= {
            f"NMS, {count}": partial(
                postprocess,
                boxes,
                scores,
                size_wh=BOXES_WH,
                score_threshold=0.5,
                iou_threshold=0.45,
                max_detections=500,
            ),
            f"draw, {count}": partial(
                draw, picture, found, class_names=names, fps=25.0, style=PLAIN
            ),
        }
    stages = ["NMS", "draw"]
    try:
        import supervision as sv
    except ModuleNotFoundError:
        section.notes.append("supervision: not installed.")
    else:
        stages.append("supervision's draw")
        painters = sv.BoxAnnotator(), sv.LabelAnnotator()
        for count in BOXES:
            found = grid(count, BOXES_WH)
            calls[f"supervision's draw, {count}"] = partial(
                annotated, sv, *painters, picture, found, names
            )
    turns = {name: turn_of(call, least_s=0.01) for name, call in calls.items()}
    samples = take_turns(turns, budget_s=context.seconds(12))
    medians = {name: figures(own).median_ms for name, own in samples.items()}
    section.tables.append(
        Table(
            ("boxes", *(f"{stage}, ms" for stage in stages)),
            [
                (str(n), *(digits(medians[f"{stage}, {n}"]) for stage in stages))
                for n in BOXES
            ],
        )
    )
    section.plots.append(
        Lines(
            "A frame by what is found in it (1280 x 720)",
            "boxes",
            "ms",
            BOXES,
            {stage: [medians[f"{stage}, {n}"] for n in BOXES] for stage in stages},
        )
    )
    section.data["by_boxes"] = as_data(samples)
    theirs_ms = medians.get(f"supervision's draw, {BOXES[-1]}")
    if theirs_ms is not None:
        ours_ms = medians[f"draw, {BOXES[-1]}"]
        section.targets.append(
            Target(
                f"{BOXES[-1]} boxes are drawn no slower than supervision draws them",
                f"{ours_ms:.1f} ms, supervision {theirs_ms:.1f} ms",
                ours_ms <= theirs_ms,
            )
        )


def raw_answer(found: Detections) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The network's answer that leads to `found`: 1917 anchors, 20 classes."""
    boxes = np.zeros((1917, 4), np.float32)
    scores = np.zeros((1917, 20), np.float32)
    count = len(found)
    boxes[:count] = found.boxes_xyxy / np.array([*BOXES_WH, *BOXES_WH], np.float32)
    scores[np.arange(count), found.class_ids] = found.scores
    return boxes, scores
