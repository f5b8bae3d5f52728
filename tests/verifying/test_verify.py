"""What `main.py keep` and `main.py verify` promise."""

import json
import re
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings

import main
from app.sidecar import FrameDetections
from app.types import Detections
from app.verifying.changes import Tolerance, changes_between, said
from app.verifying.kept_test import read_expected, write_expected
from tests.comparing.test_compare import film
from tests.comparing.test_pairs import COCO, VOC, detections, found
from tests.detection.tiny_model import tiny_model
from tests.media.clips import write_video

Capture = pytest.CaptureFixture[str]


def frames(*each: Detections) -> list[FrameDetections]:
    return [FrameDetections(i, i / 10, found) for i, found in enumerate(each)]


def scored(detections: Detections, *scores: float) -> Detections:
    return Detections(
        detections.boxes_xyxy, np.array(scores, np.float32), detections.class_ids
    )


@settings(max_examples=40, deadline=None)
@given(detections, detections)
def test_nothing_has_changed_between_anything_and_itself(
    a: Detections, b: Detections
) -> None:
    assert not changes_between(
        frames(a, b),
        frames(a, b),
        class_names=(COCO, COCO),
        score_threshold=0.5,
        tolerance=Tolerance(),
    )


def test_what_came_went_and_moved_is_said_by_frame() -> None:
    still, gone = (0, 0, 100, 100, 0), (200, 0, 300, 100, 0)
    # Moved by 10 of 100: 90 / 110 = 0.82 stays; by 20: 80 / 120 = 0.67 has moved.
    nearly, moved = (10, 0, 110, 100, 0), (20, 0, 120, 100, 0)
    before = frames(*[found(still, gone)] * 4)
    after = frames(
        found(still, gone),
        found(nearly),
        found(moved),
        found(still, gone, (50, 300, 60, 310, 1)),
    )
    changes = changes_between(
        before,
        after,
        class_names=(COCO, COCO),
        score_threshold=0.5,
        tolerance=Tolerance(),
    )
    assert [(c.index, c.what, c.class_name) for c in changes] == [
        (1, "vanished", "person"),
        (2, "vanished", "person"),
        (2, "moved", "person"),
        (3, "appeared", "couch"),
    ]
    assert said(changes) == [
        "frames 1 to 2 (0.10 to 0.20 s): person 0.60 vanished at [200 0 300 100]",
        "frame 2 (0.20 s): person 0.90 moved from [0 0 100 100] to [20 0 120 100]",
        "frame 3 (0.30 s): couch 0.60 appeared at [50 300 60 310]",
    ]


def test_classes_of_another_model() -> None:
    changes = changes_between(
        frames(found((0, 0, 9, 9, 2), (50, 0, 60, 9, 1))),  # a dog, a couch
        frames(found((0, 0, 9, 9, 2), (50, 0, 60, 9, 0))),  # a bus, a sofa
        class_names=(COCO, VOC),
        score_threshold=0.5,
        tolerance=Tolerance(),
    )
    # VOC's list here has no dog; COCO's had no bus, so it may always have been there.
    assert [(c.what, c.class_name) for c in changes] == [("vanished", "dog")]


def test_what_is_near_the_threshold_may_come_and_go() -> None:
    one, none = found((0, 0, 9, 9, 0)), Detections.empty()

    def changes(score: float, tolerance: float) -> list[str]:
        seen = scored(one, score)
        return [
            change.what
            for change in changes_between(
                frames(seen, none),
                frames(none, seen),
                class_names=(COCO, COCO),
                score_threshold=0.5,
                tolerance=Tolerance(score=tolerance),
            )
        ]

    assert changes(0.54, 0.05) == []
    assert changes(0.56, 0.05) == ["vanished", "appeared"]
    assert changes(0.56, 0.1) == []


@pytest.fixture
def kept(tmp_path: Path, capfd: Capture) -> Path:
    """The folder of two tests: red and green; blue with a line that nobody crosses."""
    model = str(tiny_model(tmp_path / "m.onnx"))
    rules = tmp_path / "rules.json"
    line = {"name": "gate", "from": [0.5, 0], "to": [0.5, 1], "classes": ["blue"]}
    rules.write_text(json.dumps({"lines": [line]}), encoding="utf-8")
    for name, colors, more in (
        ("one", ("red", "green"), ["--from", "0.5", "--seconds", "1"]),
        ("two", ("blue",), ["--rules", str(rules)]),
    ):
        video = film(tmp_path / f"{name}.mp4", *colors)
        into = ["--into", str(tmp_path / "scenes"), "--name", name]
        command = ["keep", str(video), *into, "--model", model, "--device", "cpu"]
        assert main.main([*command, *more]) == 0
    said = capfd.readouterr().out
    assert f"Kept {tmp_path / 'scenes' / 'one'}" in said
    assert "10 frames, green 5, red 5, by m.onnx on CPU" in said
    return tmp_path / "scenes"


