"""What strangers send costs a server no more than their own connection."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.detection.remote import server as server_module
from app.detection.remote.client import TOKEN_VARIABLE, RemoteEngine
from app.detection.remote.server import ModelServer
from app.errors import ModelError
from tests.detection.conftest import MakeModel
from tests.detection.remote.test_remote import PICTURE, ask, served

GET = b"GET /v2 HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /v2/models/tiny/infer HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def server(make_model: MakeModel) -> Iterator[ModelServer]:
    with served(make_model()) as server:
        yield server


def connected(server: ModelServer) -> socket.socket:
    host, port = server.server_address[:2]
    return socket.create_connection((str(host), port), timeout=30)


def all_said(connection: socket.socket) -> bytes:
    said = b""
    while piece := connection.recv(2**16):
        said += piece
    return said


def test_a_byte_now_and_then_does_not_keep_a_place(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes in time; the request as a whole does not."""
    monkeypatch.setattr(server_module, "SILENCE_S", 0.5)
    with connected(server) as connection:
        begun_s = time.monotonic()
        done = threading.Event()

        def drip() -> None:
            for byte in POST * 100:
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    return
                if done.wait(0.1):
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert connection.recv(100) == b""
        except ConnectionResetError:
            pass  # it was closed with bytes unread
        finally:
            done.set()
            dripping.join(5)
    assert time.monotonic() - begun_s < 30  # all of it would take eight minutes


@pytest.mark.parametrize(
    "head",
    [
        POST + b"Content-Length: 5\r\nContent-Length: 50\r\n",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        POST + b"Content-Length: -5\r\n",
        POST + b"Content-Length: " + b"9" * 5000 + b"\r\n",
        GET + b"Content-Length: 48\r\n",
        GET + b"Transfer-Encoding: chunked\r\n",
    ],
)
def test_what_follows_an_unclear_head_is_no_request(
    server: ModelServer, head: bytes
) -> None:
    """Else whoever stands before us could be made to pass on one that it never saw."""
    with connected(server) as connection:
        connection.sendall(head + b"\r\n" + GET + b"\r\n" + GET + b"\r\n")
        connection.shutdown(socket.SHUT_WR)
        try:
            said = all_said(connection)
        except ConnectionResetError:
            return
    assert said.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"inputs": ' + b"[" * 50_000,
        b'{"inputs": [{"name": "images", "datatype": "UINT8", "shape": [1], '
        b'"parameters": "none"}]}',
        b'{"outputs": ["boxes"]}',
        b'{"parameters": [1], "inputs": []}',
    ],
)
def test_what_is_no_table_is_the_clients_fault(
    server: ModelServer, body: bytes
) -> None:
    assert ask(server, "/v2/models/tiny/infer", body)[0] == 400


def test_a_token_may_have_any_letters_and_is_one_line(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for token in ("sésame", "開けゴマ", "€"):
        monkeypatch.setenv(TOKEN_VARIABLE, f" {token}\n")
        with served(make_model(), token=token) as server:
            engine = RemoteEngine(server.address)
            assert engine.run(PICTURE)
            engine.close()
            monkeypatch.setenv(TOKEN_VARIABLE, "sesame")
            with pytest.raises(ModelError, match="does not let us in"):
                RemoteEngine(server.address)
    monkeypatch.setenv(TOKEN_VARIABLE, "open\r\nX-Other: 1")
    with pytest.raises(ModelError, match="more than one line"):
        RemoteEngine(server.address)


def test_a_stranger_writes_nothing_onto_our_terminal(
    server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), connected(server) as connection:
        connection.sendall(b"GET /\x1b[2J HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert all_said(connection).startswith(b"HTTP/1.1 404")
    assert "\x1b" not in caplog.text
    assert "GET /?[2J" in caplog.text


def test_a_place_is_free_again_where_no_thread_is_to_be_had(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as without:
        without.setattr(threading.Thread, "start", no_thread)
        for _ in range(server_module.MOST_CONNECTIONS + 1):
            with connected(server) as connection:
                assert connection.recv(1) == b""
    assert ask(server, "/v2")[0] == 200


def test_what_it_is_written_in_is_nobodys_business(server: ModelServer) -> None:
    with connected(server) as connection:
        connection.sendall(GET + b"Connection: close\r\n\r\n")
        assert b"Python" not in all_said(connection)


def test_a_connection_closed_over_there_is_no_news(
    make_model: MakeModel, tmp_path: Path
) -> None:
    """A view that was held for long: nobody waits for that, or is told of it."""
    with served(make_model()) as server:
        engine = RemoteEngine(server.address)
        before = engine.run(PICTURE)
        for connection in list(server._open):
            connection.shutdown(socket.SHUT_RDWR)
        engine._patience.seconds = 0.0
        for mine, theirs in zip(before, engine.run(PICTURE), strict=True):
            assert (mine == theirs).all()
        engine.close()
