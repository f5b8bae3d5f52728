"""Between detection and drawing: ids, counts, and a picture that keeps still."""

import numpy as np
import pytest

from app.settings import Settings
from app.tracking.rules import Line, Rules, Zone
from app.tracking.watcher import Watcher
from app.types import Detections, Frame
from tests.tracking.walks import BUS, CAR, CLASS_NAMES, SIZE_WH, boxes, standing

LINE = Rules(lines=(Line("L1", (0.5, 0.2), (0.5, 0.8)),))
PLAIN = Settings(steady=False)


def frame(index: int) -> Frame:
    width, height = SIZE_WH
    image_bgr = np.zeros((height, width, 3), np.uint8)
    return Frame(image_bgr, index, index / 10, captured_at_s=0.0)


def shown(
    watcher: Watcher, found: list[Detections], settings: Settings
) -> list[Detections]:
    return [
        watcher.watch(frame(index), own, settings, CLASS_NAMES)[0]
        for index, own in enumerate(found)
    ]


def test_the_detector_is_asked_for_weak_finds_which_are_hidden_again() -> None:
    assert Watcher().lowered(Settings(score_threshold=0.5)).score_threshold == 0.1
    assert Watcher().lowered(Settings(score_threshold=0.02)).score_threshold == 0.02
    found = boxes(standing(50, 100), standing(200, 100, score=0.3))
    (own,) = shown(Watcher(), [found], PLAIN)
    assert own.scores.tolist() == [np.float32(0.9)]


def test_boxes_without_a_track_are_seen_unless_the_picture_is_steady() -> None:
    found = [boxes(), *[boxes(standing(50, 100))] * 3]
    assert [len(own) for own in shown(Watcher(), found, PLAIN)] == [0, 1, 1, 1]
    assert [len(own) for own in shown(Watcher(), found, Settings())] == [0, 0, 1, 1]


def test_a_steady_picture_may_have_nothing_in_it() -> None:
    found = [boxes(standing(50, 100)), boxes(), boxes()]
    assert [len(own) for own in shown(Watcher(), found, Settings())] == [1, 0, 0]


def test_the_frame_after_a_jump_has_its_boxes() -> None:
    """Held there, it is all there is to see."""
    found = boxes(standing(50, 100), standing(200, 100, score=0.3))
    watcher = Watcher()
    for _ in range(2):
        (own,) = shown(watcher, [found], Settings())
        assert own.scores.tolist() == [np.float32(0.9)]
        watcher.restart()


def test_steady_boxes_outlast_a_weak_moment_and_keep_their_class() -> None:
    found = [
        boxes((20, 20, 120, 80, score, label))
        for score, label in ((0.8, BUS), (0.8, BUS), (0.3, BUS), (0.6, CAR), (0.8, BUS))
    ]
    seen = shown(Watcher(), found, Settings())
    assert [own.class_ids.tolist() for own in seen] == [[BUS]] * 5
    # A weak moment has the last good score: the slider says 0.5.
    scores = [0.8, 0.8, 0.8, 0.6, 0.8]
    assert [own.scores.tolist() for own in seen] == [[np.float32(s)] for s in scores]


def test_steady_shows_one_thing_once() -> None:
    both = boxes((20, 20, 120, 80, 0.8, BUS), (20, 21, 120, 80, 0.7, CAR))
    found = [boxes(), *[both] * 3]
    assert [len(own) for own in shown(Watcher(), found, PLAIN)] == [0, 2, 2, 2]
    assert [len(own) for own in shown(Watcher(), found, Settings())] == [0, 0, 1, 1]


def test_what_is_counted_is_told_and_drawn_with_trails() -> None:
    told: list[str] = []
    watcher = Watcher(LINE, on_events=lambda new: told.extend(e.direction for e in new))
    for index, x in enumerate(range(220, 185, -5)):
        own, scene = watcher.watch(
            frame(index), boxes(standing(x, 100)), Settings(trail_s=0.3), CLASS_NAMES
        )
    assert told == ["in"]
    assert [event.direction for event in watcher.events] == told
    assert watcher.counts == {"L1": {"person": {"in": 1, "out": 0}}}
    (mark,), (trail,) = scene.marks, scene.trails
    assert mark.text == "L1: 1 in, 0 out"
    assert mark.in_xy == pytest.approx((-1, 0))  # to the left of the picture
    assert trail.points_xy.tolist() == [[x, 100] for x in (205, 200, 195, 190)]
    assert own.track_ids is not None
    assert own.track_ids.tolist() == [1]


def test_the_same_frame_again_counts_nothing_twice() -> None:
    watcher = Watcher(LINE)
    for index, x in enumerate(range(220, 180, -5)):
        own = frame(index)
        for settings in (Settings(), PLAIN):
            watcher.watch(own, boxes(standing(x, 100)), settings, CLASS_NAMES)
    assert watcher.counts["L1"]["person"] == {"in": 1, "out": 0}


def test_after_a_jump_all_begins_anew_but_ids_go_on() -> None:
    watcher = Watcher(LINE)
    shown(watcher, [boxes(standing(x, 100)) for x in range(220, 180, -5)], PLAIN)
    assert watcher.counts["L1"]["person"]["in"] == 1
    watcher.restart()
    seen = shown(watcher, [boxes(standing(240, 100))] * 2, PLAIN)
    assert watcher.counts == {"L1": {}}
    assert seen[1].track_ids is not None
    assert seen[1].track_ids.tolist() == [2]


def test_a_line_that_is_moved_counts_from_then_on() -> None:
    watcher = Watcher()
    places = (*range(220, 180, -5), *range(180, 225, 5))
    walk = [boxes(standing(x, 100)) for x in places]
    shown(watcher, walk, PLAIN)
    watcher.rules = LINE
    watcher.restart()
    shown(watcher, walk, PLAIN)
    assert watcher.counts["L1"]["person"] == {"in": 1, "out": 1}


def test_ids_that_are_known_are_kept() -> None:
    found = boxes(standing(50, 100))
    known = found.followed(np.array([7], np.int64), found.class_ids)
    (own,) = shown(Watcher(), [known], PLAIN)
    assert own.track_ids is not None
    assert own.track_ids.tolist() == [7]


def test_what_is_not_looked_at_is_not_shown() -> None:
    corner = ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0))
    watcher = Watcher(Rules(zones=(Zone("Z", corner, use="ignore"),)))
    found = boxes(standing(50, 100), standing(200, 100))
    (own,) = shown(watcher, [found], PLAIN)
    assert own.boxes_xyxy[:, 0].tolist() == [190]
