"""What benchmarks.crossings promises: who goes with whom, and pictures of the rest."""

import json
from pathlib import Path

import cv2
import pytest

from app.sidecar import FrameDetections, SidecarHeader, SidecarWriter
from benchmarks.crossings import Passing, compare, main
from tests.media.clips import write_video
from tests.tracking.walks import CLASS_NAMES, boxes, standing


def at(frame: int, direction: str, y: float, track: int = 0) -> Passing:
    return Passing(frame, direction, (345.0, y), track)


def test_the_nearest_of_the_same_way_is_meant_and_each_but_once() -> None:
    """4 frames and 6 pixels off are 26; 3 frames and 101 pixels off are 116."""
    truth = [at(775, "out", 349), at(782, "out", 242), at(777, "in", 272)]
    counted = [at(779, "out", 343, track=239), at(600, "in", 272, track=7)]
    verdict = compare(counted, truth)
    assert verdict.right == [(truth[0], counted[0])]
    assert verdict.missed == truth[1:]
    assert verdict.made_up == [counted[1]]


def test_what_went_wrong_is_said_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One walks right across x = 200, with the eye's word; one left, without it."""
    times_s = [index / 10 for index in range(30)]
    video = write_video(tmp_path / "walk.mp4", times_s, size_wh=(400, 200))
    header = SidecarHeader(str(video), (400, 200), "", "", CLASS_NAMES, {})
    with SidecarWriter(tmp_path / "walk.jsonl", header) as writer:
        for index, time_s in enumerate(times_s):
            right, left = 140 + 5 * index, 300 - 5 * index
            found = boxes(standing(right, 80), standing(left, 180))
            writer.write(FrameDetections(index, time_s, found))
    truth = {
        "line": {"start": [200, 0], "end": [200, 200]},
        "events": [
            {"frame": 12, "direction": "out", "foot": [200, 80]},
            {"frame": 3, "direction": "in", "foot": [200, 100]},
        ],
    }
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    words = [str(tmp_path / "walk.jsonl"), "--again"]
    words += ["--truth", str(tmp_path / "truth.json")]
    assert main([*words, "--video", str(video), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "Counted, and by eye: 1 (1) in, 1 (1) out; 1 agree.",
        "Missed: frame 3 in at (200, 100)",
        "Made up: frame 21 in at (200, 180), track 2",
    ]
    missed, made_up = sorted((tmp_path / "out").iterdir())
    assert missed.name == "walk.000003.in.missed.jpg"
    assert made_up.name == "walk.000021.in.made-up.jpg"
    # Twelve moments of 220 x 180, twice as large.
    picture = cv2.imread(str(made_up))
    assert picture is not None
    assert picture.shape == (3 * 360, 4 * 440, 3)
