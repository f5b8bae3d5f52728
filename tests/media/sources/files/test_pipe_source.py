"""What app.media.sources.files.pipe_source promises, with real pipes and writers."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.errors import SourceError
from app.media.sources.cameras.listing import camera_number
from app.media.sources.files import pipe, pipe_source
from app.media.sources.files.pipe import Pipe
from app.media.sources.files.pipe_source import PipeSource
from app.media.sources.live_source import LiveSource
from app.media.sources.make import make_source
from benchmarks.machine import open_descriptors
from tests.media.clips import read_number, write_video

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no named pipes in folders"
)
COUNT = 50
WAIT_S = 30


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "film"
    os.mkfifo(path)
    return path


def clip(folder: Path) -> Path:
    return write_video(folder / "clip.ts", [i / 25 for i in range(COUNT)])


@contextmanager
def written(fifo: Path, video: Path) -> Iterator[None]:
    """Another program writes all of `video` into it."""
    code = "import pathlib, sys; a, b = map(pathlib.Path, sys.argv[1:]); "
    code += "f = b.open('wb'); f.write(a.read_bytes()); f.close()"
    writer = subprocess.Popen([sys.executable, "-c", code, str(video), str(fifo)])
    try:
        yield
        assert writer.wait(WAIT_S) == 0
    finally:
        writer.kill()
        writer.wait()


def test_every_frame_of_a_pipe_comes_once(tmp_path: Path, fifo: Path) -> None:
    before = open_descriptors()
    with written(fifo, clip(tmp_path)):
        source = make_source(str(fifo))
        assert isinstance(source, PipeSource)
        info = source.open()
        frames = list(source.frames())
        source.close()
    assert [read_number(frame.image_bgr) for frame in frames] == list(range(COUNT))
    assert frames[-1].timestamp_s == pytest.approx((COUNT - 1) / 25)
    assert (info.is_live, info.duration_s, info.path) == (False, None, None)
    assert source.take_warnings() == []
    assert open_descriptors() - before == set()


def test_a_pipe_that_a_shell_opened_plays(tmp_path: Path) -> None:
    """As bash's <(command): /dev/fd/63."""
    reading, writing = os.pipe()
    data = clip(tmp_path).read_bytes()

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(data)

    writer = threading.Thread(target=write)
    writer.start()
    source = make_source(f"/dev/fd/{reading}")
    source.open()
    os.close(reading)
    assert len(list(source.frames())) == COUNT
    source.close()
    writer.join(WAIT_S)


def test_a_pipe_into_which_nobody_writes_is_said(
    fifo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipe_source, "Pipe", lambda path: Pipe(path, patience_s=0.2))
    source = make_source(str(fifo))
    with pytest.raises(SourceError, match="Nothing comes out of the pipe film"):
        source.open()
    source.close()


def test_a_writer_that_pauses_is_waited_for(
    tmp_path: Path, fifo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipe, "PATIENCE_S", 0.2)
    data = clip(tmp_path).read_bytes()
    with os.fdopen(os.open(fifo, os.O_RDWR), "wb", buffering=0) as writing:
        reader = Pipe(fifo, patience_s=0.2)
        writing.write(data[:10])
        assert reader.read(100) == data[:10]
        done = threading.Event()
        got: list[bytes] = []

        def read() -> None:
            got.append(reader.read(100))
            done.set()

        thread = threading.Thread(target=read)
        thread.start()
        assert not done.wait(0.5)
        writing.write(b"more")
        assert done.wait(WAIT_S)
        assert got == [b"more"]
        thread.join(WAIT_S)
    assert reader.read(100) == b""  # the writer is gone
    reader.close()


@pytest.mark.parametrize("is_open", [False, True])
def test_stop_ends_the_wait_at_once(tmp_path: Path, fifo: Path, is_open: bool) -> None:
    data = clip(tmp_path).read_bytes()
    source = make_source(str(fifo))
    assert isinstance(source, PipeSource)
    begun, ended = threading.Event(), threading.Event()

    def watch() -> None:
        begun.set()
        try:
            source.open()
            list(source.frames())
        except SourceError:
            pass
        finally:
            source.close()
            ended.set()

    with os.fdopen(os.open(fifo, os.O_RDWR), "wb", buffering=0) as writing:
        thread = threading.Thread(target=watch)
        thread.start()
        assert begun.wait(WAIT_S)
        if is_open:
            writing.write(data)
        assert not ended.wait(0.5)
        source.stop()
        assert ended.wait(WAIT_S)
        thread.join(WAIT_S)


def test_a_pipe_with_no_video_in_it_is_said(tmp_path: Path, fifo: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no video\n" * 500)
    with written(fifo, text):
        source = make_source(str(fifo))
        with pytest.raises(SourceError, match="film is not a video"):
            source.open()


def test_devices_that_are_no_cameras_are_said(tmp_path: Path) -> None:
    sockets = socket.socket(socket.AF_UNIX)
    sockets.bind(str(tmp_path / "socket"))
    for path in (Path("/dev/null"), Path("/dev/zero"), tmp_path / "socket"):
        with pytest.raises(SourceError, match="is a device or a socket, not a video"):
            make_source(str(path)).open()
    sockets.close()


def test_a_cameras_own_file_is_that_camera(tmp_path: Path) -> None:
    assert camera_number(Path("/dev/video7")) == 7
    assert camera_number(Path("/dev/null")) is None
    assert camera_number(tmp_path / "video7") is None
    for text in ("/dev/video7", "/dev/video7@640x480/15/MJPG"):
        source = make_source(text)
        assert isinstance(source, LiveSource)
