"""KServe, which is not ours, answers our client as we do: `make test-remote`."""

import http.client
import io
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from app.cli import places
from app.detection.engines.ort_engine import open_ort
from app.detection.onnx_detector import OnnxDetector
from app.detection.remote.client import RemoteEngine
from app.detection.remote.protocol import JSON_LENGTH
from app.errors import ModelError
from app.media.sources.file_source import FileSource
from app.settings import Settings
from app.types import ImageBgr
from tests.detection.tiny_model import tiny_model
from tests.foreign_servers.recorded import RECORDED, asked_raw, requests_for
from tests.media.servers import free_port
from tests.python import ROOT

PYTHON = ROOT / ".venv-kserve" / "bin" / "python"
MODEL = ROOT / "assets" / "models" / "mobilenet_ssd.onnx"
STARTS_WITHIN_S = 90
READY = b"GET /v2/health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """KServe on loopback, with the bundled model and a tiny one."""
    home = tmp_path_factory.mktemp("kserve")
    tiny, port = tiny_model(home / "tiny.onnx"), free_port()
    script = ROOT / "tests" / "foreign_servers" / "kserve_server.py"
    with (home / "log").open("wb") as log:
        child = subprocess.Popen(
            [PYTHON, script, str(port), MODEL, tiny], cwd=home, stdout=log, stderr=log
        )
    try:
        due_s = time.monotonic() + STARTS_WITHIN_S
        while not _is_ready(port):
            assert child.poll() is None, (home / "log").read_text()
            assert time.monotonic() < due_s, (home / "log").read_text()
            time.sleep(0.1)  # another process has no event to wait for
        yield port
    finally:
        child.kill()
        child.wait(20)


def _is_ready(port: int) -> bool:
    try:
        return b" 200 OK" in asked_raw(port, READY)
    except OSError:
        return False


@pytest.fixture
def address(port: int) -> str:
    return f"http://127.0.0.1:{port}/v2/models/mobilenet_ssd"


def pictures(count: int) -> list[ImageBgr]:
    with closing(FileSource(places.bundled_clip())) as clip:
        clip.open()
        return [frame.image_bgr for frame in islice(clip.frames(), 0, 20 * count, 20)]


def test_its_answers_are_ours_bit_for_bit(address: str) -> None:
    """The same file, the same ONNX Runtime, one thread on both sides."""
    here, there = open_ort(MODEL, "cpu", threads=1), RemoteEngine(address)
    assert there.inputs == here.inputs
    assert there.outputs == here.outputs
    rng = np.random.default_rng(0)
    for _ in range(5):
        picture = rng.integers(0, 256, (1, 300, 300, 3), np.uint8)
        for mine, theirs in zip(here.run(picture), there.run(picture), strict=True):
            assert theirs.dtype == mine.dtype
            np.testing.assert_array_equal(theirs, mine)
    there.close()
    here.close()


@pytest.mark.parametrize("detail", [1, 2])
def test_a_video_is_watched_with_it_as_with_the_file(address: str, detail: int) -> None:
    """It says nothing of classes: they are told by what the model is."""
    here = OnnxDetector(MODEL, device="cpu", threads=1)
    there = OnnxDetector(Path(address))
    there.favour_throughput()  # several requests on the way
    mine, theirs = here.open(), there.open()
    assert theirs.class_names == mine.class_names
    assert theirs.provider == "Remote (127.0.0.1)"
    settings = Settings(score_threshold=0.3, detail=detail)
    shown = pictures(4)
    begun = [there.begin(picture, settings) for picture in shown]
    count = 0
    for picture, answer in zip(shown, begun, strict=True):
        expected, found = here.detect(picture, settings)[0], answer()[0]
        np.testing.assert_array_equal(found.boxes_xyxy, expected.boxes_xyxy)
        np.testing.assert_array_equal(found.scores, expected.scores)
        np.testing.assert_array_equal(found.class_ids, expected.class_ids)
        count += len(found)
    assert count > 0
    here.close()
    there.close()


def test_a_model_that_it_does_not_have_is_a_sentence(address: str) -> None:
    with pytest.raises(ModelError, match="has no model called other"):
        RemoteEngine(address.replace("mobilenet_ssd", "other"))


@pytest.mark.parametrize("name", ["describe", "infer"])
def test_it_still_says_what_was_recorded(port: int, name: str) -> None:
    """But for the headers, and the number that it thinks of for a request."""
    said = asked_raw(port, requests_for("tiny")[name])
    recorded = (RECORDED / f"kserve-{name}.http").read_bytes()
    assert _lasting(said) == _lasting(recorded)


def _lasting(said: bytes) -> tuple[dict[str, object], bytes]:
    answer = http.client.HTTPResponse(Said(said))  # type: ignore[arg-type] # it reads, no more
    answer.begin()
    length, body = answer.getheader(JSON_LENGTH), answer.read()
    told = json.loads(body[: int(length)] if length else body)
    told.pop("id", None)
    return told, body[int(length) :] if length else b""


class Said:
    """As a socket that has read all of it."""

    def __init__(self, said: bytes) -> None:
        self._said = said

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._said)
