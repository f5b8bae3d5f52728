"""What app.pipeline.annotate promises."""

from dataclasses import replace

import numpy as np

from app.drawing.style import Style
from app.pipeline.annotate import annotate, hidden_class_ids, with_one_name
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
        np.array([1, 2, 5, 4], np.float32) + 9 * np.arange(count)[:, None],
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


def on_boxes(*rows: tuple[int, int, int, int], ids: tuple[int, ...]) -> Detections:
    """Scores 0.90, 0.88, 0.86 ..."""
    scores = 0.9 - 0.02 * np.arange(len(rows))
    return Detections(
        np.array(rows, np.float32).reshape(-1, 4),
        scores.astype(np.float32),
        np.array(ids, np.int64),
    )


def test_of_two_classes_on_the_same_box_the_better_one_is_drawn() -> None:
    """20 x 90 of 20 x 100 are the same, 0.9; 20 x 84 are two, 0.84."""
    one, lower, less = (10, 0, 30, 100), (10, 0, 30, 90), (10, 0, 30, 84)
    both = on_boxes(one, lower, ids=(0, 3))
    assert with_one_name(both).class_ids.tolist() == [0]
    assert with_one_name(on_boxes(one, less, ids=(0, 3))).class_ids.tolist() == [0, 3]
    # Two of one class are for the overlap threshold to say.
    assert len(with_one_name(on_boxes(one, lower, ids=(3, 3)))) == 2
    assert len(with_one_name(Detections.empty())) == 0
    # Who lost to one that lost is left: 90 of 100, 82 of 90, 82 of 100.
    chain = on_boxes(lower, one, (10, 0, 30, 82), ids=(0, 1, 2))
    assert with_one_name(chain).class_ids.tolist() == [0]
    chain = on_boxes(one, lower, (10, 0, 30, 82), ids=(0, 1, 2))
    assert with_one_name(chain).class_ids.tolist() == [0, 2]


def test_the_names_of_tracks_do_not_take_turns() -> None:
    """Two tracks on one box, now one ahead by 0.02, now the other: the older stays."""
    box = (10, 0, 30, 100)
    for ids, tracks in (((0, 3), (7, 4)), ((3, 0), (4, 7))):
        found = on_boxes(box, box, ids=ids)
        followed = replace(
            found,
            track_ids=np.array(tracks, np.int64),
            track_class_ids=found.class_ids,
        )
        assert with_one_name(followed).class_ids.tolist() == [3]


def test_one_object_has_one_name_unless_both_are_wanted() -> None:
    """And what is hidden is not called something else."""
    found = on_boxes((1, 2, 50, 40), (1, 2, 50, 40), ids=(0, 1))
    two = replace(result(0), detections=found)
    assert drawn(two, Settings()) == [([0], 24.5)]
    assert drawn(two, Settings(one_name=False)) == [([0, 1], 24.5)]
    assert drawn(two, Settings(hidden_class_names=("person",))) == [([], 24.5)]
    assert len(two.detections) == 2
