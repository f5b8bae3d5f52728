"""Which cameras there are, and which of them is the one we had."""

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import cv2

from app.media.sources.cameras.v4l2 import is_camera

SYSFS = Path("/sys/class/video4linux")
# One of several that a system has: each numbers its cameras in its own way. On
# Windows DirectShow opens them at once (opencv#17687) and knows virtual ones, too.
BACKENDS = {
    "linux": cv2.CAP_V4L2,
    "win32": cv2.CAP_DSHOW,
    "darwin": cv2.CAP_AVFOUNDATION,
}
# Where nobody can list cameras, these numbers are offered.
GUESSED_CAMERAS = 3


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that is plugged in.

    Attributes:
        number: OpenCV's; another one after the next replug or restart.
        name: as its maker calls it; twins share it.
        usb_id: "vendor:product", if it tells.
        serial: its own number, if it has one; not all makers bother.
        port: where it is plugged in, or the system's own name for the device.
    """

    number: int
    name: str
    usb_id: str = ""
    serial: str = ""
    port: str = ""

    @property
    def is_virtual(self) -> bool:
        """Whether a program makes its pictures, which may well stand still."""
        if self.port.startswith("/sys/"):
            return "/devices/virtual/" in self.port
        return bool(self.port) and not self.usb_id

    def is_twin_of(self, other: "Camera") -> bool:
        """Whether only the port could tell them apart."""
        return (self.name, self.usb_id, self.serial) == (
            other.name,
            other.usb_id,
            other.serial,
        )


def list_cameras(
    *,
    platform: str = sys.platform,
    sysfs: Path = SYSFS,
    gives_pictures: Callable[[Path], bool | None] = is_camera,
) -> list[Camera]:
    """Every camera, by number.

    None is opened, but where udev knows nothing: then once, to ask what it is.

    Args:
        platform: as `sys.platform`.
        sysfs: where Linux lists its video devices.
        gives_pictures: whether a node is a camera; None: nobody knows.
    """
    if platform == "linux":
        nodes = {
            number: node
            for node in sysfs.glob("video*")
            if (number := node.name.removeprefix("video")).isdecimal()
        }
        found = [
            camera
            for number, node in nodes.items()
            if (camera := _on_linux(int(number), node)) is not None
            and _is_known_camera(camera, gives_pictures)
        ]
        return sorted(found, key=lambda camera: camera.number)
    try:
        from cv2_enumerate_cameras import enumerate_cameras
    except ImportError:  # no wheel for this system
        return [Camera(n, f"Camera {n}") for n in range(GUESSED_CAMERAS)]
    return [
        Camera(
            number=camera.index,
            name=camera.name,
            usb_id=f"{camera.vid:04x}:{camera.pid:04x}" if camera.vid else "",
            port=camera.path or "",
        )
        for camera in enumerate_cameras(BACKENDS.get(platform, cv2.CAP_ANY))
    ]


def list_titles() -> list[tuple[int, str]]:
    """(number, title) of each camera, without opening any; fast enough for a menu.

    Titles are for people and for `make_source`, and outlast a replug; numbers do not.
    """
    cameras = list_cameras()
    return [(camera.number, title_of(camera, cameras)) for camera in cameras]


def title_of(camera: Camera, cameras: Iterable[Camera]) -> str:
    """Its name; where others have it too, with what tells them apart.

    It names the same camera after a replug and a restart, as far as can be.
    """
    twins = [other for other in cameras if _is_called(other, camera.name)]
    if len(twins) < 2:
        return camera.name
    serials = {other.serial for other in twins}
    is_told_by_serial = "" not in serials and len(serials) == len(twins)
    return f"{camera.name} [{camera.serial if is_told_by_serial else _place(camera)}]"


def cameras_called(text: str, cameras: Iterable[Camera]) -> list[Camera]:
    """Those with that name or title; several where it does not tell them apart."""
    return [
        camera
        for camera in cameras
        if _is_called(camera, text)
        or text.casefold()
        in (
            f"{camera.name} [{mark}]".casefold()
            for mark in (camera.serial, _place(camera), _old_place(camera))
        )
    ]


def camera_number(path: Path) -> int | None:
    """Of a camera's file, such as /dev/video0 or /dev/v4l/by-id/...; else None."""
    if path.parts[:2] != ("/", "dev"):
        return None
    node = re.fullmatch(r"/dev/video([0-9]+)", str(path.resolve()))
    return int(node[1]) if node else None


class Remembered:
    """A camera to be found again, and never mistaken for another one."""

    def __init__(self, camera: Camera, cameras: Iterable[Camera]) -> None:
        """Remember `camera`, one of `cameras`."""
        self.camera = camera
        # Pulled out, it must not become its twin.
        self._twin_ports = {
            other.port
            for other in cameras
            if other != camera and other.is_twin_of(camera)
        }

    def find(self, cameras: Iterable[Camera]) -> Camera | None:
        """Where it is now: at its old port, or alone of its kind at a new one."""
        if not self.camera.port:  # known by nothing but its number
            return self.camera
        alike = [other for other in cameras if other.is_twin_of(self.camera)]
        for other in alike:
            if other.port == self.camera.port:
                return other
        moved = [other for other in alike if other.port not in self._twin_ports]
        return moved[0] if len(moved) == 1 else None


def _is_called(camera: Camera, name: str) -> bool:
    return camera.name.casefold() == name.casefold()


def _place(camera: Camera) -> str:
    """A short form of its port that outlasts a restart; of a long one a checksum.

    Of a USB port, its controller and the way from there: "00:14.0-2.4:1.0". The
    number of the bus, which Linux puts first, changes from start to start.
    """
    usb = re.search(
        r"/([^/]+)/usb[0-9]+/(?:.*/)?[0-9]+-([0-9.]+:[0-9.]+)$", camera.port
    )
    if usb:
        controller = usb[1].removeprefix("0000:")
        return f"{controller}-{usb[2]}"
    return _old_place(camera)


def _old_place(camera: Camera) -> str:
    """As it was called before, and may have been written down."""
    place = Path(camera.port).name or str(camera.number)
    return place if len(place) < 20 else f"{crc32(camera.port.encode()):08x}"


def _on_linux(number: int, node: Path) -> Camera | None:
    try:
        # A camera has several nodes (pictures, metadata); index 0 is pictures.
        is_first = (node / "index").read_text().strip() == "0"
        name = (node / "name").read_text().strip()
    except OSError:  # unplugged just now
        return None
    if not is_first:
        return None
    device = (node / "device").resolve()  # the USB interface; its parent is the device
    ids = [_read(device.parent / part) for part in ("idVendor", "idProduct")]
    return Camera(
        number=number,
        name=name or f"Camera {number}",
        usb_id=":".join(ids) if all(ids) else "",
        serial=_read(device.parent / "serial"),
        port=str(device),
    )


# What was asked once of what is plugged in; menus ask every second.
_known: dict[Camera, bool] = {}


def _is_known_camera(
    camera: Camera, gives_pictures: Callable[[Path], bool | None]
) -> bool:
    """Some drivers have only nodes that take pictures in, or compress them."""
    if camera not in _known:
        answer = gives_pictures(node_of(camera.number))
        if answer is None:  # not allowed, or gone: to open it tells
            return True
        _known[camera] = answer
    return _known[camera]


def node_of(number: int) -> Path:
    """The file of camera `number` on Linux."""
    return Path(f"/dev/video{number}")


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
