"""What app.media.sources.cameras.camera_input promises, with the camera faked."""

import os
import sys
import threading
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.errors import SourceError
from app.media.sources.cameras.camera_input import MAX_FAILED_READS, CameraInput
from app.media.sources.cameras.listing import Camera, Remembered
from app.types import CameraMode, ImageBgr


class FakeCapture:
    """A camera that grants 640x480 YUYV at 15 fps, whatever it is asked."""

    def __init__(self, *, opens: bool = True, reads: int = 5) -> None:
        self._opens = opens
        self.reads = reads
        self.asked: list[tuple[int, float]] = []
        self.released_by: list[str] = []
        self.grabbed = 0

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opens

    def set(self, prop: int, value: float) -> bool:
        self.asked.append((prop, value))
        return True

    def get(self, prop: int) -> float:
        granted = {
            cv2.CAP_PROP_FRAME_WIDTH: 640.0,
            cv2.CAP_PROP_FRAME_HEIGHT: 480.0,
            cv2.CAP_PROP_FPS: 15.0,
            cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"YUYV")),
        }
        return granted.get(prop, 0.0)

    def read(self) -> tuple[bool, ImageBgr | None]:
        self.reads -= 1
        if self.reads < 0:
            return False, None
        return True, np.zeros((480, 640, 3), np.uint8)

    def grab(self) -> bool:
        self.grabbed += 1
        return self.read()[0]

    def release(self) -> None:
        self.released_by.append(threading.current_thread().name)


CAMERA = Camera(3, "Logi C920", "046d:082d", "A1", "usb1/1-2")


def camera_input(
    capture: FakeCapture,
    wish: CameraMode = CameraMode(),  # noqa: B008 - frozen
    modes: Sequence[CameraMode] = (),
) -> CameraInput:
    return CameraInput(
        Remembered(CAMERA, [CAMERA]),
        wish,
        open_capture=lambda *_: capture,
        look=lambda: [CAMERA],
        look_for_modes=lambda _: list(modes),
    )


def test_the_info_says_what_was_granted_not_what_was_asked() -> None:
    camera = camera_input(FakeCapture(), wish=CameraMode((1920, 1080), 60))
    info = camera.open()
    assert (info.name, info.size_wh, info.fps, info.pixel_format) == (
        "Logi C920",
        (640, 480),
        Fraction(15),
        "YUYV",
    )
    assert (info.is_live, info.frame_count, info.duration_s) == (True, None, None)
    camera.close()


@pytest.mark.parametrize(
    ("modes", "wish", "asked"),
    [
        # Where nobody can tell what it offers.
        ([], CameraMode((1920, 1080), 60), ("MJPG", 1920, 1080, 60)),
        ([], CameraMode((640, 480), 30, "YUYV"), ("YUYV", 640, 480, 30)),
        (
            [CameraMode((640, 480), 30, "YUYV"), CameraMode((640, 480), 30, "MJPG")],
            CameraMode((1920, 1080), 60),
            ("YUYV", 640, 480, 30),
        ),
    ],
)
def test_it_is_asked_for_what_it_can_do_the_format_first(
    modes: list[CameraMode], wish: CameraMode, asked: tuple[str, int, int, int]
) -> None:
    capture = FakeCapture()
    info = camera_input(capture, wish, modes).open()
    assert info.modes == tuple(modes)
    pixel_format, width, height, fps = asked
    assert capture.asked[:4] == [
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*pixel_format)),
        (cv2.CAP_PROP_FRAME_WIDTH, width),
        (cv2.CAP_PROP_FRAME_HEIGHT, height),
        (cv2.CAP_PROP_FPS, fps),
    ]


def test_a_camera_that_moved_is_opened_where_it_is_now() -> None:
    opened = []

    def open_capture(number: int, _: int) -> FakeCapture:
        opened.append(number)
        return FakeCapture()

    moved = Camera(5, "Logi C920", "046d:082d", "A1", "usb2/2-1")
    CameraInput(
        Remembered(CAMERA, [CAMERA]),
        CameraMode(),
        open_capture=open_capture,
        look=lambda: [Camera(3, "Another", port="usb1/1-2"), moved],
    ).open()
    assert opened == [5]


def test_a_hiccup_is_no_end() -> None:
    camera = camera_input(capture := FakeCapture(reads=0))
    camera.open()
    for _ in range(MAX_FAILED_READS - 1):
        assert camera.read() is None
    capture.reads = 5
    assert camera.read() is not None
    capture.reads = 0
    for _ in range(MAX_FAILED_READS - 1):
        assert camera.read() is None
    with pytest.raises(SourceError, match="Logi C920 gives no more pictures"):
        camera.read()
    camera.close()
    assert len(capture.released_by) == 1


def test_what_is_skipped_is_grabbed_alone_and_counts_as_read() -> None:
    camera = camera_input(capture := FakeCapture(reads=1))
    camera.open()
    assert camera.skip()
    for _ in range(MAX_FAILED_READS - 1):
        assert not camera.skip()
    with pytest.raises(SourceError, match="gives no more pictures"):
        camera.skip()
    assert capture.grabbed == 1 + MAX_FAILED_READS
    camera.close()


def test_one_that_was_pulled_out_is_said_to_be() -> None:
    cameras = [CAMERA]
    camera = CameraInput(
        Remembered(CAMERA, cameras),
        CameraMode(),
        open_capture=lambda *_: FakeCapture(reads=0),
        look=lambda: cameras,
    )
    camera.open()
    cameras.clear()
    with pytest.raises(SourceError, match="was unplugged"):  # noqa: PT012
        for _ in range(MAX_FAILED_READS):
            camera.read()
    with pytest.raises(SourceError, match="is not plugged in"):
        camera.open()


@pytest.mark.parametrize(
    ("exists", "is_allowed", "said"),
    [
        (False, True, "is not plugged in"),
        (True, False, "not allowed to use Logi C920.*usermod"),
        (True, True, "another program seems to be using it"),
    ],
)
def test_why_it_does_not_open_is_said(
    monkeypatch: pytest.MonkeyPatch, exists: bool, is_allowed: bool, said: str
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "exists", lambda _: exists)
    monkeypatch.setattr(os, "access", lambda *_: is_allowed)
    camera = camera_input(capture := FakeCapture(opens=False))
    with pytest.raises(SourceError, match=said):
        camera.open()
    camera.close()
    assert len(capture.released_by) == 1


def test_opencv_itself_refuses_camera_99_without_a_word(
    capfd: pytest.CaptureFixture[str],
) -> None:
    camera = Remembered(Camera(99, "Camera 99"), [])
    with pytest.raises(SourceError, match="Camera 99 is not plugged in"):
        CameraInput(camera, CameraMode()).open()
    assert capfd.readouterr().err == ""
