"""What app.media.stream_input promises, against real servers on loopback."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.errors import SourceError
from app.media.live_source import LiveSource
from app.media.sources import make_source
from app.media.stream_input import StreamInput, public_name, redact
from app.media.synthetic import read_number
from tests.media.servers import (
    FPS,
    SIZE_WH,
    Numbers,
    file_server,
    free_port,
    mjpeg_server,
    rtsp_server,
    write_video,
)


def live(url: str) -> LiveSource:
    source = make_source(url)
    assert isinstance(source, LiveSource)
    return source


def numbers_of(source: LiveSource, count: int) -> Iterator[int]:
    left = count
    for item in source.frames():
        if not item.gap:
            yield read_number(item.image_bgr)
            left -= 1
            if left == 0:
                return


@pytest.mark.parametrize("kind", ["mjpeg", "rtsp"])
def test_the_newest_picture_wins(kind: str) -> None:
    numbers = Numbers()
    serve, url = {
        "mjpeg": (mjpeg_server, "http://127.0.0.1:{}/"),
        "rtsp": (rtsp_server, "rtsp://127.0.0.1:{}/live"),
    }[kind]
    with serve(numbers) as port:
        source = live(url.format(port))
        info = source.open()
        assert info.size_wh == SIZE_WH
        assert info.is_live
        ages = []
        seen = []
        for number in numbers_of(source, 50):
            seen.append(number)
            ages.append(numbers.newest - number)
            if len(seen) == 20:  # whoever reads slowly gets no backlog
                time.sleep(1.0)
        assert seen == sorted(set(seen))
        # In pictures, of 40 ms: what was captured while we slept is passed over.
        assert sorted(ages[25:])[len(ages[25:]) // 2] <= 5, ages
        source.close()


def test_a_server_that_dies_and_returns() -> None:
    port = free_port()
    with ExitStack() as servers:
        servers.enter_context(mjpeg_server(Numbers(), port))
        source = live(f"http://127.0.0.1:{port}/")
        source.open()
        reasons = []
        back = 0
        threads: list[threading.Thread] = []

        def restart() -> None:
            time.sleep(0.5)
            servers.enter_context(mjpeg_server(Numbers(), port))

        frames = 0
        for item in source.frames():
            if item.gap:
                reasons.append(item.gap)
                if not threads:
                    threads.append(threading.Thread(target=restart))
                    threads[0].start()
                continue
            frames += 1
            back += bool(reasons)
            if frames == 10:
                servers.close()
            if back == 10:
                break
        assert any("broke off" in reason for reason in reasons)
        source.close()
        threads[0].join()


def test_segments_are_played_at_their_own_speed(tmp_path: Path) -> None:
    write_video(
        tmp_path / "live.m3u8",
        75,
        hls_time="1",
        hls_list_size="0",
        hls_playlist_type="event",
    )
    with file_server(tmp_path) as port:
        source = live(f"http://127.0.0.1:{port}/live.m3u8")
        source.open()
        started_s = time.monotonic()
        seen = list(numbers_of(source, 20))
        took_s = time.monotonic() - started_s
        source.close()
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    assert took_s > 0.7 * len(seen) / FPS


def test_a_file_on_a_server_ends(tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mp4", 25, movflags="faststart")
    with file_server(tmp_path) as port:
        source = live(f"http://127.0.0.1:{port}/clip.mp4")
        source.open()
        numbers = [
            read_number(item.image_bgr) for item in source.frames() if not item.gap
        ]
        source.close()
    assert numbers[-1] == 24
    assert len(numbers) >= 20


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("secret", "wants a user name and a password"),
        ("nothing", "nothing at that address"),
    ],
)
def test_what_the_server_refuses_is_said(path: str, said: str) -> None:
    with mjpeg_server(Numbers()) as port:
        source = live(f"http://127.0.0.1:{port}/{path}")
        with pytest.raises(SourceError, match=said):
            source.open()
        source.close()


def test_nobody_there_is_said_and_no_secret_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"rtsp://me:secret@127.0.0.1:{free_port()}/live?token=secret"
    source = live(url)
    with pytest.raises(SourceError, match="nobody answers") as caught:
        source.open()
    source.close()
    assert "secret" not in f"{caught.value!r} {caught.value.__cause__} {caplog.text}"


def test_a_page_is_no_stream(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>Hello</h1>" * 200)
    with file_server(tmp_path) as port:
        stream = StreamInput(f"http://127.0.0.1:{port}/index.html")
        with pytest.raises(SourceError, match="not a video stream"):
            stream.open()
        stream.close()


def test_a_password_opens_what_wants_one() -> None:
    with mjpeg_server(Numbers()) as port:
        source = live(f"http://me:secret@127.0.0.1:{port}/secret")
        info = source.open()
        assert "secret@" not in info.name
        assert len(list(numbers_of(source, 3))) == 3
        source.close()


def test_names_hold_no_secret() -> None:
    url = "rtsp://me:pa@ss@cam.local:554/live?token=x"
    assert public_name(url) == "rtsp://cam.local:554/live"
    told = redact(f"error at '{url}': and http://a/b?c=d too")
    assert told == "error at 'rtsp://cam.local:554/live and http://a/b too"
