"""What app.media.sources.live_source promises, in the time of a clock of our own."""

import itertools
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from app.drawing.lettering import Lettering
from app.errors import SourceError
from app.media.sources.faulty import (
    CURABLE,
    KINDS,
    TICKS,
    Fault,
    FaultyCamera,
    random_faults,
)
from app.media.sources.live_input import (
    BusyError,
    GoneError,
    InputEndedError,
    LiveInput,
)
from app.media.sources.live_source import (
    CARD_EVERY_S,
    MAX_CONNECTIONS,
    RELEASE_S,
    LiveSource,
    Patience,
)
from app.media.sources.synthetic import SyntheticInput, read_number
from app.types import Frame, ImageBgr, VideoInfo
from benchmarks.machine import open_descriptors
from tests.campaign import FACTOR
from tests.media.virtual_clock import VirtualClock

PATIENCE = Patience(freeze_s=1.5)


class Scripted:
    """Connections that do as told: each `open` and `read` calls the next function."""

    def __init__(
        self, clock: VirtualClock, *connections: list[Callable[[], object]]
    ) -> None:
        self.clock = clock
        self._connections = iter(connections)
        self.fps: Fraction | None = None
        self.closed = 0

    def connect(self) -> "Scripted._Input":
        return self._Input(self, next(self._connections, []))

    class _Input:
        def __init__(
            self, owner: "Scripted", steps: list[Callable[[], object]]
        ) -> None:
            self._owner = owner
            self._steps = iter(steps)

        def open(self) -> VideoInfo:
            next(self._steps, lambda: None)()
            info = SyntheticInput(size_wh=(48, 32)).open()
            return replace(info, fps=self._owner.fps or info.fps)

        def read(self) -> ImageBgr | None:
            self._owner.clock.sleep(0.1)
            step = next(self._steps, None)
            if step is None:
                raise SourceError("It is gone.", "Wait.")
            return step()  # type: ignore[return-value] # as the test likes

        def close(self) -> None:
            self._owner.closed += 1


def picture(number: int) -> ImageBgr:
    return SyntheticInput(size_wh=(48, 32)).picture(number)


def pictures(*numbers: int) -> list[Callable[[], object]]:
    return [partial(picture, n) for n in numbers]


def fails(text: str) -> Callable[[], object]:
    def step() -> object:
        raise SourceError(text, "Wait.")

    return step


def ends() -> object:
    raise InputEndedError


def nothing() -> object:
    return None


def source_of(scripted: Scripted, **patience: Any) -> LiveSource:  # noqa: ANN401 - as Patience
    return LiveSource(
        scripted.connect,
        name="It",
        patience=Patience(**patience),
        clock=scripted.clock,
    )


def take(source: LiveSource, enough: Callable[[list[Frame]], bool]) -> list[Frame]:
    seen: list[Frame] = []
    for item in source.frames():
        seen.append(item)
        if enough(seen) or len(seen) > 5000:
            break
    return seen


def frames_in(items: list[Frame]) -> list[Frame]:
    return [item for item in items if not item.gap]


def reasons_in(items: list[Frame]) -> list[str]:
    """Each once; none was said again before its time."""
    cards = [item for item in items if item.gap]
    for card, following in itertools.pairwise(cards):
        if card.gap == following.gap:
            assert following.timestamp_s - card.timestamp_s >= CARD_EVERY_S
    return [reason for reason, _ in itertools.groupby(card.gap for card in cards)]


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    clock = VirtualClock()
    yield clock
    for thread in clock.threads:
        thread.join(5.0)
        assert not thread.is_alive()


def test_it_is_back_by_itself(clock: VirtualClock) -> None:
    device = Scripted(
        clock,
        [nothing, *pictures(1, 2)],
        [fails("It is not plugged in.")],
        [fails("It is not plugged in.")],
        [nothing, *pictures(7, 8, 9)],
    )
    source = source_of(device)
    assert source.open().is_live
    seen = take(source, lambda items: len(frames_in(items)) == 4)
    frames = frames_in(seen)
    assert [read_number(frame.image_bgr) for frame in frames] == [1, 2, 7, 8]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert reasons_in(seen) == ["It is gone.", "It is not plugged in."]
    times = [frame.timestamp_s for frame in frames]
    assert times[0] == 0
    assert times == sorted(times)
    # The gap is as long on the source's clock as it was: recordings keep it.
    gap_s = frames[2].captured_at_s - frames[1].captured_at_s
    assert times[2] - times[1] == pytest.approx(gap_s)
    source.close()
    assert device.closed == 4


