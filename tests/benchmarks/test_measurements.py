"""The reckoning inside the measurements, on numbers worked by hand."""

from pathlib import Path

import numpy as np
import pytest

from app.export.counting import count_seen, read_seen
from app.sidecar import read_sidecar
from app.tracking.rules import rules_from
from app.types import Detections
from benchmarks.export import DECODE, DRAW, ENCODE, INFER, bound
from benchmarks.growth import BOXES_WH, grid, raw_answer
from benchmarks.hiding import frame_by_frame
from benchmarks.inference import found_again
from benchmarks.kit import Sample
from benchmarks.latency import Stopwatch, summary
from benchmarks.recount import RULES, write_sidecar
from benchmarks.resources import idle_target, paint_target, startup_target
from benchmarks.worker import AbsentError


def detections(*rows: tuple[float, float, float, float, float, int]) -> Detections:
    return Detections(
        np.array([row[:4] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[4] for row in rows], np.float32),
        np.array([row[5] for row in rows], np.int64),
    )


def stages(*wall_and_core: tuple[float, float]) -> dict[str, list[Sample]]:
    return {
        name: [Sample(*own)]
        for name, own in zip((DECODE, INFER, DRAW, ENCODE), wall_and_core, strict=True)
    }


def test_the_bound_is_the_slowest_stage_or_the_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benchmarks.export.core_count", lambda: 2)
    assert bound(stages((1, 1), (9, 9), (1, 1), (2, 3))) == (9, INFER)  # 14 / 2 = 7
    alone_ms, which = bound(stages((1, 2), (5, 10), (1, 1), (2, 5)))
    assert (alone_ms, which) == (9, "core time over 2 cores")  # 18 / 2


def test_a_box_is_found_again_by_one_box_of_its_class() -> None:
    reference = detections(
        (0, 0, 10, 10, 0.9, 1), (0, 0, 10, 9, 0.8, 1), (50, 0, 60, 10, 0.3, 1)
    )
    one = detections((0, 0, 10, 10, 0.7, 1))
    other_class = detections((0, 0, 10, 10, 0.7, 2))
    assert found_again(reference, reference) == (2, 2)  # 0.3 is not shown
    assert found_again(reference, one) == (1, 2)
    assert found_again(reference, other_class) == (0, 2)
    assert found_again(detections(), one) == (0, 0)


def test_latency_counts_each_picture_once_and_what_was_left_out() -> None:
    camera = Stopwatch((96, 64), 30)
    camera.taken_s = {7: 1.0, 8: 1.5, 9: 2.0, 10: 2.5}
    seen = summary(camera, [(1.25, 7), (1.30, 7), (2.5, 9)], {"cores": 0.5})
    assert seen["after_ms"] == [250, 500]
    assert seen["painted_fps"] == pytest.approx(1 / 1.25)
    assert seen["left_out"] == pytest.approx(1 / 3)  # 8, of 7 to 9


def test_a_number_nobody_drew_spoils_a_latency_measurement() -> None:
    camera = Stopwatch((96, 64), 30)
    camera.taken_s = {7: 1.0, 8: 1.5}
    with pytest.raises(AbsentError, match="never drawn"):
        summary(camera, [(1.25, 7), (1.5, 4711)], {})


@pytest.mark.parametrize("count", [0, 1, 10, 500])
def test_boxes_of_a_grid_do_not_touch_and_the_raw_answer_leads_to_them(
    count: int,
) -> None:
    from app.detection.postprocess import postprocess

    wanted = grid(count, BOXES_WH)
    boxes, scores = raw_answer(wanted)
    found = postprocess(
        boxes,
        scores,
        size_wh=BOXES_WH,
        score_threshold=0.5,
        iou_threshold=0.45,
        max_detections=500,
    )
    # NMS looks at 400 candidates at most.
    assert len(found) == min(count, 400)
    np.testing.assert_allclose(
        found.boxes_xyxy, wanted.boxes_xyxy[: len(found)], atol=1e-3
    )


def test_a_start_is_held_against_its_promise() -> None:
    said = (
        "5 starts\n  window   median 0.40   best 0.3\n  box      median 0.95  best 0.9"
    )
    target = startup_target(said)
    assert (target.is_met, target.measured) == (True, "0.95 s (the window: 0.40 s)")
    assert startup_target(said.replace("0.95", "1.01")).is_met is False
    assert startup_target("it broke").is_met is None


def test_rest_is_held_against_its_promise_and_silence_is_none() -> None:
    said = (
        "playing      23.74 % of one core\n"
        "    threads: python 1030 ms, the window's 320 ms\n"
        "paused        0.31 % of one core\n"
        "    in 2 s: nothing painted\n"
        "at the end    0.20 % of one core"
    )
    target = idle_target(said)
    assert target.measured == "playing 23.74 %, paused 0.31 %, at the end 0.20 %"
    assert target.is_met is True
    assert idle_target(said.replace("0.20", "1.20")).is_met is False
    assert idle_target("idle_cpu.py broke: ").is_met is None
    assert idle_target(said.splitlines()[0]).is_met is None


def test_an_hour_of_sidecar_has_tracks_that_are_read_back(tmp_path: Path) -> None:
    """Half a minute of the street is 750 frames: then other ids, on the same way."""
    path = tmp_path / "hour.jsonl"
    boxes = write_sidecar(path, 1600)
    header, frames = read_sidecar(path)
    assert header.tracking is not None
    assert sum(len(frame.detections) for frame in frames) == boxes
    first, again = frames[100].detections, frames[850].detections
    assert first.track_ids is not None
    assert again.track_ids is not None
    has_track = first.track_ids > 0
    assert has_track.sum() > 10
    np.testing.assert_array_equal(first.boxes_xyxy, again.boxes_xyxy)
    np.testing.assert_array_equal(has_track, again.track_ids > 0)
    assert not set(first.track_ids[has_track]) & set(again.track_ids[has_track])
    assert count_seen(read_seen(path), rules_from(RULES)).events


def test_painting_is_held_against_its_promise() -> None:
    said = (
        "frame        boxes  zoom  scaled beside     ours     p95    plain   ratio\n"
        "1920 x 1080     10   1.0        0.41 ms  1.53 ms 2.14 ms  1.45 ms    0.9x\n"
        "1920 x 1080    100   1.0        0.43 ms  4.31 ms 5.92 ms  2.37 ms    0.5x"
    )
    target = paint_target(said)
    assert (target.is_met, target.measured) == (False, "4.31 ms")
    assert paint_target(said.replace("4.31", "3.99")).is_met is True
    assert paint_target("it broke").is_met is None


def test_frame_by_frame_hides_the_boxes_and_no_more() -> None:
    """40 x 20 at 1.5 times is 60 x 30: 10 and 5 more on each side, cut to 100 x 60."""
    found = detections(
        (30.4, 20, 70.4, 40, 0.9, 7), (2, 2, 42, 22, 0.3, 7), (0, 0, 9, 9, 0.9, 1)
    )
    boxes = frame_by_frame(found, (7,), (100, 60), least=0.5, scale=1.0)
    assert boxes.tolist() == [[30, 20, 71, 40]]
    boxes = frame_by_frame(found, (7,), (100, 60), least=0.2, scale=1.5)
    assert boxes.tolist() == [[20, 15, 81, 45], [0, 0, 52, 27]]
