"""What app.hiding.live promises, alone and between a camera and all who see it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.hiding.live import LiveHider
from app.pipeline.clip_rule import ClipRule, ClipWish, EventReport, Trigger
from app.pipeline.events import SourceOpened
from app.pipeline.interfaces import Hider
from app.pipeline.pipeline import Pipeline
from app.pipeline.stages.items import Cue, Shot
from app.pipeline.stages.replay import ReplayStage
from app.settings import Settings
from app.types import (
    Detections,
    Found,
    Frame,
    ImageBgr,
    RecordingInfo,
    ReplayHeld,
    Result,
    VideoInfo,
    Viewport,
)
from tests.fakes import WAIT_S, draw_nothing
from tests.hiding.parts import SIZE_WH, RedDetector, red_pixels, street
from tests.pipeline.test_pipeline import Log

HIDING = Settings(covered_class_names=("person",))
NAMES = ("car", "person")
# An event a moment, so that many pictures are told of.
ANYTHING = ClipRule((Trigger(),), post_s=0.0, longest_s=0.2)


def frame(number: int, time_s: float | None = None, gap: str = "") -> Frame:
    at_s = number / 10 if time_s is None else time_s
    return Frame(street(number), number, at_s, 0.0, gap)


def found_in(one: Frame, score: float = 0.9) -> Detections:
    return RedDetector(score=score).detect(one.image_bgr, Settings(score_threshold=0))[
        0
    ]


def hidden(
    hider: LiveHider,
    one: Frame,
    found: Detections,
    settings: Settings = HIDING,
    *,
    is_again: bool = False,
    class_names: tuple[str, ...] = NAMES,
) -> int:
    """How much red is left."""
    covered = hider.hide(
        one,
        found,
        class_names=class_names,
        settings=settings,
        is_again=is_again,
    )
    assert red_pixels(one.image_bgr), "nobody writes to a frame"
    return red_pixels(covered.image_bgr)


def test_who_was_seen_is_covered_for_half_a_second_more() -> None:
    hider, nobody = LiveHider(), Detections.empty()
    left = [hidden(hider, frame(i), found_in(frame(i))) for i in range(5)]
    left += [hidden(hider, frame(i), nobody) for i in range(5, 12)]
    assert left[:10] == [0] * 10  # the last sight is at 0.4 s, so up to 0.9 s
    assert all(left[10:])


def test_at_a_low_rate_the_frame_before_holds() -> None:
    hider = LiveHider()
    assert hidden(hider, frame(0), found_in(frame(0))) == 0
    assert hidden(hider, frame(1, 2.0), Detections.empty()) == 0
    assert hidden(hider, frame(1, 4.0), Detections.empty()) > 0


def test_the_detector_is_asked_for_the_weak_and_a_weak_one_who_is_followed_hides() -> (
    None
):
    hider = LiveHider()
    assert hider.looking(Settings(score_threshold=0.5)).score_threshold == 0.1
    assert hider.looking(Settings(score_threshold=0.05)).score_threshold == 0.05
    for i in range(4):
        hidden(hider, frame(i), found_in(frame(i)))
    for i in range(4, 30):
        assert hidden(hider, frame(i), found_in(frame(i), 0.15)) == 0


def test_other_classes_stay() -> None:
    one = frame(3)
    cars = Settings(covered_class_names=("car",))
    assert hidden(LiveHider(), one, found_in(one), cars) > 0


@pytest.mark.parametrize(
    ("gap", "class_names"), [("Unplugged.", NAMES), ("", ("cat", "dog"))]
)
def test_what_was_not_looked_at_for_them_is_covered_whole(
    gap: str, class_names: tuple[str, ...]
) -> None:
    one = frame(3, gap=gap)
    covered = LiveHider().hide(
        one,
        Detections.empty(),
        class_names=class_names,
        settings=HIDING,
        is_again=False,
    )
    assert (covered.image_bgr == covered.image_bgr[0, 0]).all()
    assert covered.gap == gap


def test_the_same_frame_again_is_covered_again_and_with_what_is_new() -> None:
    hider, one = LiveHider(), frame(3)
    assert hidden(hider, one, found_in(one)) == 0
    assert hidden(hider, one, Detections.empty(), is_again=True) == 0
    fresh = LiveHider()
    assert hidden(fresh, one, Detections.empty()) > 0
    assert hidden(fresh, one, found_in(one), is_again=True) == 0


def test_after_a_jump_nothing_is_held() -> None:
    hider = LiveHider()
    hidden(hider, frame(3), found_in(frame(3)))
    hider.restart()
    assert hidden(hider, frame(4), Detections.empty()) > 0


class Street:
    """A camera of the street, that is unplugged at frame 20.

    Its next picture waits for all who are given the one before: live, they leave out
    what they have no time for.
    """

    is_live = True

    def __init__(self, count: int, until_seen: Callable[[int], bool]) -> None:
        self._count = count
        self._until_seen = until_seen

    def open(self) -> VideoInfo:
        return VideoInfo("street", SIZE_WH, Fraction(10), None, None, is_live=True)

    def frames(self) -> Iterator[Frame]:
        for i in range(self._count):
            yield frame(i, gap="Unplugged." if i == 20 else "")
            assert self._until_seen(i + 1)

    def close(self) -> None:
        pass


class Everybody:
    """A recorder, a replay and a window at once: all who are given pictures."""

    path = "street.mp4"
    held = ReplayHeld(0.0, 0)

    def __init__(self) -> None:
        self.recorded: list[ImageBgr] = []
        self.replayed: list[ImageBgr] = []
        self.scaled: list[ImageBgr] = []
        self.taken: list[ImageBgr] = []
        self.found: list[Found] = []
        self.told: list[ImageBgr] = []
        self._given = threading.Condition()

    def give(self, pictures: list[ImageBgr], image_bgr: ImageBgr) -> None:
        """It is one of those that somebody was given."""
        with self._given:
            pictures.append(image_bgr)
            self._given.notify_all()

    def until_seen(self, count: int) -> bool:
        """Wait until each of them was given so many."""
        all_of_them = self.recorded, self.replayed, self.scaled, self.taken
        with self._given:
            return self._given.wait_for(
                lambda: min(map(len, all_of_them)) >= count, WAIT_S
            )

    def open(self, info: VideoInfo) -> None:
        pass

    def write(self, image_bgr: ImageBgr, timestamp_s: float) -> None:
        self.give(self.recorded, image_bgr)

    def jump(self) -> None:
        pass

    def add(
        self,
        image_bgr: ImageBgr,
        timestamp_s: float,
        found: Found,
        **_: Any,  # noqa: ANN401 - not looked at
    ) -> list[object]:
        self.found.append(found)
        self.give(self.replayed, image_bgr)
        return []

    def clear(self) -> None:
        pass

    def begin_clip(self, path: Path, *, seconds: float, event: str) -> None:
        raise NotImplementedError

    def end_clip(self) -> None:
        return None

    def save(self, path: Path, *, seconds: float | None = None) -> RecordingInfo:
        raise NotImplementedError

    def close(self) -> None:
        return None

    def tell(self, report: EventReport) -> None:
        if report.image_bgr is not None:
            self.told.append(report.image_bgr)

    def scale(self, image_bgr: ImageBgr, viewport: Viewport) -> ImageBgr:
        self.give(self.scaled, image_bgr)
        return np.dstack([image_bgr, image_bgr[..., :1]])


def watched(
    settings: Settings, hider: Hider | None, count: int = 30
) -> tuple[Everybody, list[ImageBgr], RedDetector]:
    """What all are given of a street, and what the window takes for a snapshot."""
    everybody, log = Everybody(), Log()
    camera = Street(count, everybody.until_seen)
    detector = RedDetector(misses=(4, 5, 6, 11, 12))

    def take() -> None:
        result = pipeline.take_result()
        if result is not None:
            everybody.give(everybody.taken, result.frame.image_bgr)

    def on_event(event: object) -> None:
        log(event)  # type: ignore[arg-type] # any event
        if isinstance(event, SourceOpened):
            pipeline.start_recording(everybody)

    pipeline = Pipeline(
        camera,
        detector,
        draw=draw_nothing,
        settings=settings,
        on_event=on_event,
        on_result=take,
        scale=everybody.scale,
        viewport=Viewport((80, 48)),
        replay=everybody,
        clips=ClipWish(ANYTHING, None, tell=everybody.tell),
        hider=hider,
    )
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    return everybody, everybody.taken, detector


def test_with_nobody_hidden_all_see_the_street_as_it_is() -> None:
    everybody, results, detector = watched(Settings(), LiveHider())
    for pictures in (everybody.recorded, everybody.replayed, everybody.scaled, results):
        assert len(pictures) == 30
        assert all(red_pixels(picture) for picture in pictures)
    assert {asked.score_threshold for asked in detector.asked} == {0.5}


@pytest.mark.parametrize("score_threshold", [0.5, 0.95])
def test_window_recorder_replay_and_snapshot_never_see_who_is_hidden(
    score_threshold: float,
) -> None:
    """Even where the detector misses, the camera is away, or no box is shown."""
    settings = Settings(
        covered_class_names=("person",), score_threshold=score_threshold
    )
    everybody, results, detector = watched(settings, LiveHider())
    for pictures in (everybody.recorded, everybody.replayed, everybody.scaled, results):
        assert len(pictures) == 30
        assert sum(red_pixels(picture) for picture in pictures) == 0
        grey = [(picture == 110).all(axis=2).mean() for picture in pictures]
        assert np.median(grey) > 0.6  # the street is still there
    shown = [len(found.detections) for found in everybody.found]
    assert any(shown) is (score_threshold < 0.9)
    # Nor who is told of an event.
    assert len(everybody.told) >= 5 or score_threshold > 0.9
    assert sum(red_pixels(picture) for picture in everybody.told) == 0
    assert {asked.score_threshold for asked in detector.asked} == {0.1}


def test_without_a_hider_they_see_nothing_at_all() -> None:
    everybody, results, _ = watched(HIDING, None)
    assert results
    assert sum(int(picture.sum()) for picture in everybody.replayed + results) == 0


def test_who_chose_so_sees_what_was_not_looked_at_but_nobody_of_before() -> None:
    """A stand-in is the last picture: who was covered in it stays so."""
    open_eyed = replace(HIDING, cover_unseen=False)
    hider = LiveHider()
    assert hidden(hider, frame(3), found_in(frame(3)), open_eyed) == 0
    stand_in = replace(frame(3, time_s=60.0), gap="Unplugged.")
    assert hidden(hider, stand_in, Detections.empty(), open_eyed) == 0
    covered = hider.hide(
        stand_in,
        Detections.empty(),
        class_names=NAMES,
        settings=open_eyed,
        is_again=False,
    )
    same = (covered.image_bgr == stand_in.image_bgr).all(axis=2)
    assert 0.3 < same.mean() < 1  # the rest is there
    # Of two classes the model knows one: that one is covered, and not everything.
    both = replace(open_eyed, covered_class_names=("giraffe", "person"))
    assert hidden(LiveHider(), frame(3), found_in(frame(3)), both) == 0
    assert hidden(LiveHider(), frame(3), Detections.empty(), both) > 0


def test_a_replay_forgets_what_was_before_the_hiding() -> None:
    told: list[str] = []

    class Ring(Everybody):
        def add(self, image_bgr: ImageBgr, *_: Any, **how: Any) -> list[object]:  # noqa: ANN401
            told.append("covered" if not red_pixels(image_bgr) else "clean")
            if how["is_key"]:
                told.append("it begins anew")
            return []

        def clear(self) -> None:
            told.append("forgotten")

        def close(self) -> None:
            told.append("closed")

    stage = ReplayStage(
        Ring(),
        info=lambda: None,
        found=lambda result: Found(result.detections, NAMES, 0.5),
        on_event=lambda event: told.append(repr(event)),
        beside=lambda work: work(),
    )
    black = np.zeros_like(street(0))
    hidden_one = replace(frame(1), image_bgr=black, covered_class_names=("person",))
    for one in (frame(0), hidden_one, replace(hidden_one, index=2)):
        result = Result(one, Detections.empty(), NAMES)
        stage.offer(Shot(Cue(one), result, lambda it: it.frame.image_bgr))
    stage.queue.close()
    stage.run()
    anew = ["covered", "it begins anew"]
    assert told == ["clean", "forgotten", *anew, "covered", "closed"]
