"""Looking closer: what detail 1, 2 and 3 cost a frame at 720p."""

from functools import partial

import cv2
import numpy as np

from app.detection.looks import looks_at
from app.settings import Settings
from app.types import ImageBgr
from benchmarks.context import Context
from benchmarks.kit import as_data, digits, figures, take_turns, turn_of
from benchmarks.machine import core_count
from benchmarks.ours import Loaded, evenly, read_clip
from benchmarks.report import Section, Table, Target

SIZE_WH = (1280, 720)
DETAILS = (1, 2, 3)
TARGET_DETAIL, TARGET_RATE = 2, 30
TEXT = (
    "A frame of the bundled clip at 1280 x 720, in int8, its looks side by side as "
    "`--detail` has them; resizing and NMS are in it. What they find: "
    "[looking closer](../detail.md) and [accuracy](accuracy.md)."
)


def run(context: Context) -> Section:
    """All details, in turns."""
    section = Section("detail", "Looking closer", TEXT)
    detector = Loaded(context.int8, for_files=True)
    pictures = [
        np.asarray(cv2.resize(picture, SIZE_WH), np.uint8)
        for picture in evenly(read_clip(context.clip)[1], 10)
    ]

    samples = take_turns(
        {
            f"{detail}": turn_of(partial(_look_at, detector, pictures, detail))
            for detail in DETAILS
        },
        budget_s=context.seconds(15),
    )
    frames = len(pictures)
    rows = []
    for detail in DETAILS:
        own = figures(samples[f"{detail}"])
        times = (own.median_ms, own.low_ms, own.high_ms, own.core_ms)
        median, low, high, core = (digits(ms / frames) for ms in times)
        count = len(looks_at(SIZE_WH, detail))
        rows.append((f"{detail}", f"{count}", f"{median} ({low}-{high})", core))
    section.tables.append(
        Table(("detail", "looks", "ms a frame (middle half)", "core ms"), rows)
    )
    rate = 1e3 * frames / figures(samples[f"{TARGET_DETAIL}"]).median_ms
    section.targets.append(
        Target(
            f"Detail {TARGET_DETAIL} makes {TARGET_RATE} frames a second at 720p "
            "on two cores",
            f"{rate:.1f} a second on {core_count()} cores",
            rate >= TARGET_RATE,
        )
    )
    section.data = {"times": as_data(samples), "frames": frames}
    return section


def _look_at(detector: Loaded, pictures: list[ImageBgr], detail: int) -> None:
    settings = Settings(detail=detail)
    for picture in pictures:
        detector.detect(picture, settings)
