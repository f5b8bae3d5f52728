"""What each camera offers and what really comes: a report that a user can send."""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.errors import SourceError
from app.media.sources.cameras.camera_input import modes_of
from app.media.sources.cameras.listing import Camera, list_cameras, title_of
from app.media.sources.live_source import LiveSource
from app.media.sources.make import make_source
from app.types import CameraMode

WATCHED_S = 2.0


@dataclass(frozen=True, slots=True)
class CameraReport:
    """One camera.

    Attributes:
        number: OpenCV's.
        title: what it is called, in `--source` too.
        usb_id: "vendor:product", if it tells.
        offers: its modes, as text; empty where nobody can tell without opening it.
        trouble: why no pictures came, or what came between; empty where all went well.
        remedy: what to do about it.
        granted: the mode that was granted.
        size_wh: of the pictures that came.
        count: how many came while it was watched.
        rate: pictures a second, from the first to the last.
        age_ms: median from when one was taken to when it could be used; see
            docs/sources.md.
    """

    number: int
    title: str
    usb_id: str = ""
    offers: tuple[str, ...] = ()
    trouble: str = ""
    remedy: str = ""
    granted: str = ""
    size_wh: tuple[int, int] | None = None
    count: int = 0
    rate: float | None = None
    age_ms: float | None = None

    @property
    def is_well(self) -> bool:
        """Whether pictures came, and nothing was wrong."""
        return self.count > 0 and not self.trouble

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For people."""
        state = "ok" if self.is_well else "BROKEN"
        usb = f", USB {self.usb_id}" if self.usb_id else ""
        lines = [f"{state:8}{self.title} (camera {self.number}{usb})"]
        if self.size_wh is not None:
            width, height = self.size_wh
            rate = f", {self.rate:.1f} a second" if self.rate is not None else ""
            age = f", {self.age_ms:.0f} ms old" if self.age_ms is not None else ""
            lines.append(
                f"        came: {self.count} pictures of {width}x{height}{rate}{age}"
            )
        if self.granted:
            lines.append(f"        granted: {self.granted}")
        if self.offers:
            lines.append(f"        offers: {', '.join(self.offers)}")
        if self.trouble:
            lines += [f"        {self.trouble}", f"        {self.remedy}"]
        return lines


def examine_cameras(
    *,
    watched_s: float = WATCHED_S,
    look: Callable[[], Sequence[Camera]] = list_cameras,
    look_for_modes: Callable[[Camera], Sequence[CameraMode]] = modes_of,
    open_source: Callable[[str], object] = make_source,
) -> list[CameraReport]:
    """Open each camera in its turn, as the app does, and watch it for a while.

    Args:
        watched_s: seconds each, once it is open.
        look: which cameras there are.
        look_for_modes: what one offers.
        open_source: from a title to a `LiveSource`.
    """
    cameras = list(look())
    return [
        _examine(
            camera, title_of(camera, cameras), watched_s, look_for_modes, open_source
        )
        for camera in cameras
    ]


def _examine(
    camera: Camera,
    title: str,
    watched_s: float,
    look_for_modes: Callable[[Camera], Sequence[CameraMode]],
    open_source: Callable[[str], object],
) -> CameraReport:
    said: dict[str, Any] = {
        "number": camera.number,
        "title": title,
        "usb_id": camera.usb_id,
    }
    offers = tuple(str(mode) for mode in look_for_modes(camera))
    source: LiveSource | None = None
    try:
        made = open_source(title)
        if not isinstance(made, LiveSource):
            raise SourceError(
                f"A file is called {title}, too.",
                "Go to another folder, and ask again.",
            )
        source = made
        info = source.open()
        granted = CameraMode(info.size_wh, float(info.fps or 0), info.pixel_format)
        return CameraReport(
            **said, offers=offers, granted=str(granted), **_watch(source, watched_s)
        )
    except SourceError as error:
        return CameraReport(
            **said, offers=offers, trouble=error.problem, remedy=error.remedy
        )
    finally:
        if source is not None:
            source.close()


def _watch(source: LiveSource, watched_s: float) -> dict[str, Any]:
    """What came until the time was over."""
    # Where no picture comes, `frames` says nothing for seconds.
    timer = threading.Timer(watched_s, source.stop)
    timer.start()
    times_s: list[float] = []
    ages_s: list[float] = []
    seen: dict[str, Any] = {}
    try:
        for frame in source.frames():
            if frame.gap:
                seen |= {"trouble": frame.gap, "remedy": _SEE}
                continue
            height, width = frame.image_bgr.shape[:2]
            seen["size_wh"] = (width, height)
            times_s.append(frame.captured_at_s)
            ages_s.append(time.monotonic() - frame.captured_at_s)
    finally:
        timer.cancel()
        timer.join()
    if not times_s:
        seen.setdefault("trouble", f"It gave no picture in {watched_s:g} s.")
        seen.setdefault("remedy", _SEE)
        return seen
    seen |= {"count": len(times_s), "age_ms": 1000 * statistics.median(ages_s)}
    if len(times_s) > 1 and times_s[-1] > times_s[0]:
        seen["rate"] = (len(times_s) - 1) / (times_s[-1] - times_s[0])
    return seen


_SEE = "See docs/sources.md, or try another port, a smaller size, or MJPG."
