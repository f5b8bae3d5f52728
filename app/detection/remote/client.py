"""A model that a server elsewhere runs, as an engine."""

import http.client
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from numpy.typing import NDArray

from app.detection.engines.engine import (
    Answer,
    EngineFacts,
    depth_with,
    in_our_order,
    picture_among,
)
from app.detection.model_file import metadata_of_ours
from app.detection.remote.protocol import (
    JSON_LENGTH,
    Arrays,
    Described,
    ProtocolError,
    read_answer,
    read_description,
    request_of,
)
from app.errors import ModelError

log = logging.getLogger(__name__)

# What a server may ask for, and whoever asks it has to know.
TOKEN_VARIABLE = "SSD_LIVE_TOKEN"
# One request; a server on a slow line answers a picture in a tenth of that.
DEADLINE_S = 5.0
# For how long a server that went away is asked again, before the run ends.
PATIENCE_S = 15.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 2.0
# Requests on the way at a time, for files.
LANES = 4
# Of an answer: 10,000 anchors of 100 classes are 4 MB.
_MOST_BYTES = 256 * 2**20


def address_of(model: Path) -> str:
    """The address that was typed as the model; empty where it is a file.

    A path keeps one of the two slashes.
    """
    text = model.as_posix()
    found = re.match(r"(?i)(https?):/+(?=[^/])", text)
    return f"{found[1].lower()}://{text[found.end() :]}" if found else ""


def token_in(environ: Mapping[str, str]) -> str:
    """What is sent, or asked for; empty where there is none.

    Raises:
        ModelError: it cannot be sent in a line of HTTP.
    """
    token = environ.get(TOKEN_VARIABLE, "").strip()
    if not token.isprintable():
        raise ModelError(
            f"The token in {TOKEN_VARIABLE} is more than one line of text.",
            "Choose one of letters and digits, the same on both sides.",
        )
    return token


@dataclass(slots=True)
class Patience:
    """How long a server is waited for; may be changed on the way.

    Attributes:
        seconds: for so long a server that went away is asked again.
        deadline_s: of one request.
        on_waiting: told why, once, when it begins to be waited for; on any thread.
        on_back: told after how many seconds it answered.
        gives_up: asked before each wait, whether it is not worth while any more.
    """

    seconds: float = PATIENCE_S
    deadline_s: float = DEADLINE_S
    on_waiting: Callable[[str], None] = lambda _: None
    on_back: Callable[[float], None] = lambda _: None
    gives_up: Callable[[], bool] = lambda: False

    def become(self, other: "Patience") -> None:
        """As long as that one is."""
        self.seconds, self.deadline_s = other.seconds, other.deadline_s


