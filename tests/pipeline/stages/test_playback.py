"""What the pipeline promises of a file that is paused, searched, looped and sped."""

import itertools
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from app.pipeline.events import (
    DetectorOpened,
    EndReached,
    Finished,
    RecordingEnded,
    SourceWarned,
)
from app.pipeline.pipeline import Pipeline
from app.pipeline.stages import playback
from app.pipeline.stages.playback import LATE_S, MAX_LAG_S, Pace, Playback
from app.pipeline.transport import Transport
from app.settings import Settings
from app.types import Detections, Frame, ImageBgr, StageTimes
from tests.fakes import (
    WAIT_S,
    FakeDetector,
    FakeFile,
    FakeRecorder,
    FakeSource,
    draw_nothing,
    number_of,
)
from tests.pipeline.test_pipeline import Log, record_from_the_first_frame

FAST = 500  # frames a second, for files whose pace does not matter


class Screen:
    """A pipeline that plays, and every frame it shows."""

    def __init__(
        self, source: FakeSource, detector: FakeDetector | None = None
    ) -> None:
        self.log = Log()
        self.shown: list[int] = []
        self._changed = threading.Condition()
        self.pipeline = Pipeline(
            source,
            detector or FakeDetector(),
            draw=draw_nothing,
            settings=Settings(),
            on_event=self.log,
            on_result=self._take,
            paced=True,
        )

    def _take(self) -> None:
        result = self.pipeline.take_result()
        if result is not None:
            with self._changed:
                self.shown.append(number_of(result.frame.image_bgr))
                self._changed.notify_all()

    def until(self, claim: Callable[[list[int]], bool]) -> None:
        with self._changed:
            held = self._changed.wait_for(lambda: claim(self.shown), WAIT_S)
        assert held, self.shown

    def until_last(self, number: int) -> None:
        self.until(lambda shown: shown[-1:] == [number])

    def __enter__(self) -> "Screen":
        self.pipeline.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.pipeline.stop(WAIT_S) == []


def paused_at_start(source: FakeFile, detector: FakeDetector | None = None) -> Screen:
    screen = Screen(source, detector)
    screen.pipeline.step(1)
    return screen


def test_at_its_end_a_file_waits_on_its_last_frame_and_then_begins_anew() -> None:
    with Screen(FakeFile(5, fps=FAST)) as screen:
        screen.log.wait_for(EndReached)
        assert screen.shown == [0, 1, 2, 3, 4]
        assert screen.pipeline.is_paused
        screen.pipeline.resume()
        screen.log.wait_for(EndReached, 2)
        assert screen.shown == [0, 1, 2, 3, 4] * 2
    assert isinstance(screen.log.events[-1], Finished)


def test_from_its_end_a_file_can_be_searched_and_stepped_back() -> None:
    with Screen(FakeFile(5, fps=FAST)) as screen:
        screen.log.wait_for(EndReached)
        screen.pipeline.step(1)  # there is none
        screen.pipeline.step(-2)
        screen.until_last(3)
        screen.pipeline.step(1)
        screen.until_last(4)
        screen.pipeline.resume()  # on the last one: from the beginning
        screen.log.wait_for(EndReached, 2)
        assert screen.shown == [0, 1, 2, 3, 4, 3, 4, 0, 1, 2, 3, 4]


def test_played_without_a_screen_a_file_ends() -> None:
    source, detector, log = FakeFile(50), FakeDetector(), Log()
    pipeline = Pipeline(
        source, detector, draw=draw_nothing, settings=Settings(), on_event=log
    )
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert detector.seen == list(range(50))
    assert not log.of(EndReached)


@pytest.mark.parametrize(
    ("at_s", "number"), [(0.4, 10), (0.41, 10), (-5, 0), (math.inf, 99), (1.0, 25)]
)
def test_paused_a_seek_shows_that_frame_and_no_other(at_s: float, number: int) -> None:
    detector = FakeDetector()
    with paused_at_start(FakeFile(100), detector) as screen:
        screen.until_last(0)
        screen.pipeline.seek(at_s)
        screen.until(lambda shown: len(shown) == 2)
        assert screen.pipeline.is_paused
        screen.pipeline.step(0)  # comes after whatever else would have come
        screen.until(lambda shown: len(shown) == 3)
        assert screen.shown == [0, number, number]
        assert detector.seen == [0, number, number]


def test_played_on_from_a_seek_every_frame_follows() -> None:
    with paused_at_start(FakeFile(20, fps=FAST)) as screen:
        screen.pipeline.seek(15 / FAST)
        screen.pipeline.resume()
        screen.log.wait_for(EndReached)
        assert [n for n in screen.shown if n >= 15] == [15, 16, 17, 18, 19]


