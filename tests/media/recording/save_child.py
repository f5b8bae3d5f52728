"""Saves replays and is killed at it, in a process each: python -m ... FOLDER.

The moments: in the middle of the clip, before it has its name, before its sidecar has,
and when both have. Each is in a folder of its own, called so.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app.media.recording import replay
from app.media.recording.muxer import Muxer
from app.media.recording.part_file import PartHandle, give_name
from app.media.recording.replay import ReplayRing
from app.types import Detections, Found
from tests.media.numbered import numbered

NOTHING = Found(Detections.empty(), ("person",), 0.5)


def dies_at(call: Callable[..., Any], number: int) -> Callable[..., Any]:
    """As `call`, but the process dies in place of the call of that number, from 1."""
    calls = 0

    def counted(*args: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **options)

    return counted


def arm(moment: str) -> None:
    if moment == "clip":
        dying = patch.object(Muxer, "write", dies_at(Muxer.write, 30))
    elif moment == "whole":
        dying = patch.object(PartHandle, "remove", dies_at(PartHandle.remove, 1))
    else:
        number = {"unnamed": 1, "half named": 2}[moment]
        dying = patch.object(replay, "give_name", dies_at(give_name, number))
    dying.start()


def main() -> None:
    for moment in ("clip", "unnamed", "half named", "whole"):
        if (child := os.fork()) == 0:
            arm(moment)
            ring = ReplayRing()
            for number in range(50):
                ring.add(numbered(number), number / 25, NOTHING)
            ring.save(Path(sys.argv[1]) / moment / "a.mp4")
            os._exit(1)  # it should be dead
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL


if __name__ == "__main__":
    main()
