"""Who is who: ids kept in made-up streets, and what a frame costs, beside trackers."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.tracking.tracker import Tracker
from benchmarks.context import Context
from benchmarks.kit import (
    Sample,
    Turn,
    as_data,
    figures,
    take_turns,
    times_as_fast,
    turn_of,
)
from benchmarks.report import Section, Table, Target
from benchmarks.scenes import CLOCKS, SceneFrame, judge, scene

OURS, PEER = "ours", "trackers (roboflow), with timestamps"
LIMITS_MS = {10: 0.5, 100: 2.0}
TEXT = (
    "Twelve objects of three classes, 15 % missed, weak scores, hidden at times, boxes "
    "of nothing: how often an object gets another id, and the share of its boxes that "
    "have one. The same scenes and thresholds for both."
)
Ids = list[NDArray[np.int64]]


def run(context: Context) -> Section:
    """Ids in five scenes, then the time of a frame, in turns."""
    section = Section("tracking", "Tracks: ids kept, and what a frame costs", TEXT)
    followers: dict[str, Callable[[list[SceneFrame]], Ids]] = {OURS: follow}
    try:
        followers[PEER] = _peer()
    except ModuleNotFoundError as error:
        section.notes.append(f"trackers: not installed ({error.name}).")
    rows, switched = [], dict[str, list[float]]()
    for title, kind in CLOCKS.items():
        cells = [title]
        for name, follower in followers.items():
            verdicts = []
            for seed in range(context.count(4, least=2)):
                frames = scene(kind, seed)
                verdicts.append(judge(frames, follower(frames)))
            switches = float(np.mean([verdict.switches for verdict in verdicts]))
            switched.setdefault(name, []).append(switches)
            share = np.mean([verdict.share for verdict in verdicts])
            cells.append(f"{switches:.1f} / {share:.3f}")
        rows.append(cells)
    section.tables.append(Table(("frames", *followers), rows))

    turns: dict[str, Turn] = {}
    for objects in LIMITS_MS:
        frames = scene("even 30", 0, objects=objects)[:90]
        for name, follower in followers.items():
            turns[f"{name}, {objects} objects"] = _turn(follower, frames)
    samples = take_turns(turns, budget_s=context.seconds(10))
    section.tables.append(
        Table(
            ("90 frames", "ms (middle half)", "ms a frame"),
            [
                (name, str(figures(own)), f"{figures(own).median_ms / 90:.3f}")
                for name, own in samples.items()
            ],
        )
    )
    for objects, limit_ms in LIMITS_MS.items():
        frame_ms = figures(samples[f"{OURS}, {objects} objects"]).median_ms / 90
        section.targets.append(
            Target(
                f"{objects} objects are followed in {limit_ms:g} ms a frame at most",
                f"{frame_ms:.2f} ms",
                frame_ms <= limit_ms,
            )
        )
    section.targets += _beside_peer(switched, samples)
    section.data = {"times": as_data(samples), "switches": switched}
    return section


def _beside_peer(
    switched: dict[str, list[float]], samples: dict[str, list[Sample]]
) -> list[Target]:
    """Ids kept, and time, beside the peer's."""
    texts = (
        "In no scene are ids switched more often than by roboflow's `trackers`",
        "A frame takes less time than with roboflow's `trackers`",
    )
    if PEER not in switched:
        return [Target(text, "it is not installed", None) for text in texts]
    pairs = list(zip(switched[OURS], switched[PEER], strict=True))
    faster = {
        objects: times_as_fast(
            samples[f"{OURS}, {objects} objects"], samples[f"{PEER}, {objects} objects"]
        )
        for objects in LIMITS_MS
    }
    return [
        Target(
            texts[0],
            ", ".join(f"{own:.1f} / {theirs:.1f}" for own, theirs in pairs),
            all(own <= theirs for own, theirs in pairs),
        ),
        Target(
            texts[1],
            ", ".join(
                f"{ratio:.1f} times as fast with {objects} objects"
                for objects, ratio in faster.items()
            ),
            min(faster.values()) >= 1,
        ),
    ]


def _turn(
    follower: Callable[[list[SceneFrame]], Ids], frames: list[SceneFrame]
) -> Turn:
    return turn_of(lambda: follower(frames), least_s=0.02)


def follow(frames: list[SceneFrame]) -> Ids:
    """By our own tracker."""
    tracker, ids = Tracker(), []
    for frame in frames:
        found = tracker.update(frame.found, frame.timestamp_s)
        assert found.track_ids is not None
        ids.append(found.track_ids)
    return ids


def _peer() -> Callable[[list[SceneFrame]], Ids]:
    """By roboflow's ByteTrack, with the thresholds that ours has.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    import supervision as sv
    from trackers import ByteTrackTracker

    def ids_of(tracker: Any, frame: SceneFrame) -> NDArray[np.int64]:  # noqa: ANN401
        count = len(frame.found)
        found = sv.Detections(
            xyxy=frame.found.boxes_xyxy.copy(),
            confidence=frame.found.scores.copy(),
            class_id=frame.found.class_ids.copy(),
            data={"row": np.arange(count)},
        )
        followed = tracker.update(found, timestamp=frame.timestamp_s)
        ids = np.zeros(count, np.int64)
        ids[followed.data["row"]] = followed.tracker_id + 1  # theirs begin at 0
        return ids

    def follow_theirs(frames: list[SceneFrame]) -> Ids:
        tracker = ByteTrackTracker(
            track_activation_threshold=0.5,
            high_conf_det_threshold=0.5,
            minimum_iou_threshold=0.15,
            minimum_consecutive_frames=2,
        )
        return [ids_of(tracker, frame) for frame in frames]

    return follow_theirs
