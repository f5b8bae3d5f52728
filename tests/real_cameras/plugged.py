"""Cameras to plug in, in the guest, and what the app makes of them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.media.sources.live_source import LiveSource
from app.media.sources.make import make_source
from app.types import Frame, VideoInfo
from tests.python import ROOT

PICTURES = Path(os.environ.get("CAMERA_PICTURES", "/nowhere"))
MODES = "MJPG:322x242@10;MJPG:640x480@15;YUYV:320x240@10"
_NODES = Path("/sys/class/video4linux")


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
        program = [sys.executable, "-m", "tests.real_cameras.usb_camera"]
        program += ["--port", str(port), "--product", product, "--modes", modes]
        program += ["--pictures", str(PICTURES), "--serial", serial]
        self._process = subprocess.Popen(
            program + ["--spread"] * is_spread,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: len(nodes() - before) >= 2, "its nodes")

    def tell(self, command: str) -> None:
        """One of the commands of usb_camera.py."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()

    def unplug(self) -> None:
        """For good; may be called twice."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait(20)


@dataclass
class Seen:
    """What came while a source was watched.

    Attributes:
        info: what the source said of itself.
        frames: with pictures of their own; only the last one's image is kept.
        told: "" where pictures come, else why not; each change once.
        seconds: from the first picture to the last, on the source's clock.
    """

    info: VideoInfo
    frames: list[Frame] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.frames[-1].timestamp_s - self.frames[0].timestamp_s

    @property
    def rate(self) -> float:
        return (len(self.frames) - 1) / self.seconds


def watch(
    text: str, seconds: float, *script: tuple[float, Callable[[], object]]
) -> Seen:
    """Open `text` and watch it from its first picture on.

    Args:
        text: as for `--source`.
        seconds: from the first picture.
        script: what to do after how many seconds, in order.
    """
    source = make_source(text)
    assert isinstance(source, LiveSource)
    try:
        seen = Seen(source.open())
        steps = list(script)
        begun_s: float | None = None
        limit_s = time.monotonic() + seconds + 30
        for frame in source.frames():
            now_s = time.monotonic()
            if not seen.told or seen.told[-1] != frame.gap:
                seen.told.append(frame.gap)
            if not frame.gap:
                begun_s = begun_s or now_s
                seen.frames.append(frame)
            since_s = now_s - begun_s if begun_s is not None else 0.0
            while steps and since_s >= steps[0][0]:
                steps.pop(0)[1]()
            if since_s > seconds or now_s > limit_s:
                break
        return seen
    finally:
        source.close()


def nodes() -> set[str]:
    """The video devices that the kernel has."""
    return {node.name for node in _NODES.glob("video*")}


def wait_until(is_so: Callable[[], object], what: str, limit_s: float = 30.0) -> None:
    """Look again and again; a kernel tells nobody when it is done."""
    end_s = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end_s, f"waited {limit_s:.0f} s in vain for {what}"
        time.sleep(0.02)
