"""What app.pipeline.timeline promises."""

import json
from dataclasses import replace

import numpy as np
import pytest

from app.pipeline.stats import StatsSnapshot
from app.pipeline.timeline import (
    BIN_S,
    KEPT_S,
    MOST,
    NUMBERS_S,
    STAGES,
    History,
    percentile,
)
from app.types import Detections, Frame, Result, StageTimes
from tests.fakes import numbered_image

STATS = StatsSnapshot(30.0, 12.5, 77, 4, 1)
TIMES = StageTimes(1.0, 2.0, 3.0, 20.0, 4.0, 5.0, 6.0)  # 41 in all


def result(
    times: StageTimes = TIMES,
    class_ids: tuple[int, ...] = (),
    class_names: tuple[str, ...] = ("person", "car"),
) -> Result:
    count = len(class_ids)
    detections = Detections(
        np.zeros((count, 4), np.float32),
        np.ones(count, np.float32),
        np.array(class_ids, np.int64),
    )
    frame = Frame(numbered_image(0), 0, 0.0, 0.0)
    return Result(frame, detections, class_names, times=times)


def test_stages_stand_in_the_order_of_a_frames_way() -> None:
    assert STAGES == (
        "capture",
        "wait",
        "preprocess",
        "inference",
        "postprocess",
        "draw",
        "show",
    )


def test_the_means_of_the_stages_add_up_to_the_mean_latency() -> None:
    history = History()
    history.add(result(), 10.0)
    history.add(result(replace(TIMES, inference_ms=50.0)), 10.1)
    numbers = history.numbers(STATS, 10.1)
    assert numbers.stages_ms["inference"] == 35.0  # (20 + 50) / 2
    assert numbers.stages_ms["show"] == 6.0
    assert numbers.latency_mean_ms == pytest.approx((41 + 71) / 2)


def test_half_of_the_frames_are_faster_than_p50_and_one_in_twenty_slower_than_p95() -> (
    None
):
    history = History()
    for i in range(1, 101):
        history.add(result(StageTimes(inference_ms=float(i))), i / 100)
    numbers = history.numbers(STATS, 1.0)
    assert (numbers.latency_p50_ms, numbers.latency_p95_ms) == (50.0, 95.0)
    assert numbers.shown_fps == pytest.approx(100.0)
    assert (numbers.capture_fps, numbers.inference_fps) == (30.0, 12.5)
    assert (numbers.frame_count, numbers.dropped, numbers.recording_dropped) == (
        77,
        4,
        1,
    )


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, None),
        ([7.0], 95, 7.0),
        ([1.0, 2.0], 50, 1.0),  # one of the two does not exceed 1
        ([1.0, 2.0, 3.0], 50, 2.0),
        ([1.0, 2.0, 3.0], 0, 1.0),
        ([1.0, 2.0, 3.0], 100, 3.0),
    ],
)
def test_percentiles_are_values_that_occurred(
    values: list[float], percent: float, expected: float | None
) -> None:
    assert percentile(values, percent) == expected


def test_numbers_forget_what_was_shown_long_ago() -> None:
    history = History()
    history.add(result(StageTimes(inference_ms=500.0)), 0.0)
    history.add(result(StageTimes(inference_ms=5.0)), NUMBERS_S + 1)
    assert history.numbers(STATS, NUMBERS_S + 1).latency_p95_ms == 5.0
    numbers = history.numbers(STATS, 3 * NUMBERS_S)
    assert numbers.latency_p50_ms is numbers.latency_p95_ms is None
    assert numbers.latency_mean_ms is None
    assert numbers.shown_fps < 0.1


def test_a_timeline_holds_means_over_short_spans() -> None:
    """Two frames in the span from 1.00 to 1.25 s, none in the next, one after it."""
    history = History()
    history.add(result(StageTimes(capture_ms=2.0, show_ms=10.0), (1, 1, 0)), 1.0)
    history.add(result(StageTimes(capture_ms=4.0, show_ms=20.0), (1,)), 1.2)
    history.add(result(StageTimes(capture_ms=8.0)), 1.5)
    timeline = history.timeline(2.0)
    assert timeline.ages_s.tolist() == [1.0, 0.5]
    assert timeline.stages_ms[:, 0].tolist() == [3.0, 8.0]
    assert timeline.stages_ms[:, -1].tolist() == [15.0, 0.0]
    assert timeline.stages_ms.sum(axis=1).tolist() == [18.0, 8.0]  # the latencies
    assert {k: v.tolist() for k, v in timeline.counts.items()} == {
        0: [0.5, 0.0],
        1: [1.5, 0.0],
    }


def test_an_empty_timeline_has_no_rows() -> None:
    timeline = History().timeline(5.0)
    assert timeline.ages_s.shape == (0,)
    assert timeline.stages_ms.shape == (0, len(STAGES))
    assert timeline.counts == {}


def test_another_models_classes_are_not_mixed_with_these() -> None:
    history = History()
    history.add(result(class_ids=(1,)), 1.0)
    history.add(result(class_ids=(0,), class_names=("cat", "dog")), 1.1)
    assert history.class_names == ("cat", "dog")
    assert list(history.timeline(1.2).counts) == [0]


def test_another_source_begins_with_nothing() -> None:
    history = History()
    for i in range(50):
        history.add(result(class_ids=(1,)), 10 + i / 25)
    history.clear()
    numbers = history.numbers(STATS, 12.0)
    assert numbers.shown_fps == 0
    assert numbers.latency_p50_ms is None
    assert numbers.stages_ms == {}
    assert len(history.timeline(12.0).ages_s) == 0


def test_it_never_grows_without_end() -> None:
    """An hour at 500 frames a second, of which 4,096 and 30 s of spans stay."""
    history = History()
    one = result()
    for i in range(2 * MOST):
        history.add(one, i / 500)
    for i in range(3600):
        history.add(one, 20 + i)
    assert len(history._lately) <= MOST
    assert len(history.timeline(3620).ages_s) <= KEPT_S / BIN_S + 1


def test_numbers_can_be_copied_as_json() -> None:
    history = History()
    history.add(result(), 10.0)
    copied = json.loads(history.numbers(STATS, 10.0).to_json())
    assert copied["latency_p50_ms"] == copied["latency_mean_ms"] == 41.0
    assert copied["stages_ms"]["capture"] == 1.0
    assert sum(copied["stages_ms"].values()) == pytest.approx(41.0)
    assert copied["dropped"] == 4
