"""Real servers on loopback: MJPEG over HTTP, files over HTTP, RTSP."""

import re
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from functools import partial
from http.server import (
    BaseHTTPRequestHandler,
    SimpleHTTPRequestHandler,
    ThreadingHTTPServer,
)
from pathlib import Path

import av
import cv2
from av.container import OutputContainer
from av.video.stream import VideoStream

from app.media.sources.synthetic import SyntheticInput

FPS = 25
SIZE_WH = (192, 144)
_PATTERN = SyntheticInput(size_wh=SIZE_WH, fps=FPS)


class _Mjpeg(BaseHTTPRequestHandler):
    numbers: "Numbers"

    def do_GET(self) -> None:
        path, _, _ = self.path.partition("?")
        if path == "/secret" and "Authorization" not in self.headers:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
            self.end_headers()
            return
        if path == "/forbidden":
            self.send_error(403)
            return
        if path not in ("/", "/secret"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        while not self.numbers.is_stopped:
            number = self.numbers.wait_for_next()
            _, jpeg = cv2.imencode(".jpg", _PATTERN.picture(number))
            body = jpeg.tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}"
            try:
                self.wfile.write(head.encode() + b"\r\n\r\n" + body + b"\r\n")
            except OSError:
                return

    def log_message(self, *_: object) -> None:
        """Not into the tests' output."""


class Numbers:
    """Counts pictures at `FPS`, whoever looks."""

    def __init__(self, past_s: float = 0.0) -> None:
        self._started_s = time.monotonic() - past_s
        self.is_stopped = False
        self.flow = threading.Event()  # cleared: servers fall silent, and stay
        self.flow.set()

    @property
    def newest(self) -> int:
        return int((time.monotonic() - self._started_s) * FPS)

    def wait_for_next(self) -> int:
        self.flow.wait()
        number = self.newest + 1
        time.sleep(max(0.0, self._started_s + number / FPS - time.monotonic()))
        return number


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Clients hang up; that is what is tested."""


@contextmanager
def mjpeg_server(numbers: Numbers, port: int = 0) -> Iterator[int]:
    """Pictures with `numbers` in them; its port."""
    handler = type("Handler", (_Mjpeg,), {"numbers": numbers})
    with _serving(_Server(("127.0.0.1", port), handler)) as bound:
        yield bound
        numbers.is_stopped = True


@contextmanager
def file_server(
    folder: Path, port: int = 0, *, asked: list[str] | None = None
) -> Iterator[int]:
    """The files of a folder; its port. What it is asked for is added to `asked`."""

    class Quiet(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    handler = partial(Quiet, directory=str(folder))
    with _serving(_Server(("127.0.0.1", port), handler)) as bound:
        yield bound


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Rtsp(socketserver.StreamRequestHandler):
    """As much of RFC 2326 as a player needs.

    Attributes:
        over_udp: RTP by itself, as old cameras do, and not over the one connection.
    """

    numbers: Numbers
    over_udp = False

    def handle(self) -> None:
        send_to: object = self
        while request := self._request():
            method, headers = request
            answer, body = "", ""
            if method == "DESCRIBE":
                answer = "Content-Type: application/sdp\r\n"
                body = (
                    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\n"
                    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
                    "a=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"
                )
            elif method == "SETUP":
                transport = "RTP/AVP/TCP;unicast;interleaved=0-1"
                if self.over_udp:
                    ports = re.search(r"client_port=(\d+)-\d+", headers)
                    if ports is None:  # the player asks for TCP first, then again
                        self._answer(headers, status="461 Unsupported Transport")
                        continue
                    transport = f"RTP/AVP;unicast;{ports[0]}"
                    send_to = f"rtp://127.0.0.1:{ports[1]}"
                answer = f"Transport: {transport}\r\nSession: 1\r\n"
            self._answer(headers, answer, body)
            if method == "PLAY":
                threading.Thread(target=self._send, args=[send_to], daemon=True).start()
            elif method == "TEARDOWN":
                return

    def _request(self) -> tuple[str, str] | None:
        lines: list[str] = []
        while True:
            start = self.rfile.read(1)
            if start == b"$":  # the player's own RTCP (10.12): channel, length
                _, length = struct.unpack(">BH", self.rfile.read(3))
                self.rfile.read(length)
                continue
            line = (start + self.rfile.readline()).decode().strip()
            if not line:
                return (lines[0].split()[0], "\n".join(lines)) if lines else None
            lines.append(line)

    def _answer(
        self, headers: str, answer: str = "", body: str = "", status: str = "200 OK"
    ) -> None:
        number = re.search(r"CSeq: *(\d+)", headers)
        text = f"RTSP/1.0 {status}\r\nCSeq: {number[1] if number else 0}\r\n{answer}"
        text += f"Content-Length: {len(body)}\r\n\r\n{body}"
        self.wfile.write(text.encode())

    def write(self, packet: bytes) -> int:
        """Called by FFmpeg for each packet of RTP or RTCP (types 200 to 204)."""
        channel = 1 if 200 <= packet[1] <= 204 else 0
        self.wfile.write(struct.pack(">cBH", b"$", channel, len(packet)) + packet)
        return len(packet)

    def _send(self, send_to: object) -> None:
        with suppress(av.FFmpegError, OSError, ValueError):  # the player hung up
            self._send_pictures(send_to)
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send_pictures(self, send_to: object) -> None:
        with av.open(send_to, "w", format="rtp", options={"packetsize": "1400"}) as out:
            encode = _encoder(out)
            while not self.numbers.is_stopped:
                encode(self.numbers.wait_for_next())


class _TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Clients hang up."""


