"""What app.media.camera_source promises, with the camera faked."""

import itertools
import threading
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.errors import SourceError
from app.media.camera_source import MAX_FAILED_READS, CameraSource, list_cameras
from app.types import ImageBgr


class FakeCapture:
    """A camera that grants 640x480 at 15 fps, whatever it is asked."""

    def __init__(self, *, opens: bool = True, reads: int = 5) -> None:
        self._opens = opens
        self._reads = reads
        self.asked: list[int] = []
        self.released_by: list[str] = []

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opens

    def set(self, prop: int, value: float) -> bool:
        self.asked.append(prop)
        return True

    def get(self, prop: int) -> float:
        granted = {
            cv2.CAP_PROP_FRAME_WIDTH: 640.0,
            cv2.CAP_PROP_FRAME_HEIGHT: 480.0,
            cv2.CAP_PROP_FPS: 15.0,
        }
        return granted.get(prop, 0.0)

    def read(self) -> tuple[bool, ImageBgr | None]:
        self._reads -= 1
        if self._reads < 0:
            return False, None
        return True, np.zeros((480, 640, 3), np.uint8)

    def release(self) -> None:
        self.released_by.append(threading.current_thread().name)


def test_the_info_says_what_was_granted_not_what_was_asked() -> None:
    source = CameraSource(
        3, size_wh=(1920, 1080), open_capture=lambda *_: FakeCapture()
    )
    info = source.open()
    assert (info.name, info.size_wh, info.fps) == ("Camera 3", (640, 480), Fraction(15))
    assert (info.is_live, info.frame_count, info.duration_s) == (True, None, None)
    source.close()


def test_the_format_is_asked_for_before_the_size() -> None:
    capture = FakeCapture()
    source = CameraSource(0, open_capture=lambda *_: capture)
    source.open()
    order = [cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FPS]
    assert [prop for prop in capture.asked if prop in order] == order


def test_frames_carry_the_capture_clock() -> None:
    source = CameraSource(0, open_capture=lambda *_: FakeCapture())
    source.open()
    frames = list(itertools.islice(source.frames(), 5))
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert frames[0].timestamp_s == 0.0
    for one, other in itertools.pairwise(frames):
        assert other.timestamp_s - one.timestamp_s == pytest.approx(
            other.captured_at_s - one.captured_at_s
        )


def test_a_camera_that_stops_is_reported_after_its_last_frame() -> None:
    capture = FakeCapture(reads=5)
    source = CameraSource(0, open_capture=lambda *_: capture)
    source.open()
    seen = 0
    with pytest.raises(SourceError, match="Camera 0 gives no more pictures"):  # noqa: PT012
        for _ in source.frames():
            seen += 1
    assert seen == 5
    source.close()
    assert len(capture.released_by) == 1


def test_a_hiccup_is_no_end() -> None:
    capture = FakeCapture()
    answers = iter([True] + [False] * (MAX_FAILED_READS - 1) + [True, True])
    image = np.zeros((480, 640, 3), np.uint8)

    def read() -> tuple[bool, ImageBgr | None]:
        return (True, image) if next(answers) else (False, None)

    capture.read = read  # type: ignore[method-assign] # scripted
    source = CameraSource(0, open_capture=lambda *_: capture)
    source.open()
    assert len(list(itertools.islice(source.frames(), 3))) == 3


def test_a_camera_that_does_not_open_is_let_go_of() -> None:
    capture = FakeCapture(opens=False)
    source = CameraSource(7, open_capture=lambda *_: capture)
    with pytest.raises(SourceError, match="Camera 7 cannot be opened") as caught:
        source.open()
    assert "plugged in" in caught.value.remedy
    source.close()
    assert len(capture.released_by) == 1


def test_opencv_itself_refuses_camera_99_without_a_word(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SourceError, match="Camera 99 cannot be opened"):
        CameraSource(99).open()
    assert capfd.readouterr().err == ""


def test_linux_cameras_are_listed_by_name_without_opening(tmp_path: Path) -> None:
    for node, index, name in (
        ("video2", "0", "Logi C920"),
        ("video3", "1", "Logi C920"),  # its metadata, not a camera
        ("video0", "0", "Integrated Camera"),
    ):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(f"{index}\n")
        (tmp_path / node / "name").write_text(f"{name}\n")
    (tmp_path / "video9").mkdir()  # unplugged just now
    assert list_cameras(platform="linux", sysfs=tmp_path) == [
        (0, "Integrated Camera"),
        (2, "Logi C920"),
    ]
    assert list_cameras(platform="linux", sysfs=tmp_path / "none") == []


def test_elsewhere_some_numbers_are_offered(tmp_path: Path) -> None:
    assert list_cameras(platform="win32", sysfs=tmp_path)[0] == (0, "Camera 0")
