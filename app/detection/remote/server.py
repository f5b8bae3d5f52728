"""Serves a model to other machines: health, description, inference."""

import hmac
import io
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET6, SHUT_RDWR, socket
from typing import Any

from app.detection.engines.engine import Engine, first_line, picture_among
from app.detection.remote.protocol import (
    JSON_LENGTH,
    Described,
    Message,
    ProtocolError,
    answer_of,
    bytes_of,
    description_of,
    read_request,
)

log = logging.getLogger(__name__)
# As socketserver has them.
Request = socket | tuple[bytes, socket]
Address = Any

# Connections at a time: each costs a thread.
MOST_CONNECTIONS = 32
# A connection that says nothing for so long is closed, and so is one that takes longer
# for one request: else a byte now and then would keep a place for ever.
SILENCE_S = 30.0
# For a model that takes pictures of any size.
_MOST_BYTES = 64 * 2**20
# The JSON before the tensors.
_MOST_JSON = 64 * 2**10


class ModelServer(ThreadingHTTPServer):
    """One engine, asked by one connection at a time."""

    daemon_threads = True

    def __init__(
        self,
        engine: Engine,
        name: str,
        *,
        host: str,
        port: int,
        token: str = "",
        version: str = "",
    ) -> None:
        """Listen; nothing is answered until `serve_forever`.

        Args:
            engine: what computes; closed by whoever opened it.
            name: of the model, in its address.
            host: to listen on.
            port: likewise; 0 for any that is free.
            token: what clients have to know; empty: nothing.
            version: of the app, for whoever asks.

        Raises:
            OSError: the port is taken, or the host is not ours.
        """
        if ":" in host:
            self.address_family = AF_INET6
        self.name = name
        self.version = version
        self._engine = engine
        self._token = token
        self._lock = threading.Lock()
        # Numbers as text take ten times their room while they are read.
        self._reading = threading.Lock()
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._open: set[socket] = set()
        bound = bytes_of(engine.inputs)
        # As text a byte is up to four characters, and a float twenty.
        self.most_bytes = _MOST_BYTES if bound is None else _MOST_JSON + 24 * bound
        super().__init__((host, port), _Handler)

    @property
    def address(self) -> str:
        """What a client is told, for this machine."""
        host, port = self.server_address[:2]
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{shown}:{port}/v2/models/{self.name}"

    def lets_in(self, authorization: str) -> bool:
        """Whether whoever says that may ask."""
        wanted = f"Bearer {self._token}"
        return not self._token or hmac.compare_digest(
            authorization.encode("latin-1"),  # as http.server read it
            wanted.encode(),
        )

    def described(self) -> Described:
        """The model, as it runs here."""
        facts, engine = self._engine.facts, self._engine
        here = {"provider": facts.provider, "precision": facts.precision}
        return Described(engine.inputs, engine.outputs, {**engine.metadata, **here})

    def infer(self, body: bytes, json_length: int | None) -> Message:
        """Answer a request.

        Raises:
            ProtocolError: it is none, or not for this model.
        """
        with self._reading:
            asked = read_request(body, json_length)
        for tensor in self._engine.inputs:
            if tensor.name not in asked.inputs:
                raise ProtocolError(f"there is no input {tensor.name}")
            array = asked.inputs[tensor.name]
            fits = len(array.shape) == len(tensor.shape) and all(
                side in (None, given)
                for side, given in zip(tensor.shape, array.shape, strict=True)
            )
            if not fits or array.dtype.name != tensor.kind:
                raise ProtocolError(
                    f"{tensor.name} is {array.shape} {array.dtype.name}, and the model "
                    f"takes {tensor.shape} {tensor.kind}"
                )
        names = [tensor.name for tensor in self._engine.outputs]
        unknown = set(asked.outputs) - set(names)
        if unknown:
            raise ProtocolError(f"there is no output {', '.join(sorted(unknown))}")
        picture = picture_among(self._engine.inputs).name
        names_of_others = {t.name for t in self._engine.inputs} - {picture}
        fixed = {name: asked.inputs[name] for name in names_of_others}
        with self._lock:
            self._engine.fixed = fixed
            answer = self._engine.run(asked.inputs[picture])
            # An engine may write to the same memory again.
            arrays = {n: a.copy() for n, a in zip(names, answer, strict=True)}
        wanted = asked.outputs or names
        return answer_of(
            self.name, {n: arrays[n] for n in wanted}, is_binary=asked.is_binary
        )

    def process_request(self, request: Request, client_address: Address) -> None:
        """On a thread of its own, if there is a place for it."""
        if not self._places.acquire(blocking=False):
            _refuse(request)
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread is to be had
            self._places.release()
            raise

    def process_request_thread(self, request: Request, client_address: Address) -> None:
        """The place is free again, however it ends."""
        assert isinstance(request, socket)
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)
            self._places.release()

    def server_close(self) -> None:
        """Nobody is answered any more: else those who are connected would be."""
        super().server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)

    def handle_error(self, request: Request, client_address: Address) -> None:  # noqa: ARG002 - socketserver's
        """A client that went away is none."""
        log.debug("a connection broke", exc_info=True)


