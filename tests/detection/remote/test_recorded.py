"""What other servers answer is understood: KServe's, and as Triton's docs say."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from app.detection.onnx_detector import OnnxDetector
from app.detection.remote.client import RemoteEngine
from app.settings import Settings

RECORDED = Path(__file__).parent / "recorded"
PICTURE = np.tile(np.array([51, 102, 204], np.uint8), (1, 6, 8, 1))


@contextmanager
def saying(server: str) -> Iterator[str]:
    """A server that says these bytes, whatever it is asked; the model's address."""
    answers = {
        verb: (RECORDED / f"{server}-{name}.http").read_bytes()
        for verb, name in ((b"GET", "describe"), (b"POST", "infer"))
    }
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as asked:
                connection.settimeout(5)
                while line := asked.readline():
                    length = 0
                    while (header := asked.readline()) not in (b"\r\n", b""):
                        if header.lower().startswith(b"content-length:"):
                            length = int(header.split(b":")[1])
                    asked.read(length)
                    said = answers[line.split()[0]]
                    connection.sendall(said)
                    if b"connection: close" in said.lower():
                        break

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v2/models/tiny"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)


@pytest.mark.parametrize("server", ["kserve", "triton"])
def test_the_answers_of_other_servers_are_read(server: str) -> None:
    with saying(server) as address:
        engine = RemoteEngine(address)
        for _ in range(2):  # the connection is used again, or made again
            boxes, scores = engine.run(PICTURE)
            np.testing.assert_array_equal(
                boxes, np.array([[[0.1, 0.2, 0.6, 0.9]]], np.float32)
            )
            np.testing.assert_allclose(scores, [[[0.2, 0.4, 0.8]]], rtol=1e-6)
        engine.close()


@pytest.mark.parametrize("server", ["kserve", "triton"])
def test_a_server_that_says_nothing_of_our_model_runs_it_all_the_same(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither passes on a file's metadata; class names may be put beside us."""
    monkeypatch.chdir(tmp_path)
    for names in (("class 0", "class 1", "class 2"), ("blue", "green", "red")):
        with saying(server) as address:
            detector = OnnxDetector(Path(address))
            info = detector.open()
            assert info.class_names == names
            assert info.provider == "Remote (127.0.0.1)"
            found, _ = detector.detect(PICTURE[0], Settings(score_threshold=0.5))
            detector.close()
        assert [names[i] for i in found.class_ids] == [names[2]]
        (tmp_path / "tiny.names").write_text("blue\ngreen\nred\n")
