"""Records numbered pictures live until its process is killed."""

import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from app.media.clips.clean_recorder import CleanRecorder
from app.media.clips.kept import Kept
from app.media.recording.recorder import Mp4Recorder
from app.media.recording.replay import ReplayRing
from app.types import Detections, Found
from tests.media.numbered import info, numbered

NOTHING = Found(Detections.empty(), ("person",), 0.5)


def recording(path: Path, fps: Fraction) -> Callable[[int, float], None]:
    recorder = Mp4Recorder(path)
    recorder.open(info(fps=fps, is_live=True))
    return lambda number, time_s: recorder.write(numbered(number), time_s)


def clip(
    path: Path, fps: Fraction, *, record: Callable[[Kept], object] = lambda _: None
) -> Callable[[int, float], None]:
    ring = ReplayRing()

    def keep(number: int, time_s: float) -> None:
        for one in ring.add(numbered(number), time_s, NOTHING, fps=fps):
            record(one)
        if number == 10:
            ring.begin_clip(path, seconds=30, event="person")
        if number % 8 == 7:
            saved = path.with_name(f"{path.stem} replay {number}.mp4")
            threading.Thread(target=ring.save, args=(saved,)).start()

    return keep


def clean(path: Path, fps: Fraction) -> Callable[[int, float], None]:
    """Recorded as a ring encodes it, which has the clip of an event on besides."""
    recorder = CleanRecorder(path)
    recorder.open(info(fps=fps, is_live=True))
    event = path.with_name(f"{path.stem} event.mp4")
    return clip(event, fps, record=recorder.write_encoded)


KINDS = {"recording": recording, "clip": clip, "clean": clean}


def record_until_killed(path: Path, fps: int, kind: str) -> None:
    """Into the log beside `path`: the number of each picture, once it is recorded.

    With the time. As a clip, they go through a replay, and the clip begins with the
    eleventh; meanwhile the replay is saved over and over.
    """
    keep = KINDS[kind](path, Fraction(fps))
    started_s = time.monotonic()
    with path.with_suffix(".log").open("w") as log:
        for number in range(60_000):
            due_s = started_s + number / fps
            time.sleep(max(0.0, due_s - time.monotonic()))
            keep(number, time.monotonic() - started_s)
            log.write(f"{number} {time.monotonic()}\n")
            log.flush()