class RefusedError(Exception):
    """The server answered, and not with what was asked for."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status} {said}")
        self.status = status


class RemoteEngine:
    """Asks a server; what it is like comes from the server.

    Connections belong to the threads that use them, and are made again when they break.
    """

    def __init__(
        self, address: str, *, lanes: int = 1, patience: Patience | None = None
    ) -> None:
        """Ask what the model is like.

        Args:
            address: http://host:port/v2/models/NAME.
            lanes: requests on the way at a time.
            patience: how long it is waited for; the usual where nothing is said.

        Raises:
            ModelError: no such address, no such server, or no such model.
        """
        is_safe, self.host, port, self._path = _parts_of(address)
        self.name = unquote(self._path.split("/")[3])
        make = http.client.HTTPSConnection if is_safe else http.client.HTTPConnection
        self._connect = partial(make, self.host, port)
        self._patience = patience or Patience()
        self._own = threading.local()
        self._connections: list[http.client.HTTPConnection] = []  # of all threads
        self._is_closed = threading.Event()
        self._waiting = threading.Lock()  # guards what follows: there are lanes
        self._waits_since_s: float | None = None
        self._is_binary = True
        try:
            described = self._describe()
        except ModelError:
            self._hang_up()
            raise
        self.inputs = described.inputs
        self.outputs = in_our_order(described.outputs)
        self.metadata: Mapping[str, str] = {
            **metadata_of_ours(self.name, self.inputs, self.outputs),
            **described.metadata,
        }
        self.fixed: Mapping[str, NDArray[Any]] = {}
        self._picture = picture_among(self.inputs).name
        self._names = [tensor.name for tensor in self.outputs]
        self._lanes = ThreadPoolExecutor(lanes, "remote") if lanes > 1 else None
        device = self.metadata.get("provider", "")
        self.facts = EngineFacts(
            provider=f"Remote ({self.host}{f', {device}' if device else ''})",
            precision=self.metadata.get("precision", ""),
            depth=depth_with(lanes, waiting=1),
        )

    @staticmethod
    def host_of(address: str) -> str:
        """Of an address that was taken."""
        return _parts_of(address)[1]

    def _describe(self) -> Described:
        try:
            return read_description(self._ask_once("GET", self._path)[0])
        except RefusedError as error:
            if error.status in (401, 403):
                raise ModelError(
                    f"{self.host} does not let us in.",
                    f"Put its token into the variable {TOKEN_VARIABLE}.",
                ) from error
            raise ModelError(
                f"{self.host} has no model called {self.name} (it says {error}).",
                "Look up the name; it stands behind /v2/models/ in the address.",
            ) from error
        except (ProtocolError, http.client.HTTPException) as error:
            raise ModelError(
                f"{self.host} does not speak the Open Inference Protocol ({error}).",
                "Choose a server that does: main.py serve, Triton, KServe.",
            ) from error
        except OSError as error:
            raise ModelError(
                f"No model server answers at {self.host} ({_reason(error)}).",
                "Is it running, and is the port right?",
            ) from error

    def run(self, images: NDArray[Any]) -> Answer:
        """See `Engine.run`.

        Raises:
            OSError: the server does not answer, for longer than we wait.
        """
        told = {self._picture: images, **self.fixed}
        outputs = self._infer(told)
        return tuple(outputs[name] for name in self._names)

    def begin(self, images: NDArray[Any]) -> Callable[[], Answer]:
        """See `Engine.begin`."""
        if self._lanes is None:
            return partial(self.run, images)
        return self._lanes.submit(self.run, images).result

    def close(self) -> None:
        """Ask nothing any more."""
        self._is_closed.set()
        if self._lanes is not None:
            self._lanes.shutdown(cancel_futures=True)
        for connection in self._connections:
            connection.close()

    def _infer(self, inputs: Arrays) -> Arrays:
        patience_s = self._patience.seconds
        due_s = time.monotonic() + patience_s
        wait_s = _FIRST_WAIT_S
        while True:
            message = request_of(inputs, self._names, is_binary=self._is_binary)
            try:
                body, length = self._ask_once(
                    "POST", f"{self._path}/infer", message.body, message.headers
                )
                self._answers()
                return read_answer(body, length)
            except RefusedError as error:
                if self._is_binary and error.status in (400, 415, 422, 500, 501):
                    log.warning(
                        "%s takes no binary tensors (%s): numbers as text are slow",
                        self.host,
                        error,
                    )
                    self._is_binary = False
                    continue
                if error.status != 503:  # busy, or still starting
                    raise
                failed: Exception = error
            except (OSError, http.client.HTTPException) as error:
                failed = error
            if time.monotonic() + wait_s > due_s or self._patience.gives_up():
                raise OSError(
                    f"{self.host} has not answered for {patience_s:.0f} s "
                    f"({_reason(failed)})"
                ) from failed
            log.info("%s does not answer (%s)", self.host, _reason(failed))
            if wait_s > _FIRST_WAIT_S:  # of less than that nobody needs to hear
                self._waits(f"{self.host} does not answer ({_reason(failed)}).")
            if self._is_closed.wait(wait_s):
                raise OSError("closed") from failed
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    def _waits(self, reason: str) -> None:
        with self._waiting:
            is_first = self._waits_since_s is None
            if is_first:
                self._waits_since_s = time.monotonic()
        if is_first:
            self._patience.on_waiting(reason)

    def _answers(self) -> None:
        with self._waiting:
            since_s, self._waits_since_s = self._waits_since_s, None
        if since_s is not None:
            self._patience.on_back(time.monotonic() - since_s)

    def _ask_once(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[bytes, int | None]:
        """The body of the answer, and where its JSON ends.

        A connection that was silent for a while may have been closed over there: that
        is no news of the server, so another one is made at once.
        """
        sent: dict[str, str | bytes] = dict(headers or {})
        if token := token_in(os.environ):
            sent["Authorization"] = f"Bearer {token}".encode()
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._connect()
            self._connections.append(connection)
        is_used = connection.sock is not None
        connection.timeout = self._patience.deadline_s
        if is_used:
            connection.sock.settimeout(connection.timeout)
        try:
            try:
                connection.request(method, path, body, sent)
                answer = connection.getresponse()
            except (ConnectionError, http.client.RemoteDisconnected):
                if not is_used:
                    raise
                connection.close()  # and is opened again by the next request
                connection.request(method, path, body, sent)
                answer = connection.getresponse()
            said = answer.read(_MOST_BYTES + 1)
            if len(said) > _MOST_BYTES:
                raise http.client.HTTPException("the answer has no end")
        except (OSError, http.client.HTTPException):
            self._hang_up()
            raise
        if answer.status != 200:
            raise RefusedError(answer.status, _first_words(said))
        length = answer.getheader(JSON_LENGTH)
        return said, int(length) if length and length.isdecimal() else None

    def _hang_up(self) -> None:
        connection = getattr(self._own, "connection", None)
        if connection is not None:
            connection.close()  # and is opened again by the next request


def _parts_of(address: str) -> tuple[bool, str, int | None, str]:
    """Whether it is encrypted, host, port and path of a model's address."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:  # of the port
        host = port = None
    else:
        found = re.fullmatch(r"(/v2/models/[^/]+(?:/versions/[^/]+)?)/?", parts.path)
        if host and found:
            return parts.scheme == "https", host, port, found[1]
    raise ModelError(
        "That is no address of a model.",
        "It looks like http://host:8000/v2/models/NAME.",
    )


def _first_words(said: bytes) -> str:
    text = said.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text)[:120].strip()


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