def test_what_was_on_its_way_before_a_seek_is_not_shown() -> None:
    is_busy, may_go_on = threading.Event(), threading.Event()

    def wait(number: int) -> None:
        if number == 2:
            is_busy.set()
            assert may_go_on.wait(WAIT_S)

    detector = FakeDetector(before=wait)
    with Screen(FakeFile(100, fps=FAST), detector) as screen:
        assert is_busy.wait(WAIT_S)  # 2 is with the detector, 3 waits for it
        screen.until_last(1)
        screen.pipeline.pause()
        screen.pipeline.seek(80 / FAST)
        may_go_on.set()
        screen.until_last(80)
        assert screen.shown == [0, 1, 80]
    assert 3 not in detector.seen  # nor does it cost the detector's time


def test_a_result_that_nobody_took_before_a_seek_is_stale() -> None:
    seen = threading.Semaphore(0)
    pipeline = Pipeline(
        FakeFile(100),
        FakeDetector(),
        draw=draw_nothing,
        settings=Settings(),
        on_event=Log(),
        on_result=seen.release,
        paced=True,
    )
    pipeline.step(1)
    pipeline.start()
    assert seen.acquire(timeout=WAIT_S)
    pipeline.seek(2.0)
    first = pipeline.take_result()
    if first is None:
        assert seen.acquire(timeout=WAIT_S)
        first = pipeline.take_result()
    assert first is not None
    assert number_of(first.frame.image_bgr) == 50
    assert pipeline.stop(WAIT_S) == []


def test_of_many_seeks_the_newest_wins() -> None:
    is_seeking, may_go_on = threading.Event(), threading.Event()

    def wait(_: float) -> None:
        is_seeking.set()
        assert may_go_on.wait(WAIT_S)

    source = FakeFile(1000, on_seek=wait)
    with paused_at_start(source) as screen:
        screen.until_last(0)
        for number in range(1, 200):
            screen.pipeline.seek(number / 25)
            assert is_seeking.wait(WAIT_S)
        may_go_on.set()
        screen.until_last(199)
    assert source.sought == [1 / 25, 199 / 25]
    assert screen.shown == [0, 1, 199]


class Hurried(FakeFile):
    """Knows a place in the file on the way to another, and asks before going on."""

    def seek(
        self, timestamp_s: float, *, is_enough: Callable[[], bool] = lambda: False
    ) -> None:
        super().seek(timestamp_s / 2 if is_enough() else timestamp_s)


def test_while_the_hand_drags_what_is_near_will_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(playback, "HURRY_S", 0.0)
    with paused_at_start(Hurried(100)) as screen:
        screen.until_last(0)
        screen.pipeline.seek(2.0, is_exact=False)
        screen.until_last(25)
        screen.pipeline.seek(2.0)
        screen.until_last(50)


def test_the_frame_itself_is_shown_where_it_is_quickly_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(playback, "HURRY_S", WAIT_S)
    with paused_at_start(Hurried(100)) as screen:
        screen.until_last(0)
        screen.pipeline.seek(2.0, is_exact=False)
        screen.until_last(50)


def test_steps_go_on_and_back_one_by_one() -> None:
    with paused_at_start(FakeFile(100)) as screen:
        screen.until_last(0)
        for step, number in ((1, 1), (1, 2), (-1, 1), (-1, 0), (10, 10), (-3, 7)):
            screen.pipeline.step(step)
            screen.until_last(number)
        screen.pipeline.step(-99)
        screen.until_last(0)
        screen.pipeline.step(999)
        screen.until_last(99)


class Uneven(FakeFile):
    """Frames at these times, as a phone's video has them: 25 fps is only nominal."""

    TIMES_S = (0.0, 0.01, 0.2, 0.21, 0.22, 0.5, 0.9)

    def __init__(self) -> None:
        super().__init__(len(self.TIMES_S))

    def frames(self) -> Iterator[Frame]:
        for frame in super().frames():
            yield replace(frame, timestamp_s=self.TIMES_S[frame.index])

    def seek(
        self, timestamp_s: float, *, is_enough: Callable[[], bool] = lambda: False
    ) -> None:
        shown = [i for i, at_s in enumerate(self.TIMES_S) if at_s <= timestamp_s]
        self._position = shown[-1] if shown else 0


