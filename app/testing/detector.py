"""The laws of a `Detector`."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from app.pipeline.interfaces import Detector, FollowsTime, Overlaps
from app.settings import Settings
from app.testing.laws import (
    check_failing_open,
    check_nothing_stays,
    check_opening_again,
    close_twice,
    law,
    on_a_thread,
)
from app.types import Detections, DetectorInfo, ImageBgr, StageTimes

MakeDetector = Callable[[], Detector]


def check_detector(
    make: MakeDetector,
    *,
    image_bgr: ImageBgr | None = None,
    fails: MakeDetector | None = None,
) -> None:
    """Run a detector by its laws.

    Args:
        make: a new one, each time.
        image_bgr: (H, W, 3) uint8 to look at, better one with something in it;
            without it, noise, in several sizes.
        fails: a new one whose `open` fails.

    Raises:
        AssertionError: it breaks one.
    """
    images = _noise() if image_bgr is None else [image_bgr]
    for image in images:
        image.flags.writeable = False  # it is not the detector's to write to
    _check_one_run(make(), images)
    if isinstance(make(), Overlaps):
        on_a_thread(lambda: _check_overlap(make, images))
    check_nothing_stays(lambda: on_a_thread(lambda: _use(make(), images)))
    if fails is not None:
        failing = fails

        def fail() -> None:
            detector = failing()
            check_failing_open(detector, detector.open)

        check_nothing_stays(lambda: on_a_thread(fail))


def _check_one_run(detector: Detector, images: list[ImageBgr]) -> None:
    """Opened and tried on one thread, then used and closed on another."""
    try:
        info = on_a_thread(detector.open, name="detector")
        _check_info(info)
        tried = on_a_thread(lambda: _look(detector, images[0]), name="detector")
        on_a_thread(lambda: _check_answers(detector, info, images), name="inference")
        again = on_a_thread(lambda: _look(detector, images[0]), name="inference")
        law(
            _are_alike(tried, again),
            "One picture gets one answer, whoever asks and whatever came between.",
        )
    finally:
        on_a_thread(lambda: close_twice(detector), name="inference")
    on_a_thread(
        lambda: check_opening_again(detector, lambda: _use(detector, images[:1]))
    )


def _use(detector: Detector, images: list[ImageBgr]) -> None:
    try:
        detector.open()
        for image_bgr in images:
            _look(detector, image_bgr)
    finally:
        detector.close()


def _look(
    detector: Detector, image_bgr: ImageBgr, settings: Settings | None = None
) -> Detections:
    if isinstance(detector, FollowsTime):
        detector.follow(0.0)
    return detector.detect(image_bgr, settings or Settings())[0]


def _check_info(info: DetectorInfo) -> None:
    law(info.model_name, "A detector names its model.")
    law(info.provider, "A detector says what it really runs on.")
    law(info.class_names, "A detector names its classes.")
    law(min(info.input_size_wh) > 0, f"A size is positive, not {info.input_size_wh}.")
    share = info.device_share
    law(share is None or 0 <= share <= 1, f"A share is in [0, 1], not {share}.")
    is_said = not info.note or info.note.strip()[-1:] in ".!?"
    law(is_said, f"A note is a sentence, not {info.note!r}.")


def _check_answers(
    detector: Detector, info: DetectorInfo, images: list[ImageBgr]
) -> None:
    kept: list[tuple[Detections, Detections]] = []
    for image_bgr in images:
        for settings in (
            Settings(),
            Settings(score_threshold=0.05, max_detections=3),
            Settings(score_threshold=1.0),
        ):
            if isinstance(detector, FollowsTime):
                detector.follow(0.0)
            found, times = detector.detect(image_bgr, settings)
            _check_answer(found, info, image_bgr, settings)
            _check_times(times)
            kept.append((found, _copied(found)))
    is_kept = all(_are_alike(found, copy, exactly=True) for found, copy in kept)
    law(is_kept, "An answer is not written to once it is given.")


def _check_answer(
    found: Detections, info: DetectorInfo, image_bgr: ImageBgr, settings: Settings
) -> None:
    height, width = image_bgr.shape[:2]
    boxes, scores, class_ids = found.boxes_xyxy, found.scores, found.class_ids
    for name, array, dtype in (
        ("boxes_xyxy", boxes, np.float32),
        ("scores", scores, np.float32),
        ("class_ids", class_ids, np.int64),
    ):
        law(array.dtype == dtype, f"{name} are {np.dtype(dtype)}, not {array.dtype}.")
    law(np.isfinite(boxes).all() and np.isfinite(scores).all(), "Numbers are finite.")
    law((np.diff(scores) <= 0).all(), "The best score comes first.")
    law((scores <= 1).all(), "Scores are in [0, 1].")
    law(
        (scores >= settings.score_threshold - 1e-6).all(),
        "No score is below the threshold of its settings.",
    )
    is_named = ((class_ids >= 0) & (class_ids < len(info.class_names))).all()
    law(is_named, "A class id is an index into the class names.")
    low, high = boxes[:, :2], boxes[:, 2:]
    is_inside = (low >= -0.01).all() and (high <= (width + 0.01, height + 0.01)).all()
    law(is_inside, "Boxes are in pixels of the picture, and inside it.")
    law((high >= low).all(), "A box is x1, y1, x2, y2.")


def _check_times(times: StageTimes) -> None:
    own_ms = (times.preprocess_ms, times.inference_ms, times.postprocess_ms)
    law(min(own_ms) >= 0, f"No time is negative: {own_ms}.")
    rest_ms = times.latency_ms - sum(own_ms)
    law(abs(rest_ms) < 1e-6, "A detector tells the times of its own stages only.")


def _check_overlap(make: MakeDetector, images: list[ImageBgr]) -> None:
    detector, settings = make(), Settings(score_threshold=0.05)
    assert isinstance(detector, Overlaps)
    try:
        detector.favour_throughput()
        detector.open()
        depth = detector.depth
        law(depth >= 1, f"A depth is at least 1, not {depth}.")
        some = [images[i % len(images)] for i in range(depth)]
        alone = [_look(detector, image_bgr, settings) for image_bgr in some]
        begun = [detector.begin(image_bgr, settings) for image_bgr in some]
        for one, answer in zip(alone, begun, strict=True):
            law(
                _are_alike(one, answer()[0]),
                "What is begun together is answered in order, and as if alone.",
            )
    finally:
        close_twice(detector)


def _noise() -> list[ImageBgr]:
    """Sizes that are neither square nor even, and one of a single pixel."""
    random = np.random.default_rng(0)
    sizes_hw = ((48, 64), (301, 57), (1, 1))
    return [random.integers(0, 256, (*hw, 3)).astype(np.uint8) for hw in sizes_hw]


def _copied(found: Detections) -> Detections:
    return replace(
        found,
        boxes_xyxy=found.boxes_xyxy.copy(),
        scores=found.scores.copy(),
        class_ids=found.class_ids.copy(),
    )


def _are_alike(some: Detections, others: Detections, *, exactly: bool = False) -> bool:
    if len(some) != len(others):
        return False
    tolerance = 0.0 if exactly else 1e-3  # a GPU need not add up in one order
    return bool(
        np.allclose(some.boxes_xyxy, others.boxes_xyxy, rtol=tolerance, atol=tolerance)
        and np.allclose(some.scores, others.scores, rtol=0, atol=tolerance)
        and (not exactly or (some.class_ids == others.class_ids).all())
    )
