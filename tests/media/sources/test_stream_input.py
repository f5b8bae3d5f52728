"""What app.media.sources.stream_input promises, against real servers on loopback."""

import logging
import socket
import statistics
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from app.errors import SourceError
from app.media.sources import stream_input
from app.media.sources.live_source import LiveSource, Patience
from app.media.sources.make import make_source
from app.media.sources.public_names import public_name, redact
from app.media.sources.stream_input import StreamInput
from app.media.sources.synthetic import read_number
from tests.media.recording.test_late_sound import NOTHING, film
from tests.media.servers import (
    FPS,
    SIZE_WH,
    Numbers,
    file_server,
    free_port,
    mjpeg_server,
    rtsp_server,
    transport_stream_server,
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
        # In pictures, of 40 ms: what was captured while we slept is passed over. On a
        # quiet machine the median is 0 (MJPEG) or 1 (H.264: its decoder holds one).
        assert statistics.median(ages[25:]) <= 2, ages
        source.close()


def test_a_camera_that_knows_udp_alone_is_understood() -> None:
    with rtsp_server(Numbers(), over_udp=True) as port:
        source = live(f"rtsp://127.0.0.1:{port}/live")
        source.open()
        seen = list(numbers_of(source, 10))
        assert seen == sorted(seen)
        source.close()


def serve_segments(folder: Path, port: int) -> AbstractContextManager[int]:
    hls = {"hls_time": "1", "hls_list_size": "0", "hls_flags": "omit_endlist"}
    write_video(folder / "live.m3u8", 75, **hls)
    return file_server(folder, port)


@pytest.mark.parametrize("kind", ["mjpeg", "rtsp", "hls"])
def test_a_server_that_dies_and_returns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    port = free_port()
    threads = set(threading.enumerate())
    url = {
        "mjpeg": "http://me:secret@{}/?token=secret",
        "rtsp": "rtsp://me:secret@{}/live",
        "hls": "http://me:secret@{}/live.m3u8?token=secret",
    }[kind]

    def serve() -> AbstractContextManager[int]:
        if kind == "hls":
            return serve_segments(tmp_path, port)
        return (mjpeg_server if kind == "mjpeg" else rtsp_server)(Numbers(), port)

    with ExitStack() as servers:
        servers.enter_context(serve())
        source = live(url.format(f"127.0.0.1:{port}"))
        said = [source.open().name]
        frames = back = 0
        is_dead = is_back = False
        for item in source.frames():
            said += [item.gap, *(thread.name for thread in threading.enumerate())]
            if item.gap:
                if item.gap.endswith("nobody answers there.") and not is_back:
                    is_back = True
                    servers.enter_context(serve())
                continue
            frames += 1
            if frames >= 5 and not is_dead:
                is_dead = True
                servers.close()
            back += is_back
            if back == 5:
                break
        source.close()
    assert any("broke off" in reason for reason in said)
    assert "secret" not in f"{said} {caplog.text}"
    wait_until(lambda: set(threading.enumerate()) <= threads)


def test_a_server_that_falls_silent_is_left_and_tried_again() -> None:
    numbers = Numbers()
    with mjpeg_server(numbers) as port:
        source = LiveSource(
            lambda: StreamInput(f"http://127.0.0.1:{port}/"),
            name="It",
            patience=Patience(stall_s=0.3),
        )
        source.open()
        shown = 0
        was_silent = False
        for item in source.frames():
            if item.gap:
                was_silent |= not numbers.flow.is_set()
                numbers.flow.set()
                continue
            shown += 1
            if shown == 3:
                numbers.flow.clear()
            if was_silent and shown >= 6:
                break
        source.close()


def wait_until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 5.0
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.01)


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