def test_steps_back_skip_nothing_where_the_rate_varies() -> None:
    with paused_at_start(Uneven()) as screen:
        screen.until_last(0)
        screen.pipeline.step(6)
        screen.until_last(6)
        for number in (5, 4, 3, 2, 1, 0):
            screen.pipeline.step(-1)
            screen.until_last(number)
        assert screen.shown == [0, 6, 5, 4, 3, 2, 1, 0]


def test_a_step_pauses_what_plays() -> None:
    with Screen(FakeFile(10_000)) as screen:
        screen.until(lambda shown: len(shown) >= 2)
        screen.pipeline.step(1)
        assert screen.pipeline.is_paused


def test_a_looped_file_begins_again_without_a_frame_lost() -> None:
    screen = Screen(FakeFile(4, fps=FAST))
    screen.pipeline.set_loops(True)
    with screen:
        screen.until(lambda shown: len(shown) >= 10)
        assert not screen.log.of(EndReached)
        screen.pipeline.set_loops(False)
        screen.log.wait_for(EndReached)
    pattern = itertools.cycle(range(4))
    assert screen.shown == [next(pattern) for _ in screen.shown]


def test_a_recording_of_a_loop_goes_on_in_time_and_ends_with_the_file() -> None:
    recorder = FakeRecorder()
    screen = Screen(FakeFile(4, fps=FAST))
    record_from_the_first_frame(screen.pipeline, screen.log, recorder)
    screen.pipeline.set_loops(True)
    with screen:
        screen.until(lambda shown: len(shown) >= 10)
        screen.pipeline.set_loops(False)
        screen.log.wait_for(RecordingEnded)
    numbers = [number for number, _ in recorder.written]
    times_s = [time_s for _, time_s in recorder.written]
    assert numbers == screen.shown
    assert times_s == pytest.approx([i / FAST for i in range(len(times_s))])
    assert recorder.jumped_before == list(range(4, len(numbers), 4))


def test_a_recording_goes_on_in_time_over_seeks_and_steps() -> None:
    recorder = FakeRecorder()
    screen = paused_at_start(FakeFile(100))
    record_from_the_first_frame(screen.pipeline, screen.log, recorder)
    with screen:
        screen.until_last(0)
        pipeline = screen.pipeline
        moves: list[tuple[Callable[[], None], int]] = [
            (lambda: pipeline.seek(2.0), 50),
            (lambda: pipeline.step(1), 51),
            (lambda: pipeline.step(-2), 49),
            (lambda: pipeline.update_settings(Settings()), 49),
            (lambda: pipeline.seek(0.0), 0),
        ]
        for move, number in moves:
            count = len(screen.shown)
            move()
            screen.until(lambda shown, count=count: len(shown) > count)  # type: ignore[misc] # bound now
            assert screen.shown[-1] == number
        screen.pipeline.stop_recording()
        screen.log.wait_for(RecordingEnded)
    # Shown again with other settings, 49 is recorded once.
    assert [number for number, _ in recorder.written] == [0, 50, 51, 49, 0]
    assert [t for _, t in recorder.written] == pytest.approx(
        [0, 0.04, 0.08, 0.12, 0.16]
    )
    assert recorder.jumped_before == [1, 3, 4]


def test_a_step_back_from_the_first_frame_is_not_recorded() -> None:
    recorder = FakeRecorder()
    screen = paused_at_start(FakeFile(9))
    record_from_the_first_frame(screen.pipeline, screen.log, recorder)
    with screen:
        screen.until_last(0)
        screen.pipeline.step(-1)
        screen.pipeline.seek(0.0)
        screen.until(lambda shown: shown == [0, 0])
        for number in (1, 2):
            screen.pipeline.step(1)
            screen.until_last(number)
        screen.pipeline.step(-1)
        screen.until_last(1)
        screen.pipeline.stop_recording()
        screen.log.wait_for(RecordingEnded)
    assert [number for number, _ in recorder.written] == [0, 0, 1, 2, 1]
    assert recorder.jumped_before == [1, 4]


def test_new_settings_and_a_new_detector_show_on_a_paused_frame() -> None:
    seen: list[float] = []

    class Detector(FakeDetector):
        def detect(
            self, image_bgr: ImageBgr, settings: Settings
        ) -> tuple[Detections, StageTimes]:
            seen.append(settings.score_threshold)
            return super().detect(image_bgr, settings)

    with paused_at_start(FakeFile(9), Detector()) as screen:
        screen.until_last(0)
        screen.pipeline.update_settings(Settings(score_threshold=0.25))
        screen.until(lambda shown: shown == [0, 0])
        newer = FakeDetector()
        screen.pipeline.replace_detector(newer)
        screen.log.wait_for(DetectorOpened, 2)
        screen.until(lambda shown: shown == [0, 0, 0])
    assert seen == [0.5, 0.25]
    assert newer.seen == [0]