def _refuse(connection: Request) -> None:
    head = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
    assert isinstance(connection, socket)
    try:
        connection.sendall(head + b"Connection: close\r\n\r\n")
    except OSError:
        log.debug("a connection that came too many was gone already")


class _OneRequest(io.RawIOBase):
    """What a connection says, while one request takes no longer than `SILENCE_S`."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._due_s: float | None = None

    def restart(self) -> None:
        """The next request's time begins with its first byte."""
        self._due_s = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - typeshed's Buffer
        left_s = SILENCE_S
        if self._due_s is not None:
            left_s = self._due_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the request takes too long")
        self._connection.settimeout(left_s)
        try:
            return self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(SILENCE_S)  # for the answer
            if self._due_s is None:
                self._due_s = time.monotonic() + SILENCE_S


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: ModelServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "mobilenet-ssd-live", ""
    timeout = SILENCE_S

    def setup(self) -> None:
        """Read with a watch in hand."""
        super().setup()
        self._timed = _OneRequest(self.connection)
        self.rfile = io.BufferedReader(self._timed)

    def handle_one_request(self) -> None:
        """Each has its own time."""
        self._timed.restart()
        super().handle_one_request()

    def do_GET(self) -> None:
        """Health and description."""
        model = f"/v2/models/{self.server.name}"
        me = {
            "name": "mobilenet-ssd-live",
            "version": self.server.version,
            "extensions": ["binary_tensor_data"],
        }
        pages: dict[str, Callable[[], bytes]] = {
            "/v2": lambda: json.dumps(me).encode(),
            "/v2/health/live": lambda: b'{"live": true}',
            "/v2/health/ready": lambda: b'{"ready": true}',
            f"{model}/ready": lambda: b'{"ready": true}',
            model: lambda: description_of(self.server.name, self.server.described()),
        }
        page = pages.get(self.path.rstrip("/"))
        # What follows its head is left unread, and is no request.
        if self._length() != 0:
            self.close_connection = True
        if not self._lets_in():
            return
        if page is None:
            self._say_error(HTTPStatus.NOT_FOUND, "there is no such model")
        else:
            self._send(Message(page()))

    def do_POST(self) -> None:
        """Inference."""
        length = self._length()
        if length is None or "Content-Length" not in self.headers:
            self._end_with(HTTPStatus.LENGTH_REQUIRED, "say how long it is")
        elif length > self.server.most_bytes:
            self._end_with(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "that is too long")
        elif not self._lets_in():
            return
        elif self.path != f"/v2/models/{self.server.name}/infer":
            self._end_with(HTTPStatus.NOT_FOUND, "there is no such model")
        else:
            self._infer(self.rfile.read(length))

    def _length(self) -> int | None:
        """Of what follows the head; None where that is not clear.

        Who stands between us and a client may read it otherwise: then what is a
        request for one is a body for the other.
        """
        told = self.headers.get_all("Content-Length", ["0"])
        if len(set(told)) > 1 or "Transfer-Encoding" in self.headers:
            return None
        return _number(told[0])

    def _infer(self, body: bytes) -> None:
        json_length = _number(self.headers.get(JSON_LENGTH, ""))
        try:
            message = self.server.infer(body, json_length)
        except ProtocolError as error:
            self._say_error(HTTPStatus.BAD_REQUEST, str(error))
        except Exception as error:  # noqa: BLE001 - the client is told, we go on
            log.warning("inference failed: %s", first_line(error))
            self._say_error(HTTPStatus.INTERNAL_SERVER_ERROR, first_line(error))
        else:
            self._send(message)

    def _lets_in(self) -> bool:
        if self.server.lets_in(self.headers.get("Authorization", "")):
            return True
        self._end_with(HTTPStatus.UNAUTHORIZED, "a token is wanted")
        return False

    def _end_with(self, status: HTTPStatus, reason: str) -> None:
        self.close_connection = True  # what it sent is left unread
        self._say_error(status, reason)

    def _say_error(self, status: HTTPStatus, reason: str) -> None:
        self._send(Message(json.dumps({"error": reason}).encode()), status)

    def _send(self, message: Message, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        headers: Mapping[str, str] = message.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(message.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(message.body)

    def log_message(self, format: str, *args: object) -> None:
        """Into our own log, not onto the terminal."""
        text = "".join(c if c.isprintable() else "?" for c in format % args)
        log.debug("%s: %s", self.address_string(), text)


def _number(text: str) -> int | None:
    # 18 digits are more than there is of anything; thousands are more than int takes.
    return int(text) if text.isdecimal() and len(text) <= 18 else None
