"""What app.pipeline.annotate promises."""

import numpy as np

from app.drawing.style import Style
from app.pipeline.annotate import annotate, hidden_class_ids
from app.settings import Settings
from app.types import Detections, Frame, ImageBgr, Result
from tests.fakes import numbered_image

NAMES = ("person", "car", "dog", "cat")


def drawn(result: Result, settings: Settings) -> list[tuple[list[int], float | None]]:
    """What the overlay is asked for: classes, and the rate."""
    asked: list[tuple[list[int], float | None]] = []

    def draw(
        image_bgr: ImageBgr,
        detections: Detections,
        *,
        class_names: tuple[str, ...],
        fps: float | None,
        style: Style,
        **_: object,
    ) -> ImageBgr:
        assert class_names == NAMES
        assert style == settings.style
        asked.append((detections.class_ids.tolist(), fps))
        return image_bgr + 1

    annotated = annotate(result, draw, settings)
    assert (annotated is result.frame.image_bgr) == (not asked)
    return asked


def result(*class_ids: int, gap: str = "") -> Result:
    count = len(class_ids)
    found = Detections(
        np.tile(np.array([1, 2, 5, 4], np.float32), (count, 1)),
        np.linspace(0.9, 0.6, count, dtype=np.float32),
        np.array(class_ids, np.int64),
    )
    frame = Frame(numbered_image(3), 3, 0.12, 0.0, gap)
    return Result(frame, found, NAMES, fps=24.5)


def test_every_hidden_class_is_hidden_and_no_other() -> None:
    settings = Settings(hidden_class_names=("dog", "no such", "person"))
    assert hidden_class_ids(NAMES, settings) == [0, 2]
    assert drawn(result(0, 1, 2, 3, 0), settings) == [([1, 3], 24.5)]


def test_the_rate_is_drawn_where_it_is_wanted() -> None:
    assert drawn(result(1), Settings(draw_fps=False)) == [([1], None)]
    assert drawn(result(1), Settings(draw_fps=True)) == [([1], 24.5)]


def test_a_gaps_stand_in_is_left_as_it_is() -> None:
    assert drawn(result(gap="It was unplugged."), Settings()) == []