def test_a_kept_test_is_a_part_of_the_video_and_what_is_in_it(kept: Path) -> None:
    expected = read_expected(kept / "one")
    # From 0.5 s: five frames of red, then five of green.
    colors = [expected.class_names[f.detections.class_ids[0]] for f in expected.frames]
    assert colors == ["red"] * 5 + ["green"] * 5
    with av.open(kept / "one" / "clip.mp4") as container:
        assert len(list(container.decode(video=0))) == 10
    # A line a frame, for git diff; and what is read is what was written.
    text = (kept / "one" / "expected.json").read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if '"time_s"' in line]) == 10
    write_expected(expected, kept / "two")
    assert (kept / "two" / "expected.json").read_text(encoding="utf-8") == text


def test_verify_shows_what_has_changed_and_update_accepts_it(
    kept: Path, capfd: Capture
) -> None:
    assert main.main(["verify", str(kept)]) == 0
    assert capfd.readouterr().out.count("same  ") == 2
    expected = json.loads((kept / "two" / "expected.json").read_text(encoding="utf-8"))
    assert expected["rule_counts"] == {"gate": {"blue": {"in": 0, "out": 0}}}
    other = tiny_model(kept.parent / "n.onnx", class_names='["blue", "red", "green"]')
    out = kept.parent / "out.json"
    command = ["verify", str(kept), "--model", str(other), "--json", str(out)]
    assert main.main(command) == 1
    told = capfd.readouterr().out
    assert "CHANGED" in told
    assert re.search(r"frames 0 to 4 \(0.00 to 0.40 s\): red [01].\d\d vanished", told)
    assert "kept with m.onnx on CPU" in told
    values = json.loads(out.read_text(encoding="utf-8"))
    assert [len(test["changes"]) for test in values] == [20, 0]
    # Counts alone are a change, too.
    expected["rule_counts"]["gate"]["blue"]["in"] = 2
    file = kept / "two" / "expected.json"
    file.write_text(json.dumps(expected), encoding="utf-8")
    assert main.main(["verify", str(kept / "two")]) == 1
    assert "gate: blue in 0, was 2" in capfd.readouterr().out
    assert main.main([*command, "--update"]) == 0
    assert main.main(["verify", str(kept)]) == 0  # with the model that it was


def test_what_cannot_be_used_is_said_and_the_others_are_run(
    kept: Path, capfd: Capture
) -> None:
    write_video(kept / "one" / "clip.mp4", [0.0, 0.1, 0.2])
    assert main.main(["verify", str(kept)]) == 2
    told = capfd.readouterr()
    assert "3 frames, and 10 were expected" in told.err
    assert "same  " in told.out  # two
    for text, problem in (
        ("{}", "is no mobilenet-ssd-kept-test/1"),
        ("[", "is wrong"),
        ('{"format": "mobilenet-ssd-kept-test/1"}', "'class_names' is missing"),
    ):
        (kept / "one" / "expected.json").write_text(text, encoding="utf-8")
        assert main.main(["verify", str(kept / "one")]) == 2
        assert problem in capfd.readouterr().err
    (kept.parent / "m.onnx").unlink()
    assert main.main(["verify", str(kept / "two")]) == 2
    assert "m.onnx, which is not here. Name a model" in capfd.readouterr().err
    empty = kept / "empty"
    empty.mkdir()
    assert main.main(["verify", str(empty)]) == 2
    assert "no kept test in" in capfd.readouterr().err
    command = ["keep", str(kept.parent / "one.mp4"), "--into", str(kept)]
    assert main.main([*command, "--name", "two"]) == 2
    assert "was left alone" in capfd.readouterr().err
    assert main.main([*command, "--name", "new", "--from", "9"]) == 2
    assert "has no clip from 9 s" in capfd.readouterr().err
    assert not (kept / "new").exists()
    assert [p.name for p in kept.iterdir() if p.name.startswith(".")] == []
