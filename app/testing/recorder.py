"""The laws of a `Recorder`."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from app.pipeline.interfaces import Recorder
from app.testing.laws import (
    check_failing_open,
    check_nothing_stays,
    check_opening_again,
    close_twice,
    law,
    on_a_thread,
)
from app.types import ImageBgr, RecordingInfo, VideoInfo

MakeRecorder = Callable[[], Recorder]
COUNT = 5
FILM = VideoInfo("a film", (64, 48), Fraction(25), COUNT, COUNT / 25, is_live=False)


def check_recorder(
    make: MakeRecorder, *, info: VideoInfo = FILM, fails: MakeRecorder | None = None
) -> None:
    """Run a recorder by its laws; what it writes stays.

    Args:
        make: a new one each time, to a name that is free, in a folder of its own.
        info: of the source; photos have `frame_paths`, at least five.
        fails: a new one whose `open` fails.

    Raises:
        AssertionError: it breaks one.
    """
    on_a_thread(lambda: _check_one_run(make(), info))
    on_a_thread(lambda: _check_nothing_written(make(), info))
    check_nothing_stays(lambda: on_a_thread(lambda: _record(make(), info)))
    if fails is not None:
        failing = fails

        def fail() -> None:
            recorder = failing()
            check_failing_open(recorder, lambda: recorder.open(info))
            law(recorder.close() is None, "What did not open has written nothing.")

        check_nothing_stays(lambda: on_a_thread(fail))


def _check_one_run(recorder: Recorder, info: VideoInfo) -> None:
    path = Path(recorder.path)
    has_been = set(_beside(path))
    recorded = _record(recorder, info)
    if recorded is None:
        raise AssertionError("close() tells of what was written.")
    law(recorded.path == str(path), "It is written where `path` says.")
    law(path.exists(), "What is finished is there, under its name.")
    count = recorded.frame_count
    law(count == COUNT, f"Every picture is written: {COUNT}, not {count}.")
    if not info.is_stills:
        interval_s = float(1 / (info.fps or 25))
        expected_s = COUNT * interval_s
        law(
            abs(recorded.duration_s - expected_s) < interval_s / 2,
            f"{COUNT} pictures last {expected_s} s, not {recorded.duration_s}.",
        )
        left = {one for one in _beside(path) if one != path} - has_been
        law(not left, f"Nothing else is left beside it: {sorted(left)}.")
    again: list[RecordingInfo | None] = []
    check_opening_again(recorder, lambda: again.append(_record(recorder, info)))
    law(path.exists(), "To open it again costs nothing that was recorded.")


def _check_nothing_written(recorder: Recorder, info: VideoInfo) -> None:
    path = Path(recorder.path)
    has_been = set(_beside(path))
    recorder.open(info)
    law(recorder.close() is None, "close() without a picture returns None.")
    law(recorder.close() is None, "close() may be called twice.")
    left = {one for one in _beside(path) if one.is_file()} - has_been
    law(not left, f"Without a picture, no file is left: {sorted(left)}.")


def _record(recorder: Recorder, info: VideoInfo) -> RecordingInfo | None:
    """Pictures of two sizes, from elsewhere in between, none of which it may touch."""
    interval_s = float(1 / (info.fps or 25))
    width, height = info.size_wh
    begun_s = 0.0 if info.is_stills else 40.0  # the first is time zero
    try:
        recorder.open(info)
        for number in range(COUNT):
            size_hw = (height, width) if number != 3 else (height // 2 + 1, width)
            if number == 2:
                recorder.jump()
            recorder.write(_picture(number, size_hw), begun_s + number * interval_s)
        recorded = recorder.close()
    finally:
        close_twice(recorder)
    law(recorder.close() is None, "close() tells of a recording once.")
    return recorded


def _picture(number: int, size_hw: tuple[int, int]) -> ImageBgr:
    image_bgr = np.full((*size_hw, 3), 40 * number, np.uint8)
    image_bgr.flags.writeable = False
    return image_bgr


def _beside(path: Path) -> list[Path]:
    return list(path.parent.iterdir()) if path.parent.is_dir() else []
