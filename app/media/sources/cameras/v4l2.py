"""What Linux says of a node such as /dev/video0."""

import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path

if sys.platform == "linux":
    from fcntl import ioctl as _ioctl
else:  # nobody asks

    def _ioctl(*_: object) -> int:
        raise OSError


Ioctl = Callable[[int, int, bytearray], int]
SYSTEM_IOCTL: Ioctl = _ioctl

UDEV = Path("/run/udev/data")
# Source: linux/videodev2.h: VIDIOC_QUERYCAP, V4L2_CAP_*.
_QUERY_CAPABILITIES, _CAPABILITIES_BYTES = 0x80685600, 104
_CAPABILITIES_AT, _DEVICE_CAPABILITIES_AT = 84, 88
_CAPTURE, _CAPTURE_PLANES, _HAS_DEVICE_CAPABILITIES = 0x1, 0x1000, 0x80000000
# Both ways: a codec or a scaler.
_MEMORY_TO_MEMORY = 0x8000 | 0x4000


def is_camera(
    node: Path, *, udev: Path = UDEV, ioctl: Ioctl = SYSTEM_IOCTL
) -> bool | None:
    """Whether pictures come out of it; None where nobody may tell.

    Others carry data about pictures, take pictures in, or compress them. Asked of
    udev, and only where it does not know, of the driver: that opens the node.
    """
    try:
        number = node.stat().st_rdev
        path = udev / f"c{os.major(number)}:{os.minor(number)}"
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition("=")
            if key == "E:ID_V4L_CAPABILITIES":
                return "capture" in value.split(":")
    except OSError:
        pass
    capabilities = _capabilities(node, ioctl)
    if capabilities is None:
        return None
    is_capture = bool(capabilities & (_CAPTURE | _CAPTURE_PLANES))
    return is_capture and not capabilities & _MEMORY_TO_MEMORY


def _capabilities(node: Path, ioctl: Ioctl) -> int | None:
    """Of this node alone, where its driver tells them apart from its siblings'."""
    answer = bytearray(_CAPABILITIES_BYTES)
    try:
        fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        ioctl(fd, _QUERY_CAPABILITIES, answer)
    except OSError:
        return None
    finally:
        os.close(fd)
    (of_all,) = struct.unpack_from("<I", answer, _CAPABILITIES_AT)
    (of_node,) = struct.unpack_from("<I", answer, _DEVICE_CAPABILITIES_AT)
    return int(of_node if of_all & _HAS_DEVICE_CAPABILITIES else of_all)
