"""A tiny model, and an ONNX Runtime that has a GPU."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.detection.engines import ort_engine
from tests.detection.fake_runtime import FakeRuntime
from tests.detection.tiny_model import tiny_model

MakeModel = Callable[..., Path]


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """Writes `tiny_model` under a name, in a folder of the test's own."""

    def make(name: str = "tiny.onnx", **metadata: str | None) -> Path:
        return tiny_model(tmp_path / name, **metadata)

    return make


Install = Callable[..., FakeRuntime]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Makes these providers come up, beside the CPU's, and no others."""

    def install(*runs: str) -> FakeRuntime:
        fake = FakeRuntime(list(runs))
        monkeypatch.setattr(ort_engine, "ort", fake)
        return fake

    return install
