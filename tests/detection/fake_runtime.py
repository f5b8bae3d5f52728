"""ONNX Runtime on a machine with, or only seemingly with, a GPU."""

# ruff: noqa: ANN401 - fakes of an untyped module

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from app.detection.devices.choices import CPU, CUDA


class FakeOrtValue:
    def __init__(self, shape: list[int], kind: type[np.generic], device: str) -> None:
        self.array = np.zeros(shape, kind)
        self.device = device

    def update_inplace(self, data: NDArray[Any]) -> None:
        assert data.shape == self.array.shape
        assert data.dtype == self.array.dtype
        self.array[:] = data


class FakeBinding:
    """Reads and writes where it was bound, as `IOBinding` does."""

    def __init__(self) -> None:
        self.inputs: dict[str, FakeOrtValue] = {}
        self.outputs: dict[str, FakeOrtValue] = {}

    def bind_ortvalue_input(self, name: str, value: FakeOrtValue) -> None:
        self.inputs[name] = value

    def bind_ortvalue_output(self, name: str, value: FakeOrtValue) -> None:
        self.outputs[name] = value

    def copy_outputs_to_cpu(self) -> list[NDArray[Any]]:
        return [value.array.copy() for value in self.outputs.values()]


class FakeSession:
    """Says it runs on a GPU; a true session on the CPU does the sums."""

    def __init__(
        self, runtime: "FakeRuntime", path: str, options: Any, providers: list[Any]
    ) -> None:
        self.runtime, self.options = runtime, options
        self.asked: dict[str, dict[str, str]] = dict(
            (provider, {}) if isinstance(provider, str) else provider
            for provider in providers
        )
        self.bound_runs = 0
        self._true = onnxruntime.InferenceSession(path, providers=[CPU])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._true, name)

    def get_providers(self) -> list[str]:
        return [name for name in self.asked if name in self.runtime.runs]

    def get_provider_graph_assignment_info(self) -> list[Any]:
        nodes = self.runtime.nodes or {self.get_providers()[0]: 4}
        return [
            SimpleNamespace(ep_name=name, get_nodes=lambda n=count: [None] * n)
            for name, count in nodes.items()
        ]

    def io_binding(self) -> FakeBinding:
        return FakeBinding()

    def run_with_iobinding(self, binding: FakeBinding) -> None:
        self.bound_runs += 1
        if self.runtime.graph_fails and "enable_cuda_graph" in self.asked[CUDA]:
            raise RuntimeError("not all nodes were partitioned to CUDA")
        images = {name: value.array for name, value in binding.inputs.items()}
        answers = self._true.run(list(binding.outputs), images)
        for output, answer in zip(binding.outputs.values(), answers, strict=True):
            output.array[:] = answer


class FakeRuntime:
    """Stands in for the module `onnxruntime`.

    Attributes:
        runs: the providers that really come up.
        nodes: how many nodes go to which; all to the first where it is empty.
        graph_fails: a CUDA graph cannot be recorded.
        fails: called with the providers of each new session; may raise.
        sessions: all that were made.
    """

    def __init__(self, runs: list[str]) -> None:
        self.runs = [*runs, CPU]
        self.nodes: dict[str, int] = {}
        self.graph_fails = False
        self.fails: Callable[[list[Any]], None] = lambda _: None
        self.sessions: list[FakeSession] = []
        self.OrtValue = SimpleNamespace(ortvalue_from_shape_and_type=self._on_device)

    def __getattr__(self, name: str) -> Any:
        return getattr(onnxruntime, name)

    def _on_device(
        self, shape: list[int], kind: type[np.generic], device: str, number: int
    ) -> FakeOrtValue:
        assert number == 0
        return FakeOrtValue(shape, kind, device)

    def InferenceSession(  # noqa: N802 - ONNX Runtime's name
        self, path: str, options: Any, *, providers: list[Any], enable_fallback: int
    ) -> FakeSession:
        assert not enable_fallback
        self.fails(providers)
        session = FakeSession(self, path, options, providers)
        self.sessions.append(session)
        return session
