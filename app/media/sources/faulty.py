"""A synthetic camera that fails as a script says.

For tests, and to see how the app takes it: `--source test:unplugged`.
"""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from app.errors import SourceError
from app.media.sources.synthetic import BITS, SyntheticInput
from app.types import ImageBgr, VideoInfo

KINDS = (
    "unplugged",  # reading and opening fail
    "busy",  # the connection breaks; opening fails
    "frozen",  # one picture over and over, until somebody connects anew
    "stalled",  # reading blocks until the end
    "stuck",  # reading blocks for ever; a new connection works
    "hangs",  # the connection breaks; opening blocks until the end, then fails
    "late",  # one picture a second
    "resized",  # the connection breaks; the next one has another size
    "garbage",  # no pictures, wrong shapes, wrong types
    "crash",  # an exception nobody thought of
)
# What a new connection does not suffer from.
CURABLE = ("frozen", "stuck", "resized")
# The number in each picture is its time, so often a second.
TICKS = 100
_OPEN_S = 0.1


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that befalls the camera, in seconds of its own time."""

    kind: str
    at_s: float
    end_s: float


def endless(kind: str) -> Iterator[Fault]:
    """That fault again and again, for five seconds, after as many of peace."""
    return (Fault(kind, start_s, start_s + 5.0) for start_s in itertools.count(5, 10))


def random_faults(seed: int) -> Iterator[Fault]:
    """Of every kind, short and long, each after three seconds of peace."""
    rng = random.Random(seed)
    now_s = 3.0
    while True:
        end_s = now_s + rng.choice((0.05, 0.3, 1.0, 2.0, 5.0)) * rng.uniform(0.5, 1.5)
        yield Fault(rng.choice(KINDS), now_s, end_s)
        now_s = end_s + 3.0


class FaultyCamera:
    """The device; each of its inputs is a connection to it.

    Attributes:
        open_count: how many connections are open just now.
    """

    def __init__(
        self,
        faults: Iterator[Fault],
        *,
        sizes_wh: tuple[tuple[int, int], tuple[int, int]] = ((1280, 720), (960, 720)),
        fps: int = 30,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        hang: Callable[[], object] = lambda: threading.Event().wait(),
    ) -> None:
        """Plug it in.

        Args:
            faults: what befalls it, one after another.
            sizes_wh: "resized" takes turns with them.
            fps: pictures a second.
            now: its time begins with this.
            sleep: goes with `now`.
            hang: does not return.
        """
        self._faults = faults
        self._sizes_wh = sizes_wh
        self._now = now
        self._started_s = now()
        self._lock = threading.Lock()  # guards what follows
        self._size = 0
        self._upcoming = next(faults, None)
        self.open_count = 0
        self.fps = fps
        self.sleep = sleep
        self.hang = hang

    def now(self) -> float:
        """Seconds since it was plugged in."""
        return self._now() - self._started_s

    def fault(self) -> Fault | None:
        """What befalls it just now."""
        now_s = self.now()
        with self._lock:
            while self._upcoming is not None and self._upcoming.end_s <= now_s:
                self._upcoming = next(self._faults, None)
            upcoming = self._upcoming
        return None if upcoming is None or upcoming.at_s > now_s else upcoming

    def connect(self) -> "_FaultyInput":
        """A new connection, not open yet."""
        return _FaultyInput(self)

    def change_size(self) -> None:
        """From the next connection on."""
        with self._lock:
            self._size = 1 - self._size

    def count(self, connections: int) -> None:
        """Keep `open_count`."""
        with self._lock:
            self.open_count += connections

    def pattern(self) -> SyntheticInput:
        """Draws its pictures."""
        return SyntheticInput(size_wh=self._sizes_wh[self._size], fps=self.fps)


class _FaultyInput:
    """A `LiveInput`."""

    def __init__(self, camera: FaultyCamera) -> None:
        self._camera = camera
        self._cured: Fault | None = None  # by connecting anew
        self._frozen: ImageBgr | None = None
        self._is_open = False

    def open(self) -> VideoInfo:
        self._camera.sleep(_OPEN_S)
        fault = self._camera.fault()
        if fault is not None:
            self._open_despite(fault)
        self._is_open = True
        self._camera.count(1)
        self._pattern = self._camera.pattern()
        return replace(self._pattern.open(), name="Test camera")

    def _open_despite(self, fault: Fault) -> None:
        if fault.kind in ("unplugged", "busy", "crash"):
            raise _failure(fault)
        if fault.kind == "hangs":
            self._sleep_until(fault.end_s)
            raise SourceError("The test camera does not open.", "Wait.")
        if fault.kind == "resized":
            self._camera.change_size()
        if fault.kind in CURABLE:
            self._cured = fault

    def read(self) -> ImageBgr | None:
        self._camera.sleep(1 / self._camera.fps)
        fault = self._camera.fault()
        if self._frozen is not None:  # for ever, on this connection
            return self._frozen
        # What befell while nobody looked befalls the connection it finds.
        if fault is None or fault is self._cured:
            return self._picture()
        return self._read_despite(fault)

    def _read_despite(self, fault: Fault) -> ImageBgr | None:
        if fault.kind == "frozen":
            self._frozen = self._picture()
            return self._frozen
        if fault.kind == "stuck":
            self._camera.hang()
        elif fault.kind == "stalled":
            self._sleep_until(fault.end_s)
        elif fault.kind == "late":
            self._sleep_until(min(fault.end_s, self._camera.now() + 1.0))
        elif fault.kind == "garbage":
            return self._garbage()
        elif fault.kind == "crash":
            raise ZeroDivisionError("a driver's bug")
        else:
            raise _failure(fault)
        return self._picture()

    def close(self) -> None:
        if self._is_open:
            self._camera.count(-1)
            self._is_open = False

    def _picture(self) -> ImageBgr:
        return self._pattern.picture(int(self._camera.now() * TICKS) % (1 << BITS))

    def _sleep_until(self, time_s: float) -> None:
        self._camera.sleep(max(0.0, time_s - self._camera.now()))

    def _garbage(self) -> ImageBgr | None:
        kinds: list[object] = [
            None,
            np.zeros((4, 4, 4), np.uint8),
            np.zeros((4, 4, 3), np.float32),
            np.zeros((0, 0, 3), np.uint8),
            b"jpeg",
        ]
        at = round(self._camera.now() * self._camera.fps) % len(kinds)
        return kinds[at]  # type: ignore[return-value] # on purpose


def _failure(fault: Fault) -> SourceError:
    """In whole sentences, which can be translated."""
    if fault.kind == "unplugged":
        return SourceError("The test camera was unplugged.", "Wait.")
    if fault.kind == "busy":
        return SourceError("The test camera is in use by another app.", "Wait.")
    return SourceError("The test camera has lost its connection.", "Wait.")
