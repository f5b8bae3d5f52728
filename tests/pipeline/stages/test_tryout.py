"""What app.pipeline.stages.tryout promises."""

import numpy as np
import pytest

from app.errors import ModelError
from app.pipeline.events import Difference, Tryout
from app.pipeline.stages.tryout import Sample, agreement_of, try_out
from app.settings import Settings
from app.types import Detections, DetectorInfo, ImageBgr, StageTimes

NAMES = ("person", "car")
Row = tuple[int, float, tuple[float, float, float, float]]
LEFT, RIGHT = (0.0, 0.0, 40.0, 90.0), (100.0, 10.0, 180.0, 60.0)


def detections(*rows: Row) -> Detections:
    return Detections(
        np.array([box for _, _, box in rows], np.float32).reshape(-1, 4),
        np.array([score for _, score, _ in rows], np.float32),
        np.array([class_id for class_id, _, _ in rows], np.int64),
    )


def compared(
    before: Detections, after: Detections, tolerance: float = 0.05
) -> tuple[float | None, tuple[Difference, ...]]:
    agreement, differences = agreement_of(
        before,
        after,
        score_threshold=0.5,
        tolerance=tolerance,
        class_names=NAMES,
    )
    return agreement, tuple(map(in_hundredths, differences))


def in_hundredths(one: Difference) -> Difference:
    scores = [None if s is None else round(s, 2) for s in (one.before, one.after)]
    return Difference(one.class_name, *scores)


def test_two_alike_agree_wholly_and_say_nothing() -> None:
    some = detections((0, 0.9, LEFT), (1, 0.7, RIGHT))
    nearly = detections((0, 0.88, LEFT), (1, 0.72, (102.0, 11.0, 181.0, 61.0)))
    assert compared(some, some) == compared(some, nearly) == (1.0, ())


def test_what_is_gone_and_what_is_new_is_told() -> None:
    """One of two on the left side has a partner: (1 + 1) of (2 + 2)."""
    before = detections((0, 0.9, LEFT), (1, 0.8, RIGHT))
    after = detections((0, 0.9, LEFT), (1, 0.7, LEFT))
    assert compared(before, after) == (
        0.5,
        (Difference("car", 0.8, None), Difference("car", None, 0.7)),
    )


def test_one_that_fell_just_short_of_the_threshold_is_no_difference() -> None:
    """At 0.54 the other may have it at 0.49, which it does not show."""
    assert compared(detections((0, 0.54, LEFT)), detections()) == (None, ())
    assert compared(detections((0, 0.56, LEFT)), detections())[0] == 0.0


def test_a_score_that_moved_further_than_it_may_is_told() -> None:
    before, after = detections((0, 0.9, LEFT)), detections((0, 0.8, LEFT))
    assert compared(before, after) == (1.0, (Difference("person", 0.9, 0.8),))
    assert compared(before, after, tolerance=0.15) == (1.0, ())


def test_every_score_that_moved_is_told_not_the_first_alone() -> None:
    before = detections((0, 0.9, LEFT), (1, 0.9, RIGHT))
    after = detections((0, 0.9, LEFT), (1, 0.7, RIGHT))
    assert compared(before, after) == (1.0, (Difference("car", 0.9, 0.7),))


def test_with_nothing_in_sight_there_is_nothing_to_say() -> None:
    assert compared(detections(), detections()) == (None, ())


class Seeing:
    """A detector that always sees the same, and is as quick as it says."""

    def __init__(self, found: Detections, times_ms: list[float]) -> None:
        self._found = found
        self._times_ms = times_ms

    def open(self) -> DetectorInfo:
        return DetectorInfo("m.onnx", NAMES, (300, 300), "CPUExecutionProvider")

    def detect(
        self, image_bgr: ImageBgr, settings: Settings
    ) -> tuple[Detections, StageTimes]:
        assert settings.score_threshold == 0.5
        return self._found, StageTimes(
            preprocess_ms=0.5, inference_ms=self._times_ms.pop(0)
        )

    def close(self) -> None:
        pass


def tried(found: Detections, *, weights_id: str = "1f") -> Tryout:
    """On a frame where the detector before saw two."""
    old = DetectorInfo("m.onnx", NAMES, (300, 300), "CPU", weights_id="1f")
    new = DetectorInfo("n.onnx", NAMES, (300, 300), "CUDA", weights_id=weights_id)
    before = detections((0, 0.9, LEFT), (1, 0.8, RIGHT))
    image_bgr = np.zeros((100, 200, 3), np.uint8)
    sample = Sample(image_bgr, Settings(), before, old, (9.0, 7.0, 8.0))
    return try_out(Seeing(found, [40.0, 2.0, 3.0, 1.0, 2.0]), new, sample)


def test_times_are_medians_of_all_stages_on_the_same_frame() -> None:
    """9, 7, 8 give 8; 40, 2, 3, 1, 2 give 2, and resizing took 0.5."""
    same = detections((0, 0.9, LEFT), (1, 0.8, RIGHT))
    assert tried(same) == Tryout(before_ms=8.0, after_ms=2.5, agreement=1.0)


def test_the_same_model_that_sees_something_else_is_refused() -> None:
    with pytest.raises(ModelError, match=r"n\.onnx sees something else: 0 % of"):
        tried(detections())


@pytest.mark.parametrize(("old", "new"), [("fp32", "int8"), ("int8", "fp32")])
def test_the_less_precise_of_the_two_says_how_far_scores_may_move(
    old: str, new: str
) -> None:
    """0.1 is much for fp32, and within what int8 costs."""
    infos = [
        DetectorInfo(
            "m.onnx", NAMES, (300, 300), "CPU", weights_id="1f", precision=precision
        )
        for precision in (old, new)
    ]
    before, after = detections((0, 0.9, LEFT)), detections((0, 0.8, LEFT))
    image_bgr = np.zeros((100, 200, 3), np.uint8)
    sample = Sample(image_bgr, Settings(), before, infos[0], (9.0,))
    tryout = try_out(Seeing(after, [1.0] * 5), infos[1], sample)
    assert tryout.differences == ()


def test_another_model_may_see_what_it_likes() -> None:
    tryout = tried(detections(), weights_id="2e")
    assert tryout.agreement is None
    assert tryout.after_ms == 2.5
