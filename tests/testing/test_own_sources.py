"""Every source of ours keeps the laws of app.testing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import cv2
import pytest

from app.media.sources.faulty import FaultyCamera, endless
from app.media.sources.file_source import FileSource
from app.media.sources.live_source import LiveSource
from app.media.sources.make import make_source
from app.media.sources.photo_source import PhotoSource
from app.media.sources.synthetic import SyntheticInput
from app.testing import check_source
from app.types import ImageBgr
from tests.media.clips import numbered_picture, write_video
from tests.media.servers import Numbers, mjpeg_server, rtsp_server
from tests.media.sources.cameras.test_camera_input import FakeCapture, camera_input

EVEN_S = [i / 25 for i in range(30)]


def photos(folder: Path, *, count: int = 4) -> list[Path]:
    paths = []
    for number in range(count):
        path = folder / f"{number}.png"
        _, data = cv2.imencode(".png", numbered_picture(number, (64 + number, 48)))
        path.write_bytes(data.tobytes())
        paths.append(path)
    return paths


@pytest.mark.parametrize(
    ("name", "codec", "times_s"),
    [
        ("even.mp4", "libx264", EVEN_S),
        ("uneven.mkv", "libx264", [0.0, 0.04, 0.3, 0.31, 0.5, 0.9, 0.94, 2.0]),
        ("late.ts", "mpeg2video", [3.0 + at_s for at_s in EVEN_S]),
        ("old.avi", "mjpeg", EVEN_S),
    ],
)
def test_files(tmp_path: Path, name: str, codec: str, times_s: list[float]) -> None:
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = write_video(
        tmp_path / name,
        times_s,
        codec=codec,
        pix_fmt=pix_fmt,
        options={"strict": "-1"},
        time_base=Fraction(1, 25) if name != "uneven.mkv" else Fraction(1, 1000),
    )
    check_source(lambda: FileSource(path))


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "folder"])
def test_files_that_are_none(tmp_path: Path, clip: Path, kind: str) -> None:
    path = tmp_path / "bad.mp4"
    if kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("no video " * 100)
    elif kind == "folder":
        path.mkdir()
    check_source(
        lambda: FileSource(clip), fails=lambda: FileSource(path), frame_count=2
    )


@pytest.mark.parametrize("fps", [None, Fraction(10)])
def test_photos(tmp_path: Path, fps: Fraction | None) -> None:
    paths = photos(tmp_path)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no photo" * 20)
    check_source(
        lambda: PhotoSource([paths[0], broken, *paths[1:]], name="p", fps=fps),
        fails=lambda: PhotoSource([broken, tmp_path / "none.png"], name="p"),
    )


def test_the_test_pattern_and_one_that_does_not_answer() -> None:
    def missing() -> SyntheticInput:
        raise OSError("no such device")

    check_source(
        lambda: make_source("test@64x48/100"),
        fails=lambda: LiveSource(missing, name="Camera"),
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["crash", "garbage"])
def test_a_camera_that_fails_all_the_time(kind: str) -> None:
    """From its fifth second on, some pictures after it is plugged in."""

    def connect() -> LiveSource:
        first = iter([time.monotonic() - 4.6])
        camera = FaultyCamera(
            endless(kind),
            sizes_wh=((64, 48), (48, 36)),
            fps=50,
            now=lambda: next(first, None) or time.monotonic(),
        )
        return LiveSource(camera.connect, name="Camera")

    check_source(connect, frame_count=15)


def test_a_camera() -> None:
    check_source(
        lambda: LiveSource(lambda: camera_input(Moving(reads=10**6)), name="Logi")
    )


@contextmanager
def _stream(kind: str) -> Iterator[str]:
    serve, url = {
        "mjpeg": (mjpeg_server, "http://127.0.0.1:{}/"),
        "rtsp": (rtsp_server, "rtsp://127.0.0.1:{}/live"),
    }[kind]
    with serve(Numbers()) as port:
        yield url.format(port)


@pytest.mark.parametrize("kind", ["mjpeg", "rtsp"])
def test_streams(kind: str) -> None:
    with _stream(kind) as url:
        check_source(lambda: make_source(url))


class Moving(FakeCapture):
    """Pictures at 100 a second."""

    def read(self) -> tuple[bool, ImageBgr | None]:
        time.sleep(0.01)
        return super().read()
