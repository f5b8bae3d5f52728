"""What app.pipeline.stages.draw promises; no thread but the test's."""

from collections.abc import Sequence

import numpy as np
import pytest

from app.pipeline.slot import Slot
from app.pipeline.stages.draw import DrawStage
from app.pipeline.stages.items import Cue, Detected, Shot, Sink
from app.pipeline.transport import Transport
from app.settings import Settings
from app.types import (
    Detections,
    Frame,
    ImageBgr,
    ImageBgrx,
    Result,
    StageTimes,
    Viewport,
)
from tests.fakes import number_of, numbered_image


def detected(number: int, *, seek_count: int = 0, finished_at_s: float = 0) -> Detected:
    frame = Frame(numbered_image(number), number, number / 25, 0.0)
    return Detected(
        Cue(frame, seek_count),
        Detections.empty(),
        ("person", "car"),
        StageTimes(inference_ms=3.0),
        finished_at_s,
    )


END = Detected(Cue(None), Detections.empty(), (), StageTimes(), 0.0)


class Keeping:
    """A sink that keeps what it is offered, and looks at the boxes if it is to."""

    def __init__(self, *, looks: bool = True) -> None:
        self._looks = looks
        self.shots: list[Shot] = []

    def offer(self, shot: Shot) -> None:
        self.shots.append(shot)
        if self._looks:
            assert shot.annotated_bgr is not shot.result.frame.image_bgr


class Rig:
    """A draw stage, and what comes out of it."""

    def __init__(
        self,
        *,
        viewport: Viewport | None = None,
        sinks: Sequence[Sink] = (),
        is_held: bool = False,
    ) -> None:
        self.detected = Slot[Detected](drop_oldest=False, capacity=99)
        self.shown = Slot[tuple[int, Result]](drop_oldest=False, capacity=99)
        self.transport = Transport()
        self.drawn: list[int] = []
        self.told: list[str] = []
        self.stage = DrawStage(
            detected=self.detected,
            shown=self.shown,
            transport=self.transport,
            settings=Settings,
            draw=self._draw,
            scale=self._scale,
            viewport=lambda: viewport,
            sinks=lambda: sinks,
            is_held=lambda: is_held,
            on_end=lambda: self.told.append("end"),
            on_result=lambda: self.told.append("result"),
        )

    def _draw(
        self, image_bgr: ImageBgr, detections: Detections, **_: object
    ) -> ImageBgr:
        self.drawn.append(number_of(image_bgr))
        return image_bgr + 1

    def _scale(self, image_bgr: ImageBgr, viewport: Viewport) -> ImageBgrx:
        return np.full((2, 3, 4), number_of(image_bgr), np.uint8)

    def run(self, *items: Detected) -> list[Result]:
        for item in items:
            self.detected.put(item)
        self.detected.close()
        self.stage.run()
        self.shown.close()
        return [result for _, result in self.shown]


def test_each_frame_is_shown_and_told_of() -> None:
    rig = Rig()
    results = rig.run(detected(0), detected(1))
    assert [result.frame.index for result in results] == [0, 1]
    assert results[0].class_names == ("person", "car")
    assert rig.told == ["result", "result"]
    assert rig.stage.frame_count == 2
    assert rig.drawn == []  # nobody asked for pixels
    assert results[0].screen is None


def test_the_window_gets_what_its_viewport_shows() -> None:
    view = Viewport((30, 20))
    _, second = Rig(viewport=view).run(detected(0), detected(1))
    assert second.screen is not None
    assert second.screen.viewport is view
    assert second.screen.image_bgrx.max() == 1


def test_what_is_stale_is_neither_shown_nor_kept() -> None:
    sink = Keeping()
    rig = Rig(sinks=[sink])
    rig.transport.seek(1.0)
    results = rig.run(detected(0), detected(1, seek_count=1))
    assert [result.frame.index for result in results] == [1]
    assert [shot.result.frame.index for shot in sink.shots] == [1]


def test_what_is_shown_answers_its_seek() -> None:
    """So the next seek makes it stale; unanswered, both would count as one drag."""
    rig = Rig()
    rig.transport.seek(1.0)
    rig.run(detected(0, seek_count=1))
    rig.transport.seek(2.0)
    assert rig.transport.is_stale(1)


def test_what_is_held_is_kept_but_not_shown() -> None:
    sink = Keeping()
    rig = Rig(sinks=[sink], is_held=True)
    assert rig.run(detected(0), detected(1)) == []
    assert len(sink.shots) == rig.stage.frame_count == 2
    assert rig.told == []


def rates(rig: Rig) -> list[float]:
    """Of each of three frames, as the sinks are given them."""
    sink = Keeping()
    rig.stage._sinks = lambda: [sink]
    rig.run(detected(0), detected(1), detected(2))
    return [shot.result.fps for shot in sink.shots]


def test_what_plays_has_a_rate_from_its_second_frame_on() -> None:
    first, *rest = rates(Rig())
    assert first == 0
    assert min(rest) > 0


def test_what_stands_still_has_no_rate() -> None:
    rig = Rig()
    rig.transport.pause()
    assert rates(rig) == [0, 0, 0]


def test_a_camera_that_is_recorded_while_its_view_is_held_keeps_its_rate() -> None:
    rig = Rig(is_held=True)
    rig.transport.pause()
    assert min(rates(rig)[1:]) > 0


def test_an_end_is_told_and_is_no_frame() -> None:
    rig = Rig()
    assert len(rig.run(detected(0), END)) == 1
    assert rig.told == ["result", "end"]
    assert rig.stage.frame_count == 1


def test_an_end_that_was_sought_away_from_is_not_told() -> None:
    rig = Rig()
    rig.transport.seek(1.0)
    rig.run(END)
    assert rig.told == []


def test_a_viewport_that_changes_meanwhile_does_not_tear_the_picture() -> None:
    """It says what its picture was made for, not what is wanted by now."""
    views = iter([Viewport((30, 20)), Viewport((60, 40)), Viewport((90, 60))])
    rig = Rig()
    rig.stage._viewport = lambda: next(views)
    scaled_for: list[Viewport] = []

    def scale(image_bgr: ImageBgr, viewport: Viewport) -> ImageBgrx:
        scaled_for.append(viewport)
        return np.zeros((1, 1, 4), np.uint8)

    rig.stage._scale = scale
    (result,) = rig.run(detected(0))
    assert result.screen is not None
    assert scaled_for == [result.screen.viewport]


def test_boxes_are_drawn_once_for_however_many_sinks_want_them() -> None:
    sinks = [Keeping(), Keeping(), Keeping(looks=False)]
    rig = Rig(sinks=sinks)
    rig.run(detected(4), detected(5))
    assert rig.drawn == [4, 5]
    for sink in sinks:
        assert [number_of(it.result.frame.image_bgr) for it in sink.shots] == [4, 5]
    first, second, _ = sinks
    assert first.shots[0].annotated_bgr is second.shots[0].annotated_bgr


def test_no_boxes_are_drawn_for_a_sink_that_wants_the_clean_picture() -> None:
    rig = Rig(sinks=[Keeping(looks=False)])
    rig.run(detected(0))
    assert rig.drawn == []


def test_the_time_since_detection_is_the_draw_stages() -> None:
    (result,) = Rig().run(detected(0, finished_at_s=0.0))
    assert result.times.draw_ms == pytest.approx(1e3 * result.finished_at_s)
    assert result.times.inference_ms == 3.0
