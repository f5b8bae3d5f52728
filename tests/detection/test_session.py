"""What app.detection.session promises, with ONNX Runtime faked where no GPU is."""

from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from app.detection import session
from app.errors import ModelError
from tests.detection.conftest import MakeModel


class FakeSession:
    def __init__(self, providers: list[str]) -> None:
        self._providers = providers

    def get_providers(self) -> list[str]:
        return self._providers


class FakeRuntime:
    """ONNX Runtime on a machine with, or only seemingly with, a GPU."""

    def __init__(self, real: Any, *, built: list[str], runs: list[str]) -> None:  # noqa: ANN401
        self._real = real
        self._built = built
        self._runs = runs
        self.said = ""
        self.asked: list[Any] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands in for a module
        return getattr(self._real, name)

    def get_available_providers(self) -> list[str]:
        return self._built

    def preload_dlls(self) -> None:
        print(self.said)  # noqa: T201 - as ONNX Runtime does

    def InferenceSession(  # noqa: N802 - ONNX Runtime's name
        self,
        path: str,
        options: Any,  # noqa: ANN401
        *,
        providers: list[Any],
        enable_fallback: int,
    ) -> FakeSession:
        self.asked = [p if isinstance(p, str) else p[0] for p in providers]
        assert not enable_fallback
        return FakeSession([p for p in self.asked if p in self._runs])


def install(
    monkeypatch: pytest.MonkeyPatch,
    *,
    built: list[str],
    runs: list[str],
    driver: bool = True,
) -> FakeRuntime:
    fake = FakeRuntime(onnxruntime, built=built, runs=runs)
    monkeypatch.setattr(session, "ort", fake)
    monkeypatch.setattr(session, "_has_nvidia_driver", lambda: driver)
    return fake


GPU_WHEEL = [session.CUDA, session.CPU]


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_cuda_is_used_where_it_works(
    monkeypatch: pytest.MonkeyPatch, make_model: MakeModel, device: str
) -> None:
    install(monkeypatch, built=GPU_WHEEL, runs=GPU_WHEEL)
    opened, note = session.open_session(make_model(), device)
    assert opened.get_providers()[0] == session.CUDA
    assert note == ""


def test_cpu_means_cpu_though_a_gpu_is_there(
    monkeypatch: pytest.MonkeyPatch, make_model: MakeModel
) -> None:
    fake = install(monkeypatch, built=GPU_WHEEL, runs=GPU_WHEEL)
    opened, note = session.open_session(make_model(), "cpu")
    assert opened.get_providers() == fake.asked == [session.CPU]
    assert note == ""


BROKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"built": [session.CPU], "runs": [session.CPU]}, "", "built without CUDA"),
    (
        {"built": GPU_WHEEL, "runs": GPU_WHEEL, "driver": False},
        "",
        "no NVIDIA driver was found",
    ),
    (
        {"built": GPU_WHEEL, "runs": [session.CPU]},
        "Failed to load libcublasLt.so.13: no such file",
        "Failed to load libcublasLt.so.13: no such file; install the CUDA libraries",
    ),
    # All seems well, and yet the session comes out on the CPU.
    ({"built": GPU_WHEEL, "runs": [session.CPU]}, "", "could not start CUDA"),
]
IDS = ["CPU build", "no driver", "missing library", "silent fallback"]


@pytest.mark.parametrize(("machine", "said", "reason"), BROKEN, ids=IDS)
def test_auto_without_cuda_runs_on_the_cpu_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
    make_model: MakeModel,
    machine: dict[str, Any],
    said: str,
    reason: str,
) -> None:
    install(monkeypatch, **machine).said = said
    opened, note = session.open_session(make_model(), "auto")
    assert opened.get_providers() == [session.CPU]
    assert reason in note


@pytest.mark.parametrize(("machine", "said", "reason"), BROKEN, ids=IDS)
def test_cuda_asked_for_and_not_had_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
    make_model: MakeModel,
    machine: dict[str, Any],
    said: str,
    reason: str,
) -> None:
    install(monkeypatch, **machine).said = said
    with pytest.raises(ModelError) as caught:
        session.open_session(make_model(), "cuda")
    assert reason in caught.value.problem
    assert caught.value.remedy


def test_on_this_machine_the_badge_is_what_runs(make_model: MakeModel) -> None:
    opened, note = session.open_session(make_model(), "auto")
    runs_cuda = opened.get_providers()[0] == session.CUDA
    assert runs_cuda == (note == "")


def test_a_missing_file_is_reported_before_a_gpu_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = install(monkeypatch, built=GPU_WHEEL, runs=GPU_WHEEL)
    with pytest.raises(ModelError, match="There is no model file"):
        session.open_session(tmp_path / "none.onnx", "cuda")
    assert fake.asked == []
