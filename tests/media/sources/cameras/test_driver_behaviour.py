"""What a camera is asked for, against players that behave as real drivers did."""

import sys
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from app.errors import SourceError
from app.media.sources import make
from app.media.sources.cameras.camera_input import MAX_FAILED_READS, CameraInput
from app.media.sources.cameras.camera_modes import best_mode
from app.media.sources.cameras.listing import (
    Camera,
    Remembered,
    cameras_called,
    title_of,
)
from app.media.sources.live_input import BusyError, GoneError
from app.types import CameraMode
from tests.media.corners import cornered, corners

CAMERA = Camera(3, "Logi C920", "046d:082d", "A1", "usb1/1-2")


class Capture:
    """OpenCV's, of a camera that sends MJPG; `next_read` gives its answers."""

    def __init__(self, next_read: Callable[[], tuple[bool, object]]) -> None:
        self._next_read = next_read
        self.asked: dict[int, float] = {}

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def set(self, prop: int, value: float) -> bool:
        self.asked[prop] = value
        return True

    def get(self, prop: int) -> float:
        return {
            cv2.CAP_PROP_FRAME_WIDTH: 80.0,
            cv2.CAP_PROP_FRAME_HEIGHT: 48.0,
            cv2.CAP_PROP_FPS: 20.0,
            cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"MJPG")),
        }.get(prop, 0.0)

    def read(self) -> tuple[bool, object]:
        return self._next_read()

    def grab(self) -> bool:
        return self.read()[0]

    def release(self) -> None:
        pass


def opened(
    capture: Capture, look: Callable[[], list[Camera]] = lambda: [CAMERA]
) -> CameraInput:
    camera = CameraInput(
        Remembered(CAMERA, [CAMERA]),
        CameraMode(),
        open_capture=lambda *_: capture,
        look=look,
        look_for_modes=lambda _: [],
    )
    camera.open()
    return camera


class Kernel:
    """Video buffers as V4L2 has them, in a time of their own.

    A picture goes to a buffer that is free as it begins to arrive, or nowhere; one
    that was taken is free again when the next is asked for.
    """

    def __init__(self, *, interval_s: float, decode_s: float) -> None:
        self._interval_s, self._decode_s = interval_s, decode_s
        self.buffers = 4
        self.now_s = 0.0
        self._begun = 0
        self._free: int | None = None
        self._is_filling = self._is_taken = False
        self._full = 0

    def read(self) -> tuple[bool, object]:
        if self._free is None:
            self._free = self.buffers
        self._free += self._is_taken
        while not self._full:
            self._arrive()
        self._full -= 1
        self._is_taken = True
        until_s = self.now_s + self._decode_s
        while (self._begun + 1) * self._interval_s <= until_s:
            self._arrive()
        self.now_s = until_s
        return True, np.frombuffer(JPEG, np.uint8)

    def _arrive(self) -> None:
        """Up to where a picture ends and the next begins."""
        self._begun += 1
        self.now_s = max(self.now_s, self._begun * self._interval_s)
        self._full += self._is_filling
        assert self._free is not None
        self._is_filling = self._free > 0
        self._free -= self._is_filling


JPEG = cv2.imencode(".jpg", cornered())[1].tobytes()


def rate_of(kernel: Kernel, read: Callable[[], object], count: int = 60) -> float:
    for _ in range(5):  # until the buffers are in their turn
        read()
    since_s = kernel.now_s
    for _ in range(count):
        assert read() is not None
    return count / (kernel.now_s - since_s)


@pytest.mark.parametrize("fps", [10, 20, 30])
def test_every_picture_of_a_camera_comes(fps: int) -> None:
    """A picture takes its interval to arrive; meanwhile the one before is decoded."""
    kernel = Kernel(interval_s=1 / fps, decode_s=0.4 / fps)
    capture = Capture(kernel.read)
    camera = opened(capture)
    kernel.buffers = int(capture.asked[cv2.CAP_PROP_BUFFERSIZE])
    assert rate_of(kernel, camera.read) == pytest.approx(fps, rel=0.02)
    # A buffer more is a picture more that is old when it is seen.
    assert kernel.buffers == 2
    alone = Kernel(interval_s=1 / fps, decode_s=0.4 / fps)
    alone.buffers = 1  # what half of them were lost by
    assert rate_of(alone, alone.read) == pytest.approx(fps / 2, rel=0.02)


def test_the_drivers_own_time_of_a_picture_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times_ms = iter([0.0, 12_345_678.9])  # before the first picture OpenCV says 0

    class Timed(Capture):
        def get(self, prop: int) -> float:
            if prop == cv2.CAP_PROP_POS_MSEC:
                return next(times_ms)
            return super().get(prop)

    camera = opened(Timed(lambda: (True, np.frombuffer(JPEG, np.uint8))))
    monkeypatch.setattr(sys, "platform", "linux")
    assert camera.captured_at_s is None
    camera.read()
    assert camera.captured_at_s == pytest.approx(12_345.6789)
    monkeypatch.setattr(sys, "platform", "win32")  # there it means something else
    assert camera.captured_at_s is None


