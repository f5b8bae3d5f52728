"""What is told, and who hears it: a real server and a real broker on loopback."""

import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from app.alerts.alert import Alert

WAIT_S = 10.0


def an_alert(
    number: int = 1, *, is_over: bool = False, size_wh: tuple[int, int] = (64, 48)
) -> Alert:
    width, height = size_wh
    image_bgr = np.zeros((height, width, 3), np.uint8)
    image_bgr[:, : width // 2] = (200, 40, 10)  # blue on the left
    return Alert(
        number=number,
        title="person crosses Door",
        kind="cross",
        class_name="person",
        rule="Door",
        direction="in",
        is_over=is_over,
        goes_on=False,
        at="2026-01-02T03:04:05.678+00:00",
        source="rtsp://cam",
        clip="clips/a.mp4",
        image_bgr=None if is_over else image_bgr,
    )


@dataclass
class Heard:
    """A server, and what was posted to it.

    Attributes:
        port: of it.
        answers: the status of each request, in turn; then 200.
        posts: path, headers and JSON of each.
    """

    port: int = 0
    answers: deque[int] = field(default_factory=deque)
    posts: list[tuple[str, dict[str, str], dict[str, Any]]] = field(
        default_factory=list
    )
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int) -> list[dict[str, Any]]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.posts) >= count, WAIT_S)
            return [values for _, _, values in self.posts]


@contextmanager
def a_server(*answers: int) -> Iterator[Heard]:
    heard = Heard(answers=deque(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with heard.changed:
                status = heard.answers.popleft() if heard.answers else 200
                heard.posts.append((self.path, dict(self.headers), json.loads(body)))
                heard.changed.notify_all()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        thread.join(WAIT_S)
        server.server_close()


class Broker:
    """A real one, in a process of its own."""

    def __init__(self, port: int) -> None:
        self.port = port
        child = Path(__file__).with_name("broker_child.py")
        self._process = subprocess.Popen(
            [sys.executable, str(child), str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "up\n"

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=WAIT_S)