@contextmanager
def rtsp_server(
    numbers: Numbers, port: int = 0, *, over_udp: bool = False
) -> Iterator[int]:
    """Pictures with `numbers` in them; its port."""
    handler = type("Handler", (_Rtsp,), {"numbers": numbers, "over_udp": over_udp})
    with _serving(_TcpServer(("127.0.0.1", port), handler)) as bound:
        yield bound
        numbers.is_stopped = True


class _TransportStream(socketserver.StreamRequestHandler):
    """MPEG-TS over TCP: all there is so far at once, and then as it comes."""

    numbers: Numbers

    def handle(self) -> None:
        with (
            suppress(av.FFmpegError, OSError, ValueError),  # the player hung up
            av.open(self, "w", format="mpegts") as out,
        ):
            encode = _encoder(out)
            for number in range(self.numbers.newest):
                encode(number)
            while not self.numbers.is_stopped:
                encode(self.numbers.wait_for_next())

    def write(self, data: bytes) -> int:
        """Called by FFmpeg."""
        self.wfile.write(data)
        return len(data)


@contextmanager
def transport_stream_server(numbers: Numbers) -> Iterator[int]:
    """Pictures with `numbers` in them, those of the past included; its port."""
    handler = type("Handler", (_TransportStream,), {"numbers": numbers})
    with _serving(_TcpServer(("127.0.0.1", 0), handler)) as bound:
        yield bound
        numbers.is_stopped = True


def _encoder(out: OutputContainer) -> Callable[[int], None]:
    """Adds a stream to `out`; what it returns sends the picture of a number."""
    options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": "keyint=10:repeat-headers=1",
    }
    video = out.add_stream("libx264", rate=FPS, options=options)
    assert isinstance(video, VideoStream)
    video.width, video.height = SIZE_WH
    video.pix_fmt = "yuv420p"

    def encode(number: int) -> None:
        frame = av.VideoFrame.from_ndarray(_PATTERN.picture(number), format="bgr24")
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        out.mux(video.encode(frame))

    return encode


def write_video(path: Path, count: int, **options: str) -> None:
    """A video of pictures 0 to `count` - 1, in the format of its suffix."""
    container_options = dict(options)
    with av.open(str(path), "w", options=container_options) as out:
        video = out.add_stream("libx264", rate=FPS, options={"g": "25", "bf": "0"})
        video.width, video.height = SIZE_WH
        video.pix_fmt = "yuv420p"
        for number in range(count):
            picture = _PATTERN.picture(number)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            out.mux(video.encode(frame))
        out.mux(video.encode(None))


def free_port() -> int:
    with socketserver.TCPServer(("127.0.0.1", 0), _Mjpeg) as server:
        return int(server.server_address[1])