def test_photos_hold_until_they_are_stepped_on() -> None:
    with Screen(FakeFile(3, is_stills=True, fps=FAST)) as screen:
        screen.until_last(0)
        assert screen.pipeline.is_paused
        screen.pipeline.step(1)
        screen.until_last(1)
        screen.pipeline.step(-1)
        screen.until_last(0)
        screen.pipeline.resume()  # a slide show
        screen.log.wait_for(EndReached)
        assert screen.shown == [0, 1, 0, 1, 2]


def test_what_is_damaged_is_told() -> None:
    source = FakeFile(3, fps=FAST)

    def warn(index: int) -> None:
        if index == 1:
            source.warnings.append("It is torn.")

    source._before = warn
    with Screen(source) as screen:
        assert screen.log.wait_for(SourceWarned).text == "It is torn."
        screen.log.wait_for(EndReached)
    assert len(screen.log.of(SourceWarned)) == 1


def test_a_live_source_cannot_be_searched() -> None:
    detector = FakeDetector()
    pipeline = Pipeline(
        FakeSource(50, is_live=True),
        detector,
        draw=draw_nothing,
        settings=Settings(),
        on_event=Log(),
    )
    pipeline.seek(1.0)
    pipeline.step(1)
    assert not pipeline.is_paused
    pipeline.start()
    assert pipeline.join(WAIT_S) == []
    assert detector.seen[-1] == 49
    assert pipeline.take_result() is not None


def test_a_long_seek_does_not_keep_a_stop_waiting() -> None:
    is_seeking = threading.Event()

    class Long(FakeFile):
        def seek(
            self, timestamp_s: float, *, is_enough: Callable[[], bool] = lambda: False
        ) -> None:
            is_seeking.set()
            waiter = threading.Event()
            while not is_enough():
                waiter.wait(0.001)

    with paused_at_start(Long(9)) as screen:
        screen.until_last(0)
        screen.pipeline.seek(1.0)
        assert is_seeking.wait(WAIT_S)


# --- the pace, which knows no clock ------------------------------------------


def test_frames_are_due_at_the_speed_that_is_asked_for() -> None:
    pace = Pace()
    assert pace.lag_s(7.0, 100.0, 1.0) == 0  # the first, whenever it comes
    assert pace.lag_s(7.5, 100.1, 1.0) == pytest.approx(-0.4)
    # At 100.2, 0.2 s are played; twice as fast, the other 0.3 s take 0.15 s.
    assert pace.lag_s(7.5, 100.2, 2.0) == pytest.approx(-0.15)
    assert pace.lag_s(7.5, 100.4, 2.0) == pytest.approx(0.05)
    # At 100.4, 0.6 s are played; at a quarter, 0.1 s more take 0.4 s.
    assert pace.lag_s(7.7, 100.4, 0.25) == pytest.approx(-0.4)


def test_a_wait_does_not_count_as_being_late() -> None:
    pace = Pace()
    pace.start(1.0, 50.0)
    pace.start(1.0, 90.0)  # paused in between
    assert pace.lag_s(1.04, 90.0, 1.0) == pytest.approx(-0.04)


@pytest.mark.parametrize("speed", [0.0, 0.2, 4.1, -1.0])
def test_another_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match=r"speed must be in \[0.25, 4.0\]"):
        Transport().set_speed(speed)


def played(
    monkeypatch: pytest.MonkeyPatch,
    *,
    speed: float,
    detector_s: float,
    keeps_all: bool = False,
) -> tuple[list[int], float]:
    """Which of 100 frames at 25 fps are given, and how long that takes.

    A clock of our own: waiting moves it on, and so does whoever takes a frame.
    """
    now_s = 1000.0

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now_s

    class Patient(Transport):
        def wait(self, changes: int, timeout_s: float | None = None) -> bool:
            nonlocal now_s
            assert timeout_s is not None
            now_s += timeout_s
            return False

    monkeypatch.setattr(playback, "time", Clock)
    source, transport = FakeFile(100), Patient()
    info = source.open()
    transport.set_speed(speed)
    cues = Playback(source, info, transport, is_paced=True, keeps_all=lambda: keeps_all)
    numbers: list[int] = []
    for cue in cues:
        if cue.frame is None:
            break
        numbers.append(cue.frame.index)
        now_s += detector_s
    return numbers, now_s - 1000.0


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.0, 2.0, 4.0])
def test_a_file_takes_as_long_as_its_speed_says(
    monkeypatch: pytest.MonkeyPatch, speed: float
) -> None:
    numbers, took_s = played(monkeypatch, speed=speed, detector_s=0.005)
    assert numbers == list(range(100))
    assert took_s == pytest.approx(99 / 25 / speed, abs=0.02)


