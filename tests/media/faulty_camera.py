"""A synthetic camera that fails as a script says."""

import random
import threading
from dataclasses import dataclass

import numpy as np

from app.errors import SourceError
from app.media.synthetic import SyntheticInput
from app.types import ImageBgr, VideoInfo
from tests.media.virtual_clock import VirtualClock

FPS = 10
SIZES_WH = ((96, 72), (144, 96))
KINDS = (
    "unplugged",  # reading and opening fail
    "busy",  # the connection breaks; opening fails
    "frozen",  # one picture over and over, until somebody connects anew
    "stalled",  # reading blocks until the end
    "stuck",  # reading blocks for ever; a new connection works
    "hangs",  # the connection breaks; opening blocks until the end, then fails
    "late",  # one picture a second
    "resized",  # breaks off; from then on in another size
    "garbage",  # no pictures, wrong shapes, wrong types
    "crash",  # an exception nobody thought of
)


@dataclass(frozen=True)
class Fault:
    kind: str
    at_s: float
    end_s: float


def script(count: int, seed: int) -> list[Fault]:
    """`count` faults one after another, with three seconds of peace between."""
    rng = random.Random(seed)
    faults, now_s = [], 3.0
    for _ in range(count):
        end_s = now_s + rng.choice((0.05, 0.3, 1.0, 2.0, 5.0)) * rng.uniform(0.5, 1.5)
        faults.append(Fault(rng.choice(KINDS), now_s, end_s))
        now_s = end_s + 3.0
    return faults


class FaultyCamera:
    """The device; each `FaultyInput` is a connection to it."""

    def __init__(self, faults: list[Fault], clock: VirtualClock) -> None:
        self.faults = faults
        self.clock = clock
        self.size = 0
        self.number = 0
        self.open_connections = 0
        self.is_gone = threading.Event()  # at the very end: what hangs lets go
        self._next = 0

    def fault(self) -> Fault | None:
        now_s = self.clock.now()
        while self._next < len(self.faults) and self.faults[self._next].end_s <= now_s:
            self._next += 1
        if self._next == len(self.faults) or self.faults[self._next].at_s > now_s:
            return None
        return self.faults[self._next]

    def connect(self) -> "FaultyInput":
        return FaultyInput(self)


class FaultyInput:
    def __init__(self, camera: FaultyCamera) -> None:
        self._camera = camera
        self._clock = camera.clock
        self._broken_by: Fault | None = None
        self._frozen: ImageBgr | None = None
        self._is_open = False

    def open(self) -> VideoInfo:
        self._clock.sleep(0.1)
        fault = self._camera.fault()
        if fault is not None:
            self._broken_by = fault if fault.kind in ("frozen", "stuck") else None
            if fault.kind in ("unplugged", "busy", "crash"):
                raise SourceError(f"The camera is {fault.kind}.", "Wait.")
            if fault.kind == "hangs":
                self._wait_until(fault.end_s)
                raise SourceError("The camera does not open.", "Wait.")
            if fault.kind == "resized":
                self._camera.size = 1 - self._camera.size
        self._is_open = True
        self._camera.open_connections += 1
        self._pattern = SyntheticInput(size_wh=SIZES_WH[self._camera.size], fps=FPS)
        return self._pattern.open()

    def read(self) -> ImageBgr | None:
        self._clock.sleep(1 / FPS)
        fault = self._camera.fault()
        if self._frozen is not None:  # for ever, on this connection
            return self._frozen
        # What befell while nobody looked befalls the connection it finds.
        if fault is None or fault is self._broken_by:
            return self._picture()
        if fault.kind == "frozen":
            self._frozen = self._picture()
            return self._frozen
        if fault.kind == "stuck":
            self._clock.wait_outside(self._camera.is_gone)
        if fault.kind == "stalled":
            self._wait_until(fault.end_s)
        elif fault.kind == "late":
            self._wait_until(min(fault.end_s, self._clock.now() + 1.0))
        elif fault.kind == "garbage":
            return self._garbage()
        elif fault.kind == "crash":
            raise ZeroDivisionError("a driver's bug")
        elif fault.kind == "resized":
            self._broken_by = fault
            raise SourceError("The camera changes its size.", "Wait.")
        else:
            raise SourceError(f"The camera is {fault.kind}.", "Wait.")
        return self._picture()

    def _picture(self) -> ImageBgr:
        self._camera.number += 1
        return self._pattern.picture(self._camera.number)

    def close(self) -> None:
        if self._is_open:
            self._camera.open_connections -= 1
            self._is_open = False

    def _wait_until(self, time_s: float) -> None:
        self._clock.sleep(time_s - self._clock.now())

    def _garbage(self) -> ImageBgr | None:
        kinds: list[object] = [
            None,
            np.zeros((4, 4, 4), np.uint8),
            np.zeros((4, 4, 3), np.float32),
            np.zeros((0, 0, 3), np.uint8),
            b"jpeg",
        ]
        return kinds[round(self._clock.now() * FPS) % len(kinds)]  # type: ignore[return-value] # on purpose
