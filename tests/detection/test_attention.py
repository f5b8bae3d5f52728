"""What closer looks under a budget promise: in time, where it matters, and to all."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.detection.attention import Attention
from app.detection.engines.engine import Answer
from app.detection.looks import looks_at
from app.detection.onnx_detector import OnnxDetector
from app.settings import Settings
from app.types import Detections, ImageBgr
from tests.detection.conftest import MakeModel

SIZE_WH = (400, 300)
# Tiles of 171 x 129 at 0, 114, 229 and 0, 86, 171.
TILES = looks_at(SIZE_WH, 3)[1:]
INPUT_WH = (300, 300)
NOBODY = Detections.empty()


def street() -> ImageBgr:
    return np.full((SIZE_WH[1], SIZE_WH[0], 3), 90, np.uint8)


def people(*boxes: tuple[float, float, float, float]) -> Detections:
    return Detections(
        np.array(boxes, np.float32),
        np.full(len(boxes), 0.7, np.float32),
        np.zeros(len(boxes), np.int64),
    )


def frames_until(
    place: int,
    attention: Attention,
    picture: Callable[[int], ImageBgr],
    found: Detections = NOBODY,
    *,
    a_frame: int = 1,
) -> int:
    """After so many frames of `a_frame` tiles each, that tile gets a look."""
    for frame in range(1, 1000):
        looked = attention.order(picture(frame), TILES)[:a_frame]
        attention.learn(found, looked, SIZE_WH, INPUT_WH)
        if place in looked:
            return frame
    raise AssertionError("never")


def test_where_nothing_is_the_matter_the_tiles_take_turns() -> None:
    attention, seen = Attention(), []
    for _ in range(len(TILES)):
        looked = attention.order(street(), TILES)[:1]
        attention.learn(NOBODY, looked, SIZE_WH, INPUT_WH)
        seen += looked
    assert sorted(seen) == list(range(len(TILES)))


def test_a_tile_in_which_something_moves_comes_first() -> None:
    """From left to right in the middle of the last tile, which is 229 to 400."""

    def moving(frame: int) -> ImageBgr:
        image = street()
        left = 320 + 9 * (frame % 5)
        image[230:280, left : left + 20] = 250
        return image

    attention = Attention()
    first = attention.order(moving(0), TILES)[:1]
    attention.learn(NOBODY, first, SIZE_WH, INPUT_WH)
    assert attention.order(moving(1), TILES)[0] == len(TILES) - 1


def test_a_cloud_is_no_motion() -> None:
    """All of the picture darker by 40: the next turn is the same as in a still one."""
    bright = street()
    bright[:, :, :] = (80 + np.arange(SIZE_WH[0]) // 4)[:, None]
    orders = []
    for after in (bright, bright - 40):
        attention = Attention()
        looked = attention.order(bright, TILES)[:1]
        attention.learn(NOBODY, looked, SIZE_WH, INPUT_WH)
        orders.append(attention.order(after, TILES))
    assert orders[0] == orders[1]


def test_tiles_with_somebody_small_are_looked_at_again_and_again() -> None:
    """Two in the first tile; of nine tiles' turns it gets every second or so."""
    attention, somebody = Attention(), people((20, 20, 50, 90), (90, 20, 120, 90))
    count = 0
    for _ in range(40):
        looked = attention.order(street(), TILES)[:1]
        attention.learn(somebody if 0 in looked else NOBODY, looked, SIZE_WH, INPUT_WH)
        count += 0 in looked
    assert 15 <= count <= 25


def test_who_is_seen_well_from_afar_draws_no_closer_look() -> None:
    """A box longer than 0.6 of the tile that it fills."""
    attention = Attention()
    attention.order(street(), TILES)
    attention.learn(people((5, 5, 165, 125)), [], SIZE_WH, INPUT_WH)
    other = Attention()
    other.order(street(), TILES)
    other.learn(NOBODY, [], SIZE_WH, INPUT_WH)
    assert attention.order(street(), TILES) == other.order(street(), TILES)


def test_a_starving_tile_gets_its_look_in_the_end() -> None:
    """Whatever goes on in the eight others: people and motion in all of them."""
    rng = np.random.default_rng(0)
    crowd = people(
        *[
            (t.left + 30 * i + 3, t.top + 20, t.left + 30 * i + 25, t.top + 80)
            for t in TILES[1:]
            for i in range(1, 4)
        ]
    )

    def restless(_frame: int) -> ImageBgr:
        image = street()
        image[:, 175:] = rng.integers(0, 256, (SIZE_WH[1], SIZE_WH[0] - 175, 3))
        image[135:, :] = rng.integers(0, 256, (SIZE_WH[1] - 135, SIZE_WH[0], 3))
        return image

    attention = Attention()
    # The first is owed to the beginning, where all are alike.
    frames_until(0, attention, restless, crowd)
    assert frames_until(0, attention, restless, crowd) < 150


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Stands still but for what is added to "now"."""
    clock = {"now": 100.0}
    for module in ("attention", "onnx_detector"):
        monkeypatch.setattr(
            f"app.detection.{module}.time.perf_counter", lambda: clock["now"]
        )
    return clock


def slowed(detector: OnnxDetector, clock: dict[str, float], look_s: float) -> list[int]:
    """Each look takes that much longer; the list holds their number so far."""
    engine = detector._engine
    assert engine is not None
    begin, looks = engine.begin, [0]

    def slow(images: NDArray[Any]) -> Callable[[], Answer]:
        answer = begin(images)

        def late() -> Answer:
            clock["now"] += look_s
            looks[0] += 1
            return answer()

        return late

    engine.begin = slow  # type: ignore[method-assign] # the real one, but late
    return looks


@pytest.mark.parametrize(
    ("look_ms", "looks_a_frame"), [(5.0, 6), (16.0, 2), (20.0, 1), (50.0, 1), (1.0, 10)]
)
def test_the_budget_is_kept_however_slow_the_device(
    make_model: MakeModel,
    clock: dict[str, float],
    look_ms: float,
    looks_a_frame: int,
) -> None:
    """33 ms: six looks of 5, two of 16; the whole picture in any case; ten are all."""
    detector = OnnxDetector(make_model(), device="cpu")
    detector.open()
    looks = slowed(detector, clock, look_ms / 1e3)
    settings = Settings(detail=3, detail_budget_ms=33.0)
    image = np.zeros((60, 80, 3), np.uint8)
    for _ in range(5):
        before, before_s = looks[0], clock["now"]
        detector.detect(image, settings)
        assert looks[0] - before == looks_a_frame
        assert 1e3 * (clock["now"] - before_s) <= max(33.0, look_ms) + 1e-6
    detector.detect(image, replace(settings, detail_budget_ms=0.0))
    assert looks[0] == 5 * looks_a_frame + 10  # without a budget all of them
    detector.close()


def test_a_device_that_slows_down_is_noticed_within_the_frame(
    make_model: MakeModel, clock: dict[str, float]
) -> None:
    detector = OnnxDetector(make_model(), device="cpu")
    detector.open()
    settings = Settings(detail=3, detail_budget_ms=33.0)
    image = np.zeros((60, 80, 3), np.uint8)
    slowed(detector, clock, 0.003)
    detector.detect(image, settings)
    slowed(detector, clock, 0.012)  # and on top of it: 15 ms a look
    before_s = clock["now"]
    detector.detect(image, settings)
    assert 1e3 * (clock["now"] - before_s) <= 33.0
    detector.close()
