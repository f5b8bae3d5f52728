"""Records numbered pictures live until it is killed: python -m ... OUT FPS [clip].

Prints the number of each picture once the recorder has it, with the time. As a clip,
they go through a replay, and the clip begins with the eleventh; meanwhile the replay is
saved over and over.
"""

import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from app.media.recording.recorder import Mp4Recorder
from app.media.recording.replay import ReplayRing
from app.types import Detections, Found
from tests.media.numbered import info, numbered

NOTHING = Found(Detections.empty(), ("person",), 0.5)


def recording(path: Path, fps: Fraction) -> Callable[[int, float], None]:
    recorder = Mp4Recorder(path)
    recorder.open(info(fps=fps, is_live=True))
    return lambda number, time_s: recorder.write(numbered(number), time_s)


def clip(path: Path, fps: Fraction) -> Callable[[int, float], None]:
    ring = ReplayRing()

    def keep(number: int, time_s: float) -> None:
        ring.add(numbered(number), time_s, NOTHING, fps=fps)
        if number == 10:
            ring.begin_clip(path, seconds=30, event="person")
        if number % 8 == 7:
            saved = path.with_name(f"{path.stem} replay {number}.mp4")
            threading.Thread(target=ring.save, args=(saved,)).start()

    return keep


def main() -> None:
    path, fps = Path(sys.argv[1]), float(sys.argv[2])
    keep = (clip if sys.argv[3:] else recording)(path, Fraction(sys.argv[2]))
    started_s = time.monotonic()
    for number in range(60_000):
        due_s = started_s + number / fps
        time.sleep(max(0.0, due_s - time.monotonic()))
        keep(number, time.monotonic() - started_s)
        sys.stdout.write(f"{number} {time.monotonic()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
