"""Made-up streets with known ids, as a weak detector would see them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.types import Detections

SIZE_WH = (1280, 720)
LENGTH_S = 30.0
OBJECTS, CLASSES = 12, 3
MISSED, OCCLUDED_S, OCCLUSIONS, FALSE_A_FRAME = 0.15, 0.4, 3, 0.3
CLOCKS = {
    "30 a second": "even 30",
    "10 a second": "even 10",
    "5 a second": "even 5",
    "live, 8 to 30 a second": "jitter",
    "30 a second, stalls of 0.5 s": "stalls",
}


@dataclass(frozen=True, eq=False, slots=True)
class SceneFrame:
    """What is found in one frame, and whose box each is.

    Attributes:
        timestamp_s: of the frame.
        found: detections, the strong first.
        truth: (N,) which object each is of; -1: none.
    """

    timestamp_s: float
    found: Detections
    truth: NDArray[np.int64]


def clock(kind: str, random: np.random.Generator) -> NDArray[np.float64]:
    """When the frames are, in seconds."""
    name, _, rate = kind.partition(" ")
    if name == "even":
        return np.arange(0, LENGTH_S, 1 / float(rate))
    if name == "jitter":
        steps_s = 1 / random.uniform(8, 30, size=int(30 * LENGTH_S))
    else:
        steps_s = np.full(int(30 * LENGTH_S), 1 / 30)
        steps_s[random.random(len(steps_s)) < 0.02] = 0.5
    times_s = np.cumsum(steps_s)
    return times_s[times_s < LENGTH_S]


def scene(kind: str, seed: int, *, objects: int = OBJECTS) -> list[SceneFrame]:
    """Objects that walk, turn, cross, hide and flicker; and boxes of nothing."""
    random = np.random.default_rng(seed)
    times_s = clock(kind, random)
    height = random.uniform(60, 200, objects)
    size_wh = np.stack([height * random.uniform(0.4, 1.6, objects), height], 1)
    class_ids = random.integers(0, CLASSES, objects)
    middle = random.uniform(
        [150, 150], [SIZE_WH[0] - 150, SIZE_WH[1] - 150], (objects, 2)
    )
    reach = random.uniform([80, 20], [500, 120], (objects, 2))
    period_s = random.uniform(5, 16, (objects, 2))
    phase = random.uniform(0, 2 * np.pi, (objects, 2))
    strength = random.uniform(0.45, 0.85, objects)
    hidden_s = random.uniform(0, LENGTH_S, (objects, OCCLUSIONS))
    frames = []
    for time_s in times_s:
        centre = middle + reach * np.sin(2 * np.pi * time_s / period_s + phase)
        sees = random.random(objects) >= MISSED
        since_s = time_s - hidden_s
        sees &= ~((since_s >= 0) & (since_s < OCCLUDED_S)).any(axis=1)
        noise = random.normal(0, 0.03, (objects, 4)) * height[:, None]
        half = size_wh / 2
        boxes = np.hstack([centre - half, centre + half]) + noise
        scores = np.clip(strength + random.normal(0, 0.15, objects), 0.2, 0.95)
        truth = np.arange(objects)
        ghosts = int(random.poisson(FALSE_A_FRAME))
        corner = random.uniform(
            [0, 0], [SIZE_WH[0] - 200, SIZE_WH[1] - 200], (ghosts, 2)
        )
        ghost_boxes = np.hstack([corner, corner + random.uniform(40, 200, (ghosts, 2))])
        boxes = np.vstack([boxes[sees], ghost_boxes])
        scores = np.concatenate([scores[sees], random.uniform(0.2, 0.6, ghosts)])
        named = np.concatenate([class_ids[sees], random.integers(0, CLASSES, ghosts)])
        truth = np.concatenate([truth[sees], np.full(ghosts, -1)])
        order = np.argsort(-scores)
        frames.append(
            SceneFrame(
                float(time_s),
                Detections(
                    boxes[order].astype(np.float32),
                    scores[order].astype(np.float32),
                    named[order],
                ),
                truth[order],
            )
        )
    return frames


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well ids were kept.

    Attributes:
        switches: how often an object got another id than it had.
        share: of the objects' boxes that had an id.
    """

    switches: int
    share: float


def judge(frames: list[SceneFrame], ids_of: list[NDArray[np.int64]]) -> Verdict:
    """Compare ids, an array a frame in the order of its boxes, with the truth."""
    last: dict[int, int] = {}
    switches = with_id = boxes = 0
    for frame, ids in zip(frames, ids_of, strict=True):
        for thing, track in zip(frame.truth.tolist(), ids.tolist(), strict=True):
            if thing < 0:
                continue
            boxes += 1
            if track <= 0:
                continue
            with_id += 1
            switches += last.get(thing, track) != track
            last[thing] = track
    return Verdict(switches, with_id / max(1, boxes))
