"""What model.weights.fetch promises, against a real https server on this machine."""

import hashlib
import http.server
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import trustme

import build_model
from app.detection.onnx_detector import OnnxDetector
from model.weights.fetch import (
    PUBLISHED,
    VOC0712,
    FetchError,
    Published,
    fetch,
    git_blob_id,
)
from tests.model.caffe_files import write_caffemodel

CONTENT = bytes(range(256)) * 1200  # 300 KB: several chunks


def blob_id(content: bytes) -> str:
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


@dataclass
class Server:
    """How it will answer, and what it was asked."""

    url: str
    context: ssl.SSLContext
    authority: trustme.CA
    content: bytes = CONTENT
    status: int = 200
    location: str = ""
    stop_after: int | None = None  # break off after so many bytes
    stall_after: int | None = None
    knows_ranges: bool = True
    ranges: list[str | None] = field(default_factory=list)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def published(self, content: bytes = CONTENT) -> Published:
        return Published("test", self.url, blob_id(content), "a test")


@pytest.fixture
def server() -> Iterator[Server]:
    authority = trustme.CA()
    context = ssl.create_default_context()
    authority.configure_trust(context)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.ranges.append(asked)
            start = 0
            if asked and state.knows_ranges:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if state.location:
                self.send_response(302)
                self.send_header("Location", state.location)
                self.end_headers()
                return
            if state.status != 200:
                self.send_error(state.status)
                return
            if start >= len(state.content):
                self.send_error(416)
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if state.stop_after is not None:
                self.wfile.write(body[: state.stop_after])
            elif state.stall_after is not None:
                self.wfile.write(body[: state.stall_after])
                self.wfile.flush()
                state.may_go_on.wait(10)
            else:
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(secure)
    httpd.daemon_threads = False  # closing waits for them
    httpd.socket = secure.wrap_socket(httpd.socket, server_side=True)
    state = Server(
        f"https://localhost:{httpd.server_port}/w.caffemodel", context, authority
    )
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield state
    state.may_go_on.set()
    httpd.shutdown()
    httpd.server_close()
    thread.join(10)


def run(server: Server, folder: Path, **options: float) -> Path:
    return fetch(server.published(), folder, context=server.context, **options)  # type: ignore[arg-type] # stalled_s


def test_a_good_file_is_fetched_once(server: Server, tmp_path: Path) -> None:
    steps: list[tuple[int, int | None]] = []
    path = fetch(
        server.published(),
        tmp_path / "cache",
        context=server.context,
        on_progress=lambda done, total: steps.append((done, total)),
    )
    assert path.read_bytes() == CONTENT
    assert steps[0] == (0, len(CONTENT))
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert run(server, tmp_path / "cache") == path
    assert server.ranges == [None]  # one request
    assert [p.name for p in path.parent.iterdir()] == ["w.caffemodel"]


def test_a_download_that_broke_off_is_taken_up(server: Server, tmp_path: Path) -> None:
    server.stop_after = 100_000
    with pytest.raises(FetchError, match="broke off") as caught:
        run(server, tmp_path)
    assert "again to go on" in caught.value.remedy
    kept = (tmp_path / "w.caffemodel.part").stat().st_size
    assert kept > 0
    server.stop_after = None
    assert run(server, tmp_path).read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={kept}-"]


def test_a_server_without_ranges_sends_it_whole(server: Server, tmp_path: Path) -> None:
    (tmp_path / "w.caffemodel.part").write_bytes(CONTENT[:1000])
    server.knows_ranges = False
    assert run(server, tmp_path).read_bytes() == CONTENT


def test_a_part_longer_than_the_file_starts_again(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "w.caffemodel.part").write_bytes(CONTENT + b"more")
    assert run(server, tmp_path).read_bytes() == CONTENT


def test_another_content_is_deleted_and_named(server: Server, tmp_path: Path) -> None:
    server.content = CONTENT[:-1] + b"x"
    with pytest.raises(FetchError, match="is another file than was published"):
        run(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_cache_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / "w.caffemodel").write_bytes(b"damaged")
    assert run(server, tmp_path).read_bytes() == CONTENT


def test_a_missing_file_is_said(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(FetchError, match="answered 404") as caught:
        run(server, tmp_path)
    assert "yourself" in caught.value.remedy


def test_a_server_that_stalls_is_given_up(server: Server, tmp_path: Path) -> None:
    server.stall_after = 70_000
    with pytest.raises(FetchError, match=r"sent nothing for 0\.3 seconds"):
        run(server, tmp_path, stalled_s=0.3)
    assert (tmp_path / "w.caffemodel.part").exists()


def test_a_redirect_away_from_https_is_refused(server: Server, tmp_path: Path) -> None:
    server.location = "http://localhost:1/w.caffemodel"
    with pytest.raises(FetchError, match="which is not https"):
        run(server, tmp_path)


def test_a_server_nobody_vouches_for_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch(server.published(), tmp_path)


def test_no_network_says_what_to_do_by_hand(tmp_path: Path) -> None:
    nobody = Published("x", "https://localhost:1/w.caffemodel", "0" * 40, "")
    with pytest.raises(FetchError, match="cannot be reached") as caught:
        fetch(nobody, tmp_path)
    assert "python build_model.py convert w.caffemodel" in caught.value.remedy


def test_the_command_fetches_converts_and_the_app_runs_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From end to end, with made-up weights in place of chuanqi305's."""
    made_up = write_caffemodel(tmp_path / "made_up.caffemodel", form="train")
    server.content = made_up.read_bytes()
    server.authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    published = server.published(server.content)
    monkeypatch.setitem(PUBLISHED, "voc0712", published)
    out = tmp_path / "voc.onnx"
    assert build_model.main(["fetch", "voc0712", "-o", str(out)]) == 0
    info = OnnxDetector(out, device="cpu").open()
    assert info.class_names[14] == "person"
    assert build_model.main(["fetch", "voc0712", "-o", str(out)]) == 0
    assert server.ranges == [None]  # the second time from the cache
    server.content = b"something else"
    monkeypatch.setitem(PUBLISHED, "voc0712", replace(published, git_blob_id="0" * 40))
    assert build_model.main(["fetch", "voc0712", "-o", str(out)]) == 2


def test_the_blob_id_is_gits(tmp_path: Path) -> None:
    """As `echo hello | git hash-object --stdin` prints it."""
    (tmp_path / "hello").write_bytes(b"hello\n")
    assert git_blob_id(tmp_path / "hello") == "ce013625030ba8dba906f756967f9e9ca394464a"


def test_the_published_file_is_pinned() -> None:
    assert VOC0712.url.startswith("https://")
    assert "/bb17b6c/" in VOC0712.url
    assert VOC0712.file_name == "mobilenet_iter_73000.caffemodel"