def test_the_last_picture_stands_marked_where_pictures_are_missing(
    clock: VirtualClock,
) -> None:
    device = Scripted(clock, [nothing, *pictures(1)], [nothing, *pictures(2)])
    source = source_of(device)
    source.open()
    seen = take(source, lambda items: len(frames_in(items)) == 2)
    frame, card, _ = seen
    assert frame.timestamp_s < card.timestamp_s
    below = slice(24, None)  # the label is at the top
    np.testing.assert_array_equal(card.image_bgr[below], frame.image_bgr[below] // 3)
    assert (card.image_bgr[:8] > 200).any()
    source.close()


def test_the_mark_tells_since_when_pictures_are_missing(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon_s = time.mktime((2026, 11, 28, 12, 0, 0, 0, 0, -1))
    texts: list[str] = []
    monkeypatch.setattr(time, "time", lambda: noon_s + clock.now())

    def write(text: str, scale: float, color_bgr: tuple[int, int, int]) -> ImageBgr:
        texts.append(text)
        return np.full((8, 8, 3), color_bgr, np.uint8)

    def silence() -> object:
        clock.sleep(7)
        raise SourceError("It is gone.", "Wait.")

    def wait() -> object:
        clock.sleep(3600 + 23 * 60 + 45)
        return picture(1)

    device = Scripted(
        clock, [nothing, *pictures(0), wait, silence], [nothing, *pictures(2)]
    )
    source = source_of(device, stall_s=6000)
    source.lettering = Lettering(write, str, str, "Kein Bild seit {}".format)
    source.open()
    take(source, lambda items: len(frames_in(items)) == 3)
    source.close()
    # 7 s before it was noticed.
    assert texts == ["Kein Bild seit 13:23:45"]


def test_a_picture_is_as_old_as_its_driver_says(clock: VirtualClock) -> None:
    """A driver's queue holds pictures: each was taken before it could be read."""
    ages_s = iter([0.05, 0.2, 0.5, -1.0, 1e6, 0.02])

    class Timed(Scripted._Input):
        captured_at_s: float | None = None

        def read(self) -> ImageBgr | None:
            image_bgr = super().read()
            self.captured_at_s = clock.now() - next(ages_s)
            return image_bgr

    device = Scripted(clock, [nothing, *pictures(1, 2, 3, 4, 5, 6)])
    source = LiveSource(
        lambda: Timed(device, [nothing, *pictures(1, 2, 3, 4, 5, 6)]),
        name="It",
        clock=clock,
    )
    source.open()
    seen = frames_in(take(source, lambda items: len(frames_in(items)) == 6))
    source.close()
    # Read at 0.1, 0.2 ... The third would be older than the second; the next two
    # are of a driver with another clock.
    expected_s = [0.05, 0.05, 0.05, 0.4, 0.5, 0.58]
    assert [frame.captured_at_s for frame in seen] == pytest.approx(expected_s)
    assert [frame.timestamp_s for frame in seen] == pytest.approx(
        [at_s - 0.05 for at_s in expected_s]
    )


def test_the_first_picture_may_take_its_time(clock: VirtualClock) -> None:
    def slow() -> object:
        clock.sleep(4)
        return picture(1)

    device = Scripted(clock, [nothing, slow, *pictures(2, 3)])
    source = source_of(device)
    source.open()
    seen = take(source, lambda items: len(frames_in(items)) == 3)
    assert reasons_in(seen) == []
    source.close()


def test_a_camera_that_never_gives_a_first_picture_is_opened_anew(
    clock: VirtualClock,
) -> None:
    def never() -> object:
        clock.sleep(6)
        raise SourceError("It is gone.", "Wait.")

    device = Scripted(clock, [nothing, never], [nothing, *pictures(1)])
    source = source_of(device)
    source.open()
    seen = take(source, lambda items: len(frames_in(items)) == 1)
    assert reasons_in(seen) == ["It gives no pictures."]
    # Patience().first_s after it opened, and a try.
    assert frames_in(seen)[0].captured_at_s == pytest.approx(5.0, abs=0.5)
    source.close()
    clock.sleep(2)  # what was left to itself ends, too


def test_a_slow_camera_may_be_as_slow_as_it_says(clock: VirtualClock) -> None:
    """A picture in four seconds, and the same one now and then."""

    def late(number: int) -> Callable[[], object]:
        def step() -> object:
            clock.sleep(4)
            return picture(number)

        return step

    device = Scripted(clock, [nothing, *map(late, (1, 2, 2, 3, 4, 4, 4, 5))])
    device.fps = Fraction(1, 4)
    source = source_of(device, freeze_s=1.5)
    source.open()
    seen = take(source, lambda items: len(frames_in(items)) == 8)
    assert reasons_in(seen) == []
    source.close()


class OneAtATime:
    """A camera as V4L2 has it: who opens it while another has it is refused."""

    def __init__(self, clock: VirtualClock, *, lets_go_after_s: float) -> None:
        self._clock = clock
        self._lets_go_after_s = lets_go_after_s
        self.is_taken = False
        self.opened: list[float] = []
        self.refused: list[float] = []

    def connect(self) -> "OneAtATime._Input":
        return self._Input(self)

    class _Input:
        def __init__(self, device: "OneAtATime") -> None:
            self._device = device
            self._has_it = False
            self._given = 0

        def open(self) -> VideoInfo:
            device = self._device
            if device.is_taken:
                device.refused.append(device._clock.now())
                raise BusyError("Another program seems to be using it.", "Close it.")
            device.is_taken = self._has_it = True
            device.opened.append(device._clock.now())
            return SyntheticInput(size_wh=(48, 32)).open()

        def read(self) -> ImageBgr | None:
            device = self._device
            device._clock.sleep(0.1)
            self._given += 1
            if len(device.opened) == 1 and self._given > 3:  # a cable that is loose
                device._clock.sleep(device._lets_go_after_s)
                raise SourceError("It is gone.", "Wait.")
            return picture(self._given)

        def close(self) -> None:
            if self._has_it:
                self._device.is_taken = self._has_it = False


@pytest.mark.parametrize("hangs_s", [2.5, 4.0, 8.0])
def test_nobody_else_is_blamed_for_our_own_hold(
    clock: VirtualClock, hangs_s: float
) -> None:
    device = OneAtATime(clock, lets_go_after_s=hangs_s)
    source = LiveSource(
        device.connect,
        name="It",
        patience=Patience(is_exclusive=True),
        clock=clock,
    )
    source.open()
    seen = take(source, lambda items: len(frames_in(items)) == 6)
    source.close()
    assert reasons_in(seen) == ["It gives no pictures."]
    lost_s = 0.3 + Patience().stall_s
    # It is waited for, but not for ever.
    assert all(at_s >= lost_s + RELEASE_S for at_s in device.refused)
    assert bool(device.refused) == (hangs_s > Patience().stall_s + RELEASE_S)
    # Back as soon as it can be: at once, or with the next try.
    assert device.opened[1] - (0.4 + hangs_s) <= 1.0 + 0.1


def test_nobody_is_blamed_while_we_open_it_ourselves(clock: VirtualClock) -> None:
    """On a slow machine opening takes longer than another try is waited for."""

    def gone() -> object:
        raise GoneError("It was unplugged.", "Plug it in.")

    def slow() -> None:
        clock.sleep(3)

    def busy() -> object:
        raise BusyError("Another program seems to be using it.", "Close it.")

    device = Scripted(
        clock,
        [nothing, *pictures(1), gone],
        [slow, *pictures(2, 3, 4)],
        *([[busy]] * 9),
    )
    source = source_of(device, is_exclusive=True)
    source.open()
    seen = take(source, lambda items: len(frames_in(items)) == 2)
    source.close()
    assert reasons_in(seen) == ["It was unplugged."]


def test_one_that_opened_is_not_doubled_while_its_first_picture_is_due(
    clock: VirtualClock,
) -> None:
    connections = 0
    device = Scripted(clock, [nothing, *pictures(1)])

    def late() -> object:
        clock.sleep(4)
        return picture(2)

    slow = Scripted(clock, [nothing, late])

    def connect() -> LiveInput:
        nonlocal connections
        connections += 1
        return device.connect() if connections == 1 else slow.connect()

    source = LiveSource(
        connect, name="It", patience=Patience(is_exclusive=True), clock=clock
    )
    source.open()
    seen = take(source, lambda items: len(frames_in(items)) == 2)
    source.close()
    assert connections == 2
    assert reasons_in(seen) == ["It is gone."]


def test_an_unplugged_camera_is_told_once(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(text: str) -> Callable[[], object]:
        def step() -> object:
            raise GoneError(text, "Plug it in.")

        return step

    device = Scripted(
        clock,
        [nothing, *pictures(1), gone("It was unplugged.")],
        *([[gone("It is not plugged in.")]] * 5),
        [nothing, *pictures(2), gone("It was unplugged.")],
        [fails("It may not be used.")],
        [nothing, *pictures(3)],
    )
    caplog.set_level(logging.INFO)
    source = source_of(device)
    source.open()
    seen = take(source, lambda items: len(frames_in(items)) == 3)
    source.close()
    told = [item.gap for item in seen]
    interruptions = [b for a, b in itertools.pairwise(told) if b and b != a]
    assert interruptions == [
        "It was unplugged.",  # and five times not plugged in
        "It was unplugged.",
        "It may not be used.",  # another thing
    ]
    assert [record.message for record in caplog.records] == [
        "It was unplugged.",
        "It was unplugged.",
        "It may not be used.",
    ]
    # Whoever takes the frames tells people; a warning would be shown beside that.
    assert {record.levelno for record in caplog.records} == {logging.INFO}


def test_the_first_opening_is_an_error_at_once(clock: VirtualClock) -> None:
    source = source_of(Scripted(clock, [fails("There is no such camera.")]))
    with pytest.raises(SourceError, match="no such camera"):
        source.open()
    source.close()


def test_an_opening_that_hangs_is_given_up(clock: VirtualClock) -> None:
    gone = threading.Event()

    def hang() -> object:
        with clock:
            clock.wait_for(gone.is_set, None)
        return None

    source = source_of(Scripted(clock, [hang]), open_s=15.0)
    with pytest.raises(SourceError, match="It does not answer"):
        source.open()
    assert clock.now() == pytest.approx(17.0)  # and two to let go of it
    with clock:
        gone.set()
        clock.notify_all()


def test_a_driver_that_crashes_on_opening_is_said_to_fail(clock: VirtualClock) -> None:
    def crash() -> object:
        raise ZeroDivisionError("rate is 0")

    source = source_of(Scripted(clock, [crash]))
    with pytest.raises(SourceError, match="It failed: rate is 0") as caught:
        source.open()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    source.close()


def test_one_that_opens_after_all_was_closed_lets_go(clock: VirtualClock) -> None:
    device = Scripted(clock, [lambda: clock.sleep(20.0), *pictures(1, 2)])
    source = source_of(device, open_s=1.0)
    with pytest.raises(SourceError, match="does not answer"):
        source.open()
    closed_s = clock.now()
    source.close()  # again, as the pipeline does: nobody is waited for twice
    assert clock.now() == closed_s
    assert device.closed == 0
    clock.sleep(30.0)
    assert device.closed == 1


def test_a_connection_that_hangs_keeps_no_picture(clock: VirtualClock) -> None:
    gone = threading.Event()
    kept: list[weakref.ref[ImageBgr]] = []

    def last_picture() -> ImageBgr:
        image_bgr = picture(1)
        kept.append(weakref.ref(image_bgr))
        return image_bgr

    def hang() -> object:
        with clock:
            clock.wait_for(gone.is_set, None)
        raise SourceError("It is gone.", "Wait.")

    device = Scripted(
        clock, [nothing, last_picture, hang], [nothing, *pictures(*range(2, 6))]
    )
    source = source_of(device)
    source.open()
    for item in source.frames():
        if not item.gap and read_number(item.image_bgr) == 3:
            break
    del item
    assert kept[0]() is None
    source.close()
    with clock:
        gone.set()
        clock.notify_all()


def test_what_was_no_live_input_ends(clock: VirtualClock) -> None:
    source = source_of(Scripted(clock, [nothing, *pictures(1, 2), ends]))
    source.open()
    assert len(frames_in(list(source.frames()))) == 2
    source.close()


@pytest.mark.parametrize("is_open", [False, True])
def test_while_it_waits_it_can_be_stopped(clock: VirtualClock, is_open: bool) -> None:
    gone = threading.Event()

    def hang() -> object:
        with clock:
            clock.wait_for(gone.is_set, None)
        raise SourceError("It is gone.", "Wait.")

    device = Scripted(clock, [nothing, hang] if is_open else [hang])
    source = source_of(device, close_s=0.0)

    def stop() -> None:
        clock.sleep(1.0)
        source.stop()

    clock.start(stop, "stop")
    if is_open:
        source.open()
        assert list(source.frames()) == []
    else:
        with pytest.raises(SourceError):
            source.open()
    assert clock.now() == pytest.approx(1.0)
    source.close()
    with clock:
        gone.set()
        clock.notify_all()


@pytest.mark.parametrize(
    ("make", "repeats"),
    [
        (lambda n: picture(n // 5), 1),  # moves: no picture stays for 1.5 s
        (lambda _: picture(3), 1),  # never moved: a virtual camera's logo
        (lambda n: np.full((32, 48, 3), 16 + (n == 3), np.uint8), 1),  # a covered lens
        (lambda n: picture(min(n, 5)), 2),  # moved, then stands still
    ],
    ids=["moving", "logo", "covered", "frozen"],
)
def test_only_a_picture_that_stops_moving_is_a_frozen_driver(
    clock: VirtualClock, make: Callable[[int], ImageBgr], repeats: int
) -> None:
    made = 0

    class Input:
        def open(self) -> VideoInfo:
            nonlocal made
            made += 1
            self._number = 0
            return SyntheticInput().open()

        def read(self) -> ImageBgr:
            clock.sleep(0.1)
            self._number += 1
            return make(self._number)

        def close(self) -> None:
            pass

    source = LiveSource(Input, name="It", patience=PATIENCE, clock=clock)
    source.open()
    for _ in source.frames():
        if clock.now() > 3.0:
            break
    assert made == repeats
    source.close()


def test_a_driver_that_hangs_costs_few_threads(clock: VirtualClock) -> None:
    gone = threading.Event()

    def hang() -> object:
        with clock:
            clock.wait_for(gone.is_set, None)
        raise SourceError("It is gone.", "Wait.")

    device = Scripted(clock, [nothing, *pictures(1)], *([[hang]] * 50))
    source = source_of(device)
    source.open()
    alive: list[threading.Thread] = []

    def count_and_stop() -> None:
        clock.sleep(60)
        mine = threading.current_thread()
        alive.extend(t for t in clock.threads if t.is_alive() and t is not mine)
        source.stop()

    clock.start(count_and_stop, "stop")
    frame, *cards = source.frames()  # one, and then never again
    assert not frame.gap
    assert len(reasons_in(cards)) == 1
    assert len(cards) == pytest.approx(60 / CARD_EVERY_S, rel=0.1)
    assert len(alive) == MAX_CONNECTIONS
    with clock:
        gone.set()
        clock.notify_all()
    source.close()


def test_what_nobody_looks_at_is_not_decoded_and_the_newest_follows(
    clock: VirtualClock,
) -> None:
    calls: list[str] = []

    class Input(SyntheticInput):
        def read(self) -> ImageBgr:
            calls.append("read")
            return super().read()

        def skip(self) -> bool:
            calls.append("skip")
            return super().skip()

    source = LiveSource(
        lambda: Input(size_wh=(48, 32), fps=10, now=clock.now, sleep=clock.sleep),
        name="It",
        patience=PATIENCE,
        clock=clock,
    )

    def pause_for_a_minute() -> None:
        clock.sleep(2.05)
        source.watch(False)
        clock.sleep(60.0)
        calls.append("look")
        source.watch(True)
        clock.sleep(1.0)
        source.stop()

    clock.start(pause_for_a_minute, "pause")
    source.open()
    seen = list(source.frames())
    source.close()
    assert not any(item.gap for item in seen)  # no silence: it was heard
    paused = calls[calls.index("skip") : calls.index("look")]
    assert paused == ["skip"] * 600
    after = next(item for item in seen if item.captured_at_s > 60)
    assert after.captured_at_s < 62.05 + 0.2
    assert read_number(after.image_bgr) == round(after.captured_at_s * 10)


def test_a_camera_that_is_back_while_nobody_looks_is_told_to_be(
    clock: VirtualClock,
) -> None:
    device = Scripted(clock, [nothing, *pictures(1)], [nothing, *pictures(2)])
    source = source_of(device)
    source.open()
    source.watch(False)
    seen = take(source, lambda items: len(frames_in(items)) == 2)
    assert reasons_in(seen) == ["It is gone."]
    source.close()


FPS = 10


class HoldsADescriptor:
    """An input with an open file, as a real one has."""

    def __init__(self, live_input: LiveInput) -> None:
        self._input = live_input
        self._file: IO[bytes] | None = None

    def open(self) -> VideoInfo:
        self._file = Path(os.devnull).open("rb")  # noqa: SIM115 - as a device
        return self._input.open()

    def read(self) -> ImageBgr | None:
        return self._input.read()

    def close(self) -> None:
        self._input.close()
        if self._file is not None:
            self._file.close()


def recovery_s(fault: Fault, times: list[float]) -> float:
    """From the source's return until the first frame after it, in seconds."""
    # What is cured by connecting anew could have been so at once.
    back_s = fault.at_s if fault.kind in CURABLE else fault.end_s
    return next(time_s for time_s in times if time_s > back_s + 1 / FPS) - back_s


@pytest.mark.parametrize("seed", range(1, 2 * FACTOR + 1))
def test_after_each_of_a_thousand_faults_it_is_back_within_two_seconds(
    clock: VirtualClock, seed: int
) -> None:
    threads, descriptors = set(threading.enumerate()), open_descriptors()
    faults = list(itertools.islice(random_faults(seed), 500))
    gone = threading.Event()  # at the very end: what hangs lets go
    camera = FaultyCamera(
        iter(faults),
        sizes_wh=((96, 72), (144, 96)),
        fps=FPS,
        now=clock.now,
        sleep=clock.sleep,
        hang=lambda: clock.wait_outside(gone),
    )
    source = LiveSource(
        lambda: HoldsADescriptor(camera.connect()),
        name="Camera",
        patience=PATIENCE,
        clock=clock,
    )
    source.open()

    def stop_at_the_end() -> None:
        clock.sleep(faults[-1].end_s + 5)
        source.stop()

    clock.start(stop_at_the_end, "stop")
    times: list[float] = []  # of frames with a picture of their own
    number, sizes = -1, set()
    for item in source.frames():
        if item.gap:
            continue
        before, number = number, read_number(item.image_bgr)
        assert number >= before
        if number == before:  # a frozen driver's, until that shows
            continue
        times.append(clock.now())
        sizes.add(item.image_bgr.shape)
        # Never older than the newest picture of the camera, plus one.
        assert clock.now() - number / TICKS <= 1 / FPS + 1 / TICKS
    worst = dict.fromkeys(KINDS, 0.0)
    for fault in faults:
        worst[fault.kind] = max(worst[fault.kind], recovery_s(fault, times))
    assert min(worst.values()) > 0, "not every kind occurred"
    assert max(worst.values()) <= 2.0, worst
    assert len(sizes) == 2
    source.close()
    gone.set()
    for thread in clock.threads:
        thread.join(5.0)
    assert camera.open_count == 0
    # None that was not there before; what other tests left may end meanwhile.
    assert set(threading.enumerate()) - threads == set()
    assert open_descriptors() - descriptors == set()


def test_the_delay_stays_flat_with_a_detector_slower_than_the_camera(
    clock: VirtualClock,
) -> None:
    """Two minutes; `benchmarks/soak_live.py` is the same for hours, in real time."""
    camera = FaultyCamera(
        iter(()),
        sizes_wh=((48, 32), (48, 32)),
        fps=30,
        now=clock.now,
        sleep=clock.sleep,
    )
    source = LiveSource(camera.connect, name="Camera", clock=clock)
    source.open()
    ages = []
    for item in source.frames():
        ages.append(clock.now() - read_number(item.image_bgr) / TICKS)
        clock.sleep(0.15)  # the detector, for four pictures and a half
        if clock.now() > 120:
            break
    source.close()
    assert len(ages) == pytest.approx(120 / 0.15, rel=0.05)
    assert max(ages) <= 1 / 30 + 1 / TICKS
