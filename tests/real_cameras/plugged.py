"""Cameras to plug in, in the guest, and what the app makes of them."""

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from app.media.sources.live_source import LiveSource
from app.media.sources.make import make_source
from app.types import Frame, VideoInfo
from tests.real_cameras.pictures import COUNT, read_number
from tests.real_cameras.usb_camera import Make, run_camera

PICTURES = Path(os.environ.get("CAMERA_PICTURES", "/nowhere"))
MODES = "MJPG:322x242@10;MJPG:640x480@15;YUYV:320x240@10"
# Of one thing that is waited for; a guest on a busy machine takes its time.
LIMIT_S = 60.0
_NODES = Path("/sys/class/video4linux")
# Cameras are forked off a process that has loaded what they need: that takes seconds.
_PROCESSES = multiprocessing.get_context("forkserver")


class Plugged:
    """A USB camera in a process of its own, plugged in as it is made."""

    def __init__(
        self,
        *,
        port: int = 0,
        product: str = "Logi Test",
        serial: str = "",
        modes: str = MODES,
        is_spread: bool = False,
    ) -> None:
        """Plug it in, and wait for its nodes: pictures and metadata.

        Args:
            port: of the virtual hub.
            product: what it calls itself.
            serial: its own number.
            modes: as `uvc.read_modes` has them.
            is_spread: a picture takes its whole interval on the wire.
        """
        before = nodes()
        make = Make(PICTURES, modes, port, product, serial, is_spread)
        theirs, self._commands = _PROCESSES.Pipe(duplex=False)
        self._process = _PROCESSES.Process(target=run_camera, args=(make, theirs))
        self._process.start()
        theirs.close()
        wait_until(lambda: len(nodes() - before) >= 2, "its nodes")

    def tell(self, command: str) -> None:
        """One of the commands of usb_camera.py."""
        self._commands.send(command)

    def unplug(self) -> None:
        """For good; may be called twice."""
        self._commands.close()
        self._process.join(LIMIT_S)


def prepare() -> None:
    """Load what cameras need, once for all of them."""
    _PROCESSES.set_forkserver_preload(["tests.real_cameras.usb_camera"])


@dataclass
class Seen:
    """What came while a source was watched.

    Attributes:
        info: what the source said of itself.
        frames: with pictures of their own.
        told: "" where pictures come, else why not; each change once.
        step: how many frames there were when the last step was taken.
    """

    info: VideoInfo
    frames: list[Frame] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    step: int = 0

    @property
    def rate(self) -> float:
        """Pictures a second that were read, by the driver's own times."""
        first, last = self.frames[0], self.frames[-1]
        return (last.index - first.index) / (last.captured_at_s - first.captured_at_s)

    @property
    def share(self) -> float:
        """Of the pictures that the camera sent, by their numbers, those that were read.

        However slow an emulated machine is: camera and app are slow together.
        """
        first, last = self.frames[0], self.frames[-1]
        numbers = [read_number(frame.image_bgr) for frame in self.frames]
        sent = sum((after - before) % COUNT for before, after in pairwise(numbers))
        return (last.index - first.index) / sent


# When a step is due, and what to do then.
Step = tuple[Callable[[Seen], bool], Callable[[], object]]


def pictures(count: int) -> Callable[[Seen], bool]:
    """So many came since the step before, and they still come."""
    return lambda seen: seen.told[-1] == "" and len(seen.frames) - seen.step >= count


def nothing_comes(seen: Seen) -> bool:
    """It was said why."""
    return seen.told[-1] != ""


def watch(text: str, *steps: Step, then: int = 0) -> Seen:
    """Open `text` and watch it until every step is taken, and so many more came.

    Args:
        text: as for `--source`.
        steps: each is taken once it is due.
        then: pictures to wait for at the end.
    """
    source = make_source(text)
    assert isinstance(source, LiveSource)
    left = [*steps, (pictures(then), lambda: None)]
    try:
        seen = Seen(source.open())
        limit_s = time.monotonic() + LIMIT_S
        for frame in source.frames():
            if not seen.told or seen.told[-1] != frame.gap:
                seen.told.append(frame.gap)
            if not frame.gap:
                seen.frames.append(frame)
            if left[0][0](seen):
                left.pop(0)[1]()
                seen.step = len(seen.frames)
                limit_s = time.monotonic() + LIMIT_S
            if not left:
                break
            assert time.monotonic() < limit_s, f"{len(left)} steps left: {seen.told}"
        return seen
    finally:
        source.close()


def nodes() -> set[str]:
    """The video devices that the kernel has."""
    return {node.name for node in _NODES.glob("video*")}


def wait_until(
    is_so: Callable[[], object], what: str, limit_s: float = LIMIT_S
) -> None:
    """Look again and again; a kernel tells nobody when it is done."""
    end_s = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end_s, f"waited {limit_s:.0f} s in vain for {what}"
        time.sleep(0.02)
