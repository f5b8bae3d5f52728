"""A model served here answers there as it does here, or says why it does not."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from app.detection.engines.ort_engine import open_ort
from app.detection.onnx_detector import OnnxDetector
from app.detection.remote.client import (
    TOKEN_VARIABLE,
    Patience,
    RemoteEngine,
    address_of,
)
from app.detection.remote.protocol import (
    JSON_LENGTH,
    ProtocolError,
    answer_of,
    read_answer,
    read_request,
    request_of,
)
from app.detection.remote.server import MOST_CONNECTIONS, ModelServer
from app.errors import ModelError
from app.settings import Settings
from tests.detection.conftest import MakeModel

PICTURE = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(1, 6, 8, 3)


@contextmanager
def serving(server: HTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


@contextmanager
def served(model: Path, *, port: int = 0, token: str = "") -> Iterator[ModelServer]:
    engine = open_ort(model, "cpu", threads=1)
    server = ModelServer(engine, "tiny", host="127.0.0.1", port=port, token=token)
    with serving(server):
        yield server
    engine.close()


@pytest.fixture
def server(make_model: MakeModel) -> Iterator[ModelServer]:
    with served(make_model()) as server:
        yield server


def test_it_answers_bit_for_bit_what_it_answers_here(
    server: ModelServer, make_model: MakeModel
) -> None:
    here = OnnxDetector(make_model(), device="cpu")
    there = OnnxDetector(Path(server.address))
    mine, theirs = here.open(), there.open()
    assert theirs.class_names == mine.class_names
    assert theirs.provider == "Remote (127.0.0.1, CPUExecutionProvider)"
    assert theirs.model_name == "tiny"
    rng = np.random.default_rng(1)
    for shape in ((40, 60, 3), (31, 17, 3)):
        picture = rng.integers(0, 256, shape, np.uint8)
        for detail in (1, 2):
            settings = Settings(score_threshold=0.2, detail=detail)
            expected, found = (d.detect(picture, settings)[0] for d in (here, there))
            assert len(found)
            np.testing.assert_array_equal(found.boxes_xyxy, expected.boxes_xyxy)
            np.testing.assert_array_equal(found.scores, expected.scores)
    here.close()
    there.close()
    there.close()


def test_for_files_several_requests_are_on_the_way(
    server: ModelServer, make_model: MakeModel
) -> None:
    there = OnnxDetector(Path(server.address))
    there.favour_throughput()
    there.open()
    assert there.depth == 5
    here = OnnxDetector(make_model(), device="cpu")
    here.open()
    rng = np.random.default_rng(2)
    pictures = [rng.integers(0, 256, (20, 30, 3), np.uint8) for _ in range(5)]
    settings = Settings(score_threshold=0.2)
    begun = [there.begin(picture, settings) for picture in pictures]
    for picture, answer in zip(pictures, begun, strict=True):
        np.testing.assert_array_equal(
            answer()[0].scores, here.detect(picture, settings)[0].scores
        )
    there.close()
    here.close()


def test_a_server_that_comes_back_is_asked_again(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies between two pictures; another takes its port while we wait."""
    back = threading.Event()
    engine = None
    with served(make_model()) as first:
        port = first.server_address[1]
        told: list[str | float] = []
        patience = Patience(on_waiting=told.append, on_back=told.append)
        engine = RemoteEngine(first.address, patience=patience)
        before = engine.run(PICTURE)
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        if len(waited) == 2:
            back.set()
            assert is_back.wait(5)
        return False

    is_back = threading.Event()
    done = threading.Event()

    def serve_again() -> None:
        assert back.wait(5)
        with served(make_model(), port=port):
            is_back.set()
            assert done.wait(5)

    other = threading.Thread(target=serve_again)
    other.start()
    monkeypatch.setattr(engine._is_closed, "wait", wait)
    after = engine.run(PICTURE)
    engine.close()
    done.set()
    other.join(5)
    assert waited == sorted(waited)  # further and further apart
    assert told[0] == "127.0.0.1 does not answer (Connection refused)."
    assert isinstance(told[1], float)  # and then, that it is back
    assert len(told) == 2
    for a, b in zip(before, after, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_server_that_stays_away_ends_in_a_sentence(make_model: MakeModel) -> None:
    with served(make_model()) as server:
        detector = OnnxDetector(Path(server.address), patience=Patience(seconds=0.3))
        detector.open()
    with pytest.raises(ModelError, match=r"127\.0\.0\.1 has not answered for 0 s"):
        detector.detect(PICTURE[0], Settings())
    detector.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://127.0.0.1:8000/", "no address of a model"),
        ("http://127.0.0.1:99999/v2/models/m", "no address of a model"),
        ("http:///v2/models/m", "no address of a model"),
        ("http://127.0.0.1:1/v2/models/m", "No model server answers at 127.0.0.1"),
    ],
)
def test_an_address_that_leads_nowhere_is_explained(
    address: str, sentence: str
) -> None:
    with pytest.raises(ModelError, match=sentence) as caught:
        RemoteEngine(address)
    assert caught.value.remedy


