"""What app.media.sources.cameras.camera_modes promises."""

import struct
from pathlib import Path

import pytest

from app.media.sources.cameras.camera_modes import best_mode, list_modes, parse_mode
from app.types import CameraMode

# A Logitech C920 and most others: uncompressed, 720p at 10 frames a second is all
# that fits through USB 2.
YUYV_VGA = CameraMode((640, 480), 30, "YUYV")
YUYV_720 = CameraMode((1280, 720), 10, "YUYV")
YUYV_1080 = CameraMode((1920, 1080), 5, "YUYV")
MJPG_VGA = CameraMode((640, 480), 30, "MJPG")
MJPG_720 = CameraMode((1280, 720), 30, "MJPG")
MJPG_720_FAST = CameraMode((1280, 720), 60, "MJPG")
MJPG_1080 = CameraMode((1920, 1080), 30, "MJPG")
C920 = [YUYV_VGA, YUYV_720, YUYV_1080, MJPG_VGA, MJPG_720, MJPG_720_FAST, MJPG_1080]


@pytest.mark.parametrize(
    ("wish", "best"),
    [
        # Where it gives no more, nothing is compressed.
        (CameraMode((640, 480), 30), YUYV_VGA),
        (CameraMode((1280, 720), 10), YUYV_720),
        (CameraMode((1280, 720), 30), MJPG_720),
        (CameraMode((1280, 720), 60), MJPG_720_FAST),
        (CameraMode((1920, 1080), 60), MJPG_1080),
        (CameraMode((3840, 2160), 30), MJPG_1080),
        (CameraMode((800, 600), 30), MJPG_720),
        (CameraMode((320, 240), 30), YUYV_VGA),
        # What was asked for by name is taken, if there is any of it.
        (CameraMode((1280, 720), 30, "YUYV"), YUYV_VGA),
        (CameraMode((1280, 720), 5, "YUYV"), YUYV_720),
        (CameraMode((640, 480), 30, "MJPG"), MJPG_VGA),
        (CameraMode((640, 480), 30, "NV12"), YUYV_VGA),
    ],
    ids=str,
)
def test_it_compresses_only_where_that_gives_more(
    wish: CameraMode, best: CameraMode
) -> None:
    assert best_mode(C920, wish) == best
    assert best_mode(C920[::-1], wish) == best


def test_of_nothing_nothing_is_best() -> None:
    assert best_mode([], CameraMode()) is None


@pytest.mark.parametrize("mode", [*C920, CameraMode((640, 360), 29.97)], ids=str)
def test_a_mode_comes_back_from_its_text(mode: CameraMode) -> None:
    assert parse_mode(str(mode)) == mode


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("640x480", CameraMode((640, 480))),
        (" 640X480/15 ", CameraMode((640, 480), 15)),
        ("640x480/yuyv", CameraMode((640, 480), 30, "YUYV")),
        ("640", None),
        ("640x", None),
        ("0x480", None),
        ("640x480/0", None),
        ("640x480/nan", None),
        ("640x480/30/MJPG/1", None),
        ("640x480/-5", None),
        ("home.example", None),
    ],
)
def test_what_may_be_left_out_and_what_is_no_mode(
    text: str, mode: CameraMode | None
) -> None:
    assert parse_mode(text) == mode


class Driver:
    """Answers as the kernel does (include/uapi/linux/videodev2.h, 6.1).

    Attributes:
        formats: for each format its sizes, and for each of these its rates as
            (seconds, frames); a size may be six numbers, a range.
    """

    def __init__(
        self, formats: dict[bytes, dict[tuple[int, ...], list[tuple[int, int]]]]
    ) -> None:
        self._formats = formats

    def __call__(self, fd: int, request: int, arg: bytearray) -> int:
        # _IOWR('V', number, size): how many bytes the kernel reads and writes.
        assert request >> 30 == 3
        assert (request >> 16) & 0x3FFF == len(arg)
        assert (request >> 8) & 0xFF == ord("V")
        index = struct.unpack_from("<I", arg)[0]
        try:
            {2: self._format, 74: self._size, 75: self._rate}[request & 0xFF](
                index, arg
            )
        except IndexError:
            raise OSError(22, "Invalid argument") from None
        return 0

    def _format(self, index: int, arg: bytearray) -> None:
        assert struct.unpack_from("<I", arg, 4)[0] == 1  # VIDEO_CAPTURE
        arg[44:48] = list(self._formats)[index]

    def _size(self, index: int, arg: bytearray) -> None:
        size = list(self._formats[bytes(arg[4:8])])[index]
        kind = 1 if len(size) == 2 else 3  # DISCRETE, STEPWISE
        struct.pack_into(f"<I{len(size)}I", arg, 8, kind, *size)

    def _rate(self, index: int, arg: bytearray) -> None:
        sizes = self._formats[bytes(arg[4:8])]
        wanted = struct.unpack_from("<II", arg, 8)
        rates = sizes.get(wanted) or next(
            rates for size, rates in sizes.items() if len(size) > 2
        )
        struct.pack_into("<III", arg, 16, 1, *rates[index])


def test_a_driver_is_asked_for_all_it_offers(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch()
    driver = Driver(
        {
            b"MJPG": {(1280, 720): [(1, 60), (1, 30)], (640, 480): [(1001, 30_000)]},
            b"H264": {(1920, 1080): [(1, 30)]},  # OpenCV makes no pictures of it
            b"YUYV": {(640, 480): [(1, 30)], (1280, 720): [(2, 15)]},
        }
    )
    assert list_modes(node, ioctl=driver) == [
        CameraMode((1280, 720), 60, "MJPG"),
        CameraMode((1280, 720), 30, "MJPG"),
        CameraMode((640, 480), 29.97, "MJPG"),
        CameraMode((640, 480), 30, "YUYV"),
        CameraMode((1280, 720), 7.5, "YUYV"),
    ]


def test_of_a_range_the_usual_sizes_are_offered(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch()
    a_range = (32, 2592, 2, 32, 1944, 2)  # a Raspberry Pi's camera, version 1
    driver = Driver({b"YU12": {a_range: [(1, 90)]}})
    assert [mode.size_wh for mode in list_modes(node, ioctl=driver)] == [
        (320, 240),
        (640, 480),
        (1280, 720),
        (1920, 1080),
    ]


def test_what_does_not_answer_offers_nothing(tmp_path: Path) -> None:
    assert list_modes(tmp_path / "video9") == []
    plain = tmp_path / "video0"
    plain.touch()
    assert list_modes(plain) == []  # the kernel itself: no camera