def test_four_times_as_fast_is_so_though_the_detector_is_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers, took_s = played(monkeypatch, speed=4.0, detector_s=0.04)
    assert took_s == pytest.approx(99 / 25 / 4, abs=LATE_S + 0.05)
    assert 20 <= len(numbers) <= 40
    assert numbers == sorted(numbers)


def test_a_recording_gets_every_frame_however_fast_it_is_played(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers, took_s = played(monkeypatch, speed=4.0, detector_s=0.04, keeps_all=True)
    assert numbers == list(range(100))
    assert took_s == pytest.approx(100 * 0.04, abs=0.1)


def shown_at(
    monkeypatch: pytest.MonkeyPatch,
    *,
    count: int,
    takes_s: Callable[[int], float] = lambda _: 0.0,
    loops: bool = False,
    speed: float = 1.0,
    shown: int,
) -> list[tuple[int, float]]:
    """Each frame at 25 fps and when it is given, on a clock of our own.

    Args:
        monkeypatch: of the test.
        count: frames of the file.
        takes_s: how long who takes the n-th keeps everybody waiting.
        loops: as of the transport.
        speed: likewise.
        shown: so many are waited for.
    """
    now_s = 1000.0

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now_s

    class Patient(Transport):
        def wait(self, changes: int, timeout_s: float | None = None) -> bool:
            nonlocal now_s
            assert timeout_s is not None
            now_s += timeout_s
            return False

    monkeypatch.setattr(playback, "time", Clock)
    source, transport = FakeFile(count), Patient()
    info = source.open()
    transport.set_loops(loops)
    transport.set_speed(speed)
    cues = Playback(source, info, transport, is_paced=True, keeps_all=lambda: True)
    given: list[tuple[int, float]] = []
    for number, cue in enumerate(itertools.islice(cues, shown)):
        assert cue.frame is not None
        given.append((cue.frame.index, now_s - 1000.0))
        now_s += takes_s(number)
    return given


@pytest.mark.parametrize("steps", [-1, -5, 0])
def test_a_step_that_leads_nowhere_shows_nothing_anew(steps: int) -> None:
    """But no steps at all are asked for to see the frame with other settings."""

    class Impatient(Transport):
        def wait(self, *_: object) -> bool:
            self.stop()  # it would wait for ever
            return True

    source, transport = FakeFile(9), Impatient()
    info = source.open()
    cues = iter(
        Playback(source, info, transport, is_paced=True, keeps_all=lambda: False)
    )
    transport.step(1)
    first = next(cues)
    transport.step(steps)
    rest = list(cues)
    assert first.frame is not None
    assert [cue.is_again for cue in rest] == ([True] if steps == 0 else [])


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_each_round_of_a_loop_takes_as_long_as_the_first(
    monkeypatch: pytest.MonkeyPatch, speed: float
) -> None:
    """Four frames, 0.04 s each, the last one too: a round is 0.16 s."""
    given = shown_at(monkeypatch, count=4, loops=True, speed=speed, shown=10)
    assert [number for number, _ in given] == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    times_s = [at_s for _, at_s in given]
    assert times_s == pytest.approx([0.04 / speed * i for i in range(10)])


def test_a_file_that_was_held_up_goes_on_from_there_and_does_not_rush(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The third is late by 2 s; from then on there are 0.04 s between two again."""
    given = shown_at(
        monkeypatch, count=9, takes_s=lambda n: 2.0 if n == 2 else 0.0, shown=9
    )
    times_s = [at_s for _, at_s in given]
    expected_s = [0, 0.04, 0.08, *(2.08 + 0.04 * i for i in range(6))]
    assert times_s == pytest.approx(expected_s)


def test_a_file_that_is_a_little_late_catches_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """0.1 s is less than `MAX_LAG_S`: two frames follow at once."""
    given = shown_at(
        monkeypatch, count=9, takes_s=lambda n: 0.1 if n == 2 else 0.0, shown=9
    )
    times_s = [at_s for _, at_s in given]
    assert times_s == pytest.approx([0, 0.04, 0.08, 0.18, 0.18, 0.2, 0.24, 0.28, 0.32])


def test_at_its_own_speed_a_file_loses_nothing_to_a_slow_detector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers, _ = played(monkeypatch, speed=1.0, detector_s=MAX_LAG_S)
    assert numbers == list(range(100))