def test_a_name_the_server_does_not_know_is_named(server: ModelServer) -> None:
    with pytest.raises(ModelError, match="has no model called other"):
        RemoteEngine(server.address.replace("tiny", "other"))


def test_who_does_not_know_the_token_is_not_let_in(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(make_model(), token="open sesame") as server:
        for wrong in (None, "open", "open sesames"):
            if wrong is not None:
                monkeypatch.setenv(TOKEN_VARIABLE, wrong)
            with pytest.raises(ModelError, match="does not let us in"):
                RemoteEngine(server.address)
        monkeypatch.setenv(TOKEN_VARIABLE, "open sesame")
        engine = RemoteEngine(server.address)
        assert engine.run(PICTURE)
        engine.close()


def ask(
    server: ModelServer,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    host, port = server.server_address[:2]
    connection = http.client.HTTPConnection(str(host), port, timeout=5)
    connection.request("GET" if body is None else "POST", path, body, headers or {})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, said


def test_it_says_what_it_is(server: ModelServer) -> None:
    assert ask(server, "/v2/health/live")[0] == 200
    assert ask(server, "/v2/health/ready")[0] == 200
    assert ask(server, "/v2/models/tiny/ready")[0] == 200
    assert ask(server, "/v2/models/nothing")[0] == 404
    assert "binary_tensor_data" in json.loads(ask(server, "/v2")[1])["extensions"]
    told = json.loads(ask(server, "/v2/models/tiny")[1])
    assert told["inputs"] == [
        {"name": "images", "datatype": "UINT8", "shape": [1, 6, 8, 3]}
    ]
    assert [o["name"] for o in told["outputs"]] == ["boxes", "scores"]
    assert json.loads(told["parameters"]["class_names"]) == ["blue", "green", "red"]


def test_numbers_as_text_are_answered_as_text(server: ModelServer) -> None:
    """As a client without the binary extension, such as curl, asks."""
    wish = {
        "inputs": [
            {
                "name": "images",
                "datatype": "UINT8",
                "shape": [1, 6, 8, 3],
                "data": PICTURE.ravel().tolist(),
            }
        ]
    }
    status, said = ask(server, "/v2/models/tiny/infer", json.dumps(wish).encode())
    assert status == 200
    told = json.loads(said)
    assert told["outputs"][0]["data"] == pytest.approx([0.1, 0.2, 0.6, 0.9])


@pytest.mark.parametrize(
    ("body", "length", "status"),
    [
        (b"", None, 400),
        (b"nonsense", None, 400),
        (b"[]", None, 400),
        (b'{"inputs": []}', None, 400),
        (b'{"inputs": [{"name": "images"}]}', None, 400),
        (b"{}", "99", 400),
        (
            b'{"inputs": [{"name": "images", "datatype": "UINT8", '
            b'"shape": [1, 6, 8, 3], "parameters": {"binary_data_size": 144}}]}',
            None,
            400,
        ),
        (
            b'{"inputs": [{"name": "images", "datatype": "UINT8", '
            b'"shape": [1, 999, 8, 3], "data": [1]}]}',
            None,
            400,
        ),
    ],
)
def test_what_is_no_request_is_refused(
    server: ModelServer, body: bytes, length: str | None, status: int
) -> None:
    headers = {JSON_LENGTH: length} if length else {}
    assert ask(server, "/v2/models/tiny/infer", body, headers)[0] == status


def test_a_request_without_end_is_not_read(server: ModelServer) -> None:
    host, port = server.server_address[:2]
    with socket.create_connection((str(host), port), timeout=5) as connection:
        connection.sendall(
            b"POST /v2/models/tiny/infer HTTP/1.1\r\n"
            b"Content-Length: 99999999999\r\n\r\n"
        )
        assert connection.recv(64).startswith(b"HTTP/1.1 413")


def test_a_connection_too_many_is_refused_and_the_others_live(
    server: ModelServer,
) -> None:
    host, port = server.server_address[:2]
    open_ones = []
    try:
        for _ in range(MOST_CONNECTIONS):
            one = socket.create_connection((str(host), port), timeout=5)
            one.sendall(b"GET /v2 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert one.recv(12) == b"HTTP/1.1 200"
            open_ones.append(one)
        with socket.create_connection((str(host), port), timeout=5) as late:
            late.sendall(b"GET /v2 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert late.recv(12) == b"HTTP/1.1 503"
    finally:
        for one in open_ones:
            one.close()


class WithoutBinary(BaseHTTPRequestHandler):
    """A server as MLServer is: it fails on bytes, and says `parameters: null`."""

    def do_GET(self) -> None:
        self._say(
            {
                "name": "m",
                "inputs": [
                    {"name": "images", "datatype": "UINT8", "shape": [-1, 6, 8, 3]}
                ],
                "outputs": [
                    {"name": "boxes", "datatype": "FP32", "shape": [-1, 1, 4]},
                    {"name": "scores", "datatype": "FP32", "shape": [-1, 1, 3]},
                ],
                "parameters": None,
            }
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if JSON_LENGTH in self.headers:
            self.send_error(500)
            return
        asked = read_request(body, None)
        mean = float(asked.inputs["images"].mean()) / 255
        boxes = np.array([[[0.1, 0.2, 0.6, 0.9]]], np.float32)
        scores = np.full((1, 1, 3), mean, np.float32)
        outputs = {"scores": scores, "boxes": boxes}
        self._say(json.loads(answer_of("m", outputs, is_binary=False).body))

    def _say(self, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_without_the_binary_extension_is_asked_in_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = HTTPServer(("127.0.0.1", 0), WithoutBinary)
    with serving(server):
        engine = RemoteEngine(f"http://127.0.0.1:{server.server_port}/v2/models/m")
        assert engine.facts.provider == "Remote (127.0.0.1)"  # it does not say more
        boxes, scores = engine.run(np.full_like(PICTURE, 51))
        engine.close()
    np.testing.assert_allclose(scores, 0.2, rtol=1e-6)
    assert boxes.shape == (1, 1, 4)
    assert "numbers as text are slow" in caplog.text


def test_a_page_of_the_web_is_no_model_server(tmp_path: Path) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "6")
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    with (
        serving(server),
        pytest.raises(ModelError, match="does not speak the Open Inference Protocol"),
    ):
        RemoteEngine(f"http://127.0.0.1:{server.server_port}/v2/models/m")


@pytest.mark.parametrize(
    "kind", ["uint8", "int64", "float16", "float32", "float64", "bool"]
)
@pytest.mark.parametrize("is_binary", [True, False])
def test_arrays_travel_whole(kind: str, *, is_binary: bool) -> None:
    rng = np.random.default_rng(3)
    sent = {
        "a": rng.integers(0, 2, (2, 3, 4)).astype(kind),
        "none": np.zeros((0, 4), kind),
        "b": rng.integers(0, 2, (5,)).astype(kind),
    }
    message = request_of(sent, ["x"], is_binary=is_binary)
    asked = read_request(message.body, message.json_length)
    assert asked.outputs == ("x",)
    assert asked.is_binary is is_binary
    answer = answer_of("m", sent, is_binary=is_binary)
    for got in (asked.inputs, read_answer(answer.body, answer.json_length)):
        assert list(got) == list(sent)
        for name, array in sent.items():
            assert got[name].dtype == array.dtype
            np.testing.assert_array_equal(got[name], array)


@pytest.mark.parametrize("cut", range(0, 150, 7))
def test_an_answer_that_is_cut_off_is_none(cut: int) -> None:
    message = answer_of("m", {"a": np.ones((2, 3), np.float32)}, is_binary=True)
    body = message.body[: min(cut, len(message.body) - 1)]
    with pytest.raises(ProtocolError):
        read_answer(body, message.json_length)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("http://host:8000/v2/models/m", "http://host:8000/v2/models/m"),
        ("HTTPS://host/v2/models/m", "https://host/v2/models/m"),
        ("models/http.onnx", ""),
        ("http", ""),
        ("/tmp/http:/x.onnx", ""),
    ],
)
def test_an_address_survives_being_a_path(typed: str, address: str) -> None:
    assert address_of(Path(typed)) == address
