"""Counting again from a sidecar: an hour of video, without the video."""

import itertools
from pathlib import Path

import numpy as np

from app.export.counting import count_seen, read_seen
from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter
from app.tracking.rules import rules_from
from app.tracking.tracker import KEEP_S, Tracker
from app.types import Detections
from benchmarks.context import Context
from benchmarks.kit import Sample, as_data, digits, figures, take_turns, turn_of
from benchmarks.report import Section, Table, Target
from benchmarks.scenes import SIZE_WH, scene

FRAMES, FPS, OBJECTS = 90_000, 25, 20
LIMIT_S = 1.0
READ, COUNT = "reading it", "counting what was read"
RULES = {
    "lines": [
        {"name": "across", "from": [0.5, 0.0], "to": [0.5, 1.0]},
        {"name": "along", "from": [0.0, 0.5], "to": [1.0, 0.5]},
    ]
}
TEXT = (
    f"{FRAMES} frames with about {OBJECTS} boxes each, half a minute of a made-up "
    "street over and over, with its tracks; counted at two lines. `main.py count` "
    "reads and counts; the window reads once, and counts whenever a line is moved."
)


def run(context: Context) -> Section:
    """Read and counted, in turns."""
    section = Section("recount", "An hour of video, counted again", TEXT)
    path, frames = context.folder / "hour.jsonl", context.count(FRAMES)
    boxes = write_sidecar(path, frames)
    rules = rules_from(RULES)
    seen = read_seen(path)
    samples = take_turns(
        {
            READ: turn_of(lambda: read_seen(path), least_s=0.0),
            COUNT: turn_of(lambda: count_seen(seen, rules), least_s=0.0),
        },
        budget_s=context.seconds(15),
    )
    section.tables.append(
        Table(
            ("", "s (middle half)", "core s"),
            [(name, *_seconds(own)) for name, own in samples.items()],
        )
    )
    hours = frames / FRAMES
    core_s = sum(figures(own).core_ms for own in samples.values()) / 1e3 / hours
    read_s = figures(samples[READ]).core_ms / 1e3 / hours
    section.targets.append(
        Target(
            f"An hour is counted again in about {LIMIT_S:g} s",
            f"{core_s:.1f} s of a processor"
            + ("" if frames == FRAMES else f", reckoned from {frames} frames"),
            core_s <= LIMIT_S,
            why=f"to read it takes {read_s:.1f} s of that, most of it Python's",
        )
    )
    counted = len(count_seen(seen, rules).events)
    section.notes.append(
        f"{frames} frames, {boxes} boxes, {path.stat().st_size / 1e6:.0f} MB, "
        f"{counted} events."
    )
    section.data = {"times": as_data(samples), "frames": frames, "boxes": boxes}
    return section


def _seconds(samples: list[Sample]) -> tuple[str, str]:
    own = figures(samples)
    median, low, high, core = (
        digits(ms / 1e3) for ms in (own.median_ms, own.low_ms, own.high_ms, own.core_ms)
    )
    return f"{median} ({low}-{high})", core


def write_sidecar(path: Path, frames: int) -> int:
    """A sidecar of so many frames, with tracks; returns how many boxes it has."""
    header = SidecarHeader(
        source="street.mp4",
        size_wh=SIZE_WH,
        model_name="model.onnx",
        model_sha256="0" * 64,
        class_names=("car", "bus", "person"),
        settings={"score_threshold": 0.05, "shown_threshold": 0.5},
        tracking={"score_threshold": 0.5, "keep_s": KEEP_S},
    )
    tracker, followed, boxes = Tracker(), list[Detections](), 0
    for one in scene("even 25", 0, objects=OBJECTS):
        followed.append(tracker.update(one.found, one.timestamp_s))
    most = max(int(_ids(found).max(initial=0)) for found in followed)
    with SidecarWriter(path, header) as writer:
        for index, found in zip(range(frames), itertools.cycle(followed), strict=False):
            own = _as_of(found, later=most * (index // len(followed)))
            writer.write(FrameDetections(index, index / FPS, own))
            boxes += len(own)
    return boxes


def _ids(found: Detections) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    assert found.track_ids is not None
    return found.track_ids


def _as_of(found: Detections, *, later: int) -> Detections:
    """The same boxes with ids that no earlier round has had."""
    ids = _ids(found)
    assert found.track_class_ids is not None
    return found.followed(np.where(ids > 0, ids + later, 0), found.track_class_ids)