@pytest.mark.parametrize("later", [False, True], ids=["plain", "with later sound"])
def test_a_broadcast_on_a_server_ends_too(tmp_path: Path, later: bool) -> None:
    """It says no length: it was played anew without end, and too fast."""
    first = film(tmp_path / "a.ts", "aac", seconds=1, sounds=1)
    second = film(tmp_path / "b.ts", "aac", seconds=1, sounds=2)
    rest = NOTHING + second + NOTHING + first if later else b""
    (tmp_path / "in.ts").write_bytes(first + rest)
    with file_server(tmp_path) as port:
        source = live(f"http://127.0.0.1:{port}/in.ts")
        source.open()
        begun_s = time.monotonic()
        gaps = [item.gap for item in source.frames() if item.gap]
        took_s = time.monotonic() - begun_s
        source.close()
    assert gaps == []
    assert took_s > 0.7


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("secret", "wants a user name and a password"),
        ("nothing", "nothing at that address"),
        ("forbidden", "access is forbidden"),
    ],
)
def test_what_the_server_refuses_is_said(path: str, said: str) -> None:
    with mjpeg_server(Numbers()) as port:
        source = live(f"http://127.0.0.1:{port}/{path}")
        with pytest.raises(SourceError, match=said):
            source.open()
        source.close()


def test_nobody_there_is_said_and_no_secret_told(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"rtsp://me:secret@127.0.0.1:{free_port()}/live?token=secret"
    source = live(url)
    with pytest.raises(SourceError, match="nobody answers") as caught:
        source.open()
    source.close()
    told = f"{caught.value!r} {caught.value.__cause__} {caplog.text}"
    assert "secret" not in told + "".join(capfd.readouterr())


def test_a_page_is_no_stream(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>Hello</h1>" * 200)
    with file_server(tmp_path) as port:
        stream = StreamInput(f"http://127.0.0.1:{port}/index.html")
        with pytest.raises(SourceError, match="not a video stream"):
            stream.open()
        stream.close()


def test_what_was_sent_at_once_does_not_delay_what_follows() -> None:
    """Servers of RTMP and the like send the last seconds to whoever comes anew."""
    numbers = Numbers(past_s=3.0)
    with transport_stream_server(numbers) as port:
        source = live(f"tcp://127.0.0.1:{port}")
        source.open()
        # Caught up with sooner or later; held back, it stays 66 pictures behind.
        ages = (numbers.newest - number for number in numbers_of(source, 300))
        assert any(age <= 3 for age in ages)
        source.close()


def test_sound_alone_is_no_picture(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "song.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000))
    with file_server(tmp_path) as port:
        stream = StreamInput(f"http://127.0.0.1:{port}/song.wav")
        with pytest.raises(SourceError, match=r"song\.wav has no picture"):
            stream.open()
        stream.close()


def test_who_never_answers_is_waited_for_so_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_input, "OPEN_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:  # accepts, and is silent
        port = mute.getsockname()[1]
        stream = StreamInput(f"rtsp://127.0.0.1:{port}/live")
        with pytest.raises(SourceError, match="there was no answer in time"):
            stream.open()
        stream.close()


def test_a_password_opens_what_wants_one() -> None:
    with mjpeg_server(Numbers()) as port:
        source = live(f"http://me:secret@127.0.0.1:{port}/secret")
        info = source.open()
        assert "secret@" not in info.name
        assert len(list(numbers_of(source, 3))) == 3
        source.close()


@pytest.mark.parametrize("password", ["zq/ss", "zq?ss", "zq#ss", "12/34"])
def test_a_password_that_would_be_taken_for_a_path_is_refused_unsaid(
    password: str,
) -> None:
    with pytest.raises(SourceError, match=r"cannot be understood.*%2F") as caught:
        make_source(f"rtsp://me:{password}@cam.local:554/live")
    assert password[:2] not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["rtsp://me:pa%2Fss@cam:554/x", "http://[::1]:80/x", "http://cam/@me/x"]
)
def test_other_addresses_are_understood(url: str) -> None:
    assert live(url)


def test_names_hold_no_secret() -> None:
    url = "rtsp://me:pa@ss@cam.local:554/live?token=x"
    assert public_name(url) == "rtsp://cam.local:554/live"
    in_path = "rtsp://cam/user=me_password=pa_ss_channel=1_stream=0.sdp"
    assert public_name(in_path) == "rtsp://cam/user=me_password=..."
    assert redact(f"no: '{in_path}' now") == "no: 'rtsp://cam/user=me_password=...' now"
    assert redact("\ufffd://user:secret@host:\0") == "\ufffd://host:\0"
    told = redact(f"error at '{url}': and http://a/b?c=d too")
    assert told == "error at 'rtsp://cam.local:554/live': and http://a/b too"


SECRETS = ("me", "pa", "ss", "mail.com", "topsecret")


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://me:pass@host:554/live",
        "rtsp://me:pa@ss@host:554/live",
        "rtsp://me@mail.com:pa/ss@host:554/live",
        "rtsp://me@mail.com:pa@ss/me@host:554/live",
        "rtsp://me:pa/ss@host:554/live",
        "rtsp://me:pa?ss@host:554/live",
        "rtsp://me:pa#ss@host:554/live",
        "rtsp://me:pa ss@host:554/live",
        "rtsp://me:pa://ss@host:554/live",
        "rtsp://me:pa'ss@host:554/live",
        "  rtsp://me@host:554/live",
        "rtsp://host:554/live?user=me&password=pa ss",
        "rtsp://host:554/live#pass me",
    ],
)
def test_whatever_a_password_holds_is_hidden(address: str) -> None:
    assert redact(address).strip() == "rtsp://host:554/live"
    assert public_name(address).strip() == "rtsp://host:554/live"


