"""What app.media.sources.cameras.v4l2 promises."""

import errno
import struct
from pathlib import Path

import pytest

from app.errors import SourceError
from app.media.sources import make
from app.media.sources.cameras.listing import Camera, list_cameras
from app.media.sources.cameras.v4l2 import is_camera
from app.media.sources.make import make_source

# linux/videodev2.h: V4L2_CAP_*.
CAPTURE, OUTPUT, M2M = 0x1, 0x2, 0x8000
CAPTURE_PLANES, M2M_PLANES, META_CAPTURE = 0x1000, 0x4000, 0x00800000
STREAMING, OF_NODE = 0x04000000, 0x80000000


class Driver:
    """Answers VIDIOC_QUERYCAP: what the device can, and what this node can."""

    def __init__(self, of_all: int, of_node: int) -> None:
        self._of_all, self._of_node = of_all, of_node
        self.asked = 0

    def ioctl(self, _: int, code: int, answer: bytearray) -> int:
        assert code == 0x80685600
        self.asked += 1
        struct.pack_into(
            "<16s32s32sIII", answer, 0, b"uvcvideo", b"Logi", b"usb", 6, self._of_all,
            self._of_node,
        )  # fmt: skip
        return 0


@pytest.mark.parametrize(
    ("of_node", "expected"),
    [
        (CAPTURE | STREAMING, True),
        (CAPTURE_PLANES | STREAMING, True),  # a phone's or a board's camera
        (META_CAPTURE | STREAMING, False),  # the second node of a webcam
        (OUTPUT | STREAMING, False),  # a loopback nobody writes to, vivid's output
        (M2M | STREAMING, False),  # a Raspberry Pi's encoder
        (M2M_PLANES | CAPTURE_PLANES, False),
    ],
)
def test_a_node_that_gives_no_pictures_is_no_camera(
    tmp_path: Path, of_node: int, expected: bool
) -> None:
    node = tmp_path / "video0"
    node.touch()
    # Its device can do it all: it is the node that counts.
    driver = Driver(CAPTURE | META_CAPTURE | OUTPUT | OF_NODE, of_node)
    assert is_camera(node, udev=tmp_path, ioctl=driver.ioctl) is expected


def test_an_old_driver_that_tells_of_the_device_alone_is_believed(
    tmp_path: Path,
) -> None:
    (tmp_path / "video0").touch()
    driver = Driver(CAPTURE, 0)
    assert is_camera(tmp_path / "video0", udev=tmp_path, ioctl=driver.ioctl) is True


@pytest.mark.parametrize(
    ("said", "expected"), [(":capture:", True), (":", False), (":video_output:", False)]
)
def test_where_udev_knows_no_node_is_opened(
    tmp_path: Path, said: str, expected: bool
) -> None:
    node = tmp_path / "video0"
    node.touch()  # a plain file: device 0:0
    (tmp_path / "c0:0").write_text(
        f"E:ID_V4L_VERSION=2\nE:ID_V4L_CAPABILITIES={said}\n"
    )
    driver = Driver(0, 0)
    assert is_camera(node, udev=tmp_path, ioctl=driver.ioctl) is expected
    assert driver.asked == 0


def test_what_cannot_be_asked_is_not_judged(tmp_path: Path) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOTTY, "no such request")

    node = tmp_path / "video0"
    assert is_camera(node, udev=tmp_path) is None
    node.touch()
    assert is_camera(node, udev=tmp_path, ioctl=refuse) is None


def test_nodes_that_are_no_cameras_are_not_listed(tmp_path: Path) -> None:
    for number, name in enumerate(("Webcam", "Output only", "Codec")):
        folder = tmp_path / f"video{number}"
        folder.mkdir()
        (folder / "index").write_text("0\n")
        (folder / "name").write_text(f"{name} of this test\n")
    asked: list[str] = []

    def gives_pictures(node: Path) -> bool | None:
        asked.append(node.name)
        return {"video0": True, "video1": False, "video2": None}[node.name]

    for _ in range(3):  # menus ask every second
        cameras = list_cameras(
            platform="linux", sysfs=tmp_path, gives_pictures=gives_pictures
        )
        assert [camera.number for camera in cameras] == [0, 2]
    # Once each; who may not be asked now may be later.
    assert asked.count("video0") == asked.count("video1") == 1


def test_the_number_of_another_part_of_a_camera_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = [Camera(0, "Logi C920")]
    monkeypatch.setattr(make, "list_cameras", lambda: there)
    monkeypatch.setattr(make, "is_camera", lambda node: node.name != "video1")
    for text in ("1", "/dev/video1", "1@640x480"):
        with pytest.raises(SourceError, match=r"video1 gives no pictures.*Logi C920"):
            make_source(text)
    make_source("0")
    make_source("2")  # not listed, but maybe there: to open it tells


@pytest.mark.parametrize(
    "text",
    ["Logi C920@1280x720/30/MJPG", "Logi C920 [1-2:1.0]", "C920 [00:14.0-2:1.0]"],
)
def test_a_camera_that_is_unplugged_is_not_taken_for_a_file(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(make, "list_cameras", list)
    with pytest.raises(SourceError, match="There is no camera and no file called"):
        make_source(text)
