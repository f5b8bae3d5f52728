"""Counts from a sidecar alone are the counts of that moment."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from app.errors import SidecarError
from app.export.count_files import write_counts
from app.export.counting import count_sidecar, track_sidecar
from app.sidecar import (
    FrameDetections,
    SidecarHeader,
    SidecarWriter,
    read_sidecar,
)
from app.tracking.counter import Counter
from app.tracking.events import Event
from app.tracking.rules import Line, Rules, Zone
from app.tracking.tracker import Tracker
from app.types import Detections
from benchmarks.scenes import SIZE_WH, scene

CLASS_NAMES = ("person", "bus", "car")
RULES = Rules(
    lines=(
        Line("L1", (0.4, 0.0), (0.4, 1.0)),
        Line("people", (0.0, 0.5), (1.0, 0.6), classes=("person",), anchor="center"),
    ),
    zones=(
        Zone("Z1", ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))),
        Zone("not here", ((0.9, 0.0), (1.0, 0.0), (1.0, 1.0)), use="ignore"),
    ),
)


def header(*, tracking: dict[str, float] | None) -> SidecarHeader:
    settings = {"score_threshold": 0.05, "shown_threshold": 0.5}
    return SidecarHeader(
        "clip.mp4", SIZE_WH, "m.onnx", "ab", CLASS_NAMES, settings, tracking
    )


def write_scene(path: Path, kind: str, *, tracked: bool) -> tuple[list[Event], Counter]:
    """A sidecar of a scene, and what was counted while it was written."""
    tracker = Tracker()
    counter = Counter(RULES, size_wh=SIZE_WH, class_names=CLASS_NAMES)
    events: list[Event] = []
    tracking = {"score_threshold": 0.5, "keep_s": 1.0} if tracked else None
    with SidecarWriter(path, header(tracking=tracking)) as writer:
        for index, frame in enumerate(scene(kind, seed=3)):
            found = tracker.update(frame.found, frame.timestamp_s)
            events += counter.update(index, frame.timestamp_s, found)
            kept = found if tracked else frame.found
            writer.write(FrameDetections(index, frame.timestamp_s, kept))
    return events, counter


@pytest.mark.parametrize("tracked", [True, False])
@pytest.mark.parametrize("kind", ["even 10", "jitter", "stalls"])
def test_counting_again_comes_to_what_was_counted_live(
    tmp_path: Path, kind: str, tracked: bool
) -> None:
    path = tmp_path / "a.jsonl"
    live, counter = write_scene(path, kind, tracked=tracked)
    counted = count_sidecar(path, RULES)
    assert len(live) > 20
    assert list(counted.events) == live
    assert counted.counts == counter.counts()


def test_a_box_of_just_the_threshold_says_as_little_afterwards_as_live(
    tmp_path: Path,
) -> None:
    """Weak boxes keep a track but change no side; 0.5 is not above 0.5."""
    path = tmp_path / "a.jsonl"
    counter = Counter(RULES, size_wh=SIZE_WH, class_names=CLASS_NAMES)
    live: list[Event] = []
    with SidecarWriter(
        path, header(tracking={"score_threshold": 0.5, "keep_s": 1.0})
    ) as writer:
        for index, x in enumerate(range(400, 700, 20)):  # L1 is at 512
            found = Detections(
                np.array([[x, 20, x + 40, 100]], np.float32),
                np.array([0.5], np.float32),
                np.array([1], np.int64),
            )
            found = found.followed(np.array([1], np.int64), found.class_ids)
            live += counter.update(index, index / 10, found)
            writer.write(FrameDetections(index, index / 10, found))
    assert live == []
    assert count_sidecar(path, RULES).events == ()


def test_two_frames_of_one_time_are_two_frames(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    tracking = {"score_threshold": 0.5, "keep_s": 1.0}
    with SidecarWriter(path, header(tracking=tracking)) as writer:
        for index, time_s in enumerate((0.0, 0.1, 0.1, 0.2)):
            writer.write(FrameDetections(index, time_s, Detections.empty()))
    counted = count_sidecar(path, RULES)
    assert (counted.frame_count, counted.duration_s) == (4, 0.2)


def test_tracks_are_added_afterwards_and_what_was_found_stays(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write_scene(path, "even 10", tracked=False)
    count = track_sidecar(path, out)
    (_, before), (after_header, after) = read_sidecar(path), read_sidecar(out)
    assert after_header.tracking == {"score_threshold": 0.5, "keep_s": 1.0}
    ids = set()
    for old, new in zip(before, after, strict=True):
        assert old.detections.track_ids is None
        assert np.array_equal(old.detections.boxes_xyxy, new.detections.boxes_xyxy)
        assert np.array_equal(old.detections.class_ids, new.detections.class_ids)
        assert new.detections.track_ids is not None
        ids |= set(new.detections.track_ids.tolist())
    assert max(ids) == count > 12


def test_sidecars_of_before_are_read(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    write_scene(path, "even 5", tracked=False)
    text = path.read_text(encoding="utf-8").replace("detections/2", "detections/1")
    text = text.replace(', "tracking": null', "")
    path.write_text(text.replace(',"track_class_id":null', ""), encoding="utf-8")
    assert '"track_class_id"' not in path.read_text(encoding="utf-8")
    assert count_sidecar(path, RULES).events


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_a_sidecar_that_others_wrote_counts_the_same(
    tmp_path: Path, separators: tuple[str, str], order: int
) -> None:
    """What we write is read in a quick way: nothing else may be taken for it."""
    path, theirs = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    live, _ = write_scene(path, "even 5", tracked=True)
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    written = [first]
    for number, line in enumerate(lines):
        values = json.loads(line)
        values["detections"] = [
            dict(list(one.items())[::order]) for one in values["detections"]
        ]
        is_ours = number % 3 == 0
        written.append(line if is_ours else json.dumps(values, separators=separators))
    theirs.write_text("\n".join(written) + "\n", encoding="utf-8")
    assert list(count_sidecar(theirs, RULES).events) == live


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"index":3', '"index":4'),
        ('"track_id":1', '"track_id":0'),
        ('"track_id":1', '"track_id":-1'),
        ('"track_class_id":', '"track_class_id":7'),
        ('"time_s":0.3', '"time_s":-0.3'),
        ('"box_xyxy":[', '"box_xyxy":[null,'),
        ('"box_xyxy":[', '"box_xyxy":[1,'),
        ('"detections":[{', '"detections":[[{'),
    ],
)
def test_a_bad_line_is_told(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "a.jsonl"
    write_scene(path, "even 10", tracked=True)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SidecarError, match=r"(Line \d+ of )?[Tt]he sidecar .* is bad"):
        count_sidecar(path, RULES)


def test_the_command_counts_and_writes_three_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, rules = tmp_path / "clip.jsonl", tmp_path / "rules.json"
    _, counter = write_scene(path, "even 10", tracked=True)
    rules.write_text(RULES.to_json(), encoding="utf-8")
    out = tmp_path / "new" / "folder"
    assert main(["count", str(path), "--rules", str(rules), "--out", str(out)]) == 0
    names = sorted(file.name for file in out.iterdir())
    assert names == ["clip.counts.csv", "clip.counts.json", "clip.events.jsonl"]
    counts = json.loads((out / "clip.counts.json").read_text(encoding="utf-8"))
    assert counts == counter.counts()
    lines = (out / "clip.events.jsonl").read_text(encoding="utf-8").splitlines()
    crossed = [event for event in map(json.loads, lines) if event["kind"] == "cross"]
    assert set(crossed[0]) == {
        *("time_s", "frame", "kind", "rule", "direction", "track", "class", "anchor")
    }
    for rule in ("L1", "people"):
        for direction in ("in", "out"):
            counted = sum(numbers[direction] for numbers in counts[rule].values())
            own = [
                e for e in crossed if (e["rule"], e["direction"]) == (rule, direction)
            ]
            assert len(own) == counted
    assert "L1: " in capsys.readouterr().out


def test_the_command_tells_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "clip.jsonl"
    write_scene(path, "even 5", tracked=True)
    assert main(["count", str(path), "--rules", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert main(["track", str(tmp_path / "none.jsonl")]) == 2
    assert main(["track", str(path)]) == 0
    assert "tracks" in capsys.readouterr().out


def test_what_is_written_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "clip.jsonl"
    write_scene(path, "even 5", tracked=True)
    counted = count_sidecar(path, RULES)
    paths = write_counts(tmp_path / "x.mp4", counted.events, counted.counts, RULES)
    assert [p.name for p in paths] == [
        *("x.events.jsonl", "x.counts.json", "x.counts.csv"),
    ]
    assert len(paths[0].read_text(encoding="utf-8").splitlines()) == len(counted.events)
