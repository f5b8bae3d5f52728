"""Records numbered pictures live until it is killed: python -m ... OUT FPS.

Prints the number of each picture once the recorder has it, with the time.
"""

import sys
import time
from fractions import Fraction
from pathlib import Path

from app.media.recording.recorder import Mp4Recorder
from tests.media.numbered import info, numbered


def main() -> None:
    path, fps = Path(sys.argv[1]), float(sys.argv[2])
    recorder = Mp4Recorder(path)
    recorder.open(info(fps=Fraction(sys.argv[2]), is_live=True))
    started_s = time.monotonic()
    for number in range(60_000):
        due_s = started_s + number / fps
        time.sleep(max(0.0, due_s - time.monotonic()))
        recorder.write(numbered(number), time.monotonic() - started_s)
        sys.stdout.write(f"{number} {time.monotonic()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