def test_a_torn_picture_is_none() -> None:
    answers: list[NDArray[np.uint8]] = [
        np.frombuffer(JPEG, np.uint8),
        np.zeros((1, 400), np.uint8),
        np.frombuffer(b"\xff\xd8" + bytes(60), np.uint8),
        np.zeros(0, np.uint8),
        np.frombuffer(JPEG + bytes(500), np.uint8)[np.newaxis],  # a buffer is larger
    ]
    capture = Capture(lambda: (True, answers.pop(0)))
    camera = opened(capture)
    assert capture.asked[cv2.CAP_PROP_CONVERT_RGB] == 0
    seen = [camera.read() for _ in range(5)]
    assert [picture is not None for picture in seen] == [
        True,
        False,
        False,
        False,
        True,
    ]
    for picture in (seen[0], seen[4]):
        assert picture is not None
        assert picture.shape == (48, 80, 3)
        assert corners(picture) == "RGBW"


def test_a_camera_that_sends_nothing_but_torn_pictures_is_given_up() -> None:
    camera = opened(Capture(lambda: (True, np.zeros((1, 400), np.uint8))))
    for _ in range(MAX_FAILED_READS - 1):
        assert camera.read() is None
    with pytest.raises(SourceError, match="sends no picture"):
        camera.read()


def test_where_the_first_reads_fail_the_bus_is_spoken_of() -> None:
    camera = opened(Capture(lambda: (False, None)))
    for _ in range(MAX_FAILED_READS - 1):
        assert camera.read() is None
    with pytest.raises(SourceError, match=r"USB bus.*another port, a smaller size"):
        camera.read()
    answers = [(True, np.frombuffer(JPEG, np.uint8))]
    camera = opened(Capture(lambda: answers.pop() if answers else (False, None)))
    camera.read()
    for _ in range(MAX_FAILED_READS - 1):
        assert camera.read() is None
    with pytest.raises(SourceError, match="gives no more pictures"):
        camera.read()


def test_gone_and_busy_are_told_apart() -> None:
    there = [CAMERA]
    camera = opened(Capture(lambda: (False, None)), look=lambda: there)
    there.clear()
    for _ in range(MAX_FAILED_READS - 1):
        camera.read()
    with pytest.raises(GoneError, match="was unplugged"):
        camera.read()
    with pytest.raises(GoneError, match="is not plugged in"):
        camera.open()

    class Refused(Capture):
        def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
            return False

    with pytest.raises((BusyError, GoneError)):  # by what is at /dev/video3 here
        opened(Refused(lambda: (False, None)))


OFFERED = [
    CameraMode((640, 480), 30, "YUYV"),
    CameraMode((1024, 577), 25, "MJPG"),
    CameraMode((1280, 720), 30, "MJPG"),
    CameraMode((1280, 720), 5, "YUYV"),
]


@pytest.mark.parametrize(
    ("wish", "size_first", "expected"),
    [
        (CameraMode((1024, 577)), True, OFFERED[1]),
        (CameraMode((1280, 720)), True, OFFERED[2]),
        (CameraMode((1280, 720), 30, "YUYV"), True, OFFERED[3]),
        (CameraMode((1280, 720), 30, "YUYV"), False, OFFERED[0]),
        (CameraMode((1300, 700)), True, OFFERED[2]),  # not offered: as near as can be
    ],
)
def test_a_size_that_was_typed_comes_first(
    wish: CameraMode, size_first: bool, expected: CameraMode
) -> None:
    assert best_mode(OFFERED, wish, size_first=size_first) == expected


@pytest.mark.parametrize(
    ("text", "wish", "expected"),
    [
        ("3@1024x577", CameraMode(), True),
        ("3", CameraMode((1024, 577)), True),  # --camera-size
        ("3", CameraMode(), False),
    ],
)
def test_what_was_typed_is_known(
    monkeypatch: pytest.MonkeyPatch, text: str, wish: CameraMode, expected: bool
) -> None:
    class Told(Exception):  # noqa: N818 - no error
        pass

    def told(*_: object, size_first: bool) -> None:
        raise Told(size_first)

    monkeypatch.setattr(make, "list_cameras", lambda: [CAMERA])
    monkeypatch.setattr(make, "CameraInput", told)
    source = make.make_source(text, wish)
    with pytest.raises(SourceError) as caught:
        source.open()
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.args == (expected,)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "/sys/devices/pci0000:00/0000:00:14.0/usb{}/{}-2/{}-2.4/{}-2.4:1.0",
            "C [00:14.0-2.4:1.0]",
        ),
        (
            "/sys/devices/platform/soc/3f980000.usb/usb{}/{}-1/{}-1:1.2",
            "C [3f980000.usb-1:1.2]",
        ),
    ],
)
def test_a_title_outlasts_a_restart(before: str, after: str) -> None:
    """Which bus is number 1 is by chance; the controller and the port are not."""
    for bus in (1, 3):
        port = before.replace("{}", str(bus))
        camera = Camera(0, "C", "1:2", port=port)
        twin = Camera(2, "C", "1:2", port="/sys/devices/elsewhere/usb9/9-1/9-1:1.0")
        assert title_of(camera, [camera, twin]) == after
        # What was written down before is still understood.
        old = f"C [{port.rsplit('/', 1)[1]}]"
        assert cameras_called(old, [camera, twin]) == [camera]