@pytest.mark.parametrize(
    "address",
    [
        "http://host/@live/x.m3u8",
        "file:///home/a:b/me@work.mp4",
        "https://[2001:db8::1]:8443/live",
        "C:\\me@home:x.mp4",
        "me@work:today.mp4",
        "Logi C920@1280x720/30/MJPG",
    ],
)
def test_what_holds_no_password_is_left_alone(address: str) -> None:
    assert redact(address) == address


def test_amid_a_sentence_each_address_is_hidden_and_the_sentence_stays() -> None:
    text = (
        "no: 'rtsp://me:pa ss@a/x' and http://me:pass@b/y?key=1 nor http://c/@d: gone"
    )
    assert redact(text) == "no: 'rtsp://a/x' and http://b/y nor http://c/@d: gone"
    assert (
        redact("see rtsp://host/pass=topsecret now") == "see rtsp://host/pass=... now"
    )
    assert redact("rtsp://cam/key=top secret") == "rtsp://cam/key=..."


@pytest.mark.parametrize(
    "address",
    ["rtsp://me:pa/ss@host/a", "rtsp://me@mail.com:pa/ss@host", "http://h:1/@live"],
)
def test_an_address_that_may_be_taken_apart_wrongly_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="cannot be understood") as told:
        make_source(address)
    assert not any(secret in str(told.value).split() for secret in SECRETS)


def test_after_a_stall_a_stream_goes_on_at_its_own_pace() -> None:
    """Held back to its times, but what was late does not hurry what follows."""
    stream = StreamInput("http://127.0.0.1/live.m3u8")
    assert stream._early_s(0.0, 100.0) == 0
    assert stream._early_s(1.0, 100.2) == pytest.approx(0.8)
    assert stream._early_s(1.04, 101.2) == 0  # a little late: jitter
    assert stream._early_s(1.08, 103.0) == 0  # a stall: its clock starts anew here
    assert stream._early_s(1.12, 103.0) == pytest.approx(0.04)
    assert stream._early_s(999.0, 103.0) == 0  # and where it leaps
    assert stream._early_s(999.04, 103.0) == pytest.approx(0.04)
