"""The laws of a `VideoSource`."""

import itertools
import math
import threading
import time
from collections.abc import Callable
from zlib import crc32

from app.pipeline.interfaces import Seekable, Stoppable, VideoSource, Warns, Watchable
from app.testing.laws import (
    ANSWER_S,
    check_failing_open,
    check_nothing_stays,
    check_opening_again,
    close_twice,
    law,
    on_a_thread,
)
from app.types import Frame, ImageBgr, VideoInfo

MakeSource = Callable[[], VideoSource]


def check_source(
    make: MakeSource, *, fails: MakeSource | None = None, frame_count: int = 8
) -> None:
    """Run a source by its laws.

    Args:
        make: a new one, each time, that gives some frames.
        fails: a new one whose `open` fails.
        frame_count: so many are read of it, or all there are.

    Raises:
        AssertionError: it breaks one.
    """
    on_a_thread(lambda: _check_one_run(make(), frame_count))
    on_a_thread(lambda: _check_leaving_early(make()))
    if isinstance(make(), Seekable):
        on_a_thread(lambda: _check_seeking(make(), frame_count))
    if isinstance(make(), Stoppable):
        _check_stopping(make())
    check_nothing_stays(lambda: on_a_thread(lambda: _use(make(), frame_count)))
    if fails is not None:
        failing = fails

        def fail() -> None:
            source = failing()
            check_failing_open(source, source.open)

        check_nothing_stays(lambda: on_a_thread(fail))


def _use(source: VideoSource, frame_count: int) -> list[Frame]:
    try:
        source.open()
        return list(itertools.islice(source.frames(), frame_count))
    finally:
        source.close()


def _check_one_run(source: VideoSource, frame_count: int) -> None:
    is_live = source.is_live
    try:
        info = source.open()
        _check_info(info, is_live=is_live)
        _check_frames(source, frame_count)
        if isinstance(source, Warns):
            _check_warnings(source)
    finally:
        close_twice(source)
    check_opening_again(source, lambda: _use(source, 1))


def _check_info(info: VideoInfo, *, is_live: bool) -> None:
    law(info.is_live == is_live, "VideoInfo.is_live is what is_live said before.")
    law(min(info.size_wh) > 0, f"A size is positive, not {info.size_wh}.")
    law(info.fps is None or info.fps > 0, f"A rate is positive, not {info.fps}.")
    law(info.name, "A source has a name.")
    if is_live:
        has_length = info.frame_count is not None or info.duration_s is not None
        law(not has_length, "A live source knows no length.")


def _check_frames(source: VideoSource, frame_count: int) -> None:
    begun_s = time.monotonic()
    before: Frame | None = None
    given: list[tuple[ImageBgr, int]] = []
    for frame in itertools.islice(source.frames(), frame_count):
        now_s = time.monotonic()
        law(
            begun_s - 1 <= frame.captured_at_s <= now_s,
            "captured_at_s is of time.monotonic(), when the picture was read.",
        )
        law(frame.timestamp_s >= 0 or before, "The clock of a source begins at 0.")
        law(source.is_live or not frame.gap, "Only a live source has gaps.")
        if before is not None:
            law(frame.timestamp_s >= before.timestamp_s, "Timestamps never fall.")
            is_next = frame.gap or before.gap or frame.index > before.index
            law(is_next, "Frames are numbered upwards.")
        given.append((frame.image_bgr, _sum(frame.image_bgr)))
        before = frame
    law(before, "A source gives at least one frame.")
    is_kept = all(_sum(image_bgr) == checksum for image_bgr, checksum in given)
    law(is_kept, "Nobody writes to a picture once its frame is given away.")


def _check_warnings(source: Warns) -> None:
    for text in source.take_warnings():
        law(text.strip().endswith("."), f"A warning is a sentence, not {text!r}.")
    law(not source.take_warnings(), "Each warning is given once.")


def _check_leaving_early(source: VideoSource) -> None:
    try:
        source.open()
        if isinstance(source, Watchable):
            source.watch(False)
            source.watch(True)
        frames = iter(source.frames())
        next(frames)  # whoever asked for more is gone: the iterator is left as it is
    finally:
        close_twice(source)


def _check_seeking(source: VideoSource, frame_count: int) -> None:
    assert isinstance(source, Seekable)
    try:
        source.open()
        straight = list(itertools.islice(source.frames(), frame_count))
        first, last = straight[0], straight[-1]
        for frame in (last, first, straight[len(straight) // 2]):
            found = _frame_at(source, frame.timestamp_s)
            is_same = _sum(found.image_bgr) == _sum(frame.image_bgr)
            is_there = math.isclose(found.timestamp_s, frame.timestamp_s, abs_tol=1e-6)
            law(
                (is_same and is_there) or _shares_its_time(frame, straight),
                f"seek({frame.timestamp_s}) leads to the frame of that time.",
            )
        for before_s in (-math.inf, first.timestamp_s - 1):
            at_s = _frame_at(source, before_s).timestamp_s
            is_first = math.isclose(at_s, first.timestamp_s, abs_tol=1e-6)
            law(is_first, "Before the first frame, seek() leads to the first.")
        at_s = _frame_at(source, math.inf).timestamp_s
        law(at_s >= last.timestamp_s, "Past the end, seek() leads to the last frame.")
        source.seek(math.inf)
        count = len(list(source.frames()))
        law(count == 1, f"After the last frame there is none, not {count - 1}.")
    finally:
        source.close()


def _frame_at(source: VideoSource, timestamp_s: float) -> Frame:
    assert isinstance(source, Seekable)
    source.seek(timestamp_s)
    frame = next(iter(source.frames()), None)
    if frame is None:
        raise AssertionError(f"seek({timestamp_s}) leads to a frame.")
    return frame


def _shares_its_time(frame: Frame, frames: list[Frame]) -> bool:
    return sum(other.timestamp_s == frame.timestamp_s for other in frames) > 1


def _check_stopping(source: VideoSource) -> None:
    assert isinstance(source, Stoppable)
    is_running, is_over = threading.Event(), threading.Event()

    def run() -> None:
        try:
            source.open()
            for _ in source.frames():
                is_running.set()
        finally:
            source.close()
            is_over.set()

    threading.Thread(target=run, name="check", daemon=True).start()
    law(is_running.wait(ANSWER_S), f"It gives no frame within {ANSWER_S:.0f} s.")
    source.stop()
    law(is_over.wait(ANSWER_S), "stop() ends frames(), from any thread.")


def _sum(image_bgr: ImageBgr) -> int:
    return crc32(image_bgr.tobytes())
